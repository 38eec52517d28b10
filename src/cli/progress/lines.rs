//! Progress without a terminal: lines, few enough for the log of a CI job and never silent for long.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::{Doing, Looks};
use crate::cli::Talk;
use crate::execute::{Event, Listener, Pulls};
use crate::model::NodeName;
use crate::render::{event_line, pull_news_line, pulling_line, still_line};

/// A line a step; of a step that takes long a line after 5, 10, 20, 40 ... seconds. Pulls are told of by image, not by host, unless
/// somebody is curious.
pub(super) struct Lines {
    talk: Talk,
    began: Instant,
    at: Mutex<At>,
}

#[derive(Default)]
struct At {
    hosts: BTreeMap<NodeName, Doing>,
    pulls: Pulls,
}

impl Lines {
    pub(super) fn new(talk: &Talk) -> Self {
        Self { talk: talk.clone(), began: Instant::now(), at: Mutex::default() }
    }

    /// Whether the step of an event is told of by its host.
    fn tells(&self, event: &Event) -> bool {
        match event {
            Event::Ended { step, .. } => step.image.is_none() || self.talk.tells_all(),
            Event::Planned { .. } | Event::Sent { .. } | Event::Over { .. } => false,
        }
    }
}

impl Looks for Lines {
    fn look(&self) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.began.elapsed();
        for (image, pull) in at.pulls.due(now) {
            self.talk.say(&pulling_line(&image, &pull, now));
        }
        for (node, doing) in &mut at.hosts {
            let took = doing.since.elapsed();
            let long = doing.steps.front().filter(|step| step.image.is_none());
            if let Some(step) = long.filter(|_| took >= doing.next) {
                self.talk.say(&still_line(node, &step.title, took.as_secs()));
                doing.next *= 2;
            }
        }
    }
}

impl Listener for Lines {
    fn hear(&self, event: Event) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = event_line(&event).filter(|_| self.tells(&event)) {
            self.talk.say(&line);
        }
        for news in at.pulls.hear(&event, self.began.elapsed()) {
            self.talk.say(&pull_news_line(&news));
        }
        match event {
            Event::Planned { .. } => {}
            Event::Sent { node, steps } => drop(at.hosts.insert(node, Doing::new(steps))),
            Event::Ended { node, step, .. } => {
                if let Some(doing) = at.hosts.get_mut(&node) {
                    doing.after(&step);
                }
            }
            Event::Over { node, .. } => drop(at.hosts.remove(&node)),
        }
    }
}
