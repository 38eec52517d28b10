//! What a simulated host prints when it is asked: the text of the real tools, so that the drivers' parsers run for real.

use std::fmt::Write as _;

use bowline::driver::{CommandOutput, PsEntry};
use bowline::observed::ProbeKind;
use bowline::plan::PodNetwork;
use serde_json::{Value, json};

use super::host::{Life, SimContainer, SimHost, SimPod};

/// The answer to one query of an observation.
pub(super) fn answer(host: &SimHost, argv: &[String]) -> CommandOutput {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["grep", "-Hasr", "", files @ ..] => grep(host, files),
        ["uname", "-rm"] => said("6.12.0-sim x86_64"),
        ["printenv", "SSH_CONNECTION"] => said(format!("10.42.0.1 38886 {} 22", host.address)),
        ["sh", "-c", _, "look", "--filter", _, "--filter", _] => {
            said(json!(entries(host)).to_string())
        }
        ["ip", "-j", "-4", "route", "show", "proto", _] => said(routes(host).to_string()),
        ["nft", "-j", "list", "table", "ip", "bowline"] => optional(nftables(host).as_ref()),
        // No registry is there.
        ["sh", "-c", _, "ask", _] => CommandOutput { exit: 125, ..CommandOutput::default() },
        ["grep", "-ohsE", ..] => CommandOutput { exit: 2, ..CommandOutput::default() },
        ["stat", "-f", "-c", "%S %b", "/var/lib"] => said("4096 25000000"),
        other => panic!("the simulated host does not know {other:?}"),
    }
}

/// Every line of the files that are there, each with the file's name before it.
fn grep(host: &SimHost, files: &[&str]) -> CommandOutput {
    let (mut stdout, mut exit) = (String::new(), 0);
    for path in files {
        if path.ends_with("/filled") || path.ends_with("/claimed") {
            let marks = host.marks.iter().filter(|(mark, _)| mark.starts_with(path));
            let lines = marks
                .flat_map(|(mark, says)| says.lines().map(move |line| format!("{mark}:{line}\n")));
            stdout.extend(lines);
            continue;
        }
        if matches!(*path, "/etc/cdi" | "/run/cdi" | "/sys/kernel/mm/hugepages") {
            let below = host.described.iter().filter(|(file, _)| file.starts_with(path));
            let lines = |(file, text): (&String, &String)| {
                text.lines().flat_map(|line| [file, ":", line, "\n"]).collect::<String>()
            };
            stdout.extend(below.map(lines));
            continue;
        }
        if *path == "/var/lib/bowline/told" {
            stdout.extend(told(host));
            continue;
        }
        if *path == "/run/bowline-life/probed" {
            stdout.push_str(&probed(host));
            continue;
        }
        match file(host, path) {
            Some(text) => {
                let lines = text.lines().map(|line| format!("{path}:{line}\n"));
                stdout.extend(lines);
            }
            None => exit = 2,
        }
    }
    CommandOutput { exit, stdout: stdout.into_bytes(), stderr: Vec::new() }
}

fn file(host: &SimHost, path: &str) -> Option<String> {
    match path {
        "/sys/devices/system/cpu/online" => Some(format!("0-{}", host.cpus - 1)),
        "/proc/meminfo" => Some("MemTotal:        8388608 kB\nMemFree:         1 kB".to_owned()),
        "/etc/os-release" => Some("PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"".to_owned()),
        "/var/lib/bowline/fence" => host.fence.as_ref().map(ToString::to_string),
        "/proc/sys/net/ipv4/ip_forward" => Some(u8::from(host.forwarding).to_string()),
        "/proc/sys/net/ipv4/conf/all/route_localnet" => {
            Some(u8::from(host.rules.is_some()).to_string())
        }
        "/proc/1/comm" => Some(host.first.to_owned()),
        "/var/lib/bowline/boot/form" => host.keeping.clone(),
        "/proc/self/status" => Some("CapEff:\t000001ffffffffff".to_owned()),
        "/etc/resolv.conf" => Some("nameserver 10.42.0.1".to_owned()),
        // The modules br_netfilter and systemd-resolved are not there.
        "/run/systemd/resolve/resolv.conf" | "/proc/sys/net/bridge/bridge-nf-call-iptables" => None,
        "/etc/containers/networks/bowline-sim.json" => {
            host.subnet.map(|subnet| json!({"subnets": [{"subnet": subnet}]}).to_string())
        }
        other => panic!("the simulated host does not know {other}"),
    }
}

/// What a host tells of pods that were brought up in order.
fn told(host: &SimHost) -> impl Iterator<Item = String> {
    let pods = host.pods.iter().filter(|(_, pod)| pod.brought_up);
    pods.map(|(sandbox, _)| format!("/var/lib/bowline/told/{sandbox}:started 1\n"))
}

/// What a host tells of the probes of containers that run: they are answered well from the start, unless it is said otherwise.
fn probed(host: &SimHost) -> String {
    let containers = host.pods.values().flat_map(|pod| &pod.containers);
    let mut text = String::new();
    for container in containers {
        let Life::Runs { since } = container.life else { continue };
        for kind in &container.probes {
            let path = format!("/run/bowline-life/probed/{}.{}", container.name, kind.word());
            if *kind == ProbeKind::Readiness && host.unready.contains(&container.image) {
                let why = "SFRUUCBwcm9iZSBmYWlsZWQgd2l0aCBzdGF0dXNjb2RlOiA1MDM=";
                let _ = writeln!(text, "{path}:is failure {since} {since}");
                let _ = writeln!(text, "{path}:failed 3 {since} {since} {why}");
            } else {
                let _ = writeln!(text, "{path}:is success {since} {since}");
            }
        }
    }
    text
}

fn said(text: impl AsRef<str>) -> CommandOutput {
    let stdout = (text.as_ref().trim_end().to_owned() + "\n").into_bytes();
    CommandOutput { stdout, ..CommandOutput::default() }
}

fn optional(text: Option<&impl ToString>) -> CommandOutput {
    let stderr = b"No such file or directory\n".to_vec();
    text.map_or(CommandOutput { exit: 1, stdout: Vec::new(), stderr }, |text| {
        said(text.to_string())
    })
}

fn entries(host: &SimHost) -> Vec<PsEntry> {
    let pods = host.pods.iter();
    pods.flat_map(|(sandbox, pod)| {
        let of_pod = |entry| PsEntry { pod: pod.id.clone(), pod_name: sandbox.clone(), ..entry };
        let containers = pod.containers.iter().map(entry);
        std::iter::once(infra(pod)).chain(containers).map(of_pod)
    })
    .collect()
}

fn infra(pod: &SimPod) -> PsEntry {
    PsEntry {
        id: format!("{}-infra", pod.id),
        image: "localhost/podman-pause:5.4".to_owned(),
        image_id: "pause".to_owned(),
        names: vec![format!("{}-infra", pod.id)],
        is_infra: true,
        labels: None,
        pod: String::new(),
        pod_name: String::new(),
        networks: match pod.network {
            PodNetwork::Own => Some(vec!["bowline-sim".to_owned()]),
            PodNetwork::Host => None,
        },
        state: if pod.containers.is_empty() { "created" } else { "running" }.to_owned(),
        exit_code: 0,
        started_at: -62_135_596_800,
        exited_at: -62_135_596_800,
        restarts: 0,
        created: 0,
    }
}

fn entry(container: &SimContainer) -> PsEntry {
    let (state, exit_code, started_at, exited_at) = match container.life {
        Life::Runs { since } => ("running", 0, since, -62_135_596_800),
        Life::Ended { at, code } => ("exited", code, at, at),
        Life::Made => ("created", 0, -62_135_596_800, -62_135_596_800),
    };
    PsEntry {
        id: container.id.clone(),
        image: container.image.clone(),
        image_id: format!("id-of-{}", container.image),
        names: vec![container.name.clone()],
        is_infra: false,
        labels: Some(container.labels.clone()),
        pod: String::new(),
        pod_name: String::new(),
        networks: None,
        state: state.to_owned(),
        exit_code,
        started_at,
        exited_at,
        restarts: 0,
        created: 0,
    }
}

fn routes(host: &SimHost) -> Value {
    let routes = host.routes.iter().map(|(range, via)| match via {
        Some(via) => json!({"dst": range, "gateway": via, "dev": "eth0", "flags": []}),
        None => json!({"dst": range, "dev": "lo", "scope": "link", "flags": []}),
    });
    routes.collect()
}

/// The chains of the fixed part, each with how many rules it has.
const FIXED: [(&str, usize); 6] = [
    ("loopback", 2),
    ("prerouting", 2),
    ("output", 2),
    ("postrouting", 3),
    ("refuse-forward", 2),
    ("refuse-output", 2),
];

/// An element of a map; a port of every address of the host has none in its key.
fn element(key: &str, chain: &str) -> Value {
    let mut words: Vec<Value> = key.split(" . ").map(|word| json!(word)).collect();
    if let Some(port) = words.last_mut() {
        *port = json!(port.as_str().and_then(|port| port.parse::<u16>().ok()));
    }
    words.retain(|word| word != "0.0.0.0");
    json!([{"concat": words}, {"goto": {"target": chain}}])
}

fn nftables(host: &SimHost) -> Option<Value> {
    let rules = host.rules.as_ref()?;
    let table = json!({"family": "ip", "table": "bowline"});
    let mut items = vec![json!({"metainfo": {"json_schema_version": 1}})];
    items.push(json!({"table": {"family": "ip", "name": "bowline", "handle": 1}}));
    for (map, of_host) in [("services", false), ("ports", true)] {
        let mine = rules.services.iter().filter(|(key, _)| key.starts_with("0.0.0.0") == of_host);
        let elements: Vec<Value> = mine.map(|(key, chain)| element(key, chain)).collect();
        items.push(json!({"map": {"name": map, "map": "verdict", "elem": elements}}));
    }
    let fixed = FIXED.iter().map(|(name, count)| ((*name).to_owned(), *count));
    let mark = std::iter::once((rules.base.clone(), 0));
    let chains = rules.chains.iter().map(|(name, (_, count))| (name.clone(), *count));
    for (name, count) in fixed.chain(mark).chain(chains) {
        let mut chain = table.clone();
        chain["name"] = json!(name);
        items.push(json!({"chain": chain}));
        for _ in 0..count {
            items.push(json!({"rule": {"chain": name, "expr": []}}));
        }
    }
    Some(json!({"nftables": items}))
}
