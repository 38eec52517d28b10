//! Tests of the crate from outside, in one binary.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests reach the system, say what they skip, and fail where something is wrong"
)]

mod any;
mod any_pod;
mod changes;
mod cli;
mod conformance;
mod docs;
mod faults;
mod fleet;
mod layers;
mod lint;
mod local;
mod manifests;
mod properties;
mod secrets;
mod simulate;
mod spelling;
mod ssh;
mod sshd;
mod story;
mod support_page;
mod terminal;
mod wrong;
