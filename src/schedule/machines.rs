//! What machines a pod's images are made for, where their registries were asked: a host of another kind cannot run them.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSpec;
use serde_json::json;

use super::{Candidate, Rejection};
use crate::model::{ImageOfList, made_for, pulled_images};

/// The lists that images of a pod are of, by the images' names as podman lists them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists(BTreeMap<String, Vec<ImageOfList>>);

impl Lists {
    /// Those of a pod among all that are known. Of an image that is not pulled each time, what a host has of it is meant.
    pub(super) fn of(known: &BTreeMap<String, Vec<ImageOfList>>, spec: &PodSpec) -> Self {
        if known.is_empty() {
            return Self::default();
        }
        let images = pulled_images(spec).into_iter();
        Self(images.filter_map(|name| known.get_key_value(&name)).map(cloned).collect())
    }

    /// One text for all pods whose images are of the same lists; empty where none is known.
    pub(super) fn text(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        json!({"lists": self.0.keys().collect::<Vec<_>>()}).to_string()
    }

    /// Why the host cannot run the pod. Nothing keeps it from one whose machine is not known, or that has an image of the list.
    pub(super) fn reject(&self, host: &Candidate) -> Option<Rejection> {
        let machine = host.machine.as_ref()?;
        let has = |name: &str, list: &[ImageOfList]| {
            list.iter().any(|image| host.images.contains_key(&image.listed_as(name)))
        };
        let runs = |name: &str, list: &[ImageOfList]| {
            list.is_empty() || machine.choose(list).is_some() || has(name, list)
        };
        let (name, list) = self.0.iter().find(|(name, list)| !runs(name, list))?;
        Some(Rejection::Machine {
            image: name.clone(),
            machine: machine.to_string(),
            made_for: made_for(list),
        })
    }
}

fn cloned((name, list): (&String, &Vec<ImageOfList>)) -> (String, Vec<ImageOfList>) {
    (name.clone(), list.clone())
}
