//! Quantities in one spelling: that which the API server writes.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::Amount;

/// The one spelling of a quantity; a text that is none is left as it is, for the check to refuse.
pub(super) fn canonical(quantity: &Quantity) -> Quantity {
    match Amount::parse(&quantity.0) {
        Ok(amount) => Quantity(amount.to_string()),
        Err(_) => quantity.clone(),
    }
}

/// Spells the amounts of resources, rounded up to a thousandth each.
pub(super) fn spell(amounts: &mut Option<BTreeMap<String, Quantity>>) {
    for quantity in amounts.iter_mut().flat_map(BTreeMap::values_mut) {
        if let Ok(amount) = Amount::parse(&quantity.0) {
            *quantity = Quantity(amount.rounded_to_milli().to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        for (text, expected) in
            [("0.5", "500m"), ("1024Mi", "1Gi"), ("128M", "128M"), ("lots", "lots")]
        {
            assert_eq!(canonical(&Quantity(text.to_owned())).0, expected, "{text}");
            let mut amounts = Some(BTreeMap::from([("cpu".to_owned(), Quantity(text.to_owned()))]));
            spell(&mut amounts);
            assert_eq!(amounts.unwrap()["cpu"].0, expected, "{text}");
        }
    }
}
