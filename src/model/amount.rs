//! The exact value of a Kubernetes quantity, and the one text that the API server writes for it.

use std::fmt;

use super::QuantityError;

/// A billion of these make one; Kubernetes keeps nothing smaller.
const ONE: i128 = 1_000_000_000;

/// The largest amount that Kubernetes holds: what is beyond becomes this.
const MOST: i128 = i64::MAX as i128 * ONE;

/// How far an exponent is followed; beyond it every amount is nothing or the largest.
const EXPONENT_MAX: i32 = 60;

/// An amount of a resource: exact, of any sign, and written as its author wrote it.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Billionths.
    nano: i128,
    spelling: Spelling,
}

/// The family of suffixes that an amount is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    /// `m`, `k`, `M`: powers of a thousand.
    Decimal,
    /// `Ki`, `Mi`: powers of 1024.
    Binary,
    /// `e3`.
    Exponent,
}

impl Amount {
    /// No amount at all.
    pub const ZERO: Self = Self { nano: 0, spelling: Spelling::Decimal };

    /// One.
    pub const ONE: Self = Self { nano: ONE, spelling: Spelling::Decimal };

    /// Reads a quantity in any of its spellings.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        read(text).ok_or_else(|| QuantityError { text: text.to_owned() })
    }

    /// Billionths.
    pub fn nano(self) -> i128 {
        self.nano
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.nano < 0
    }

    /// Whether it is a whole number, to a thousandth, which is as exactly as Kubernetes asks.
    pub fn is_whole(self) -> bool {
        self.rounded_to_milli().nano % ONE == 0
    }

    /// The amount in whole units, rounded up.
    pub fn units(self) -> i128 {
        ceil(self.nano, ONE)
    }

    /// The amount rounded up to a thousandth, as the API server rounds every resource.
    #[must_use]
    pub fn rounded_to_milli(self) -> Self {
        const MILLI: i128 = ONE / 1000;
        Self { nano: ceil(self.nano, MILLI) * MILLI, ..self }
    }

    /// The same amount, written with powers of a thousand: one text for every spelling.
    #[must_use]
    pub fn in_decimal(self) -> Self {
        Self { spelling: Spelling::Decimal, ..self }
    }

    /// The sum with another amount, in this one's spelling; nothing has none.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let spelling = if self.nano == 0 { other.spelling } else { self.spelling };
        Self { nano: (self.nano + other.nano).min(MOST), spelling }
    }

    /// What is left when another amount is taken away, in this one's spelling.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self { nano: self.nano - other.nano, ..self }
    }

    /// So many times this amount.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        let nano = self.nano.saturating_mul(i128::from(count)).clamp(-MOST, MOST);
        Self { nano, ..self }
    }
}

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Amount {}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.nano.cmp(&other.nano)
    }
}

impl fmt::Display for Amount {
    /// Writes the text that the API server gives back: the largest suffix that leaves a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let small = self.nano.abs() < 1024 * ONE;
        let text = match self.spelling {
            Spelling::Binary if !small && self.nano % ONE == 0 => binary(self.nano / ONE),
            Spelling::Binary | Spelling::Decimal => {
                let (number, power) = by_thousands(self.nano);
                let suffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
                format!("{number}{}", suffixes[power])
            }
            Spelling::Exponent => match by_thousands(self.nano) {
                (number, 3) => number.to_string(),
                (number, power) => {
                    let exponent = i32::try_from(power).unwrap_or_default() * 3 - 9;
                    format!("{number}e{exponent}")
                }
            },
        };
        f.pad(&text)
    }
}

/// Billionths as a number and how many thousands it was divided by.
fn by_thousands(nano: i128) -> (i128, usize) {
    let (mut number, mut power) = (nano, 0);
    if number == 0 {
        return (0, 3);
    }
    while number % 1000 == 0 && power < 9 {
        number /= 1000;
        power += 1;
    }
    (number, power)
}

fn binary(units: i128) -> String {
    let suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let (mut number, mut step) = (units, 0);
    while number % 1024 == 0 && step + 1 < suffixes.len() {
        number /= 1024;
        step += 1;
    }
    format!("{number}{}", suffixes[step])
}

/// Divides and rounds up.
fn ceil(number: i128, by: i128) -> i128 {
    number.div_euclid(by) + i128::from(number.rem_euclid(by) != 0)
}

fn read(text: &str) -> Option<Amount> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = (whole.len() + fraction.len() > 0)
        && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    if !is_number {
        return None;
    }
    let (unit, places, spelling) = unit(suffix)?;
    let (whole, fraction) = moved(whole, fraction, places);
    Some(Amount { nano: sign * scaled(&whole, &fraction, unit), spelling })
}

/// Moves the point of a number to the right, or to the left.
fn moved(whole: &str, fraction: &str, places: i32) -> (String, String) {
    let digits = format!("{whole}{fraction}");
    let point = i64::try_from(whole.len()).unwrap_or(i64::MAX).saturating_add(places.into());
    match usize::try_from(point) {
        Err(_) => {
            let zeros = "0".repeat(usize::try_from(point.unsigned_abs()).unwrap_or_default());
            (String::new(), format!("{zeros}{digits}"))
        }
        Ok(point) if point <= digits.len() => {
            (digits[..point].to_owned(), digits[point..].to_owned())
        }
        Ok(point) => (format!("{digits}{}", "0".repeat(point - digits.len())), String::new()),
    }
}

/// A number in billionths, rounded up, at most [`MOST`], when one of it is so many billionths.
fn scaled(whole: &str, fraction: &str, unit: i128) -> i128 {
    let digit = |b: u8| i128::from(b - b'0');
    let whole = whole.bytes().fold(0, |sum: i128, b| (sum * 10 + digit(b)).min(MOST));
    // From the last digit on: rounding up at each is the same as rounding up once.
    let part = fraction.bytes().rev().fold(0, |part, b| ceil(digit(b) * unit + part, 10));
    whole.checked_mul(unit).map_or(MOST, |whole| (whole.min(MOST) + part).min(MOST))
}

/// What a suffix stands for, in billionths, and by how many places an exponent moves the point.
fn unit(suffix: &str) -> Option<(i128, i32, Spelling)> {
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let place = |of: &[&str]| of.iter().position(|one| *one == suffix);
    if let Some(at) = place(&decimal) {
        return Some((1000_i128.pow(u32::try_from(at).ok()?), 0, Spelling::Decimal));
    }
    if let Some(at) = place(&binary) {
        return Some((ONE << (10 * (at + 1)), 0, Spelling::Binary));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let beyond = if exponent.starts_with('-') { i32::MIN } else { i32::MAX };
    let places = exponent.parse().unwrap_or(beyond).clamp(-EXPONENT_MAX, EXPONENT_MAX);
    Some((ONE, places, Spelling::Exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_that_of_the_api_server() {
        for (text, written) in [
            ("0.5", "500m"),
            ("1000m", "1"),
            (".5", "500m"),
            ("2.", "2"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("128M", "128M"),
            ("128000k", "128M"),
            ("1000", "1k"),
            ("1024", "1024"),
            ("512Ki", "512Ki"),
            ("0.5Ki", "512"),
            ("129e6", "129e6"),
            ("1E3", "1e3"),
            ("5e0", "5"),
            ("1E", "1E"),
            ("0", "0"),
            ("0Gi", "0"),
            ("-0.5", "-500m"),
            ("+1", "1"),
            ("1n", "1n"),
            ("0.0000000001", "1n"),
            ("99999999999Ei", "9223372036854775807"),
            ("1e99", "9223372036854775807e0"),
        ] {
            let written = written.trim_end_matches("e0");
            assert_eq!(Amount::parse(text).unwrap().to_string(), written, "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", ".", "Mi", "1x", "1.2.3", "1 Gi", "1gi", "--1", "1e", "1e+", "e3", "١"] {
            assert!(Amount::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_are_compared_by_value() {
        let of = |text: &str| Amount::parse(text).unwrap();
        assert_eq!(of("1Gi"), of("1073741824"));
        assert_eq!(of("1Ki").in_decimal().to_string(), "1024");
        assert!(of("1.5") > of("1"));
        assert!(of("-1").is_negative());
        assert!(of("1500m").rounded_to_milli() == of("1.5"));
        assert_eq!(of("1500u").rounded_to_milli().to_string(), "2m");
        assert!(!of("1500m").is_whole() && of("2000m").is_whole());
        assert_eq!(of("1.2").units(), 2);
        assert_eq!(of("1Mi").plus(of("1M")).units(), 2_048_576);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_the_same(text in "[+-]?[0-9]{0,25}\\.?[0-9]{0,12}(|m|k|Mi|E|Ei|e-?[0-9]{1,4})") {
            if let Ok(amount) = Amount::parse(&text) {
                let written = amount.to_string();
                let again = Amount::parse(&written).unwrap();
                proptest::prop_assert_eq!(amount, again);
                proptest::prop_assert_eq!(again.to_string(), written);
            }
        }
    }
}
