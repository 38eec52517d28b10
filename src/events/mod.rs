//! What happened to objects, in Kubernetes' words, and how long that is remembered.
//!
//! What holds now is read from the hosts. Why the last try failed is on no host: it is remembered here, so that who looks later
//! learns it too.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::{Digest, NodeName, ObjectKey};
use crate::plan::Moment;

mod happened;

#[cfg(test)]
mod tests;

pub use happened::{Ended, happened};

/// How long an event is remembered after it was last seen. Kubernetes forgets after an hour; who plans from a laptop or from
/// CI looks again the next morning.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// The most events that are remembered; the oldest go first.
const MOST: usize = 1000;

/// Something that happened to an object, however often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub what: Happening,
    /// When it happened first.
    pub first: Timestamp,
    /// When it happened last.
    pub last: Timestamp,
    /// How often it happened.
    pub count: u32,
}

/// Something that happens to an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Happening {
    /// The object.
    pub object: ObjectKey,
    /// The host on which it happened.
    pub node: NodeName,
    /// Whether somebody should look.
    pub severity: Severity,
    /// Why, in one word.
    pub reason: Reason,
    /// What, in a sentence.
    pub message: String,
    /// What containers of a pod wait for since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
}

/// What keeps containers of a pod from being there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Trouble {
    /// Their image could not be had.
    Image {
        /// The image's full name.
        image: String,
        /// What the host said.
        said: String,
    },
    /// One of them could not be made.
    Container {
        /// Its name in the pod.
        name: String,
        /// What was being done about it.
        moment: Moment,
        /// What the host said.
        said: String,
    },
}

/// Whether somebody should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// Nobody need.
    Normal,
    /// Something went wrong.
    Warning,
}

/// Why something happened, in the words of the scheduler and the kubelet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reason {
    /// A pod was given a host.
    Scheduled,
    /// An image is on the host.
    Pulled,
    /// A container was made; its host starts it in its turn.
    Created,
    /// A container was started.
    Started,
    /// A pod is ended, or a container that is not well.
    Killing,
    /// A container's answers to a probe are not good.
    Unhealthy,
    /// An image, a pod or a container could not be had.
    Failed,
    /// An image that nobody may pull is not on the host.
    ErrImageNeverPull,
    /// A pod could not be ended.
    FailedKillPod,
    /// A volume of a pod could not be filled.
    FailedMount,
    /// A volume was made for a claim.
    ProvisioningSucceeded,
    /// No volume could be made for a claim.
    ProvisioningFailed,
    /// A volume has grown.
    FileSystemResizeSuccessful,
    /// A volume could not grow.
    VolumeResizeFailed,
    /// A volume could not be let go.
    VolumeFailedDelete,
    /// The host's part of the network could not be set up.
    NetworkNotReady,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Created => "Created",
            Self::Scheduled => "Scheduled",
            Self::Pulled => "Pulled",
            Self::Started => "Started",
            Self::Killing => "Killing",
            Self::Unhealthy => "Unhealthy",
            Self::Failed => "Failed",
            Self::ErrImageNeverPull => "ErrImageNeverPull",
            Self::FailedKillPod => "FailedKillPod",
            Self::FailedMount => "FailedMount",
            Self::ProvisioningSucceeded => "ProvisioningSucceeded",
            Self::ProvisioningFailed => "ProvisioningFailed",
            Self::FileSystemResizeSuccessful => "FileSystemResizeSuccessful",
            Self::VolumeResizeFailed => "VolumeResizeFailed",
            Self::VolumeFailedDelete => "VolumeFailedDelete",
            Self::NetworkNotReady => "NetworkNotReady",
        })
    }
}

/// The events that are remembered, each by the digest of what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events(pub BTreeMap<Digest, Event>);

impl Events {
    /// Adds what has happened now, and forgets what is too old.
    pub fn add(&mut self, happenings: Vec<Happening>, now: Timestamp) {
        for what in happenings {
            let event = self.0.entry(Digest::of(&what)).or_insert_with(|| Event {
                what,
                first: now,
                last: now,
                count: 0,
            });
            event.last = now;
            event.count = event.count.saturating_add(1);
        }
        self.0.retain(|_, event| now.duration_since(event.last) <= REMEMBERED);
        if let Some(too_many) = self.0.len().checked_sub(MOST) {
            let mut ages: Vec<(Timestamp, Digest)> =
                self.0.iter().map(|(id, event)| (event.last, id.clone())).collect();
            ages.sort();
            for (_, id) in ages.into_iter().take(too_many) {
                self.0.remove(&id);
            }
        }
    }

    /// All of them, the one that was seen last at the end.
    pub fn in_order(self) -> Vec<Event> {
        let mut events: Vec<Event> = self.0.into_values().collect();
        events.sort_by(|one, other| (one.last, &one.what).cmp(&(other.last, &other.what)));
        events
    }
}
