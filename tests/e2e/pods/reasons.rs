//! Why pods are not what they should be, in Kubernetes' words; and pods that are there for a time only.

use std::process::Stdio;

use bowline::lab::{Flavour, Release};

use crate::fleet::Fleet;
use crate::look::comes;
use crate::trial::{Trial, grounds, runnable};

#[test]
fn reasons() {
    if !runnable() {
        return;
    }
    for (flavour, release) in grounds(Release::Bookworm) {
        println!("{flavour:?} {release:?}");
        let fleet = Fleet::of(Trial::new("pr", 67, flavour, release), 1);
        let pods = fleet.write("pods.yaml", PODS);
        let first = fleet
            .bowline(&["apply", "-v", "-f", &pods, "--auto-approve", "--timeout", "30s"])
            .ends(3);
        assert_eq!(first.stderr.matches("pull docker.io/library/busybox:1.36: done").count(), 1);
        what_failed_is_said(&fleet, flavour);
        what_is_waited_for_comes_or_not(&fleet);
        an_unsafe_sysctl_is_for_the_host_to_allow(&fleet);
        a_deadline_ends_a_pod(&fleet);
        let never = fleet.bowline(&["describe", "pod", "never"]).ends(0).stdout;
        assert!(never.contains("ErrImageNeverPull"), "{never}");
        let told = fleet.bowline(&["events", "--for", "pod/never", "--types=warning"]).ends(0);
        assert!(told.stdout.contains("ErrImageNeverPull"), "{}", told.all());
        let told = fleet.bowline(&["events", "--for", "pod/never", "--types=normal"]).ends(0);
        assert!(!told.stdout.contains("ErrImageNeverPull"), "{}", told.all());
        if flavour == Flavour::Systemd {
            a_deadline_holds_over_a_reboot(&fleet);
        }
        fleet.bowline(&["destroy", "--auto-approve"]).ends(0);
        let left = "podman ps -aq; ls /var/lib/bowline; ls -d /run/bowline; ls /run/bowline-life; \
                    systemctl list-units --all --no-legend 'bowline*'; true";
        assert_eq!(fleet.on("node-1", left).trim(), "lock");
    }
}

const PODS: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: gone}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: ok, image: "busybox:1.36", args: [sleep, "9999"]}, {name: c, image: "no-such-image:1", args: [sleep, "9999"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: misnamed}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: "BusyBox:1.36"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: never}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: "busybox:9", imagePullPolicy: Never}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: b}
---
apiVersion: v1
kind: Pod
metadata: {name: no-key}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: c, image: "busybox:1.36", args: [sleep, "9999"], env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: z}}}]}
  - {name: d, image: "busybox:1.36", args: [sleep, "9999"]}
---
apiVersion: v1
kind: Pod
metadata: {name: root}
spec: {terminationGracePeriodSeconds: 0, securityContext: {runAsNonRoot: true}, containers: [{name: c, image: "busybox:1.36", args: [sleep, "9999"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: no-program}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: "busybox:1.36", command: [/nonexistent]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: no-program-once}
spec: {terminationGracePeriodSeconds: 0, restartPolicy: Never, containers: [{name: c, image: "busybox:1.36", command: [/nonexistent]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: no-init}
spec: {terminationGracePeriodSeconds: 0, initContainers: [{name: i, image: "busybox:1.36", command: [/nonexistent]}], containers: [{name: c, image: "busybox:1.36", args: [sleep, "9999"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: uncreated}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: "busybox:1.36", args: [sleep, "9999"], securityContext: {capabilities: {add: [NO_SUCH_THING]}}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: short}
spec: {terminationGracePeriodSeconds: 2, activeDeadlineSeconds: 4, containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "exec sleep 9999"]}, {name: d, image: "busybox:1.36", command: [sh, -c, "trap 'exit 0' TERM; sleep 9999 & wait"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: short-init}
spec: {terminationGracePeriodSeconds: 0, activeDeadlineSeconds: 3, initContainers: [{name: i, image: "busybox:1.36", command: [sh, -c, "sleep 9999"]}], containers: [{name: c, image: "busybox:1.36", args: [sleep, "9999"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: unsafe}
spec: {terminationGracePeriodSeconds: 0, securityContext: {sysctls: [{name: net.core.somaxconn, value: "77"}]}, containers: [{name: c, image: "busybox:1.36", args: [sleep, "9999"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: fine}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: "busybox:1.36", args: [sleep, "9999"]}]}
"#;

/// The columns READY and STATUS.
#[track_caller]
fn word(fleet: &Fleet, pod: &str) -> String {
    fleet.row(pod)[1..3].join(" ")
}

/// Rows: image, imagePullPolicy, restartPolicy, securityContext.runAsNonRoot, env[].valueFrom.configMapKeyRef.
fn what_failed_is_said(fleet: &Fleet, flavour: Flavour) {
    let no_program = "exec: \"/nonexistent\": stat /nonexistent: no such file or directory";
    // Where nothing but podman keeps a pod, its containers are started as they are made.
    let (crashing, once) = match flavour {
        Flavour::Systemd => ("CrashLoopBackOff", "StartError"),
        Flavour::Bare => ("RunContainerError", "RunContainerError"),
    };
    let why = ".status.containerStatuses[?(@.name==\"c\")].state.waiting.message";
    for (pod, status, place, message) in [
        ("fine", "1/1 Running", why, ""),
        ("gone", "0/2 ErrImagePull", why, "manifest unknown"),
        (
            "misnamed",
            "0/1 InvalidImageName",
            why,
            "repository name (library/BusyBox) must be lowercase",
        ),
        (
            "never",
            "0/1 ErrImageNeverPull",
            why,
            "busybox:9\" is not present with pull policy of Never",
        ),
        (
            "no-key",
            "0/2 CreateContainerConfigError",
            why,
            "couldn't find key z in ConfigMap default/settings",
        ),
        (
            "root",
            "0/1 CreateContainerConfigError",
            why,
            "container has runAsNonRoot and image will run as root",
        ),
        ("uncreated", "0/1 CreateContainerError", why, "unknown capability"),
        (
            "no-init",
            "0/1 Init:CrashLoopBackOff",
            ".status.initContainerStatuses[0].lastState.terminated.message",
            no_program,
        ),
        (
            "no-program",
            &format!("0/1 {crashing}"),
            match flavour {
                Flavour::Systemd => ".status.containerStatuses[0].lastState.terminated.message",
                Flavour::Bare => why,
            },
            no_program,
        ),
        (
            "no-program-once",
            &format!("0/1 {once}"),
            match flavour {
                Flavour::Systemd => ".status.containerStatuses[0].state.terminated.message",
                Flavour::Bare => why,
            },
            no_program,
        ),
    ] {
        comes(&format!("{pod}: {status}"), || format!("{pod}: {}", word(fleet, pod)));
        comes("", || {
            let said = fleet.field("pod", pod, place);
            if said.contains(message) {
                String::new()
            } else {
                format!("{pod}: {said:?} lacks {message:?}")
            }
        });
    }
    let beside = ".status.containerStatuses[?(@.name==\"ok\")].state.waiting.reason";
    assert_eq!(fleet.field("pod", "gone", beside), "ContainerCreating");
    let phases =
        ["gone", "no-key", "uncreated"].map(|pod| fleet.field("pod", pod, ".status.phase"));
    assert_eq!(phases, ["Pending"; 3].map(str::to_owned));
    if flavour == Flavour::Systemd {
        assert_eq!(fleet.field("pod", "no-program-once", ".status.phase"), "Failed");
        let code = ".status.containerStatuses[0].state.terminated.exitCode";
        assert_eq!(fleet.field("pod", "no-program-once", code), "128");
    }
    // Who tries again finds the same, and nothing else is held up by it.
    fleet.bowline(&["apply", "--auto-approve", "--timeout", "15s"]).ends(3);
    assert_eq!(word(fleet, "gone"), "0/2 ImagePullBackOff");
    let said = fleet.field("pod", "gone", why);
    let begins = "Back-off pulling image \"no-such-image:1\": ErrImagePull: ";
    assert!(said.starts_with(begins) && said.contains("manifest unknown"), "{said}");
    assert_eq!(word(fleet, "fine"), "1/1 Running");
}

fn what_is_waited_for_comes_or_not(fleet: &Fleet) {
    let wait = |words: &[&str]| fleet.bowline(&[&["wait", "--timeout", "0s"], words].concat());
    let ran = wait(&["--for=condition=ready", "pod/fine"]).ends(0);
    assert_eq!(ran.stdout, "pod/fine condition met\n");
    let ran = wait(&["--for=condition=Ready", "pod", "fine", "gone"]).ends(5);
    assert_eq!(ran.stdout, "pod/fine condition met\n");
    assert!(
        ran.stderr.contains("timed out waiting for the condition on pod/gone"),
        "{}",
        ran.all()
    );
    wait(&["--for=jsonpath={.status.phase}=Pending", "pod/gone"]).ends(0);
    wait(&["--for=delete", "pod/nowhere"]).ends(0);
    wait(&["--for=create", "pod/nowhere"]).ends(5);
    let ran = wait(&["--for=condition=Ready", "pod/nowhere"]).ends(1);
    assert!(ran.stderr.contains("pods \"nowhere\" not found"), "{}", ran.all());
    wait(&["--for=condition=Ready", "pods"]).ends(2);
    wait(&["--for=condition=Ready", "pods", "-l", "no=such"]).ends(1);
    let waiting = ["wait", "--for=delete", "pod/misnamed", "--timeout", "60s"];
    let waiting = fleet.command(&waiting).stdout(Stdio::piped()).spawn().unwrap();
    // The other pods are tried again, too.
    fleet.bowline(&["delete", "pod", "misnamed", "--auto-approve", "--timeout", "1s"]).ends(3);
    let ended = waiting.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stdout), "pod/misnamed condition met\n");
}

/// Row: securityContext.sysctls.
fn an_unsafe_sysctl_is_for_the_host_to_allow(fleet: &Fleet) {
    assert_eq!(word(fleet, "unsafe"), "0/1 SysctlForbidden");
    let why = ".status.containerStatuses[0].state.waiting.message";
    let words = "forbidden sysctl: \"net.core.somaxconn\" not allowlisted";
    assert_eq!(fleet.field("pod", "unsafe", why), words);
    let inventory = std::fs::read_to_string(fleet.inventory()).unwrap();
    let allowing = "node-1:\n    allowedUnsafeSysctls: [net.core.*]\n";
    std::fs::write(fleet.inventory(), inventory.replace("node-1:\n", allowing)).unwrap();
    fleet.bowline(&["apply", "--auto-approve", "--timeout", "15s"]);
    assert_eq!(word(fleet, "unsafe"), "1/1 Running");
    let seen = "podman exec lab_default_unsafe_c cat /proc/sys/net/core/somaxconn";
    assert_eq!(fleet.on("node-1", seen).trim(), "77");
}

/// Row: activeDeadlineSeconds.
fn a_deadline_ends_a_pod(fleet: &Fleet) {
    for pod in ["short", "short-init"] {
        comes("Failed DeadlineExceeded", || {
            format!(
                "{} {}",
                fleet.field("pod", pod, ".status.phase"),
                fleet.field("pod", pod, ".status.reason")
            )
        });
        let message = "Pod was active on the node longer than the specified deadline";
        assert_eq!(fleet.field("pod", pod, ".status.message"), message);
    }
    // One took the signal, the other had to be ended when its time was over.
    let codes = ".status.containerStatuses[*].state.terminated.exitCode";
    comes("137 0", || fleet.field("pod", "short", codes));
    let reasons = ".status.containerStatuses[*].state.terminated.reason";
    assert_eq!(fleet.field("pod", "short", reasons), "Error Completed");
    let text = fleet.bowline(&["describe", "pod", "short"]).ends(0).stdout;
    assert!(text.contains("Reason:") && text.contains("DeadlineExceeded"), "{text}");
    fleet.holds(54, "Pods, ActiveDeadlineSeconds");
    // Nobody starts it again.
    let runs = "podman ps --format '{{.Names}}' | grep -c lab_default_short; true";
    fleet.bowline(&["apply", "--auto-approve", "--timeout", "15s"]);
    assert_eq!(fleet.on("node-1", runs).trim(), "0");
    assert_eq!(fleet.field("pod", "short", ".status.phase"), "Failed");
}

fn a_deadline_holds_over_a_reboot(fleet: &Fleet) {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: rebooted}\nspec: {terminationGracePeriodSeconds: 0, activeDeadlineSeconds: 12, \
               containers: [{name: c, image: \"busybox:1.36\", command: [sleep, \"9999\"]}]}\n";
    let pod = fleet.write("rebooted.yaml", pod);
    fleet.bowline(&["apply", "-f", &pod, "--auto-approve", "--timeout", "5s"]);
    assert_eq!(fleet.field("pod", "rebooted", ".status.phase"), "Running");
    fleet.cut("node-1");
    fleet.power_on("node-1");
    comes("Failed DeadlineExceeded", || {
        format!(
            "{} {}",
            fleet.field("pod", "rebooted", ".status.phase"),
            fleet.field("pod", "rebooted", ".status.reason")
        )
    });
    assert_eq!(fleet.field("pod", "short", ".status.reason"), "DeadlineExceeded");
}
