//! Objects that only together say whether a rule speaks.

use super::*;

fn deployment(replicas: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w}}\nspec:\n{replicas}  selector: {{matchLabels: {{app: w}}}}\n  template:\n    metadata: {{labels: {{app: w}}}}\n    spec:\n      initContainers: [{{name: i, image: 'a:1', ports: [{{name: early, containerPort: 1}}]}}]\n      containers: [{{name: c, image: 'a:1'}}]\n---\n"
    )
}

const BUDGET: &str = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: w}\nspec: {minAvailable: 1, selector: {matchLabels: {app: w}}}\n---\n";

fn scaler(version: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: w}}\nspec: {{minReplicas: 3, maxReplicas: 5, scaleTargetRef: {{apiVersion: {version}, kind: Deployment, name: w}}}}\n---\n"
    )
}

#[test]
fn a_budget_counts_what_an_autoscaler_keeps() {
    let blocks = |text: &str| codes(text, "").contains(&"pdb-blocks-eviction");
    assert!(blocks(&(deployment("") + BUDGET)));
    assert!(!blocks(&(deployment("") + BUDGET + &scaler("apps/v1"))));
    // And more replicas than a number of 32 bits holds are no reason to stop.
    let many = deployment("  replicas: 2147483647\n");
    assert!(!blocks(&(many.clone() + &many.replace("name: w}\nspec", "name: v}\nspec") + BUDGET)));
}

#[test]
fn an_autoscaler_of_another_groups_deployment_is_not_known() {
    let missing = |text: &str| codes(text, "").contains(&"hpa-target-missing");
    let other = deployment("").replace("name: w}\nspec", "name: v}\nspec");
    assert!(missing(&(other.clone() + &scaler("apps/v1"))));
    assert!(!missing(&(other + &scaler("example.org/v1"))));
}

#[test]
fn labels_that_controllers_give_are_not_asked_for() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: w-0}\nspec: {ports: [{port: 80}], selector: {app: w, statefulset.kubernetes.io/pod-name: w-0}}\n---\n";
    let budget = BUDGET.replace("{app: w}", "{app: w, controller-revision-hash: x}");
    let all = codes(&(deployment("") + service + &budget), "");
    assert!(
        !all.contains(&"service-without-pods") && !all.contains(&"pdb-selects-nothing"),
        "{all:?}"
    );
}
