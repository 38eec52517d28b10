//! How much of a fleet's GPUs the scheduler hands out: replays lists of pods of Alibaba's public GPU trace, one line a list and profile.
//!
//! `cargo bench --bench openb -- DIR [LIST]...`; DIR has the lists of hosts and pods and, if need be, the published results. The
//! protocol is that of FGD (USENIX ATC 2023): random copies of a list's pods are appended until 1.3 times the GPUs of all hosts are asked
//! for, and then placed one at a time in random order. None goes again, and one that fits nowhere is passed over.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark takes the time and prints it"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bowline::inventory::Scheduling;
use bowline::model::{Labels, Resources};
use bowline::schedule::{Candidate, Fleet, Readiness, Request};
use k8s_openapi::api::core::v1::Pod;
use serde_json::json;

const SEEDS: std::ops::RangeInclusive<u64> = 42..=51;
const HOSTS: &str = "openb_node_list_gpu_node.csv";
const PUBLISHED: &str = "fgd_allocation_published.csv";
const LISTS: &str = "openb_pod_list_";
const PROFILES: [(&str, Scheduling); 2] =
    [("binpack", Scheduling::BINPACK), ("default", Scheduling::SPREAD)];

/// The rows of a table, each by the names of its columns.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned));
    let Some(names) = lines.next() else { return Vec::new() };
    let names: Vec<String> = names.collect();
    lines.map(|values| names.iter().cloned().zip(values).collect()).collect()
}

fn number(row: &BTreeMap<String, String>, name: &str) -> u64 {
    row.get(name).and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn hosts(dir: &Path) -> Vec<Candidate> {
    let host = |row: &BTreeMap<String, String>| Candidate {
        name: row["sn"].as_str().into(),
        labels: Labels::from([("model".to_owned(), row["model"].clone())]),
        taints: Vec::new(),
        allocatable: Resources {
            cpu_milli: number(row, "cpu_milli"),
            memory_bytes: number(row, "memory_mib") << 20,
            pods: 1000,
        },
        further: [("nvidia.com/gpu".to_owned(), number(row, "gpu"))].into(),
        images: BTreeMap::new(),
        machine: None,
        ssh_port: None,
        readiness: Readiness::Ready,
    };
    rows(&dir.join(HOSTS)).iter().map(host).collect()
}

/// A pod of a list: what it asks for, and how many thousandths of GPUs that are.
#[derive(Clone)]
struct Asking {
    request: usize,
    milli: u64,
}

/// The pods of a list, those that ask for the same with the same request.
fn pods(path: &Path) -> (Vec<Asking>, Vec<Request>) {
    let (mut known, mut requests) = (BTreeMap::new(), Vec::new());
    let pods = rows(path).into_iter().map(|row| {
        let (gpus, part) = (number(&row, "num_gpu"), number(&row, "gpu_milli"));
        let models = row.get("gpu_spec").filter(|_| gpus > 0).cloned().unwrap_or_default();
        let asked = (number(&row, "cpu_milli"), number(&row, "memory_mib"), gpus, part, models);
        let request = *known.entry(asked.clone()).or_insert_with(|| {
            requests.push(request(&asked));
            requests.len() - 1
        });
        Asking { request, milli: gpus * part }
    });
    let pods = pods.collect();
    (pods, requests)
}

fn request((cpu, memory, gpus, part, models): &(u64, u64, u64, u64, String)) -> Request {
    let mut requests = json!({"cpu": format!("{cpu}m"), "memory": format!("{memory}Mi")});
    match (gpus, part) {
        (0, _) => {}
        (1, 1..=999) => requests["bowline/gpu-milli"] = json!(part.to_string()),
        _ => requests["nvidia.com/gpu"] = json!(gpus.to_string()),
    }
    let mut spec = json!({"containers": [{"name": "c", "resources": {"requests": requests}}]});
    let models: Vec<&str> = models.split('|').filter(|model| !model.is_empty()).collect();
    if !models.is_empty() {
        let model = json!({"key": "model", "operator": "In", "values": models});
        let terms = json!({"nodeSelectorTerms": [{"matchExpressions": [model]}]});
        spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = terms;
    }
    let pod: Pod = serde_json::from_value(json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "p", "namespace": "openb"}, "spec": spec}))
    .unwrap();
    Request::of(&pod, None)
}

/// Sebastiano Vigna's `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % end as u64).unwrap()
    }
}

/// The pods of a list in the number and order of a seed.
fn drawn(list: &[Asking], milli: u64, seed: u64) -> Vec<Asking> {
    let mut random = Random(seed);
    let mut pods = list.to_vec();
    let mut asked: u64 = pods.iter().map(|pod| pod.milli).sum();
    while asked < milli {
        let pod = list[random.below(list.len())].clone();
        asked += pod.milli;
        pods.push(pod);
    }
    while asked > milli {
        asked -= pods.swap_remove(random.below(pods.len())).milli;
    }
    for place in (1..pods.len()).rev() {
        pods.swap(place, random.below(place + 1));
    }
    pods
}

/// The share of the GPUs that is handed out, in percent.
fn replay(hosts: &[Candidate], pods: &[Asking], requests: &[Request], profile: Scheduling) -> f64 {
    let mut fleet = Fleet::new(hosts.to_vec(), BTreeMap::new(), profile);
    let classes: Vec<_> = requests.iter().map(|request| fleet.class(request)).collect();
    let mut given = 0;
    for pod in pods {
        let class = classes[pod.request];
        fleet.expect(class, 1);
        if let Some(host) = fleet.find(class, &requests[pod.request]) {
            fleet.bind(class, host);
            given += pod.milli;
        }
    }
    given as f64 * 100.0 / all(hosts) as f64
}

fn all(hosts: &[Candidate]) -> u64 {
    hosts.iter().flat_map(|host| host.further.values()).sum::<u64>() * 1000
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / values.len().saturating_sub(1).max(1) as f64).sqrt()
}

/// The published means of a list, by policy: of what is handed out when 130 % have been asked for.
fn published(dir: &Path, list: &str) -> String {
    let mut of: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in rows(&dir.join(PUBLISHED)) {
        if row["workload"] == format!("{LISTS}{list}")
            && let Some(policy) = row["sc_policy"].split('-').next_back()
            && let Some(Ok(share)) = row.get("130").map(|text| text.parse())
        {
            of.entry(policy.to_owned()).or_default().push(share);
        }
    }
    let told = of.iter().map(|(policy, shares)| format!(" {policy}={:.2}", mean(shares)));
    told.collect()
}

fn lists(dir: &Path) -> Vec<(String, PathBuf)> {
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    let named = files.filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_prefix(LISTS)?.strip_suffix(".csv")?;
        Some((name.to_owned(), path.clone()))
    });
    let mut lists: Vec<_> = named.collect();
    lists.sort();
    lists
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let Some((dir, only)) = asked.split_first() else {
        println!("usage: cargo bench --bench openb -- DIR [LIST]...");
        return;
    };
    let dir = Path::new(dir);
    let hosts = hosts(dir);
    for (list, path) in lists(dir) {
        if !only.is_empty() && !only.contains(&list) {
            continue;
        }
        let (pods, requests) = pods(&path);
        for (name, profile) in PROFILES {
            let begin = Instant::now();
            let seeds = SEEDS.map(|seed| drawn(&pods, all(&hosts) * 13 / 10, seed));
            let shares = seeds.map(|pods| replay(&hosts, &pods, &requests, profile));
            let shares: Vec<f64> = shares.collect();
            let seconds = begin.elapsed().as_secs_f64() / shares.len() as f64;
            println!(
                "list={list} profile={name} mean={:.2} sd={:.2} seconds={seconds:.2}{}",
                mean(&shares),
                deviation(&shares),
                published(dir, &list)
            );
        }
    }
}
