//! Where a value stands in its object: `spec.template.spec.containers[0].image`.

use std::borrow::Cow;
use std::fmt;

/// One step down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Into the value of a key.
    Key(&'a str),
    /// Into an element of a list.
    Index(usize),
}

/// A path that shares its beginning with its neighbours: it lives on the stack of whoever walks down.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The object itself.
    Root,
    /// A step below another path.
    Below(&'a Self, Step<'a>),
}

impl<'a> Path<'a> {
    /// The path of a key's value below this one.
    #[must_use]
    pub fn key(&'a self, key: &'a str) -> Self {
        Self::Below(self, Step::Key(key))
    }

    /// The path of a list's element below this one.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self::Below(self, Step::Index(index))
    }
}

impl fmt::Display for Path<'_> {
    /// As Kubernetes writes it: a key that is no field name stands in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Below(parent, step) = self else { return Ok(()) };
        parent.fmt(f)?;
        match step {
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) if !is_plain(key) => write!(f, "[{}]", escaped(key)),
            Step::Key(key) if matches!(parent, Path::Root) => f.write_str(key),
            Step::Key(key) => write!(f, ".{key}"),
        }
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && !key.bytes().all(|b| b.is_ascii_digit())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The path of a key's value below a path in its text form.
pub(crate) fn join(path: &str, key: &str) -> String {
    match (is_plain(key), path) {
        (false, _) => format!("{path}[{}]", escaped(key)),
        (true, "") => key.to_owned(),
        (true, _) => format!("{path}.{key}"),
    }
}

/// A key as it stands in brackets: what would end them, and the backslash itself, has a backslash before it.
fn escaped(key: &str) -> Cow<'_, str> {
    if key.contains([']', '\\']) {
        Cow::Owned(key.replace('\\', r"\\").replace(']', r"\]"))
    } else {
        Cow::Borrowed(key)
    }
}

/// The steps of a path in its text form; an index and a key of digits look alike, so both are text.
pub(crate) fn steps(path: &str) -> Vec<Cow<'_, str>> {
    let (mut steps, mut rest) = (Vec::new(), path);
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (step, after) = in_brackets(inside);
            steps.push(step);
            rest = after;
        } else {
            let word = rest.strip_prefix('.').unwrap_or(rest);
            let end = word.find(['.', '[']).unwrap_or(word.len());
            steps.push(Cow::Borrowed(&word[..end]));
            rest = &word[end..];
        }
    }
    steps
}

/// The key or index that stands before a bracket's end, and what comes after it.
fn in_brackets(inside: &str) -> (Cow<'_, str>, &str) {
    let first = inside.find([']', '\\']).unwrap_or(inside.len());
    if !inside[first..].starts_with('\\') {
        return (Cow::Borrowed(&inside[..first]), inside.get(first + 1..).unwrap_or_default());
    }
    let (mut step, mut chars) = (String::new(), inside.chars());
    while let Some(c) = chars.next() {
        match c {
            ']' => break,
            '\\' => step.extend(chars.next()),
            _ => step.push(c),
        }
    }
    (Cow::Owned(step), chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_and_back() {
        let root = Path::Root;
        let spec = root.key("spec");
        let containers = spec.key("containers");
        let first = containers.index(0);
        let image = first.key("image");
        assert_eq!(image.to_string(), "spec.containers[0].image");
        assert_eq!(steps(&image.to_string()), ["spec", "containers", "0", "image"]);

        let metadata = root.key("metadata");
        let labels = metadata.key("labels");
        let label = labels.key("app.kubernetes.io/name");
        assert_eq!(label.to_string(), "metadata.labels[app.kubernetes.io/name]");
        assert_eq!(steps(&label.to_string()), ["metadata", "labels", "app.kubernetes.io/name"]);
        assert!(steps("").is_empty());
        assert_eq!(join(&join("", "labels"), "app"), "labels.app");
        assert_eq!(join("labels", "a.b/c"), "labels[a.b/c]");
    }

    #[test]
    fn whatever_the_key_its_path_leads_to_it() {
        let root = Path::Root;
        let labels = root.key("labels");
        for key in ["a]b", "]", r"\", r"a\]", "a[0]", "[", "a.b", "é]", "7"] {
            let below = labels.key(key);
            let path = below.key("x").to_string();
            assert_eq!(join(&join("labels", key), "x"), path);
            assert_eq!(steps(&path), ["labels", key, "x"], "{path}");
        }
    }
}
