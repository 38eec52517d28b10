//! Tests on real hosts of the lab. They need root, and say so loudly when they are skipped.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests of real hosts: they start programs, look at the machine and say what they do"
)]

#[path = "../it/any_pod/mod.rs"]
mod any_pod;
mod first_light;
mod fleet;
mod interrupts;
mod lab;
mod look;
mod pods;
mod refusals;
#[path = "../it/spelling.rs"]
mod spelling;
mod trial;
