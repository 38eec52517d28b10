//! The rules, a family a file.

mod autoscaling;
mod budgets;
mod environment;
mod exposure;
mod host;
mod images;
mod jobs;
mod objects;
mod privileges;
mod probes;
mod replicas;
mod resources;
mod secrets;
mod selectors;
mod services;
mod unused;

use super::rule::Rule;

pub(super) use secrets::places as secret_places;

/// The families of rules, each with a heading.
pub fn families() -> &'static [(&'static str, &'static [Rule])] {
    &[
        ("Images", images::RULES),
        ("Resources", resources::RULES),
        ("Probes", probes::RULES),
        ("Replicas", replicas::RULES),
        ("Disruption", budgets::RULES),
        ("Autoscaling", autoscaling::RULES),
        ("Privileges", privileges::RULES),
        ("The host", host::RULES),
        ("Secrets", secrets::RULES),
        ("Environment", environment::RULES),
        ("Services", services::RULES),
        ("Exposure", exposure::RULES),
        ("Selectors", selectors::RULES),
        ("Unused objects", unused::RULES),
        ("Jobs", jobs::RULES),
        ("Objects", objects::RULES),
    ]
}

/// Every rule, family by family.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    families().iter().flat_map(|(_, rules)| *rules)
}

/// The rule of this name.
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}
