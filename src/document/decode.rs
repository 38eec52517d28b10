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
use super::path::Path;
use super::tree::{Document, NodeId, Tree};

use de::NodeDeserializer;

/// How often a document is read again without what its types refused.
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
    /// Nodes to be treated as absent.
    skipped: BTreeSet<NodeId>,
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

    fn note(&self, node: NodeId, finding: Finding) {
        self.faults.borrow_mut().entry((node, finding.code)).or_insert(finding);
    }
}

/// Reads a document as a type, leaving out the given nodes.
pub(crate) fn decode<'d, T: Deserialize<'d>>(
    document: &'d Document,
    skipped: BTreeSet<NodeId>,
) -> Decoded<T> {
    let mut pass =
        Pass { document, skipped, faults: RefCell::default(), meant: RefCell::default() };
    let mut refused: Vec<Finding> = Vec::new();
    let mut value = None;
    for _ in 0..MAX_PASSES {
        pass.faults.take();
        let whole = NodeDeserializer { pass: &pass, node: document.root, path: &Path::Root };
        match T::deserialize(whole) {
            Ok(read) => {
                value = Some(read);
                break;
            }
            Err(error) => {
                let (node, finding) = error.into_finding(document);
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
