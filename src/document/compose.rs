//! Parser events to trees: anchors, merge keys, duplicate keys, and the budgets that hostile input meets.

use std::collections::BTreeMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use super::binary;
use super::budget::{Budget, Weight};
use super::fault;
use super::finding::{Finding, MAX_FINDINGS};
use super::hidden;
use super::scalar::{Scalars, resolve};
use super::source::{Source, SourceText, Span};
use super::split::{Chunk, split};
use super::tree::{Document, Entry, Node, NodeId, Scalar, Tree, Value};

/// The largest source that is read: room for any ConfigMap (1 MiB each in Kubernetes) many times over.
pub(crate) const MAX_BYTES: usize = 64 << 20;
/// The deepest nesting; Kubernetes objects reach about 20, and the decoder descends on the stack.
const MAX_DEPTH: usize = 100;
/// How many values one source may have: an export of ten thousand objects, at a fifth of a kilobyte each in memory.
const MAX_NODES: usize = 2_000_000;
/// How many documents one source may have.
const MAX_DOCUMENTS: usize = 100_000;

/// What the tags of YAML's own types begin with.
const YAML_TAGS: &str = "tag:yaml.org,2002:";

/// What a source holds.
#[derive(Clone, Debug)]
pub(crate) struct Parsed {
    /// The source, ready to be shown.
    pub(crate) source: SourceText,
    /// The documents that could be read.
    pub(crate) documents: Vec<Document>,
    /// What is wrong with the text as YAML.
    pub(crate) findings: Vec<Finding>,
}

/// Reads every document of a source as Kubernetes does; a fault in one hides nothing of the others.
pub(crate) fn parse(source: &Source) -> Parsed {
    parse_as(source, Scalars::Kubernetes)
}

/// Reads every document of a source by someone's rules for plain scalars.
pub(crate) fn parse_as(source: &Source, scalars: Scalars) -> Parsed {
    if source.text.len() > MAX_BYTES {
        // Not even to be shown is it worth a copy.
        let shown = SourceText::new(&Source::new(source.name.clone(), ""));
        let finding = fault::too_large(&shown, source.text.len(), MAX_BYTES);
        return Parsed { source: shown, documents: Vec::new(), findings: vec![finding] };
    }
    parse_part(Chunk { text: &source.text, start: 0 }, &SourceText::new(source), scalars)
}

/// Reads every document of a part of a source, as if the part were all there is.
///
/// What Secrets hold is hidden wherever it would be shown.
pub(crate) fn parse_part(part: Chunk<'_>, shown: &SourceText, scalars: Scalars) -> Parsed {
    let mut hidden = Vec::new();
    let mut parsed = read_part(part, shown, scalars, &mut hidden);
    hidden.extend(parsed.documents.iter().flat_map(hidden::spans));
    if !hidden.is_empty() {
        parsed.hide(&hidden);
    }
    parsed
}

impl Parsed {
    fn hide(&mut self, spans: &[Span]) {
        self.source = self.source.masked(spans);
        for document in &mut self.documents {
            document.source = self.source.clone();
        }
        for finding in &mut self.findings {
            finding.show_in(&self.source);
        }
    }
}

/// Reads a part of a source, and tells which ranges of what could not be read are to be hidden.
fn read_part(
    part: Chunk<'_>,
    shown: &SourceText,
    scalars: Scalars,
    hidden: &mut Vec<Span>,
) -> Parsed {
    let Chunk { text, start } = part;
    let mut parsed = Parsed { source: shown.clone(), documents: Vec::new(), findings: Vec::new() };
    if text.len() > MAX_BYTES {
        parsed.findings.push(fault::too_large(shown, text.len(), MAX_BYTES));
        return parsed;
    }
    let control = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}');
    if let Some((at, c)) = text.char_indices().find(|(_, c)| control(c)) {
        parsed.findings.push(fault::control_character(shown, start + at, c));
        hidden.extend(hidden::spans_of_text(text, start));
        return parsed;
    }
    let chunks = split(text, MAX_DOCUMENTS + 1);
    let mut budget = Budget::new(MAX_NODES);
    for (index, chunk) in chunks.into_iter().enumerate() {
        let chunk = Chunk { start: start + chunk.start, ..chunk };
        if index == MAX_DOCUMENTS || parsed.findings.len() >= MAX_FINDINGS {
            let at = Span::new(chunk.start, chunk.start);
            parsed.findings.push(fault::rest(shown, at, MAX_DOCUMENTS, MAX_FINDINGS));
            hidden.extend(hidden::spans_of_text(&text[chunk.start - start..], chunk.start));
            break;
        }
        let before = parsed.documents.len();
        read_chunk(chunk, Builder::new(shown.clone(), scalars, &mut budget), &mut parsed);
        if parsed.documents.len() == before {
            hidden.extend(hidden::spans_of_text(chunk.text, chunk.start));
        }
    }
    parsed
}

/// Reads one document with what is left to all of the source.
fn read_chunk(chunk: Chunk<'_>, mut builder: Builder<'_>, parsed: &mut Parsed) {
    for event in Parser::new_from_str(chunk.text) {
        let step = match event {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or_default();
                builder.event(event, Span::new(chunk.start + range.start, chunk.start + range.end))
            }
            Err(error) => Err(Box::new(fault::syntax(&parsed.source, chunk, &error))),
        };
        if let Err(finding) = step {
            builder.findings.push(*finding);
            break;
        }
    }
    parsed.documents.append(&mut builder.documents);
    parsed.findings.append(&mut builder.findings);
}

/// A collection that is still open.
struct Open {
    anchor: usize,
    start: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<NodeId>),
    Mapping(OpenMapping),
}

#[derive(Default)]
struct OpenMapping {
    entries: Vec<Entry>,
    /// Where each key stands first: a search of the entries would make a large mapping slow.
    seen: BTreeMap<String, Span>,
    key: Option<Key>,
    merges: Vec<NodeId>,
}

struct Key {
    text: String,
    span: Span,
    merge: bool,
}

struct Builder<'b> {
    source: SourceText,
    scalars: Scalars,
    nodes: Vec<Node>,
    /// What each node is when aliases are written out.
    weights: Vec<Weight>,
    /// What all nodes are as they are written.
    written: Weight,
    anchors: BTreeMap<usize, NodeId>,
    open: Vec<Open>,
    root: Option<NodeId>,
    documents: Vec<Document>,
    findings: Vec<Finding>,
    /// What may still come.
    budget: &'b mut Budget,
}

type Step = Result<(), Box<Finding>>;

impl<'b> Builder<'b> {
    fn new(source: SourceText, scalars: Scalars, budget: &'b mut Budget) -> Self {
        Self {
            source,
            scalars,
            nodes: Vec::new(),
            weights: Vec::new(),
            written: Weight::default(),
            anchors: BTreeMap::new(),
            open: Vec::new(),
            root: None,
            documents: Vec::new(),
            findings: Vec::new(),
            budget,
        }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Step {
        if matches!(
            event,
            Event::Scalar(..)
                | Event::Alias(_)
                | Event::SequenceStart(..)
                | Event::MappingStart(..)
        ) {
            let start = Span::new(span.start, span.start);
            if !self.budget.takes_value() {
                return Err(Box::new(fault::too_many(&self.source, start, MAX_NODES)));
            }
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let merge = style == ScalarStyle::Plain && text == "<<" && tag.is_none();
                let value = self.scalar(text.into_owned(), style, tag.as_deref(), span)?;
                let node = self.add(value, span, anchor);
                self.place(node, span, merge)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => self.place(*node, span, false),
                None => Err(Box::new(fault::circular_alias(&self.source, span))),
            },
            Event::SequenceStart(_, anchor, tag) => {
                self.collection_tag(tag.as_deref(), "seq", span)?;
                self.start(anchor, span, Content::Sequence(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.collection_tag(tag.as_deref(), "map", span)?;
                self.start(anchor, span, Content::Mapping(OpenMapping::default()))
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::DocumentEnd => {
                self.finish_document();
                Ok(())
            }
            // Marks of the stream and comments; unresolved aliases are not asked for.
            _ => Ok(()),
        }
    }

    fn scalar(
        &self,
        text: String,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<Value, Box<Finding>> {
        let name = tag.map(|tag| tag.suffix_in_namespace(YAML_TAGS).unwrap_or_default());
        let scalar = match name.as_deref() {
            None if style == ScalarStyle::Plain => resolve(&text, self.scalars),
            None | Some("str") => Scalar::Text,
            Some("int" | "float" | "bool" | "null") => resolve(&text, self.scalars),
            Some("binary") => {
                let decoded = binary::decode(&text);
                let decoded = decoded.ok_or_else(|| fault::binary(&self.source, span))?;
                return Ok(Value::Scalar(Scalar::Text, decoded));
            }
            Some(_) => return Err(Box::new(fault::tag(&self.source, span))),
        };
        Ok(Value::Scalar(scalar, text))
    }

    fn collection_tag(&self, tag: Option<&Tag>, fits: &str, span: Span) -> Step {
        match tag {
            Some(tag) if !tag.is_yaml_core_schema_tag(fits) => {
                let start = Span::new(span.start, span.start);
                Err(Box::new(fault::tag(&self.source, start)))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn add(&mut self, value: Value, span: Span, anchor: usize) -> NodeId {
        let own = match &value {
            Value::Scalar(_, text) => Weight::of(text.len()),
            Value::Sequence(_) => Weight::of(0),
            Value::Mapping(entries) => {
                Weight::of(entries.iter().map(|entry| entry.key.len()).sum())
            }
        };
        let weight = match &value {
            Value::Scalar(..) => own,
            Value::Sequence(elements) => self.weight_of(own, elements.iter()),
            Value::Mapping(entries) => {
                self.weight_of(own, entries.iter().map(|entry| &entry.value))
            }
        };
        let id = self.nodes.len();
        self.nodes.push(Node { span, value });
        self.weights.push(weight);
        self.written = self.written.and(own);
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        id
    }

    fn weight_of<'n>(&self, own: Weight, children: impl Iterator<Item = &'n NodeId>) -> Weight {
        children.fold(own, |sum, child| sum.and(self.weights[*child]))
    }

    fn start(&mut self, anchor: usize, span: Span, content: Content) -> Step {
        if self.open.len() >= MAX_DEPTH {
            let start = Span::new(span.start, span.start);
            return Err(Box::new(fault::too_deep(&self.source, start, MAX_DEPTH)));
        }
        self.open.push(Open { anchor, start: span.start, content });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Step {
        let Some(Open { anchor, start, content }) = self.open.pop() else { return Ok(()) };
        let span = Span::new(start, span.end);
        let value = match content {
            Content::Sequence(elements) => Value::Sequence(elements),
            Content::Mapping(mut mapping) => {
                self.merge(&mut mapping)?;
                Value::Mapping(mapping.entries)
            }
        };
        let node = self.add(value, span, anchor);
        if !self.budget.has(self.weights[node].beyond(self.written)) {
            return Err(Box::new(fault::expansion(&self.source, Span::new(start, start))));
        }
        self.place(node, span, false)
    }

    /// Puts a finished node where it belongs: the root, an element, a key or a key's value.
    fn place(&mut self, node: NodeId, span: Span, merge: bool) -> Step {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.content {
            Content::Sequence(elements) => elements.push(node),
            Content::Mapping(mapping) => match mapping.key.take() {
                None => match key_text(&self.nodes[node].value) {
                    Some(text) => mapping.key = Some(Key { text, span, merge }),
                    None => return Err(Box::new(fault::complex_key(&self.source, span))),
                },
                Some(Key { merge: true, .. }) => mapping.merges.push(node),
                Some(Key { text, span, .. }) => {
                    if let Some(first) = mapping.seen.get(&text) {
                        let finding = fault::duplicate_key(&self.source, &text, *first, span);
                        if self.findings.len() < MAX_FINDINGS {
                            self.findings.push(finding);
                        }
                    } else {
                        mapping.seen.insert(text.clone(), span);
                        mapping.entries.push(Entry { key: text, key_span: span, value: node });
                    }
                }
            },
        }
        Ok(())
    }

    /// Adds what `<<` brings in: a key of the mapping itself wins, then the earlier of a list.
    fn merge(&mut self, mapping: &mut OpenMapping) -> Step {
        for merged in std::mem::take(&mut mapping.merges) {
            let sources = match &self.nodes[merged].value {
                Value::Mapping(_) => vec![merged],
                Value::Sequence(elements) => elements.clone(),
                Value::Scalar(..) => return Err(self.no_merge(merged)),
            };
            for source in sources {
                let Value::Mapping(inherited) = &self.nodes[source].value else {
                    return Err(self.no_merge(source));
                };
                let copied = inherited.iter().map(|entry| Weight::of(entry.key.len()));
                if !self.budget.takes(copied.fold(Weight::default(), Weight::and)) {
                    let start = self.nodes[merged].span.start;
                    let start = Span::new(start, start);
                    return Err(Box::new(fault::expansion(&self.source, start)));
                }
                for entry in inherited {
                    if mapping.seen.insert(entry.key.clone(), entry.key_span).is_none() {
                        mapping.entries.push(entry.clone());
                    }
                }
            }
        }
        Ok(())
    }

    fn no_merge(&self, node: NodeId) -> Box<Finding> {
        Box::new(fault::merge(&self.source, self.nodes[node].span))
    }

    fn finish_document(&mut self) {
        let tree = Tree { nodes: std::mem::take(&mut self.nodes) };
        let weights = std::mem::take(&mut self.weights);
        let written = std::mem::take(&mut self.written);
        self.anchors.clear();
        self.open.clear();
        if let Some(root) = self.root.take() {
            // It was asked for already, at the end of the outermost collection.
            self.budget.takes(weights[root].beyond(written));
            let source = self.source.clone();
            self.documents.push(Document { source, tree: Arc::new(tree), root });
        }
    }
}

/// A key as Kubernetes takes it: it goes through JSON, where `1: x` and `"1": x` are the same.
fn key_text(value: &Value) -> Option<String> {
    match value {
        Value::Scalar(Scalar::Bool(truth), _) => Some(truth.to_string()),
        Value::Scalar(Scalar::Int(number), _) => Some(number.to_string()),
        Value::Scalar(Scalar::Float(_) | Scalar::Text, text) => Some(text.clone()),
        Value::Scalar(Scalar::Null, _) | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}
