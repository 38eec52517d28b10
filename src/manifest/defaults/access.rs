//! Who has a role.

use k8s_openapi::api::rbac::v1::{RoleRef, Subject};

use super::fill;

/// The group of roles, users and groups.
const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn complete(role: &mut RoleRef, subjects: Option<&mut Vec<Subject>>) {
    fill(&mut role.api_group, GROUP);
    for subject in subjects.into_iter().flatten() {
        if matches!(subject.kind.as_str(), "User" | "Group") {
            fill(&mut subject.api_group, GROUP);
        } else if subject.api_group.as_deref() == Some("") {
            subject.api_group = None;
        }
    }
}
