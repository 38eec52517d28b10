//! Service rules by nftables: changes to one transaction, and back from what nft lists.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::error::ReportError;
use super::lifecycle;
use super::script::Command;
use crate::inventory::Network;
use crate::model::Protocol;
use crate::network::{Backend, Base, Locality, RulesChange};
use crate::observed::ObservedRules;

/// Our table, in the family `ip`.
const TABLE: &str = "bowline";

/// The map from a Service's port to the chain of its backends.
const SERVICES: &str = "services";

/// The map from a port that is open on every address of the host to the chain of its pod.
const PORTS: &str = "ports";

/// How the key of such a port begins where addresses stand in keys.
const ANY: &str = "0.0.0.0 . ";

/// A bit of the packet mark: the caller is given the host's address, so that the answer comes back through the host.
const MASQUERADE: &str = "0x00004000";

/// The kernel's setting by which a packet from 127.0.0.1 may be sent to a pod.
///
/// Source: <https://docs.kernel.org/networking/ip-sysctl.html>, `route_localnet`.
const ROUTE_LOCALNET: &str = "net.ipv4.conf.all.route_localnet";

/// The command that lists our table; it fails when there is none.
pub(super) fn list() -> Command {
    Command::reads(["nft", "-j", "list", "table", "ip", TABLE]).accepting(1)
}

/// Changes the rules in one transaction: either all of it holds or nothing.
///
/// What the host sends from 127.0.0.1 may leave it only once the rules stand that keep others from that address.
pub(super) fn change(change: &RulesChange, network: &Network, mark: &str) -> Vec<Command> {
    let text = transaction(change, network, mark);
    let mut commands = vec![Command::mutates(["nft", "-f", "-"]).with_stdin(text)];
    if change.base == Base::Replace {
        commands.push(Command::mutates(["sysctl", "-qw", &format!("{ROUTE_LOCALNET}=1")]));
    }
    commands.push(lifecycle::keep_rules());
    commands
}

/// Removes our table, if it is there, after what is safe only beside it.
pub(super) fn remove() -> [Command; 2] {
    // `add` first: deleting a table that is not there would fail, and `destroy` is not in every nft.
    let text = format!("add table ip {TABLE}\ndelete table ip {TABLE}\n");
    [
        Command::mutates(["sysctl", "-qw", &format!("{ROUTE_LOCALNET}=0")]),
        Command::mutates(["nft", "-f", "-"]).with_stdin(text),
    ]
}

fn transaction(change: &RulesChange, network: &Network, mark: &str) -> String {
    let mut text = String::new();
    if change.base == Base::Replace {
        text.push_str(&base(network, mark));
    }
    for key in &change.remove {
        let (map, key) = place(key);
        line(&mut text, format_args!("delete element ip {TABLE} {map} {{ {key} }}"));
    }
    for (name, (protocol, backends)) in &change.add_chains {
        line(&mut text, format_args!("add chain ip {TABLE} {name}"));
        line(&mut text, format_args!("flush chain ip {TABLE} {name}"));
        for rule in rules(*protocol, backends) {
            line(&mut text, format_args!("add rule ip {TABLE} {name} {rule}"));
        }
    }
    for (port, chain) in &change.set {
        let port = port.to_string();
        let (map, key) = place(&port);
        line(&mut text, format_args!("add element ip {TABLE} {map} {{ {key} : goto {chain} }}"));
    }
    for name in &change.remove_chains {
        line(&mut text, format_args!("flush chain ip {TABLE} {name}"));
        line(&mut text, format_args!("delete chain ip {TABLE} {name}"));
    }
    text
}

/// The map that a key is in, and the key there.
fn place(key: &str) -> (&str, &str) {
    key.strip_prefix(ANY).map_or((SERVICES, key), |rest| (PORTS, rest))
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(content);
    text.push('\n');
}

/// The part of the table that does not depend on Services.
///
/// Ours come five before the places of podman's own rules, so that ours decide first. Pods reach each other without address
/// translation: a translation to the same address keeps podman's masquerading off. What is for a Service that has no
/// backend is still for the Services' range when it is filtered, and is refused, as kube-proxy refuses it.
///
/// A pod could not answer 127.0.0.1: it sees the host's own address instead. Nobody else reaches or bears that address, as where the
/// kernel itself keeps it on the host (CVE-2020-8558 is what happens without).
fn base(network: &Network, mark: &str) -> String {
    let (pods, services) = (network.pod_cidr, network.service_cidr);
    // A port of the host is looked up where no Service's is found.
    let lookup = format!(
        "ip daddr . meta l4proto . th dport vmap @{SERVICES}\n    \
         fib daddr type local meta l4proto . th dport vmap @{PORTS}"
    );
    let refuse = format!(
        "ip daddr {services} meta l4proto tcp reject with tcp reset\n    ip daddr {services} reject"
    );
    format!(
        "add table ip {TABLE}
delete table ip {TABLE}
table ip {TABLE} {{
  chain {mark} {{
  }}
  map {SERVICES} {{
    type ipv4_addr . inet_proto . inet_service : verdict
  }}
  map {PORTS} {{
    type inet_proto . inet_service : verdict
  }}
  chain loopback {{
    type filter hook prerouting priority -300; policy accept;
    iifname != \"lo\" ip daddr 127.0.0.0/8 drop
    iifname != \"lo\" ip saddr 127.0.0.0/8 drop
  }}
  chain prerouting {{
    type nat hook prerouting priority -105; policy accept;
    {lookup}
  }}
  chain output {{
    type nat hook output priority -105; policy accept;
    {lookup}
  }}
  chain postrouting {{
    type nat hook postrouting priority 95; policy accept;
    meta mark & {MASQUERADE} == {MASQUERADE} masquerade
    ip saddr {pods} ip daddr {pods} snat to ip saddr
    ip saddr 127.0.0.0/8 ip daddr {pods} masquerade
  }}
  chain refuse-forward {{
    type filter hook forward priority -5; policy accept;
    {refuse}
  }}
  chain refuse-output {{
    type filter hook output priority -5; policy accept;
    {refuse}
  }}
}}
"
    )
}

/// The rules of a Service's chain: callers beside a backend are marked, then one of the backends is chosen at random.
fn rules(protocol: Protocol, backends: &std::collections::BTreeSet<Backend>) -> Vec<String> {
    let mut rules = Vec::new();
    let here = backends.iter().find_map(|backend| match backend.locality {
        Locality::Here(range) => Some(range),
        Locality::Elsewhere => None,
    });
    if let Some(range) = here {
        rules.push(format!("ip saddr {range} meta mark set meta mark | {MASQUERADE}"));
    }
    let choices: Vec<String> = backends
        .iter()
        .enumerate()
        .map(|(n, backend)| format!("{n} : {} . {}", backend.target.ip(), backend.target.port()))
        .collect();
    let count = backends.len();
    rules.push(format!(
        "meta l4proto {protocol} dnat ip to numgen random mod {count} map {{ {} }}",
        choices.join(", ")
    ));
    rules
}

/// Reads what nft listed: the names of chains and how many rules each has, and the Service map.
pub(super) fn parse(text: &[u8]) -> Result<Option<ObservedRules>, ReportError> {
    if text.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let listed: Value =
        serde_json::from_slice(text).map_err(|error| ReportError::unreadable("nft", &error))?;
    let items = listed.get("nftables").and_then(Value::as_array);
    let items = items.ok_or_else(|| ReportError::missing("nft", "nftables"))?;
    let mut rules = ObservedRules::default();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for item in items {
        if let Some(name) = item.pointer("/chain/name").and_then(Value::as_str) {
            counts.entry(name.to_owned()).or_default();
        } else if let Some(chain) = item.pointer("/rule/chain").and_then(Value::as_str) {
            *counts.entry(chain.to_owned()).or_default() += 1;
        } else if item.pointer("/map/name").and_then(Value::as_str) == Some(SERVICES) {
            rules.services.extend(elements(item));
        } else if item.pointer("/map/name").and_then(Value::as_str) == Some(PORTS) {
            let any = |(key, chain)| (format!("{ANY}{key}"), chain);
            rules.services.extend(elements(item).map(any));
        }
    }
    let sound = HOOKED.iter().all(|(name, rules)| counts.get(*name) == Some(rules));
    for (name, count) in counts {
        if name.starts_with("svc-") {
            rules.chains.insert(name, count);
        } else if name.starts_with("base-") && sound {
            rules.base = name;
        }
    }
    Ok(Some(rules))
}

/// The chains of the fixed part and how many rules each has: where one was tampered with, the whole table is written anew.
const HOOKED: [(&str, usize); 6] = [
    ("loopback", 2),
    ("prerouting", 2),
    ("output", 2),
    ("postrouting", 3),
    ("refuse-forward", 2),
    ("refuse-output", 2),
];

fn elements(map: &Value) -> impl Iterator<Item = (String, String)> {
    let elements = map.pointer("/map/elem").and_then(Value::as_array);
    elements.into_iter().flatten().filter_map(element)
}

/// An element of a map: `[{"concat": ["10.96.0.10", "tcp", 80]}, {"goto": {"target": "svc-1"}}]`.
fn element(element: &Value) -> Option<(String, String)> {
    let key = element.pointer("/0/concat").and_then(Value::as_array)?;
    let words = key.iter().map(|part| match part {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    });
    let words: Option<Vec<String>> = words.collect();
    let chain = element.pointer("/1/goto/target").and_then(Value::as_str)?;
    Some((words?.join(" . "), chain.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Ruleset, ServicePort, base_mark};
    use insta::assert_snapshot;
    use std::net::{Ipv4Addr, SocketAddrV4};

    fn network() -> Network {
        Network {
            pod_cidr: "10.100.0.0/16".parse().unwrap(),
            host_prefix: 24,
            service_cidr: "10.96.0.0/16".parse().unwrap(),
        }
    }

    #[test]
    fn a_change_in_place_is_a_transaction_of_elements() {
        let port =
            ServicePort { address: Ipv4Addr::new(10, 96, 0, 5), protocol: Protocol::Tcp, port: 80 };
        let backend = |n, locality| Backend {
            target: SocketAddrV4::new(Ipv4Addr::new(10, 100, n, 5), 8080),
            locality,
        };
        let here = Locality::Here("10.100.1.0/24".parse().unwrap());
        let backends = [backend(1, here), backend(2, Locality::Elsewhere)].into();
        let every = ServicePort { address: Ipv4Addr::UNSPECIFIED, port: 8080, ..port };
        let rules =
            Ruleset { services: [(port, backends), (every, [backend(1, here)].into())].into() };
        let mark = base_mark(&network());
        let there = ObservedRules {
            base: mark.clone(),
            services: [
                ("10.96.0.5 . tcp . 80".to_owned(), "svc-old".to_owned()),
                ("0.0.0.0 . udp . 53".to_owned(), "svc-old".to_owned()),
            ]
            .into(),
            chains: [("svc-old".to_owned(), 1)].into(),
        };
        let wanted = rules.change_from(Some(&there), &mark).unwrap();
        assert_snapshot!(transaction(&wanted, &network(), &mark), @r#"
    delete element ip bowline ports { udp . 53 }
    delete element ip bowline services { 10.96.0.5 . tcp . 80 }
    add chain ip bowline svc-9b3e3751935596dc
    flush chain ip bowline svc-9b3e3751935596dc
    add rule ip bowline svc-9b3e3751935596dc ip saddr 10.100.1.0/24 meta mark set meta mark | 0x00004000
    add rule ip bowline svc-9b3e3751935596dc meta l4proto tcp dnat ip to numgen random mod 1 map { 0 : 10.100.1.5 . 8080 }
    add chain ip bowline svc-d44a049392ddfb06
    flush chain ip bowline svc-d44a049392ddfb06
    add rule ip bowline svc-d44a049392ddfb06 ip saddr 10.100.1.0/24 meta mark set meta mark | 0x00004000
    add rule ip bowline svc-d44a049392ddfb06 meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.100.1.5 . 8080, 1 : 10.100.2.5 . 8080 }
    add element ip bowline ports { tcp . 8080 : goto svc-9b3e3751935596dc }
    add element ip bowline services { 10.96.0.5 . tcp . 80 : goto svc-d44a049392ddfb06 }
    flush chain ip bowline svc-old
    delete chain ip bowline svc-old
    "#);
    }

    #[test]
    fn a_table_whose_hooks_were_changed_has_no_mark() {
        let listed =
            br#"{"nftables": [{"chain": {"name": "base-1"}}, {"chain": {"name": "svc-1"}}]}"#;
        let rules = parse(listed).unwrap().unwrap();
        assert_eq!((rules.base.as_str(), rules.chains.len()), ("", 1));
        assert_eq!(parse(b" \n").unwrap(), None);
        assert!(parse(b"oops").is_err());
    }

    #[test]
    fn ports_of_the_host_are_told_from_those_of_services() {
        let listed = br#"{"nftables": [
            {"map": {"name": "services", "elem": [[{"concat": ["10.96.0.5", "tcp", 80]}, {"goto": {"target": "svc-1"}}]]}},
            {"map": {"name": "ports", "elem": [[{"concat": ["tcp", 80]}, {"goto": {"target": "svc-2"}}]]}}]}"#;
        let rules = parse(listed).unwrap().unwrap();
        let seen: Vec<_> = rules.services.iter().map(|(k, v)| format!("{k}: {v}")).collect();
        assert_eq!(seen, ["0.0.0.0 . tcp . 80: svc-2", "10.96.0.5 . tcp . 80: svc-1"]);
    }
}
