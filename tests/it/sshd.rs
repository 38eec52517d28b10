//! A real SSH server on the loopback device, with keys of its own, for one test.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bowline::inventory::{
    Admission, CapacityOverride, Connection, Host, Inventory, Network, Overcommit, Privilege,
    Profiles, SshSettings,
};
use bowline::model::{FleetName, Labels, NodeName, Resources};
use bowline::node::{ConnectSettings, Node, connect_all};

const PROGRAM: &str = "/usr/sbin/sshd";

/// A running server; dropping it ends it, and the connections that it still has.
pub(crate) struct Sshd {
    directory: tempfile::TempDir,
    port: u16,
    server: Child,
}

impl Sshd {
    /// A server that accepts the key `user`. `None`, with a loud word, where there is no sshd, unless this is CI.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// The same with more lines of configuration.
    pub(crate) fn start_with(config: &str) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            assert!(std::env::var_os("CI").is_none(), "{PROGRAM} is missing");
            eprintln!("SKIPPED: {PROGRAM} is missing (apt install openssh-server)");
            return None;
        }
        if running_as_root() {
            std::fs::create_dir_all("/run/sshd").unwrap();
        }
        let directory = tempfile::tempdir().unwrap();
        for name in ["host_ed25519", "user"] {
            make_key(&directory.path().join(name), "ed25519", "");
        }
        make_key(&directory.path().join("host_ecdsa"), "ecdsa", "");
        let (port, server) = serve(directory.path(), config);
        let sshd = Self { directory, port, server };
        std::fs::copy(sshd.path("user.pub"), sshd.path("authorized_keys")).unwrap();
        sshd.know(&["host_ed25519", "host_ecdsa"]);
        Some(sshd)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a known_hosts file that lists these keys for the server.
    pub(crate) fn know(&self, keys: &[&str]) {
        let lines = keys.iter().map(|key| {
            let public = std::fs::read_to_string(self.path(&format!("{key}.pub"))).unwrap();
            format!("[127.0.0.1]:{} {public}", self.port)
        });
        std::fs::write(self.path("known_hosts"), lines.collect::<String>()).unwrap();
    }

    /// Makes a key whose owner may log in.
    pub(crate) fn authorize(&self, name: &str, kind: &str, passphrase: &str) -> PathBuf {
        let path = self.path(name);
        make_key(&path, kind, passphrase);
        let mut keys = std::fs::read_to_string(self.path("authorized_keys")).unwrap();
        keys += &std::fs::read_to_string(path.with_extension("pub")).unwrap();
        std::fs::write(self.path("authorized_keys"), keys).unwrap();
        path
    }

    pub(crate) fn settings(&self) -> SshSettings {
        SshSettings {
            address: "127.0.0.1".to_owned(),
            port: self.port,
            user: user(),
            identity_files: vec![self.path("user")],
            known_hosts: Some(self.path("known_hosts")),
            privilege: Privilege::Direct,
            connect_timeout: Duration::from_secs(30),
            command_timeout: Duration::from_mins(1),
        }
    }

    /// A node of a fleet of one.
    pub(crate) fn node(&self) -> Arc<dyn Node> {
        node(self.settings(), ConnectSettings::default())
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // The connections' processes first: they are the listener's children.
        for child in children(self.server.id()) {
            kill(child);
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

pub(crate) fn node(settings: SshSettings, how: ConnectSettings) -> Arc<dyn Node> {
    let mut nodes = nodes(vec![("a", settings)], how);
    nodes.remove(&NodeName::from("a")).unwrap()
}

pub(crate) fn nodes(
    hosts: Vec<(&str, SshSettings)>,
    how: ConnectSettings,
) -> BTreeMap<NodeName, Arc<dyn Node>> {
    let hosts = hosts.into_iter().map(|(name, settings)| (name, Connection::Ssh(settings)));
    connect(hosts.collect(), how)
}

pub(crate) fn connect(
    hosts: Vec<(&str, Connection)>,
    how: ConnectSettings,
) -> BTreeMap<NodeName, Arc<dyn Node>> {
    let hosts =
        hosts.into_iter().map(|(name, connection)| (NodeName::from(name), host(name, connection)));
    let inventory = Inventory {
        groups: BTreeMap::new(),
        sizes: BTreeMap::new(),
        fleet: FleetName::from("test"),
        hosts: hosts.collect(),
        network: Network {
            pod_cidr: "10.1.0.0/16".parse().unwrap(),
            host_prefix: 24,
            service_cidr: "10.2.0.0/16".parse().unwrap(),
        },
        unreachable_after: Duration::from_mins(5),
        overcommit: Overcommit::default(),
        scheduling: Profiles::default(),
    };
    connect_all(&inventory, how)
}

fn host(name: &str, connection: Connection) -> Host {
    Host {
        name: NodeName::from(name),
        connection,
        internal_address: None,
        labels: Labels::default(),
        taints: Vec::new(),
        annotations: BTreeMap::new(),
        admission: Admission::Open,
        capacity: CapacityOverride::default(),
        reserved: Resources::default(),
        overcommit: Overcommit::default(),
        allowed_unsafe_sysctls: Vec::new(),
    }
}

/// Starts a server on a free port. Another program may take the port in between; then another port is tried.
fn serve(directory: &Path, config: &str) -> (u16, Child) {
    for _ in 0..10 {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let at = directory.display();
        // A deep SHLVL keeps a login bash from reading the files of whoever runs the tests.
        let text = format!(
            "{config}\nPort {port}\nListenAddress 127.0.0.1\nHostKey {at}/host_ed25519\nHostKey {at}/host_ecdsa\n\
             AuthorizedKeysFile {at}/authorized_keys\nStrictModes no\nUsePAM no\nPidFile none\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 100\nUseDNS no\n\
             SetEnv SHLVL=9\n"
        );
        std::fs::write(directory.join("config"), text).unwrap();
        let mut server = Command::new(PROGRAM)
            .args(["-D", "-e", "-f"])
            .arg(directory.join("config"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
        let listens = log.by_ref().map_while(Result::ok).any(|line| line.contains("listening on"));
        // Somebody must read on, or the server blocks one day.
        std::thread::spawn(move || log.for_each(drop));
        if listens {
            return (port, server);
        }
        server.wait().unwrap();
    }
    panic!("sshd does not start");
}

pub(crate) fn make_key(path: &Path, kind: &str, passphrase: &str) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", passphrase, "-C", "", "-f"])
        .arg(path)
        .status();
    assert!(made.unwrap().success());
}

fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn running_as_root() -> bool {
    user() == "root"
}

pub(crate) fn kill(pid: u32) {
    let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
}

/// The processes that a process started and that still run.
fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_ascii_whitespace().map(|pid| pid.parse().unwrap()).collect()
}
