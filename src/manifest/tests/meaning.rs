//! What manifests mean: complete objects, one for every spelling.

use serde_json::json;

use super::*;

fn only(text: &str) -> ReadObject {
    let mut reading = read_text(text);
    assert!(!reading.has_errors(), "{}", render(reading.findings));
    assert_eq!(reading.objects.len(), 1);
    reading.objects.remove(0)
}

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: nginx:1.14.2
          ports:
            - containerPort: 80
          resources:
            limits:
              cpu: 0.5
              memory: 128Mi
";

#[test]
fn a_deployment_is_completed() {
    let read = only(WEB);
    assert_eq!(read.object.key().to_string(), "Deployment default/web");
    assert_eq!(read.origin().to_string(), "web.yaml:1");
    let spec = &read.object.to_json()["spec"];
    assert_eq!(spec["replicas"], 1);
    assert_eq!(spec["revisionHistoryLimit"], 10);
    assert_eq!(spec["progressDeadlineSeconds"], 600);
    assert_eq!(
        spec["strategy"],
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}})
    );
    let pod = &spec["template"]["spec"];
    assert_eq!(pod["restartPolicy"], "Always");
    assert_eq!(pod["dnsPolicy"], "ClusterFirst");
    assert_eq!(pod["terminationGracePeriodSeconds"], 30);
    let container = &pod["containers"][0];
    assert_eq!(container["imagePullPolicy"], "IfNotPresent");
    assert_eq!(container["ports"], json!([{"containerPort": 80, "protocol": "TCP"}]));
    let amounts = json!({"cpu": "500m", "memory": "128Mi"});
    assert_eq!(container["resources"], json!({"limits": amounts}), "requests are the pod's");
}

#[test]
fn two_spellings_are_one_object() {
    let spelt = WEB.replace("cpu: 0.5", "cpu: 500m").replace(
        "spec:\n  selector",
        "spec:
  replicas: 1
  strategy: {}
  selector",
    );
    let spelt = spelt.replace(
        "  name: web\n",
        "  name: web\n  namespace: default\n  creationTimestamp: null\n  uid: x\n",
    );
    let spelt = format!("{spelt}status: {{replicas: 3, whatever: it says}}\n");
    assert_eq!(only(&spelt).object, only(WEB).object);

    let json = serde_json::to_string_pretty(&only(WEB).object.to_json()).unwrap();
    let again = read_text(&json);
    assert_eq!(again.objects[0].object, only(WEB).object);
    assert!(again.findings.is_empty(), "{}", render(again.findings));

    let windows = WEB.replace('\n', "\r\n");
    assert_eq!(only(&windows).object, only(WEB).object);
}

#[test]
fn a_service_and_a_pod_are_completed() {
    let service = only(
        "apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}, {port: 443, name: x, targetPort: tls}]}"
            .replace("[{port: 80}", "[{port: 80, name: w}")
            .as_str(),
    );
    assert_eq!(
        service.object.to_json()["spec"],
        json!({
            "type": "ClusterIP",
            "sessionAffinity": "None",
            "internalTrafficPolicy": "Cluster",
            "selector": {"app": "web"},
            "ports": [
                {"name": "w", "port": 80, "protocol": "TCP", "targetPort": 80},
                {"name": "x", "port": 443, "protocol": "TCP", "targetPort": "tls"},
            ],
        })
    );
    let pod = only("apiVersion: v1
kind: Pod
metadata: {name: one}
spec:
  containers: [{name: c, image: nginx, volumeMounts: [{name: v, mountPath: /v}, {name: m, mountPath: /m}]}]
  volumes:
    - name: v
      emptyDir:
    - name: m
      configMap: {name: settings, items: [{key: a, path: b, mode: 0400}]}
");
    let spec = &pod.object.to_json()["spec"];
    assert_eq!(spec["volumes"][0], json!({"name": "v", "emptyDir": {}}));
    assert_eq!(spec["volumes"][1]["configMap"]["defaultMode"], 420);
    assert_eq!(spec["volumes"][1]["configMap"]["items"][0]["mode"], 256);
    assert_eq!(spec["containers"][0]["imagePullPolicy"], "Always");
}

#[test]
fn lists_hold_objects() {
    let text = "apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
  - apiVersion: v1
    kind: ConfigMapList
    items:
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {A: \"\", B: }}
";
    let reading = read_text(text);
    let keys: Vec<String> = reading.objects.iter().map(|o| o.object.key().to_string()).collect();
    assert_eq!(keys, ["Namespace shop", "ConfigMap shop/a"]);
    assert_eq!(reading.objects[1].origin().to_string(), "web.yaml:8");
    assert_eq!(reading.objects[1].object.to_json()["data"], json!({"A": "", "B": ""}));
}

#[test]
fn a_given_namespace_fills_in() {
    let options =
        ReadOptions { namespace: NamespaceRule::Only("dev".to_owned()), ..ReadOptions::default() };
    let reading = read(&[Source::new("web.yaml", WEB)], &options);
    assert_eq!(reading.objects[0].object.namespace(), "dev");
}

#[test]
fn later_checks_find_their_place() {
    let read = only(WEB);
    let place = |path: &str| read.document.span_of(path).map(|span| &WEB[span.start..span.end]);
    assert_eq!(place("spec.template.spec.containers[0].image"), Some("nginx:1.14.2"));
    assert_eq!(place("spec.selector"), Some("matchLabels"));
    assert_eq!(place("spec.replicas"), None);
    let finding = read.finding(Severity::Warning, "test", "spec.replicas", "not said");
    assert_eq!(&WEB[finding.span.start..finding.span.end], "spec");
    assert_eq!(finding.object, Some(read.object.key()));
}

#[test]
fn a_fault_hides_nothing_of_the_other_documents() {
    let reading = read_text(&format!("a: [1\n---\n{WEB}---\nb: \"x\n"));
    assert_eq!(reading.objects.len(), 1);
    let codes: Vec<&str> = reading.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["syntax", "syntax"]);
}

#[test]
fn anchors_and_merges_are_followed() {
    let object = only(
        "apiVersion: v1
kind: ConfigMap
metadata: {name: a, labels: &all {app: web, tier: front}}
data: {<<: *all, tier: back}
",
    );
    assert_eq!(object.object.to_json()["data"], json!({"app": "web", "tier": "back"}));
}

#[test]
fn names_of_manifests() {
    for (name, read) in
        [("a.yaml", true), ("b.yml", true), ("c.json", true), ("README.md", false), ("yaml", false)]
    {
        assert_eq!(is_manifest_name(name), read, "{name}");
    }
}

#[test]
fn a_field_may_share_a_value_with_what_the_server_wrote() {
    let text = WEB
        .replace("  name: web\nspec:\n", "  name: web\n  generation: &n 3\nspec:\n  replicas: *n\n")
        .replace("              cpu: 0.5\n", "");
    assert_eq!(only(&text).object.to_json()["spec"]["replicas"], 3);
}

#[test]
fn of_an_old_object_nothing_that_the_server_wrote_is_kept() {
    let text = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: i, uid: u}\nspec: {backend: {serviceName: s, servicePort: 80}}\nstatus: {loadBalancer: {}}\n";
    let read = only(text);
    assert!(read.document.span_of("metadata.name").is_some());
    assert_eq!(read.document.span_of("metadata.uid"), None);
    assert_eq!(read.document.span_of("status"), None);
}
