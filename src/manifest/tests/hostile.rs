//! Whatever the bytes: an answer, in its place, in bounded memory.

use proptest::prelude::*;

use super::*;
use crate::document::MAX_FINDINGS;

const SEEDS: [&str; 4] = [
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, labels: &l {app: a}}\nspec:\n  selector: {matchLabels: *l}\n  template:\n    metadata: {labels: *l}\n    spec:\n      containers:\n      - name: a\n        image: b:1\n        ports: [{containerPort: 80, name: http}]\n        livenessProbe: {httpGet: {port: http}}\n        resources: {limits: {cpu: 100m, memory: 1Gi}}\n",
    "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: i}\nspec:\n  backend: {serviceName: s, servicePort: http}\n  rules:\n  - http:\n      paths:\n      - {path: /, backend: {serviceName: s, servicePort: 80}}\n",
    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: aGVsbG8=}}\n- {apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {maxReplicas: 1, targetCPUUtilizationPercentage: 5}}\n",
    "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"s\"}, \"spec\": {\"ports\": [{\"port\": 80}]}}\n",
];

/// A seed in which pieces were taken out, doubled or overwritten.
fn spoilt() -> impl Strategy<Value = String> {
    let cuts = prop::collection::vec(
        (0..400_usize, 0..40_usize, 0..3_u8, "[-:{}\\[\\]&*!|>'\"#, \n\ta0~é]{0,3}"),
        1..6,
    );
    (0..SEEDS.len(), cuts).prop_map(|(seed, cuts)| {
        let mut chars: Vec<char> = SEEDS[seed].chars().collect();
        for (at, length, what, text) in cuts {
            let start = at.min(chars.len());
            let end = (start + length).min(chars.len());
            let piece: Vec<char> = chars[start..end].to_vec();
            let by = match what {
                0 => Vec::new(),
                1 => [piece.clone(), piece].concat(),
                _ => text.chars().collect(),
            };
            chars.splice(start..end, by);
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn spoilt_manifests_are_read_or_refused_in_their_place(text in spoilt()) {
        let options = ReadOptions { unknown: UnknownKinds::Skip, ..ReadOptions::default() };
        let reading = read(&[Source::new("x.yaml", text.clone())], &options);
        for finding in &reading.findings {
            prop_assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
        }
        for read in &reading.objects {
            let back = crate::model::Object::try_from(read.object.to_json()).ok();
            prop_assert_eq!(back.as_ref(), Some(&read.object));
        }
    }
}

/// What is said of a text, without its places.
fn refusals(text: String) -> Vec<String> {
    let reading = read(&[Source::new("x.yaml", text)], &ReadOptions::default());
    assert!(reading.objects.is_empty());
    reading.findings.into_iter().map(|finding| finding.message).collect()
}

#[test]
fn what_is_too_large_is_refused_by_the_name_of_the_limit() {
    let values = refusals(format!("[{}]", "a,".repeat(2_000_001)));
    assert_eq!(values, ["more than 2000000 values in one source"]);
    let empty = refusals("--- ~\n".repeat(100_001));
    assert_eq!(
        empty,
        ["more than 100000 documents or 100 faults: the rest of this source is not read"]
    );
    let faults = refusals("--- [\n".repeat(1000));
    assert_eq!(faults.len(), 101);
    let bytes = refusals("#".repeat((64 << 20) + 1));
    assert_eq!(bytes, ["the file has 67108865 bytes; at most 67108864 are read"]);
}

/// A Deployment with so many variables that are not carried out, and more of its container.
fn with_variables(count: usize, from: &str, more: &str) -> String {
    let variables =
        (0..count).map(|at| format!("          - {{name: V{at}, valueFrom: {from}}}\n"));
    format!("{}          env:\n{}{more}", deployment("", ""), variables.collect::<String>())
}

fn errors(text: &str) -> Vec<String> {
    let findings = read_text(text).findings.into_iter().filter(Finding::is_error);
    findings.map(|finding| finding.message).collect()
}

#[test]
fn notices_hide_no_errors() {
    let wrong = "          resources: {limits: {memory: 512MB}}\n";
    let ports = (1..=MAX_FINDINGS + 1)
        .map(|at| format!("          - {{containerPort: {at}, protocol: SCTP}}\n"));
    let ports = ports.collect::<String>();
    let text = format!("{}          ports:\n{ports}{wrong}", deployment("", ""));
    assert_eq!(read_text(&text).findings.len(), MAX_FINDINGS + 1);
    assert_eq!(errors(&text).len(), 1, "beside notices of the checks");

    let key = "{fileKeyRef: {volumeName: c, path: p, key: k}}";
    let refused = "          volumeMounts: [{name: c, mountPath: /c, bindMountOptions: [noexec]}]\n      volumes: [{name: c, configMap: {name: c}}]\n";
    let text = with_variables(MAX_FINDINGS + 1, key, refused);
    assert_eq!(errors(&text).len(), 1, "beside notices of fields");
}

#[test]
fn no_number_of_notices_refuses_a_source() {
    let account = |at: usize| {
        format!("apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: s{at}}}\n---\n")
    };
    let reading = read_text(&(0..1200).map(account).collect::<String>());
    assert!(!reading.has_errors());
    assert_eq!(reading.objects.len(), 1200);
    let folded: Vec<&Finding> =
        reading.findings.iter().filter(|one| one.code == "folded").collect();
    assert_eq!(folded.len(), 1);
    assert_eq!(folded[0].message, "200 more warnings and notices of this source are not shown");
    assert_eq!(reading.findings.len(), 1001);
}

#[test]
fn errors_end_a_list_too() {
    let wrong = "- {apiVersion: v1, kind: ConfigMap, metadata: {name: x_y}}\n".repeat(3000);
    let text = format!("apiVersion: v1\nkind: List\nitems:\n{wrong}");
    let found = errors(&text);
    assert!(found.len() < 1100, "{}", found.len());
    assert!(
        found.iter().any(|one| one == "1000 errors and more: the rest of this source is not read")
    );
}
