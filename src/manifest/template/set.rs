//! `a.b=1,c[0]=x,d={e,f}`: values from the command line, in the language of Helm's `--set`.
//!
//! A backslash takes the meaning from a comma, a dot, an equals sign or a bracket. Lists are bounded, so that an index
//! cannot ask for all memory.
//! Source: <https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set>

use serde_json::{Map, Value as Json};

/// The largest index: Helm's own limit.
const MAX_INDEX: usize = 65536;
/// The deepest path: Helm's own limit.
const MAX_DEPTH: usize = 30;

/// Why a value cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// There is no `=`.
    #[error("`{0}` has no `=`")]
    NoValue(String),
    /// A part of the path is no name and no index.
    #[error("`{0}` is no path such as `a.b` or `a[0].b`")]
    Path(String),
    /// The index is larger than what is kept.
    #[error("the index {0} is larger than {MAX_INDEX}")]
    Index(usize),
}

/// What a value is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typing {
    /// What it looks like.
    Guessed,
    /// Text.
    Text,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// Sets every assignment of a text.
pub(super) fn apply(
    values: &mut Map<String, Json>,
    text: &str,
    typing: Typing,
) -> Result<(), SetError> {
    let mut root = Json::Object(std::mem::take(values));
    let done = split(text, ',').iter().try_for_each(|assignment| {
        let parts = split(assignment, '=');
        let (path, raw) = match parts.split_first() {
            Some((path, rest)) if !rest.is_empty() => (path, rest.join("=")),
            _ => return Err(SetError::NoValue(assignment.clone())),
        };
        put(&mut root, &steps(path)?, value(&raw, typing));
        Ok(())
    });
    if let Json::Object(map) = root {
        *values = map;
    }
    done
}

/// Splits at a character that no backslash precedes and no braces enclose; backslashes stay for the next round.
fn split(text: &str, at: char) -> Vec<String> {
    let (mut parts, mut escaped, mut braces) = (vec![String::new()], false, 0_usize);
    for c in text.chars() {
        let last = parts.len() - 1;
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ if c == at && braces == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts[last].push(c);
    }
    parts
}

fn unescaped(text: &str) -> String {
    let (mut out, mut escaped) = (String::new(), false);
    for c in text.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            out.push(c);
            escaped = false;
        }
    }
    out
}

fn steps(path: &str) -> Result<Vec<Step>, SetError> {
    let wrong = || SetError::Path(path.to_owned());
    let mut steps = Vec::new();
    for part in split(path, '.') {
        let indices = split(&part, '[');
        let (key, indices) = indices.split_first().ok_or_else(wrong)?;
        if key.is_empty() {
            return Err(wrong());
        }
        steps.push(Step::Key(unescaped(key)));
        for index in indices {
            let index = index.strip_suffix(']').ok_or_else(wrong)?;
            let index: usize = index.parse().map_err(|_| wrong())?;
            if index > MAX_INDEX {
                return Err(SetError::Index(index));
            }
            steps.push(Step::Index(index));
        }
    }
    if steps.len() > MAX_DEPTH { Err(wrong()) } else { Ok(steps) }
}

/// Puts a value at a path; what stands in its way gives way. Null removes a key.
fn put(into: &mut Json, steps: &[Step], value: Json) {
    let Some((step, rest)) = steps.split_first() else {
        *into = value;
        return;
    };
    match step {
        Step::Key(key) => {
            if !into.is_object() {
                *into = Json::Object(Map::new());
            }
            let Json::Object(map) = into else { return };
            if rest.is_empty() && value.is_null() {
                map.remove(key);
            } else {
                put(map.entry(key.clone()).or_insert(Json::Null), rest, value);
            }
        }
        Step::Index(index) => {
            if !into.is_array() {
                *into = Json::Array(Vec::new());
            }
            let Json::Array(list) = into else { return };
            if list.len() <= *index {
                list.resize(index + 1, Json::Null);
            }
            put(&mut list[*index], rest, value);
        }
    }
}

fn value(raw: &str, typing: Typing) -> Json {
    if let Some(list) = raw.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let elements = if list.is_empty() { Vec::new() } else { split(list, ',') };
        return elements.iter().map(|element| single(element, typing)).collect();
    }
    single(raw, typing)
}

/// As Helm guesses: fractions stay text, and so does a number with a zero before it, which would lose it.
fn single(raw: &str, typing: Typing) -> Json {
    let text = unescaped(raw);
    match (typing, text.as_str()) {
        (Typing::Text, _) => Json::String(text),
        (Typing::Guessed, "true") => Json::Bool(true),
        (Typing::Guessed, "false") => Json::Bool(false),
        (Typing::Guessed, "null") => Json::Null,
        (Typing::Guessed, "0") => Json::from(0),
        (Typing::Guessed, _) if text.starts_with('0') => Json::String(text),
        (Typing::Guessed, _) => text.parse::<i64>().map_or(Json::String(text), Json::from),
    }
}
