//! Kubernetes quantities, and the resources that pods ask for.

use serde::{Deserialize, Serialize};

/// An amount of each resource that hosts have and pods ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Thousandths of a CPU.
    pub cpu_milli: u64,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Pods.
    pub pods: u64,
}

impl Resources {
    /// Adds another amount, part by part.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli.saturating_add(other.cpu_milli),
            memory_bytes: self.memory_bytes.saturating_add(other.memory_bytes),
            pods: self.pods.saturating_add(other.pods),
        }
    }

    /// Takes another amount away, part by part, never below zero.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli.saturating_sub(other.cpu_milli),
            memory_bytes: self.memory_bytes.saturating_sub(other.memory_bytes),
            pods: self.pods.saturating_sub(other.pods),
        }
    }
}

/// Why a text is no quantity.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{text}` is not a quantity: write a number with an optional suffix such as m, k, M, G, Ki, Mi, Gi"
)]
pub struct QuantityError {
    /// The text as written.
    pub text: String,
}

/// Reads a quantity in bytes, rounded up to the next whole one.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
pub fn parse_quantity_bytes(text: &str) -> Result<u64, QuantityError> {
    scaled(text, 0)
}

/// Reads a quantity in thousandths (of a CPU), rounded up to the next whole one.
pub fn parse_quantity_milli(text: &str) -> Result<u64, QuantityError> {
    scaled(text, 3)
}

/// The value times ten to the power `extra`, rounded up, in exact integer arithmetic.
fn scaled(text: &str, extra: i32) -> Result<u64, QuantityError> {
    let wrong = || QuantityError { text: text.to_owned() };
    let number_end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '+' || c == '-'))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(number_end);
    let number = number.strip_prefix('+').unwrap_or(number);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 24 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let mantissa: u128 = digits.parse().map_err(|_| wrong())?;
    let (ten, two) = suffix_powers(suffix).ok_or_else(wrong)?;
    let fraction_digits = i32::try_from(fraction.len()).map_err(|_| wrong())?;
    let exponent = ten + extra - fraction_digits;
    let value = mantissa.checked_shl(two).filter(|v| v >> two == mantissa).ok_or_else(wrong)?;
    let power = 10_u128.checked_pow(exponent.unsigned_abs()).ok_or_else(wrong)?;
    let value = if exponent >= 0 {
        value.checked_mul(power).ok_or_else(wrong)?
    } else {
        value.div_ceil(power)
    };
    u64::try_from(value).map_err(|_| wrong())
}

/// A suffix as powers of ten and of two.
fn suffix_powers(suffix: &str) -> Option<(i32, u32)> {
    Some(match suffix {
        "" => (0, 0),
        "n" => (-9, 0),
        "u" => (-6, 0),
        "m" => (-3, 0),
        "k" => (3, 0),
        "M" => (6, 0),
        "G" => (9, 0),
        "T" => (12, 0),
        "P" => (15, 0),
        "E" => (18, 0),
        "Ki" => (0, 10),
        "Mi" => (0, 20),
        "Gi" => (0, 30),
        "Ti" => (0, 40),
        "Pi" => (0, 50),
        "Ei" => (0, 60),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let exponent: i32 = exponent.parse().ok()?;
            ((-18..=18).contains(&exponent)).then_some((exponent, 0))?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_documentation() {
        for (text, bytes) in [
            ("128974848", 128_974_848),
            ("129e6", 129_000_000),
            ("129M", 129_000_000),
            ("123Mi", 128_974_848),
            ("1.5Gi", 1_610_612_736),
            ("0.5", 1),
            ("1k", 1000),
        ] {
            assert_eq!(parse_quantity_bytes(text), Ok(bytes), "{text}");
        }
        for (text, milli) in [("100m", 100), ("0.1", 100), (".5", 500), ("2", 2000), ("1500u", 2)] {
            assert_eq!(parse_quantity_milli(text), Ok(milli), "{text}");
        }
    }

    #[test]
    fn nonsense_and_overflow_are_refused() {
        for text in ["", "Mi", "1x", "1.2.3", "-5", "99999999999Ei", "1e99", "9e18E"] {
            assert!(parse_quantity_bytes(text).is_err(), "{text}");
        }
    }
}
