//! The names that Kubernetes allows.
//!
//! Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>

/// What holds for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// A DNS label (RFC 1123).
    Label,
    /// A DNS subdomain (RFC 1123).
    Subdomain,
    /// The name of a port (RFC 6335).
    Port,
    /// What can stand between two slashes of a URL, as names of roles do.
    Path,
    /// A DNS subdomain below `*.`.
    Wildcard,
}

impl Rule {
    /// Whether the name follows the rule, and if not, in words, what the rule is.
    pub(crate) fn check(self, name: &str) -> Result<(), String> {
        let (fits, limit, words) = match self {
            Self::Label => (
                is_label(name),
                63,
                "lowercase letters, digits and `-`, and begin and end with a letter or digit",
            ),
            Self::Subdomain => (
                name.split('.').all(is_label),
                253,
                "lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit",
            ),
            Self::Port => (
                is_label(name)
                    && name.contains(|c: char| c.is_ascii_lowercase())
                    && !name.contains("--"),
                15,
                "lowercase letters (one at least), digits and single `-`, and begin and end with a letter or digit",
            ),
            Self::Path => (
                !matches!(name, "." | "..") && !name.contains(['/', '%']),
                usize::MAX,
                "anything but `/`, `%`, `.` alone and `..`",
            ),
            Self::Wildcard => (
                name.strip_prefix("*.").is_some_and(|rest| rest.split('.').all(is_label)),
                253,
                "`*.` and lowercase letters, digits, `-` and `.` after it",
            ),
        };
        if !fits {
            return Err(format!("is not a valid name: use {words}"));
        }
        if name.len() > limit {
            return Err(format!("is too long a name: at most {limit} characters are allowed"));
        }
        Ok(())
    }
}

/// Letters, digits and dashes; the length is asked elsewhere.
fn is_label(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    name.bytes().all(|b| inner(b) || b == b'-')
        && name.bytes().next().is_some_and(inner)
        && name.bytes().last().is_some_and(inner)
}

/// Whether the key of a label or an annotation is valid, and if not, why.
pub(crate) fn label_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if let Some(prefix) = prefix {
        Rule::Subdomain.check(prefix).map_err(|_| {
            "is not a valid key: what stands before the `/` must be a DNS name".to_owned()
        })?;
    }
    if name.is_empty() || !is_label_name(name) {
        return Err(format!("is not a valid key: {LABEL_WORDS}"));
    }
    Ok(())
}

/// Whether the value of a label is valid, and if not, why.
pub(crate) fn label_value(value: &str) -> Result<(), String> {
    if value.is_empty() || is_label_name(value) {
        return Ok(());
    }
    Err(format!("is not a valid label value: {LABEL_WORDS}"))
}

const LABEL_WORDS: &str =
    "use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit";

fn is_label_name(name: &str) -> bool {
    let end = |b: u8| b.is_ascii_alphanumeric();
    name.len() <= 63
        && name.bytes().all(|b| end(b) || matches!(b, b'-' | b'_' | b'.'))
        && name.bytes().next().is_some_and(end)
        && name.bytes().last().is_some_and(end)
}

/// Whether a key of a ConfigMap can be a file's name.
pub(crate) fn config_key(key: &str) -> Result<(), String> {
    let fits = !key.is_empty()
        && key.len() <= 253
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if !fits {
        return Err(
            "is not a valid key: use at most 253 letters, digits, `-`, `_` and `.`".to_owned()
        );
    }
    if key == "." || key.starts_with("..") {
        return Err("is not a valid key: it names a directory".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_at_its_edges() {
        let long = "a".repeat(64);
        for (rule, name, fits) in [
            (Rule::Label, "web-1", true),
            (Rule::Label, "1", true),
            (Rule::Label, "Web", false),
            (Rule::Label, "-web", false),
            (Rule::Label, "web-", false),
            (Rule::Label, "a.b", false),
            (Rule::Label, &long[..63], true),
            (Rule::Label, &long, false),
            (Rule::Path, "system:node", true),
            (Rule::Path, "My_Name", true),
            (Rule::Path, "..", false),
            (Rule::Path, "a/b", false),
            (Rule::Path, "a%b", false),
            (Rule::Wildcard, "*.example.com", true),
            (Rule::Wildcard, "*", false),
            (Rule::Wildcard, "a.*.com", false),
            (Rule::Subdomain, "a.b-c.1", true),
            (Rule::Subdomain, "a..b", false),
            (Rule::Subdomain, &long, true),
            (Rule::Port, "http", true),
            (Rule::Port, "80", false),
            (Rule::Port, "a--b", false),
            (Rule::Port, "abcdefghijklmnop", false),
        ] {
            assert_eq!(rule.check(name).is_ok(), fits, "{rule:?} {name}");
        }
    }

    #[test]
    fn labels_and_keys() {
        for (key, fits) in [
            ("app", true),
            ("app.kubernetes.io/name", true),
            ("A_b.c", true),
            ("/name", false),
            ("a/b/c", false),
            ("App.io/x", false),
            ("", false),
            ("a b", false),
        ] {
            assert_eq!(label_key(key).is_ok(), fits, "{key}");
        }
        for (value, fits) in [("", true), ("v1.2", true), ("-a", false), ("a b", false)] {
            assert_eq!(label_value(value).is_ok(), fits, "{value}");
        }
        for (key, fits) in [("nginx.conf", true), ("..x", false), (".", false), ("a/b", false)] {
            assert_eq!(config_key(key).is_ok(), fits, "{key}");
        }
    }
}
