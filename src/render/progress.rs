//! Progress as lines, for logs and for terminals that are none.

use crate::execute::{Event, Outcome};

/// One line for an event; `None` for those that only a terminal shows.
pub fn event_line(event: &Event) -> Option<String> {
    match event {
        Event::Sent { .. } => None,
        Event::Ended { node, title, outcome } => Some(match outcome {
            Outcome::Done => format!("{node}: {title}: done"),
            Outcome::Skipped(why) => format!("{node}: {title}: skipped: {why}"),
            Outcome::Failed(why) => format!("{node}: {title}: failed: {why}"),
        }),
    }
}
