//! The few lines around a place that a finding shows, however long the lines are.
//!
//! miette draws what it is given, and cannot draw a column beyond 65535. So it is given no more of a long line than
//! stands around the place; line and column in its heading are those of the whole text.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::source::{SourceText, Span};

/// The longest line, and the longest range of several lines, that is shown whole; in bytes.
const LONGEST: usize = 1000;
/// How much is shown before and after a place in a longer line; in bytes.
const MARGIN: usize = 50;
/// How much of a range is marked on its first line; in bytes.
const MARKED: usize = 200;

/// How many lines may lie between what is shown of two places for them to be shown in one piece.
const NEAR: usize = 8;

impl SourceText {
    /// As much of a range as is marked; it keeps its beginning.
    pub(super) fn marked(&self, span: Span) -> Span {
        let text = self.text();
        let start = text.floor_char_boundary(span.start);
        let end = text.floor_char_boundary(span.end).max(start);
        let first = text[start..end].bytes().take(MARKED + 1).position(|byte| byte == b'\n');
        let most = match first {
            Some(_) => LONGEST,
            None => MARKED,
        };
        Span::new(start, text.floor_char_boundary(end.min(start + most)))
    }
}

impl SourceCode for SourceText {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.text();
        let asked = Span::new(span.offset(), span.offset().saturating_add(span.len()));
        // What is too long is the range of two places together: they are then shown one by one.
        if text.get(asked.start..asked.end).is_none_or(|asked| asked.len() > LONGEST) {
            return Err(MietteError::OutOfBounds);
        }
        let shown = around(text, asked, before, after);
        let data = &text[shown.start..shown.end];
        let (line, column) = self.position(shown.start);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name().to_owned(),
            data.as_bytes(),
            shown.into(),
            line - 1,
            column - 1,
            data.lines().count() + NEAR,
        )))
    }
}

/// The lines of a range and some around it, as far as they are short.
fn around(text: &str, asked: Span, before: usize, after: usize) -> Span {
    if before == 0 && after == 0 {
        return asked;
    }
    let near = Span::new(
        text.floor_char_boundary(asked.start.saturating_sub(MARGIN)),
        text.ceil_char_boundary(asked.end + MARGIN),
    );
    let (mut start, mut end) = (line_start(text, asked.start), line_end(text, asked.end));
    let is_one_line = !text[asked.start..asked.end].contains('\n');
    if let (true, Some(first), Some(last)) = (is_one_line, start, end)
        && last - first > LONGEST
    {
        start = start.filter(|start| *start >= near.start);
        end = end.filter(|end| *end <= near.end);
    }
    let start = start.map_or(near.start, |start| {
        let above = |start: usize| line_start(text, start.checked_sub(1)?);
        std::iter::successors(Some(start), |start| above(*start))
            .take(before + 1)
            .last()
            .unwrap_or(start)
    });
    let end = end.map_or(near.end, |end| {
        let below = |end: usize| line_end(text, end).filter(|_| end < text.len());
        std::iter::successors(Some(end), |end| below(*end)).take(after + 1).last().unwrap_or(end)
    });
    Span::new(start, end)
}

/// Where the line of a byte begins, unless that is far away.
fn line_start(text: &str, byte: usize) -> Option<usize> {
    let from = byte.saturating_sub(LONGEST);
    let newline = text.as_bytes()[from..byte].iter().rposition(|byte| *byte == b'\n');
    newline.map(|at| from + at + 1).or((from == 0).then_some(0))
}

/// Where the line of a byte ends, its end included, unless that is far away.
fn line_end(text: &str, byte: usize) -> Option<usize> {
    let to = text.len().min(byte + LONGEST);
    let newline = text.as_bytes()[byte..to].iter().position(|byte| *byte == b'\n');
    newline.map(|at| byte + at + 1).or((to == text.len()).then_some(to))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;
    use crate::document::{Finding, Place, Severity, Source};

    fn drawn(text: &str, span: Span, also: Span) -> String {
        let source = SourceText::new(&Source::new("x.json", text));
        let finding = Finding::new(Severity::Error, "x", "wrong", Place { source, span })
            .with_also(also, "first here");
        let mut out = String::new();
        miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
            .render_report(&mut out, &finding)
            .unwrap();
        out
    }

    #[test]
    fn of_a_long_line_only_what_is_around_a_place_is_shown() {
        let text = format!(
            "[\n{}{}\"here\": 1, \"more\": {}]\n]\n",
            "{\"a\": 1}, ".repeat(9),
            "{\"é\": 1}, ".repeat(9999),
            "1".repeat(99_999)
        );
        let at = text.find("here").unwrap();
        assert_snapshot!(drawn(&text, Span::new(at, at + 4), Span::new(3, 4)), @r#"
        x

          x wrong
           ,-[x.json:2:2]
         1 | [
         2 | {"a": 1}, {"a": 1}, {"a": 1}, {"a": 1}, {"a": 1}, {"
           :  |
           :  `-- first here
           `----
           ,-[x.json:2:100082]
         2 |  1}, {"é": 1}, {"é": 1}, {"é": 1}, {"é": 1}, "here": 1, "more": 111111111111111111111111111111111111
           :                                               ^^|^
           :                                                 `-- here
           `----
        "#);
    }

    #[test]
    fn a_long_range_is_marked_in_part() {
        let text = format!("a: {}\nb: |\n{}c: 1\n", "x".repeat(300), "  y\n".repeat(1000));
        let shown = drawn(&text, Span::new(3, 303), Span::new(304, 4304));
        assert!(shown.lines().count() < 270, "{shown}");
        assert!(shown.contains("x.json:1:4"), "{shown}");
    }

    proptest! {
        #[test]
        fn whatever_the_lines_every_place_is_drawn(
            lines in prop::collection::vec(("[aé\\t\\r漢 ]{0,3}", 0..800_usize), 1..8),
            ends in prop::collection::vec(0..4000_usize, 4),
        ) {
            let text: String = lines.iter().map(|(word, times)| word.repeat(*times) + "\n").collect();
            let at = |end: usize| text.floor_char_boundary(end % (text.len() + 1));
            let span = |one: usize, other: usize| {
                Span::new(at(ends[one]).min(at(ends[other])), at(ends[one]).max(at(ends[other])))
            };
            let shown = drawn(&text, span(0, 1), span(2, 3));
            let source = SourceText::new(&Source::new("x.json", text.as_str()));
            let (line, column) = source.position(span(0, 1).start);
            let heading = format!("x.json:{line}:{column}]");
            prop_assert!(shown.contains(&heading), "{heading}\n{shown}");
            prop_assert!(shown.lines().all(|line| line.chars().count() < 20_000));
        }
    }
}
