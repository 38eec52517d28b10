//! `key=value` and `key-` on the command line: what `label`, `annotate` and `set env` change.

use serde_json::{Map, Value};

use super::CliError;

/// What is to become of keys, in the order of the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pairs {
    /// Keys that get a value.
    pub(super) set: Vec<(String, String)>,
    /// Keys that go.
    pub(super) remove: Vec<String>,
}

impl Pairs {
    /// Takes the words that name objects from those that say what to change: the first with `=` or a `-` at its end begins
    /// the second part.
    pub(super) fn split(words: &[String]) -> (&[String], &[String]) {
        let is_pair = |word: &String| word.contains('=') || word.ends_with('-');
        words.split_at(words.iter().position(is_pair).unwrap_or(words.len()))
    }

    /// Reads the second part.
    pub(super) fn parse(words: &[String]) -> Result<Self, CliError> {
        let mut pairs = Self::default();
        for word in words {
            match (word.split_once('='), word.strip_suffix('-')) {
                (Some((key, value)), _) if !key.is_empty() => {
                    pairs.set.push((key.to_owned(), value.to_owned()));
                }
                (None, Some(key)) if !key.is_empty() => pairs.remove.push(key.to_owned()),
                _ => return Err(usage(format!("`{word}` is neither KEY=VALUE nor KEY-"))),
            }
        }
        if let Some((key, _)) = pairs.set.iter().find(|(key, _)| pairs.remove.contains(key)) {
            return Err(usage(format!("`{key}` is both set and removed")));
        }
        if pairs.set.is_empty() && pairs.remove.is_empty() {
            return Err(usage("nothing is set and nothing removed".to_owned()));
        }
        Ok(pairs)
    }

    /// The key that has another value already, and that value.
    pub(super) fn conflict<'m>(&self, map: &'m Map<String, Value>) -> Option<(&str, &'m str)> {
        self.set.iter().find_map(|(key, value)| {
            let there = map.get(key)?.as_str()?;
            (there != value).then_some((key.as_str(), there))
        })
    }

    /// Changes a map.
    pub(super) fn change(&self, map: &mut Map<String, Value>) {
        for (key, value) in &self.set {
            map.insert(key.clone(), Value::from(value.as_str()));
        }
        for key in &self.remove {
            map.remove(key);
        }
    }
}

fn usage(problem: String) -> CliError {
    let hint = "write KEY=VALUE to set, KEY- to remove".to_owned();
    CliError::Usage { problem, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn objects_come_before_pairs() {
        let all = words("deploy web a=b c-");
        let (objects, pairs) = Pairs::split(&all);
        assert_eq!(objects, words("deploy web"));
        let pairs = Pairs::parse(pairs).unwrap();
        assert_eq!(pairs.set, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(pairs.remove, ["c"]);
        for wrong in ["a=b web", "=b", "-", "a=b a-"] {
            assert!(Pairs::parse(&words(wrong)).is_err(), "{wrong}");
        }
        assert!(Pairs::parse(&[]).is_err());
    }

    #[test]
    fn a_value_that_is_there_is_a_conflict_only_if_it_is_another() {
        let mut map = Map::from_iter([("a".to_owned(), Value::from("1"))]);
        let pairs = |text| Pairs::parse(&words(text)).unwrap();
        assert_eq!(pairs("a=1 b=2").conflict(&map), None);
        assert_eq!(pairs("a=2").conflict(&map), Some(("a", "1")));
        pairs("b=x=y a-").change(&mut map);
        assert_eq!(Value::Object(map), serde_json::json!({"b": "x=y"}));
    }
}
