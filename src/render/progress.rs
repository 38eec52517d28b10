//! Progress as lines, for logs and for terminals that are none.

use crate::execute::{Event, Outcome};
use crate::model::NodeName;

/// One line for an event; `None` for those that only a terminal shows.
pub fn event_line(event: &Event) -> Option<String> {
    match event {
        Event::Planned { .. } | Event::Sent { .. } | Event::Over { .. } => None,
        Event::Ended { node, step, outcome, .. } => {
            let title = &step.title;
            Some(match outcome {
                Outcome::Done => format!("{node}: {title}: done"),
                Outcome::Skipped(why) => format!("{node}: {title}: skipped: {why}"),
                Outcome::Failed(why) => format!("{node}: {title}: failed: {why}"),
            })
        }
    }
}

/// The line for a step that takes long.
pub fn still_line(node: &NodeName, title: &str, seconds: u64) -> String {
    format!("{node}: {title}: still at it after {seconds} s")
}
