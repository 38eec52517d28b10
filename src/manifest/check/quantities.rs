//! Quantities that must be read, and must not be below zero.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::Check;
use crate::document::join;
use crate::model::Amount;

/// Resources by name.
pub(super) type Amounts = BTreeMap<String, Quantity>;

impl Check<'_> {
    /// Refuses what is no quantity, and gives what is one.
    pub(super) fn amount(&mut self, path: &str, quantity: &Quantity) -> Option<Amount> {
        match Amount::parse(&quantity.0) {
            Ok(amount) => Some(amount),
            Err(error) => {
                self.error("invalid-quantity", path, &error.to_string());
                None
            }
        }
    }

    /// Refuses what is no quantity from zero, and gives what is one.
    pub(super) fn not_negative(&mut self, path: &str, quantity: &Quantity) -> Option<Amount> {
        let amount = self.amount(path, quantity)?;
        if amount.is_negative() {
            self.error("out-of-range", path, "must be 0 or more");
            return None;
        }
        Some(amount)
    }

    /// Refuses what is no quantity above zero.
    pub(super) fn above_zero(&mut self, path: &str, quantity: &Quantity) {
        if self.amount(path, quantity).is_some_and(|amount| amount <= Amount::ZERO) {
            self.error("out-of-range", path, "must be more than 0");
        }
    }

    /// Refuses amounts that are no quantities from zero, and gives those that are.
    pub(super) fn none_negative<'a>(
        &mut self,
        path: &str,
        amounts: Option<&'a Amounts>,
    ) -> BTreeMap<&'a str, Amount> {
        let amounts = amounts.into_iter().flatten();
        let read = |(name, quantity): (&'a String, &'a Quantity)| {
            Some((name.as_str(), self.not_negative(&join(path, name), quantity)?))
        };
        amounts.filter_map(read).collect()
    }
}
