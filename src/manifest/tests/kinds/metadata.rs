use super::*;

#[test]
fn names_of_each_kind() {
    for (head, name, expected) in [
        ("v1\nkind: ConfigMap", "a.b-c", ""),
        ("v1\nkind: ConfigMap", "A", "invalid-name metadata.name"),
        ("v1\nkind: Namespace", "a.b", "invalid-name metadata.name"),
        ("v1\nkind: Service\nspec: {ports: [{port: 1}]}", "1st", ""),
        ("v1\nkind: Service\nspec: {ports: [{port: 1}]}", "a.b", "invalid-name metadata.name"),
        ("rbac.authorization.k8s.io/v1\nkind: ClusterRole", "\"system:a_B\"", ""),
        ("rbac.authorization.k8s.io/v1\nkind: ClusterRole", "a/b", "invalid-name metadata.name"),
        ("v1\nkind: ServiceAccount", "default", ""),
    ] {
        let text = format!("apiVersion: {head}\nmetadata: {{name: {name}}}\n");
        assert_eq!(errors(&text), expected, "{text}{}", lines(&text));
    }
}

#[test]
fn owners_finalizers_and_annotations() {
    table(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  ",
        &[
            ("finalizers: [kubernetes, example.com/wait]", ""),
            ("finalizers: [wait]", "invalid-name metadata.finalizers[0]"),
            ("finalizers: [a/b/c]", "invalid-name metadata.finalizers[0]"),
            ("ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: a, uid: b}]", ""),
            (
                "ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: a}]",
                "required metadata.ownerReferences[0].uid",
            ),
            (
                "ownerReferences: [{apiVersion: v1, kind: A, name: a, uid: b, controller: true}, {apiVersion: v1, kind: B, name: b, uid: c, controller: true}]",
                "duplicate-name metadata.ownerReferences[1].controller",
            ),
            ("annotations: {Example.COM/Some_Key: \"whatever: it is\"}", ""),
            ("annotations: {a/b/c: d}", "invalid-label metadata.annotations[a/b/c]"),
            ("labels: {Example.COM/a: b}", "invalid-label metadata.labels[Example.COM/a]"),
        ],
    );
}

#[test]
fn a_namespace_of_what_has_none_is_ignored() {
    let text = "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: a, namespace: b}\nspec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /a}}\n";
    let reading = read_text(text);
    assert_eq!(reading.objects[0].object.namespace(), "");
    let warned = reading.findings.iter().any(|finding| finding.code == "needless-namespace");
    assert!(warned && !reading.has_errors());
}
