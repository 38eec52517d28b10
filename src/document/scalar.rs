//! What a plain scalar means to Kubernetes: YAML 1.1 with the corrections of its own parser; and to kustomize.
//!
//! Kubernetes reads YAML through `sigs.k8s.io/yaml`, a fork of go-yaml v2, into untyped values: `yes`, `on` and `y` are
//! booleans, `0644` and `0o644` are octal, `1_000` is a number, dates stay text.
//! Source: <https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go>
//!
//! Kustomize reads what it builds from through a fork of go-yaml v3, whose booleans are those of YAML 1.2 alone. Its
//! numbers are as those of v2, old octals and underscores included.
//! Source: <https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v3/resolve.go>

use super::tree::Scalar;

/// Whose reading of plain scalars is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalars {
    /// Kubernetes': `yes`, `on`, `y` and their opposites are booleans.
    Kubernetes,
    /// Kustomize's: they are text.
    Kustomize,
}

/// Resolves a plain (unquoted, untagged) scalar.
pub(crate) fn resolve(text: &str, scalars: Scalars) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON"
            if scalars == Scalars::Kubernetes =>
        {
            return Scalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF"
            if scalars == Scalars::Kubernetes =>
        {
            return Scalar::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Scalar::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Scalar::Text;
    }
    let plain = text.replace('_', "");
    integer(&plain)
        .map(Scalar::Int)
        .or_else(|| float(&plain).map(Scalar::Float))
        .unwrap_or(Scalar::Text)
}

/// An integer of 64 bits, signed or not, in any of the bases.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (&lower[2..], 16),
        Some("0o") => (&lower[2..], 8),
        Some("0b") => (&lower[2..], 2),
        Some(_) if lower.starts_with('0') => (&lower[1..], 8),
        Some(_) | None => (lower.as_str(), 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value).then_some(value)
}

/// A decimal fraction, with or without an exponent; Rust's own grammar, less its words (`inf`, `nan`) and what is beyond
/// 64 bits, which stays text.
fn float(text: &str) -> Option<f64> {
    let fits =
        text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    fits.then(|| text.parse().ok()).flatten().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_kubernetes_reads_them() {
        for (text, expected) in [
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("yes", Scalar::Bool(true)),
            ("Off", Scalar::Bool(false)),
            ("n", Scalar::Bool(false)),
            ("yEs", Scalar::Text),
            ("8080", Scalar::Int(8080)),
            ("+1", Scalar::Int(1)),
            ("-0x1F", Scalar::Int(-31)),
            ("0644", Scalar::Int(420)),
            ("0o644", Scalar::Int(420)),
            ("0b11", Scalar::Int(3)),
            ("0", Scalar::Int(0)),
            ("08", Scalar::Float(8.0)),
            ("1_000", Scalar::Int(1000)),
            ("18446744073709551615", Scalar::Int(i128::from(u64::MAX))),
            ("1e3", Scalar::Float(1000.0)),
            (".5", Scalar::Float(0.5)),
            ("1.", Scalar::Float(1.0)),
            ("1234e567", Scalar::Text),
            ("-1e999999", Scalar::Text),
            ("1e-999999", Scalar::Float(0.0)),
            ("1.14.2", Scalar::Text),
            ("2001-12-14", Scalar::Text),
            ("10:30", Scalar::Text),
            ("500m", Scalar::Text),
            ("-", Scalar::Text),
            (".", Scalar::Text),
            ("-inf", Scalar::Text),
            ("0x", Scalar::Text),
            ("web", Scalar::Text),
        ] {
            assert_eq!(resolve(text, Scalars::Kubernetes), expected, "{text}");
        }
    }

    /// As kubectl 1.32 builds a ConfigMap of them.
    #[test]
    fn as_kustomize_reads_them() {
        for text in ["y", "Y", "yes", "YES", "on", "On", "n", "no", "off", "OFF", "10:30", "19e"] {
            assert_eq!(resolve(text, Scalars::Kustomize), Scalar::Text, "{text}");
        }
        for (text, expected) in [
            ("True", Scalar::Bool(true)),
            ("FALSE", Scalar::Bool(false)),
            ("NULL", Scalar::Null),
            ("0644", Scalar::Int(420)),
            ("0O17", Scalar::Int(15)),
            ("-0b11", Scalar::Int(-3)),
            ("1_000", Scalar::Int(1000)),
            ("08", Scalar::Float(8.0)),
            ("1_0.5", Scalar::Float(10.5)),
        ] {
            assert_eq!(resolve(text, Scalars::Kustomize), expected, "{text}");
        }
    }
}
