//! Commands whose streams are passed through.

use std::sync::Arc;

use bowline::node::{BROKEN_PIPE_EXIT, Terminal};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Ends, call, is_running, read_pid, rest, until};
use crate::sshd::Sshd;

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
