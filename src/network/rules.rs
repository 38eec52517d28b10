//! The nftables rules of one host as a value, and the smallest change from what is there.
//!
//! Chains are named by the digest of what they hold: a chain never changes, a Service's map element is led to another one.
//! So a change is a transaction of a few elements, whatever the size of the rest, and what is there is known by names alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};

use serde::{Deserialize, Serialize};

use crate::inventory::{Cidr, Network};
use crate::model::{Digest, Protocol};
use crate::observed::ObservedRules;

/// The rules that one host should have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruleset {
    /// Where each port leads: those of Services, and those of the host that a pod asks for.
    pub services: BTreeMap<ServicePort, BTreeSet<Backend>>,
}

/// One port of one Service, or of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServicePort {
    /// The Service's address, or the host's; `0.0.0.0` is every address of the host.
    pub address: Ipv4Addr,
    /// The protocol.
    pub protocol: Protocol,
    /// The port.
    pub port: u16,
}

/// One pod that a Service port leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Backend {
    /// The pod's address and port.
    pub target: SocketAddrV4,
    /// Whether the pod is on the host that the rules are for.
    pub locality: Locality,
}

/// Whether a pod is on the host that rules are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Locality {
    /// On this host: a caller of the same bridge is given the host's address, since an answer that stays on the bridge
    /// would never pass the rules that must turn it round. Holds the host's range.
    Here(Cidr),
    /// On another host.
    Elsewhere,
}

/// What must be done to the rules of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesChange {
    /// Whether the table is made anew or changed in place.
    pub base: Base,
    /// Chains to write, there before or not, by name: the protocol and the backends that they lead to.
    pub add_chains: BTreeMap<String, (Protocol, BTreeSet<Backend>)>,
    /// Map elements to set, and the chains that they lead to.
    pub set: BTreeMap<ServicePort, String>,
    /// Map elements to remove, in the form in which nft lists them.
    pub remove: BTreeSet<String>,
    /// Chains to remove.
    pub remove_chains: BTreeSet<String>,
}

/// Whether the table is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// It is there and sound.
    Keep,
    /// It is missing, or of another form: everything is written.
    Replace,
}

impl fmt::Display for ServicePort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, protocol, port } = self;
        write!(f, "{address} . {protocol} . {port}")
    }
}

/// The form of the fixed part of the table; another number makes every host's table be written anew.
const BASE_FORM: u32 = 3;

/// The mark of the fixed part of the table: its form and the ranges that it names.
pub fn base_mark(network: &Network) -> String {
    let text = format!("{BASE_FORM} {} {}", network.pod_cidr, network.service_cidr);
    format!("base-{}", Digest::of_text(&text))
}

impl Ruleset {
    /// The change from what a host reported to these rules; `None` when there is nothing to do.
    pub fn change_from(&self, there: Option<&ObservedRules>, mark: &str) -> Option<RulesChange> {
        let sound = there.filter(|rules| rules.base == mark);
        let empty = ObservedRules::default();
        let have = sound.unwrap_or(&empty);
        let mut change = RulesChange {
            base: if sound.is_some() { Base::Keep } else { Base::Replace },
            add_chains: BTreeMap::new(),
            set: BTreeMap::new(),
            remove: BTreeSet::new(),
            remove_chains: BTreeSet::new(),
        };
        let mut wanted = BTreeMap::new();
        for (port, backends) in self.services.iter().filter(|(_, backends)| !backends.is_empty()) {
            let name = chain_name(*port, backends);
            if have.chains.get(&name) != Some(&rules_of(backends)) {
                change.add_chains.insert(name.clone(), (port.protocol, backends.clone()));
            }
            if have.services.get(&port.to_string()) != Some(&name) {
                change.set.insert(*port, name.clone());
            }
            wanted.insert(port.to_string(), name);
        }
        let stale = |key: &&String| wanted.get(*key) != have.services.get(*key);
        change.remove = have.services.keys().filter(stale).cloned().collect();
        let used: BTreeSet<&String> = wanted.values().collect();
        change.remove_chains =
            have.chains.keys().filter(|name| !used.contains(name)).cloned().collect();
        (!change.is_empty()).then_some(change)
    }
}

impl RulesChange {
    fn is_empty(&self) -> bool {
        let Self { base, add_chains, set, remove, remove_chains } = self;
        *base == Base::Keep
            && add_chains.is_empty()
            && set.is_empty()
            && remove.is_empty()
            && remove_chains.is_empty()
    }
}

/// How many rules a chain has: the choice, and before it, when a backend is on this host, the mark of a caller beside it.
fn rules_of(backends: &BTreeSet<Backend>) -> usize {
    1 + usize::from(backends.iter().any(|b| matches!(b.locality, Locality::Here(_))))
}

fn chain_name(port: ServicePort, backends: &BTreeSet<Backend>) -> String {
    format!("svc-{}", Digest::of(&(port, backends)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(n: u16) -> ServicePort {
        ServicePort { address: Ipv4Addr::new(10, 96, 0, 5), protocol: Protocol::Tcp, port: n }
    }

    fn backend(n: u8) -> Backend {
        let target = SocketAddrV4::new(Ipv4Addr::new(10, 100, 1, n), 80);
        Backend { target, locality: Locality::Elsewhere }
    }

    fn rules(ports: &[(u16, &[u8])]) -> Ruleset {
        let services =
            ports.iter().map(|(p, b)| (port(*p), b.iter().map(|n| backend(*n)).collect()));
        Ruleset { services: services.collect() }
    }

    /// What a host would report after a change was carried out.
    fn after(there: Option<&ObservedRules>, change: &RulesChange) -> ObservedRules {
        let mut next = match change.base {
            Base::Keep => there.cloned().unwrap(),
            Base::Replace => ObservedRules { base: "base-x".into(), ..ObservedRules::default() },
        };
        for key in &change.remove {
            next.services.remove(key);
        }
        for name in &change.remove_chains {
            next.chains.remove(name);
        }
        for (name, (_, backends)) in &change.add_chains {
            next.chains.insert(name.clone(), rules_of(backends));
        }
        for (port, name) in &change.set {
            next.services.insert(port.to_string(), name.clone());
        }
        next
    }

    #[test]
    fn a_change_leads_to_rules_that_need_no_change() {
        let first = rules(&[(80, &[1, 2]), (443, &[1])]);
        let change = first.change_from(None, "base-x").unwrap();
        assert_eq!(change.base, Base::Replace);
        let there = after(None, &change);
        assert_eq!(first.change_from(Some(&there), "base-x"), None);

        let second = rules(&[(80, &[1, 2, 3])]);
        let change = second.change_from(Some(&there), "base-x").unwrap();
        assert_eq!((change.base, change.add_chains.len(), change.set.len()), (Base::Keep, 1, 1));
        assert_eq!((change.remove.len(), change.remove_chains.len()), (2, 2));
        let there = after(Some(&there), &change);
        assert_eq!(second.change_from(Some(&there), "base-x"), None);
        assert_eq!(there.services.len(), 1);
    }

    #[test]
    fn a_chain_that_was_tampered_with_is_written_again() {
        let wanted = rules(&[(80, &[1])]);
        let mut there = after(None, &wanted.change_from(None, "base-x").unwrap());
        there.chains.values_mut().for_each(|rules| *rules = 0);
        let change = wanted.change_from(Some(&there), "base-x").unwrap();
        assert_eq!((change.add_chains.len(), change.remove_chains.len()), (1, 0));
    }

    #[test]
    fn another_base_is_replaced_whole() {
        let wanted = rules(&[(80, &[1])]);
        let there = ObservedRules { base: "base-old".into(), ..ObservedRules::default() };
        assert_eq!(wanted.change_from(Some(&there), "base-x").unwrap().base, Base::Replace);
    }
}
