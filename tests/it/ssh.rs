//! The node over SSH against a real server.

use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bowline::driver::{
    Block, BlockOutput, Command, CommandOutput, Effect, Lock, Operation, Output, Progress, Script,
};
use bowline::inventory::Privilege;
use bowline::node::{
    Ask, BROKEN_PIPE_EXIT, Call, ConnectSettings, Limits, Node, NodeError, Streams, Terminal,
    Trace, TraceLine, for_each_host,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use crate::sshd::{Sshd, kill, make_key, node, nodes};

fn script(commands: Vec<Command>) -> Script {
    let block = Block { title: "test".to_owned(), needs: Vec::new(), commands };
    Script { operation: Operation::Ping, lock: Lock::None, blocks: vec![block] }
}

fn sh(text: &str) -> Command {
    Command::reads(["sh", "-c", text])
}

async fn run(node: &dyn Node, commands: Vec<Command>) -> Result<Vec<CommandOutput>, NodeError> {
    let Output { mut blocks } = node.run(&script(commands), &|_| {}).await?;
    match blocks.remove(0) {
        BlockOutput::Ran(commands) => Ok(commands),
        BlockOutput::Skipped => panic!("a block without needs was skipped"),
    }
}

async fn ping(node: &dyn Node) -> Result<(), NodeError> {
    run(node, vec![Command::reads(["true"])]).await.map(drop)
}

/// Waits for something that must come, however slow the machine is.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1200 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never came: {what}");
}

async fn read_pid(path: &Path) -> u32 {
    let read = || std::fs::read_to_string(path).ok()?.trim().parse().ok();
    until("a pid", || read().is_some()).await;
    read().unwrap()
}

fn is_running(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

#[tokio::test]
async fn output_comes_back_command_by_command() {
    let Some(sshd) = Sshd::start() else { return };
    let node = sshd.node();
    let told = Mutex::new(Vec::new());
    let script = script(vec![
        sh("printf out; printf err >&2"),
        Command::reads(["cat"]).with_stdin("in\n"),
        sh("echo $LC_ALL; kill -TERM $$"),
        Command::reads(["true"]),
    ]);
    let output = node.run(&script, &|progress| told.lock().unwrap().push(progress)).await.unwrap();
    let ran = |exit, stdout: &str, stderr: &str| CommandOutput {
        exit,
        stdout: stdout.into(),
        stderr: stderr.into(),
    };
    let [BlockOutput::Ran(mut commands)] = <[_; 1]>::try_from(output.blocks).unwrap() else {
        panic!("skipped");
    };
    commands[2].stderr.clear();
    assert_eq!(commands, [ran(0, "out", "err"), ran(0, "in\n", ""), ran(143, "C\n", "")]);
    let ended = |command, exit| Progress::Ended { block: 0, command, exit };
    assert_eq!(*told.lock().unwrap(), [ended(0, 0), ended(1, 0), ended(2, 143)]);
}

#[tokio::test]
async fn a_lot_of_input_and_output_passes() {
    let Some(sshd) = Sshd::start() else { return };
    let limits = Limits { output: 3_000_000, ..Limits::default() };
    let node = node(sshd.settings(), ConnectSettings { limits, ..ConnectSettings::default() });
    let input: Vec<u8> = (0..4_000_000_u32).map(|n| u8::try_from(n % 253).unwrap()).collect();
    let commands = vec![Command::reads(["cat"]).with_stdin(input.clone()), sh("echo after")];
    let ran = run(&*node, commands).await.unwrap();
    assert!(ran[0].stdout == input[..3_000_000], "{} bytes", ran[0].stdout.len());
    assert_eq!(ran[1].stdout, b"after\n");
}

#[tokio::test]
async fn fifty_scripts_share_one_connection() {
    let Some(sshd) = Sshd::start() else { return };
    let node = sshd.node();
    let tasks = (0..50).map(|n: usize| {
        let node = Arc::clone(&node);
        tokio::spawn(async move {
            let text =
                format!("echo {n}; tr '\\0' '\\n' </proc/$PPID/environ | grep SSH_CONNECTION");
            let mut ran = run(&*node, vec![sh(&text)]).await.unwrap();
            String::from_utf8(ran.remove(0).stdout).unwrap()
        })
    });
    let mut connections = std::collections::BTreeSet::new();
    for (n, task) in tasks.collect::<Vec<_>>().into_iter().enumerate() {
        let stdout = task.await.unwrap();
        let (number, connection) = stdout.split_once('\n').unwrap();
        assert_eq!(number, n.to_string());
        connections.insert(connection.to_owned());
    }
    assert_eq!(connections.len(), 1, "{connections:?}");
}

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

#[tokio::test]
async fn a_command_that_takes_too_long_is_ended() {
    let Some(sshd) = Sshd::start() else { return };
    let mut settings = sshd.settings();
    settings.command_timeout = Duration::from_secs(1);
    let node = node(settings, ConnectSettings::default());
    let pid = sshd.path("pid");
    let hang = sh(&format!("echo $$ >{}; exec sleep 600", pid.display()));
    let error = run(&*node, vec![hang]).await.unwrap_err();
    assert!(matches!(error, NodeError::TimedOut { .. }), "{error}");
    let pid = read_pid(&pid).await;
    until("the end of the command", || !is_running(pid)).await;
    assert_eq!(ping(&*node).await, Ok(()));
}

#[tokio::test]
async fn a_host_that_stops_answering_is_lost() {
    let Some(sshd) = Sshd::start() else { return };
    let limits = Limits { idle: Duration::from_millis(600), ..Limits::default() };
    let node = node(sshd.settings(), ConnectSettings { limits, ..ConnectSettings::default() });
    // The server's process for this connection is the parent of the shell that runs the script.
    let stop = sh("kill -STOP $(awk '/^PPid/ { print $2 }' /proc/$PPID/status); sleep 600");
    let error = run(&*node, vec![stop]).await.unwrap_err();
    assert!(
        matches!(&error, NodeError::TimedOut { what, .. } if what.starts_with("an answer from")),
        "{error}"
    );
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_is_lost_and_made_anew() {
    let Some(sshd) = Sshd::start() else { return };
    let node = sshd.node();
    let told = AtomicUsize::new(0);
    let cut = sh("kill -9 $(awk '/^PPid/ { print $2 }' /proc/$PPID/status); sleep 5");
    let script = script(vec![Command::reads(["true"]), cut, Command::reads(["true"])]);
    let progress = |_| {
        told.fetch_add(1, Ordering::SeqCst);
    };
    let error = node.run(&script, &progress).await.unwrap_err();
    assert!(matches!(error, NodeError::Lost { .. }), "{error}");
    assert_eq!(told.load(Ordering::SeqCst), 1);
    assert_eq!(ping(&*node).await, Ok(()));
}

#[tokio::test]
async fn a_connection_that_died_while_unused_is_made_anew() {
    let Some(sshd) = Sshd::start() else { return };
    let node = sshd.node();
    let ran = run(&*node, vec![sh("awk '/^PPid/ { print $2 }' /proc/$PPID/status")]).await.unwrap();
    let server: u32 = String::from_utf8_lossy(&ran[0].stdout).trim().parse().unwrap();
    kill(server);
    assert_eq!(ping(&*node).await, Ok(()));
}

#[tokio::test]
async fn a_script_whose_caller_goes_away_stops_after_the_command_that_runs() {
    let Some(sshd) = Sshd::start() else { return };
    let node = sshd.node();
    let (pid, go, second) = (sshd.path("pid"), sshd.path("go"), sshd.path("second"));
    let wait = sh(&format!(
        "echo $PPID >{}; while [ ! -e {} ]; do sleep 0.05; done",
        pid.display(),
        go.display()
    ));
    let touch = Command::mutates(["touch", &second.display().to_string()]);
    let running = tokio::spawn({
        let node = Arc::clone(&node);
        async move { run(&*node, vec![wait, touch]).await }
    });
    let shell = read_pid(&pid).await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    // Messages on one connection keep their order: when this is done, the server has closed the other channel.
    ping(&*node).await.unwrap();
    assert!(is_running(shell));
    std::fs::write(&go, "").unwrap();
    until("the end of the shell", || !is_running(shell)).await;
    assert!(!second.exists());
}

#[tokio::test]
async fn a_shell_that_does_not_start_says_why() {
    let Some(sshd) = Sshd::start_with("ForceCommand echo This account is not available; exit 1")
    else {
        return;
    };
    let error = ping(&*sshd.node()).await.unwrap_err();
    insta::assert_snapshot!(error, @"the host cannot run scripts: This account is not available (exit code 1)");
}

#[tokio::test]
async fn what_a_login_prints_is_no_output() {
    let Some(sshd) = Sshd::start_with(
        "ForceCommand echo noise; echo noise >&2; exec sh -c \"$SSH_ORIGINAL_COMMAND\"",
    ) else {
        return;
    };
    let ran = run(&*sshd.node(), vec![sh("echo x")]).await.unwrap();
    assert_eq!(ran[0], CommandOutput { exit: 0, stdout: b"x\n".to_vec(), stderr: Vec::new() });
}

#[tokio::test]
async fn sudo_that_wants_a_password_is_named() {
    let text = "ForceCommand case $SSH_ORIGINAL_COMMAND in 'exec sudo -n -- sh -s') echo 'sudo: a password is required' >&2; exit 1;; esac";
    let Some(sshd) = Sshd::start_with(text) else { return };
    let mut settings = sshd.settings();
    settings.privilege = Privilege::Sudo;
    let error = ping(&*node(settings, ConnectSettings::default())).await.unwrap_err();
    insta::assert_snapshot!(error, @"the host cannot run scripts: sudo wants a password; let the user run sudo without one (NOPASSWD in sudoers), or log in as root");
}

#[derive(Default)]
struct Lines(Mutex<Vec<(String, Effect, Vec<String>, i32)>>);

impl Trace for Lines {
    fn record(&self, line: &TraceLine<'_>) {
        let line = (line.op.to_owned(), line.effect, line.argv.to_vec(), line.exit);
        self.0.lock().unwrap().push(line);
    }
}

#[tokio::test]
async fn every_command_is_traced() {
    let Some(sshd) = Sshd::start() else { return };
    let lines = Arc::new(Lines::default());
    let trace: Arc<dyn Trace> = Arc::clone(&lines) as _;
    let how = ConnectSettings { trace: Some(trace), ..ConnectSettings::default() };
    let node = node(sshd.settings(), how);
    let commands = vec![Command::reads(["true"]), Command::mutates(["false"]), sh("true")];
    run(&*node, commands).await.unwrap();
    node.stream(call(&["sh", "-c", "exit 4"]), Ends::new().streams).await.unwrap();
    let argv = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let expected = [
        ("ping".to_owned(), Effect::Reads, argv(&["true"]), 0),
        ("ping".to_owned(), Effect::Mutates, argv(&["false"]), 1),
        ("stream".to_owned(), Effect::Reads, argv(&["sh", "-c", "exit 4"]), 4),
    ];
    assert_eq!(*lines.0.lock().unwrap(), expected);
}

fn call(argv: &[&str]) -> Call {
    let argv = argv.iter().map(|&word| word.to_owned()).collect();
    Call { argv, effect: Effect::Reads, terminal: None }
}

/// The local ends of a stream.
struct Ends {
    streams: Streams<'static>,
    stdin: DuplexStream,
    stdout: DuplexStream,
    stderr: DuplexStream,
}

impl Ends {
    fn new() -> Self {
        let ((stdin, i), (o, stdout), (e, stderr)) =
            (duplex(1 << 20), duplex(1 << 20), duplex(1 << 20));
        let streams = Streams {
            stdin: Some(Box::new(i)),
            stdout: Box::new(o),
            stderr: Box::new(e),
            resizes: None,
        };
        Self { streams, stdin, stdout, stderr }
    }
}

async fn rest(mut stream: DuplexStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn a_stream_passes_bytes_the_end_of_input_and_the_exit_code() {
    let Some(sshd) = Sshd::start() else { return };
    let node = sshd.node();
    let Ends { streams, mut stdin, stdout, stderr } = Ends::new();
    stdin.write_all(b"it's\n").await.unwrap();
    drop(stdin);
    let command = call(&["sh", "-c", "cat; echo err >&2; exit $1", "sh", "42"]);
    assert_eq!(node.stream(command, streams).await, Ok(42));
    assert_eq!((rest(stdout).await.as_str(), rest(stderr).await.as_str()), ("it's\n", "err\n"));

    let killed = node.stream(call(&["sh", "-c", "kill -9 $$"]), Ends::new().streams).await;
    assert_eq!(killed, Ok(137));
}

#[tokio::test]
async fn a_terminal_has_its_size_and_hears_of_a_new_one() {
    let Some(sshd) = Sshd::start() else { return };
    let node = sshd.node();
    let (resize, resizes) = tokio::sync::watch::channel((80, 24));
    let Ends { mut streams, stdin, mut stdout, .. } = Ends::new();
    streams.resizes = Some(resizes);
    let text =
        "trap 'stty size; exit 3' WINCH; stty size; echo $TERM; while :; do sleep 0.05; done";
    let mut command = call(&["sh", "-c", text]);
    command.terminal = Some(Terminal { kind: "vt100".to_owned(), size: (80, 24) });
    let running = tokio::spawn(async move { node.stream(command, streams).await });
    let mut seen = String::new();
    while !seen.contains("vt100") {
        let mut piece = [0; 100];
        let length = stdout.read(&mut piece).await.unwrap();
        assert_ne!(length, 0, "{seen}");
        seen += std::str::from_utf8(&piece[..length]).unwrap();
    }
    resize.send((100, 30)).unwrap();
    assert_eq!(running.await.unwrap(), Ok(3));
    drop(stdin);
    seen += &rest(stdout).await;
    assert_eq!(seen, "24 80\r\nvt100\r\n30 100\r\n");
}

#[tokio::test]
async fn a_stream_ends_when_its_caller_or_its_reader_goes_away() {
    let Some(sshd) = Sshd::start() else { return };
    let node = sshd.node();
    let pid = sshd.path("pid");
    let text = format!("echo $$ >{}; exec sleep 600", pid.display());
    let running = tokio::spawn({
        let node = Arc::clone(&node);
        async move {
            let Ends { mut streams, .. } = Ends::new();
            streams.stdin = None;
            node.stream(call(&["sh", "-c", &text]), streams).await
        }
    });
    let process = read_pid(&pid).await;
    running.abort();
    until("the end of the follower", || !is_running(process)).await;

    std::fs::remove_file(&pid).unwrap();
    let Ends { mut streams, stdout, .. } = Ends::new();
    streams.stdin = None;
    drop(stdout);
    let text = format!("echo $$ >{}; echo x; exec sleep 600", pid.display());
    let written = node.stream(call(&["sh", "-c", &text]), streams).await;
    assert_eq!(written, Ok(BROKEN_PIPE_EXIT));
    let process = read_pid(&pid).await;
    until("the end of the follower", || !is_running(process)).await;
}

#[tokio::test]
async fn a_failure_on_one_host_is_its_value() {
    let Some(sshd) = Sshd::start() else { return };
    let mut gone = sshd.settings();
    gone.port = 1;
    let hosts = vec![("b", sshd.settings()), ("a", gone), ("c", sshd.settings())];
    let nodes = nodes(hosts, ConnectSettings::default());
    let results = for_each_host(&nodes, 2, |node| async move { ping(&*node).await }).await;
    let results: Vec<_> =
        results.iter().map(|(name, result)| (name.as_str(), result.is_ok())).collect();
    assert_eq!(results, [("a", false), ("b", true), ("c", true)]);
}
