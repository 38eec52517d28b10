//! A document as a tree whose every key and value knows its place in the source.

use std::sync::Arc;

use super::finding::{Finding, Severity};
use super::path::steps;
use super::source::{Place, SourceText, Span};

/// Names a node of a tree.
pub type NodeId = usize;

/// A document's nodes. An alias is the very node that its anchor names, so a tree may share branches.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands; a collection's range covers all of its content.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// A single value: its meaning, and its text after unescaping.
    Scalar(Scalar, String),
    /// A list.
    Sequence(Vec<NodeId>),
    /// Keys and values in the order written; keys are unique.
    Mapping(Vec<Entry>),
}

/// What a scalar means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// Nothing, which is as if the key were absent.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number of 64 bits, signed or not.
    Int(i128),
    /// Another number.
    Float(f64),
    /// Text.
    Text,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key as Kubernetes takes it.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: NodeId,
}

impl Tree {
    /// How many nodes there are; they are named from zero.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node of this name.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match &self.node(id).value {
            Value::Mapping(entries) => entries,
            Value::Scalar(..) | Value::Sequence(_) => &[],
        }
    }

    /// The elements of a list; none for anything else.
    pub fn elements(&self, id: NodeId) -> &[NodeId] {
        match &self.node(id).value {
            Value::Sequence(elements) => elements,
            Value::Scalar(..) | Value::Mapping(_) => &[],
        }
    }

    /// The entry of a key; `None` when it is absent or null.
    pub fn entry(&self, id: NodeId, key: &str) -> Option<&Entry> {
        let entry = self.entries(id).iter().find(|entry| entry.key == key)?;
        (!self.is_null(entry.value)).then_some(entry)
    }

    /// The text of a scalar that is text.
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match &self.node(id).value {
            Value::Scalar(Scalar::Text, text) => Some(text),
            Value::Scalar(..) | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// Whether the node is null.
    pub fn is_null(&self, id: NodeId) -> bool {
        matches!(self.node(id).value, Value::Scalar(Scalar::Null, _))
    }

    /// A range to show for a node: a scalar in full, of a collection its first entry.
    ///
    /// A label over many lines says less than one on the line where they begin.
    pub fn showing(&self, id: NodeId) -> Span {
        let node = self.node(id);
        match &node.value {
            Value::Scalar(..) => node.span,
            Value::Sequence(elements) => {
                elements.first().map_or(node.span, |first| self.showing(*first))
            }
            Value::Mapping(entries) => {
                entries.first().map_or(node.span, |first| match &self.node(first.value).value {
                    Value::Scalar(Scalar::Null, _) | Value::Sequence(_) | Value::Mapping(_) => {
                        first.key_span
                    }
                    Value::Scalar(..) if self.node(first.value).span.start < first.key_span.end => {
                        first.key_span
                    }
                    Value::Scalar(..) => first.key_span.to(self.node(first.value).span),
                })
            }
        }
    }
}

/// One object of a source: a tree and the node where the object begins.
#[derive(Clone, Debug)]
pub struct Document {
    /// The source that it stands in.
    pub source: SourceText,
    /// The nodes, shared by the objects of one List.
    pub tree: Arc<Tree>,
    /// Where the object begins.
    pub root: NodeId,
}

/// How far a path can be followed.
enum Reach {
    /// All the way; of a key's value, the key's range comes with it.
    Node(Option<Span>, NodeId),
    /// To this range at most.
    Part(Span),
}

impl Document {
    /// The range of the value at a path such as `spec.containers[0].image`, or `None` when the object has none there.
    pub fn span_of(&self, path: &str) -> Option<Span> {
        match self.follow(path) {
            Reach::Node(_, node) => Some(self.tree.showing(node)),
            Reach::Part(_) => None,
        }
    }

    /// The range of the key at a path, or of the value where no key leads there; `None` when the object has none.
    pub fn key_span_of(&self, path: &str) -> Option<Span> {
        match self.follow(path) {
            Reach::Node(key, node) => Some(key.unwrap_or_else(|| self.tree.showing(node))),
            Reach::Part(_) => None,
        }
    }

    /// The range of the value at a path, or of the nearest thing above it that is there.
    pub fn nearest(&self, path: &str) -> Span {
        match self.follow(path) {
            // Nothing can be shown of a value that is not there; its key is.
            Reach::Node(Some(key), node) if self.tree.is_null(node) => key,
            Reach::Node(_, node) => self.tree.showing(node),
            Reach::Part(span) => span,
        }
    }

    /// The keys of the mapping at a path; none where something else or nothing stands.
    pub fn keys_of(&self, path: &str) -> impl Iterator<Item = &str> {
        let entries = match self.follow(path) {
            Reach::Node(_, node) => self.tree.entries(node),
            Reach::Part(_) => &[],
        };
        entries.iter().map(|entry| entry.key.as_str())
    }

    /// A finding at a path; what is missing is shown at the nearest thing above it.
    pub fn finding(
        &self,
        severity: Severity,
        code: &'static str,
        path: impl Into<String>,
        message: impl AsRef<str>,
    ) -> Finding {
        let path = path.into();
        let place = Place { source: self.source.clone(), span: self.nearest(&path) };
        Finding::new(severity, code, message, place).with_path(path)
    }

    fn follow(&self, path: &str) -> Reach {
        let (mut key_span, mut node) = (None, self.root);
        for step in steps(path) {
            let next = match &self.tree.node(node).value {
                Value::Mapping(entries) => entries
                    .iter()
                    .find(|entry| entry.key == step)
                    .map(|entry| (Some(entry.key_span), entry.value)),
                Value::Sequence(elements) => step
                    .parse()
                    .ok()
                    .and_then(|index: usize| elements.get(index))
                    .map(|element| (None, *element)),
                Value::Scalar(..) => None,
            };
            match next {
                Some(next) => (key_span, node) = next,
                None => return Reach::Part(key_span.unwrap_or_else(|| self.tree.showing(node))),
            }
        }
        Reach::Node(key_span, node)
    }
}
