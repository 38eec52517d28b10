//! Who may do what at an API server.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{ClusterRoleBinding, RoleBinding, RoleRef, Subject};

use super::row::Row;

pub(super) fn service_account(account: &ServiceAccount, now: Timestamp) -> Row {
    let secrets = account.secrets.as_ref().map_or(0, Vec::len);
    Row::default().cell("SECRETS", secrets).age(&account.metadata, now)
}

pub(super) fn role_binding(binding: &RoleBinding, now: Timestamp) -> Row {
    role(&binding.role_ref).age(&binding.metadata, now).subjects(binding.subjects.as_deref())
}

pub(super) fn cluster_role_binding(binding: &ClusterRoleBinding, now: Timestamp) -> Row {
    role(&binding.role_ref).age(&binding.metadata, now).subjects(binding.subjects.as_deref())
}

fn role(role: &RoleRef) -> Row {
    Row::default().cell("ROLE", format!("{}/{}", role.kind, role.name))
}

impl Row {
    fn subjects(self, subjects: Option<&[Subject]>) -> Self {
        let named = |kind: &str| {
            let of_kind = subjects.unwrap_or_default().iter().filter(|it| it.kind == kind);
            let name = |subject: &Subject| match (&subject.namespace, kind) {
                (namespace, "ServiceAccount") => {
                    format!("{}/{}", namespace.as_deref().unwrap_or_default(), subject.name)
                }
                _ => subject.name.clone(),
            };
            of_kind.map(name).collect::<Vec<_>>().join(", ")
        };
        self.wide("USERS", named("User"))
            .wide("GROUPS", named("Group"))
            .wide("SERVICEACCOUNTS", named("ServiceAccount"))
    }
}
