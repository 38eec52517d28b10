//! What pods and hosts use of CPU and memory, from the kernel's own counters.
//!
//! CPU is what was used over a short while, so counters are read twice. Memory is the working set, as the kubelet has it: what
//! is in use without the files that were read long ago.
//!
//! Source: <https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/>

use std::collections::BTreeMap;

use crate::model::{FleetName, PodKey, Used};

/// Reads counters of the host and of a fleet's containers, twice. Numbers come by the shell's own `read` where that is enough: a
/// process a file would cost more than the reading.
///
/// Arguments: the fleet, and the seconds between.
const USAGE: &str = r#"rows=$(podman ps --filter "label=bowline.fleet=$1" --format '{{.Pid}} {{.Names}}') || exit
sample() {
  read -r up rest </proc/uptime; read -r cpu rest </proc/stat
  echo "host $up $rest"
  printf '%s\n' "$rows" | while read -r pid name; do
    [ -r "/proc/$pid/cgroup" ] || continue
    one= cpu= memory=
    while IFS=: read -r id controllers path; do
      case ",$controllers," in
      *,cpuacct,*) cpu=/sys/fs/cgroup/cpuacct$path ;;
      *,memory,*) memory=/sys/fs/cgroup/memory$path ;;
      ,,) one=/sys/fs/cgroup$path ;;
      esac
    done <"/proc/$pid/cgroup"
    read -r up rest </proc/uptime
    echo "container $up $name"
    if [ "$cpu" ]; then
      read -r n <"$cpu/cpuacct.usage" && echo "cpu_ns $n"
      [ "$1" = 1 ] || { read -r n <"$memory/memory.usage_in_bytes" && echo "memory $n"; grep '^total_inactive_file ' "$memory/memory.stat"; }
    else
      grep '^usage_usec ' "$one/cpu.stat"
      [ "$1" = 1 ] || { read -r n <"$one/memory.current" && echo "memory $n"; grep '^inactive_file ' "$one/memory.stat"; }
    fi
  done
}
sample 1; sleep "$2"; sample 2
grep -E '^Mem(Total|Available):' /proc/meminfo; exit 0"#;

/// The argv that asks a host what it and the fleet's containers use, measured over some seconds.
pub fn usage_argv(fleet: &FleetName, seconds: u32) -> Vec<String> {
    let mut argv = ["sh", "-c", USAGE, "usage"].map(str::to_owned).to_vec();
    argv.extend([fleet.to_string(), seconds.to_string()]);
    argv
}

/// What a host and the containers on it use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The host, with everything on it.
    pub host: Option<Used>,
    /// The containers of each pod by name.
    pub pods: BTreeMap<PodKey, BTreeMap<String, Used>>,
}

/// The kernel counts a host's CPU time in hundredths of a second (`USER_HZ`, `proc_stat(5)`).
const NANOSECONDS_A_TICK: u64 = 10_000_000;

/// Counters of one thing: at which time of the host, in hundredths of a second, and how many nanoseconds of CPU until then.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    at: u64,
    cpu: u64,
}

impl Reading {
    /// Thousandths of a processor since an earlier reading.
    fn milli_since(self, earlier: Self) -> u64 {
        let passed = self.at.saturating_sub(earlier.at).saturating_mul(NANOSECONDS_A_TICK);
        let used = self.cpu.saturating_sub(earlier.cpu);
        let milli = u128::from(used) * 1000 / u128::from(passed.max(1));
        u64::try_from(milli).unwrap_or(u64::MAX)
    }
}

#[derive(Default)]
struct Counted {
    readings: Vec<Reading>,
    memory: u64,
    inactive: u64,
}

impl Counted {
    /// What is used, when it was there at both readings.
    fn used(&self) -> Option<Used> {
        let [first, .., last] = self.readings.as_slice() else { return None };
        let memory_bytes = self.memory.saturating_sub(self.inactive);
        Some(Used { cpu_milli: last.milli_since(*first), memory_bytes })
    }
}

/// Reads the answer to [`usage_argv`]. What cannot be read is not there.
pub fn parse_usage(fleet: &FleetName, text: &[u8]) -> Usage {
    let text = String::from_utf8_lossy(text);
    let mut host = Counted::default();
    let mut containers: BTreeMap<&str, Counted> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        let container = current.and_then(|name| containers.get_mut(name));
        match (words.as_slice(), container) {
            (["host", up, ticks @ ..], _) => {
                host.readings.push(Reading { at: hundredths(up), cpu: busy(ticks) });
                current = None;
            }
            (["container", up, name], _) => {
                let reading = Reading { at: hundredths(up), cpu: 0 };
                containers.entry(name).or_default().readings.push(reading);
                current = Some(*name);
            }
            (["cpu_ns", n], Some(container)) => {
                container.readings.last_mut().into_iter().for_each(|last| last.cpu = number(n));
            }
            (["usage_usec", n], Some(container)) => {
                let nanoseconds = number(n).saturating_mul(1000);
                container.readings.last_mut().into_iter().for_each(|last| last.cpu = nanoseconds);
            }
            (["memory", n], Some(container)) => container.memory = number(n),
            (["inactive_file" | "total_inactive_file", n], Some(container)) => {
                container.inactive = number(n);
            }
            (["MemTotal:", n, "kB"], _) => host.memory = number(n).saturating_mul(1024),
            (["MemAvailable:", n, "kB"], _) => host.inactive = number(n).saturating_mul(1024),
            _ => {}
        }
    }
    let mut usage = Usage { host: host.used(), pods: BTreeMap::new() };
    for (name, counted) in containers {
        if let (Some((pod, container)), Some(used)) = (of_pod(fleet, name), counted.used()) {
            usage.pods.entry(pod).or_default().insert(container.to_owned(), used);
        }
    }
    usage
}

/// `12.34` seconds as hundredths.
fn hundredths(text: &str) -> u64 {
    let (seconds, part) = text.split_once('.').unwrap_or((text, "0"));
    let (seconds, part): (u64, u64) = (seconds.parse().unwrap_or(0), part.parse().unwrap_or(0));
    seconds.saturating_mul(100).saturating_add(part)
}

/// The nanoseconds that processors were not idle: user, nice, system, irq, softirq and steal of `proc_stat(5)`.
fn busy(ticks: &[&str]) -> u64 {
    let tick = |at: usize| ticks.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let all = [0, 1, 2, 5, 6, 7].iter().fold(0, |sum: u64, at| sum.saturating_add(tick(*at)));
    all.saturating_mul(NANOSECONDS_A_TICK)
}

/// The pod and the name of a container by its name on the host.
fn of_pod<'a>(fleet: &FleetName, name: &'a str) -> Option<(PodKey, &'a str)> {
    let mut words = name.strip_prefix(fleet.as_str())?.strip_prefix('_')?.split('_');
    let (namespace, pod, container) = (words.next()?, words.next()?, words.next()?);
    words.next().is_none().then(|| (PodKey::new(namespace, pod), container))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "host 100.00 10 0 5 1000 0 0 0 0 0 0
container 100.00 lab_default_web_nginx
cpu_ns 1000000000
container 100.00 lab_default_web_side
usage_usec 2000000
container 100.00 lab_default_gone_c
cpu_ns 5
host 101.00 60 0 30 1100 0 0 5 0 0 0
container 101.00 lab_default_web_nginx
cpu_ns 1250000000
memory 10485760
total_inactive_file 4194304
container 101.00 lab_default_web_side
usage_usec 2003000
memory 2097152
inactive_file 0
container 101.00 theirs
cpu_ns rubbish
MemTotal:        8388608 kB
MemAvailable:    6291456 kB
";

    #[test]
    fn cpu_is_the_difference_of_two_readings_and_memory_the_working_set() {
        let usage = parse_usage(&"lab".into(), ANSWER.as_bytes());
        let mib = 1024 * 1024;
        assert_eq!(usage.host, Some(Used { cpu_milli: 800, memory_bytes: 2048 * mib }));
        let web = &usage.pods[&PodKey::new("default", "web")];
        assert_eq!(web["nginx"], Used { cpu_milli: 250, memory_bytes: 6 * mib });
        assert_eq!(web["side"], Used { cpu_milli: 3, memory_bytes: 2 * mib });
        // What has gone between the readings, and what is somebody else's, is not there.
        assert_eq!((usage.pods.len(), web.len()), (1, 2));
    }

    #[test]
    fn rubbish_is_nothing() {
        assert_eq!(parse_usage(&"lab".into(), b"\xff\nhost\ncpu_ns 4\nmemory"), Usage::default());
        let vast = format!("host 0 {0} {0}\nhost 0 {0} {0}", u64::MAX);
        assert_eq!(parse_usage(&"lab".into(), vast.as_bytes()).host, Some(Used::default()));
    }
}
