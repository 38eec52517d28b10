//! `bowline version`: what this program is.

use clap::Args;
use k8s_openapi::Resource as _;

use super::{Exit, Talk};
use crate::state::SCHEMA;

/// Print the version
#[derive(Debug, Args)]
pub(super) struct VersionArgs {}

pub(super) fn run(talk: &Talk) -> Exit {
    talk.data(&format!(
        "bowline {}\nreads Kubernetes objects of apps/{} and {}, state files of form {SCHEMA}",
        env!("CARGO_PKG_VERSION"),
        k8s_openapi::api::apps::v1::Deployment::VERSION,
        k8s_openapi::api::core::v1::Pod::API_VERSION,
    ));
    Exit::Done
}
