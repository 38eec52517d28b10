//! Kubernetes manifests to objects: complete, checked, and with every finding placed in the user's own text.
//!
//! What an object of an older API version is rewritten to stands in `lift`, what is said of kinds that are not read in
//! `elsewhere`, how templates become manifests in `template`. A kind's own rules stand in `check`, what the API server
//! would fill in in `defaults`, and what is read but not carried out today in `support`. Whether objects fit together
//! (a ConfigMap that is referred to, a Service that selects nothing) is not asked here: that is `references`'.

mod advice;
mod check;
mod defaults;
mod elsewhere;
mod expand;
mod generated;
mod kind;
mod lift;
mod namespace;
mod quantity;
mod read;
mod server;
mod stated;
mod support;
mod template;
mod told;

#[cfg(test)]
mod tests;

pub use crate::document::{Document, Finding, FindingView, Report, Severity, Source, Span};
pub(crate) use defaults::complete;
pub use elsewhere::UnknownKinds;
pub use generated::GeneratedNames;
pub use namespace::NamespaceRule;
pub use read::{Origin, ReadObject, ReadOptions, Reading, read, read_documents};
pub use stated::Stated;
pub use support::{Rule, Ruling, Support, Voice, rulings, support_of};
pub use template::{SetError, Values, is_template_name, render};

/// Whether a file of this name is read as a manifest when its directory is given, as kubectl decides it; templates of
/// such files are too.
pub fn is_manifest_name(name: &str) -> bool {
    let name = name.strip_suffix(".j2").unwrap_or(name);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "yaml" | "yml" | "json")
}
