//! Progress while a plan is carried out: a bar a host on a terminal, a line a step otherwise.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Talk;
use crate::execute::{Event, Listener, Outcome};
use crate::model::NodeName;
use crate::render::{event_line, still_line};

/// Who hears of progress for this kind of terminal.
pub(super) fn listener(talk: &Talk) -> Arc<dyn Listener> {
    if talk.draws() {
        return Arc::new(Bars { all: MultiProgress::new(), hosts: Mutex::default() });
    }
    let lines = Arc::new(Lines { talk: talk.clone(), hosts: Mutex::default() });
    let heard = Arc::downgrade(&lines);
    // Ends with the one who listens.
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            let Some(lines) = heard.upgrade() else { break };
            lines.say_what_takes_long();
        }
    });
    lines
}

/// How often is looked for steps that take long.
const LOOK: Duration = Duration::from_secs(1);

/// How long a step may take before that is said: the pull of a large image, the end of a pod that takes its time.
const LONG: Duration = Duration::from_secs(5);

/// A line a step; and of a step that takes long a line after 5, 10, 20, 40 ... seconds.
struct Lines {
    talk: Talk,
    hosts: Mutex<BTreeMap<NodeName, Doing>>,
}

/// What a host is at.
struct Doing {
    /// The steps that have not ended, in their order.
    titles: VecDeque<String>,
    /// Since when it is at the first of them.
    since: Instant,
    /// When is next said that it takes long.
    next: Duration,
}

impl Doing {
    fn new(titles: impl IntoIterator<Item = String>) -> Self {
        Self { titles: titles.into_iter().collect(), since: Instant::now(), next: LONG }
    }

    /// What it is at after a step has ended: those before it were left out.
    fn after(&mut self, title: &str) {
        if let Some(at) = self.titles.iter().position(|other| other == title) {
            *self = Self::new(self.titles.split_off(at + 1));
        }
    }
}

impl Lines {
    fn say_what_takes_long(&self) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        for (node, doing) in hosts.iter_mut() {
            let took = doing.since.elapsed();
            if let Some(title) = doing.titles.front().filter(|_| took >= doing.next) {
                self.talk.say(&still_line(node, title, took.as_secs()));
                doing.next *= 2;
            }
        }
    }
}

impl Listener for Lines {
    fn hear(&self, event: Event) {
        if let Some(line) = event_line(&event) {
            self.talk.say(&line);
        }
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Sent { node, titles } => drop(hosts.insert(node, Doing::new(titles))),
            Event::Ended { node, title, .. } => {
                if let Some(doing) = hosts.get_mut(&node) {
                    doing.after(&title);
                }
            }
        }
    }
}

struct Bars {
    all: MultiProgress,
    hosts: Mutex<BTreeMap<NodeName, Bar>>,
}

/// The bar of a host, and what it is at.
struct Bar {
    bar: ProgressBar,
    doing: Doing,
}

impl Bar {
    fn show(&self) {
        self.bar.set_message(self.doing.titles.front().cloned().unwrap_or_default());
    }
}

/// The most hosts that have a bar at a time; the rest work unseen, as a terminal has only so many lines.
const BARS_MAX: usize = 20;

impl Listener for Bars {
    fn hear(&self, event: Event) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Sent { node, titles } => {
                hosts.retain(|_, host| !host.bar.is_finished());
                if hosts.len() < BARS_MAX {
                    let bar = self.all.add(ProgressBar::new(titles.len() as u64));
                    bar.set_style(style());
                    bar.set_prefix(node.to_string());
                    bar.enable_steady_tick(LOOK);
                    let host = Bar { bar, doing: Doing::new(titles) };
                    host.show();
                    hosts.insert(node, host);
                }
            }
            Event::Ended { node, title, outcome } => {
                let Some(host) = hosts.get_mut(&node) else { return };
                if let Outcome::Failed(why) = outcome {
                    host.bar.println(format!("{node}: {title}: failed: {why}"));
                }
                host.doing.after(&title);
                host.show();
                host.bar.inc(1);
                if host.bar.length() == Some(host.bar.position()) {
                    host.bar.finish_and_clear();
                }
            }
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template(
        "  {prefix:<16} {bar:20} {pos:>3}/{len:<3} {elapsed:>3} {wide_msg}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_at_the_first_step_that_has_not_ended() {
        let mut doing = Doing::new(["a", "b", "c", "d"].map(str::to_owned));
        for (ended, at) in [("a", Some("b")), ("c", Some("d")), ("x", Some("d")), ("d", None)] {
            doing.after(ended);
            assert_eq!(doing.titles.front().map(String::as_str), at, "after {ended}");
        }
    }
}
