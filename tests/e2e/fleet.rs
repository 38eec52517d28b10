//! A fleet on a lab of its own, and bowline run on it as a user runs it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bowline::lab::{Flavour, PowerOff, Release, power_off, power_on};

use crate::trial::Trial;

/// A fleet of two or more hosts, with a workstation's directory.
pub(crate) struct Fleet {
    trial: Trial,
    site: String,
    directory: tempfile::TempDir,
}

/// What a command printed, and how it ended.
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: i32,
}

impl Fleet {
    /// Raises three hosts; `octet` keeps the labs of tests apart.
    pub(crate) fn up(name: &'static str, octet: u8) -> Self {
        Self::hosts(name, octet, 3)
    }

    /// Raises as many hosts.
    pub(crate) fn hosts(name: &'static str, octet: u8, nodes: usize) -> Self {
        Self::of(Trial::new(name, octet, Flavour::Systemd, Release::Trixie), nodes)
    }

    /// Raises as many hosts of a release, with systemd.
    pub(crate) fn release(name: &'static str, octet: u8, nodes: usize, release: Release) -> Self {
        eprintln!("{release:?}");
        Self::of(Trial::new(name, octet, Flavour::Systemd, release), nodes)
    }

    /// Raises as many hosts of a trial's own kind.
    pub(crate) fn of(mut trial: Trial, nodes: usize) -> Self {
        let (name, octet) = trial.site();
        trial.spec.nodes = nodes;
        trial.up().unwrap();
        let directory = tempfile::tempdir().unwrap();
        Self { trial, site: format!("{name}:{octet}"), directory }
    }

    fn nodes(&self) -> Vec<String> {
        (1..=self.trial.spec.nodes).map(|nth| format!("node-{nth}")).collect()
    }

    /// The directory of the workstation.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The lab's inventory.
    pub(crate) fn inventory(&self) -> PathBuf {
        self.trial.spec.dir.join("inventory.yaml")
    }

    /// Writes a file of the workstation and returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.directory().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// The program, to be run as a user runs it.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bowline"));
        command
            .args(words)
            .current_dir(self.directory())
            .env("BOWLINE_INVENTORY", self.inventory())
            .env_remove("BOWLINE_STATE")
            .stdin(Stdio::null());
        command
    }

    /// Runs bowline to its end.
    pub(crate) fn bowline(&self, words: &[&str]) -> Ran {
        let output = self.command(words).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            exit: output.status.code().unwrap_or(-1),
        }
    }

    /// Starts bowline.
    pub(crate) fn start(&self, words: &[&str]) -> Child {
        let mut command = self.command(words);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs a line of shell on a host and returns what it printed.
    pub(crate) fn on(&self, node: &str, line: &str) -> String {
        let ran = self.bowline(&["lab", "--site", &self.site, "ssh", node, "--", line]);
        assert_eq!(ran.exit, 0, "{node}: {line}: {}", ran.stderr);
        ran.stdout
    }

    /// Cuts a host's power.
    pub(crate) fn cut(&self, node: &str) {
        power_off(&self.trial.spec.site, node, PowerOff::Cut).unwrap();
    }

    /// Turns a host on again.
    pub(crate) fn power_on(&self, node: &str) {
        power_on(&self.trial.spec.site, node).unwrap();
    }

    /// Says that what the official conformance test of this number and name in `docs/conformance.md` asks for has been seen.
    ///
    /// It stands beside what has been seen; a test compares the two.
    pub(crate) fn holds(&self, number: u8, name: &str) {
        eprintln!("conformance {number} ({name}): holds on {:?}", self.trial.spec.release);
    }

    /// Every container of ours: host, name, id and start; sorted.
    pub(crate) fn containers(&self) -> Vec<String> {
        let format = "{{.Names}} {{.ID}} {{.StartedAt}}";
        let line = format!("podman ps --filter label=bowline.container --format '{format}'");
        let mut all = Vec::new();
        for node in self.nodes() {
            all.extend(self.on(&node, &line).lines().map(|line| format!("{node} {line}")));
        }
        all.sort();
        all
    }

    /// The pods that podman has on a host, whoever made them and whatever is in them.
    pub(crate) fn podman_pods(&self, node: &str) -> Vec<String> {
        let names = self.on(node, "podman pod ps --format '{{.Name}}'");
        names.lines().map(str::to_owned).collect()
    }

    /// Every pod of ours as its labels have it: host, name, address.
    pub(crate) fn sandboxes(&self) -> Vec<(String, String, String)> {
        let line = "podman ps -a --filter label=bowline.pod --format \
                    '{{index .Labels \"bowline.pod\"}} {{index .Labels \"bowline.address\"}}'";
        let mut all = Vec::new();
        for node in self.nodes() {
            for line in self.on(&node, line).lines() {
                let (name, address) = line.split_once(' ').unwrap();
                all.push((node.clone(), name.to_owned(), address.to_owned()));
            }
        }
        all.sort();
        all
    }
}

impl Ran {
    /// Everything that was printed, for the message of a failed check.
    pub(crate) fn all(&self) -> String {
        let mut text = String::new();
        let _ = write!(text, "exit {}\n{}{}", self.exit, self.stdout, self.stderr);
        text
    }

    /// Checks the exit code.
    pub(crate) fn ends(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{}", self.all());
        self
    }
}

/// A Deployment of nginx and a Service before it.
pub(crate) fn web(image: &str, replicas: usize) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: nginx
        image: {image}
        ports: [{{containerPort: 80}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  clusterIP: 10.96.0.80
  selector: {{app: web}}
  ports: [{{port: 8080, targetPort: 80}}]
"
    )
}
