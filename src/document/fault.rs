//! The words for what is wrong with a text as YAML.

use granit_parser::{ErrorKind, ScanError};

use super::budget::{MAX_EXPANSION, MAX_EXPANSION_BYTES};
use super::finding::{Finding, Severity};
use super::source::{Place, SourceText, Span, quoted};
use super::split::Chunk;

fn error(code: &'static str, message: impl AsRef<str>, source: &SourceText, span: Span) -> Finding {
    Finding::new(Severity::Error, code, message, Place { source: source.clone(), span })
}

/// The text is larger than what is read.
pub(super) fn too_large(source: &SourceText, bytes: usize, limit: usize) -> Finding {
    let message = format!("the file has {bytes} bytes; at most {limit} are read");
    error("too-large", message, source, Span::default())
}

/// The text holds a character that YAML allows nowhere.
pub(super) fn control_character(source: &SourceText, at: usize, c: char) -> Finding {
    let message = format!("control character U+{:04X} is not allowed in YAML", u32::from(c));
    let span = Span::new(at, at + c.len_utf8());
    error("control-character", message, source, span)
        .with_help("write it as an escape in double quotes, such as \"\\e\", if it is meant")
}

/// The parser stopped.
pub(super) fn syntax(source: &SourceText, chunk: Chunk<'_>, fault: &ScanError) -> Finding {
    let at = chunk.start + fault.marker().byte_offset().unwrap_or(0).min(chunk.text.len());
    let text = source.text();
    let line_start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let indent = line.len() - line.trim_start().len();
    if let Some(tab) = line[..indent].find('\t') {
        let span = Span::new(line_start + tab, line_start + tab + 1);
        return error("syntax", "a tab cannot indent in YAML", source, span)
            .with_label("this is a tab")
            .with_help("indent with spaces");
    }
    let finding = error("syntax", format!("not YAML: {}", fault.info()), source, on_text(text, at));
    if chunk.text.contains("{{") {
        return finding.with_help(TEMPLATE);
    }
    match fault.kind() {
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => {
            finding.with_help("check the indentation: this line does not align with those before")
        }
        ErrorKind::InvalidQuotedScalarIndent => {
            finding.with_help("indent every line of a quoted text further than its key")
        }
        _ => finding,
    }
}

const TEMPLATE: &str = "it looks like a template: of a helm chart, apply what `helm template` gives; one of Jinja has a name that ends in .j2, or is read with --values";

/// A range to show for a position: the word that begins there, or the last character before the end of the line.
fn on_text(text: &str, at: usize) -> Span {
    let rest = text.get(at..).unwrap_or("");
    let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
    if word > 0 {
        return Span::new(at, at + word);
    }
    let before = text.get(..at).unwrap_or("").trim_end();
    let last = before.chars().next_back().map_or(0, char::len_utf8);
    Span::new(before.len() - last, before.len())
}

/// A key stands twice in one mapping.
pub(super) fn duplicate_key(source: &SourceText, key: &str, first: Span, second: Span) -> Finding {
    error("duplicate-key", format!("the key {} is there twice", quoted(key)), source, second)
        .with_label("again here")
        .with_also(first, "first here")
        .with_help("keep one of them")
}

/// A key is a list or a mapping.
pub(super) fn complex_key(source: &SourceText, span: Span) -> Finding {
    let finding =
        error("complex-key", "a key must be text", source, Span::new(span.start, span.start));
    let before = source.text().get(span.start.saturating_sub(1)..).unwrap_or("");
    if before.starts_with("{{") { finding.with_help(TEMPLATE) } else { finding }
}

/// A tag asks for a type that Kubernetes does not know.
pub(super) fn tag(source: &SourceText, span: Span) -> Finding {
    error(
        "tag",
        "this tag is not read: Kubernetes knows only !!str, !!int, !!float, !!bool, !!null, !!binary, !!map and !!seq",
        source,
        span,
    )
}

/// What is said to be base64 is none.
pub(super) fn binary(source: &SourceText, span: Span) -> Finding {
    error("tag", "`!!binary` asks for base64, and this is none", source, span)
}

/// An alias stands within what its anchor names.
pub(super) fn circular_alias(source: &SourceText, span: Span) -> Finding {
    error("circular-alias", "this alias names the value that it stands in", source, span)
}

/// Collections are nested too deeply.
pub(super) fn too_deep(source: &SourceText, span: Span, limit: usize) -> Finding {
    error("too-deep", format!("nested more than {limit} levels deep"), source, span)
}

/// A document has too many values.
pub(super) fn too_many(source: &SourceText, span: Span, limit: usize) -> Finding {
    error("too-large", format!("more than {limit} values in one source"), source, span)
}

/// There is more than is worth reading.
pub(super) fn rest(source: &SourceText, span: Span, documents: usize, findings: usize) -> Finding {
    let message = format!(
        "more than {documents} documents or {findings} faults: the rest of this source is not read"
    );
    error("too-large", message, source, span)
}

/// Aliases unfold to too much.
pub(super) fn expansion(source: &SourceText, span: Span) -> Finding {
    let message = format!(
        "the aliases up to here unfold to more than {MAX_EXPANSION} values or {MAX_EXPANSION_BYTES} bytes"
    );
    error("expansion", message, source, span)
}

/// `<<` is given something that cannot be merged.
pub(super) fn merge(source: &SourceText, span: Span) -> Finding {
    error("merge", "`<<` takes a mapping or a list of mappings", source, span)
}
