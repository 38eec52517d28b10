//! The time of a simulated fleet: it passes when somebody waits, or when the test says so.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bowline::clock::Clock;
use bowline::node::BoxFuture;
use jiff::Timestamp;

use super::World;

/// A clock whose waits are over at once, and have taken as long as they should.
pub(crate) struct SimClock {
    world: Arc<Mutex<World>>,
}

impl SimClock {
    pub(crate) fn of(world: &Arc<Mutex<World>>) -> Self {
        Self { world: Arc::clone(world) }
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        self.world.lock().unwrap().now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.world.lock().unwrap().now += duration;
        Box::pin(tokio::task::yield_now())
    }
}
