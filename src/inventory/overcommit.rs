//! How many times what a host has may be asked for.

use std::fmt;
use std::str::FromStr;

use crate::model::Resources;

/// The most that a ratio can be.
const MOST: u32 = 100;

/// How many times what a host has its pods may ask for: of CPU and of memory, and of nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overcommit {
    /// Of CPU.
    pub cpu: Ratio,
    /// Of memory.
    pub memory: Ratio,
}

/// A number from 1 to 100 with up to three decimals; 1 where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio {
    thousandths: u32,
}

/// Why a text is no ratio.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RatioError {
    /// It is no number, or too fine a one.
    #[error("`{text}` is not a ratio: write a number with at most three decimals, such as 1.5")]
    Number {
        /// The text as written.
        text: String,
    },
    /// It is too small: pods could not even ask for what there is.
    #[error("must be from 1 to {MOST}, and is {text}")]
    Small {
        /// The text as written.
        text: String,
    },
    /// It is too large to be meant.
    #[error("must be from 1 to {MOST}, and is {text}")]
    Large {
        /// The text as written.
        text: String,
    },
}

impl RatioError {
    /// What to write instead, where that is clear.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Small { .. } => Some("to have pods ask for less than there is, use `reserved`"),
            Self::Number { .. } | Self::Large { .. } => None,
        }
    }
}

impl Overcommit {
    /// What pods may ask for of this much. How many pods there may be is not changed.
    #[must_use]
    pub fn of(self, usable: Resources) -> Resources {
        Resources {
            cpu_milli: self.cpu.of(usable.cpu_milli),
            memory_bytes: self.memory.of(usable.memory_bytes),
            pods: usable.pods,
        }
    }
}

impl Ratio {
    /// So many times the amount, rounded down.
    pub fn of(self, amount: u64) -> u64 {
        let times = u128::from(amount) * u128::from(self.thousandths) / 1000;
        u64::try_from(times).unwrap_or(u64::MAX)
    }
}

impl Default for Ratio {
    fn default() -> Self {
        Self { thousandths: 1000 }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.thousandths / 1000, self.thousandths % 1000);
        let decimals = format!("{rest:03}");
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{whole}"),
            decimals => write!(f, "{whole}.{decimals}"),
        }
    }
}

impl FromStr for Ratio {
    type Err = RatioError;

    fn from_str(text: &str) -> Result<Self, RatioError> {
        let wrong = || RatioError::Number { text: text.to_owned() };
        let (sign, number) =
            text.strip_prefix('-').map_or((Sign::Plus, text), |number| (Sign::Minus, number));
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) || decimals.len() > 3 {
            return Err(wrong());
        }
        if sign == Sign::Minus {
            return Err(RatioError::Small { text: text.to_owned() });
        }
        let large = || RatioError::Large { text: text.to_owned() };
        let whole: u32 = whole.parse().ok().filter(|whole| *whole <= MOST).ok_or_else(large)?;
        let decimals: u32 = format!("{decimals:0<3}").parse().map_err(|_| wrong())?;
        match whole * 1000 + decimals {
            0..1000 => Err(RatioError::Small { text: text.to_owned() }),
            thousandths if thousandths > MOST * 1000 => Err(large()),
            thousandths => Ok(Self { thousandths }),
        }
    }
}

/// Which side of nothing a number is on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_exact_to_the_thousandth() {
        let ratio = |text: &str| text.parse::<Ratio>().unwrap();
        for (text, of, times) in [
            ("1", 7, 7),
            ("1.0", 7, 7),
            ("4", 2000, 8000),
            ("1.5", 4 << 30, 6 << 30),
            // 1.1 and 1.001 are no binary fractions.
            ("1.1", 10, 11),
            ("1.001", 1_000_000, 1_001_000),
            ("1.001", 999, 999),
            ("100", u64::MAX, u64::MAX),
            ("100.000", 1, 100),
        ] {
            assert_eq!(ratio(text).of(of), times, "{text}");
        }
        for (text, shown) in [("4", "4"), ("1.50", "1.5"), ("2.005", "2.005")] {
            assert_eq!(ratio(text).to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_ratio_is_told_apart() {
        let small = |text: &str| RatioError::Small { text: text.to_owned() };
        let large = |text: &str| RatioError::Large { text: text.to_owned() };
        let wrong = |text: &str| RatioError::Number { text: text.to_owned() };
        for text in ["", "x", "4x", "1.", ".5", "1.2345", "1e1", "1 ", "+2", "--2", "1,5", "1m"] {
            assert_eq!(text.parse::<Ratio>(), Err(wrong(text)), "{text}");
        }
        for text in ["0", "0.999", "-2", "-0.5"] {
            assert_eq!(text.parse::<Ratio>(), Err(small(text)), "{text}");
        }
        for text in ["101", "100.001", "99999999999999999999"] {
            assert_eq!(text.parse::<Ratio>(), Err(large(text)), "{text}");
        }
    }
}
