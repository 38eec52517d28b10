//! The outside judge's verdicts.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

/// What the judge says of one object.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Verdict {
    path: String,
    line: usize,
    pub(crate) api_version: String,
    pub(crate) kind: String,
    #[serde(rename = "verdict")]
    pub(crate) judged: Judged,
    pub(crate) message: String,
}

/// See `bench/judge.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Judged {
    Accepted,
    Refused,
    Unknown,
    Unreadable,
}

/// The verdicts on a corpus.
#[derive(Debug, Default)]
pub(crate) struct Verdicts(BTreeMap<String, BTreeMap<usize, Verdict>>);

impl Verdicts {
    /// Where the objects of a file begin; `None` when the judge could not read it to its end.
    pub(crate) fn lines_of(&self, path: &str) -> Option<Vec<usize>> {
        let verdicts = self.0.get(path)?;
        let readable = verdicts.values().all(|verdict| verdict.judged != Judged::Unreadable);
        readable.then(|| verdicts.keys().copied().collect())
    }

    /// The verdict on the object of a file that begins on a line.
    pub(crate) fn on(&self, path: &str, line: usize) -> Option<&Verdict> {
        self.0.get(path)?.get(&line)
    }
}

/// Asks the judge, or takes what it said before; `None` with a loud word when it cannot be asked.
pub(crate) fn verdicts(folder: &Path) -> Option<Verdicts> {
    let text = match std::env::var_os("BOWLINE_JUDGE") {
        Some(path) => std::fs::read_to_string(path).unwrap(),
        None => ask(folder)?,
    };
    let mut verdicts = Verdicts::default();
    for line in text.lines() {
        let verdict: Verdict = serde_json::from_str(line).unwrap();
        verdicts.0.entry(verdict.path.clone()).or_default().insert(verdict.line, verdict);
    }
    Some(verdicts)
}

fn ask(folder: &Path) -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/judge.py");
    let asked = Command::new("python3").arg(script).arg(folder).stderr(Stdio::inherit()).output();
    match asked {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).unwrap()),
        Ok(output) => skipped(&format!("it ended with {}", output.status)),
        Err(error) => skipped(&error.to_string()),
    }
}

fn skipped(why: &str) -> Option<String> {
    assert!(std::env::var_os("CI").is_none(), "the outside judge cannot be asked: {why}");
    println!("SKIPPED: the outside judge cannot be asked, so nothing is compared: {why}");
    None
}
