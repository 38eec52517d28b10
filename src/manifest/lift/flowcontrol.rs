//! `flowcontrol.apiserver.k8s.io`: the shares of a level got another name.

use super::{Advice, Old, rename, same};
use crate::document::Placed;
use crate::model::Kind;

pub(super) const OLD: &[Old] = &[
    Old { api_version: "flowcontrol.apiserver.k8s.io/v1beta1", kind: Kind::FlowSchema, lift: same },
    Old { api_version: "flowcontrol.apiserver.k8s.io/v1beta2", kind: Kind::FlowSchema, lift: same },
    Old { api_version: "flowcontrol.apiserver.k8s.io/v1beta3", kind: Kind::FlowSchema, lift: same },
    Old {
        api_version: "flowcontrol.apiserver.k8s.io/v1beta1",
        kind: Kind::PriorityLevelConfiguration,
        lift: shares,
    },
    Old {
        api_version: "flowcontrol.apiserver.k8s.io/v1beta2",
        kind: Kind::PriorityLevelConfiguration,
        lift: shares,
    },
    Old {
        api_version: "flowcontrol.apiserver.k8s.io/v1beta3",
        kind: Kind::PriorityLevelConfiguration,
        lift: same,
    },
];

fn shares(object: &mut Placed) -> Advice {
    let limited = object.get_mut("spec").and_then(|spec| spec.get_mut("limited"));
    let renamed = limited.is_some_and(|limited| {
        rename(limited, "assuredConcurrencyShares", "nominalConcurrencyShares")
    });
    if renamed {
        vec!["write `nominalConcurrencyShares` for `assuredConcurrencyShares`"]
    } else {
        Vec::new()
    }
}
