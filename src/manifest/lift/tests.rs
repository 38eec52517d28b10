//! What older versions become, and where findings about them point.

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::document::{Document, Placed, Source, parse};
use crate::manifest::{ReadOptions, read};

fn documents(text: &str) -> Vec<Document> {
    parse(&Source::new("old.yaml", text)).documents
}

/// What an object of an older version becomes, without its version and metadata.
fn lifted(text: &str) -> Json {
    let documents = documents(text);
    let part = |key: &str| {
        let entry = documents[0].tree.entry(documents[0].root, key).unwrap();
        documents[0].tree.text(entry.value).unwrap().to_owned()
    };
    let lifted = super::lift(&documents[0], &part("apiVersion"), &part("kind")).unwrap();
    let mut json = Placed::of(&lifted.document).to_json();
    let object = json.as_object_mut().unwrap();
    assert_eq!(object["apiVersion"], lifted.kind.api_version());
    object.retain(|key, _| !["apiVersion", "kind", "metadata"].contains(&key.as_str()));
    json
}

/// Everything that is said of manifests, a line each.
fn said(text: &str) -> String {
    let reading = read(&[Source::new("old.yaml", text)], &ReadOptions::default());
    let line = |finding: &crate::document::Finding| {
        let (line, column) = finding.source.position(finding.span.start);
        let help = finding.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{line}:{column} {}: {finding}{help}\n", finding.code)
    };
    reading.findings.iter().map(line).collect()
}

const TEMPLATE: &str =
    "{metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: nginx:1}]}}";

#[test]
fn selectors_are_made_of_labels_where_they_were() {
    let deployment = |version: &str| {
        lifted(&format!(
            "{{apiVersion: {version}, kind: Deployment, spec: {{template: {TEMPLATE}}}}}"
        ))
    };
    let one = json!({"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}});
    let selector = json!({"matchLabels": {"app": "web"}});
    assert_eq!(deployment("extensions/v1beta1")["spec"]["selector"], selector);
    assert_eq!(deployment("extensions/v1beta1")["spec"]["strategy"], one);
    assert_eq!(deployment("apps/v1beta1")["spec"]["selector"], selector);
    assert_eq!(deployment("apps/v1beta1")["spec"]["strategy"], Json::Null);
    assert_eq!(deployment("apps/v1beta2")["spec"]["selector"], Json::Null);
}

#[test]
fn what_waited_to_be_deleted_still_does() {
    for (version, kind) in [("extensions/v1beta1", "DaemonSet"), ("apps/v1beta1", "StatefulSet")] {
        let spec = |more: &str| {
            lifted(&format!(
                "{{apiVersion: {version}, kind: {kind}, spec: {{{more} template: {TEMPLATE}}}}}"
            ))["spec"]["updateStrategy"]
                .clone()
        };
        assert_eq!(spec(""), json!({"type": "OnDelete"}));
        assert_eq!(
            spec("updateStrategy: {type: RollingUpdate},"),
            json!({"type": "RollingUpdate"})
        );
    }
}

#[test]
fn a_deployment_is_read_with_a_notice_that_says_what_to_write() {
    let text = format!(
        "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template: {TEMPLATE}\n"
    );
    assert_snapshot!(said(&text), @"1:13 old-api-version: extensions/v1beta1 is an old API version of Deployment: it is read as apps/v1 (write `apiVersion: apps/v1`; add `spec.selector.matchLabels` with the labels of `spec.template`; to keep its pace, say `maxSurge: 1` and `maxUnavailable: 1` in `spec.strategy.rollingUpdate`: now each would be 25%)");
}

#[test]
fn findings_point_at_what_was_moved() {
    assert_snapshot!(said("apiVersion: extensions/v1beta1
kind: Ingress
metadata:
  name: web
spec:
  rules:
    - http:
        paths:
          - path: /
            backend:
              serviceName: 5
              servicePort: [80]
"), @r#"
        1:13 old-api-version: extensions/v1beta1 is an old API version of Ingress: it is read as networking.k8s.io/v1 (write `apiVersion: networking.k8s.io/v1`; write each backend as `service: {name: …, port: {number: …}}`; add `pathType: ImplementationSpecific`, or Prefix or Exact, to each path)
        2:7 not-carried-out: Ingress is not carried out yet: nothing lets calls in from outside
        11:28 wrong-type: spec.rules[0].http.paths[0].backend.service.name: expected a string, found the number 5 (quote it: "5")
        12:29 wrong-type: spec.rules[0].http.paths[0].backend.service.port.number: expected a number, found a list
        "#);
}

#[test]
fn backends_of_an_ingress() {
    let json = lifted(
        "
apiVersion: networking.k8s.io/v1beta1
kind: Ingress
spec:
  backend: {serviceName: a, servicePort: http}
  rules:
  - http:
      paths:
      - {path: /b, backend: &b {serviceName: b, servicePort: 80}}
      - {path: /c, pathType: Prefix, backend: *b}
      - {path: /d, backend: {resource: {kind: X, name: x}}}
",
    );
    let b = json!({"service": {"name": "b", "port": {"number": 80}}});
    assert_eq!(
        json["spec"],
        json!({
            "defaultBackend": {"service": {"name": "a", "port": {"name": "http"}}},
            "rules": [{"http": {"paths": [
                {"path": "/b", "pathType": "ImplementationSpecific", "backend": b},
                {"path": "/c", "pathType": "Prefix", "backend": b},
                {"path": "/d", "pathType": "ImplementationSpecific", "backend": {"resource": {"kind": "X", "name": "x"}}},
            ]}}],
        })
    );
}

#[test]
fn what_a_horizontal_pod_autoscaler_measures() {
    let json = lifted(
        "
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
spec: {maxReplicas: 3, targetCPUUtilizationPercentage: 80}
",
    );
    let cpu = |percent: u8| json!({"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent}}});
    assert_eq!(json["spec"], json!({"maxReplicas": 3, "metrics": [cpu(80)]}));

    let json = lifted("
apiVersion: autoscaling/v2beta1
kind: HorizontalPodAutoscaler
spec:
  metrics:
  - {type: Resource, resource: {name: cpu, targetAverageUtilization: 50}}
  - {type: Pods, pods: {metricName: hits, targetAverageValue: 1k, selector: {matchLabels: {a: b}}}}
  - {type: Object, object: {metricName: hits, target: {kind: Service, name: main}, targetValue: 2k}}
  - {type: External, external: {metricName: queue, metricSelector: {matchLabels: {q: r}}, targetAverageValue: 30}}
");
    assert_eq!(
        json["spec"]["metrics"],
        json!([
            cpu(50),
            {"type": "Pods", "pods": {"metric": {"name": "hits", "selector": {"matchLabels": {"a": "b"}}}, "target": {"type": "AverageValue", "averageValue": "1k"}}},
            {"type": "Object", "object": {"metric": {"name": "hits"}, "describedObject": {"kind": "Service", "name": "main"}, "target": {"type": "Value", "value": "2k"}}},
            {"type": "External", "external": {"metric": {"name": "queue", "selector": {"matchLabels": {"q": "r"}}}, "target": {"type": "AverageValue", "averageValue": 30}}},
        ])
    );
}

#[test]
fn an_empty_selector_of_a_budget_still_chooses_no_pod() {
    let budget = |selector: &str| {
        lifted(&format!(
            "{{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, spec: {{minAvailable: 1, selector: {selector}}}}}"
        ))
    };
    assert_eq!(budget("{}")["spec"], json!({"minAvailable": 1}));
    let chosen = json!({"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}});
    assert_eq!(budget("{matchLabels: {a: b}}")["spec"], chosen);
}

#[test]
fn a_custom_resource_definition_says_all_a_version_at_a_time() {
    let json = lifted("
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
spec:
  group: example.com
  version: v1
  preserveUnknownFields: true
  validation: {openAPIV3Schema: {type: object}}
  subresources: {status: {}}
  additionalPrinterColumns: [{name: Age, type: date, JSONPath: .metadata.age}]
  conversion: {strategy: Webhook, conversionReviewVersions: [v1beta1], webhookClientConfig: {url: https://x}}
");
    assert_eq!(
        json["spec"],
        json!({
            "group": "example.com",
            "scope": "Namespaced",
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object"}},
                "subresources": {"status": {}},
                "additionalPrinterColumns": [{"name": "Age", "type": "date", "jsonPath": ".metadata.age"}],
            }],
            "conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"url": "https://x"}, "conversionReviewVersions": ["v1beta1"]}},
        })
    );
}

#[test]
fn the_names_of_the_other_groups() {
    let json = lifted(
        "{apiVersion: admissionregistration.k8s.io/v1beta1, kind: ValidatingWebhookConfiguration, webhooks: [{name: a}]}",
    );
    assert_eq!(
        json["webhooks"][0],
        json!({"name": "a", "admissionReviewVersions": ["v1beta1"], "sideEffects": "None", "failurePolicy": "Ignore", "matchPolicy": "Exact", "timeoutSeconds": 30})
    );
    let json = lifted(
        "{apiVersion: rbac.authorization.k8s.io/v1alpha1, kind: RoleBinding, subjects: [{kind: User, name: a, apiVersion: rbac.authorization.k8s.io/v1alpha1}]}",
    );
    assert_eq!(
        json["subjects"],
        json!([{"kind": "User", "name": "a", "apiGroup": "rbac.authorization.k8s.io"}])
    );
    let json = lifted(
        "{apiVersion: events.k8s.io/v1, kind: Event, regarding: {kind: Pod}, note: x, deprecatedCount: 2}",
    );
    assert_eq!(json, json!({"involvedObject": {"kind": "Pod"}, "message": "x", "count": 2}));
    let json = lifted(
        "{apiVersion: discovery.k8s.io/v1beta1, kind: EndpointSlice, endpoints: [{topology: {kubernetes.io/hostname: a, x: z}}]}",
    );
    assert_eq!(json["endpoints"], json!([{"nodeName": "a", "deprecatedTopology": {"x": "z"}}]));
}

#[test]
fn no_version_is_listed_twice_or_is_the_one_of_today() {
    let mut seen = std::collections::BTreeSet::new();
    for old in super::groups() {
        assert_ne!(old.api_version, old.kind.api_version());
        assert!(seen.insert((old.api_version, old.kind)), "{} {}", old.api_version, old.kind);
    }
}

#[test]
fn lists_of_an_older_version_are_taken_apart() {
    let text = "apiVersion: rbac.authorization.k8s.io/v1beta1\nkind: RoleList\nitems:\n- apiVersion: rbac.authorization.k8s.io/v1beta1\n  kind: Role\n  metadata: {name: a}\n";
    let reading = read(&[Source::new("old.yaml", text)], &ReadOptions::default());
    assert_eq!(reading.objects.len(), 1);
    assert_eq!(reading.objects[0].origin().line, 4);
}
