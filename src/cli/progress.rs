//! Progress while a plan is carried out: a bar a host on a terminal, a line a step otherwise.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Talk;
use crate::execute::{Event, Listener, Outcome};
use crate::model::NodeName;
use crate::render::event_line;

/// Who hears of progress for this kind of terminal.
pub(super) fn listener(talk: &Talk) -> Arc<dyn Listener> {
    if talk.draws() {
        Arc::new(Bars { all: MultiProgress::new(), hosts: Mutex::default() })
    } else {
        Arc::new(Lines(talk.clone()))
    }
}

struct Lines(Talk);

impl Listener for Lines {
    fn hear(&self, event: Event) {
        if let Some(line) = event_line(&event) {
            self.0.say(&line);
        }
    }
}

struct Bars {
    all: MultiProgress,
    hosts: Mutex<BTreeMap<NodeName, ProgressBar>>,
}

/// The most hosts that have a bar at a time; the rest work unseen, as a terminal has only so many lines.
const BARS_MAX: usize = 20;

impl Listener for Bars {
    fn hear(&self, event: Event) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Sent { node, titles } => {
                hosts.retain(|_, bar| !bar.is_finished());
                if hosts.len() < BARS_MAX {
                    let bar = self.all.add(ProgressBar::new(titles.len() as u64));
                    bar.set_style(style());
                    bar.set_prefix(node.to_string());
                    bar.set_message(titles.first().cloned().unwrap_or_default());
                    hosts.insert(node, bar);
                }
            }
            Event::Ended { node, title, outcome } => {
                let Some(bar) = hosts.get(&node) else { return };
                if let Outcome::Failed(why) = outcome {
                    bar.println(format!("{node}: {title}: failed: {why}"));
                }
                bar.set_message(title);
                bar.inc(1);
                if bar.length() == Some(bar.position()) {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("  {prefix:<16} {bar:20} {pos:>3}/{len:<3} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
