//! Kustomizations to objects, as `kubectl kustomize` builds them, with the places kept: what is wrong with the outcome is
//! shown in the base, the patch or the literal that it came from.
//!
//! The judge is kustomize 5.5, which kubectl 1.32 carries. What asks for a network, a cluster or another program (remote
//! bases, Helm charts, plugins) is refused. Files come in by [`Files`] alone.

mod accumulate;
mod budget;
mod fields;
mod file;
mod files;
mod generate;
mod hash;
mod images;
mod inline;
mod labels;
mod names;
mod order;
mod patches;
mod references;
mod replacements;
mod replicas;
mod resource;
mod scope;
mod select;
mod spec;

#[cfg(test)]
mod tests;

pub use accumulate::{Built, build};
pub use file::is_kustomization_name;
pub use files::{Files, Found};
