//! The text that was read, made safe to show, and places in it.

use std::sync::{Arc, OnceLock};

use miette::SourceSpan;

use super::position::Marks;

/// A file as it was read, before anything is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What to call it: a path, or `-` for standard input.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// Names a text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}

/// A range of bytes in a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// Builds a range; an end before the start makes it empty.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The range from the start of this one to the end of another.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start, other.end)
    }
}

impl From<Span> for SourceSpan {
    fn from(span: Span) -> Self {
        Self::new(span.start.into(), span.end - span.start)
    }
}

/// A source that findings can show: shared, and without anything that would steer a terminal.
///
/// Byte offsets are those of the text as read: a control character is replaced by a visible one of equal length.
///
/// Several sources may be joined to one, for what is put together of them: the bytes of each then follow on those of
/// the one before, and [`Self::place`] tells which one a byte belongs to.
#[derive(Clone, Debug)]
pub struct SourceText {
    named: Arc<Named>,
    /// The sources after the first, each with the byte at which it begins.
    more: Option<Arc<[(usize, Self)]>>,
}

/// A text that is safe to show, and its name.
#[derive(Debug)]
struct Named {
    name: String,
    text: String,
    /// Counted when the first place is asked for.
    marks: OnceLock<Marks>,
}

impl Named {
    fn shared(name: String, text: String) -> Arc<Self> {
        Arc::new(Self { name, text, marks: OnceLock::new() })
    }
}

impl SourceText {
    /// Takes the text of a source.
    pub fn new(source: &Source) -> Self {
        Self { named: Named::shared(printable(&source.name), visible(&source.text)), more: None }
    }

    /// One source of several, which are not joined ones themselves; the first gives it its name.
    ///
    /// # Panics
    ///
    /// Without any source.
    pub(super) fn joined(sources: Vec<Self>) -> Self {
        let mut sources = sources.into_iter();
        #[expect(clippy::expect_used, reason = "documented")]
        let first = sources.next().expect("there is a source");
        // One byte between two, so that the end of one is not the beginning of the next.
        let mut end = first.text().len() + 1;
        let more: Arc<[_]> = sources
            .map(|source| {
                let start = end;
                end += source.text().len() + 1;
                (start, source)
            })
            .collect();
        Self { more: (!more.is_empty()).then_some(more), ..first }
    }

    /// The source that a range belongs to, and the range in it.
    pub fn place(&self, span: Span) -> Place {
        let more = self.more.as_deref().unwrap_or_default();
        match more.iter().rev().find(|(start, _)| *start <= span.start) {
            Some((start, source)) => {
                let span = Span::new(span.start - start, span.end.saturating_sub(*start));
                Place { source: source.clone(), span }
            }
            None => Place { source: Self { named: self.named.clone(), more: None }, span },
        }
    }

    /// The range in this source that a place in one of its parts is.
    pub(super) fn span_of(&self, place: &Place) -> Span {
        let more = self.more.as_deref().unwrap_or_default();
        let start = more.iter().find(|(_, source)| source.is(&place.source));
        let start = start.map_or(0, |(start, _)| *start);
        Span::new(place.span.start + start, place.span.end + start)
    }

    /// The source's name.
    pub fn name(&self) -> &str {
        &self.named.name
    }

    /// The text, safe to show.
    pub fn text(&self) -> &str {
        &self.named.text
    }

    /// Line and column of a byte, both from one; the column counts characters.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let text = self.text();
        let position = self.named.marks.get_or_init(|| Marks::of(text)).position(text, byte);
        (position.line + 1, position.column + 1)
    }

    /// The same source with `*` for every character in these ranges, spaces and line ends kept, so that every place stays
    /// where it was. What is hidden already stays the very same source.
    #[must_use]
    pub fn masked(&self, spans: &[Span]) -> Self {
        let more = self.more.as_deref().unwrap_or_default();
        let own_end = more.first().map_or(usize::MAX, |(start, _)| *start);
        let own = spans.iter().copied().filter(|span| span.start < own_end);
        let named = match stars(self.text(), own.collect()) {
            Some(text) => Named::shared(self.name().to_owned(), text),
            None => self.named.clone(),
        };
        let ends = more.iter().skip(1).map(|(start, _)| *start).chain([usize::MAX]);
        let parts = more.iter().zip(ends).map(|((start, source), end)| {
            let inside = spans.iter().filter(|span| (*start..end).contains(&span.start));
            let inside = inside.map(|span| Span::new(span.start - start, span.end - start));
            (*start, source.masked(&inside.collect::<Vec<_>>()))
        });
        let parts: Option<Arc<[_]>> = self.more.is_some().then(|| parts.collect());
        Self { named, more: parts }
    }

    /// Whether both are the same source, not merely equal ones.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.named, &other.named)
    }
}

/// A place in a source.
#[derive(Clone, Debug)]
pub struct Place {
    /// The source.
    pub source: SourceText,
    /// The bytes meant.
    pub span: Span,
}

impl Place {
    /// Whether both are the same range of the same source.
    pub fn is(&self, other: &Self) -> bool {
        self.source.is(&other.source) && self.span == other.span
    }
}

/// A text with `*` in some ranges; `None` where they hold nothing else.
fn stars(text: &str, mut spans: Vec<Span>) -> Option<String> {
    let hidden = |c: char| matches!(c, '\n' | '\r' | ' ' | '\t' | '*');
    spans.retain(|span| {
        text.get(span.start..span.end).is_some_and(|inside| !inside.chars().all(hidden))
    });
    if spans.is_empty() {
        return None;
    }
    spans.sort_unstable();
    let (mut shown, mut at) = (String::with_capacity(text.len()), 0);
    for span in spans {
        let from = span.start.max(at);
        let (Some(before), Some(inside)) = (text.get(at..from), text.get(from..span.end)) else {
            continue;
        };
        shown.push_str(before);
        for c in inside.chars() {
            if hidden(c) {
                shown.push(c);
            } else {
                shown.extend(std::iter::repeat_n('*', c.len_utf8()));
            }
        }
        at = span.end;
    }
    shown.push_str(text.get(at..)?);
    Some(shown)
}

/// Whether a terminal may do anything else with a character than show it.
pub(crate) fn steers(c: char) -> bool {
    let layout =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    layout || (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
}

/// Shows what steers as an escape, on one line: for messages.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) || matches!(c, '\n' | '\t' | '\r') {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Replaces what steers by something of equal length in bytes.
fn visible(text: &str) -> String {
    let replace = |c: char| match (steers(c), c.len_utf8()) {
        (false, _) => c,
        (true, 1) => '?',
        (true, 2) => '\u{bf}',
        (true, _) => '\u{fffd}',
    };
    text.chars().map(replace).collect()
}

/// A text as it stands in a message: in backquotes, printable, and not longer than a line.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("`{}`", printable(&shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_keeps_its_length_and_loses_its_power() {
        let text = "a: \u{1b}[31m\u{9b}\u{202e}\n";
        let shown = SourceText::new(&Source::new("x\u{1b}", text));
        assert_eq!(shown.text().len(), text.len());
        assert_eq!(shown.text(), "a: ?[31m\u{bf}\u{fffd}\n");
        assert_eq!(shown.name(), "x\\u{1b}");
    }

    #[test]
    fn a_mask_keeps_every_place() {
        let shown = SourceText::new(&Source::new("x", "a: é\n  b\nc: 1\n"));
        let masked = shown.masked(&[Span::new(3, 9), Span::new(13, 99)]);
        assert_eq!(masked.text(), "a: **\n  *\nc: 1\n");
        assert_eq!(masked.name(), "x");
    }

    #[test]
    fn positions_count_characters_from_one() {
        let shown = SourceText::new(&Source::new("x", "é: 1\nb: 2\n"));
        assert_eq!(shown.position(4), (1, 4));
        assert_eq!(shown.position(6), (2, 1));
        assert_eq!(shown.position(999), (3, 1));
    }
}
