//! An object on its way through kustomizations: what it is now, and what it was called before.

use crate::document::{Place, Placed, PlacedValue, Scalar};

use super::scope::is_cluster_scoped;

/// What tells one object from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    /// As kustomize compares it: `default` where none is said, none where the kind has none.
    pub(super) namespace: String,
}

impl Id {
    /// The id that a value says of itself.
    pub(super) fn of(value: &Placed) -> Self {
        let text = |keys: &[&str]| value.at(keys).and_then(Placed::as_scalar).unwrap_or_default();
        let api_version = text(&["apiVersion"]);
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let kind = text(&["kind"]);
        let namespace = match text(&["metadata", "namespace"]) {
            _ if is_cluster_scoped(api_version, kind) => "",
            "" => "default",
            named => named,
        };
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            name: text(&["metadata", "name"]).to_owned(),
            namespace: namespace.to_owned(),
        }
    }

    /// Whether the kind of object has no namespace.
    pub(super) fn is_cluster_scoped(&self) -> bool {
        self.namespace.is_empty()
    }

    /// Whether it is of this kind; what is empty matters not.
    pub(super) fn is_of(&self, group: &str, version: &str, kind: &str) -> bool {
        let fits = |asked: &str, is: &str| asked.is_empty() || asked == is;
        fits(group, &self.group) && fits(version, &self.version) && fits(kind, &self.kind)
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, name, namespace, .. } = self;
        match namespace.as_str() {
            "" | "default" => write!(f, "{kind} {name}"),
            _ => write!(f, "{kind} {namespace}/{name}"),
        }
    }
}

/// An object and its history.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) value: Placed,
    /// What it was before each change of its name, namespace or kind; the oldest first.
    pub(super) before: Vec<Id>,
    pub(super) prefixes: Vec<String>,
    pub(super) suffixes: Vec<String>,
    /// Whether a hash of the content is added to the name in the end.
    pub(super) hashed: bool,
}

impl Resource {
    pub(super) fn new(value: Placed) -> Self {
        Self {
            value,
            before: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            hashed: false,
        }
    }

    /// What it is now.
    pub(super) fn id(&self) -> Id {
        Id::of(&self.value)
    }

    /// What it was when it was read.
    pub(super) fn original(&self) -> Id {
        self.before.first().cloned().unwrap_or_else(|| self.id())
    }

    /// Whether it is or was the object of this id.
    pub(super) fn is_or_was(&self, id: &Id) -> bool {
        self.before.contains(id) || (self.metadata("name") == id.name && self.id() == *id)
    }

    /// Keeps in mind what it is, before that changes.
    pub(super) fn remember(&mut self) {
        self.before.push(self.id());
    }

    /// What a field of its metadata says.
    pub(super) fn metadata(&self, field: &str) -> &str {
        self.value.at(&["metadata", field]).and_then(Placed::as_scalar).unwrap_or_default()
    }

    /// Where its name stands, or else where it begins.
    pub(super) fn place(&self) -> Option<Place> {
        let name = self.value.at(&["metadata", "name"]).and_then(|name| name.place.clone());
        name.or_else(|| self.value.place.clone())
    }

    /// Changes a field of its metadata; a field that is there keeps its place, or an empty text takes it away.
    pub(super) fn set_metadata(&mut self, field: &str, text: &str) {
        let Some(metadata) = self.value.get_mut("metadata") else { return };
        match metadata.get_mut(field) {
            _ if text.is_empty() => {
                metadata.remove(field);
            }
            Some(there) => rewrite(there, text),
            None => metadata.set(field, None, Placed::text(text, None)),
        }
    }

    /// The labels or annotations.
    pub(super) fn pairs(&self, field: &str) -> std::collections::BTreeMap<String, String> {
        let entries = self.value.at(&["metadata", field]).map(Placed::entries).unwrap_or_default();
        let text = |value: &Placed| value.as_scalar().unwrap_or_default().to_owned();
        entries.iter().map(|entry| (entry.key.clone(), text(&entry.value))).collect()
    }
}

/// Makes a value another text, which stands where it stood.
pub(super) fn rewrite(value: &mut Placed, text: &str) {
    value.value = PlacedValue::Scalar(Scalar::Text, text.to_owned());
}
