//! Line and column of a byte, without counting from the beginning for each.

/// How many bytes lie between two marks: few enough to count at once.
const STEP: usize = 4096;

/// Where every so many bytes of a text stand.
#[derive(Clone, Debug)]
pub(super) struct Marks(Vec<Position>);

/// A line and a column, both from zero; the column counts characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Position {
    /// Where a text that begins here ends.
    fn after(self, bytes: &[u8]) -> Self {
        let characters = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => Self {
                line: self.line + bytes.split(|byte| *byte == b'\n').count() - 1,
                column: characters(&bytes[last + 1..]),
            },
            None => Self { line: self.line, column: self.column + characters(bytes) },
        }
    }
}

impl Marks {
    /// Counts a text once.
    pub(super) fn of(text: &str) -> Self {
        let mut at = Position::default();
        let mut marks = vec![at];
        for step in text.as_bytes().chunks_exact(STEP) {
            at = at.after(step);
            marks.push(at);
        }
        Self(marks)
    }

    /// The position of a byte of that text; of one outside of it or within a character, that of the text's end.
    pub(super) fn position(&self, text: &str, byte: usize) -> Position {
        let byte = if text.is_char_boundary(byte) { byte } else { text.len() };
        let mark = (byte / STEP).min(self.0.len() - 1);
        self.0[mark].after(&text.as_bytes()[mark * STEP..byte])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_where_counting_from_the_beginning_finds_it() {
        let text = format!("é\n{}\nb\n\n{}", "né: x".repeat(3 * STEP / 6), "y\n".repeat(STEP));
        let marks = Marks::of(&text);
        for byte in (0..=text.len()).filter(|byte| text.is_char_boundary(*byte)) {
            let before = &text[..byte];
            let line = before.matches('\n').count();
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
            assert_eq!(marks.position(&text, byte), Position { line, column }, "{byte}");
        }
        assert_eq!(marks.position(&text, 1), marks.position(&text, text.len()));
        assert_eq!(marks.position(&text, usize::MAX), marks.position(&text, text.len()));
    }
}
