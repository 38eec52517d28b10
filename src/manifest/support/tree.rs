//! The rules of a kind by the steps of their paths.

use std::collections::BTreeMap;

use super::rule::{Rule, Support};

/// The step into each element of a list.
pub(super) const ELEMENT: &str = "[]";

/// The rules at and below a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// The rule of the place itself.
    pub(super) rule: Option<Rule>,
    below: BTreeMap<String, Self>,
}

impl Tree {
    /// Adds rules whose paths begin at a place.
    pub(super) fn add(&mut self, at: &str, rules: &[Rule]) {
        for rule in rules {
            let mut place = &mut *self;
            for step in steps(at).chain(steps(rule.path)) {
                place = place.below.entry(step.to_owned()).or_default();
            }
            debug_assert!(place.rule.is_none(), "two rules for {at} {}", rule.path);
            place.rule = Some(*rule);
        }
    }

    /// The rules one step below.
    pub(super) fn step(&self, step: &str) -> Option<&Self> {
        self.below.get(step)
    }

    /// The steps of all paths that have a rule, and the rules, in order.
    pub(super) fn all(&self) -> Vec<(Vec<&str>, Rule)> {
        let mut found: Vec<_> = self.rule.iter().map(|rule| (Vec::new(), *rule)).collect();
        for (step, tree) in &self.below {
            let below = tree.all().into_iter();
            found.extend(below.map(|(path, rule)| ([&[step.as_str()], &path[..]].concat(), rule)));
        }
        found
    }

    /// Whether all that is below has the same to say as a rule from above: carried out all of it, or none of it.
    pub(super) fn agrees(&self, support: Support) -> bool {
        self.below.values().all(|tree| {
            let own = tree.rule.map_or(support, |rule| rule.support);
            is_carried(own) == is_carried(support)
                && own != Support::Refused
                && tree.agrees(support)
        })
    }
}

fn is_carried(support: Support) -> bool {
    support == Support::Honoured
}

/// The steps of a path in text form: `ports[].name` is `ports`, `[]`, `name`.
pub(super) fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('.').filter(|part| !part.is_empty()).flat_map(|part| {
        let name = part.trim_end_matches(ELEMENT);
        let elements = (part.len() - name.len()) / ELEMENT.len();
        let name = Some(name).filter(|name| !name.is_empty());
        name.into_iter().chain(std::iter::repeat_n(ELEMENT, elements))
    })
}

/// The text form of steps.
pub(super) fn text(steps: &[&str]) -> String {
    let mut text = String::new();
    for step in steps {
        if *step != ELEMENT && !text.is_empty() {
            text.push('.');
        }
        text.push_str(step);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart_and_put_together() {
        for path in ["", "kind", "spec.ports[].name", "spec.a[][].b", "spec.containers[]"] {
            let steps: Vec<&str> = steps(path).collect();
            assert_eq!(text(&steps), path, "{steps:?}");
        }
        assert_eq!(steps("a[].b").collect::<Vec<_>>(), ["a", "[]", "b"]);
    }
}
