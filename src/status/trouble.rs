//! What containers wait for of a pod that is not on its host: what no try could mend, or what the last try came to.
//!
//! Nobody tries again by himself: the next `apply`, or the next round of `reconcile`, does.

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::Fleet;
use crate::controller::{resolve_config, resolve_mounted};
use crate::events::{Event, Reason, Trouble};
use crate::model::{NodeName, PodKey, full_name};
use crate::plan::{Moment, Waiting, forbidden_sysctl, invalid_image_name};

/// Why a container waits, in the kubelet's words: one, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) reason: &'static str,
    pub(super) message: Option<String>,
}

impl From<&'static str> for Why {
    fn from(reason: &'static str) -> Self {
        Self { reason, message: None }
    }
}

/// What is known of why a pod is not on its host.
pub(super) struct Troubles<'a> {
    fleet: &'a Fleet<'a>,
    key: PodKey,
    node: Option<&'a NodeName>,
    spec: &'a PodSpec,
    /// What the last tries to bring it up came to, since it was last brought up.
    tries: Vec<&'a Event>,
}

impl<'a> Troubles<'a> {
    /// What is known of a pod; of one that has no host yet, nothing was tried.
    pub(super) fn of(
        fleet: &'a Fleet<'a>,
        key: &PodKey,
        (node, spec): (Option<&'a NodeName>, &'a PodSpec),
    ) -> Self {
        let object = key.object();
        let about = |event: &&Event| event.what.object == object && Some(&event.what.node) == node;
        let told: Vec<&Event> = fleet.events().iter().filter(about).collect();
        let made = told.iter().filter(|event| event.what.reason == Reason::Scheduled);
        let made = made.map(|event| event.last).max();
        let mut tries = told;
        tries.retain(|event| event.what.trouble.is_some() && Some(event.last) > made);
        Self { fleet, key: key.clone(), node, spec, tries }
    }

    /// Why a container of the pod waits, when not for its turn alone.
    pub(super) fn why(&self, container: &Container) -> Option<Why> {
        let image = container.image.as_deref().unwrap_or_default();
        let why = |reason, message| Some(Why { reason, message: Some(message) });
        let host = self.node.and_then(|node| self.fleet.inventory.hosts.get(node));
        if let Some(message) = self.node.and_then(|_| forbidden_sysctl(self.spec, host)) {
            return why("SysctlForbidden", message);
        }
        if let Some(message) = invalid_image_name(image) {
            return why("InvalidImageName", message);
        }
        let alone = PodSpec { containers: vec![container.clone()], ..PodSpec::default() };
        let namespace = &self.key.namespace;
        if let Err(error) = resolve_config(self.fleet.desired, namespace, &alone) {
            return why("CreateContainerConfigError", error.to_string());
        }
        self.planned().or_else(|| self.not_made(container)).or_else(|| self.not_pulled(image))
    }

    /// What keeps the pod as a whole from being made, by the plan.
    fn planned(&self) -> Option<Why> {
        let object = self.key.object();
        let Waiting::Mended { what } = &self.fleet.waits(&object)?.waiting else { return None };
        let (desired, namespace) = (self.fleet.desired, &self.key.namespace);
        let all = self.spec.init_containers.iter().flatten().chain(&self.spec.containers);
        let is_invalid = |container: &Container| {
            invalid_image_name(container.image.as_deref().unwrap_or_default()).is_some()
        };
        // What another container lacks is said of that one; volumes are mounted before any is made.
        let elsewhere = all.into_iter().any(is_invalid)
            || resolve_config(desired, namespace, self.spec).is_err();
        if elsewhere {
            return None;
        }
        let reason = match resolve_mounted(desired, namespace, self.spec) {
            Ok(_) => "CreateContainerConfigError",
            Err(_) => "ContainerCreating",
        };
        Some(Why { reason, message: Some(what.clone()) })
    }

    fn not_made(&self, container: &Container) -> Option<Why> {
        let found =
            self.tries.iter().rev().find_map(|event| match event.what.trouble.as_ref()? {
                Trouble::Container { name, moment, said } if *name == container.name => {
                    Some((*moment, said))
                }
                Trouble::Container { .. } | Trouble::Image { .. } => None,
            });
        let (moment, said) = found?;
        let reason = match moment {
            Moment::Checked => "CreateContainerConfigError",
            Moment::Made => "CreateContainerError",
            Moment::Started => "RunContainerError",
        };
        Some(Why { reason, message: Some(said.clone()) })
    }

    /// The kubelet says `ErrImagePull` of the first try, and `ImagePullBackOff` between later ones.
    fn not_pulled(&self, image: &str) -> Option<Why> {
        let name = full_name(image);
        let pulls = self.tries.iter().filter_map(|event| match event.what.trouble.as_ref()? {
            Trouble::Image { image, said } if *image == name => Some((*event, said)),
            Trouble::Image { .. } | Trouble::Container { .. } => None,
        });
        let pulls: Vec<_> = pulls.collect();
        let (last, said) = pulls.last()?;
        if last.what.reason == Reason::ErrImageNeverPull {
            let message = last.what.message.clone();
            return Some(Why { reason: "ErrImageNeverPull", message: Some(message) });
        }
        let tries: u64 = pulls.iter().map(|(event, _)| u64::from(event.count)).sum();
        Some(if tries > 1 {
            let message = format!("Back-off pulling image \"{image}\": ErrImagePull: {said}");
            Why { reason: "ImagePullBackOff", message: Some(message) }
        } else {
            Why { reason: "ErrImagePull", message: Some((*said).clone()) }
        })
    }
}
