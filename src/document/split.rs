//! One stream to its documents, by their `---` lines, so that a fault in one hides nothing of the others.

/// A document's text and where it starts in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunk<'t> {
    /// The text, with its `---` line.
    pub(crate) text: &'t str,
    /// The byte at which it starts.
    pub(crate) start: usize,
}

/// Splits at the lines that start a document, into so many chunks at most; those of nothing but comments and directives
/// are left out.
///
/// YAML allows `---` at the start of a line nowhere else, not even within a quoted or a block scalar.
pub(crate) fn split(text: &str, most: usize) -> Vec<Chunk<'_>> {
    let text_start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (mut chunks, mut start, mut at) = (Vec::new(), text_start, text_start);
    for line in text[text_start..].split_inclusive('\n') {
        if starts_document(line) {
            add(Chunk { text: &text[start..at], start }, most, &mut chunks);
            start = at;
        }
        at += line.len();
    }
    add(Chunk { text: &text[start..], start }, most, &mut chunks);
    chunks
}

/// Adds the documents of a chunk that says something, as long as there is room.
fn add<'t>(chunk: Chunk<'t>, most: usize, chunks: &mut Vec<Chunk<'t>>) {
    if chunks.len() < most && chunk.text.lines().any(says_something) {
        let room = most - chunks.len();
        chunks.extend(json_values(chunk, room));
    }
}

/// JSON objects that follow one another without a mark between them, as kubectl reads them; any other text stays whole.
fn json_values(chunk: Chunk<'_>, most: usize) -> Vec<Chunk<'_>> {
    let is_object = |text: &str| {
        let inside = text.trim_start().strip_prefix('{').map(str::trim_start);
        inside.is_some_and(|inside| inside.starts_with(['"', '}']))
    };
    let (mut values, mut rest) = (Vec::new(), chunk);
    while values.len() + 1 < most && is_object(rest.text) {
        let Some(end) = object_end(rest.text) else { break };
        let (first, after) = rest.text.split_at(end);
        if !is_object(after) {
            break;
        }
        values.push(Chunk { text: first, start: rest.start });
        rest = Chunk { text: after, start: rest.start + end };
    }
    values.push(rest);
    values
}

/// The byte after the brace that closes the first one.
fn object_end(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted && depth <= 1 => return Some(at + 1),
            b'}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    None
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
        let chunks: Vec<_> = split(text, 9).iter().map(|c| (c.start, c.text)).collect();
        assert_eq!(chunks, [(7, "---\na: 1\n"), (31, "--- {b: 2}\n---x: 3\n")]);
        assert_eq!(&text[31..], chunks[1].1);
    }

    #[test]
    fn json_objects_may_follow_one_another() {
        let text = "{\"a\": {\"b\": \"}{\\\"\"}}\n{\"c\": 1}{}\n";
        let chunks: Vec<_> = split(text, 9).iter().map(|c| (c.start, c.text)).collect();
        assert_eq!(
            chunks,
            [(0, "{\"a\": {\"b\": \"}{\\\"\"}}"), (20, "\n{\"c\": 1}"), (29, "{}\n")]
        );
        for whole in ["{a: 1}\n{b: 2}", "{\"a\": 1}\nb: 2", "{\"a\": 1", "a: {}\n{}"] {
            assert_eq!(split(whole, 9), [Chunk { text: whole, start: 0 }]);
        }
        assert_eq!(split("{}{}{}{}", 2).len(), 2);
        assert_eq!(split("a\n---\nb\n---\nc", 2).len(), 2);
    }

    #[test]
    fn a_mark_of_byte_order_and_directives_are_no_document() {
        assert_eq!(split("\u{feff}a: 1", 9), [Chunk { text: "a: 1", start: 3 }]);
        assert_eq!(split("%YAML 1.1\n---\na: 1", 9)[0].start, 10);
        assert_eq!(split(" \n# x\n", 9), []);
    }
}
