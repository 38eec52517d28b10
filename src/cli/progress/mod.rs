//! Progress while a plan is carried out: on a terminal a bar a host and a line an image that is pulled, otherwise a line a step,
//! and of pulls a few lines an image.

mod bars;
mod lines;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bars::Bars;
use lines::Lines;

use super::Talk;
use crate::execute::{Listener, Told};

/// Who hears of progress for this kind of terminal.
pub(super) fn listener(talk: &Talk) -> Arc<dyn Listener> {
    if talk.draws() { looking(Bars::new()) } else { looking(Lines::new(talk)) }
}

/// Who shows that time passes.
trait Looks: Listener + 'static {
    /// Shows what takes long; called every [`LOOK`].
    fn look(&self);
}

/// Has someone look until nobody holds them any more.
fn looking<L: Looks>(looks: L) -> Arc<dyn Listener> {
    let looks = Arc::new(looks);
    let heard = Arc::downgrade(&looks);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            let Some(looks) = heard.upgrade() else { break };
            looks.look();
        }
    });
    looks
}

/// How often is looked for what takes long.
const LOOK: Duration = Duration::from_secs(1);

/// How long a step may take before that is said: the end of a pod that takes its time.
const LONG: Duration = Duration::from_secs(5);

/// What a host is at.
struct Doing {
    /// The steps that have not ended, in their order.
    steps: VecDeque<Told>,
    /// Since when it is at the first of them.
    since: Instant,
    /// When is next said that it takes long.
    next: Duration,
}

impl Doing {
    fn new(steps: impl IntoIterator<Item = Told>) -> Self {
        Self { steps: steps.into_iter().collect(), since: Instant::now(), next: LONG }
    }

    /// What it is at after a step has ended: those before it were left out.
    fn after(&mut self, step: &Told) {
        if let Some(at) = self.steps.iter().position(|other| other == step) {
            *self = Self::new(self.steps.split_off(at + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_at_the_first_step_that_has_not_ended() {
        let step = |title: &str| Told { title: title.to_owned(), image: None };
        let mut doing = Doing::new(["a", "b", "c", "d"].map(step));
        for (ended, at) in [("a", Some("b")), ("c", Some("d")), ("x", Some("d")), ("d", None)] {
            doing.after(&step(ended));
            assert_eq!(doing.steps.front().map(|step| &*step.title), at, "after {ended}");
        }
    }
}
