//! Taints in the text form of `kubectl taint`: `key=value:Effect`.

use std::fmt;
use std::str::FromStr;

use super::{Taint, TaintEffect};
use crate::model::names::{label_key, label_value};

/// Why a text is no taint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a taint: write key=value:Effect or key:Effect, where Effect is NoSchedule, PreferNoSchedule or NoExecute"
)]
pub struct TaintError {
    /// The text as written.
    pub text: String,
}

impl FromStr for Taint {
    type Err = TaintError;

    fn from_str(text: &str) -> Result<Self, TaintError> {
        let wrong = || TaintError { text: text.to_owned() };
        let (pair, effect) = text.rsplit_once(':').ok_or_else(wrong)?;
        let effect = match effect {
            "NoSchedule" => TaintEffect::NoSchedule,
            "PreferNoSchedule" => TaintEffect::PreferNoSchedule,
            "NoExecute" => TaintEffect::NoExecute,
            _ => return Err(wrong()),
        };
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if label_key(key).is_err() || label_value(value).is_err() {
            return Err(wrong());
        }
        Ok(Self { key: key.to_owned(), value: value.to_owned(), effect })
    }
}

impl fmt::Display for TaintEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoSchedule => "NoSchedule",
            Self::PreferNoSchedule => "PreferNoSchedule",
            Self::NoExecute => "NoExecute",
        })
    }
}

impl fmt::Display for Taint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, value, effect } = self;
        if value.is_empty() {
            write!(f, "{key}:{effect}")
        } else {
            write!(f, "{key}={value}:{effect}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_and_back() {
        for text in ["gpu=yes:NoSchedule", "example.com/old:NoExecute"] {
            assert_eq!(text.parse::<Taint>().unwrap().to_string(), text);
        }
        for text in ["", "gpu", "gpu:no", ":NoSchedule", "a b=c:NoSchedule", "gpu=yes"] {
            assert!(text.parse::<Taint>().is_err(), "{text}");
        }
    }
}
