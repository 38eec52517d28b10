//! Tests on real hosts of the lab. They need root, and say so loudly when they are skipped.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests of real hosts: they start programs, look at the machine and say what they do"
)]

mod first_light;
mod fleet;
mod interrupts;
mod lab;
mod pods;
mod refusals;
mod trial;
