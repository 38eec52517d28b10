//! The workstation itself as a host.

use std::sync::Arc;
use std::time::Duration;

use bowline::driver::{Command, CommandOutput, observe_script};
use bowline::inventory::{Connection, Privilege};
use bowline::node::{BROKEN_PIPE_EXIT, ConnectSettings, Limits, Node, NodeError};
use tokio::io::AsyncWriteExt as _;

use crate::ssh::{Ends, call, is_running, read_pid, rest, run, sh, until};
use crate::sshd::connect;

fn node(limits: Limits) -> Arc<dyn Node> {
    let hosts = vec![("a", Connection::Local(Privilege::Direct))];
    let how = ConnectSettings { limits, ..ConnectSettings::default() };
    connect(hosts, how).into_values().next().unwrap()
}

#[tokio::test]
async fn a_script_runs() {
    let input = vec![7; 1 << 20];
    let commands = vec![
        Command::reads(["cat"]).with_stdin(input.clone()),
        sh("printf out; printf err >&2; exit 5"),
        Command::reads(["true"]),
    ];
    let ran = run(&*node(Limits::default()), commands).await.unwrap();
    assert!(ran[0].stdout == input);
    let failed = CommandOutput { exit: 5, stdout: b"out".to_vec(), stderr: b"err".to_vec() };
    assert_eq!(ran[1..], [failed]);
}

#[tokio::test]
async fn a_command_that_takes_too_long_is_ended() {
    let directory = tempfile::tempdir().unwrap();
    let pid = directory.path().join("pid");
    let limits = Limits { command: Duration::from_secs(3), ..Limits::default() };
    let hang = sh(&format!("echo $$ >{}; exec sleep 600", pid.display()));
    let error = run(&*node(limits), vec![hang]).await.unwrap_err();
    assert!(matches!(error, NodeError::TimedOut { .. }), "{error}");
    let pid = read_pid(&pid).await;
    until("the end of the command", || !is_running(pid)).await;
}

#[tokio::test]
async fn a_stream_passes_bytes_the_end_of_input_and_the_exit_code() {
    let Ends { streams, mut stdin, stdout, stderr } = Ends::new();
    stdin.write_all(b"it's\n").await.unwrap();
    drop(stdin);
    let command = call(&["sh", "-c", "cat; echo err >&2; exit 42"]);
    assert_eq!(node(Limits::default()).stream(command, streams).await, Ok(42));
    assert_eq!((rest(stdout).await.as_str(), rest(stderr).await.as_str()), ("it's\n", "err\n"));
}

#[tokio::test]
async fn a_follower_ends_when_its_reader_goes_away() {
    let directory = tempfile::tempdir().unwrap();
    let pid = directory.path().join("pid");
    let Ends { mut streams, stdout, .. } = Ends::new();
    streams.stdin = None;
    drop(stdout);
    let text = format!("echo $$ >{}; echo x; exec sleep 600", pid.display());
    let written = node(Limits::default()).stream(call(&["sh", "-c", &text]), streams).await;
    assert_eq!(written, Ok(BROKEN_PIPE_EXIT));
    let pid = read_pid(&pid).await;
    until("the end of the follower", || !is_running(pid)).await;
}

#[test]
fn podmans_lists_are_read_as_it_writes_them() {
    let hex = |digit: &str| digit.repeat(64);
    let [image, layer, below, digest] = ["a", "1", "2", "d"].map(hex);
    // As podman 5.4 writes them, on one line. What an image's metadata say is a text, and no key.
    let images = format!(
        r#"[{{"id":"{image}","digest":"sha256:{digest}","names":["reg:5000/web:1","reg:5000/web:2"],"names-history":["x:1"],"layer":"{layer}","metadata":"{{\"id\":\"{below}\"}}","big-data-names":["manifest"],"big-data-sizes":{{"manifest":7}},"created":"2026-01-01T00:00:00Z"}}]"#
    );
    let layers = format!(
        r#"[{{"id":"{below}","created":"2026-01-01T00:00:00Z","compressed-size":5,"diff-digest":"sha256:{digest}","diff-size":1000,"compression":2}},{{"id":"{layer}","parent":"{below}","diff-size":30}}]"#
    );
    let directory = tempfile::tempdir().unwrap();
    let paths = ["images.json", "layers.json", "none.json"].map(|name| directory.path().join(name));
    std::fs::write(&paths[0], images).unwrap();
    std::fs::write(&paths[1], layers).unwrap();
    let script = observe_script(&"lab".into());
    let mut commands = script.blocks[0].commands.iter();
    let command = commands.find(|command| command.argv[1] == "-ohsE").unwrap();
    let mut grep = std::process::Command::new(&command.argv[0]);
    let output = grep.args(&command.argv[1..3]).args(&paths).env("LC_ALL", "C").output().unwrap();
    assert!(command.succeeded(output.status.code().unwrap()));
    let (short, short_below) = (&layer[..12], &below[..12]);
    let expected = format!(
        r#""id":"{image}","digest":"sha256:{digest}"
"names":["reg:5000/web:1","reg:5000/web:2"
"layer":"{short}
"id":"{short_below}
"diff-size":1000
"id":"{short}
"parent":"{short_below}
"diff-size":30
"#
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}
