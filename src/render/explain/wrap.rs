//! Text in lines of a width.

/// Breaks lines that are longer than `width` between words, and indents all of them; ends with a line end.
///
/// Line ends of the text stay. A word that is longer than a line has a line of its own.
pub(super) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let indent = " ".repeat(indent);
    let mut out = String::new();
    for line in text.trim_end().lines() {
        for piece in pieces(line, width) {
            let piece = piece.trim_end();
            if !piece.is_empty() {
                out.push_str(&indent);
                out.push_str(piece);
            }
            out.push('\n');
        }
    }
    out
}

/// A line in pieces of at most the width, without the white space between them.
fn pieces(line: &str, width: usize) -> Vec<&str> {
    let (mut found, mut start, mut end) = (Vec::new(), 0, 0);
    for word in line.split_whitespace() {
        let at = word.as_ptr() as usize - line.as_ptr() as usize;
        let long = line[start..at + word.len()].chars().count() > width;
        if long && at - start > 1 {
            found.push(&line[start..end]);
            start = at;
        }
        end = at + word.len();
    }
    found.push(&line[start..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole() {
        assert_eq!(wrapped("one two three", 7, 0), "one two\nthree\n");
        assert_eq!(wrapped("one two three", 13, 2), "  one two three\n");
        assert_eq!(wrapped("a incomprehensibilities b", 7, 0), "a\nincomprehensibilities\nb\n");
        assert_eq!(wrapped("one\n\ntwo \n", 7, 1), " one\n\n two\n");
        assert_eq!(wrapped("", 7, 1), "");
        assert_eq!(wrapped("é é é é", 3, 0), "é é\né é\n");
    }

    #[test]
    fn space_before_the_first_word_stays() {
        assert_eq!(wrapped("  one two", 6, 0), "  one\ntwo\n");
        assert_eq!(wrapped("\tone", 6, 0), "\tone\n");
    }
}
