//! A lab for one test: raised beside a person's own, and taken down whatever happens.

use std::fs;
use std::path::Path;
use std::process::Command;

use bowline::lab::{
    Flavour, HostState, LabError, LabSpec, Packages, Release, Site, down, ssh, status, up,
};

/// The releases that bowline holds itself to: Debian 13 with podman 5.4, Debian 12 with podman 4.3.
const RELEASES: [Release; 2] = [Release::Trixie, Release::Bookworm];

/// The releases of one run of a test that would take long on both: one of them, unless both are asked for.
pub(crate) fn releases(one: Release) -> Vec<Release> {
    if std::env::var_os("BOWLINE_BOTH_RELEASES").is_some() {
        return RELEASES.to_vec();
    }
    eprintln!("\n*** on {one:?} alone; on both with BOWLINE_BOTH_RELEASES=1 ***\n");
    vec![one]
}

/// The kinds of hosts of one run of such a test: one without systemd, and one with it for each release.
pub(crate) fn grounds(one: Release) -> Vec<(Flavour, Release)> {
    let with_systemd = releases(one).into_iter().map(|release| (Flavour::Systemd, release));
    [(Flavour::Bare, Release::Trixie)].into_iter().chain(with_systemd).collect()
}

/// Whether lab tests can run here. Without root they are skipped, loudly; in CI they never are.
pub(crate) fn runnable() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n");
    assert!(root || std::env::var_os("CI").is_none(), "the lab's tests must not be skipped in CI");
    if !root {
        eprintln!("\n*** SKIPPED: the lab's tests need root: sudo -E cargo test ***\n");
    }
    root
}

/// A lab of its own, beside one that a person may have; it is taken down whatever happens.
pub(crate) struct Trial {
    name: &'static str,
    octet: u8,
    pub(crate) spec: LabSpec,
    _dir: tempfile::TempDir,
}

impl Trial {
    pub(crate) fn new(name: &'static str, octet: u8, flavour: Flavour, release: Release) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = Site::named(name, octet);
        down(&site, &mut |_| {}).unwrap();
        let spec = LabSpec {
            site,
            nodes: 2,
            flavour,
            release,
            dir: dir.path().join("lab"),
            packages: Packages::Install,
        };
        Self { name, octet, spec, _dir: dir }
    }

    /// The site's name and number.
    pub(crate) fn site(&self) -> (&'static str, u8) {
        (self.name, self.octet)
    }

    pub(crate) fn up(&self) -> Result<Vec<String>, LabError> {
        up(&self.spec, &mut |line| eprintln!("{line}")).map(|report| report.started)
    }

    pub(crate) fn run(&self, node: &str, line: &str) -> i32 {
        ssh(&self.spec.site, node, &[line.to_owned()]).unwrap()
    }

    pub(crate) fn states(&self) -> Vec<HostState> {
        status(&self.spec.site).unwrap().hosts.iter().map(|h| h.state).collect()
    }

    /// Everything on the machine that bears the lab's name.
    pub(crate) fn traces(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (program, arguments) in [("ip", ["-o", "link"]), ("ip", ["netns", "list"])] {
            let output = Command::new(program).args(arguments).output().unwrap();
            found.extend(self.lines(&String::from_utf8_lossy(&output.stdout)));
        }
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            // A process of the lab is in its cgroups or has its disks mounted.
            for file in ["cgroup", "mountinfo"] {
                let text = fs::read_to_string(entry.path().join(file)).unwrap_or_default();
                found.extend(self.lines(&text));
            }
        }
        let mut places = vec![format!("/var/lib/{}-lab", self.name)];
        for hierarchy in fs::read_dir("/sys/fs/cgroup").unwrap().flatten() {
            places.push(format!("{}/{}-lab", hierarchy.path().display(), self.name));
        }
        places.push(format!("/sys/fs/cgroup/{}-lab", self.name));
        found.extend(places.into_iter().filter(|p| Path::new(p).exists()));
        found
    }

    fn lines(&self, text: &str) -> Vec<String> {
        // A process in a cgroup that is gone is dead, and waits for the machine's process 1 to notice.
        let ours = |l: &&str| l.contains(self.name) && !l.ends_with(" (deleted)");
        text.lines().filter(ours).map(str::to_owned).collect()
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        drop(down(&self.spec.site, &mut |_| {}));
    }
}
