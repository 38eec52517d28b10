//! What is wrong with a text, and where: as a diagnostic for people and as a record for programs.

use std::fmt::{self, Write as _};

use miette::{Diagnostic, LabeledSpan, SourceCode};
use serde::Serialize;

use super::source::{Place, SourceText, Span, printable};
use crate::model::ObjectKey;

/// How many findings of one kind of check a document can have: more are no help to a person, and hostile text could
/// have millions.
pub(crate) const MAX_FINDINGS: usize = 100;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is done until it is put right.
    Error,
    /// It is read, but probably not as meant.
    Warning,
    /// It is read and kept, but not carried out.
    Notice,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        })
    }
}

/// One thing that is wrong or worth knowing, and its place in the source.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// A stable name of what is wrong, such as `unknown-field`.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What stands at the place, in a few words.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The object that it is about, if it is known.
    pub object: Option<ObjectKey>,
    /// The path of the field within the object; empty for the whole of it.
    pub path: String,
    /// The source.
    pub source: SourceText,
    /// The place in the source.
    pub span: Span,
    /// What the source is a part of, for moving the finding.
    whole: SourceText,
    /// A second place in the same source that belongs to it, and what stands there.
    pub also: Option<(Span, String)>,
}

impl Finding {
    /// Builds a finding; whatever would steer a terminal is taken out of the message.
    pub fn new(
        severity: Severity,
        code: &'static str,
        message: impl AsRef<str>,
        place: Place,
    ) -> Self {
        let whole = place.source;
        let place = whole.place(place.span);
        Self {
            severity,
            code,
            message: printable(message.as_ref()),
            label: "here".to_owned(),
            help: None,
            object: None,
            path: String::new(),
            source: place.source,
            span: place.span,
            whole,
            also: None,
        }
    }

    /// Says what stands at the place.
    #[must_use]
    pub fn with_label(mut self, label: impl AsRef<str>) -> Self {
        self.label = printable(label.as_ref());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl AsRef<str>) -> Self {
        self.help = Some(printable(help.as_ref()));
        self
    }

    /// Says which object it is about.
    #[must_use]
    pub fn with_object(mut self, object: Option<ObjectKey>) -> Self {
        self.object = object;
        self
    }

    /// Says which field it is about.
    #[must_use]
    pub fn with_path(mut self, path: impl AsRef<str>) -> Self {
        self.path = printable(path.as_ref());
        self
    }

    /// Moves the finding to another place in its source.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        let place = self.whole.place(span);
        (self.source, self.span) = (place.source, place.span);
        self
    }

    /// Shows it in another spelling of its source, which must be a whole one.
    pub(super) fn show_in(&mut self, source: &SourceText) {
        self.source = source.clone();
        self.whole = source.clone();
    }

    /// Adds a second place of the same source.
    #[must_use]
    pub fn with_also(self, span: Span, label: impl AsRef<str>) -> Self {
        let place = self.whole.place(span);
        self.with_also_at(&place, label)
    }

    /// Adds a second place; one of another source is told in the message, since it cannot be shown beside the first.
    #[must_use]
    pub fn with_also_at(mut self, place: &Place, label: impl AsRef<str>) -> Self {
        let label = printable(label.as_ref());
        if place.source.is(&self.source) {
            self.also = Some((place.span, label));
        } else {
            let (line, _) = place.source.position(place.span.start);
            let _ = write!(self.message, " ({label}: {}:{line})", place.source.name());
        }
        self
    }

    /// Whether nothing is done until it is put right.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The record that `lint -o json` writes.
    pub fn view(&self) -> FindingView<'_> {
        let (line, column) = self.source.position(self.span.start);
        let object = self.object.as_ref();
        FindingView {
            severity: self.severity,
            code: self.code,
            message: &self.message,
            file: self.source.name(),
            line,
            column,
            kind: object.map(|key| key.kind.as_str()),
            namespace: object.map(|key| key.namespace.as_str()).filter(|ns| !ns.is_empty()),
            name: object.map(|key| key.name.as_str()),
            path: &self.path,
        }
    }
}

/// A finding as programs read it.
#[derive(Clone, Debug, Serialize)]
pub struct FindingView<'a> {
    severity: Severity,
    code: &'static str,
    message: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    kind: Option<&'a str>,
    namespace: Option<&'a str>,
    name: Option<&'a str>,
    path: &'a str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Finding {}

impl Diagnostic for Finding {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Notice => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let marked = |span| self.source.marked(span);
        let main = LabeledSpan::new_primary_with_span(Some(self.label.clone()), marked(self.span));
        let also = self.also.iter().map(move |(span, label)| {
            LabeledSpan::new_with_span(Some(label.clone()), marked(*span))
        });
        Some(Box::new(std::iter::once(main).chain(also)))
    }
}

/// Findings as one error: every one is shown in the user's own text.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was found, in the order of the text.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The findings, each a diagnostic of its own.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.findings.iter()
    }
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |severity| self.findings.iter().filter(|x| x.severity == severity).count();
        let mut parts = Vec::new();
        for (severity, one, more) in [
            (Severity::Error, "error", "errors"),
            (Severity::Warning, "warning", "warnings"),
            (Severity::Notice, "notice", "notices"),
        ] {
            match count(severity) {
                0 => {}
                1 => parts.push(format!("1 {one}")),
                many => parts.push(format!("{many} {more}")),
            }
        }
        f.write_str(&if parts.is_empty() { "nothing found".to_owned() } else { parts.join(", ") })
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.findings.iter().map(|finding| finding as &dyn Diagnostic)))
    }
}
