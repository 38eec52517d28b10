//! Every file of a corpus of real manifests is read; each document ends accepted, accepted with notices, or refused at a
//! line, and the verdicts are compared with an outside judge's.
//!
//! `BOWLINE_CORPUS` names the folder. The judge is `kubernetes-validate --strict` by way of `bench/judge.py`, which needs
//! python3 and the package registry the first time; `BOWLINE_JUDGE` names a file of its verdicts to use instead.
//! Run with `--nocapture` to see the tables.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests read files, print what they found, and fail where something is wrong"
)]

mod compare;
mod documents;
mod judge;
mod speed;
mod table;

use std::path::PathBuf;

use documents::{Outcome, documents};

/// The corpus, or `None` with a loud word when there is none.
fn corpus() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("BOWLINE_CORPUS") else {
        println!("SKIPPED: BOWLINE_CORPUS names no folder of manifests, so none were read");
        return None;
    };
    let folder = PathBuf::from(folder);
    assert!(folder.is_dir(), "BOWLINE_CORPUS is no folder: {}", folder.display());
    Some(folder)
}

/// The corpus' files by their names within it.
fn files(folder: &std::path::Path) -> Vec<(String, String)> {
    let (mut files, mut left) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        if bowline::manifest::is_manifest_name(&name) {
            let bytes = std::fs::read(&path).unwrap();
            files.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    files.sort();
    assert!(!files.is_empty(), "no manifests in {}", folder.display());
    files
}

/// The least share of the documents that a real API server would accept, of kinds that are read, that must be accepted.
const LEAST_ACCEPTED: f64 = 0.99;

#[test]
fn every_document_is_accepted_or_refused_at_its_place() {
    let Some(folder) = corpus() else { return };
    let files = files(&folder);
    let verdicts = judge::verdicts(&folder);
    let mut all = Vec::new();
    for (name, text) in &files {
        let lines = verdicts.as_ref().and_then(|verdicts| verdicts.lines_of(name));
        all.extend(documents(name, text, lines));
    }
    for document in &all {
        if let Outcome::Refused(refusals) = &document.outcome {
            for refusal in refusals {
                assert!(
                    refusal.line > 0 && !refusal.message.is_empty(),
                    "{}: {refusal:?}",
                    document.at()
                );
            }
        }
    }
    println!("{}", table::by_kind(&all));
    let Some(verdicts) = verdicts else { return };
    let comparison = compare::compare(&all, &verdicts);
    println!("{comparison}");
    let open = comparison.open();
    assert!(open.is_empty(), "{} differences that nobody has reviewed: {open:#?}", open.len());
    let share = comparison.share();
    assert!(share >= LEAST_ACCEPTED, "only {:.2} % are accepted", share * 100.0);
}
