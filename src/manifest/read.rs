//! The way of a manifest from text to a complete object.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::advice::advise;
use super::check::{Check, check};
use super::defaults::complete;
use super::elsewhere::{UnknownKinds, unknown_kind};
use super::expand::{Single, expand};
use super::generated::GeneratedNames;
use super::namespace::NamespaceRule;
use super::server::of_the_server;
use super::stated::Stated;
use super::support;
use super::told::Told;
use crate::document::{self, Decoded, Document, Finding, Severity, Source};
use crate::model::{Kind, Object, ObjectKey, ReadAs};

/// How manifests are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Which namespace objects stand in.
    pub namespace: NamespaceRule,
    /// What becomes of kinds that are not read.
    pub unknown: UnknownKinds,
    /// What becomes of objects that ask for a name.
    pub names: GeneratedNames,
}

/// What manifests hold.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The objects without a fault, in the order of the text.
    pub objects: Vec<ReadObject>,
    /// Everything that is to be said, in the order of the text.
    pub findings: Vec<Finding>,
}

impl Reading {
    /// Whether anything must be put right before the objects can be used.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }
}

/// An object and the text that it was read from.
#[derive(Clone, Debug)]
pub struct ReadObject {
    /// The object, complete: two spellings of one object are equal.
    pub object: Object,
    /// The object as its manifest states it, without defaults.
    pub stated: Stated,
    /// The text, for later findings.
    pub document: Document,
}

/// Where an object was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// The name of the source: a path, or `-`.
    pub source: String,
    /// The line on which it begins, from one.
    pub line: usize,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { source, line } = self;
        write!(f, "{source}:{line}")
    }
}

impl ReadObject {
    /// Where the object begins.
    pub fn origin(&self) -> Origin {
        origin(&self.document)
    }

    /// A finding about a field of the object, at its place in the text.
    pub fn finding(
        &self,
        severity: Severity,
        code: &'static str,
        path: impl Into<String>,
        message: impl AsRef<str>,
    ) -> Finding {
        self.document.finding(severity, code, path, message).with_object(Some(self.object.key()))
    }
}

/// Reads manifests: every object that is right, and every finding of all of them.
pub fn read(sources: &[Source], options: &ReadOptions) -> Reading {
    let mut reading = Reading::default();
    let mut seen = BTreeMap::new();
    for source in sources {
        let document::Parsed { documents, findings, .. } = document::parse(source);
        let mut told = Told::new(findings);
        read_all(documents, options, (&mut seen, &mut told), &mut reading.objects);
        let mut findings = told.into_findings();
        findings.sort_by_key(|finding| finding.span);
        reading.findings.append(&mut findings);
    }
    reading
}

/// Reads objects that were put together already; what is said of each points into the sources that it came from.
pub fn read_documents(documents: Vec<Document>, options: &ReadOptions) -> Reading {
    let (mut objects, mut seen, mut told) = (Vec::new(), BTreeMap::new(), Told::new(Vec::new()));
    read_all(documents, options, (&mut seen, &mut told), &mut objects);
    Reading { objects, findings: told.into_findings() }
}

fn read_all(
    documents: Vec<Document>,
    options: &ReadOptions,
    (seen, told): (&mut BTreeMap<ObjectKey, Document>, &mut Told),
    objects: &mut Vec<ReadObject>,
) {
    for document in documents {
        if told.is_enough(&document) {
            return;
        }
        let mut findings = Vec::new();
        let singles = expand(document, options.unknown, &mut findings);
        told.extend(findings);
        for single in singles {
            if told.is_enough(&single.document) {
                return;
            }
            let mut findings = Vec::new();
            objects.extend(read_single(&single, options, seen, &mut findings));
            told.extend(findings);
        }
    }
}

fn read_single(
    single: &Single,
    options: &ReadOptions,
    seen: &mut BTreeMap<ObjectKey, Document>,
    findings: &mut Vec<Finding>,
) -> Option<ReadObject> {
    let Some((kind, document, lifted)) = single.known() else {
        let Single { document, api_version, kind } = single;
        let key = ObjectKey::new(kind, "", named(document, "name").unwrap_or_default());
        let unknown = unknown_kind(document, api_version, kind, options.unknown);
        findings.push(unknown.with_object(Some(key)));
        return None;
    };
    let document = &document;
    let namespace = options.namespace.namespace_of(kind, named(document, "namespace"));
    let made = options.names.name_of(document, seen.len());
    let name = made.as_deref().or(named(document, "name")).unwrap_or_default();
    let key = ObjectKey::new(kind.object(), namespace.clone().unwrap_or_default(), name);

    let (object, mut own) = decode_and_check(kind, Decode { document, name: made });
    if kind.is_namespaced() {
        own.extend(options.namespace.check(document, named(document, "namespace")));
    }
    own.extend(duplicate(document, &key, seen));
    own.extend(lifted);
    let wrong: BTreeSet<String> = own.iter().map(|finding| finding.path.clone()).collect();
    let notices = support::notices(kind, document);
    own.extend(notices.into_iter().filter(|notice| !wrong.contains(&notice.path)));
    let fit = !own.iter().any(Finding::is_error);
    findings.extend(own.into_iter().map(|finding| advise(finding).with_object(Some(key.clone()))));

    let mut object = object.filter(|_| fit)?;
    object.metadata_mut().namespace = namespace;
    let stated = Stated::new(object.clone(), document);
    complete(&mut object);
    Some(ReadObject { object, stated, document: document.clone() })
}

fn decode_and_check(kind: Kind, decode: Decode<'_>) -> (Option<Object>, Vec<Finding>) {
    Object::read_as(kind, decode).unwrap_or_default()
}

struct Decode<'d> {
    document: &'d Document,
    /// The name that was made for it.
    name: Option<String>,
}

impl ReadAs for Decode<'_> {
    type Read = (Option<Object>, Vec<Finding>);

    fn read<T: for<'de> Deserialize<'de>>(self, wrap: fn(T) -> Object) -> Self::Read {
        let Decoded { value, mut findings, faulty } =
            document::decode::<T>(self.document, of_the_server);
        let mut object = value.map(wrap);
        if let (Some(object), Some(name)) = (&mut object, self.name) {
            object.metadata_mut().name = Some(name);
        }
        if let Some(object) = &object {
            let mut checked = Check::new(self.document, &faulty);
            check(object, &mut checked);
            findings.append(&mut checked.into_findings());
        }
        (object, findings)
    }
}

fn named<'d>(document: &'d Document, field: &str) -> Option<&'d str> {
    let metadata = document.tree.entry(document.root, "metadata")?;
    let entry = document.tree.entry(metadata.value, field)?;
    document.tree.text(entry.value).filter(|text| !text.is_empty())
}

/// Refuses a second object of one name, with both places.
fn duplicate(
    document: &Document,
    key: &ObjectKey,
    seen: &mut BTreeMap<ObjectKey, Document>,
) -> Option<Finding> {
    if key.name.is_empty() {
        return None;
    }
    let Some(first) = seen.get(key) else {
        seen.insert(key.clone(), document.clone());
        return None;
    };
    let message = format!("{key} is there twice; the first is at {}", origin(first));
    let finding = document
        .finding(Severity::Error, "duplicate-object", "metadata.name", message)
        .with_label("again here")
        .with_help("rename or remove one of them");
    let place = first.source.place(first.nearest("metadata.name"));
    let same = place.source.is(&finding.source);
    Some(if same { finding.with_also_at(&place, "first here") } else { finding })
}

fn origin(document: &Document) -> Origin {
    let place = document.source.place(document.tree.showing(document.root));
    let (line, _) = place.source.position(place.span.start);
    Origin { source: place.source.name().to_owned(), line }
}
