//! One stream to its documents, by their `---` lines, so that a fault in one hides nothing of the others.

/// A document's text and where it starts in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunk<'t> {
    /// The text, with its `---` line.
    pub(crate) text: &'t str,
    /// The byte at which it starts.
    pub(crate) start: usize,
}

/// Splits at the lines that start a document; chunks of nothing but comments and directives are left out.
///
/// YAML allows `---` at the start of a line nowhere else, not even within a quoted or a block scalar.
pub(crate) fn split(text: &str) -> Vec<Chunk<'_>> {
    let text_start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mut chunks, mut start, mut at) = (Vec::new(), text_start, text_start);
    for line in text[text_start..].split_inclusive('\n') {
        if starts_document(line) {
            chunks.push(Chunk { text: &text[start..at], start });
            start = at;
        }
        at += line.len();
    }
    chunks.push(Chunk { text: &text[start..], start });
    chunks.retain(|chunk| chunk.text.lines().any(says_something));
    chunks
}

fn starts_document(line: &str) -> bool {
    line.strip_prefix("---")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

fn says_something(line: &str) -> bool {
    let line = line.trim();
    !(line.is_empty() || line == "---" || line.starts_with(['#', '%']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_keep_their_place() {
        let text = "# head\n---\na: 1\n---\r\n# nothing\n--- {b: 2}\n---x: 3\n";
        let chunks: Vec<_> = split(text).iter().map(|c| (c.start, c.text)).collect();
        assert_eq!(chunks, [(7, "---\na: 1\n"), (31, "--- {b: 2}\n---x: 3\n")]);
        assert_eq!(&text[31..], chunks[1].1);
    }

    #[test]
    fn a_mark_of_byte_order_and_directives_are_no_document() {
        assert_eq!(split("\u{feff}a: 1"), [Chunk { text: "a: 1", start: 3 }]);
        assert_eq!(split("%YAML 1.1\n---\na: 1")[0].start, 10);
        assert_eq!(split(" \n# x\n"), []);
    }
}
