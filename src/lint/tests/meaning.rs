//! Where a rule speaks, and where it must not.

use super::samples::GOOD;
use super::*;

/// A Deployment of this name and number of replicas, with this in its container.
fn deployment(name: &str, replicas: usize, container: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
      - name: main
        image: nginx:1.27.3
        {container}
---
"
    )
}

fn object(api: &str, kind: &str, name: &str, rest: &str) -> String {
    format!(
        "apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\n{rest}\n---\n"
    )
}

/// How often a rule speaks.
fn count(text: &str, rule: &str) -> usize {
    found(&linted(text, rule)).iter().filter(|finding| finding.code == rule).count()
}

fn severity(text: &str, rule: &str) -> Option<Severity> {
    let linted = linted(text, rule);
    found(&linted).iter().find(|finding| finding.code == rule).map(|finding| finding.severity)
}

#[test]
fn tags_that_float_and_tags_that_do_not() {
    for (image, floats) in [
        ("nginx", 1),
        ("nginx:latest", 1),
        ("registry:5000/nginx", 1),
        ("nginx:1.27", 0),
        ("registry:5000/nginx:1", 0),
        ("nginx:latest@sha256:09369da6b10306312cd908661320086bf87fbae1b6b0c49a1f50ba531fef2eab", 0),
        ("${IMAGE}", 0),
    ] {
        let text = deployment("web", 1, "").replace("nginx:1.27.3", image);
        assert_eq!(count(&text, "floating-tag"), floats, "{image}");
    }
}

#[test]
fn every_kind_with_pods_is_walked() {
    let template = "template: {metadata: {labels: {app: web}}, spec: {restartPolicy: POLICY, containers: [{name: main, image: nginx}]}}";
    let always = template.replace("POLICY", "Always");
    let never = template.replace("POLICY", "Never");
    let pod = "spec: {containers: [{name: main, image: nginx}]}";
    let selector = "selector: {matchLabels: {app: web}}";
    for (api, kind, spec) in [
        ("v1", "Pod", pod.to_owned()),
        ("apps/v1", "Deployment", format!("spec: {{{selector}, {always}}}")),
        ("apps/v1", "ReplicaSet", format!("spec: {{{selector}, {always}}}")),
        ("apps/v1", "DaemonSet", format!("spec: {{{selector}, {always}}}")),
        ("apps/v1", "StatefulSet", format!("spec: {{serviceName: web, {selector}, {always}}}")),
        ("v1", "ReplicationController", format!("spec: {{selector: {{app: web}}, {always}}}")),
        ("batch/v1", "Job", format!("spec: {{{never}}}")),
        (
            "batch/v1",
            "CronJob",
            format!("spec: {{schedule: '0 3 * * *', jobTemplate: {{spec: {{{never}}}}}}}"),
        ),
    ] {
        let text = object(api, kind, "web", &spec);
        assert_eq!(count(&text, "floating-tag"), 1, "{kind}");
        let linted = linted(&text, "");
        let finding = found(&linted).into_iter().find(|f| f.code == "floating-tag").unwrap();
        assert!(finding.path.ends_with("containers[0].image"), "{kind}: {}", finding.path);
        let ends = ["Job", "CronJob"].contains(&kind);
        assert_eq!(count(&text, "no-readiness-probe"), usize::from(!ends), "{kind}");
    }
}

#[test]
fn budgets_that_block_and_budgets_that_do_not() {
    for (replicas, budget, blocks) in [
        (1, "minAvailable: 1", 1),
        (1, "minAvailable: 50%", 1),
        (2, "minAvailable: 50%", 0),
        (3, "minAvailable: 2", 0),
        (3, "minAvailable: 3", 1),
        (3, "minAvailable: 100%", 1),
        (1, "maxUnavailable: 1", 0),
        (3, "maxUnavailable: 0", 1),
        (3, "maxUnavailable: 0%", 1),
        (1, "maxUnavailable: 10%", 0),
    ] {
        let spec = format!("spec: {{{budget}, selector: {{matchLabels: {{app: web}}}}}}");
        let text = deployment("web", replicas, "")
            + &object("policy/v1", "PodDisruptionBudget", "web", &spec);
        assert_eq!(count(&text, "pdb-blocks-eviction"), blocks, "{replicas}, {budget}");
    }
}

#[test]
fn a_port_that_is_only_a_number_may_be_undeclared() {
    let service = |port: &str| {
        let spec =
            format!("spec: {{selector: {{app: web}}, ports: [{{port: 80, targetPort: {port}}}]}}");
        object("v1", "Service", "web", &spec)
    };
    let silent = deployment("web", 1, "");
    let telling = deployment("web", 1, "ports: [{containerPort: 8080, name: http}]");
    for (pods, port, told) in [
        (&silent, "8080", None),
        (&silent, "http", Some(Severity::Warning)),
        (&telling, "8080", None),
        (&telling, "http", None),
        (&telling, "9090", Some(Severity::Notice)),
        (&telling, "grpc", Some(Severity::Warning)),
    ] {
        let text = format!("{pods}{}", service(port));
        assert_eq!(severity(&text, "service-target-port"), told, "{port}");
    }
}

#[test]
fn a_part_of_a_set_is_not_blamed_for_the_rest() {
    let service =
        object("v1", "Service", "web", "spec: {selector: {app: web}, ports: [{port: 80}]}");
    // Alone it is probably a part; beside other pods it is probably wrong.
    assert_eq!(severity(&service, "service-without-pods"), Some(Severity::Notice));
    let with_others = service.clone() + &deployment("api", 1, "");
    assert_eq!(severity(&with_others, "service-without-pods"), Some(Severity::Warning));
    // What could not be read may be what it is meant for.
    let broken = deployment("web", 1, "").replace("image:", "imgae:");
    assert_eq!(severity(&format!("{service}{broken}"), "service-without-pods"), None);
    let foreign = object("argoproj.io/v1alpha1", "Rollout", "web", "spec: {}");
    let with_foreign = format!("{with_others}{foreign}");
    assert_eq!(severity(&with_foreign, "service-without-pods"), Some(Severity::Notice));
}

#[test]
fn what_is_stored_is_part_of_the_set() {
    let stored = read(&[Source::new("x", deployment("web", 1, ""))], &ReadOptions::default());
    let desired = Desired::default().with(stored.objects.into_iter().map(|read| read.object));
    let service =
        object("v1", "Service", "web", "spec: {selector: {app: web}, ports: [{port: 80}]}");
    let reading = read(&[Source::new("y", service)], &ReadOptions::default());
    let linted = lint(&reading, &desired, &Levels::default());
    assert_eq!(found(&linted).len(), 0, "{:?}", linted.report);
}

#[test]
fn a_configmap_may_be_used_in_many_ways() {
    let map = object("v1", "ConfigMap", "settings", "data: {a: b}");
    for used in [
        "envFrom: [{configMapRef: {name: settings}}]",
        "env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: a}}}]",
        "args: [--config=shop/settings]",
    ] {
        let text = map.clone() + &deployment("web", 1, used);
        assert_eq!(count(&text, "unused-configmap"), 0, "{used}");
    }
    let other = deployment("settings", 1, "env: [{name: A, value: b}]");
    assert_eq!(count(&(map.clone() + &other), "unused-configmap"), 1);
    // One in another namespace is another one.
    let elsewhere = deployment("web", 1, "envFrom: [{configMapRef: {name: settings}}]");
    let elsewhere = elsewhere.replace("namespace: shop", "namespace: other");
    assert_eq!(count(&(map + &elsewhere), "unused-configmap"), 1);
}

#[test]
fn a_secret_is_not_repeated_in_any_finding() {
    let text = deployment(
        "web",
        1,
        "env:\n        - name: DB_PASSWORD\n          value: hunter2\n        - name: DB_PASSWORD\n          value: \"hunter3\"",
    );
    let linted = linted(&text, "");
    assert!(found(&linted).iter().any(|finding| finding.code == "secret-in-env"));
    for finding in &linted.report {
        assert!(!finding.source.text().contains("hunter"), "{}", finding.code);
        assert!(!finding.message.contains("hunter"), "{}", finding.code);
    }
    let text = object(
        "v1",
        "ConfigMap",
        "keys",
        "data:\n  key.pem: |\n    -----BEGIN RSA PRIVATE KEY-----\n    AAAA\n    -----END RSA PRIVATE KEY-----",
    );
    let told = linted_at(&text, &Levels::default());
    assert_eq!(found(&told).iter().filter(|f| f.code == "secret-in-configmap").count(), 1);
    assert!(told.report.iter().all(|finding| !finding.source.text().contains("AAAA")));
}

#[test]
fn liveness_with_more_patience_is_not_the_same() {
    let probes = |more: &str| {
        let container = format!(
            "readinessProbe: {{tcpSocket: {{port: 80}}}}\n        livenessProbe: {{tcpSocket: {{port: 80}}{more}}}"
        );
        deployment("web", 1, &container)
    };
    assert_eq!(count(&probes(""), "equal-probes"), 1);
    assert_eq!(count(&probes(", failureThreshold: 6"), "equal-probes"), 0);
    assert_eq!(count(&probes(", initialDelaySeconds: 60"), "equal-probes"), 1);
}

#[test]
fn a_limit_range_fills_in_what_containers_leave_out() {
    let limits = "spec: {limits: [{type: Container, defaultRequest: {cpu: 100m, memory: 64Mi}, default: {memory: 128Mi}}]}";
    let text = deployment("web", 1, "") + &object("v1", "LimitRange", "usual", limits);
    assert_eq!((count(&text, "no-requests"), count(&text, "no-memory-limit")), (0, 0));
    assert_eq!(count(&deployment("web", 1, ""), "no-requests"), 1);
}

#[test]
fn an_agent_may_read_its_host() {
    let pods = |read_only: bool| {
        let mount =
            format!("volumeMounts: [{{name: log, mountPath: /log, readOnly: {read_only}}}]");
        let text = deployment("agent", 1, &mount)
            .replace("---\n", "      volumes: [{name: log, hostPath: {path: /var/log}}]\n---\n");
        text.replace("kind: Deployment", "kind: DaemonSet").replace("  replicas: 1\n", "")
    };
    assert_eq!(count(&pods(true), "host-path"), 0);
    assert_eq!(count(&pods(false), "host-path"), 1);
}

#[test]
fn the_default_namespace_is_told_once() {
    let text = GOOD.replace("namespace: shop", "namespace: default");
    let linted = linted(&text, "");
    let told = found(&linted);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].message, "this object and 10 more stand in the namespace `default`");
}

#[test]
fn levels_and_what_cannot_be_set() {
    let mut levels = Levels::default();
    levels.set("floating-tag", Level::Report(Severity::Error)).unwrap();
    levels.set("not-carried-out", Level::Off).unwrap();
    let text = deployment("web", 1, "livenessProbe: {exec: {command: [a]}}").replace(":1.27.3", "");
    let linted = linted_at(&text, &levels);
    let tag = linted.report.iter().find(|finding| finding.code == "floating-tag").unwrap();
    assert!(tag.is_error());
    assert!(linted.report.iter().all(|finding| finding.code != "not-carried-out"));

    let fault = levels.set("unknown-field", Level::Off).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "`unknown-field` is a fault that `apply` refuses: it has no level"
    );
    let unknown = levels.set("flaoting-tag", Level::Off).unwrap_err();
    assert_eq!(
        unknown,
        LevelError::Unknown { id: "flaoting-tag".to_owned(), meant: Some("floating-tag") }
    );
}

#[test]
fn a_silenced_finding_is_counted_and_a_fault_cannot_be_silenced() {
    let annotated = "metadata: {annotations: {bowline.dev/lint-ignore: 'no-requests no-memory-limit,unknown-field'}, name:";
    let text = deployment("web", 1, "").replace("metadata: {name:", annotated);
    let linted = linted(&text, "");
    assert_eq!(linted.silenced, 2);
    let told = found(&linted);
    let unknown = told.iter().find(|finding| finding.code == "unknown-rule").unwrap();
    assert!(unknown.help.as_ref().unwrap().contains("cannot be silenced"));
}
