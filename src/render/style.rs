//! Colour for terminals. Every line reads the same without it.

use std::fmt::Display;

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// With ANSI sequences.
    Ansi,
    /// Plain.
    None,
}

/// The few colours that are used, by what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Something comes about, or went well.
    Good,
    /// Something changes.
    Change,
    /// Something goes, or went wrong.
    Bad,
    /// A heading.
    Strong,
    /// An aside.
    Faint,
}

impl Colour {
    /// Colours a text.
    pub fn paint(self, paint: Paint, text: impl Display) -> String {
        let code = match paint {
            Paint::Good => 32,
            Paint::Change => 33,
            Paint::Bad => 31,
            Paint::Strong => 1,
            Paint::Faint => 2,
        };
        match self {
            Self::None => text.to_string(),
            Self::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}
