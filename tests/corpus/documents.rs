//! A file to its documents, and what becomes of each.

use bowline::manifest::{Finding, ReadOptions, Severity, Source, read};

/// One object of a file.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) path: String,
    /// Where it begins, from one.
    pub(crate) line: usize,
    /// Its kind, as far as the reader or its text tells.
    pub(crate) kind: String,
    pub(crate) outcome: Outcome,
}

/// What becomes of a document.
#[derive(Debug)]
pub(crate) enum Outcome {
    Accepted,
    WithNotices,
    Refused(Vec<Refusal>),
    /// It holds no object: an empty list.
    Empty,
}

/// Why a document is refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Document {
    /// What the list of differences calls it.
    pub(crate) fn at(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }

    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.outcome, Outcome::Refused(_))
    }

    /// Whether it is of a kind that is not read.
    pub(crate) fn is_unlisted(&self) -> bool {
        match &self.outcome {
            Outcome::Refused(refusals) => {
                refusals.iter().any(|refusal| refusal.code == "unknown-kind")
            }
            Outcome::Accepted | Outcome::WithNotices | Outcome::Empty => false,
        }
    }
}

/// Reads a file. Objects begin at the judge's lines where it could read the file, else where the text says so.
pub(crate) fn documents(path: &str, text: &str, lines: Option<Vec<usize>>) -> Vec<Document> {
    let reading = read(&[Source::new(path, text)], &ReadOptions::default());
    let lines = lines.unwrap_or_else(|| starts(text));
    let of = |line: usize| lines.iter().rposition(|start| *start <= line).unwrap_or(0);
    let mut documents: Vec<Document> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| Document {
            path: path.to_owned(),
            line: *line,
            kind: kind(text, *line, lines.get(index + 1).copied()),
            outcome: Outcome::Empty,
        })
        .collect();
    if documents.is_empty() {
        assert!(reading.objects.is_empty(), "{path}: an object where there is no text");
        return documents;
    }
    for object in &reading.objects {
        documents[of(object.origin().line)].outcome = Outcome::Accepted;
    }
    for finding in &reading.findings {
        let (line, _) = finding.source.position(finding.span.start);
        documents[of(line)].note(finding, line);
    }
    documents
}

impl Document {
    fn note(&mut self, finding: &Finding, line: usize) {
        match (&mut self.outcome, finding.severity) {
            (Outcome::Refused(refusals), Severity::Error) => {
                refusals.push(Refusal::new(finding, line));
            }
            (outcome, Severity::Error) => {
                *outcome = Outcome::Refused(vec![Refusal::new(finding, line)]);
            }
            (outcome @ Outcome::Accepted, Severity::Warning | Severity::Notice) => {
                *outcome = Outcome::WithNotices;
            }
            (_, Severity::Warning | Severity::Notice) => {}
        }
    }
}

impl Refusal {
    fn new(finding: &Finding, line: usize) -> Self {
        Self { code: finding.code, line, message: finding.message.clone() }
    }
}

/// The first line of each part between `---` lines that says something.
fn starts(text: &str) -> Vec<usize> {
    let (mut starts, mut open) = (Vec::new(), true);
    for (index, line) in text.lines().enumerate() {
        if line.trim_end() == "---" || line.starts_with("--- ") {
            open = true;
        } else if open && !line.trim().is_empty() && !line.trim().starts_with(['#', '%']) {
            starts.push(index + 1);
            open = false;
        }
    }
    starts
}

/// The first `kind:` of a range of lines.
fn kind(text: &str, from: usize, to: Option<usize>) -> String {
    let lines = text.lines().skip(from - 1).take(to.unwrap_or(usize::MAX) - from);
    let named = lines
        .map(|line| line.trim_start_matches(['-', ' ']))
        .find_map(|line| line.strip_prefix("kind:"));
    named
        .map_or("(none)", |kind| kind.split('#').next().unwrap_or(kind).trim().trim_matches('"'))
        .to_owned()
}
