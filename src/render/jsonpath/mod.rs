//! Templates of `JSONPath` as kubectl has it: text, with expressions in braces that pick values of an object.
//!
//! Source: <https://kubernetes.io/docs/reference/kubectl/jsonpath/>. Unlike RFC 9535, a template may iterate
//! (`{range}`), its quoted keys may be paths, and its filters stand in parentheses; so no crate of the RFC reads it.

mod evaluate;
mod parse;

pub use evaluate::OutOfBounds;

#[cfg(test)]
mod tests;

/// A template, read and ready to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// Why a template cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at character {at} of the template")]
pub struct TemplateError {
    /// What is wrong.
    pub problem: String,
    /// The character, from one.
    pub at: usize,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Text that is printed as it is.
    Text(String),
    /// Values that are printed with spaces between them.
    Values(Path),
    /// Parts that are printed once for each value.
    Range(Path, Vec<Self>),
}

/// A way from an object to values in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Path {
    steps: Vec<Step>,
}

/// A step of the way; it leads from each value so far to none, one or several.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// To the object that the template is filled in with, `$`.
    Root,
    /// To the value of a key.
    Field(String),
    /// To all values of a list or an object.
    All,
    /// To an element; negative counts from the end.
    Element(i64),
    /// To a part of a list.
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    /// To what each of several paths leads to.
    Union(Vec<Path>),
    /// To the value itself and everything in it.
    Descend,
    /// To the elements for which a condition holds.
    Filter(Box<Condition>),
}

/// A condition on an element.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// The path leads somewhere.
    Exists(Path),
    /// Two values compare so.
    Compare(Operand, Comparison, Operand),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    Path(Path),
    /// Text, a number, a truth value or null, as JSON.
    Literal(serde_json::Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
