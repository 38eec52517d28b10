//! The program at a terminal, which `script` of util-linux makes: somebody can be asked.

use std::io::{BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::cli::Fleet;
use crate::manifests::web;

/// How long anything may take; others build at the same time.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program with somebody at its terminal.
struct Session {
    script: Child,
    said: Receiver<u8>,
    heard: String,
}

impl Session {
    fn begin(fleet: &Fleet, line: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_bowline");
        let mut command = Command::new("script");
        command.args(["-qec", &format!("{program} {line}"), "/dev/null"]);
        command.current_dir(fleet.path("")).env("SHELL", "/bin/sh").env("HOME", fleet.path("home"));
        let mut script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = script.stdout.take().unwrap();
        let (tell, said) = channel();
        std::thread::spawn(move || {
            BufReader::new(stdout)
                .bytes()
                .map_while(Result::ok)
                .try_for_each(|byte| tell.send(byte))
        });
        Self { script, said, heard: String::new() }
    }

    /// Waits until the terminal shows something.
    fn hears(&mut self, text: &str) {
        while !self.heard.contains(text) {
            match self.said.recv_timeout(PATIENCE) {
                Ok(byte) => self.heard.push(char::from(byte)),
                Err(why) => {
                    let _ = self.script.kill();
                    panic!("{text:?} does not come, {why}: {}", self.heard);
                }
            }
        }
    }

    fn types(&mut self, keys: &str) {
        self.script.stdin.as_ref().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// How the program ended, and all that it said.
    fn ends(mut self) -> (Option<i32>, String) {
        loop {
            match self.said.recv_timeout(PATIENCE) {
                Ok(byte) => self.heard.push(char::from(byte)),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(why) => {
                    let _ = self.script.kill();
                    panic!("it does not end, {why}: {}", self.heard);
                }
            }
        }
        (self.script.wait().unwrap().code(), self.heard)
    }
}

/// Whether there is a terminal to be had; a loud word where there is none, unless this is CI.
fn can_be_asked() -> bool {
    let there = Path::new("/usr/bin/script").exists();
    if !there {
        assert!(std::env::var_os("CI").is_none(), "`script` is missing");
        eprintln!("SKIPPED: `script` is missing (apt install bsdutils)");
    }
    there
}

const QUESTION: &str = "Only `yes` is accepted: ";

fn stored() -> Fleet {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &web(3, "1"));
    fleet.run("apply -f web.yaml --auto-approve");
    fleet
}

fn replicas(fleet: &Fleet) -> String {
    fleet.run("get deploy/web -o jsonpath={.spec.replicas}")
}

#[test]
fn a_drain_that_somebody_overtakes_has_cordoned_nothing() {
    if !can_be_asked() {
        return;
    }
    let fleet = stored();
    let mut session = Session::begin(&fleet, "drain node-1");
    session.hears(QUESTION);
    fleet.run("annotate node node-1 rack=7");
    session.types("yes\n");
    let (exit, said) = session.ends();
    assert_eq!(exit, Some(4), "{said}");
    assert!(said.contains("drain again") && !said.contains("node/node-1 cordoned"), "{said}");
    let cordoned = fleet.run("get node/node-1 -o jsonpath={.spec.unschedulable}");
    assert!(!cordoned.starts_with("true"), "{cordoned}");
}

#[test]
fn ctrl_c_at_a_question_ends_it_and_nothing_is_changed() {
    if !can_be_asked() {
        return;
    }
    let fleet = stored();
    for (line, keys) in [("scale deploy web --replicas=5", "\x03"), ("destroy", "\x03yes\n")] {
        let mut session = Session::begin(&fleet, line);
        session.hears(QUESTION);
        session.types(keys);
        let (exit, said) = session.ends();
        assert_eq!(exit, Some(130), "{line}: {said}");
    }
    assert!(replicas(&fleet).starts_with('3'), "{}", replicas(&fleet));
    let mut session = Session::begin(&fleet, "scale deploy web --replicas=5");
    session.hears(QUESTION);
    session.types("yes\n");
    session.ends();
    assert!(replicas(&fleet).starts_with('5'), "{}", replicas(&fleet));
}
