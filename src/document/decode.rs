//! A tree to any type that serde can read, with every fault noted in place.
//!
//! A wrong type does not end the reading: the fault is noted and the type's empty value stands in for it, so that one
//! pass tells all. Only what a type itself refuses (a bad base64, a number out of range) takes another pass without
//! that node. Null is absence, and where a value is needed, its empty value: as Go's JSON decoder has it.

mod access;
mod de;
mod error;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::finding::{Finding, MAX_FINDINGS};
use super::hidden;
use super::path::Path;
use super::tree::{Document, NodeId, Tree};

use de::NodeDeserializer;

/// How often a document is read again without what its types refused, and how often with base64 put together.
const MAX_PASSES: usize = 64;

/// A value, as far as it could be read, and what was wrong.
#[derive(Debug)]
pub(crate) struct Decoded<T> {
    /// The value; faulty parts are empty. `None` when there is no telling.
    pub(crate) value: Option<T>,
    /// Every fault, as a finding.
    pub(crate) findings: Vec<Finding>,
    /// The paths of the faulty parts, and of what misspelt fields were meant for, for later checks to pass over.
    pub(crate) faulty: BTreeSet<String>,
}

/// What one pass shares among all deserializers of a tree.
struct Pass<'d> {
    document: &'d Document,
    /// Which paths are to be treated as absent.
    absent: fn(&Path<'_>) -> bool,
    /// Nodes to be treated as absent, since a type refused them.
    skipped: BTreeSet<NodeId>,
    /// Texts to be given out without their line breaks.
    unbroken: BTreeSet<NodeId>,
    /// Nodes that no message repeats.
    hidden: BTreeSet<NodeId>,
    /// By the node that each is about, so that a branch shared by aliases tells its fault once.
    faults: RefCell<BTreeMap<(NodeId, &'static str), Finding>>,
    /// The paths that misspelt fields were meant for.
    meant: RefCell<BTreeSet<String>>,
}

impl Pass<'_> {
    fn tree(&self) -> &Tree {
        &self.document.tree
    }

    /// Whether there is no use in noting more.
    fn is_full(&self) -> bool {
        self.faults.borrow().len() >= MAX_FINDINGS
    }

    /// Puts base64 together that stands on several lines, here and in the neighbours of one mapping: Go's decoder, and
    /// so the API server, passes over line breaks. Tells whether there was anything to do.
    fn join(&mut self, node: NodeId) -> bool {
        let tree = &self.document.tree;
        let is_broken = |node: &NodeId| tree.text(*node).is_some_and(|text| text.contains('\n'));
        if !is_broken(&node) || !self.unbroken.insert(node) {
            return false;
        }
        let holds =
            |entries: &&[super::tree::Entry]| entries.iter().any(|entry| entry.value == node);
        let mapping = (0..tree.len()).map(|id| tree.entries(id)).find(holds).unwrap_or_default();
        self.unbroken.extend(mapping.iter().map(|entry| entry.value).filter(is_broken));
        true
    }

    fn note(&self, node: NodeId, finding: Finding) {
        self.faults.borrow_mut().entry((node, finding.code)).or_insert(finding);
    }
}

/// Reads a document as a type, leaving out what stands at some paths.
pub(crate) fn decode<'d, T: Deserialize<'d>>(
    document: &'d Document,
    absent: fn(&Path<'_>) -> bool,
) -> Decoded<T> {
    let mut pass = Pass {
        document,
        absent,
        skipped: BTreeSet::new(),
        unbroken: BTreeSet::new(),
        hidden: hidden::nodes(&document.tree, document.root),
        faults: RefCell::default(),
        meant: RefCell::default(),
    };
    let mut refused: Vec<Finding> = Vec::new();
    let (mut value, mut joined) = (None, 0);
    while refused.len() < MAX_PASSES {
        pass.faults.take();
        let whole = NodeDeserializer { pass: &pass, node: document.root, path: &Path::Root };
        match T::deserialize(whole) {
            Ok(read) => {
                value = Some(read);
                break;
            }
            Err(error) => {
                let (node, finding) = error.into_finding(document, &pass.hidden);
                if finding.code == error::NOT_BASE64 && joined < MAX_PASSES && pass.join(node) {
                    joined += 1;
                    continue;
                }
                refused.push(finding);
                if node == document.root || !pass.skipped.insert(node) {
                    break;
                }
            }
        }
    }
    let mut findings: Vec<Finding> = pass.faults.take().into_values().collect();
    findings.append(&mut refused);
    findings.sort_by_key(|finding| finding.span);
    let mut faulty = pass.meant.take();
    faulty.extend(findings.iter().map(|finding| finding.path.clone()));
    Decoded { value, findings, faulty }
}
