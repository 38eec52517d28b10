//! Amounts in one text for every spelling, so that who writes `1024Mi` for `1Gi` asks for no other pod.
//!
//! Objects keep the family of suffixes that their author chose, as those of the API server do.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::Amount;

/// The specification with every amount in the one text.
pub(super) fn spelt_alike(mut spec: PodSpec) -> PodSpec {
    let containers = spec.containers.iter_mut().chain(spec.init_containers.iter_mut().flatten());
    let resources = containers.filter_map(|container| container.resources.as_mut());
    resources.chain(&mut spec.resources).for_each(spell_both);
    spell(&mut spec.overhead);
    let directories =
        spec.volumes.iter_mut().flatten().filter_map(|volume| volume.empty_dir.as_mut());
    directories.filter_map(|directory| directory.size_limit.as_mut()).for_each(spell_one);
    let templates = spec.volumes.iter_mut().flatten().filter_map(|volume| {
        volume.ephemeral.as_mut()?.volume_claim_template.as_mut()?.spec.resources.as_mut()
    });
    for resources in templates {
        spell(&mut resources.limits);
        spell(&mut resources.requests);
    }
    spec
}

fn spell_both(resources: &mut ResourceRequirements) {
    spell(&mut resources.limits);
    spell(&mut resources.requests);
}

fn spell(amounts: &mut Option<BTreeMap<String, Quantity>>) {
    amounts.iter_mut().flat_map(BTreeMap::values_mut).for_each(spell_one);
}

fn spell_one(quantity: &mut Quantity) {
    if let Ok(amount) = Amount::parse(&quantity.0) {
        quantity.0 = amount.in_decimal().to_string();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn spellings_of_one_amount_are_alike() {
        let of = |text: &str| {
            let resources = json!({"limits": {"memory": text}});
            let spec = json!({
                "containers": [{"name": "a", "resources": resources}],
                "volumes": [{"name": "v", "emptyDir": {"sizeLimit": text}}],
            });
            spelt_alike(serde_json::from_value(spec).unwrap())
        };
        assert_eq!(of("1Gi"), of("1073741824"));
        assert_ne!(of("1Gi"), of("1G"));
    }
}
