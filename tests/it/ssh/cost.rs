//! What a cold connection costs, beside OpenSSH's own client: a measurement, run by hand in a release build.

use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use bowline::node::{ConnectSettings, for_each_host};

use super::ping;
use crate::sshd::{Sshd, nodes};

const HOSTS: usize = 20;
const ROUNDS: usize = 21;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement: cargo test --release --test it cost -- --ignored --nocapture"]
async fn cost_of_twenty_cold_connections() {
    let Some(sshd) = Sshd::start() else { return };
    let (mut ours, mut theirs) = (Cost::default(), Cost::default());
    for _ in 0..ROUNDS {
        let (start, before) = (Instant::now(), ticks(OWN));
        connect(&sshd).await;
        ours.add(start, ticks(OWN) - before);
        let (start, before) = (Instant::now(), ticks(CHILDREN));
        let clients: Vec<_> = (0..HOSTS).map(|_| openssh(&sshd).spawn().unwrap()).collect();
        for mut client in clients {
            assert!(client.wait().unwrap().success());
        }
        theirs.add(start, ticks(CHILDREN) - before);
    }
    eprintln!("`true` on {HOSTS} hosts, cold, {ROUNDS} rounds: median wall, mean client CPU");
    eprintln!("bowline {ours}\nssh     {theirs}");
}

#[derive(Default)]
struct Cost {
    walls: Vec<Duration>,
    ticks: u64,
}

impl Cost {
    fn add(&mut self, start: Instant, ticks: u64) {
        self.walls.push(start.elapsed());
        self.walls.sort_unstable();
        self.ticks += ticks;
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let wall = self.walls[self.walls.len() / 2].as_millis();
        // A tick is 10 ms on Linux.
        write!(f, "{wall} ms, {} ms", self.ticks * 10 / ROUNDS as u64)
    }
}

async fn connect(sshd: &Sshd) {
    let names: Vec<String> = (0..HOSTS).map(|n| format!("h{n}")).collect();
    let hosts = names.iter().map(|name| (name.as_str(), sshd.settings())).collect();
    let nodes = nodes(hosts, ConnectSettings::default());
    let results = for_each_host(&nodes, HOSTS, |node| async move { ping(&*node).await }).await;
    assert!(results.values().all(Result::is_ok), "{results:?}");
}

fn openssh(sshd: &Sshd) -> Process {
    let settings = sshd.settings();
    let mut command = Process::new("ssh");
    command.args(["-F", "none", "-T", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"]);
    command.arg("-o").arg(format!("UserKnownHostsFile={}", sshd.path("known_hosts").display()));
    command.arg("-i").arg(sshd.path("user")).args(["-p", &settings.port.to_string()]);
    command.args([&format!("{}@127.0.0.1", settings.user), "true"]).stdin(Stdio::null());
    command
}

/// Where `/proc/self/stat` has the processor time of this process, counted from its third field.
const OWN: usize = 11;
/// The same of its children that have ended.
const CHILDREN: usize = 13;

fn ticks(at: usize) -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').skip(at).take(2).map(|field| field.parse::<u64>().unwrap()).sum()
}
