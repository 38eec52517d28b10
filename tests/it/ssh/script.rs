//! Scripts, and what may happen to them on the way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bowline::driver::{BlockOutput, Command, CommandOutput, Effect, Progress};
use bowline::inventory::Privilege;
use bowline::node::{ConnectSettings, Limits, NodeError, Trace, TraceLine, for_each_host};

use super::{Ends, call, is_running, ping, read_pid, run, script, sh, until};
use crate::sshd::{Sshd, kill, node, nodes};

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
    let ended = |command, exit, printed| Progress::Ended { block: 0, command, exit, printed };
    assert_eq!(*told.lock().unwrap(), [ended(0, 0, 3), ended(1, 0, 3), ended(2, 143, 2)]);
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
async fn a_command_that_takes_too_long_is_ended() {
    let Some(sshd) = Sshd::start() else { return };
    let mut settings = sshd.settings();
    settings.command_timeout = Duration::from_secs(3);
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
    let stop = sh("kill -STOP $(awk '/^PPid/ { print $2 }' /proc/$PPID/status); sleep 20");
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

/// Operation, effect, argv and exit code.
type Line = (String, Effect, Vec<String>, i32);

#[derive(Default)]
struct Lines(Mutex<Vec<Line>>);

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
