//! What a manifest states of an object: its fields, and which of them it wants to be nothing.

use std::fmt::Write as _;

use crate::document::{Document, NodeId};
use crate::model::Object;

/// How many nulls of one object are kept: no manifest has as many, and aliases of a hostile one could have millions.
const MAX_NULLS: usize = 10_000;

/// An object as its manifest states it, without defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// The object.
    pub object: Object,
    /// The fields that the manifest says are null, as JSON pointers. For the object itself they are as if they were absent;
    /// an apply takes away what others have set there.
    pub nulls: Vec<String>,
}

impl Stated {
    pub(super) fn new(object: Object, document: &Document) -> Self {
        let mut nulls = Vec::new();
        gather(document, document.root, &mut String::new(), &mut nulls);
        Self { object, nulls }
    }
}

impl From<Object> for Stated {
    fn from(object: Object) -> Self {
        Self { object, nulls: Vec::new() }
    }
}

fn gather(document: &Document, node: NodeId, path: &mut String, nulls: &mut Vec<String>) {
    let tree = &document.tree;
    let length = path.len();
    for entry in tree.entries(node) {
        path.push('/');
        path.push_str(&entry.key.replace('~', "~0").replace('/', "~1"));
        if tree.is_null(entry.value) && nulls.len() < MAX_NULLS {
            nulls.push(path.clone());
        }
        gather(document, entry.value, path, nulls);
        path.truncate(length);
    }
    for (index, element) in tree.elements(node).iter().enumerate() {
        let _ = write!(path, "/{index}");
        gather(document, *element, path, nulls);
        path.truncate(length);
    }
}
