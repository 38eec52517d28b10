//! The host itself: its facts, its podman network, its routes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::Ipv4Addr;

use serde::Deserialize;

use super::amounts::{self, HUGE_PAGES};
use super::cdi::{self, SPECIFICATIONS};
use super::error::ReportError;
use super::fence::FENCE_FILE;
use super::files::{self, Files};
use super::lifecycle::{self, KEEPING_FILE, PROBED, TOLD};
use super::nftables;
use super::podman::{self, VOLATILE_DIRECTORY, network_name};
use super::script::Command;
use crate::inventory::Cidr;
use crate::model::FleetName;
use crate::observed::{Facts, Keeper, ObservedNetwork, ObservedRules, OomScore};
use crate::plan::{Bridge, BridgeFilter, HostNetwork, Keeping};

/// The number by which our routes are known among others (`ip route ... proto`); it is nobody else's in iproute2's list.
const PROTOCOL: &str = "98";

/// `podman network create` fails when the network is there, and podman 4.3 has no option against that. Asking comes second:
/// it is needed only by a step that runs twice.
const CREATE_NETWORK: &str =
    r#"name=$1; shift; podman network create "$@" "$name" || podman network exists "$name""#;

/// Removes a directory that may have a file system of its own.
const FORGET: &str = r#"! mountpoint -q "$1" || umount "$1"; rm -rf -- "$1""#;

/// Sets up a host's part of the pod network.
pub(super) fn configure(fleet: &FleetName, wanted: &HostNetwork) -> Vec<Command> {
    let mut commands = Vec::new();
    if wanted.bridge == Bridge::Missing {
        commands.push(Command::mutates([
            "sh".to_owned(),
            "-c".to_owned(),
            CREATE_NETWORK.to_owned(),
            "create-network".to_owned(),
            network_name(fleet),
            "--subnet".to_owned(),
            wanted.subnet.to_string(),
            "--gateway".to_owned(),
            wanted.gateway.to_string(),
            "--disable-dns".to_owned(),
            "--label".to_owned(),
            format!("bowline.fleet={fleet}"),
        ]));
    }
    commands.push(Command::mutates(["sysctl", "-qw", "net.ipv4.ip_forward=1"]));
    if wanted.bridge_filter == BridgeFilter::TurnOff {
        commands.push(Command::mutates(["sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0"]));
    }
    commands.extend(change_routes(wanted));
    if wanted.keeper == Keeper::Systemd {
        commands.push(lifecycle::keep_routes(&routes_text(wanted)));
    }
    match wanted.keeping {
        Keeping::Present => {}
        Keeping::Missing => commands.extend(lifecycle::install()),
    }
    commands
}

/// Every route of a host, as `ip -batch` reads them.
fn routes_text(wanted: &HostNetwork) -> String {
    let mut replace = String::new();
    for (range, via) in &wanted.routes {
        let _ = writeln!(replace, "route replace {range} via {via} proto {PROTOCOL}");
    }
    // Any route will do for a Service's address: it is translated before the packet leaves. The source is chosen by it.
    let _ = write!(replace, "route replace {} dev lo proto {PROTOCOL}", wanted.services);
    if let Some(source) = wanted.address {
        let _ = write!(replace, " src {source}");
    }
    replace.push('\n');
    replace
}

/// All routes by one `ip`: a fleet of a hundred hosts has ten thousand of them.
fn change_routes(wanted: &HostNetwork) -> Vec<Command> {
    let replace = routes_text(wanted);
    let mut commands = vec![Command::mutates(["ip", "-batch", "-"]).with_stdin(replace)];
    if !wanted.stale_routes.is_empty() {
        let mut remove = String::new();
        for range in &wanted.stale_routes {
            let _ = writeln!(remove, "route del {range} proto {PROTOCOL}");
        }
        // One that has gone by itself keeps none of the others.
        let command = Command::mutates(["ip", "-force", "-batch", "-"]).with_stdin(remove);
        commands.push(command.accepting(1));
    }
    commands
}

/// What is left in files.
const LEFT: [&str; 5] =
    [TOLD, "/var/lib/bowline/boot", "/run/bowline-life", "/var/lib/bowline/runtime", FENCE_FILE];

/// Removes everything of the fleet that is no pod.
pub(super) fn leave(fleet: &FleetName) -> Vec<Command> {
    let [keep_loopback, remove_table] = nftables::remove();
    vec![
        Command::mutates(["podman", "network", "rm", "--force", &network_name(fleet)]).accepting(1),
        Command::mutates(["ip", "route", "flush", "proto", PROTOCOL]),
        keep_loopback,
        remove_table,
        podman::clear_all(&podman::OF_PODS),
        lifecycle::uninstall(),
        Command::mutates(["rm", "-rf", "--"].into_iter().chain(LEFT)),
        // Data that are to stay are in there.
        Command::mutates(["rmdir", "--", podman::MADE, podman::VOLUMES]).accepting(1),
        Command::mutates(["sh", "-c", FORGET, "forget", VOLATILE_DIRECTORY]),
    ]
}

/// How much memory there is.
const MEMORY: &str = "/proc/meminfo";
/// What the system is called.
const RELEASE: &str = "/etc/os-release";
/// Which processors are online.
const PROCESSORS: &str = "/sys/devices/system/cpu/online";
/// What root may do there.
const OWN_STATUS: &str = "/proc/self/status";
/// The resolver's file.
const RESOLVER: &str = "/etc/resolv.conf";
/// The same before systemd's own resolver was put between.
const RESOLVER_BEHIND: &str = "/run/systemd/resolve/resolv.conf";
/// What the first process is called.
const FIRST: &str = "/proc/1/comm";
/// Whether packets are passed on.
const FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";
/// Whether packets from 127.0.0.1 may leave the host; rules of ours see to it that this harms nobody.
const LOOPBACK: &str = "/proc/sys/net/ipv4/conf/all/route_localnet";
/// Whether a bridge's packets pass the IP rules; only where the module `br_netfilter` is.
const BRIDGE_FILTER: &str = "/proc/sys/net/bridge/bridge-nf-call-iptables";

/// podman's own file of the network: reading it costs a thousandth of asking podman.
fn network_file(fleet: &FleetName) -> String {
    format!("/etc/containers/networks/{}.json", network_name(fleet))
}

/// Reads everything that is known from files.
pub(super) fn read_files(fleet: &FleetName) -> Command {
    let network = network_file(fleet);
    let facts = [MEMORY, RELEASE, PROCESSORS, OWN_STATUS, RESOLVER, RESOLVER_BEHIND, FIRST];
    let ours =
        [FENCE_FILE, FORWARDING, LOOPBACK, BRIDGE_FILTER, &network, KEEPING_FILE, TOLD, PROBED];
    let devices = [&SPECIFICATIONS[..], &[HUGE_PAGES]].concat();
    files::read(&[&facts[..], &devices, &ours, &podman::MARKS, &[podman::MADE]].concat())
}

/// Reads our routes.
pub(super) fn list_routes() -> Command {
    Command::reads(["ip", "-j", "-4", "route", "show", "proto", PROTOCOL])
}

/// Reads the facts, of which `uname -rm`, the variable `SSH_CONNECTION` and the size of the `disk` tell a part.
pub(super) fn facts(
    files: Files<'_>,
    uname: &str,
    connection: &str,
    disk: &str,
) -> Result<Facts, ReportError> {
    let cpus = processors(&files.text(PROCESSORS))
        .ok_or_else(|| ReportError::missing(PROCESSORS, "a list of processors"))?;
    let (kernel, machine) =
        uname.trim().split_once(' ').ok_or_else(|| ReportError::missing("uname", "two words"))?;
    Ok(Facts {
        cpus,
        memory_bytes: memory_bytes(&files.text(MEMORY))?,
        architecture: architecture(machine).to_owned(),
        variant: variant(machine).to_owned(),
        kernel: kernel.to_owned(),
        os: pretty_name(&files.text(RELEASE)).unwrap_or("Linux").to_owned(),
        address: connection.split_whitespace().nth(2).and_then(|word| word.parse().ok()),
        oom_score: oom_score(&files.text(OWN_STATUS)),
        resolver: resolver(files),
        keeper: match files.text(FIRST).trim() {
            "systemd" => Keeper::Systemd,
            _ => Keeper::Podman,
        },
        devices: cdi::devices(files),
        amounts: amounts::amounts(files, disk),
    })
}

/// Reads the network, of which `ip` lists the routes, and `rules` are known already.
pub(super) fn network(
    fleet: &FleetName,
    files: Files<'_>,
    routes: &str,
    rules: Option<ObservedRules>,
) -> Result<ObservedNetwork, ReportError> {
    // It belongs to the fixed part of the rules: without it they are not what they should be.
    let whole = files.text(LOOPBACK).trim() == "1";
    let rules = rules.map(|rules| {
        let base = if whole { rules.base } else { String::new() };
        ObservedRules { base, ..rules }
    });
    Ok(ObservedNetwork {
        subnet: subnet(&files.text(&network_file(fleet)))?,
        forwarding: files.text(FORWARDING).trim() == "1",
        bridge_filter: files.text(BRIDGE_FILTER).trim() == "1",
        routes: self::routes(routes)?,
        rules,
        keeping: Some(files.text(KEEPING_FILE).trim().to_owned()).filter(|form| !form.is_empty()),
    })
}

/// How many processors a list such as `0-3,8` names, as the kernel writes it.
fn processors(list: &str) -> Option<u64> {
    list.trim().split(',').try_fold(0, |count: u64, range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        Some(count.saturating_add(u64::from(last.checked_sub(first)?)).saturating_add(1))
    })
}

fn memory_bytes(meminfo: &str) -> Result<u64, ReportError> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.map(|kib| kib.saturating_mul(1024))
        .ok_or_else(|| ReportError::missing("/proc/meminfo", "MemTotal"))
}

/// `CAP_SYS_RESOURCE` among the kernel's numbers of capabilities.
const SYS_RESOURCE: u32 = 24;

/// What the kernel's status of a process of root says of its rights; where it says nothing, root has all.
fn oom_score(status: &str) -> OomScore {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let rights = line.and_then(|text| u64::from_str_radix(text.trim(), 16).ok());
    if rights.is_none_or(|rights| rights >> SYS_RESOURCE & 1 == 1) {
        OomScore::Free
    } else {
        OomScore::OnlyHigher
    }
}

/// What the host's resolver asks. A resolver of its own, which only the host can ask, has written what it asks elsewhere.
fn resolver(files: Files<'_>) -> String {
    let behind = files.text(RESOLVER_BEHIND);
    let own = files.text(RESOLVER);
    let stub = own.lines().any(|line| line.trim() == "nameserver 127.0.0.53");
    if stub && !behind.is_empty() { behind } else { own }
}

/// A machine's type by its name in Go, which images and the label `kubernetes.io/arch` use.
fn architecture(machine: &str) -> &str {
    match machine {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "i386" | "i486" | "i586" | "i686" => "386",
        arm if arm.starts_with("armv") => "arm",
        other => other,
    }
}

/// The kind of a machine within its type, as lists of images name it; empty where there are none.
fn variant(machine: &str) -> &str {
    match machine {
        "aarch64" => "v8",
        arm if arm.starts_with("armv") => arm.get(3..5).unwrap_or_default(),
        _ => "",
    }
}

fn pretty_name(release: &str) -> Option<&str> {
    let line = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim_matches('"'))
}

/// The first range of podman's network, from its own file.
fn subnet(file: &str) -> Result<Option<Cidr>, ReportError> {
    #[derive(Deserialize)]
    struct File {
        subnets: Vec<Subnet>,
    }
    #[derive(Deserialize)]
    struct Subnet {
        subnet: String,
    }
    if file.trim().is_empty() {
        return Ok(None);
    }
    let file: File = serde_json::from_str(file)
        .map_err(|error| ReportError::unreadable("podman's network file", &error))?;
    Ok(file.subnets.first().and_then(|first| first.subnet.parse().ok()))
}

/// Our routes.
fn routes(listed: &str) -> Result<BTreeMap<Cidr, Option<Ipv4Addr>>, ReportError> {
    #[derive(Deserialize)]
    struct Route {
        dst: String,
        gateway: Option<Ipv4Addr>,
    }
    if listed.trim().is_empty() {
        return Ok(BTreeMap::new());
    }
    let routes: Vec<Route> = serde_json::from_str(listed)
        .map_err(|error| ReportError::unreadable("ip route", &error))?;
    let range = |text: &str| {
        if text.contains('/') { text.parse().ok() } else { format!("{text}/32").parse().ok() }
    };
    Ok(routes.into_iter().filter_map(|route| Some((range(&route.dst)?, route.gateway))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::script::Stdin;

    #[test]
    fn facts_of_a_host() {
        let files = Files(
            "/proc/meminfo:MemTotal:       24681020 kB\n/proc/meminfo:MemFree: 1 kB\n\
             /etc/os-release:NAME=\"Debian\"\n\
             /etc/os-release:PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n\
             /sys/devices/system/cpu/online:0-1\n",
        );
        let login = "10.42.0.1 38886 10.42.0.11 22\n";
        let facts = facts(files, "6.18.44 x86_64\n", login, "4096 10").unwrap();
        assert_eq!(facts.os, "Debian GNU/Linux 13 (trixie)");
        assert_eq!((facts.cpus, facts.architecture.as_str()), (2, "amd64"));
        assert_eq!(facts.address, Some(Ipv4Addr::new(10, 42, 0, 11)));
        for (machine, named) in [
            ("x86_64", "amd64 "),
            ("i686", "386 "),
            ("aarch64", "arm64 v8"),
            ("armv8l", "arm v8"),
            ("armv7l", "arm v7"),
            ("armv6l", "arm v6"),
            ("armv5tejl", "arm v5"),
            ("armvé", "arm "),
            ("riscv64", "riscv64 "),
        ] {
            assert_eq!(format!("{} {}", architecture(machine), variant(machine)), named);
        }
        assert_eq!((facts.oom_score, facts.resolver.as_str()), (OomScore::Free, ""));
    }

    #[test]
    fn what_root_may_do_and_whom_the_host_asks() {
        let rights = ["CapEff:\t000001ffffffffff", "CapEff:\t000001fffeffffff"].map(oom_score);
        assert_eq!(rights, [OomScore::Free, OomScore::OnlyHigher]);
        let files = |own: &str| {
            format!(
                "/etc/resolv.conf:nameserver {own}\n/run/systemd/resolve/resolv.conf:nameserver 10.0.0.1\n"
            )
        };
        assert_eq!(resolver(Files(&files("10.0.0.9"))), "nameserver 10.0.0.9");
        assert_eq!(resolver(Files(&files("127.0.0.53"))), "nameserver 10.0.0.1");
    }

    #[test]
    fn lists_of_processors() {
        let counts = ["0", "0-3", "0-1,4,6-7\n", "", "3-1", "none"].map(processors);
        assert_eq!(counts, [Some(1), Some(4), Some(5), None, None, None]);
    }

    #[test]
    fn all_routes_are_changed_by_two_commands() {
        let wanted = HostNetwork {
            subnet: "10.100.0.0/24".parse().unwrap(),
            gateway: Ipv4Addr::new(10, 100, 0, 1),
            routes: [1, 2]
                .map(|n| {
                    (Cidr { network: [10, 100, n, 0].into(), prefix: 24 }, [10, 42, 0, n].into())
                })
                .into(),
            stale_routes: vec!["10.100.7.0/24".parse().unwrap()],
            services: "10.96.0.0/16".parse().unwrap(),
            address: Some(Ipv4Addr::new(10, 42, 0, 9)),
            bridge: Bridge::Present,
            bridge_filter: BridgeFilter::Leave,
            keeper: Keeper::Podman,
            keeping: Keeping::Present,
        };
        let texts = change_routes(&wanted).into_iter().map(|command| match command.stdin {
            Stdin::Bytes(bytes) => {
                format!("{}:\n{}", command.argv.join(" "), String::from_utf8(bytes).unwrap())
            }
            Stdin::Empty | Stdin::Hidden(_) => String::new(),
        });
        insta::assert_snapshot!(texts.collect::<String>(), @r"
        ip -batch -:
        route replace 10.100.1.0/24 via 10.42.0.1 proto 98
        route replace 10.100.2.0/24 via 10.42.0.2 proto 98
        route replace 10.96.0.0/16 dev lo proto 98 src 10.42.0.9
        ip -force -batch -:
        route del 10.100.7.0/24 proto 98
        ");
    }

    #[test]
    fn routes_with_and_without_a_gateway() {
        let listed = r#"[{"dst":"10.96.0.0/16","dev":"lo","scope":"link","flags":[]},
            {"dst":"10.100.2.0/24","gateway":"10.42.0.12","dev":"eth0","flags":[]}]"#;
        let routes = routes(listed).unwrap();
        let seen: Vec<_> = routes.into_iter().map(|(c, via)| (c.to_string(), via)).collect();
        let via = Some(Ipv4Addr::new(10, 42, 0, 12));
        assert_eq!(seen, [("10.96.0.0/16".into(), None), ("10.100.2.0/24".into(), via)]);
    }
}
