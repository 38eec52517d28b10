//! What people do to pods that run: logs, exec, attach, cp, port-forward, top, debug.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use bowline::lab::Release;

use crate::fleet::{Fleet, Ran, web};
use crate::trial::{releases, runnable};

/// `crash` ends twice and runs then; `done` has ended; `two` has two containers; `listens` waits for lines of input.
const PODS: &str = r#"---
apiVersion: v1
kind: Pod
metadata: {name: crash, labels: {part: acting}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, 'n=$(cat /data/n || echo 0); n=$((n+1)); echo $n >/data/n; for i in 1 2 3; do echo "out $n.$i"; sleep 0.1; echo "err $n.$i" >&2; sleep 0.1; done; [ $n -ge 3 ] || exit 4; sleep 100000']
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, emptyDir: {}}]
---
apiVersion: v1
kind: Pod
metadata: {name: done}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  containers: [{name: main, image: "busybox:1.36", command: [sh, -c, 'echo all of it; exit 7']}]
---
apiVersion: v1
kind: Pod
metadata: {name: two, labels: {part: acting}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: web, image: "nginx:1.14.2", ports: [{name: http, containerPort: 80}]}
  - name: side
    image: busybox:1.36
    command: [sh, -c, 'echo up; sleep 100000']
    workingDir: /tmp
---
apiVersion: v1
kind: Pod
metadata: {name: listens}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: busybox:1.36
    stdin: true
    command: [sh, -c, 'echo up; while read -r line; do echo "heard $line"; done; echo end; sleep 100000']
"#;

#[test]
fn people_act_on_pods() {
    if !runnable() {
        return;
    }
    for release in releases(Release::Bookworm) {
        look_at(&Fleet::release("pa", 64, 2, release));
    }
}

fn look_at(fleet: &Fleet) {
    let manifests = fleet.write("pods.yaml", &(web("nginx:1.14.2", 2) + PODS));
    fleet.bowline(&["apply", "-f", &manifests, "--auto-approve"]);
    until("the third run", || fleet.bowline(&["logs", "crash"]).stdout.contains("err 3.3"));
    logs_are_those_of_a_run(fleet);
    logs_of_many(fleet);
    commands_run_in_containers(fleet);
    a_terminal_is_passed_on(fleet);
    what_has_ended_is_said(fleet);
    a_program_is_joined(fleet);
    files_go_there_and_back(fleet);
    ports_lead_to_pods(fleet);
    what_is_used_is_shown(fleet);
    a_pod_is_looked_into(fleet);
    a_host_is_looked_into(fleet);
    // None of this is anything that a plan minds.
    fleet.bowline(&["plan", "--detailed-exitcode"]).ends(0);
    a_forward_ends_with_its_pod(fleet);
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..300 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("never came: {what}");
}

fn logs_are_those_of_a_run(fleet: &Fleet) {
    let run = |n: u8| {
        let line = |i| format!("out {n}.{i}\nerr {n}.{i}\n");
        (1..=3).map(line).collect::<String>()
    };
    // Both streams, in the order in which they were printed.
    assert_eq!(fleet.bowline(&["logs", "crash"]).ends(0).stdout, run(3));
    assert_eq!(fleet.bowline(&["logs", "-p", "crash"]).ends(0).stdout, run(2));
    let tail = |words: &[&str]| fleet.bowline(&[&["logs", "crash", "--tail=1"], words].concat());
    assert_eq!(tail(&[]).ends(0).stdout, "err 3.3\n");
    assert_eq!(tail(&["--previous"]).ends(0).stdout, "err 2.3\n");
    let stamped = tail(&["--timestamps"]).ends(0).stdout;
    let (time, line) = stamped.split_once(' ').unwrap();
    assert_eq!(line, "err 3.3\n");
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    assert_eq!(fleet.bowline(&["logs", "crash", "--limit-bytes=5"]).ends(0).stdout, "out 3");
    assert_eq!(fleet.bowline(&["logs", "crash", "--since-time=2099-01-01T00:00:00Z"]).stdout, "");
    assert_eq!(fleet.bowline(&["logs", "crash", "--since=1h"]).ends(0).stdout, run(3));
    assert_eq!(fleet.bowline(&["logs", "done"]).ends(0).stdout, "all of it\n");
    fleet.holds(46, "Kubelet, log output, default");
    fleet.holds(58, "Pods, logs from websockets");
    fleet.holds(125, "Kubectl, logs");
    let first = fleet.bowline(&["logs", "-p", "two", "-c", "side"]).ends(1);
    let words = "previous terminated container \"side\" in pod \"two\" not found";
    assert!(first.stderr.contains(words), "{}", first.all());
}

fn logs_of_many(fleet: &Fleet) {
    let all = fleet.bowline(&["logs", "-l", "part=acting", "--all-containers", "--prefix"]);
    let all = all.ends(0).stdout;
    assert!(all.contains("[pod/crash/main] out 3.1\n"), "{all}");
    assert!(all.contains("[pod/two/side] up\n"), "{all}");
    assert!(all.contains("[pod/two/web] "), "{all}");
    let one = fleet.bowline(&["logs", "deployment/web", "--tail=1"]).ends(0);
    assert!(one.stderr.contains("Found 2 pods, using pod/web-"), "{}", one.all());
    let every = fleet.bowline(&["logs", "deployment/web", "--all-pods", "--tail=1"]).ends(0);
    assert_eq!(every.stdout.lines().filter(|line| line.starts_with("[pod/web-")).count(), 2);
    let many = ["logs", "-f", "-l", "part=acting", "--all-containers", "--max-log-requests=2"];
    let many = fleet.bowline(&many).ends(2);
    assert!(many.stderr.contains("maximum allowed concurrency is 2"), "{}", many.all());
    // Two that are followed at once: the lines of both come, whole.
    let words = ["logs", "-f", "-l", "part=acting", "--all-containers", "--prefix"];
    let mut follower = fleet.piped(&words);
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let mut seen = [false; 2];
    while seen != [true; 2] {
        let line = lines.next().unwrap().unwrap();
        assert!(line.starts_with("[pod/"), "{line}");
        seen[0] |= line == "[pod/crash/main] err 3.3";
        seen[1] |= line == "[pod/two/side] up";
    }
    end(follower);
}

fn commands_run_in_containers(fleet: &Fleet) {
    let ran = fleet.bowline(&["exec", "two", "-c", "side", "--", "sh", "-c", "echo out; exit 5"]);
    let ran = ran.ends(5);
    assert_eq!(ran.stdout, "out\n");
    assert!(ran.stderr.contains("command terminated with exit code 5"), "{}", ran.all());
    fleet.holds(57, "Pods, remote command execution over websocket");
    // The end of the input reaches the command, which ends by it.
    let echoed = fleet.fed(&["exec", "-i", "two", "-c", "side", "--", "cat"], b"x\n").ends(0);
    assert_eq!(echoed.stdout, "x\n");
    let big = vec![b'x'; 3_000_000];
    let counted = fleet.fed(&["exec", "-i", "two", "-c", "side", "--", "wc", "-c"], &big).ends(0);
    assert_eq!(counted.stdout.trim(), "3000000");
    // A command that does not read ends the session all the same.
    let mut open = fleet.piped(&["exec", "-i", "two", "-c", "side", "--", "true"]);
    let held = open.stdin.take();
    assert!(open.wait().unwrap().success());
    drop(held);
    fleet.bowline(&["exec", "two", "-c", "side", "--", "no-such-program"]).ends(127);
    let of = fleet.bowline(&["exec", "service/web", "--", "hostname"]).ends(0);
    assert!(of.stdout.starts_with("web-"), "{}", of.all());
    fleet.bowline(&["exec", "two", "-c", "nope", "--", "true"]).ends(2);
}

fn a_terminal_is_passed_on(fleet: &Fleet) {
    // `script` is a terminal, as wide as it is told to be.
    let inner = "stty size; tty; kill -INT $$; echo not reached";
    let bowline = env!("CARGO_BIN_EXE_bowline");
    let line = format!(
        "stty rows 31 cols 101; {bowline} exec -it two -c side -- sh -c '{inner}'; echo \"code $?\""
    );
    let seen = fleet.script(&line);
    assert!(seen.contains("31 101\r\n/dev/pts/"), "{seen}");
    assert!(seen.contains("code 130\r\n") && !seen.contains("not reached"), "{seen}");
}

fn what_has_ended_is_said(fleet: &Fleet) {
    let ended = fleet.bowline(&["exec", "done", "--", "true"]).ends(1);
    let words = "container main of pod done has ended: with code 7";
    assert!(ended.stderr.contains(words), "{}", ended.all());
    assert!(!ended.stderr.contains("container state improper"), "{}", ended.all());
    assert!(fleet.bowline(&["attach", "done"]).ends(1).stderr.contains("has ended: with code 7"));
    fleet.bowline(&["exec", "nobody", "--", "true"]).ends(1);
}

fn a_program_is_joined(fleet: &Fleet) {
    let mut joined = fleet.piped(&["attach", "-i", "listens"]);
    let mut input = joined.stdin.take().unwrap();
    let mut lines = BufReader::new(joined.stdout.take().unwrap()).lines();
    input.write_all(b"one\n").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "heard one");
    // Its input ends with that of the session.
    drop(input);
    assert_eq!(lines.next().unwrap().unwrap(), "end");
    end(joined);
    // Who leaves does not end it.
    assert_eq!(fleet.bowline(&["logs", "listens"]).ends(0).stdout, "up\nheard one\nend\n");
    let still = fleet.bowline(&["get", "pod", "listens", "-o", "jsonpath={.status.phase}"]).ends(0);
    assert_eq!(still.stdout, "Running");
}

fn files_go_there_and_back(fleet: &Fleet) {
    let here = |name: &str| fleet.directory().join(name).display().to_string();
    let source = fleet.directory().join("source");
    std::fs::create_dir_all(source.join("sub")).unwrap();
    let long = "n".repeat(150);
    std::fs::write(source.join("sub").join(&long), "deep").unwrap();
    std::fs::write(source.join("big"), vec![7; 5_000_000]).unwrap();
    symlink(format!("sub/{long}"), source.join("link")).unwrap();
    let cp = |words: &[&str]| fleet.bowline(&[&["cp", "-c", "side"], words].concat());
    let inside = |line: &str| fleet.bowline(&["exec", "two", "-c", "side", "--", "sh", "-c", line]);

    // A name that is not there is the copy's own; a folder that is there takes it in. Relative paths count from /tmp.
    cp(&[&here("source"), "two:copy"]).ends(0);
    cp(&[&here("source"), "two:/tmp"]).ends(0);
    assert_eq!(inside("ls /tmp").ends(0).stdout, "copy\nsource\n");
    assert_eq!(inside("cat /tmp/copy/link").ends(0).stdout, "deep");
    cp(&[&here("source/big"), "default/two:/tmp/renamed"]).ends(0);
    assert_eq!(inside("stat -c %s /tmp/renamed").ends(0).stdout, "5000000\n");
    let missing = cp(&[&here("source/big"), "two:/no/such/folder"]).ends(1);
    assert!(missing.stderr.contains("there is no folder /no/such"), "{}", missing.all());

    cp(&["two:/tmp/copy", &here("back")]).ends(0);
    let back = fleet.directory().join("back");
    assert_eq!(std::fs::read_to_string(back.join("link")).unwrap(), "deep");
    assert_eq!(std::fs::read(back.join("big")).unwrap(), vec![7; 5_000_000]);
    cp(&["two:/etc/hostname", &here("hostname")]).ends(0);
    assert_eq!(std::fs::read_to_string(here("hostname")).unwrap().trim(), "two");
    let gone = cp(&["two:/nope", &here("nope")]).ends(1);
    assert!(gone.stderr.contains("/nope"), "{}", gone.all());
    assert!(!Path::new(&here("nope")).exists());

    // A container that leads the copy astray: what points out of it is not made.
    inside("mkdir /tmp/evil && ln -s /etc /tmp/evil/out && echo x >/tmp/evil/x").ends(0);
    let warned = cp(&["two:/tmp/evil", &here("evil")]).ends(0);
    assert!(warned.stderr.contains("evil/out is left out"), "{}", warned.all());
    assert!(!fleet.directory().join("evil/out").exists());
    // One that has ended can be copied from as well.
    fleet.bowline(&["cp", "done:/etc/passwd", &here("passwd")]).ends(0);
}

/// A port-forward and the local ports that it says it listens on.
fn forward(fleet: &Fleet, words: &[&str], ports: usize) -> (Child, Vec<u16>) {
    let all = [&["port-forward", "--address=127.0.0.1"], words].concat();
    let mut forward = fleet.piped(&all);
    let mut lines = BufReader::new(forward.stdout.take().unwrap()).lines();
    let mut found = Vec::new();
    while found.len() < ports {
        let line = lines.next().unwrap().unwrap();
        let port = line.strip_prefix("Forwarding from 127.0.0.1:").unwrap();
        found.push(port.split_once(" -> ").unwrap().0.parse().unwrap());
    }
    // What it says later has to go somewhere.
    std::thread::spawn(move || lines.for_each(drop));
    (forward, found)
}

fn fetch(port: u16) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    text
}

fn ports_lead_to_pods(fleet: &Fleet) {
    let (forwarder, ports) = forward(fleet, &["two", ":80", ":http"], 2);
    for port in &ports {
        assert!(fetch(*port).contains("200 OK"), "{port}");
    }
    let port = ports[0];
    let fetching: Vec<_> = (0..50).map(|_| std::thread::spawn(move || fetch(port))).collect();
    let well = fetching.into_iter().filter_map(|one| one.join().ok());
    assert_eq!(well.filter(|text| text.contains("200 OK")).count(), 50);
    end(forwarder);
    // The Service's port 8080 is the pods' 80.
    let (forwarder, ports) = forward(fleet, &["service/web", ":8080"], 1);
    assert!(fetch(ports[0]).contains("Answered by web-"));
    end(forwarder);
    // Nothing is left on the hosts.
    for node in ["node-1", "node-2"] {
        let left = fleet.on(node, "ps -eo args | grep -c '[p]odman pod exists' || true");
        assert_eq!(left.trim(), "0", "{node}");
    }
}

fn what_is_used_is_shown(fleet: &Fleet) {
    let busy = |text: &str| -> u64 {
        let line = text.lines().find(|line| line.contains("side")).unwrap();
        let cpu = line.split_whitespace().find_map(|word| word.strip_suffix('m')).unwrap();
        cpu.parse().unwrap()
    };
    let turn =
        ["exec", "two", "-c", "side", "--", "timeout", "60", "sh", "-c", "while :; do :; done"];
    let turning = fleet.piped(&turn);
    let mut all = String::new();
    until("a busy container", || {
        all = fleet.bowline(&["top", "pods", "--containers", "--sort-by=cpu"]).ends(0).stdout;
        busy(&all) > 20
    });
    end(turning);
    let mut lines = all.lines();
    assert_eq!(
        lines.next().unwrap().split_whitespace().collect::<Vec<_>>(),
        ["POD", "NAME", "CPU(cores)", "MEMORY(bytes)"]
    );
    assert!(lines.next().unwrap().contains("side"), "{all}");
    let nodes = fleet.bowline(&["top", "nodes", "--no-headers"]).ends(0).stdout;
    assert_eq!(nodes.lines().count(), 2, "{nodes}");
    assert!(!nodes.contains("unknown"), "{nodes}");
    let memory = fleet.bowline(&["top", "pod", "-A", "-l", "part=acting"]).ends(0).stdout;
    assert!(memory.starts_with("NAMESPACE") && memory.lines().count() == 3, "{memory}");
    fleet.bowline(&["top", "pod", "nobody"]).ends(1);
}

fn a_pod_is_looked_into(fleet: &Fleet) {
    let look = "ps; wget -qO- http://localhost/ | head -c 15; echo; hostname";
    let debug = ["debug", "two", "--image=busybox:1.36", "-c", "look", "--target=web", "--attach"];
    let seen = fleet.bowline(&[&debug, &["--", "sh", "-c", look][..]].concat()).ends(0);
    assert!(seen.stdout.contains("nginx: master process"), "{}", seen.all());
    assert!(seen.stdout.ends_with("two\n"), "{}", seen.all());
    // It is seen, it is not started again, and its log is read as any other.
    let path = "jsonpath={.spec.ephemeralContainers[0].targetContainerName} \
                {.status.ephemeralContainerStatuses[0].state.terminated.reason} {.status.phase}";
    let shown = fleet.bowline(&["get", "pod", "two", "-o", path]).ends(0);
    assert_eq!(shown.stdout, "web Completed Running");
    let log = fleet.bowline(&["logs", "two", "-c", "look"]).ends(0);
    assert!(log.stdout.contains("nginx: master process"), "{}", log.all());
    fleet.bowline(&["debug", "two", "--image=busybox:1.36", "-c", "look"]).ends(2);
    // One that goes on by itself is joined later; what may be is what was asked for.
    let net = ["debug", "two", "--image=busybox:1.36", "--profile=netadmin", "-c", "net"];
    let stay = ["--", "sh", "-c", "ip addr add 10.9.9.9/32 dev lo && echo added; sleep 100000"];
    let added = fleet.bowline(&[&net[..], &stay].concat()).ends(0);
    assert_eq!(added.stdout, "", "{}", added.all());
    let inside = ["exec", "two", "-c", "net", "--", "id", "-u"];
    assert_eq!(fleet.bowline(&inside).ends(0).stdout, "0\n");
    let log = || fleet.bowline(&["logs", "two", "-c", "net"]).stdout;
    until("a change of the pod's network", || log() == "added\n");
    fleet.bowline(&["plan", "--detailed-exitcode"]).ends(0);
}

fn a_host_is_looked_into(fleet: &Fleet) {
    let look = "cat /host/etc/hostname; ps | grep -c '[s]shd'";
    let debug = ["debug", "node/node-2", "--image=busybox:1.36", "--attach"];
    let seen = fleet.bowline(&[&debug, &["--", "sh", "-c", look][..]].concat()).ends(0);
    assert!(seen.stdout.starts_with("node-2\n"), "{}", seen.all());
    assert_ne!(seen.stdout.lines().nth(1), Some("0"), "{}", seen.all());
    let left = fleet.on("node-2", "podman ps -a --format '{{.Names}}' | grep -c debugger || true");
    assert_eq!(left.trim(), "0");
}

fn a_forward_ends_with_its_pod(fleet: &Fleet) {
    let (mut forwarder, ports) = forward(fleet, &["two", ":80"], 1);
    fleet.bowline(&["delete", "pod", "two", "--auto-approve"]).ends(0);
    // What was added to the pod has gone with it.
    for node in ["node-1", "node-2"] {
        let line = "podman ps -a --format '{{.Names}}' | grep -c _default_two_ || true";
        assert_eq!(fleet.on(node, line).trim(), "0", "{node}");
    }
    let _ = TcpStream::connect(("127.0.0.1", ports[0]));
    assert_eq!(forwarder.wait().unwrap().code(), Some(1));
    let mut said = String::new();
    forwarder.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("lost connection to pod two: it is gone"), "{said}");
}

/// Ends a program as Ctrl-C does, and waits for it.
fn end(mut program: Child) {
    let pid = rustix::process::Pid::from_child(&program);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    program.wait().unwrap();
}

impl Fleet {
    /// Starts bowline with all of its streams in our hands.
    fn piped(&self, words: &[&str]) -> Child {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs bowline with this as its input.
    fn fed(&self, words: &[&str], input: &[u8]) -> Ran {
        let mut child = self.piped(words);
        // A command that does not want it all may end before.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            exit: output.status.code().unwrap_or(-1),
        }
    }

    /// Runs a line of shell in a terminal and returns what is seen there.
    fn script(&self, line: &str) -> String {
        let mut command = std::process::Command::new("script");
        command.args(["-qec", line, "/dev/null"]).current_dir(self.directory());
        command.env("BOWLINE_INVENTORY", self.inventory()).stdin(Stdio::null());
        String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
    }
}
