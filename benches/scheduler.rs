//! How many pods a second the scheduler places, one line a shape: medians of five, on one core, every host considered.
//!
//! `cargo bench --bench scheduler [SHAPE]...`; the shapes are those of Kubernetes' `scheduler_perf`, and one of two million containers.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a benchmark takes the time and prints it"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use bowline::inventory::Scheduling;
use bowline::model::{Labels, ObjectKey, Resources};
use bowline::schedule::{Candidate, Fleet, HostId, Readiness, Request};
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

const RUNS: usize = 5;
const ZONE: &str = "topology.kubernetes.io/zone";
const HOST: &str = "kubernetes.io/hostname";

/// Hosts as `scheduler_perf` has them: 4 CPUs, 32 GiB, 110 pods.
fn hosts(count: usize, zones: usize) -> Vec<Candidate> {
    let sizes = Resources { cpu_milli: 4000, memory_bytes: 32 << 30, pods: 110 };
    let host = |number: usize| {
        let name = format!("node-{number:05}");
        let zone = format!("zone-{}", number % zones + 1);
        Candidate {
            labels: Labels::from([(HOST.to_owned(), name.clone()), (ZONE.to_owned(), zone)]),
            name: name.as_str().into(),
            taints: Vec::new(),
            allocatable: sizes,
            further: BTreeMap::new(),
            images: BTreeMap::new(),
            machine: None,
            ssh_port: None,
            readiness: Readiness::Ready,
        }
    };
    (0..count).map(host).collect()
}

fn pod(labels: &Value, spec: &Value) -> Request {
    let requests = json!({"cpu": "100m", "memory": "500Mi"});
    let mut whole = json!({"containers": [{"name": "pause", "resources": {"requests": requests}}]});
    whole.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    let pod: Pod = serde_json::from_value(json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "p", "namespace": "sched", "labels": labels}, "spec": whole}))
    .unwrap();
    Request::of(&pod, None)
}

fn asking(cpu: &str, memory: &str, priority: i32) -> Request {
    let requests = json!({"cpu": cpu, "memory": memory});
    pod(
        &json!({}),
        &json!({"priority": priority,
        "containers": [{"name": "pause", "resources": {"requests": requests}}]}),
    )
}

fn term(colour: &str, topology: &str) -> Value {
    json!({"labelSelector": {"matchLabels": {"color": colour}}, "topologyKey": topology})
}

fn company(kind: &str, colour: &str, terms: &Value) -> Request {
    let when = if terms[0].get("weight").is_some() { "preferred" } else { "required" };
    let when = format!("{when}DuringSchedulingIgnoredDuringExecution");
    pod(&json!({"color": colour}), &json!({"affinity": {kind: {when: terms}}}))
}

fn wish(colour: &str, topology: &str) -> Value {
    json!([{"weight": 1, "podAffinityTerm": term(colour, topology)}])
}

fn spread(when: &str) -> Request {
    let constraint = json!({"maxSkew": 5, "topologyKey": ZONE, "whenUnsatisfiable": when,
        "labelSelector": {"matchLabels": {"color": "blue"}}});
    pod(&json!({"color": "blue"}), &json!({"topologySpreadConstraints": [constraint]}))
}

fn fleet(hosts: Vec<Candidate>) -> Fleet {
    Fleet::new(hosts, BTreeMap::new(), Scheduling::default())
}

/// Places so many pods of a kind and returns how many found a host.
fn place(fleet: &mut Fleet, request: &Request, pods: usize) -> usize {
    let class = fleet.class(request);
    let mut placed = 0;
    for _ in 0..pods {
        let Some(host) = fleet.find(class, request) else { break };
        fleet.bind(class, host);
        placed += 1;
    }
    placed
}

/// What was done, and what it took.
struct Measured {
    pods: usize,
    seconds: f64,
    bytes: u64,
    /// Where a host was lost afterwards.
    lost: Option<Lost>,
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or(0) * 1024
}

/// What became of the pods of the host that was lost.
struct Lost {
    pods: usize,
    /// How many have a host again.
    again: usize,
    /// How long that took.
    milliseconds: f64,
}

/// Measures what `work` does with a fleet that has been made ready; it returns how many pods it placed.
fn measured(mut fleet: Fleet, work: impl FnOnce(&mut Fleet) -> usize) -> Measured {
    let begin = Instant::now();
    let pods = work(&mut fleet);
    let seconds = begin.elapsed().as_secs_f64();
    Measured { pods, seconds, bytes: resident(), lost: None }
}

/// Some pods are there before; as many more of the kind are measured.
fn alike(zones: usize, before: &Request, request: &Request, pods: usize) -> Measured {
    let mut fleet = fleet(hosts(5000, zones));
    place(&mut fleet, before, 5000);
    measured(fleet, |fleet| place(fleet, request, pods))
}

fn daemon(host: usize) -> Request {
    let name = format!("node-{host:05}");
    let field = json!({"key": "metadata.name", "operator": "In", "values": [name]});
    let terms = json!({"nodeSelectorTerms": [{"matchFields": [field]}]});
    let required = json!({"requiredDuringSchedulingIgnoredDuringExecution": terms});
    pod(&json!({"name": "daemon"}), &json!({"affinity": {"nodeAffinity": required}}))
}

/// A pod of each of several kinds in turn, while every second pod that was placed goes again.
fn churn() -> Measured {
    let kinds = [
        pod(&json!({}), &json!({})),
        asking("200m", "1Gi", 0),
        company("podAffinity", "blue", &wish("blue", HOST)),
        company("podAntiAffinity", "green", &json!([term("green", HOST)])),
        spread("DoNotSchedule"),
    ];
    measured(fleet(hosts(5000, 3)), |fleet| {
        let classes: Vec<_> = kinds.iter().map(|kind| fleet.class(kind)).collect();
        let (mut bound, mut number, mut placed) = (Vec::new(), 1_u64, 0);
        for nth in 0..20_000 {
            let kind = nth % kinds.len();
            if let Some(host) = fleet.find(classes[kind], &kinds[kind]) {
                bound.push(fleet.bind(classes[kind], host));
                placed += 1;
            }
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if number >> 63 == 1 && !bound.is_empty() {
                fleet.unbind(bound.swap_remove((number >> 33) as usize % bound.len()));
            }
        }
        placed
    })
}

fn daemon_set() -> Measured {
    let requests: Vec<Request> = (0..15_000).map(daemon).collect();
    measured(fleet(hosts(15_000, 3)), |fleet| {
        let class = fleet.class(&requests[0]);
        let mut placed = 0;
        for request in &requests {
            if let Some(host) = fleet.find(class, request) {
                fleet.bind(class, host);
                placed += 1;
            }
        }
        placed
    })
}

/// Every host is full of less important pods, three of which make room for each of the others.
fn preemption() -> Measured {
    let mut fleet = fleet(hosts(5000, 3));
    place(&mut fleet, &asking("900m", "500Mi", 0), 20_000);
    let high = asking("3", "500Mi", 10);
    measured(fleet, |fleet| {
        let class = fleet.class(&high);
        for placed in 0..5000 {
            let Some(found) = fleet.preempt(class, &high) else { return placed };
            for victim in found.victims {
                fleet.unbind(victim);
            }
            fleet.bind(class, found.host);
        }
        5000
    })
}

/// Two million containers of a thousand jobs; then a host is lost, and its containers are placed anew.
fn two_million() -> Measured {
    let mut hosts = hosts(6100, 3);
    for host in &mut hosts {
        host.allocatable = Resources { cpu_milli: 64_000, memory_bytes: 256 << 30, pods: 400 };
    }
    let mut job = asking("100m", "200Mi", 0);
    let mut fleet = fleet(hosts);
    let begin = Instant::now();
    let mut pods = 0;
    let mut requests = BTreeMap::new();
    for number in 0..1000 {
        job.owner = Some(ObjectKey::new("Job", "sched", format!("job-{number}")));
        pods += place(&mut fleet, &job, 2000);
        requests.insert(fleet.class(&job), job.clone());
    }
    let seconds = begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let lost = fleet.lose(fleet.host(&"node-03000".into()).unwrap_or(fleet_first(&fleet)));
    let mut again = 0;
    for class in &lost {
        let Some(host) = fleet.find(*class, &requests[class]) else { continue };
        fleet.bind(*class, host);
        again += 1;
    }
    let milliseconds = begin.elapsed().as_secs_f64() * 1000.0;
    let lost = Some(Lost { pods: lost.len(), again, milliseconds });
    Measured { pods, seconds, bytes: resident(), lost }
}

fn fleet_first(fleet: &Fleet) -> HostId {
    fleet.host(&fleet.hosts()[0].name).unwrap()
}

fn shape(name: &str) -> Option<(usize, Measured)> {
    let plain = pod(&json!({}), &json!({}));
    let zone = json!({"matchExpressions": [{"key": ZONE, "operator": "In", "values": ["zone-1", "zone-2"]}]});
    let nodes =
        json!({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [zone]}});
    let nodes = pod(&json!({}), &json!({"affinity": {"nodeAffinity": nodes}}));
    let liked = company("podAffinity", "red", &wish("red", HOST));
    let disliked = company("podAntiAffinity", "yellow", &wish("yellow", HOST));
    let near = company("podAffinity", "blue", &json!([term("blue", ZONE)]));
    let apart = company("podAntiAffinity", "green", &json!([term("green", HOST)]));
    Some(match name {
        "basic" => (5000, alike(3, &plain, &plain, 10_000)),
        "node-affinity" => (5000, alike(3, &plain, &nodes, 10_000)),
        "preferred-pod-affinity" => (5000, alike(3, &liked, &liked, 10_000)),
        "preferred-pod-anti-affinity" => (5000, alike(3, &disliked, &disliked, 10_000)),
        "required-pod-affinity" => (5000, alike(1, &near, &near, 10_000)),
        "required-pod-anti-affinity" => (5000, alike(3, &plain, &apart, 5000)),
        "topology-spread" => (5000, alike(3, &plain, &spread("DoNotSchedule"), 10_000)),
        "preferred-topology-spread" => (5000, alike(3, &plain, &spread("ScheduleAnyway"), 10_000)),
        "mixed-churn" => (5000, churn()),
        "daemon-set" => (15_000, daemon_set()),
        "preemption" => (5000, preemption()),
        "two-million" => (6100, two_million()),
        _ => return None,
    })
}

const SHAPES: [&str; 12] = [
    "basic",
    "node-affinity",
    "preferred-pod-affinity",
    "preferred-pod-anti-affinity",
    "required-pod-affinity",
    "required-pod-anti-affinity",
    "topology-spread",
    "preferred-topology-spread",
    "mixed-churn",
    "daemon-set",
    "preemption",
    "two-million",
];

/// Each shape in a process of its own, so that none finds memory that another has left.
fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    if let [name] = asked.as_slice() {
        return measure(name);
    }
    let own = std::env::current_exe().unwrap();
    for name in SHAPES.iter().filter(|name| asked.is_empty() || asked.iter().any(|a| a == *name)) {
        std::process::Command::new(&own).arg(name).status().unwrap();
    }
}

fn measure(name: &str) {
    let before = resident();
    let mut runs: Vec<(usize, Measured)> = (0..RUNS).filter_map(|_| shape(name)).collect();
    runs.sort_by(|(_, one), (_, other)| one.seconds.total_cmp(&other.seconds));
    let Some((nodes, median)) = runs.get(RUNS / 2) else { return };
    let per_second = (median.pods as f64 / median.seconds) as u64;
    let most = runs.iter().map(|(_, run)| run.bytes).max().unwrap_or(0);
    let per_node = most.saturating_sub(before) / *nodes as u64;
    let mut lost: Vec<&Lost> = runs.iter().filter_map(|(_, run)| run.lost.as_ref()).collect();
    lost.sort_by(|one, other| one.milliseconds.total_cmp(&other.milliseconds));
    let lost = lost.get(RUNS / 2).map_or(String::new(), |Lost { pods, again, milliseconds }| {
        let seconds = median.seconds;
        format!(" seconds={seconds:.2} lost={pods} replaced={again} milliseconds={milliseconds:.1}")
    });
    println!(
        "shape={name} nodes={nodes} pods={} pods_per_second={per_second} bytes_per_node={per_node}{lost}",
        median.pods
    );
}
