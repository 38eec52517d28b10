//! How far the pulls of each image have come over all hosts: counted from events, with no clock of its own.
//!
//! Times are how long the run has lasted.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::{Event, Outcome, Told};
use crate::model::NodeName;

/// The pulls of all images that have not ended everywhere.
#[derive(Clone, Debug, Default)]
pub struct Pulls {
    images: BTreeMap<String, Pull>,
    /// What each host is at, and what comes after it.
    hosts: BTreeMap<NodeName, VecDeque<Told>>,
}

/// How far the pull of one image has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pull {
    /// The hosts of which no end has been told.
    open: BTreeMap<NodeName, Turn>,
    /// When the first host began.
    pub began: Duration,
    /// How many hosts have brought it.
    pub pulled: usize,
    /// How many had it already.
    pub found: usize,
    /// On how many it failed.
    pub failed: usize,
    /// The host on which it failed first, and why.
    pub failure: Option<(NodeName, String)>,
    /// How often it has been said that it goes on.
    said: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Waits,
    Pulls,
}

/// What an event says of pulls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullNews {
    /// The pull of an image failed for the first time, and goes on elsewhere.
    Failed {
        /// The host.
        node: NodeName,
        /// The image.
        image: String,
        /// Why.
        why: String,
    },
    /// Every host is through with an image that was not everywhere already.
    Ended {
        /// The image.
        image: String,
        /// What became of it.
        pull: Pull,
        /// How long it took from the first host's beginning.
        took: Duration,
    },
}

impl Pull {
    /// How many hosts are to have the image.
    pub fn hosts(&self) -> usize {
        self.open.len() + self.pulled + self.found + self.failed
    }

    /// The hosts that are at it now, by name.
    pub fn at_it(&self) -> impl Iterator<Item = &NodeName> {
        self.open.iter().filter(|(_, turn)| **turn == Turn::Pulls).map(|(node, _)| node)
    }

    fn is_under_way(&self) -> bool {
        self.at_it().next().is_some()
    }

    fn has_begun(&self) -> bool {
        self.is_under_way() || self.hosts() > self.open.len()
    }

    /// How long after its beginning it is next said that it goes on: after 1, 5, 10, 20 and 40 seconds, then a minute apart.
    fn due(&self) -> Duration {
        let first = [1, 5, 10, 20, 40];
        let at = usize::try_from(self.said).ok().and_then(|said| first.get(said).copied());
        Duration::from_secs(at.unwrap_or_else(|| 60 * (u64::from(self.said) - 4)))
    }
}

impl Pulls {
    /// Takes an event in.
    pub fn hear(&mut self, event: &Event, now: Duration) -> Vec<PullNews> {
        match event {
            Event::Planned { pulls } => {
                for (node, image) in pulls {
                    let pull = self.images.entry(image.clone()).or_default();
                    pull.open.insert(node.clone(), Turn::Waits);
                }
                Vec::new()
            }
            Event::Sent { node, steps } => {
                self.hosts.insert(node.clone(), steps.iter().cloned().collect());
                self.begin(node, now);
                Vec::new()
            }
            Event::Ended { node, step, outcome, printed } => {
                let news = step.image.as_ref().and_then(|image| {
                    let end = match outcome {
                        Outcome::Done if *printed == 0 => End::Found,
                        Outcome::Done => End::Pulled,
                        Outcome::Failed(why) => End::Failed(why.to_string()),
                        Outcome::Skipped(_) => End::LeftOut,
                    };
                    self.end(node, image, end, now)
                });
                if let Some(left) = self.hosts.get_mut(node)
                    && let Some(at) = left.iter().position(|other| other == step)
                {
                    left.drain(..=at);
                }
                self.begin(node, now);
                news.into_iter().collect()
            }
            // A pull needs no other step, so what a host was sent first holds all of its pulls.
            Event::Over { node, rest } => {
                self.hosts.remove(node);
                let open = self.images.iter().filter(|(_, pull)| pull.open.contains_key(node));
                let open: Vec<String> = open.map(|(image, _)| image.clone()).collect();
                let end = || match rest {
                    Outcome::Failed(why) => End::Failed(why.to_string()),
                    Outcome::Done | Outcome::Skipped(_) => End::LeftOut,
                };
                open.iter().filter_map(|image| self.end(node, image, end(), now)).collect()
            }
        }
    }

    /// The images that some host is at, by name.
    pub fn under_way(&self) -> impl Iterator<Item = (&str, &Pull)> {
        let images = self.images.iter().filter(|(_, pull)| pull.is_under_way());
        images.map(|(image, pull)| (image.as_str(), pull))
    }

    /// The images of which it is time to say that they are pulled; it has then been said. How often grows with the time that
    /// a pull takes, never with the number of hosts.
    pub fn due(&mut self, now: Duration) -> Vec<(String, Pull)> {
        let mut due = Vec::new();
        for (image, pull) in self.images.iter_mut().filter(|(_, pull)| pull.is_under_way()) {
            let took = now.saturating_sub(pull.began);
            if took >= pull.due() {
                due.push((image.clone(), pull.clone()));
                // A pull that goes on after a break is not said again for every moment that has passed.
                while took >= pull.due() {
                    pull.said += 1;
                }
            }
        }
        due
    }

    /// The step that a host is at now may be a pull.
    fn begin(&mut self, node: &NodeName, now: Duration) {
        let step = self.hosts.get(node).and_then(VecDeque::front);
        let image = step.and_then(|step| step.image.as_ref());
        let Some(pull) = image.and_then(|image| self.images.get_mut(image)) else { return };
        if !pull.has_begun() {
            pull.began = now;
        }
        if let Some(turn) = pull.open.get_mut(node) {
            *turn = Turn::Pulls;
        }
    }

    fn end(&mut self, node: &NodeName, image: &str, end: End, now: Duration) -> Option<PullNews> {
        let pull = self.images.get_mut(image)?;
        pull.open.remove(node)?;
        let mut news = None;
        match end {
            End::Pulled => pull.pulled += 1,
            End::Found => pull.found += 1,
            End::LeftOut => {}
            End::Failed(why) => {
                pull.failed += 1;
                if pull.failure.is_none() {
                    pull.failure = Some((node.clone(), why.clone()));
                    news =
                        Some(PullNews::Failed { node: node.clone(), image: image.to_owned(), why });
                }
            }
        }
        if !pull.open.is_empty() {
            return news;
        }
        let pull = self.images.remove(image)?;
        let took = now.saturating_sub(pull.began);
        let is_news = pull.pulled + pull.failed > 0;
        is_news.then(|| PullNews::Ended { image: image.to_owned(), pull, took })
    }
}

/// What became of the pull of an image on one host.
enum End {
    Pulled,
    Found,
    Failed(String),
    LeftOut,
}
