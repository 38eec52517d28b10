//! Tags: what registries have for them, and what containers were made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::ImageOfList;

/// A tag that names another image than before; both as people tell them apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedTag {
    /// The image's full name.
    pub image: String,
    /// What the container was made of.
    pub from: String,
    /// What the registry has.
    pub to: String,
}

/// What a registry has for a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offered {
    /// One image.
    Image {
        /// Its id.
        id: String,
        /// The digest of its manifest, such as `sha256:0a1b...`, where the host was told the manifest as it is.
        digest: Option<String>,
    },
    /// A list with an image for each of some machines.
    Images(Vec<ImageOfList>),
}

/// What registries have for tags, by the full names of the images, as far as they answered.
pub type OfferedTags = BTreeMap<String, Offered>;
