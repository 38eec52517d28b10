//! Whether the tags of what runs have moved: asked once, so that what is made since is never taken for outdated.

use std::collections::BTreeMap;

use super::Converge;
use crate::desired::Desired;
use crate::model::NodeName;
use crate::observe::ask_registries;
use crate::observed::{MovedTag, Observed, OfferedTags};
use crate::plan::{moved, tags_to_ask};
use crate::state::Snapshot;

/// What became of asking the registries for tags.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The containers whose tags have moved, by podman's ids of them.
    pub moved: BTreeMap<String, MovedTag>,
    /// What the tags name: what is made from now on is made of these, wherever the tags have gone meanwhile.
    pub offered: OfferedTags,
    /// The images that nobody answered for, by host.
    pub silent: Vec<(NodeName, String)>,
}

/// Whether the registries are asked what they have for the tags of running pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// No: a pod that runs stays as it is.
    Left,
    /// Those of `imagePullPolicy: Always` are, and a pod whose tag has moved is replaced.
    Asked,
}

impl Converge<'_> {
    /// Asks what the registries have for the tags of running pods.
    pub(super) async fn ask(
        &self,
        before: &Snapshot,
        desired: &Desired,
        observed: &Observed,
    ) -> Asked {
        let fleet = &self.inventory.fleet;
        let tags = tags_to_ask(fleet, desired, &before.bindings, observed);
        let hosts = self.settings.parallel;
        let (offered, silent) = ask_registries(self.nodes, tags.clone(), hosts).await;
        Asked { moved: moved(observed, &tags, &offered, &silent), offered, silent }
    }
}
