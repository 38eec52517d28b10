//! What a command is asked about: `pods`, `pod web`, `pod/web svc/web`, `pods,services`, `all`.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};

use super::CliError;
use crate::document::closest;
use crate::model::{Kind, UnknownKind};

/// What is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Every object of these kinds.
    Kinds(Vec<Kind>),
    /// These objects.
    Named(Vec<(Kind, String)>),
}

impl What {
    /// Reads the words of a command line.
    pub(super) fn parse(words: &[String]) -> Result<Self, CliError> {
        if words.iter().any(|word| word.contains('/')) {
            return words
                .iter()
                .map(|word| by_slash(word))
                .collect::<Result<_, _>>()
                .map(Self::Named);
        }
        let Some((kinds, names)) = words.split_first() else {
            return Err(CliError::Usage {
                problem: "no kind of objects is named".to_owned(),
                hint: format!("name one of: {}, all", kind_list()),
            });
        };
        let mut all = Vec::new();
        for word in kinds.split(',').filter(|word| !word.is_empty()) {
            if word == "all" {
                all.extend(Kind::WORKLOADS);
            } else {
                all.push(Kind::parse(word).map_err(unknown)?);
            }
        }
        if names.is_empty() {
            return Ok(Self::Kinds(all));
        }
        let pairs = all.iter().flat_map(|kind| names.iter().map(|name| (*kind, name.clone())));
        Ok(Self::Named(pairs.collect()))
    }
}

fn by_slash(word: &str) -> Result<(Kind, String), CliError> {
    match word.split_once('/') {
        Some((kind, name)) if !name.is_empty() && !name.contains('/') => {
            Ok((Kind::parse(kind).map_err(unknown)?, name.to_owned()))
        }
        _ => Err(CliError::Usage {
            problem: format!("`{word}` is not of the form KIND/NAME, as the other arguments are"),
            hint: "write either KIND NAME NAME, or KIND/NAME KIND/NAME".to_owned(),
        }),
    }
}

/// A kind that is not known, as wrong usage.
pub(super) fn unknown(unknown: UnknownKind) -> CliError {
    let UnknownKind { word } = unknown;
    let known: Vec<String> =
        Kind::ALL.iter().flat_map(|kind| kind.words()).chain(["all".to_owned()]).collect();
    CliError::Usage {
        problem: format!("there is no kind of objects called `{word}`"),
        hint: match closest(&word, known.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the kinds are: {}", kind_list()),
        },
    }
}

fn kind_list() -> String {
    let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    words.join(", ")
}

/// Takes any word, and offers the kinds to the shell's completion.
#[derive(Clone, Debug)]
pub(super) struct KindWords;

impl TypedValueParser for KindWords {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let words = Kind::ALL.iter().map(|kind| kind.word()).chain(["all"]);
        Some(Box::new(words.map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<What, String> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        What::parse(&words).map_err(|error| error.to_string())
    }

    #[test]
    fn the_forms_of_kubectl_are_read() {
        let named = |names: &[(Kind, &str)]| {
            Ok(What::Named(names.iter().map(|(kind, name)| (*kind, (*name).to_owned())).collect()))
        };
        assert_eq!(parse(&["po,svc"]), Ok(What::Kinds(vec![Kind::Pod, Kind::Service])));
        assert_eq!(parse(&["pod", "a", "b"]), named(&[(Kind::Pod, "a"), (Kind::Pod, "b")]));
        assert_eq!(
            parse(&["deploy/web", "svc/web"]),
            named(&[(Kind::Deployment, "web"), (Kind::Service, "web")])
        );
        assert!(parse(&["pod/a", "b"]).unwrap_err().contains("KIND/NAME"));
        assert!(parse(&["pdos"]).unwrap_err().contains("pdos"));
    }
}
