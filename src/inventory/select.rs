//! Patterns that choose hosts, as `--limit` takes them: `web,db-*,!db-3`.

use std::collections::BTreeSet;

use super::Inventory;
use crate::document::closest;
use crate::model::NodeName;

/// Why a pattern chooses nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum SelectError {
    /// A term names no host and no group.
    #[error("`{term}` names no host and no group of the inventory")]
    Nothing {
        /// The term as typed.
        term: String,
        /// The name that may be meant.
        #[help]
        help: Option<String>,
    },
    /// What some terms choose, others take away.
    #[error("`{pattern}` leaves no host")]
    Empty {
        /// The pattern as typed.
        pattern: String,
    },
}

impl Inventory {
    /// The hosts that a pattern chooses: host and group names with `*` and `?`, by commas; `!` takes away.
    ///
    /// Of a pattern that only takes away, the rest of the fleet is chosen.
    pub fn select(&self, pattern: &str) -> Result<BTreeSet<NodeName>, SelectError> {
        let (mut chosen, mut taken) = (BTreeSet::new(), BTreeSet::new());
        let mut only_takes = true;
        for term in pattern.split(',').map(str::trim).filter(|term| !term.is_empty()) {
            if let Some(term) = term.strip_prefix('!') {
                taken.append(&mut self.matching(term)?);
            } else {
                only_takes = false;
                chosen.append(&mut self.matching(term)?);
            }
        }
        if only_takes {
            chosen = self.hosts.keys().cloned().collect();
        }
        chosen.retain(|name| !taken.contains(name));
        if chosen.is_empty() {
            return Err(SelectError::Empty { pattern: pattern.to_owned() });
        }
        Ok(chosen)
    }

    fn matching(&self, term: &str) -> Result<BTreeSet<NodeName>, SelectError> {
        let hosts = self.hosts.keys().filter(|name| matches(term, name.as_str()));
        let groups = self.groups.iter().filter(|(name, _)| matches(term, name));
        let members = groups.clone().flat_map(|(_, members)| members);
        let chosen: BTreeSet<NodeName> = hosts.chain(members).cloned().collect();
        if chosen.is_empty() && groups.count() == 0 {
            let names = self.hosts.keys().map(NodeName::as_str);
            let names = names.chain(self.groups.keys().map(String::as_str));
            let help = closest(term, names).map(|name| format!("did you mean `{name}`?"));
            return Err(SelectError::Nothing { term: term.to_owned(), help });
        }
        Ok(chosen)
    }
}

/// Whether a name fits a pattern in which `*` stands for any text and `?` for any letter.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    // Where to go on when the text after the last `*` does not fit: the star eats one letter more.
    let mut star = None;
    while n < name.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, n));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == name[n]) {
            p += 1;
            n += 1;
        } else if let Some((at, eaten)) = star {
            star = Some((at, eaten + 1));
            p = at + 1;
            n = eaten + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_marks() {
        for (pattern, name, fits) in [
            ("*", "web-1", true),
            ("web-?", "web-1", true),
            ("web-?", "web-10", false),
            ("*-1", "web-1-1", true),
            ("w*b*1", "web-1", true),
            ("web", "web-1", false),
            ("web*", "web", true),
            ("?", "", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
