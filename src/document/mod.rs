//! YAML text to typed values, with the place of every key and scalar kept, so that a refusal can point into the file.
//!
//! What the values mean is not known here: `manifest` and `inventory` are both readers on top of this.
//!
//! The parser is granit-parser, the event parser beneath serde-saphyr: it gives the byte range of every event, keys and
//! aliases included. serde-saphyr itself stops at the first fault and resolves scalars by YAML 1.2, while Kubernetes
//! reads YAML 1.1; a spanned tree of our own lets one pass report every fault of a file and resolves scalars as
//! Kubernetes does.

mod binary;
mod budget;
mod compose;
mod decode;
mod excerpt;
mod fault;
mod finding;
mod hidden;
mod path;
mod placed;
mod position;
mod room;
mod scalar;
mod source;
mod split;
mod suggest;
mod tree;

#[cfg(test)]
mod tests;

pub(crate) use finding::MAX_FINDINGS;
pub use finding::{Finding, FindingView, Report, Severity};
pub(crate) use path::join;
pub use path::{Path, Step};
pub use placed::{Placed, PlacedEntry, PlacedValue};
pub(crate) use room::Room;
pub use scalar::Scalars;
pub(crate) use scalar::resolve;
pub(crate) use source::quoted;
pub use source::{Place, Source, SourceText, Span};
pub(crate) use split::Chunk;
pub use suggest::closest;
pub use tree::{Document, Entry, Node, NodeId, Scalar, Tree, Value};

/// The documents of a source as JSON, read as Kubernetes reads YAML; else everything that is wrong with the text.
pub fn values(source: &Source) -> Result<Vec<serde_json::Value>, Report> {
    let Parsed { documents, findings, .. } = parse(source);
    if findings.is_empty() {
        Ok(documents.iter().map(|document| Placed::of(document).to_json()).collect())
    } else {
        Err(Report { findings })
    }
}

pub(crate) use compose::{MAX_BYTES, Parsed, parse, parse_as, parse_part};
pub(crate) use decode::{Decoded, decode};
