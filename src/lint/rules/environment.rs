//! Environment variables that take each other's place.

use std::collections::BTreeSet;

use crate::document::{Severity, quoted};
use crate::lint::found::Found;
use crate::lint::pods::Contained;
use crate::lint::rule::{Check, Rule, Usual};

pub(super) const RULES: &[Rule] = &[Rule {
    id: "duplicate-env",
    usual: Usual::On(Severity::Warning),
    finds: "a variable that a container sets twice",
    why: "The last one counts, and whoever changes the first one wonders why nothing happens.",
    fix: "keep one of them: `env: [{name: MODE, value: fast}]`",
    check: Check::Container(duplicates),
}];

fn duplicates(one: &Contained<'_>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (at, variable) in one.container.env.iter().flatten().enumerate() {
        if !variable.name.is_empty() && !seen.insert(variable.name.as_str()) {
            let message = format!(
                "container {} sets {} twice; the last one counts",
                quoted(&one.container.name),
                quoted(&variable.name)
            );
            found.say(
                one.workload.read,
                &one.at(&format!("env[{at}].name")),
                "again here",
                &message,
            );
        }
    }
}
