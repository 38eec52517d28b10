//! Terms that choose hosts: by their labels, and by their names.

use k8s_openapi::api::core::v1::{NodeSelector, NodeSelectorRequirement};

use super::{Labels, NodeName};

/// The one field of a host that terms can ask for.
const NAME: &str = "metadata.name";

/// Whether one of the terms chooses a host; a term that asks for nothing chooses none.
///
/// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity>
pub fn chooses_node(selector: &NodeSelector, name: &NodeName, labels: &Labels) -> bool {
    selector.node_selector_terms.iter().any(|term| {
        let expressions = term.match_expressions.as_deref().unwrap_or_default();
        let fields = term.match_fields.as_deref().unwrap_or_default();
        let own = |key: &str| (key == NAME).then(|| name.as_str());
        let label = |key: &str| labels.get(key).map(String::as_str);
        !(expressions.is_empty() && fields.is_empty())
            && expressions.iter().all(|one| holds(one, label(&one.key)))
            && fields.iter().all(|one| holds(one, own(&one.key)))
    })
}

fn holds(asked: &NodeSelectorRequirement, have: Option<&str>) -> bool {
    let values = asked.values.as_deref().unwrap_or_default();
    let is_listed = |have: &str| values.iter().any(|value| value == have);
    let numbers = || {
        let have: i64 = have?.parse().ok()?;
        Some((have, values.first()?.parse::<i64>().ok()?))
    };
    match asked.operator.as_str() {
        "In" => have.is_some_and(is_listed),
        "NotIn" => !have.is_some_and(is_listed),
        "Exists" => have.is_some(),
        "DoesNotExist" => have.is_none(),
        "Gt" => numbers().is_some_and(|(have, than)| have > than),
        "Lt" => numbers().is_some_and(|(have, than)| have < than),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn terms_choose_by_labels_and_by_name() {
        let labels = Labels::from([("zone".into(), "a".into()), ("disks".into(), "4".into())]);
        let chooses = |terms: serde_json::Value| {
            let selector = serde_json::from_value(json!({"nodeSelectorTerms": terms})).unwrap();
            chooses_node(&selector, &"node-1".into(), &labels)
        };
        let one = |key: &str, operator: &str, values: &[&str]| {
            let asked = json!({"key": key, "operator": operator, "values": values});
            chooses(json!([{"matchExpressions": [asked]}]))
        };
        assert!(one("zone", "In", &["b", "a"]) && !one("zone", "In", &["b"]));
        assert!(one("none", "NotIn", &["b"]) && !one("zone", "NotIn", &["a"]));
        assert!(one("zone", "Exists", &[]) && one("none", "DoesNotExist", &[]));
        assert!(one("disks", "Gt", &["3"]) && !one("disks", "Lt", &["4"]));
        assert!(!one("zone", "Like", &["a"]) && !chooses(json!([{}])) && !chooses(json!([])));
        let named = json!({"key": "metadata.name", "operator": "In", "values": ["node-1"]});
        assert!(chooses(json!([{}, {"matchFields": [named]}])));
    }
}
