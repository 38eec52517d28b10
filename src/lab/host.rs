//! One host: its disks, and how it is started, looked at and stopped.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::base;
use super::cgroup::Hierarchies;
use super::command::{joining, launch, run};
use super::error::{LabError, at};
use super::files::{Content, HostFile, files};
use super::kind::{Flavour, Release};
use super::network::{attach, detach};
use super::site::{Place, Site};

/// The scripts that start hosts, by their file names.
const SCRIPTS: [(&str, &str); 3] = [
    ("join.sh", include_str!("scripts/join.sh")),
    ("boot-systemd.sh", include_str!("scripts/boot-systemd.sh")),
    ("boot-bare.sh", include_str!("scripts/boot-bare.sh")),
];

/// How long a clean power-off may take before the host is cut off.
const SHUTDOWN: Duration = Duration::from_secs(20);

/// systemd's signal for a power-off: SIGRTMIN+4, as glibc numbers it.
const POWER_OFF: &str = "-38";

/// What every host of a lab is started with.
#[derive(Clone, Debug)]
pub(super) struct Boot<'a> {
    pub(super) site: &'a Site,
    pub(super) hierarchies: &'a Hierarchies,
    pub(super) flavour: Flavour,
    pub(super) release: Release,
    /// The public key that may log in as root.
    pub(super) login: &'a str,
}

/// How a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostState {
    /// Its sshd answers.
    Answering,
    /// It runs, and its sshd does not answer (yet).
    Starting,
    /// It does not run.
    Off,
}

/// Puts the start scripts where the hosts of a lab find them.
pub(super) fn write_scripts(site: &Site) -> Result<(), LabError> {
    for (name, text) in SCRIPTS {
        let path = site.state().join(name);
        fs::write(&path, text).map_err(at(&path))?;
    }
    Ok(())
}

/// How a host is right now.
pub(super) fn state(hierarchies: &Hierarchies, place: &Place) -> HostState {
    if !hierarchies.members(&place.cgroup).iter().any(|m| m.init) {
        HostState::Off
    } else if answers(place) {
        HostState::Answering
    } else {
        HostState::Starting
    }
}

/// Whether the host's sshd greets.
pub(super) fn answers(place: &Place) -> bool {
    let wait = Duration::from_secs(1);
    let address = SocketAddr::from((place.address, 22));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, wait) else { return false };
    let mut greeting = [0; 4];
    stream.set_read_timeout(Some(wait)).is_ok()
        && stream.read_exact(&mut greeting).is_ok()
        && &greeting == b"SSH-"
}

/// Starts a host that is off; what was left of a former run is cleared away first. Does not wait for it to answer.
pub(super) fn start(boot: &Boot<'_>, place: &Place) -> Result<(), LabError> {
    clear(boot.hierarchies, place)?;
    prepare_disks(boot, place)?;
    attach(boot.site, place)?;
    let joins = boot.hierarchies.make(&place.cgroup)?;
    let state = boot.site.state();
    let join = state.join("join.sh");
    let net = format!("--net=/run/netns/{}", place.netns);
    let script = state.join(format!("boot-{}.sh", boot.flavour.word()));
    let mut words = vec!["nsenter".to_owned(), net, "unshare".to_owned()];
    match boot.flavour {
        // systemd-nspawn makes the other namespaces itself.
        Flavour::Systemd => words.push("--mount".to_owned()),
        Flavour::Bare => {
            words.push("--cgroup".to_owned());
            words.extend(joining(&join, &boot.hierarchies.make_leaf(&place.cgroup)?));
            words.push("unshare".to_owned());
            words.extend(BARE.map(str::to_owned));
        }
    }
    let (base, dir) = (base::dir(boot.release), &place.dir);
    let [script, dir, base] = [&script, dir, &base].map(|p| p.to_string_lossy().into_owned());
    words.extend(["sh".to_owned(), script, place.name.clone(), place.netns.clone(), dir, base]);
    launch(&join, &joins, &words, &place.console())
}

/// What a bare host has of its own besides its network and cgroups.
const BARE: [&str; 6] = ["--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"];

/// Writes the files of a host into the layer over the base. The host must be off: a mounted layer must not be written to.
fn prepare_disks(boot: &Boot<'_>, place: &Place) -> Result<(), LabError> {
    for dir in ["upper", "work", "root", "containers"] {
        make_dir(&place.dir.join(dir), 0o755)?;
    }
    let upper = place.upper();
    make_dir(&upper.join("root"), 0o700)?;
    make_dir(&upper.join("root/.ssh"), 0o700)?;
    write(&upper.join("root/.ssh/authorized_keys"), boot.login, 0o600)?;
    for HostFile { path, content } in files(boot.site, place, (boot.flavour, boot.release)) {
        let path = upper.join(path);
        make_dir(path.parent().unwrap_or(&upper), 0o755)?;
        match content {
            Content::Text(text) => write(&path, &text, 0o644)?,
            Content::Link(target) => {
                if !path.is_symlink() {
                    symlink(target, &path).map_err(at(&path))?;
                }
            }
        }
    }
    let identity = upper.join("etc/machine-id");
    if !identity.exists() {
        let random = Path::new("/proc/sys/kernel/random/uuid");
        let uuid = fs::read_to_string(random).map_err(at(random))?;
        write(&identity, &uuid.replace('-', ""), 0o444)?;
    }
    host_key(place).map(drop)
}

/// The host's public key; the pair is made at first use and kept.
pub(super) fn host_key(place: &Place) -> Result<String, LabError> {
    let key = place.upper().join("etc/ssh/ssh_host_ed25519_key");
    make_dir(&place.upper().join("etc/ssh"), 0o755)?;
    ensure_key(&key, &format!("root@{}", place.name))
}

/// Makes an ed25519 key pair without a passphrase, unless it is there, and returns the public half.
pub(super) fn ensure_key(path: &Path, comment: &str) -> Result<String, LabError> {
    let public = path.with_extension("pub");
    if !path.exists() || !public.exists() {
        for half in [path, &public] {
            drop(fs::remove_file(half));
        }
        let file = path.to_string_lossy();
        run(&["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", &file])?;
    }
    fs::read_to_string(&public).map_err(at(&public))
}

/// Lets this key log in to a host that runs, if another one does: the project's directory was made anew meanwhile.
pub(super) fn ensure_login(boot: &Boot<'_>, place: &Place) -> Result<(), LabError> {
    let known = place.upper().join("root/.ssh/authorized_keys");
    if fs::read_to_string(&known).is_ok_and(|k| k == boot.login) {
        return Ok(());
    }
    let members = boot.hierarchies.members(&place.cgroup);
    let Some(init) = members.iter().find(|m| m.init) else { return Ok(()) };
    let root = PathBuf::from(format!("/proc/{}/root", init.pid.as_raw_nonzero()));
    write(&root.join("root/.ssh/authorized_keys"), boot.login, 0o600)
}

/// Asks a host to shut down, and cuts it off if it does not.
pub(super) fn shut_down(
    hierarchies: &Hierarchies,
    flavour: Flavour,
    place: &Place,
) -> Result<(), LabError> {
    let members = hierarchies.members(&place.cgroup);
    if let Some(init) = members.iter().find(|m| m.init) {
        match flavour {
            Flavour::Systemd => {
                let pid = init.pid.to_string();
                run(&["sh", "-c", "kill \"$1\" \"$2\"", "sh", POWER_OFF, &pid]).map(drop)?;
            }
            Flavour::Bare => {
                let _ = kill_process(init.pid, Signal::TERM);
            }
        }
        let deadline = Instant::now() + SHUTDOWN;
        while Instant::now() < deadline && !hierarchies.members(&place.cgroup).is_empty() {
            sleep(Duration::from_millis(20));
        }
    }
    clear(hierarchies, place)
}

/// Ends a host at once, as a power cut does, and removes what it had of the machine; its disks stay.
pub(super) fn clear(hierarchies: &Hierarchies, place: &Place) -> Result<(), LabError> {
    // Each boot of systemd-nspawn has a lock file named by its root directory, and removes it only if it ends by itself.
    let members = hierarchies.members(&place.cgroup);
    let locks = members.iter().filter(|m| m.init).filter_map(|m| lock_file(m.pid));
    let locks: Vec<PathBuf> = locks.collect();
    hierarchies.kill(&place.cgroup)?;
    hierarchies.remove(&place.cgroup);
    detach(place)?;
    for lock in locks {
        drop(fs::remove_file(lock));
    }
    for dir in ["propagate", "unix-export"] {
        let dir = Path::new("/run/systemd/nspawn").join(dir).join(&place.netns);
        if dir.exists() {
            drop(run(&["umount", "--lazy", &dir.to_string_lossy()]));
            drop(fs::remove_dir_all(&dir));
        }
    }
    Ok(())
}

/// The lock file of the systemd-nspawn that runs this process 1.
fn lock_file(init: Pid) -> Option<PathBuf> {
    let root = fs::metadata(format!("/proc/{}/root/", init.as_raw_nonzero())).ok()?;
    let name = format!("inode-{}:{}", root.dev(), root.ino());
    Some(Path::new("/run/systemd/nspawn/locks").join(name))
}

fn make_dir(path: &Path, mode: u32) -> Result<(), LabError> {
    DirBuilder::new().recursive(true).mode(mode).create(path).map_err(at(path))
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), LabError> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(mode).open(path);
    file.and_then(|mut f| f.write_all(text.as_bytes())).map_err(at(path))
}
