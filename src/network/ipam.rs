//! Who gets which address.
//!
//! Every choice is a function of its input, so two plans of one state choose alike; what was chosen is kept in the bindings.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::bindings::NodeBinding;
use crate::inventory::{Cidr, Network};
use crate::model::{Digest, NodeName};

/// The hosts' pod ranges: which number of the fleet's range is whose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subnets {
    /// What each host was given.
    pub nodes: BTreeMap<NodeName, NodeBinding>,
}

impl Subnets {
    /// Gives a host the range it reports if that is free, else the lowest free one; one that has a range keeps it.
    ///
    /// Returns `false` when the fleet's range has none left.
    pub fn ensure(&mut self, node: &NodeName, reported: Option<Cidr>, network: &Network) -> bool {
        if self.nodes.contains_key(node) {
            return true;
        }
        let taken: BTreeSet<u32> = self.nodes.values().map(|node| node.subnet).collect();
        let count = range_count(network);
        let own =
            reported.and_then(|cidr| (0..count).find(|n| host_range(network, *n) == Some(cidr)));
        let free =
            own.filter(|n| !taken.contains(n)).or_else(|| (0..count).find(|n| !taken.contains(n)));
        let Some(subnet) = free else { return false };
        let given = NodeBinding { subnet, address: None, tainted: BTreeMap::new() };
        self.nodes.insert(node.clone(), given);
        true
    }
}

/// How many hosts' ranges the fleet's range holds.
fn range_count(network: &Network) -> u32 {
    1_u32 << network.host_prefix.saturating_sub(network.pod_cidr.prefix).min(16)
}

/// The n-th host's range.
pub fn host_range(network: &Network, n: u32) -> Option<Cidr> {
    let size = 1_u64 << (32 - u32::from(network.host_prefix));
    let first = network.pod_cidr.address(u64::from(n) * size)?;
    Some(Cidr { network: first, prefix: network.host_prefix })
}

/// The address of the bridge on the host: the first after the network's own.
pub fn gateway(range: Cidr) -> Option<Ipv4Addr> {
    range.address(1)
}

/// A free address of a host's range for a pod, or `None` when all are taken.
///
/// The search begins at a place that the pod's name decides: an address that has just become free is seldom the next to be
/// given, so late packets and caches find nobody instead of a stranger.
pub fn allocate_pod(range: Cidr, name: &str, taken: &BTreeSet<Ipv4Addr>) -> Option<Ipv4Addr> {
    // The network's own address, the gateway and the broadcast address are nobody's.
    probe(range, 2, range.size().saturating_sub(3), name, taken)
}

/// A free Service address, or `None` when all are taken.
pub fn allocate_service(range: Cidr, name: &str, taken: &BTreeSet<Ipv4Addr>) -> Option<Ipv4Addr> {
    probe(range, 1, range.size().saturating_sub(2), name, taken)
}

fn probe(
    range: Cidr,
    first: u64,
    count: u64,
    name: &str,
    taken: &BTreeSet<Ipv4Addr>,
) -> Option<Ipv4Addr> {
    let digest = Digest::of_text(name);
    let start = u64::from_str_radix(&digest.as_str()[..8], 16).unwrap_or(0);
    (0..count)
        .filter_map(|step| range.address(first + (start + step) % count))
        .find(|address| !taken.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn network() -> Network {
        Network {
            pod_cidr: "10.100.0.0/16".parse().unwrap(),
            host_prefix: 24,
            service_cidr: "10.96.0.0/16".parse().unwrap(),
        }
    }

    #[test]
    fn hosts_keep_what_they_have_and_adopt_what_they_report() {
        let mut subnets = Subnets::default();
        let reported = Some("10.100.7.0/24".parse().unwrap());
        assert!(subnets.ensure(&"a".into(), None, &network()));
        assert!(subnets.ensure(&"b".into(), reported, &network()));
        assert!(subnets.ensure(&"c".into(), reported, &network()));
        let given: Vec<u32> = subnets.nodes.values().map(|n| n.subnet).collect();
        assert_eq!(given, [0, 7, 1]);
    }

    #[test]
    fn a_full_range_says_so() {
        let range: Cidr = "10.0.0.0/29".parse().unwrap();
        let mut taken = BTreeSet::new();
        for n in 0..5 {
            taken.insert(allocate_pod(range, &n.to_string(), &taken).unwrap());
        }
        assert_eq!(taken.first(), Some(&Ipv4Addr::new(10, 0, 0, 2)));
        assert_eq!(taken.last(), Some(&Ipv4Addr::new(10, 0, 0, 6)));
        assert_eq!(allocate_pod(range, "late", &taken), None);
    }

    proptest! {
        #[test]
        fn no_address_is_given_twice(names in prop::collection::btree_set("[a-z]{1,8}", 1..200)) {
            let range = host_range(&network(), 3).unwrap();
            let mut taken = BTreeSet::new();
            for name in &names {
                let address = allocate_pod(range, name, &taken).unwrap();
                prop_assert!(range.contains(address));
                prop_assert!(taken.insert(address));
            }
        }
    }
}
