//! What is looked at on a fleet, and waiting until it is as it should be.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::fleet::{Fleet, Ran};

/// Looks until what is seen is what should be, or a minute and a half.
#[track_caller]
pub(crate) fn comes(expected: &str, look: impl Fn() -> String) {
    comes_within(Duration::from_secs(90), expected, look);
}

/// Looks until what is seen is what should be, or so long.
#[track_caller]
pub(crate) fn comes_within(patience: Duration, expected: &str, look: impl Fn() -> String) {
    let start = Instant::now();
    loop {
        let seen = look();
        if seen.trim() == expected {
            return;
        }
        assert!(start.elapsed() < patience, "{seen:?} is not {expected:?}");
        sleep(Duration::from_millis(300));
    }
}

impl Fleet {
    /// Applies files.
    pub(crate) fn apply(&self, files: &[&str]) -> Ran {
        let mut words = vec!["apply", "--auto-approve"];
        for file in files {
            words.extend(["-f", file]);
        }
        self.bowline(&words)
    }

    /// Runs a line of shell in a container.
    pub(crate) fn exec(&self, pod: &str, container: &str, line: &str) -> Ran {
        self.bowline(&["exec", pod, "-c", container, "--", "sh", "-c", line])
    }

    /// A field of an object, by its `JSONPath`.
    #[track_caller]
    pub(crate) fn field(&self, kind: &str, name: &str, path: &str) -> String {
        let path = format!("jsonpath={{{path}}}");
        self.bowline(&["get", kind, name, "-o", &path]).ends(0).stdout.trim().to_owned()
    }

    /// A pod's row of the table: NAME, READY, STATUS and so on.
    #[track_caller]
    pub(crate) fn row(&self, pod: &str) -> Vec<String> {
        let table = self.bowline(&["get", "pod", pod, "--no-headers"]).ends(0).stdout;
        assert_eq!(table.lines().count(), 1, "{table}");
        table.split_whitespace().map(str::to_owned).collect()
    }
}
