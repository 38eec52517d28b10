//! Why a host's answer is not what was asked for, in its own words as far as they can be shown.

/// Why a host's answer is no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// A command failed that every host should have.
    #[error("`{command}` failed with exit code {exit}: {said}")]
    Failed {
        /// The command.
        command: String,
        /// Its exit code.
        exit: i32,
        /// The last line that it printed on standard error.
        said: String,
    },
    /// What a command printed cannot be read.
    #[error("what {what} printed cannot be read: {why}")]
    Unreadable {
        /// The command.
        what: String,
        /// Why.
        why: String,
    },
}

impl ReportError {
    pub(super) fn unreadable(what: &str, why: &dyn std::fmt::Display) -> Self {
        Self::Unreadable { what: what.to_owned(), why: why.to_string() }
    }

    pub(super) fn missing(what: &str, lacks: &str) -> Self {
        Self::Unreadable { what: what.to_owned(), why: format!("it lacks {lacks}") }
    }
}

/// The longest that a host's own words are shown, in characters.
const SAID_MAX: usize = 300;

/// What a command said last on standard error: one line, bounded, without control characters.
pub(super) fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    // `ip -batch` ends with the place in its input, after what was wrong there.
    let tells = |line: &&str| !line.is_empty() && !line.starts_with("Command failed -:");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(tells).collect();
    let error = lines.iter().rev().find(|line| line.starts_with("Error:"));
    let line = error.or(lines.last()).copied().unwrap_or("it said nothing");
    line.chars().filter(|c| !c.is_control()).take(SAID_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrong_comes_before_where_it_was() {
        let ip = b"RTNETLINK answers: Network is unreachable\nCommand failed -:1\n";
        assert_eq!(said(ip), "RTNETLINK answers: Network is unreachable");
        assert_eq!(said(b"Error: no such image\ntry podman pull\n"), "Error: no such image");
        assert_eq!(said(b" \n"), "it said nothing");
    }
}
