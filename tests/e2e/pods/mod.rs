//! Pods as a container sees them: for each row of the page of support that is honoured, a look at a real one.

mod acting;
mod any;
mod claims;
mod conformance;
mod devices;
mod environment;
mod images;
mod lifecycle;
mod placing;
mod probes;
mod reasons;
mod security;
mod volumes;
