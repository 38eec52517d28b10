//! A lab as a whole: up, down, how it is, and the power of its hosts.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::access;
use super::base::{self, remove_tree};
use super::cgroup::Hierarchies;
use super::command::log_tail;
use super::error::{LabError, at};
use super::host::{self, Boot, HostState};
use super::kind::{Flavour, Release};
use super::network::{ensure_bridge, remove_bridge};
use super::prerequisites::{self, Packages};
use super::record::{Lock, Record};
use super::registry;
use super::site::{MAX_NODES, Place, Site, cache};

/// How many hosts are started or stopped at the same time: more would only wait for each other.
const WORKERS: usize = 8;

/// How long a host may take to answer, on a slow machine with many of them.
const ANSWER: Duration = Duration::from_secs(90);

/// What lab there should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabSpec {
    /// Which lab of the machine.
    pub site: Site,
    /// How many hosts, 1 to [`MAX_NODES`]; a lab that has more keeps them.
    pub nodes: usize,
    /// How they run.
    pub flavour: Flavour,
    /// Which Debian they are.
    pub release: Release,
    /// Where `inventory.yaml`, `known_hosts` and `key` go.
    pub dir: PathBuf,
    /// What to do about Debian packages that the machine lacks.
    pub packages: Packages,
}

/// What [`up`] has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabReport {
    /// The inventory of the lab.
    pub inventory: PathBuf,
    /// How many hosts there are.
    pub nodes: usize,
    /// The hosts that had to be started.
    pub started: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// How a lab is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabStatus {
    /// The directory of the inventory and the keys.
    pub dir: PathBuf,
    /// How the hosts run.
    pub flavour: Flavour,
    /// Which Debian they are.
    pub release: Release,
    /// Whether the registry answers.
    pub registry: bool,
    /// Every host.
    pub hosts: Vec<HostStatus>,
}

/// How a host is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostStatus {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// Whether it runs and answers.
    pub state: HostState,
    /// The bytes of memory that its processes hold, where the machine tells.
    pub memory: Option<u64>,
}

/// How a host is turned off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerOff {
    /// It is asked to shut down.
    Clean,
    /// It is cut off at once.
    Cut,
}

/// Raises a lab, or completes the one that stands; returns when every host answers on port 22.
///
/// Progress is one line at a time. A lab of another directory, flavour or release is refused.
pub fn up(spec: &LabSpec, progress: &mut dyn FnMut(&str)) -> Result<LabReport, LabError> {
    let began = Instant::now();
    prerequisites::require_root("up")?;
    if !(1..=MAX_NODES).contains(&spec.nodes) {
        return Err(LabError::Size { nodes: spec.nodes, limit: MAX_NODES });
    }
    let hierarchies = Hierarchies::find()?;
    {
        let _lock = Lock::take(cache(), progress)?;
        prerequisites::ensure(spec.flavour, spec.packages, progress)?;
    }
    let _lock = Lock::take(&spec.site.state(), progress)?;
    let record = admit(spec)?;
    let places = record.places(&spec.site);
    {
        let _lock = Lock::take(cache(), progress)?;
        base::ensure(spec.release, progress)?;
        registry::ensure_images(spec.release, progress)?;
    }
    ensure_bridge(&spec.site)?;
    host::write_scripts(&spec.site)?;
    let login = access::login_key(&record.dir)?;
    let boot = Boot {
        site: &spec.site,
        hierarchies: &hierarchies,
        flavour: spec.flavour,
        release: spec.release,
        login: &login,
    };
    let started = start_all(&boot, &places, progress)?;
    if registry::ensure_running(&spec.site, spec.release, &hierarchies)? {
        progress(&format!("the registry answers on {}:5000", spec.site.gateway()));
    }
    access::write(&record.dir, &places)?;
    let inventory = record.dir.join("inventory.yaml");
    Ok(LabReport { inventory, nodes: record.nodes, started, took: began.elapsed() })
}

/// Checks the wish against the lab that stands, and records it before anything is made: `down` then knows of all there can be.
fn admit(spec: &LabSpec) -> Result<Record, LabError> {
    let dir = std::path::absolute(&spec.dir).map_err(at(&spec.dir))?;
    let mut record =
        Record { dir, flavour: spec.flavour, release: spec.release, nodes: spec.nodes };
    if let Some(stands) = Record::read(&spec.site)? {
        if stands.dir != record.dir {
            return Err(LabError::OtherOwner { owner: stands.dir });
        }
        let kind = |r: &Record| format!("{} {}", r.flavour.word(), r.release.word());
        if kind(&stands) != kind(&record) {
            return Err(LabError::OtherKind { existing: kind(&stands), wanted: kind(&record) });
        }
        record.nodes = record.nodes.max(stands.nodes);
    }
    record.write(&spec.site)?;
    Ok(record)
}

/// Starts what does not run, and waits until all answer; returns the names of those that were started.
fn start_all(
    boot: &Boot<'_>,
    places: &[Place],
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<String>, LabError> {
    let deadline = Instant::now() + ANSWER;
    let mut silent = Vec::new();
    let mut started = Vec::new();
    let outcomes = each(places, progress, |place, say| {
        let fresh = match host::state(boot.hierarchies, place) {
            HostState::Off => {
                host::start(boot, place)?;
                true
            }
            HostState::Starting | HostState::Answering => {
                host::ensure_login(boot, place)?;
                false
            }
        };
        let answered = wait(boot, place, deadline);
        if answered && fresh {
            // Whoever listened has gone only if the whole run has.
            drop(say.send(format!("{} answers on {}", place.name, place.address)));
        }
        Ok((fresh, answered))
    });
    for (place, outcome) in places.iter().zip(outcomes) {
        let (fresh, answered) = outcome?;
        if fresh {
            started.push(place.name.clone());
        }
        if !answered {
            silent.push(place);
        }
    }
    let Some(first) = silent.first() else { return Ok(started) };
    Err(LabError::NoAnswer {
        nodes: silent.iter().map(|p| p.name.clone()).collect(),
        said: log_tail(&first.console()),
        console: first.console(),
    })
}

/// Waits until a host answers; false when it has ended or the time is up.
fn wait(boot: &Boot<'_>, place: &Place, deadline: Instant) -> bool {
    let started = Instant::now();
    loop {
        if host::answers(place) {
            return true;
        }
        // A host that was only just started has no process 1 yet.
        let settled = started.elapsed() > Duration::from_secs(3);
        let off = settled && host::state(boot.hierarchies, place) == HostState::Off;
        if off || Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Does the same for every host, a few at a time, and passes on what they say; outcomes are in the order of the hosts.
fn each<T: Send>(
    places: &[Place],
    progress: &mut dyn FnMut(&str),
    act: impl Fn(&Place, &Sender<String>) -> Result<T, LabError> + Sync,
) -> Vec<Result<T, LabError>> {
    let (say, heard) = channel();
    let queue = Mutex::new(places.iter().enumerate());
    let mut outcomes: Vec<(usize, Result<T, LabError>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS.min(places.len()))
            .map(|_| {
                let (say, queue, act) = (say.clone(), &queue, &act);
                scope.spawn(move || {
                    let next = || queue.lock().ok().and_then(|mut q| q.next());
                    std::iter::from_fn(next).map(|(i, p)| (i, act(p, &say))).collect::<Vec<_>>()
                })
            })
            .collect();
        drop(say);
        for line in heard {
            progress(&line);
        }
        workers.into_iter().flat_map(|w| w.join().unwrap_or_default()).collect()
    });
    outcomes.sort_by_key(|(i, _)| *i);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Takes the machine's lab down, whole or half up: no process, namespace, mount, link or cgroup of it is left, nor its disks.
///
/// Returns whether there was one. What can be used again stays: the base and the images.
pub fn down(site: &Site, progress: &mut dyn FnMut(&str)) -> Result<bool, LabError> {
    prerequisites::require_root("down")?;
    if !site.state().exists() {
        return Ok(false);
    }
    let hierarchies = Hierarchies::find()?;
    let _lock = Lock::take(&site.state(), progress)?;
    // A damaged record must not keep a lab standing: then all hosts that there can be are looked for.
    let record = Record::read(site).unwrap_or_default();
    let count = record.as_ref().map_or(MAX_NODES, |r| r.nodes);
    let places: Vec<Place> = (1..=count).map(|number| site.host(number)).collect();
    let outcomes = each(&places, progress, |place, _| host::clear(&hierarchies, place));
    outcomes.into_iter().collect::<Result<Vec<()>, _>>()?;
    registry::stop(site, &hierarchies)?;
    hierarchies.remove(site.cgroup().as_str());
    remove_bridge(site)?;
    if let Some(record) = &record {
        access::remove(&record.dir);
    }
    remove_tree(&site.state())?;
    progress(&format!("the lab is down ({count} hosts)"));
    Ok(true)
}

/// How many hosts the machine's lab is meant to have; none means that there is no lab.
pub fn size(site: &Site) -> Result<Option<usize>, LabError> {
    Ok(Record::read(site)?.map(|r| r.nodes))
}

/// How the machine's lab is.
pub fn status(site: &Site) -> Result<LabStatus, LabError> {
    let record = Record::of(site)?;
    let hierarchies = Hierarchies::find()?;
    let places = record.places(site);
    let states = each(&places, &mut |_| {}, |place, _| Ok(host::state(&hierarchies, place)));
    let mut hosts = Vec::new();
    for (place, state) in places.into_iter().zip(states) {
        let memory = hierarchies.memory(&place.cgroup);
        hosts.push(HostStatus { name: place.name, address: place.address, state: state?, memory });
    }
    let Record { dir, flavour, release, nodes: _ } = record;
    Ok(LabStatus { dir, flavour, release, registry: registry::answers(site.gateway()), hosts })
}

/// Runs a command on a host by the system's ssh, or an interactive shell without one; returns its exit code.
///
/// One word is a line for the host's shell; several are a program and its arguments, and arrive as they are.
pub fn ssh(site: &Site, node: &str, argv: &[String]) -> Result<i32, LabError> {
    let record = Record::of(site)?;
    access::log_in(&record.dir, &record.place(site, node)?, argv)
}

/// Turns a host off; its disks stay. Returns when nothing of it runs.
pub fn power_off(site: &Site, node: &str, how: PowerOff) -> Result<(), LabError> {
    prerequisites::require_root("stop")?;
    let _lock = Lock::take(&site.state(), &mut |_| {})?;
    let record = Record::of(site)?;
    let place = record.place(site, node)?;
    let hierarchies = Hierarchies::find()?;
    match how {
        PowerOff::Clean => host::shut_down(&hierarchies, record.flavour, &place),
        PowerOff::Cut => host::clear(&hierarchies, &place),
    }
}

/// Turns a host on, and returns when it answers on port 22; nothing changes when it runs.
pub fn power_on(site: &Site, node: &str) -> Result<(), LabError> {
    prerequisites::require_root("start")?;
    let _lock = Lock::take(&site.state(), &mut |_| {})?;
    let record = Record::of(site)?;
    let place = record.place(site, node)?;
    let hierarchies = Hierarchies::find()?;
    ensure_bridge(site)?;
    host::write_scripts(site)?;
    let login = access::login_key(&record.dir)?;
    let boot = Boot {
        site,
        hierarchies: &hierarchies,
        flavour: record.flavour,
        release: record.release,
        login: &login,
    };
    start_all(&boot, &[place], &mut |_| {}).map(drop)
}
