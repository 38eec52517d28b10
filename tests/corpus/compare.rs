//! Where the reader and the outside judge differ, and who is right as far as a person has looked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::documents::{Document, Outcome, Refusal};
use super::judge::{Judged, Verdicts};

/// The reviewed differences: `ours` or `judge`, the document, and why, separated by tabs.
const REVIEWED: &str = include_str!("differences.tsv");

/// Who is right about a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    Ours,
    Judge,
}

/// What comes of comparing.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    agreed: usize,
    /// Documents of kinds that are read and that the API server would accept: how many, and how many are accepted.
    acceptable: usize,
    accepted: usize,
    /// Differences that nobody has reviewed.
    open: Vec<String>,
    /// Reviewed differences, by who is right.
    reviewed: BTreeMap<&'static str, usize>,
    /// Reviewed documents on which there is no difference any more.
    settled: Vec<String>,
    /// Documents that the judge has no schema for, by what became of them here.
    unjudged: BTreeMap<&'static str, usize>,
    /// Those of them that are refused.
    unjudged_refused: Vec<String>,
}

/// Compares document by document.
pub(crate) fn compare(documents: &[Document], verdicts: &Verdicts) -> Comparison {
    let reviewed = reviewed();
    let mut comparison = Comparison::default();
    let mut seen = BTreeSet::new();
    for document in documents.iter().filter(|document| !document.is_unlisted()) {
        let Some(verdict) = verdicts.on(&document.path, document.line) else { continue };
        let judge_accepts = match verdict.judged {
            Judged::Accepted => true,
            Judged::Refused => false,
            Judged::Unknown | Judged::Unreadable => {
                *comparison.unjudged.entry(outcome(document)).or_default() += 1;
                if let Outcome::Refused(refusals) = &document.outcome {
                    let what = format!("{} {}", verdict.api_version, verdict.kind);
                    comparison.unjudged_refused.push(refused(&document.at(), &what, refusals));
                }
                continue;
            }
        };
        let at = document.at();
        let right = (judge_accepts == document.is_refused()).then(|| reviewed.get(at.as_str()));
        // Where they agree, that is what the API server does, as far as can be told here.
        let acceptable = match right {
            Some(Some(Right::Ours)) => !document.is_refused(),
            None | Some(Some(Right::Judge) | None) => judge_accepts,
        };
        comparison.acceptable += usize::from(acceptable);
        comparison.accepted += usize::from(acceptable && !document.is_refused());
        match right {
            None => comparison.agreed += 1,
            Some(Some(Right::Ours)) => {
                *comparison.reviewed.entry("ours is right").or_default() += 1;
            }
            Some(Some(Right::Judge)) => {
                *comparison.reviewed.entry("the judge is right").or_default() += 1;
            }
            Some(None) => {
                let what = format!("{} {}", verdict.api_version, verdict.kind);
                comparison.open.push(match &document.outcome {
                    Outcome::Refused(refusals) => refused(&at, &what, refusals),
                    Outcome::Accepted | Outcome::WithNotices | Outcome::Empty => {
                        format!("{at}\t{what}\taccepted; the judge: {}", verdict.message)
                    }
                });
            }
        }
        if right.is_some() {
            seen.insert(at);
        }
    }
    comparison.settled =
        reviewed.keys().filter(|at| !seen.contains(**at)).map(|at| (*at).to_owned()).collect();
    comparison
}

fn refused(at: &str, what: &str, refusals: &[Refusal]) -> String {
    let (first, more) = (&refusals[0], refusals.len() - 1);
    let Refusal { code, line, message } = first;
    format!("{at}\t{what}\trefused at line {line} ({code}): {message} (+{more})")
}

fn outcome(document: &Document) -> &'static str {
    match document.outcome {
        Outcome::Accepted => "accepted",
        Outcome::WithNotices => "accepted with notices",
        Outcome::Refused(_) => "refused",
        Outcome::Empty => "empty",
    }
}

fn reviewed() -> BTreeMap<&'static str, Right> {
    let lines = REVIEWED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut fields = line.splitn(3, '\t');
            let right = match fields.next() {
                Some("ours") => Right::Ours,
                Some("judge") => Right::Judge,
                _ => panic!("differences.tsv: begin with ours or judge: {line}"),
            };
            let at = fields.next().unwrap();
            assert!(
                fields.next().is_some_and(|why| !why.is_empty()),
                "differences.tsv: say why: {line}"
            );
            (at, right)
        })
        .collect()
}

impl Comparison {
    /// The differences that nobody has reviewed.
    pub(crate) fn open(&self) -> &[String] {
        &self.open
    }

    /// The share of acceptable documents that are accepted.
    #[expect(clippy::cast_precision_loss, reason = "counts of files are small")]
    pub(crate) fn share(&self) -> f64 {
        self.accepted as f64 / self.acceptable.max(1) as f64
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            agreed,
            acceptable,
            accepted,
            open,
            reviewed,
            settled,
            unjudged,
            unjudged_refused,
        } = self;
        writeln!(f, "agreed with the judge on {agreed} documents of kinds that are read")?;
        for (who, count) in reviewed {
            writeln!(f, "differed, {who}: {count}")?;
        }
        for (outcome, count) in unjudged {
            writeln!(f, "no schema or no object to the judge, {outcome} here: {count}")?;
        }
        unjudged_refused.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        writeln!(f, "differed, not reviewed: {}", open.len())?;
        open.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        if !settled.is_empty() {
            writeln!(
                f,
                "reviewed, but not in this corpus or no difference any more: {}",
                settled.len()
            )?;
            settled.iter().try_for_each(|at| writeln!(f, "  {at}"))?;
        }
        let share = self.share() * 100.0;
        write!(
            f,
            "{accepted} of {acceptable} documents that the API server would accept are accepted: {share:.2} %"
        )
    }
}
