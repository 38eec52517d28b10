//! Amounts of bytes as people read them.

/// How an amount is rounded that has too many digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To more than there is: for what is asked for.
    Up,
    /// To less than there is: for what there is.
    Down,
}

/// The digits of a whole number that is shown as it is.
const WHOLE_MAX: u64 = 9999;

/// Writes bytes as a quantity, exactly where that takes few digits, else in tenths of the largest unit.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
pub fn bytes_text(bytes: u64, rounding: Rounding) -> String {
    let units = [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10), ("", 0)];
    let scaled = units.map(|(unit, power)| (unit, 1_u64 << power));
    let exact = scaled.into_iter().find(|(_, scale)| bytes.is_multiple_of(*scale));
    if let Some((unit, scale)) = exact.filter(|(_, scale)| bytes / scale <= WHOLE_MAX) {
        return format!("{}{}", bytes / scale, if bytes == 0 { "" } else { unit });
    }
    let Some((unit, scale)) = scaled.into_iter().find(|(_, scale)| bytes >= *scale) else {
        return bytes.to_string();
    };
    let tenths = u128::from(bytes) * 10;
    let tenths = match rounding {
        Rounding::Up => tenths.div_ceil(u128::from(scale)),
        Rounding::Down => tenths / u128::from(scale),
    };
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole}{unit}"),
        (whole, tenth) => format!("{whole}.{tenth}{unit}"),
    }
}

/// Whether a resource is counted in bytes.
pub fn is_in_bytes(resource: &str) -> bool {
    ["memory", "ephemeral-storage"].contains(&resource) || resource.starts_with("hugepages-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_where_few_digits_do() {
        for (bytes, up, down) in [
            (0, "0", "0"),
            (1, "1", "1"),
            (1000, "1000", "1000"),
            (1 << 30, "1Gi", "1Gi"),
            (1500 << 20, "1500Mi", "1500Mi"),
            (6_935_744_512, "6.5Gi", "6.4Gi"),
            (25_276_510_208, "23.6Gi", "23.5Gi"),
            ((1 << 30) - 1, "1024Mi", "1023.9Mi"),
            (u64::MAX, "16Ei", "15.9Ei"),
        ] {
            let texts = (bytes_text(bytes, Rounding::Up), bytes_text(bytes, Rounding::Down));
            assert_eq!(texts, (up.to_owned(), down.to_owned()), "{bytes}");
        }
    }
}
