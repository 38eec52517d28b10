//! Host keys, and keys to log in with.

use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bowline::node::{Ask, ConnectSettings, NodeError, for_each_host};

use super::{ping, until};
use crate::sshd::{Sshd, make_key, node, nodes};

#[tokio::test]
async fn an_unknown_host_key_is_refused_until_its_line_is_added() {
    let Some(sshd) = Sshd::start() else { return };
    std::fs::remove_file(sshd.path("known_hosts")).unwrap();
    let Err(NodeError::HostKeyUnknown { offered, known_hosts, command, .. }) =
        ping(&*sshd.node()).await
    else {
        panic!("the key was accepted");
    };
    let listed = Process::new("ssh-keygen").arg("-lf").arg(sshd.path("host_ed25519")).output();
    let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
    assert!(listed.contains(offered.strip_prefix("ssh-ed25519 ").unwrap()), "{offered}: {listed}");
    assert_eq!(known_hosts, sshd.path("known_hosts").display().to_string());
    assert!(Process::new("sh").args(["-c", &command]).status().unwrap().success());
    assert_eq!(ping(&*sshd.node()).await, Ok(()));
}

#[tokio::test]
async fn a_changed_host_key_is_refused() {
    let Some(sshd) = Sshd::start() else { return };
    make_key(&sshd.path("other"), "ed25519", "");
    sshd.know(&["other"]);
    let error = ping(&*sshd.node()).await.unwrap_err();
    let NodeError::HostKeyChanged { known, offered, place, .. } = error else {
        panic!("{error}");
    };
    assert_ne!(known, offered);
    assert_eq!(place, format!("{}:1", sshd.path("known_hosts").display()));
}

#[tokio::test]
async fn a_host_that_is_known_by_one_of_its_keys_is_asked_for_that_one() {
    let Some(sshd) = Sshd::start() else { return };
    sshd.know(&["host_ecdsa"]);
    assert_eq!(ping(&*sshd.node()).await, Ok(()));
}

#[tokio::test]
async fn a_key_that_is_not_accepted_is_named() {
    let Some(sshd) = Sshd::start() else { return };
    make_key(&sshd.path("wrong"), "ed25519", "");
    let mut settings = sshd.settings();
    settings.identity_files = vec![sshd.path("wrong")];
    let error = ping(&*node(settings, ConnectSettings::default())).await.unwrap_err();
    let NodeError::Authentication { tried, command, .. } = error else {
        panic!("{error}");
    };
    assert!(tried.starts_with("ssh-ed25519 SHA256:"), "{tried}");
    assert!(tried.ends_with(&format!("({})", sshd.path("wrong").display())), "{tried}");
    assert!(command.starts_with("ssh -v -p "), "{command}");
}

#[tokio::test]
async fn a_key_file_that_is_missing_is_named() {
    let Some(sshd) = Sshd::start() else { return };
    let mut settings = sshd.settings();
    settings.identity_files = vec![sshd.path("none")];
    let error = ping(&*node(settings, ConnectSettings::default())).await.unwrap_err();
    assert!(matches!(error, NodeError::KeyUnreadable { path, .. } if path == sshd.path("none")));
}

#[tokio::test]
async fn every_kind_of_key_logs_in() {
    let Some(sshd) = Sshd::start() else { return };
    for kind in ["rsa", "ecdsa", "ed25519"] {
        let mut settings = sshd.settings();
        settings.identity_files = vec![sshd.authorize(kind, kind, "")];
        let login = ping(&*node(settings, ConnectSettings::default())).await;
        assert_eq!(login, Ok(()), "{kind}");
    }
}

/// Answers with the second word only.
#[derive(Default)]
struct Asked(AtomicUsize);

impl Ask for Asked {
    fn passphrase(&self, _: &Path, attempt: u32) -> Option<String> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Some(if attempt == 2 { "secret" } else { "wrong" }.to_owned())
    }
}

#[tokio::test]
async fn a_passphrase_is_asked_for_once_for_all_hosts() {
    let Some(sshd) = Sshd::start() else { return };
    let mut settings = sshd.settings();
    settings.identity_files = vec![sshd.authorize("locked", "ed25519", "secret")];

    let error = ping(&*node(settings.clone(), ConnectSettings::default())).await.unwrap_err();
    assert_eq!(error, NodeError::KeyEncrypted { path: sshd.path("locked") });

    let asked = Arc::new(Asked::default());
    let ask: Arc<dyn Ask> = Arc::clone(&asked) as _;
    let names: Vec<String> = (0..20).map(|n| format!("h{n}")).collect();
    let hosts = names.iter().map(|name| (name.as_str(), settings.clone())).collect();
    let nodes = nodes(hosts, ConnectSettings { ask: Some(ask), ..ConnectSettings::default() });
    let results = for_each_host(&nodes, 20, |node| async move { ping(&*node).await }).await;
    assert_eq!(results.len(), 20);
    assert!(results.values().all(Result::is_ok), "{results:?}");
    assert_eq!(asked.0.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn files_of_older_formats_are_unlocked_too() {
    let Some(sshd) = Sshd::start() else { return };
    for (kind, format) in [("rsa", "PEM"), ("rsa", "PKCS8"), ("ecdsa", "PKCS8")] {
        let key = sshd.authorize(&format!("{kind}_{format}"), kind, "secret");
        let mut convert = Process::new("ssh-keygen");
        convert.args(["-q", "-p", "-P", "secret", "-N", "secret", "-m", format, "-f"]).arg(&key);
        assert!(convert.stdout(Stdio::null()).status().unwrap().success());
        let mut settings = sshd.settings();
        settings.identity_files = vec![key];
        let ask: Arc<dyn Ask> = Arc::new(Asked::default());
        let how = ConnectSettings { ask: Some(ask), ..ConnectSettings::default() };
        assert_eq!(ping(&*node(settings.clone(), how)).await, Ok(()), "{kind} {format}");
        let error = ping(&*node(settings, ConnectSettings::default())).await.unwrap_err();
        assert!(matches!(error, NodeError::KeyEncrypted { .. }), "{kind} {format}: {error}");
    }
}

/// A running agent, ended when dropped.
struct AgentProcess(std::process::Child, PathBuf);

impl AgentProcess {
    async fn start(socket: PathBuf, key: &Path) -> Self {
        let mut command = Process::new("ssh-agent");
        command.arg("-D").arg("-a").arg(&socket).stdout(Stdio::null());
        let agent = Self(command.spawn().unwrap(), socket);
        until("the agent's socket", || agent.1.exists()).await;
        let added = Process::new("ssh-add")
            .arg("-q")
            .arg(key)
            .env("SSH_AUTH_SOCK", &agent.1)
            .stderr(Stdio::null())
            .status();
        assert!(added.unwrap().success());
        agent
    }
}

impl Drop for AgentProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_agent_signs() {
    let Some(sshd) = Sshd::start() else { return };
    for kind in ["ed25519", "rsa"] {
        let key = sshd.authorize(&format!("agents_{kind}"), kind, "");
        let agent = AgentProcess::start(sshd.path(&format!("agent_{kind}")), &key).await;
        let how = || ConnectSettings {
            agent_socket: Some(agent.1.clone()),
            home: Some(sshd.path("home")),
            ..ConnectSettings::default()
        };
        let mut settings = sshd.settings();
        settings.identity_files.clear();
        assert_eq!(ping(&*node(settings.clone(), how())).await, Ok(()), "{kind}");

        // A file whose passphrase nobody can be asked for, but whose key the agent holds.
        let mut change = Process::new("ssh-keygen");
        change.args(["-q", "-p", "-N", "secret", "-f"]).arg(&key).stdout(Stdio::null());
        assert!(change.status().unwrap().success());
        settings.identity_files = vec![key];
        assert_eq!(ping(&*node(settings.clone(), how())).await, Ok(()), "{kind}");

        drop(agent);
        settings.identity_files.clear();
        let how =
            ConnectSettings { agent_socket: Some(sshd.path("gone")), ..ConnectSettings::default() };
        let error = ping(&*node(settings, how)).await.unwrap_err();
        let NodeError::Authentication { tried, .. } = error else { panic!("{error}") };
        assert!(tried.contains("does not answer"), "{tried}");
    }
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let Some(sshd) = Sshd::start() else { return };
    let settings = sshd.settings();
    drop(sshd);
    let error = ping(&*node(settings, ConnectSettings::default())).await.unwrap_err();
    // The known_hosts file went with the server; the connection is refused before it matters.
    assert!(matches!(error, NodeError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let Some(sshd) = Sshd::start() else { return };
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = sshd.settings();
    settings.port = silent.local_addr().unwrap().port();
    settings.connect_timeout = Duration::from_millis(100);
    let error = ping(&*node(settings, ConnectSettings::default())).await.unwrap_err();
    assert!(matches!(error, NodeError::TimedOut { .. }), "{error}");
}
