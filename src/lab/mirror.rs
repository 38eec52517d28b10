//! Which Debian mirror the base comes from: the machine's own, if it has one.

use std::fs;
use std::path::Path;

/// Debian's own, a content network.
const DEFAULT: &str = "http://deb.debian.org/debian";

/// The mirror that the machine's own apt sources name, else Debian's.
pub(super) fn mirror() -> String {
    let os = fs::read_to_string("/etc/os-release").unwrap_or_default();
    // Another distribution's mirror has no Debian, whatever its path says.
    if !os.lines().any(|l| l == "ID=debian" || l == "ID=\"debian\"") {
        return DEFAULT.to_owned();
    }
    let mut text = fs::read_to_string("/etc/apt/sources.list").unwrap_or_default();
    let mut files: Vec<_> = fs::read_dir("/etc/apt/sources.list.d")
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .filter(|p| is_source(p))
        .collect();
    files.sort();
    for file in files {
        text.push('\n');
        text.push_str(&fs::read_to_string(file).unwrap_or_default());
    }
    first(&text).unwrap_or_else(|| DEFAULT.to_owned())
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "sources" || e == "list")
}

/// The first mirror of Debian's main archive in a text of apt sources, of either format.
///
/// Archives of other suppliers and of security updates have other paths than `/debian`.
fn first(sources: &str) -> Option<String> {
    for line in sources.lines() {
        let line = line.trim();
        if !(line.starts_with("URIs:") || line.starts_with("deb ")) {
            continue;
        }
        for word in line.split_whitespace() {
            let word = word.trim_end_matches('/');
            let http = word.starts_with("http://") || word.starts_with("https://");
            if http && word.ends_with("/debian") {
                return Some(word.to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_read() {
        let deb822 = "Types: deb\n# http://snapshot.example/debian\nURIs: http://mirror.example/debian/\nSuites: trixie\n";
        assert_eq!(first(deb822).as_deref(), Some("http://mirror.example/debian"));
        let list = "deb [arch=amd64] https://mirror.example/debian bookworm main\n";
        assert_eq!(first(list).as_deref(), Some("https://mirror.example/debian"));
    }

    #[test]
    fn other_archives_are_no_mirrors() {
        let other = "deb http://security.example/debian-security trixie-security main\n\
                     deb https://packages.example/apt stable main\n# deb http://old.example/debian x main\n";
        assert_eq!(first(other), None);
    }
}
