//! `rbac.authorization.k8s.io`: subjects named an API version once, now a group.

use super::{Advice, Old, fill, same, take};
use crate::document::Placed;
use crate::model::Kind;

const BETA: &str = "rbac.authorization.k8s.io/v1beta1";
const ALPHA: &str = "rbac.authorization.k8s.io/v1alpha1";

pub(super) const OLD: &[Old] = &[
    Old { api_version: BETA, kind: Kind::Role, lift: same },
    Old { api_version: BETA, kind: Kind::RoleBinding, lift: same },
    Old { api_version: BETA, kind: Kind::ClusterRole, lift: same },
    Old { api_version: BETA, kind: Kind::ClusterRoleBinding, lift: same },
    Old { api_version: ALPHA, kind: Kind::Role, lift: same },
    Old { api_version: ALPHA, kind: Kind::RoleBinding, lift: subjects },
    Old { api_version: ALPHA, kind: Kind::ClusterRole, lift: same },
    Old { api_version: ALPHA, kind: Kind::ClusterRoleBinding, lift: subjects },
];

fn subjects(object: &mut Placed) -> Advice {
    let mut advice = Vec::new();
    for subject in object.get_mut("subjects").and_then(Placed::elements_mut).into_iter().flatten() {
        if take(subject, "apiVersion").is_some() {
            advice = vec![
                "write `apiGroup: rbac.authorization.k8s.io` for `apiVersion` of each user and group",
            ];
        }
        if matches!(subject.get("kind").and_then(Placed::as_text), Some("User" | "Group")) {
            fill(subject, "apiGroup", "rbac.authorization.k8s.io");
        }
    }
    advice
}
