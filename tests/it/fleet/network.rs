//! A simulated host's network, as podman, ip and nft change it.

use bowline::driver::CommandOutput;
use bowline::network::{Base, Locality, RulesChange};
use bowline::plan::{HostNetwork, KEEPING};

use super::host::{SimHost, SimRules};
use super::podman::failed;

/// One of the commands by which a host's own network is set up.
pub(super) fn configure(
    host: &mut SimHost,
    wanted: &HostNetwork,
    argv: &[String],
) -> CommandOutput {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sh", "-c", ..] => {
            host.subnet.get_or_insert(wanted.subnet);
        }
        ["sysctl", "-qw", "net.ipv4.ip_forward=1"] => host.forwarding = true,
        ["install", .., "/var/lib/bowline/boot/form"] => host.keeping = Some(KEEPING.to_owned()),
        ["install", ..] | ["systemctl", "daemon-reload" | "--quiet", ..] => {}
        ["ip", "-batch", "-"] => {
            host.routes.extend(wanted.routes.iter().map(|(range, via)| (*range, Some(*via))));
            host.routes.insert(wanted.services, None);
        }
        ["ip", "-force", "-batch", "-"] => {
            let gone =
                wanted.stale_routes.iter().filter(|range| host.routes.remove(range).is_none());
            if gone.count() > 0 {
                return failed(1, "RTNETLINK answers: No such process");
            }
        }
        other => panic!("the simulated host does not know {other:?}"),
    }
    CommandOutput::default()
}

/// One transaction: all of it holds, or nothing of it.
pub(super) fn change(host: &mut SimHost, change: &RulesChange, mark: &str) -> CommandOutput {
    let RulesChange { base, add_chains, set, remove, remove_chains } = change;
    let mut rules = match (base, &host.rules) {
        (Base::Replace, _) => SimRules { base: mark.to_owned(), ..SimRules::default() },
        (Base::Keep, Some(rules)) => rules.clone(),
        (Base::Keep, None) => return missing("table bowline"),
    };
    for key in remove {
        if rules.services.remove(key).is_none() {
            return missing(key);
        }
    }
    for (name, (_, backends)) in add_chains {
        let here = backends.iter().any(|b| matches!(b.locality, Locality::Here(_)));
        let targets = backends.iter().map(|backend| backend.target.to_string()).collect();
        rules.chains.insert(name.clone(), (targets, 1 + usize::from(here)));
    }
    for (port, chain) in set {
        let other = rules.services.insert(port.to_string(), chain.clone());
        if other.is_some_and(|other| other != *chain) {
            return failed(1, "Error: Could not process rule: File exists");
        }
        if !rules.chains.contains_key(chain) {
            return missing(chain);
        }
    }
    for name in remove_chains {
        if rules.services.values().any(|used| used == name) {
            return failed(1, "Error: Could not process rule: Device or resource busy");
        }
        if rules.chains.remove(name).is_none() {
            return missing(name);
        }
    }
    host.rules = Some(rules);
    CommandOutput::default()
}

fn missing(what: &str) -> CommandOutput {
    failed(1, format!("Error: Could not process rule: No such file or directory ({what})"))
}
