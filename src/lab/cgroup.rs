//! A cgroup a host, in every hierarchy of the machine: it holds all processes of the host, whatever they turn into.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::error::{LabError, at};

/// How long killed processes may take to be gone.
const DEATH: Duration = Duration::from_secs(10);

/// The machine's cgroup hierarchies.
#[derive(Clone, Debug)]
pub(super) struct Hierarchies {
    /// Mount points of the v1 hierarchies.
    legacy: Vec<PathBuf>,
    /// Mount point of the v2 hierarchy.
    unified: Option<PathBuf>,
}

/// A process of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The process as the machine numbers it.
    pub(super) pid: Pid,
    /// Whether it is process 1 of a process namespace of the first level, that is: of the host.
    pub(super) init: bool,
}

impl Hierarchies {
    /// Finds what is mounted.
    pub(super) fn find() -> Result<Self, LabError> {
        let path = Path::new("/proc/mounts");
        let found = Self::parse(&fs::read_to_string(path).map_err(at(path))?);
        if found.legacy.is_empty() && found.unified.is_none() {
            return Err(LabError::NoCgroups);
        }
        Ok(found)
    }

    fn parse(mounts: &str) -> Self {
        let mut found = Self { legacy: Vec::new(), unified: None };
        for line in mounts.lines() {
            let mut words = line.split(' ').skip(1);
            let (Some(dir), Some(kind)) = (words.next(), words.next()) else { continue };
            match kind {
                "cgroup" => found.legacy.push(dir.into()),
                "cgroup2" => found.unified = Some(dir.into()),
                _ => {}
            }
        }
        found
    }

    fn roots(&self) -> impl Iterator<Item = &PathBuf> {
        self.legacy.iter().chain(&self.unified)
    }

    /// Makes a cgroup in every hierarchy and returns the files that a process joins them by.
    pub(super) fn make(&self, name: &str) -> Result<Vec<PathBuf>, LabError> {
        let mut joins = Vec::new();
        for root in self.roots() {
            let dir = root.join(name);
            fs::create_dir_all(&dir).map_err(at(&dir))?;
            let levels: Vec<&Path> = dir.ancestors().take_while(|d| *d != root.as_path()).collect();
            for level in levels.into_iter().rev() {
                delegate(level)?;
            }
            joins.push(dir.join("cgroup.procs"));
        }
        Ok(joins)
    }

    /// Makes a v2 cgroup below this one and returns the file that a process joins it by: v2 hands controllers down only from
    /// cgroups without processes.
    pub(super) fn make_leaf(&self, name: &str) -> Result<Vec<PathBuf>, LabError> {
        let Some(root) = &self.unified else { return Ok(Vec::new()) };
        let dir = root.join(name).join("init");
        fs::create_dir_all(&dir).map_err(at(&dir))?;
        Ok(vec![dir.join("cgroup.procs")])
    }

    /// All processes of a cgroup and those below it.
    pub(super) fn members(&self, name: &str) -> Vec<Member> {
        // A process is in one cgroup of each hierarchy: any of them shows all.
        let Some(root) = self.unified.as_ref().or(self.legacy.first()) else { return Vec::new() };
        let mut pids = Vec::new();
        walk(&root.join(name), &mut |dir| {
            let procs = fs::read_to_string(dir.join("cgroup.procs")).unwrap_or_default();
            pids.extend(procs.lines().filter_map(|l| Pid::from_raw(l.parse().ok()?)));
        });
        pids.into_iter().map(|pid| Member { pid, init: is_init(pid) }).collect()
    }

    /// Kills all processes of a cgroup and waits until they are gone.
    pub(super) fn kill(&self, name: &str) -> Result<(), LabError> {
        let deadline = Instant::now() + DEATH;
        loop {
            let left = self.members(name);
            if left.is_empty() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(LabError::Undying { place: name.to_owned(), count: left.len() });
            }
            for member in left {
                // It may have ended by itself.
                let _ = kill_process(member.pid, Signal::KILL);
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Removes a cgroup without processes, and what is below it, from every hierarchy.
    pub(super) fn remove(&self, name: &str) {
        for root in self.roots() {
            // Right after a kill a cgroup may be busy for a moment.
            for _ in 0..50 {
                walk(&root.join(name), &mut |dir| drop(fs::remove_dir(dir)));
                if !root.join(name).exists() {
                    break;
                }
                sleep(Duration::from_millis(10));
            }
        }
    }

    /// The bytes of memory that the host's processes hold, without the page cache.
    pub(super) fn memory(&self, name: &str) -> Option<u64> {
        let legacy = self.legacy.iter().find(|d| d.ends_with("memory"));
        let (root, key) = match (legacy, &self.unified) {
            (Some(root), _) => (root, "total_rss"),
            (None, Some(root)) => (root, "anon"),
            (None, None) => return None,
        };
        let stat = fs::read_to_string(root.join(name).join("memory.stat")).ok()?;
        let line = stat.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(' '))?;
        line.parse().ok()
    }
}

/// Lets the cgroups below this one have controllers.
fn delegate(dir: &Path) -> Result<(), LabError> {
    // A v1 cpuset begins empty and lets no process in.
    for file in ["cpuset.cpus", "cpuset.mems"] {
        let (own, parent) = (dir.join(file), dir.with_file_name(file));
        if dir.join("cgroup.controllers").exists() || !own.exists() {
            continue;
        }
        let value = fs::read_to_string(&parent).map_err(at(&parent))?;
        fs::write(&own, value.trim()).map_err(at(&own))?;
    }
    // In v2 the parent hands its controllers down; one that it lacks is no loss.
    let parent = dir.parent().unwrap_or(dir);
    let available = fs::read_to_string(parent.join("cgroup.controllers")).unwrap_or_default();
    for controller in available.split_whitespace() {
        drop(fs::write(parent.join("cgroup.subtree_control"), format!("+{controller}")));
    }
    Ok(())
}

/// Visits a directory's tree, the deepest first.
fn walk(dir: &Path, visit: &mut dyn FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            walk(&entry.path(), visit);
        }
    }
    visit(dir);
}

/// Whether a process is number 1 one level below the machine's own process namespace.
fn is_init(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero()));
    numbers(&status.unwrap_or_default()).is_some_and(|n| n.len() == 2 && n.last() == Some(&1))
}

/// A process' numbers, in the outermost namespace first, from its `status` file.
fn numbers(status: &str) -> Option<Vec<u32>> {
    let line = status.lines().find_map(|l| l.strip_prefix("NSpid:"))?;
    line.split_whitespace().map(|n| n.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_found() {
        let found = Hierarchies::parse(
            "proc /proc proc rw 0 0\n\
             cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n\
             cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
        );
        assert_eq!(found.legacy, [PathBuf::from("/sys/fs/cgroup/cpu,cpuacct")]);
        assert_eq!(found.unified, Some(PathBuf::from("/sys/fs/cgroup/unified")));
    }

    #[test]
    fn numbers_of_a_process_in_a_namespace() {
        assert_eq!(numbers("Name:\tsh\nNSpid:\t19245\t1\n"), Some(vec![19245, 1]));
        assert_eq!(numbers("Name:\tsh\n"), None);
    }
}
