//! What Kubernetes' API server says to a new object before it takes it: `LimitRanges` and `ResourceQuotas` of its namespace.
//!
//! It knows objects alone. Who asks: `references`, of what people apply, and `controller` and `plan`, of the pods that are to be made.

mod limit_range;
mod quota;
mod resources;
mod scope;
mod usage;

#[cfg(test)]
mod tests;

pub use limit_range::{Breach, FILLED, claim_breaches, fill, pod_breaches, words};
pub use quota::Quotas;
pub use usage::Life;

use crate::desired::Desired;
use crate::model::{Kind, Object, ObjectKey};

/// A refusal in the API server's words: `pods "web-1" is forbidden: exceeded quota: ...`.
pub fn forbidden(kind: Kind, name: &str, why: &str) -> String {
    format!("{} \"{name}\" is forbidden: {why}", kind.plural())
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
