//! How pods come up, stay up and go: init containers, sidecars, restarts, hooks, last words, deletion, a reboot. On a host with
//! systemd, and on one without.

use std::time::{Duration, Instant};

use bowline::lab::{Flavour, Release};

use crate::fleet::Fleet;
use crate::look::comes;
use crate::trial::{Trial, grounds, runnable};

#[test]
fn lifecycle() {
    if !runnable() {
        return;
    }
    for (flavour, release) in grounds(Release::Bookworm) {
        println!("{flavour:?} {release:?}");
        let fleet = Fleet::of(Trial::new("pl", 65, flavour, release), 1);
        let pods = fleet.write("pods.yaml", PODS);
        fleet.bowline(&["apply", "-f", &pods, "--auto-approve"]).ends(0);
        containers_come_up_in_order(&fleet);
        ends_have_kubernetes_words(&fleet, release);
        hooks_are_called(&fleet);
        match flavour {
            Flavour::Systemd => {
                restarts_wait_longer_and_longer(&fleet);
                a_reboot_brings_everything_back(&fleet);
            }
            Flavour::Bare => {}
        }
        deletion_has_its_order_and_its_time(&fleet);
        fleet.bowline(&["destroy", "--auto-approve"]).ends(0);
        let left = "ls /etc/systemd/system | grep bowline; ls /etc/systemd/system/*.wants | grep bowline; \
                    ls /var/lib/bowline; ls -d /run/bowline; systemctl list-units --all --no-legend 'bowline*@*'; true";
        assert_eq!(fleet.on("node-1", left).trim(), "lock");
    }
}

const PODS: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: order}
spec:
  os: {name: linux}
  terminationGracePeriodSeconds: 20
  volumes: [{name: log, emptyDir: {}}, {name: scratch, emptyDir: {medium: Memory}}]
  initContainers:
  - name: one
    image: busybox:1.36
    command: [sh, -c, "sleep 1; echo one >>/log/order"]
    volumeMounts: [{name: log, mountPath: /log}]
  - name: side
    image: busybox:1.36
    restartPolicy: Always
    command: [sh, -c, "echo side >>/log/order; trap 'echo side-down >>/log/order; exit 0' TERM; sleep 1000 & wait"]
    volumeMounts: [{name: log, mountPath: /log}]
  - name: two
    image: busybox:1.36
    command: [sh, -c, "sleep 1; echo two >>/log/order"]
    volumeMounts: [{name: log, mountPath: /log}]
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, "trap 'sleep 1; echo main-down >>/log/order; exit 0' TERM; sleep 1000 & wait"]
    volumeMounts: [{name: log, mountPath: /log}]
    lifecycle:
      postStart: {exec: {command: [sh, -c, "sleep 1; echo \"it's\" post >>/log/order"]}}
      preStop: {exec: {command: [sh, -c, "sleep 1; echo pre >>/log/order"]}}
  - name: after
    image: busybox:1.36
    command: [sh, -c, "echo after >>/scratch/seen && echo after >>/log/order; exec sleep 1000"]
    volumeMounts: [{name: log, mountPath: /log}, {name: scratch, mountPath: /scratch, subPath: part}]
    lifecycle: {stopSignal: SIGKILL}
---
apiVersion: v1
kind: Pod
metadata: {name: served}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: server
    image: busybox:1.36
    command: [sh, -c, "mkdir /w; echo hello >/w/hook; exec httpd -fvv -p 8080 -h /w"]
  - name: caller
    image: busybox:1.36
    command: [sh, -c, "exec sleep 1000"]
    ports: [{name: web, containerPort: 8080}]
    lifecycle:
      postStart: {httpGet: {port: web, path: /hook, httpHeaders: [{name: X-From, value: hook}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: stubborn}
spec:
  terminationGracePeriodSeconds: 8
  containers:
  - {name: a, image: "busybox:1.36", command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]}
  - {name: b, image: "busybox:1.36", command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]}
---
apiVersion: v1
kind: Pod
metadata: {name: sleeper}
spec:
  terminationGracePeriodSeconds: 30
  containers:
  - name: c
    image: busybox:1.36
    command: [sh, -c, "trap 'exit 0' TERM; sleep 1000 & wait"]
    lifecycle: {preStop: {sleep: {seconds: 3}}}
---
apiVersion: v1
kind: Pod
metadata: {name: no-init}
spec:
  restartPolicy: Never
  initContainers:
  - name: i
    image: busybox:1.36
    command: [sh, -c, "echo from the log; exit 4"]
    terminationMessagePolicy: FallbackToLogsOnError
  containers:
  - {name: c, image: "busybox:1.36", command: [sleep, "1000"]}
---
apiVersion: v1
kind: Pod
metadata: {name: init-again}
spec:
  volumes: [{name: v, emptyDir: {}}]
  initContainers:
  - {name: i, image: "busybox:1.36", command: [sh, -c, "[ -e /v/x ] || { touch /v/x; exit 1; }"], volumeMounts: [{name: v, mountPath: /v}]}
  containers:
  - {name: c, image: "busybox:1.36", command: [sh, -c, "exec sleep 1000"]}
---
apiVersion: v1
kind: Pod
metadata: {name: on-failure}
spec:
  restartPolicy: OnFailure
  volumes: [{name: v, emptyDir: {}}]
  containers:
  - {name: c, image: "busybox:1.36", command: [sh, -c, "[ -e /v/x ] || { touch /v/x; exit 1; }"], volumeMounts: [{name: v, mountPath: /v}]}
---
apiVersion: v1
kind: Pod
metadata: {name: never}
spec:
  restartPolicy: Never
  containers:
  - {name: c, image: "busybox:1.36", command: [sh, -c, "exit 5"]}
---
apiVersion: v1
kind: Pod
metadata: {name: greedy}
spec:
  restartPolicy: Never
  containers:
  - name: c
    image: busybox:1.36
    command: [sh, -c, "x=0123456789; while :; do x=$x$x; done"]
    resources: {limits: {memory: 16Mi}}
"#;

/// podman would start it again several times a second.
const CRASH: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  containers:
  - {name: c, image: "busybox:1.36", command: [sh, -c, "echo bye >/words; exit 3"], terminationMessagePath: /words}
"#;

/// The column STATUS.
#[track_caller]
fn word(fleet: &Fleet, pod: &str) -> String {
    fleet.row(pod)[2].clone()
}

fn order(fleet: &Fleet) -> String {
    let line = "cat /var/lib/bowline/pods/*_default_order/volumes/log/order | tr '\\n' ' '";
    fleet.on("node-1", line)
}

const UP: &str = "one side two it's post after";

// initContainers, initContainers[].restartPolicy, lifecycle.postStart.exec
fn containers_come_up_in_order(fleet: &Fleet) {
    comes(UP, || order(fleet));
    comes("Running", || word(fleet, "order"));
    assert_eq!(
        fleet.field("pod", "order", ".status.initContainerStatuses[*].ready"),
        "true true true"
    );
    fleet.holds(30, "Pod Lifecycle, post start exec hook");
    let table = fleet.bowline(&["get", "pod", "order", "--no-headers"]).stdout;
    assert!(table.contains("3/3"), "{table}");
    comes("Running", || word(fleet, "init-again"));
    assert_eq!(
        fleet.field("pod", "init-again", ".status.initContainerStatuses[0].restartCount"),
        "1"
    );
}

// terminationMessagePath, terminationMessagePolicy, restartPolicy, exit codes and reasons
fn ends_have_kubernetes_words(fleet: &Fleet, release: Release) {
    comes("Init:Error", || word(fleet, "no-init"));
    let init = ".status.initContainerStatuses[0].state.terminated.message";
    assert_eq!(fleet.field("pod", "no-init", init).trim(), "from the log");
    assert_eq!(fleet.field("pod", "no-init", ".status.phase"), "Failed");
    comes("Completed", || word(fleet, "on-failure"));
    assert_eq!(fleet.field("pod", "on-failure", ".status.containerStatuses[0].restartCount"), "1");
    comes("Error", || word(fleet, "never"));
    let ended = ".status.containerStatuses[0].state.terminated";
    assert_eq!(fleet.field("pod", "never", &format!("{ended}.exitCode")), "5");
    assert_eq!(fleet.field("pod", "never", &format!("{ended}.reason")), "Error");
    fleet.holds(47, "Kubelet, failed pod, terminated reason");
    // The conmon of Debian 12 does not notice who ended it.
    let greedy = match release {
        Release::Trixie => "OOMKilled",
        Release::Bookworm => "Error",
    };
    comes(greedy, || word(fleet, "greedy"));
    assert_eq!(fleet.field("pod", "greedy", &format!("{ended}.exitCode")), "137");
    let text = fleet.bowline(&["describe", "pod", "no-init"]).stdout;
    assert!(text.contains("Init Containers:") && text.contains("from the log"), "{text}");
}

// lifecycle.postStart.httpGet
fn hooks_are_called(fleet: &Fleet) {
    comes("Running", || word(fleet, "served"));
    let seen = "podman logs $(podman ps -q --filter name=_served_server) 2>&1 | grep -c url:/hook";
    assert_ne!(fleet.on("node-1", &format!("{seen}; true")).trim(), "0");
}

/// The first time at once, then 10, 20, 40 ... seconds after the end.
fn restarts_wait_longer_and_longer(fleet: &Fleet) {
    let crash = fleet.write("crash.yaml", CRASH);
    fleet.bowline(&["apply", "-f", &crash, "--auto-approve"]).ends(0);
    let last = ".status.containerStatuses[0].lastState.terminated";
    comes("CrashLoopBackOff", || word(fleet, "crash"));
    comes("3 Error bye", || {
        [".exitCode", ".reason", ".message"]
            .map(|part| fleet.field("pod", "crash", &format!("{last}{part}")).trim().to_owned())
            .join(" ")
    });
    comes("as long as Kubernetes", || {
        let told = fleet.on("node-1", "cat /var/lib/bowline/told/*_default_crash_c");
        let number = |start: &str, nth: usize| -> Option<u32> {
            let line = told.lines().find(|line| line.starts_with(start))?;
            line.split(' ').nth(nth)?.parse().ok()
        };
        let waits = || Some((number("restarts ", 1)?, number("until ", 1)? - number("end ", 5)?));
        match waits() {
            Some((count, delay)) if count >= 2 => {
                assert_eq!(delay, (10 * 2_u32.pow(count - 1)).min(300), "{told}");
                "as long as Kubernetes".to_owned()
            }
            Some(_) | None => told,
        }
    });
}

/// Nobody but the host is there: init containers run again, addresses and network are as before.
fn a_reboot_brings_everything_back(fleet: &Fleet) {
    let addresses = || fleet.sandboxes();
    let network = "ip route show proto 98; nft list table ip bowline; sysctl net.ipv4.ip_forward net.ipv4.conf.all.route_localnet";
    let (before, way) = (addresses(), fleet.on("node-1", network));
    fleet.cut("node-1");
    fleet.power_on("node-1");
    comes(&format!("{UP} {UP}"), || order(fleet));
    assert_eq!(addresses(), before);
    assert_eq!(fleet.on("node-1", network), way);
    // What was in memory is there again, and empty.
    let seen = "podman exec lab_default_order_after cat /scratch/seen";
    assert_eq!(fleet.on("node-1", seen).trim(), "after");
    let address = fleet.field("pod", "served", ".status.podIP");
    comes("hello", || fleet.on("node-1", &format!("curl -s http://{address}:8080/hook; true")));
    for (pod, expected) in [("order", "Running"), ("never", "Error"), ("on-failure", "Completed")] {
        comes(expected, || word(fleet, pod));
    }
    comes("0", || fleet.bowline(&["plan", "--detailed-exitcode"]).exit.to_string());
}

// terminationGracePeriodSeconds, lifecycle.preStop.exec, lifecycle.preStop.sleep, lifecycle.stopSignal
fn deletion_has_its_order_and_its_time(fleet: &Fleet) {
    let follow =
        "f=$(echo /var/lib/bowline/pods/*_default_order/volumes/log/order); ln $f /root/order";
    fleet.on("node-1", follow);
    let timed = |pod: &str| {
        let start = Instant::now();
        fleet.bowline(&["delete", "pod", pod, "--auto-approve"]).ends(0);
        start.elapsed()
    };
    let took = timed("order");
    assert!(took < Duration::from_secs(15), "{took:?}");
    let line = "tail -n 3 /root/order | tr '\\n' ' '; rm /root/order";
    assert_eq!(fleet.on("node-1", line).trim(), "pre main-down side-down");
    fleet.holds(31, "Pod Lifecycle, prestop exec hook");
    let gone = fleet.bowline(&["get", "pod", "order"]).ends(1);
    assert!(gone.stderr.contains("not found"), "{}", gone.all());
    fleet.holds(55, "Pods, lifecycle");
    // Both ignore the signal; one after the other they would take sixteen seconds.
    let took = timed("stubborn");
    assert!(took >= Duration::from_secs(8) && took < Duration::from_secs(16), "{took:?}");
    let took = timed("sleeper");
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(15), "{took:?}");
}
