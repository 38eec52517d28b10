use tokio::sync::Mutex;

use super::*;
use crate::driver::{Block, Operation};
use crate::node::Limits;
use crate::node::keyring::Keyring;
use crate::node::shell::Locking;

fn node(directory: &str) -> LocalNode {
    let shared = Shared {
        limits: Limits::default(),
        locking: Locking { wait: Duration::ZERO, directory: directory.to_owned() },
        agent_socket: None,
        home: None,
        keyring: Keyring::new(None),
        trace: None,
        known_hosts: Mutex::default(),
    };
    LocalNode::new(NodeName::from("a"), Privilege::Direct, Arc::new(shared))
}

async fn run(node: &LocalNode, argv: &[&str]) -> Result<Output, NodeError> {
    let commands = vec![crate::driver::Command::mutates(argv.iter().copied())];
    let block = Block { title: String::new(), needs: Vec::new(), commands };
    let lock = Lock::Exclusive;
    let script = Script { operation: Operation::Ping, lock, blocks: vec![block] };
    node.run(&script, &|_| {}).await
}

#[tokio::test]
async fn a_host_that_another_run_changes_is_busy() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state").display().to_string();
    assert!(run(&node(&path), &["true"]).await.is_ok());
    let mut holder = Command::new("flock");
    holder.arg(format!("{path}/lock")).args(["sh", "-c", "echo held; cat"]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = [0; 5];
    holder.stdout.as_mut().unwrap().read_exact(&mut said).await.unwrap();
    let busy = run(&node(&path), &["true"]).await;
    assert_eq!(busy, Err(NodeError::Busy { waited: Duration::ZERO }));
    drop(holder.stdin.take());
    holder.wait().await.unwrap();
    assert!(run(&node(&path), &["true"]).await.is_ok());
}

#[tokio::test]
async fn a_lock_that_cannot_be_made_is_told_in_the_hosts_words() {
    let error = run(&node("/dev/null/state"), &["true"]).await.unwrap_err();
    assert!(matches!(error, NodeError::Shell { .. }));
    let text = error.to_string();
    assert!(text.starts_with("the host cannot run scripts: mkdir: "), "{text}");
    assert!(text.ends_with("Not a directory (exit code 1)"), "{text}");
}

#[tokio::test]
async fn a_command_that_exits_as_flock_does_is_no_busy_host() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().display().to_string();
    let output = run(&node(&path), &["sh", "-c", "exit 75"]).await.unwrap();
    let [crate::driver::BlockOutput::Ran(ran)] = output.blocks.as_slice() else {
        panic!("skipped");
    };
    assert_eq!(ran[0].exit, 75);
}
