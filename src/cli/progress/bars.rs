//! Progress on a terminal: a line an image that is pulled, and below them a bar a host.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::{Doing, LOOK, Looks};
use crate::execute::{Event, Listener, Outcome, Pulls};
use crate::model::NodeName;
use crate::render::{pull_news_line, pulling_line};

/// The most hosts that have a bar at a time; the rest work unseen, as a terminal has only so many lines.
const BARS_MAX: usize = 20;

/// The most images that have a line at a time, for the same reason.
const IMAGES_MAX: usize = 8;

pub(super) struct Bars {
    all: MultiProgress,
    began: Instant,
    at: Mutex<At>,
}

#[derive(Default)]
struct At {
    hosts: BTreeMap<NodeName, Bar>,
    pulls: Pulls,
    /// The lines of images, from the top.
    images: Vec<ProgressBar>,
}

/// The bar of a host, and what it is at.
struct Bar {
    bar: ProgressBar,
    doing: Doing,
}

impl Bar {
    fn show(&self) {
        let step = self.doing.steps.front();
        self.bar.set_message(step.map(|step| step.title.clone()).unwrap_or_default());
    }
}

impl Bars {
    pub(super) fn new() -> Self {
        Self { all: MultiProgress::new(), began: Instant::now(), at: Mutex::default() }
    }

    /// Shows the images that are being pulled, as many as there are lines for.
    fn show_images(&self, at: &mut At) {
        let now = self.began.elapsed();
        let mut lines: Vec<String> =
            at.pulls.under_way().map(|(image, pull)| pulling_line(image, pull, now)).collect();
        if lines.len() > IMAGES_MAX {
            let more = lines.len() - (IMAGES_MAX - 1);
            lines.truncate(IMAGES_MAX - 1);
            lines.push(format!("pulling {more} more images"));
        }
        for gone in at.images.drain(lines.len().min(at.images.len())..) {
            gone.finish_and_clear();
            self.all.remove(&gone);
        }
        for (place, line) in lines.into_iter().enumerate() {
            if place == at.images.len() {
                let bar = self.all.insert(place, ProgressBar::new_spinner());
                bar.set_style(style("  {wide_msg}"));
                at.images.push(bar);
            }
            at.images[place].set_message(line);
        }
    }

    fn tell_host(&self, at: &mut At, event: Event) {
        match event {
            Event::Planned { .. } => {}
            Event::Sent { node, steps } => {
                at.hosts.retain(|_, host| !host.bar.is_finished());
                if at.hosts.len() < BARS_MAX {
                    let bar = self.all.add(ProgressBar::new(steps.len() as u64));
                    bar.set_style(style(HOST));
                    bar.set_prefix(node.to_string());
                    bar.enable_steady_tick(LOOK);
                    let host = Bar { bar, doing: Doing::new(steps) };
                    host.show();
                    at.hosts.insert(node, host);
                }
            }
            Event::Ended { node, step, outcome, .. } => {
                let Some(host) = at.hosts.get_mut(&node) else { return };
                if let (Outcome::Failed(why), None) = (outcome, &step.image) {
                    host.bar.println(format!("{node}: {}: failed: {why}", step.title));
                }
                host.doing.after(&step);
                host.show();
                host.bar.inc(1);
                if host.bar.length() == Some(host.bar.position()) {
                    host.bar.finish_and_clear();
                }
            }
            Event::Over { node, .. } => {
                if let Some(host) = at.hosts.remove(&node) {
                    host.bar.finish_and_clear();
                }
            }
        }
    }
}

impl Looks for Bars {
    fn look(&self) {
        self.show_images(&mut self.at.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Listener for Bars {
    fn hear(&self, event: Event) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let news = at.pulls.hear(&event, self.began.elapsed());
        for news in &news {
            // What cannot be drawn is said again at the end, if it matters.
            drop(self.all.println(pull_news_line(news)));
        }
        self.tell_host(&mut at, event);
        // Every other change is shown at the next look: a thousand hosts would else draw a thousand times.
        if !news.is_empty() {
            self.show_images(&mut at);
        }
    }
}

/// How the bar of a host looks.
const HOST: &str = "  {prefix:<16} {bar:20} {pos:>3}/{len:<3} {elapsed:>3} {wide_msg}";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
