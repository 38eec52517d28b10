//! The syntax of a schedule, as Kubernetes reads it.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax>

use crate::document::{closest, quoted};

/// What is wrong with a schedule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) message: String,
    /// What could be meant, where that can be told.
    pub(super) help: Option<String>,
}

/// One of the five fields of a schedule.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Names of its values in order, beginning with the least.
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "the minute", least: 0, most: 59, names: &[] },
    Field { name: "the hour", least: 0, most: 23, names: &[] },
    Field { name: "the day of the month", least: 1, most: 31, names: &[] },
    Field {
        name: "the month",
        least: 1,
        most: 12,
        names: &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    },
    Field {
        name: "the day of the week",
        least: 0,
        most: 6,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

const WORDS: [&str; 7] =
    ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// Checks a schedule.
pub(super) fn check(text: &str) -> Result<(), Fault> {
    if text.starts_with('@') {
        return check_word(text);
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        let count = parts.len();
        let help = match count {
            6 => "there are no seconds in it",
            _ => "for instance `30 4 * * *` for every day at half past four",
        };
        return fault(format!("has {count} fields; five are needed"), Some(help.to_owned()));
    }
    for (part, field) in parts.iter().zip(&FIELDS) {
        for range in part.split(',').filter(|range| !range.is_empty()) {
            check_range(range, field)?;
        }
    }
    Ok(())
}

fn fault(message: String, help: Option<String>) -> Result<(), Fault> {
    Err(Fault { message, help })
}

fn check_word(text: &str) -> Result<(), Fault> {
    if WORDS.contains(&text) {
        return Ok(());
    }
    if let Some(span) = text.strip_prefix("@every ") {
        if is_span(span) {
            return Ok(());
        }
        let message = format!("{} is no length of time", quoted(span));
        return fault(message, Some("for instance `@every 1h30m`".to_owned()));
    }
    let meant = closest(text, WORDS).map(|meant| format!("did you mean `{meant}`?"));
    fault(format!("{} is none of {}", quoted(text), WORDS.join(", ")), meant)
}

/// Whether a text is a length of time such as `1h30m`.
///
/// Source: <https://pkg.go.dev/time#ParseDuration>
fn is_span(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut parts = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        if digits == 0 || number.len() - digits > 1 {
            return false;
        }
        let units = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        if !units.contains(&&after[..unit_end]) {
            return false;
        }
        rest = &after[unit_end..];
        parts += 1;
    }
    parts > 0
}

/// Checks `*`, `5`, `1-5`, each perhaps with `/2` behind it.
fn check_range(range: &str, field: &Field) -> Result<(), Fault> {
    let mut halves = range.split('/');
    let (ends, step) = (halves.next().unwrap_or_default(), halves.next());
    if halves.next().is_some() {
        return fault(format!("{} has more than one `/`", quoted(range)), None);
    }
    if let Some(step) = step
        && number(step, field)? == 0
    {
        return fault(format!("{} has a step of 0", quoted(range)), None);
    }
    let mut ends = ends.split('-');
    let (first, last) = (ends.next().unwrap_or_default(), ends.next());
    if matches!(first, "*" | "?") {
        return Ok(());
    }
    if ends.next().is_some() {
        return fault(format!("{} has more than one `-`", quoted(range)), None);
    }
    let first = value(first, field)?;
    let last = match (last, step) {
        (Some(last), _) => value(last, field)?,
        // A step from one value goes on to the end.
        (None, Some(_)) => field.most,
        (None, None) => first,
    };
    if first > last {
        return fault(format!("{} begins after its end", quoted(range)), None);
    }
    Ok(())
}

/// A value of a field, by its number or its name.
fn value(text: &str, field: &Field) -> Result<u32, Fault> {
    let lower = text.to_lowercase();
    if let Some(at) = field.names.iter().position(|name| *name == lower) {
        return Ok(field.least + u32::try_from(at).unwrap_or_default());
    }
    let number = number(text, field)?;
    if (field.least..=field.most).contains(&number) {
        return Ok(number);
    }
    let Field { name, least, most, names } = field;
    let is_sunday = names.first() == Some(&"sun") && number == 7;
    Err(Fault {
        message: format!("{number} is out of range: {name} is from {least} to {most}"),
        help: is_sunday.then(|| "Sunday is 0".to_owned()),
    })
}

fn number(text: &str, field: &Field) -> Result<u32, Fault> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = is_number.then(|| digits.parse().ok()).flatten();
    number.ok_or_else(|| Fault {
        message: format!("{} is no number for {}", quoted(text), field.name),
        help: closest(&text.to_lowercase(), field.names.iter().copied())
            .map(|meant| format!("did you mean `{meant}`?")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_that_kubernetes_reads() {
        for text in [
            "* * * * *",
            "*/5 0-23/2 1,15 JAN-mar MON",
            "0 0 ? * 0",
            "0 4/6 * * 1-5",
            " 1  2 3 4 5 ",
            "@daily",
            "@every 1h30m",
            "@every 1.5h",
            "5,,6 * * * *",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn faults_and_what_is_meant() {
        for (text, message, help) in [
            (
                "* * * *",
                "has 4 fields; five are needed",
                "for instance `30 4 * * *` for every day at half past four",
            ),
            ("0 * * * * *", "has 6 fields; five are needed", "there are no seconds in it"),
            ("60 * * * *", "60 is out of range: the minute is from 0 to 59", ""),
            ("* * 0 * *", "0 is out of range: the day of the month is from 1 to 31", ""),
            ("* * * * 7", "7 is out of range: the day of the week is from 0 to 6", "Sunday is 0"),
            ("* * * jann *", "`jann` is no number for the month", "did you mean `jan`?"),
            ("5-1 * * * *", "`5-1` begins after its end", ""),
            ("*/0 * * * *", "`*/0` has a step of 0", ""),
            ("1/2/3 * * * *", "`1/2/3` has more than one `/`", ""),
            ("1-2-3 * * * *", "`1-2-3` has more than one `-`", ""),
            (
                "@dayly",
                "`@dayly` is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly",
                "did you mean `@daily`?",
            ),
            ("@every day", "`day` is no length of time", "for instance `@every 1h30m`"),
            ("H * * * *", "`H` is no number for the minute", ""),
            ("99999999999 * * * *", "`99999999999` is no number for the minute", ""),
        ] {
            let help = (!help.is_empty()).then(|| help.to_owned());
            assert_eq!(check(text), Err(Fault { message: message.to_owned(), help }), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            let _ = check(&text);
            let _ = check(&format!("@every {text}"));
        }
    }
}
