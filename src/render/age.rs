//! How long ago something was, as kubectl words it.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// How long ago a time was: `5s`, `3m2s`, `2d`; `<unknown>` without one.
///
/// Two units while the second one says something, one from there on, with the limits of kubectl.
pub fn age(since: Option<&Time>, now: Timestamp) -> String {
    match since {
        None => "<unknown>".to_owned(),
        Some(since) => words(now.duration_since(since.0).as_secs()),
    }
}

pub(super) fn words(seconds: i64) -> String {
    // Clocks of two machines differ a little.
    if seconds < -1 {
        return "<invalid>".to_owned();
    }
    let seconds = seconds.max(0);
    let two = |(unit, name): (i64, &str), (part, part_name): (i64, &str)| {
        let rest = seconds % unit / part;
        let whole = format!("{}{name}", seconds / unit);
        if rest == 0 { whole } else { format!("{whole}{rest}{part_name}") }
    };
    match seconds {
        s if s < 2 * MINUTE => format!("{s}s"),
        s if s < 10 * MINUTE => two((MINUTE, "m"), (1, "s")),
        s if s < 3 * HOUR => format!("{}m", s / MINUTE),
        s if s < 8 * HOUR => two((HOUR, "h"), (MINUTE, "m")),
        s if s < 2 * DAY => format!("{}h", s / HOUR),
        s if s < 8 * DAY => two((DAY, "d"), (HOUR, "h")),
        s if s < 2 * YEAR => format!("{}d", s / DAY),
        s if s < 8 * YEAR => two((YEAR, "y"), (DAY, "d")),
        s => format!("{}y", s / YEAR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_as_kubectl_prints_them() {
        for (seconds, text) in [
            (-5, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (182, "3m2s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (12_000, "3h20m"),
            (8 * HOUR, "8h"),
            (47 * HOUR, "47h"),
            (48 * HOUR, "2d"),
            (51 * HOUR, "2d3h"),
            (9 * DAY + HOUR, "9d"),
            (2 * YEAR, "2y"),
            (2 * YEAR + DAY, "2y1d"),
            (9 * YEAR + DAY, "9y"),
        ] {
            assert_eq!(words(seconds), text, "{seconds}");
        }
        assert_eq!(age(None, Timestamp::UNIX_EPOCH), "<unknown>");
    }
}
