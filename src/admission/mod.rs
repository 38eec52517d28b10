//! What Kubernetes' API server says to a new object before it takes it: `LimitRanges` and `ResourceQuotas` of its namespace.
//!
//! It knows objects alone. Who asks: `references`, of what people apply, and `controller` and `plan`, of the pods that are to be made.

mod filled;
mod limit_range;
mod quota;
mod resources;
mod scope;
mod usage;

#[cfg(test)]
mod tests;

pub use filled::inconsistent;
pub use limit_range::{Breach, FILLED, claim_breaches, fill, pod_breaches, words};
pub use quota::Quotas;
pub use usage::Life;

use crate::desired::Desired;
use crate::model::{Kind, Object, ObjectKey};

/// A refusal in the API server's words: `pods "web-1" is forbidden: exceeded quota: ...`.
pub fn forbidden(kind: Kind, name: &str, why: &str) -> String {
    format!("{} \"{name}\" is forbidden: {why}", kind.plural())
}

/// Why no new pod is taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Something of its namespace forbids it.
    Forbidden(String),
    /// What was filled in does not go together with what it says.
    Invalid(String),
}

impl Refusal {
    /// The refusal of the pod of this name, in the API server's words.
    pub fn of_pod(&self, name: &str) -> String {
        match self {
            Self::Forbidden(why) => forbidden(Kind::Pod, name, why),
            Self::Invalid(why) => format!("Pod \"{name}\" is invalid: {why}"),
        }
    }
}

/// The objects of a kind in a namespace, in order of their names.
fn of_namespace<'a>(
    desired: &'a Desired,
    kind: Kind,
    namespace: &'a str,
) -> impl Iterator<Item = &'a Object> {
    let first = ObjectKey::new(kind.object(), namespace, "");
    let all = desired.objects.range(&first..);
    let here =
        all.take_while(move |(key, _)| key.kind == kind.object() && key.namespace == namespace);
    here.map(|(_, stored)| &stored.object)
}
