//! What is carried out today, as data; whatever else a manifest holds is kept and said to be without effect.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::document::{Document, Finding, MAX_FINDINGS, NodeId, Path, Scalar, Severity, Value};
use crate::model::{Effect, Kind};

/// Fields of a pod that are carried out with all that they hold; `[]` stands for each element of a list, `{}` at the
/// end for a field that is carried out without what it may hold.
const POD: &[&str] = &[
    "containers[].args",
    "containers[].command",
    "containers[].env[].name",
    "containers[].env[].value",
    "containers[].env[].valueFrom.configMapKeyRef",
    "containers[].env[].valueFrom.fieldRef",
    "containers[].envFrom[].configMapRef",
    "containers[].envFrom[].prefix",
    "containers[].image",
    "containers[].imagePullPolicy",
    "containers[].name",
    "containers[].ports[].containerPort",
    "containers[].ports[].name",
    "containers[].ports[].protocol",
    "containers[].resources.limits.cpu",
    "containers[].resources.limits.memory",
    "containers[].resources.requests.cpu",
    "containers[].resources.requests.memory",
    "containers[].stdin",
    "containers[].tty",
    "containers[].volumeMounts[].mountPath",
    "containers[].volumeMounts[].name",
    "containers[].volumeMounts[].readOnly",
    "containers[].workingDir",
    "hostname",
    "nodeName",
    "nodeSelector",
    "restartPolicy",
    "terminationGracePeriodSeconds",
    "tolerations",
    "volumes[].configMap.defaultMode",
    "volumes[].configMap.items",
    "volumes[].configMap.name",
    "volumes[].configMap.optional",
    "volumes[].emptyDir{}",
    "volumes[].name",
];

const DEPLOYMENT: &[&str] = &[
    "spec.minReadySeconds",
    "spec.replicas",
    "spec.selector",
    "spec.strategy",
    "spec.template.metadata",
];

const SERVICE: &[&str] = &[
    "spec.clusterIP",
    "spec.clusterIPs",
    "spec.ports[].name",
    "spec.ports[].port",
    "spec.ports[].protocol",
    "spec.ports[].targetPort",
    "spec.selector",
    "spec.type",
];

const CONFIG_MAP: &[&str] = &["data", "binaryData"];

/// All that a Namespace can hold are finalizers, which the API server writes itself.
const NAMESPACE: &[&str] = &["spec"];

/// The object's frame; labels and annotations are kept, whatever they say.
const FRAME: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata.annotations",
    "metadata.generateName",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
];

/// Fields without which a pod would run with other files than it asks for: they are refused, not passed over.
const REFUSED: &[&str] = &["subPath", "subPathExpr"];

/// Fields whose `false` asks for something.
const MEANT_FALSE: &[&str] = &["allowPrivilegeEscalation", "hostUsers"];

/// The fields of a kind that are carried out.
fn carried_out(kind: Kind) -> Vec<String> {
    let (own, pod) = match kind {
        Kind::Namespace => (NAMESPACE, None),
        Kind::ConfigMap => (CONFIG_MAP, None),
        Kind::Pod => (&[][..], Some("spec")),
        Kind::Deployment => (DEPLOYMENT, Some("spec.template.spec")),
        Kind::Service => (SERVICE, None),
        _ => (&[][..], None),
    };
    let frame = FRAME.iter().chain(own).map(|field| (*field).to_owned());
    let pod = pod.into_iter().flat_map(|at| POD.iter().map(move |field| format!("{at}.{field}")));
    frame.chain(pod).collect()
}

/// Values that ask for just what is done, field by field: what the API server fills in, and what comes to the same.
///
/// The field is found by the end of its path. Empty values, null and `false` never ask for anything and are not here.
fn asks_for_nothing(field: &str, value: &Json) -> bool {
    let same = match field {
        "dnsPolicy" => json!(["ClusterFirst", "Default"]),
        "enableServiceLinks" => json!([true]),
        "schedulerName" => json!(["default-scheduler"]),
        "serviceAccount" | "serviceAccountName" => json!(["default"]),
        "preemptionPolicy" => json!(["PreemptLowerPriority"]),
        "terminationMessagePath" => json!(["/dev/termination-log"]),
        "terminationMessagePolicy" => json!(["File"]),
        "progressDeadlineSeconds" => json!([600]),
        "revisionHistoryLimit" => json!([10]),
        "hostPort" | "priority" => json!([0]),
        "internalTrafficPolicy" | "externalTrafficPolicy" => json!(["Cluster"]),
        "ipFamilies" => json!([["IPv4"]]),
        "ipFamilyPolicy" => json!(["SingleStack"]),
        "sessionAffinity" => json!(["None"]),
        _ => return false,
    };
    same.as_array().is_some_and(|same| same.contains(value))
}

/// Says of every field that is present and not carried out that it is not.
pub(super) fn notices(kind: Kind, document: &Document, skipped: &BTreeSet<NodeId>) -> Vec<Finding> {
    let of_all = |message: &str| {
        let finding = document.finding(Severity::Notice, "not-carried-out", "kind", message);
        vec![finding.with_label("kept, without effect")]
    };
    match kind.effect() {
        Effect::CarriedOut => {}
        Effect::NotYet => return of_all(&format!("{kind} is not carried out yet")),
        Effect::NoneHere => {
            return of_all(&format!(
                "{kind} has no effect here: there is no API server that it could speak to"
            ));
        }
    }
    let fields = carried_out(kind);
    let mut walk = Walk { document, skipped, findings: Vec::new() };
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    walk.object(document.root, &fields, &Path::Root);
    walk.findings
}

struct Walk<'d> {
    document: &'d Document,
    skipped: &'d BTreeSet<NodeId>,
    findings: Vec<Finding>,
}

impl Walk<'_> {
    /// Walks down as far as some field of the table lies below; `fields` are the rests of the table's paths.
    fn object(&mut self, node: NodeId, fields: &[&str], path: &Path<'_>) {
        let tree = &self.document.tree;
        for entry in tree.entries(node) {
            let path = path.key(&entry.key);
            let below: Vec<&str> = fields.iter().filter_map(|f| below(f, &entry.key)).collect();
            if below.contains(&"") || self.skipped.contains(&entry.value) {
                continue;
            }
            if below.is_empty() {
                if self.findings.len() < MAX_FINDINGS
                    && !self.is_nothing(&entry.key, entry.value)
                    && !asks_for_nothing(&entry.key, &self.json(entry.value))
                {
                    let refused = REFUSED.contains(&entry.key.as_str());
                    let severity = if refused { Severity::Error } else { Severity::Notice };
                    self.say(severity, &path, entry.key_span);
                }
            } else if matches!(tree.node(entry.value).value, Value::Sequence(_)) {
                let below: Vec<&str> = below.iter().filter_map(|f| f.strip_prefix("[].")).collect();
                for (index, element) in tree.elements(entry.value).iter().enumerate() {
                    self.object(*element, &below, &path.index(index));
                }
            } else {
                self.object(entry.value, &below, &path);
            }
        }
    }

    fn say(&mut self, severity: Severity, path: &Path<'_>, span: crate::document::Span) {
        let message = format!("{path} is not carried out yet");
        let label = match severity {
            Severity::Error => "the pod would see other files",
            Severity::Warning | Severity::Notice => "kept, without effect",
        };
        let finding = self
            .document
            .finding(severity, "not-carried-out", path.to_string(), message)
            .with_label(label)
            .at(span);
        self.findings.push(finding);
    }

    /// Whether a value is so empty that it asks for nothing.
    fn is_nothing(&self, key: &str, node: NodeId) -> bool {
        match &self.document.tree.node(node).value {
            Value::Scalar(Scalar::Null, _) => true,
            Value::Scalar(Scalar::Bool(false), _) => !MEANT_FALSE.contains(&key),
            Value::Scalar(Scalar::Text, text) => text.is_empty(),
            Value::Scalar(..) => false,
            Value::Sequence(elements) => elements.is_empty(),
            Value::Mapping(entries) => {
                entries.iter().all(|entry| self.is_nothing(&entry.key, entry.value))
            }
        }
    }

    /// A scalar or a list of scalars as JSON; no value of the table is more.
    fn json(&self, node: NodeId) -> Json {
        match &self.document.tree.node(node).value {
            Value::Scalar(Scalar::Bool(truth), _) => json!(truth),
            Value::Scalar(Scalar::Int(number), _) => {
                i64::try_from(*number).map_or(Json::Null, |number| json!(number))
            }
            Value::Scalar(Scalar::Text, text) => json!(text),
            Value::Scalar(Scalar::Null | Scalar::Float(_), _) | Value::Mapping(_) => Json::Null,
            Value::Sequence(elements) => elements.iter().map(|e| self.json(*e)).collect(),
        }
    }
}

/// What is left of a field of the table below a key: nothing when the key is the field itself.
fn below<'f>(field: &'f str, key: &str) -> Option<&'f str> {
    let rest = field.strip_prefix(key)?;
    if rest.is_empty() || rest.starts_with(['[', '{']) {
        Some(rest)
    } else {
        rest.strip_prefix('.')
    }
}
