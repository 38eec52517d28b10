//! A value that can be changed, and whose every key and value still knows where it was written.
//!
//! A [`Document`] stands in one source and is only read. What is put together of several (a base and its patches) is
//! taken apart into this form, changed, and made a document again: its findings then point into whichever of the
//! sources the faulty part came from.

use std::sync::Arc;

use super::hidden;
use super::path::Path;
use super::source::{Place, SourceText, Span};
use super::tree::{Document, Entry, Node, NodeId, Scalar, Tree, Value};

/// A value and where it was written; what was never written anywhere has no place.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The value.
    pub value: PlacedValue,
    /// Where it stands.
    pub place: Option<Place>,
}

/// What a placed value holds.
#[derive(Clone, Debug)]
pub enum PlacedValue {
    /// A single value: its meaning, and its text.
    Scalar(Scalar, String),
    /// A list.
    Sequence(Vec<Placed>),
    /// Keys and values in the order written; keys are unique.
    Mapping(Vec<PlacedEntry>),
}

/// A key, where it was written, and its value.
#[derive(Clone, Debug)]
pub struct PlacedEntry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_place: Option<Place>,
    /// The value.
    pub value: Placed,
}

impl Placed {
    /// A text; `place` is where it, or what asks for it, was written.
    pub fn text(text: impl Into<String>, place: Option<Place>) -> Self {
        Self { value: PlacedValue::Scalar(Scalar::Text, text.into()), place }
    }

    /// A mapping without entries.
    pub fn mapping(place: Option<Place>) -> Self {
        Self { value: PlacedValue::Mapping(Vec::new()), place }
    }

    /// The value of a document; aliases are written out, which the reader has bounded.
    pub fn of(document: &Document) -> Self {
        Self::without(document, |_| false)
    }

    /// The value of a document without what stands at some paths.
    pub fn without(document: &Document, absent: fn(&Path<'_>) -> bool) -> Self {
        Self::of_node(document, document.root, &Path::Root, absent)
    }

    fn of_node(
        document: &Document,
        id: NodeId,
        path: &Path<'_>,
        absent: fn(&Path<'_>) -> bool,
    ) -> Self {
        let node = document.tree.node(id);
        let value = match &node.value {
            Value::Scalar(scalar, text) => PlacedValue::Scalar(*scalar, text.clone()),
            Value::Sequence(elements) => PlacedValue::Sequence(
                elements
                    .iter()
                    .enumerate()
                    .map(|(index, element)| {
                        Self::of_node(document, *element, &path.index(index), absent)
                    })
                    .collect(),
            ),
            Value::Mapping(entries) => {
                let entries = entries.iter().filter_map(|entry| {
                    let path = path.key(&entry.key);
                    (!absent(&path)).then(|| PlacedEntry {
                        key: entry.key.clone(),
                        key_place: Some(document.source.place(entry.key_span)),
                        value: Self::of_node(document, entry.value, &path, absent),
                    })
                });
                PlacedValue::Mapping(entries.collect())
            }
        };
        Self { value, place: Some(document.source.place(node.span)) }
    }

    /// A document of this value; what has no place stands where the thing around it does, the whole in `fallback`.
    pub fn into_document(self, fallback: &SourceText) -> Document {
        let mut sources = Vec::new();
        self.gather(&mut sources);
        if sources.is_empty() {
            sources.push(fallback.clone());
        }
        let source = SourceText::joined(sources);
        let around = self.place.clone().map_or(Span::default(), |place| source.span_of(&place));
        let mut tree = Tree::default();
        let root = self.plant(&source, around, &mut tree);
        let mut document = Document { source, tree: Arc::new(tree), root };
        // A patch may not have said that what it changes is a Secret.
        document.source = document.source.masked(&hidden::spans(&document));
        document
    }

    /// The sources of all parts, that of the whole first.
    fn gather(&self, sources: &mut Vec<SourceText>) {
        let mut add = |place: &Option<Place>| {
            if let Some(place) = place
                && !sources.iter().rev().any(|known| known.is(&place.source))
            {
                sources.push(place.source.clone());
            }
        };
        add(&self.place);
        for entry in self.entries() {
            add(&entry.key_place);
        }
        for child in self.entries().iter().map(|entry| &entry.value).chain(self.elements()) {
            child.gather(sources);
        }
    }

    fn plant(self, source: &SourceText, around: Span, tree: &mut Tree) -> NodeId {
        let span = self.place.map_or(around, |place| source.span_of(&place));
        let value = match self.value {
            PlacedValue::Scalar(scalar, text) => Value::Scalar(scalar, text),
            PlacedValue::Sequence(elements) => Value::Sequence(
                elements.into_iter().map(|element| element.plant(source, span, tree)).collect(),
            ),
            PlacedValue::Mapping(entries) => {
                let entries = entries.into_iter().map(|PlacedEntry { key, key_place, value }| {
                    let key_span = key_place.map_or(span, |place| source.span_of(&place));
                    Entry { key, key_span, value: value.plant(source, key_span, tree) }
                });
                Value::Mapping(entries.collect())
            }
        };
        tree.nodes.push(Node { span, value });
        tree.nodes.len() - 1
    }

    /// The value without any place.
    pub fn of_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        let value = match json {
            Json::Null => PlacedValue::Scalar(Scalar::Null, String::new()),
            Json::Bool(truth) => PlacedValue::Scalar(Scalar::Bool(*truth), truth.to_string()),
            Json::Number(number) => {
                let whole = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
                let scalar = match whole {
                    Some(whole) => Scalar::Int(whole),
                    None => Scalar::Float(number.as_f64().unwrap_or_default()),
                };
                PlacedValue::Scalar(scalar, number.to_string())
            }
            Json::String(text) => PlacedValue::Scalar(Scalar::Text, text.clone()),
            Json::Array(elements) => {
                PlacedValue::Sequence(elements.iter().map(Self::of_json).collect())
            }
            Json::Object(entries) => {
                let entries = entries.iter().map(|(key, value)| PlacedEntry {
                    key: key.clone(),
                    key_place: None,
                    value: Self::of_json(value),
                });
                PlacedValue::Mapping(entries.collect())
            }
        };
        Self { value, place: None }
    }

    /// The value as JSON; a number that JSON has no form for (`.nan`) becomes its text.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::{Number, Value as Json};
        match &self.value {
            PlacedValue::Scalar(Scalar::Null, _) => Json::Null,
            PlacedValue::Scalar(Scalar::Bool(truth), _) => Json::Bool(*truth),
            PlacedValue::Scalar(Scalar::Int(number), text) => {
                let small = i64::try_from(*number).map(Number::from);
                let number = small.or_else(|_| u64::try_from(*number).map(Number::from));
                number.map_or_else(|_| Json::String(text.clone()), Json::Number)
            }
            PlacedValue::Scalar(Scalar::Float(number), text) => {
                Number::from_f64(*number).map_or_else(|| Json::String(text.clone()), Json::Number)
            }
            PlacedValue::Scalar(Scalar::Text, text) => Json::String(text.clone()),
            PlacedValue::Sequence(elements) => elements.iter().map(Self::to_json).collect(),
            PlacedValue::Mapping(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

/// Looking and changing.
impl Placed {
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, PlacedValue::Scalar(Scalar::Null, _))
    }

    /// Whether it is a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(self.value, PlacedValue::Mapping(_))
    }

    /// Whether it is a list.
    pub fn is_sequence(&self) -> bool {
        matches!(self.value, PlacedValue::Sequence(_))
    }

    /// The text of a scalar that is text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            PlacedValue::Scalar(Scalar::Text, text) => Some(text),
            PlacedValue::Scalar(..) | PlacedValue::Sequence(_) | PlacedValue::Mapping(_) => None,
        }
    }

    /// What a scalar other than null says, whatever its type.
    pub fn as_scalar(&self) -> Option<&str> {
        match &self.value {
            PlacedValue::Scalar(Scalar::Null, _)
            | PlacedValue::Sequence(_)
            | PlacedValue::Mapping(_) => None,
            PlacedValue::Scalar(_, text) => Some(text),
        }
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[PlacedEntry] {
        match &self.value {
            PlacedValue::Mapping(entries) => entries,
            PlacedValue::Scalar(..) | PlacedValue::Sequence(_) => &[],
        }
    }

    /// The elements of a list; none for anything else.
    pub fn elements(&self) -> &[Self] {
        match &self.value {
            PlacedValue::Sequence(elements) => elements,
            PlacedValue::Scalar(..) | PlacedValue::Mapping(_) => &[],
        }
    }

    /// The entries of a mapping, to be changed.
    pub fn entries_mut(&mut self) -> Option<&mut Vec<PlacedEntry>> {
        match &mut self.value {
            PlacedValue::Mapping(entries) => Some(entries),
            PlacedValue::Scalar(..) | PlacedValue::Sequence(_) => None,
        }
    }

    /// The elements of a list, to be changed.
    pub fn elements_mut(&mut self) -> Option<&mut Vec<Self>> {
        match &mut self.value {
            PlacedValue::Sequence(elements) => Some(elements),
            PlacedValue::Scalar(..) | PlacedValue::Mapping(_) => None,
        }
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&PlacedEntry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let entry = self.entries_mut()?.iter_mut().find(|entry| entry.key == key)?;
        Some(&mut entry.value)
    }

    /// The value at the end of some keys.
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// Gives a key a value: a key that is there keeps its place in the mapping, another is added at the end.
    ///
    /// Nothing happens to what is no mapping.
    pub fn set(&mut self, key: &str, key_place: Option<Place>, value: Self) {
        let Some(entries) = self.entries_mut() else { return };
        match entries.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => *entry = PlacedEntry { key: key.to_owned(), key_place, value },
            None => entries.push(PlacedEntry { key: key.to_owned(), key_place, value }),
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<PlacedEntry> {
        let entries = self.entries_mut()?;
        let at = entries.iter().position(|entry| entry.key == key)?;
        Some(entries.remove(at))
    }

    /// A place to show for it: of a mapping its first key, of a list its first element.
    pub fn showing(&self) -> Option<Place> {
        let entry = self.entries().first().and_then(|entry| entry.key_place.clone());
        let element = || self.elements().first().and_then(Self::showing);
        entry.or_else(element).or_else(|| self.place.clone())
    }

    /// Puts it and all that it holds at one place.
    pub fn stand_at(&mut self, place: &Place) {
        self.place = Some(place.clone());
        for entry in self.entries_mut().into_iter().flatten() {
            entry.key_place = Some(place.clone());
            entry.value.stand_at(place);
        }
        self.elements_mut().into_iter().flatten().for_each(|element| element.stand_at(place));
    }

    /// How many values it holds, itself included.
    pub fn size(&self) -> usize {
        let children = self.entries().iter().map(|entry| &entry.value).chain(self.elements());
        children.map(Self::size).sum::<usize>() + 1
    }

    /// How deep it is nested: one for a scalar.
    pub fn depth(&self) -> usize {
        let children = self.entries().iter().map(|entry| &entry.value).chain(self.elements());
        children.map(Self::depth).max().unwrap_or(0) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Severity, Source, parse};

    fn placed(name: &str, text: &str) -> Placed {
        Placed::of(&parse(&Source::new(name, text)).documents[0])
    }

    #[test]
    fn a_document_of_two_sources_points_into_the_right_one() {
        let mut base = placed("base.yaml", "spec:\n  a: 1\n  b: 2\n");
        let patch = placed("patch.yaml", "# patch\nb: three\n");
        let entry = patch.entry("b").unwrap().clone();
        let spec = base.get_mut("spec").unwrap();
        spec.set("b", entry.key_place, entry.value);
        spec.set("c", None, Placed::text("nowhere", None));
        let document = base.into_document(&SourceText::new(&Source::new("-", "")));
        let at = |path: &str| {
            let finding = document.finding(Severity::Error, "x", path, "wrong");
            let (line, column) = finding.source.position(finding.span.start);
            format!("{}:{line}:{column}", finding.source.name())
        };
        assert_eq!(at("spec.a"), "base.yaml:2:6");
        assert_eq!(at("spec.b"), "patch.yaml:2:4");
        assert_eq!(at("spec.c"), "base.yaml:2:3");
        assert_eq!(at(""), "base.yaml:1:1");
    }

    #[test]
    fn a_finding_moved_within_such_a_document_changes_its_source() {
        let mut base = placed("base.yaml", "a: 1\n");
        let patch = placed("patch.yaml", "\n\nb: 2\n");
        let entry = patch.entry("b").unwrap().clone();
        base.set("b", entry.key_place, entry.value);
        let document = base.into_document(&SourceText::new(&Source::new("-", "")));
        let (a, b) = (document.nearest("a"), document.nearest("b"));
        let finding = document.finding(Severity::Error, "x", "a", "wrong");
        let moved = finding.clone().at(b).with_also(a, "and here");
        assert_eq!(moved.source.name(), "patch.yaml");
        assert_eq!(moved.source.position(moved.span.start), (3, 4));
        // A label of another file cannot be drawn: it is told in words.
        assert!(moved.also.is_none());
        assert_eq!(moved.message, "wrong (and here: base.yaml:1)");
        assert!(finding.with_also(a, "and here").also.is_some());
    }

    #[test]
    fn json_there_and_back() {
        let json =
            serde_json::json!({"a": [1, -2, 1.5, u64::MAX], "b": {"c": null, "d": true}, "e": "x"});
        assert_eq!(Placed::of_json(&json).to_json(), json);
    }
}
