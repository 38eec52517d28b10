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

/// The colours that tell one pod's lines from another's: those of a terminal that read on light and on dark.
const HUES: [u8; 6] = [36, 35, 34, 32, 33, 96];

/// Colours a text by a name, so that what bears the same name has the same colour.
pub fn hue(colour: Colour, name: &str, text: &str) -> String {
    let sum = name.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(byte));
    match colour {
        Colour::None => text.to_owned(),
        Colour::Ansi => format!("\u{1b}[{}m{text}\u{1b}[0m", HUES[sum % HUES.len()]),
    }
}
