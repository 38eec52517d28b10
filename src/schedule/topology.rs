//! Topologies: the hosts by the value that they have of one label, such as their zone.

use super::Candidate;
use super::interned::{Interned, at, number_of};

/// No domain: the host lacks the label.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The hosts by their value of one label. Hosts with the same value are one domain.
#[derive(Clone, Debug)]
pub(super) struct Topology {
    /// The domain of each host, or [`NOWHERE`].
    pub(super) domain: Vec<u32>,
    /// The hosts of each domain.
    pub(super) hosts: Vec<Vec<u32>>,
}

impl Topology {
    /// The topology of a label.
    pub(super) fn of(hosts: &[Candidate], label: &str) -> Self {
        let mut values: Interned<&str> = Interned::default();
        let mut by_domain: Vec<Vec<u32>> = Vec::new();
        let mut domain = Vec::with_capacity(hosts.len());
        for (host, candidate) in hosts.iter().enumerate() {
            let Some(value) = candidate.labels.get(label) else {
                domain.push(NOWHERE);
                continue;
            };
            let (number, _) = values.number(value.as_str());
            by_domain.resize_with(by_domain.len().max(at(number) + 1), Vec::new);
            by_domain[at(number)].push(number_of(host));
            domain.push(number);
        }
        Self { domain, hosts: by_domain }
    }

    /// How many domains there are.
    pub(super) fn domains(&self) -> usize {
        self.hosts.len()
    }
}
