use super::*;

#[test]
fn roles() {
    table(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: \"system:reader\"}\nrules: ",
        &[
            ("[{apiGroups: [\"\"], resources: [pods], verbs: [get]}]", ""),
            ("[{apiGroups: [\"\"], resources: [pods]}]", "required rules[0].verbs"),
            ("[{resources: [pods], verbs: [get]}]", "required rules[0].apiGroups"),
            ("[{nonResourceURLs: [/healthz], verbs: [get]}]", "forbidden rules[0].nonResourceURLs"),
        ],
    );
    table(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: \"a:b\"}\n",
        &[
            (
                "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: \"system:x\"}\nsubjects: [{kind: ServiceAccount, name: a, namespace: b}]",
                "",
            ),
            ("roleRef: {kind: Role, name: x}", "invalid-value roleRef.kind"),
            (
                "roleRef: {kind: ClusterRole, name: x}\nsubjects: [{kind: ServiceAccount, name: a}]",
                "required subjects[0].namespace",
            ),
        ],
    );
}

#[test]
fn an_account_of_a_namespaced_binding_is_of_its_namespace() {
    table(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\n",
        &[("roleRef: {kind: Role, name: x}\nsubjects: [{kind: ServiceAccount, name: a}]", "")],
    );
}

#[test]
fn names_that_say_what_they_hold() {
    let body = "spec: {group: example.com, scope: Namespaced, names: {kind: Thing, plural: things}, versions: []}";
    table(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: ",
        &[
            (&format!("{{name: things.example.com}}\n{body}"), ""),
            (&format!("{{name: thing.example.com}}\n{body}"), "invalid-name metadata.name"),
        ],
    );
    table(
        "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nspec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100}\nmetadata: ",
        &[
            ("{name: v1beta1.metrics.k8s.io}", ""),
            ("{name: metrics}", "invalid-name metadata.name"),
        ],
    );
}

#[test]
fn webhooks_say_what_their_callers_must_know() {
    let hook = |rest: &str| {
        format!(
            "[{{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], {rest}}}]"
        )
    };
    let service = "clientConfig: {service: {name: a, namespace: b}}";
    table(
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: a}\nwebhooks: ",
        &[
            (&hook(service), ""),
            (&hook("clientConfig: {}"), "invalid-value webhooks[0].clientConfig"),
            (
                &format!("[{{name: a.example.com, {service}}}]"),
                "required webhooks[0].sideEffects, required webhooks[0].admissionReviewVersions",
            ),
        ],
    );
    table(
        "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: a}\nwebhooks: ",
        &[(
            "[{name: a.example.com}]",
            "required webhooks[0].sideEffects, required webhooks[0].admissionReviewVersions, invalid-value webhooks[0].clientConfig",
        )],
    );
}
