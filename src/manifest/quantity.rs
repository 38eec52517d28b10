//! Quantities in one spelling, so that `1`, `1000m` and `1.0` are one wish.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use crate::model::{QuantityError, parse_quantity_bytes, parse_quantity_milli};

/// The amount of a resource in its smallest unit: thousandths of a CPU, bytes or pieces of anything else.
pub(super) fn amount(resource: &str, quantity: &Quantity) -> Result<u64, QuantityError> {
    match resource {
        "cpu" => parse_quantity_milli(&quantity.0),
        _ => parse_quantity_bytes(&quantity.0),
    }
}

/// The one spelling of a quantity that parses; another text is left as it is.
pub(super) fn canonical(resource: &str, quantity: &Quantity) -> Quantity {
    let text = match (resource, amount(resource, quantity)) {
        (_, Err(_)) => quantity.0.clone(),
        ("cpu", Ok(milli)) if milli.is_multiple_of(1000) => (milli / 1000).to_string(),
        ("cpu", Ok(milli)) => format!("{milli}m"),
        (_, Ok(amount)) => largest_suffix(amount),
    };
    Quantity(text)
}

/// With the largest binary suffix that leaves a whole number.
fn largest_suffix(amount: u64) -> String {
    let suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let (mut amount, mut step) = (amount, 0);
    while amount > 0 && amount.is_multiple_of(1024) && step + 1 < suffixes.len() {
        amount /= 1024;
        step += 1;
    }
    format!("{amount}{}", suffixes[step])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        for (resource, text, expected) in [
            ("cpu", "0.5", "500m"),
            ("cpu", "1000m", "1"),
            ("cpu", "2", "2"),
            ("memory", "1024Mi", "1Gi"),
            ("memory", "1.5Gi", "1536Mi"),
            ("memory", "128M", "125000Ki"),
            ("memory", "0", "0"),
            ("memory", "lots", "lots"),
        ] {
            let spelt = canonical(resource, &Quantity(text.to_owned()));
            assert_eq!(spelt.0, expected, "{resource} {text}");
        }
    }
}
