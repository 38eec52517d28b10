//! Text of hosts and manifests, made safe for a terminal.

/// The text without control characters, so that it can neither move the cursor nor begin a line of its own.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c == '\n' || c == '\t' { ' ' } else { c })
        .filter(|c| is_shown(*c))
        .collect()
}

/// Whether a character is shown: not one that commands a terminal, nor one that reorders what is read.
fn is_shown(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_commands_a_terminal_is_left() {
        assert_eq!(clean("a\u{1b}[2Jb\u{9b}c\r\nd\u{202e}e"), "a[2Jbc de");
    }
}
