//! What containers are asked whether they are well, and what becomes of them by their answers. On hosts with systemd of both
//! releases, and on one without.

use std::thread::sleep;
use std::time::{Duration, Instant};

use bowline::lab::{Flavour, Release};

use crate::fleet::Fleet;
use crate::look::comes_within;
use crate::trial::{Trial, grounds, runnable};

const PODS: &str = include_str!("probes/pods.yaml");

#[test]
fn probes() {
    if !runnable() {
        return;
    }
    for (flavour, release) in grounds(Release::Trixie) {
        println!("{flavour:?} {release:?}");
        let fleet = Fleet::of(Trial::new("pp", 72, flavour, release), 1);
        let pods = fleet.write("pods.yaml", PODS);
        fleet.bowline(&["apply", "-f", &pods, "--auto-approve", "--wait=false"]).ends(5);
        who_fails_is_ended(&fleet);
        who_is_well_goes_on(&fleet);
        what_is_asked_is_seen(&fleet);
        who_is_unready_goes_on(&fleet);
        readiness_has_its_time(&fleet);
        containers_wait_for_a_sidecar_to_come_up(&fleet);
        gates_are_kept(&fleet);
        services_lead_to_ready_pods(&fleet);
        if flavour == Flavour::Systemd {
            who_fails_often_is_ended_as_often(&fleet);
        }
        if (flavour, release) == (Flavour::Systemd, Release::Trixie) {
            a_rollout_waits_for_readiness(&fleet);
            a_reboot_brings_probes_back(&fleet);
        }
        nothing_is_left(&fleet);
    }
}

/// Looks until what is seen is what should be: much goes on at once on these hosts.
#[track_caller]
fn comes(expected: &str, look: impl Fn() -> String) {
    comes_within(Duration::from_mins(3), expected, look);
}

fn field(fleet: &Fleet, pod: &str, path: &str) -> String {
    fleet.field("pod", pod, path)
}

/// Whether a pod is ready, and why not.
fn ready(fleet: &Fleet, pod: &str) -> String {
    let of = ".status.conditions[?(@.type=='Ready')]";
    field(fleet, pod, &format!("{of}.status}} {{{of}.reason")).trim().to_owned()
}

/// How often each container of a pod was started again, in the order of the manifest.
fn restarts(fleet: &Fleet, pod: &str) -> Vec<u32> {
    let counts = field(fleet, pod, ".status.containerStatuses[*].restartCount");
    counts.split_whitespace().map(|count| count.parse().unwrap()).collect()
}

/// Waits until every container of a pod has been started again.
fn are_started_again(fleet: &Fleet, pod: &str) {
    comes("all of them", || {
        let counts = restarts(fleet, pod);
        let all = counts.iter().all(|count| *count > 0);
        if all { "all of them".to_owned() } else { format!("{counts:?}") }
    });
}

/// Waits until a text has all of these words.
fn are_said(expected: &[&str], look: impl Fn() -> String) {
    comes("all of them", || {
        let text = look();
        let missing = expected.iter().find(|words| !text.contains(**words));
        missing.map_or("all of them".to_owned(), |words| format!("{words} is not in {text}"))
    });
}

fn events(fleet: &Fleet, pod: &str) -> String {
    fleet.bowline(&["describe", "pod", pod]).ends(0).stdout
}

/// Five restarts, which wait for 0, 10, 20, 40 and 80 seconds: only before a release.
fn who_fails_often_is_ended_as_often(fleet: &Fleet) {
    if std::env::var_os("BOWLINE_BOTH_RELEASES").is_none() {
        eprintln!(
            "\n*** five restarts are not looked at; they are with BOWLINE_BOTH_RELEASES=1 ***\n"
        );
        return;
    }
    let (start, mut seen) = (Instant::now(), 0);
    while seen < 5 {
        let count = restarts(fleet, "dies")[0];
        assert!(count >= seen, "{count} {seen}");
        assert!(start.elapsed() < Duration::from_secs(400), "{count}");
        seen = count;
        sleep(Duration::from_secs(1));
    }
    fleet.holds(64, "Pod liveness probe, using http endpoint, multiple restarts (slow)");
}

// livenessProbe.httpGet, .grpc, .exec, .tcpSocket, .failureThreshold, .periodSeconds, .terminationGracePeriodSeconds;
// startupProbe.failureThreshold, .terminationGracePeriodSeconds; restartPolicy
fn who_fails_is_ended(fleet: &Fleet) {
    are_started_again(fleet, "dies");
    fleet.holds(61, "Pod liveness probe, using http endpoint, restart");
    fleet.holds(62, "Pod liveness probe, using grpc call, failure");
    fleet.holds(63, "Pod liveness probe, using local file, restart");
    let expected = [
        "Liveness probe failed: HTTP probe failed with statuscode: 404",
        "Container http failed liveness probe, will be restarted",
        "Liveness probe failed: timeout: failed to connect service",
        "cat: can't open '/tmp/health': No such file or directory",
        "Startup probe failed: dial tcp ",
        ":84: connect: connection refused",
        "Container never-up failed startup probe, will be restarted",
        "tcp-socket :84 delay=0s timeout=1s period=1s #success=1 #failure=2",
    ];
    are_said(&expected, || events(fleet, "dies"));
    let text = events(fleet, "dies");
    // Its liveness was never asked.
    assert!(!text.contains(":85: connect"), "{text}");
    // It was ended by force, a second after it was asked to end, and not after its pod's hundred.
    let took = "cat /var/lib/bowline/pods/lab_default_dies/volumes/v/took";
    let took: u32 = fleet.on("node-1", took).trim().parse().unwrap();
    assert!(took < 90, "{took}");
    comes("Error", || fleet.row("dies-once")[2].clone());
    assert_eq!(
        field(fleet, "dies-once", ".status.containerStatuses[0].state.terminated.exitCode"),
        "7"
    );
    assert_eq!(field(fleet, "dies-once", ".status.phase"), "Failed");
    assert!(events(fleet, "dies-once").contains("Container c failed liveness probe\n"));
    are_started_again(fleet, "dies-well");
}

// startupProbe, livenessProbe, readinessProbe: httpGet, grpc, tcpSocket, exec
fn who_is_well_goes_on(fleet: &Fleet) {
    comes("True", || ready(fleet, "well"));
    assert_eq!(fleet.row("well")[..4], ["well", "5/5", "Running", "0"]);
    let started = ".status.containerStatuses[*].started";
    assert_eq!(field(fleet, "well", started), "true true true true true");
}

/// What nginx and the containers have seen.
// httpGet.path, .port, .scheme, .protocol, .httpHeaders, .host; grpc.port, .service, .mode; tcpSocket.port, .host
fn what_is_asked_is_seen(fleet: &Fleet) {
    let log = "podman logs lab_default_well_http 2>&1";
    let agent = "\"kube-probe/1.37\"";
    let expected = [
        format!("8080 HTTP/1.1 /ok?first {agent} \"first one\" \"www.example.org\""),
        format!("8443 HTTP/1.1 /ok {agent} \"-\""),
        format!("8081 HTTP/2.0 /ok {agent}"),
        format!("9000 HTTP/2.0 /grpc.health.v1.Health/Check {agent}"),
        format!("9443 HTTP/2.0 /grpc.health.v1.Health/Check {agent}"),
        format!("8080 HTTP/1.1 /moved {agent}"),
        format!("8080 HTTP/1.1 /away {agent}"),
    ];
    are_said(&expected.each_ref().map(String::as_str), || fleet.on("node-1", log));
    // Each is asked again and again.
    comes("often", || {
        let count = format!("{log} | grep -c '8443 HTTP/1.1 /ok'; true");
        let count: u32 = fleet.on("node-1", &count).trim().parse().unwrap();
        if count >= 4 { "often".to_owned() } else { count.to_string() }
    });
    assert_eq!(restarts(fleet, "well"), [0; 5]);
    fleet.holds(59, "Pod liveness probe, using http endpoint, failure");
    fleet.holds(60, "Pod liveness probe, using tcp socket, no restart");
}

// readinessProbe.exec, .timeoutSeconds
fn who_is_unready_goes_on(fleet: &Fleet) {
    comes("False ContainersNotReady", || ready(fleet, "unready"));
    let expected = [
        "Readiness probe failed: HTTP probe failed with statuscode: 500",
        ":81: connect: connection refused",
        "service unhealthy (responded with \"NOT_SERVING\")",
        "command \"sh -c sleep 777 & sleep 777\" timed out",
        "Readiness probe failed: it is",
        "Liveness probe errored: ",
    ];
    are_said(&expected, || events(fleet, "unready"));
    // What was asked is ended when its time is over; one may be being asked now.
    comes("ended", || {
        let left = "ps ax -o args= | grep -c '^sleep 777' ; true";
        match fleet.on("node-1", left).trim() {
            "0" | "1" | "2" => "ended".to_owned(),
            more => more.to_owned(),
        }
    });
    assert_eq!(restarts(fleet, "unready"), [0; 6]);
    assert_eq!(
        field(fleet, "unready", ".status.containerStatuses[*].ready"),
        "false false false false false true"
    );
    fleet.holds(66, "Pod readiness probe, failure");
}

// readinessProbe.initialDelaySeconds, .successThreshold, .periodSeconds
fn readiness_has_its_time(fleet: &Fleet) {
    comes("True", || ready(fleet, "late"));
    let seconds = |path: &str| -> i64 {
        let time: jiff::Timestamp = field(fleet, "late", path).trim().parse().unwrap();
        time.as_second()
    };
    let started = seconds(".status.containerStatuses[0].state.running.startedAt");
    let ready = seconds(".status.conditions[?(@.type=='Ready')].lastTransitionTime");
    // Two questions, the first after five seconds, the second two later.
    assert!(ready - started >= 7, "{started} {ready}");
    assert_eq!(field(fleet, "late", ".status.containerStatuses[0].restartCount"), "0");
    fleet.holds(65, "Pod readiness probe, with initial delay");
}

// initContainers[].startupProbe
fn containers_wait_for_a_sidecar_to_come_up(fleet: &Fleet) {
    comes("True", || ready(fleet, "sidecar"));
    let order = "tr '\\n' ' ' </var/lib/bowline/pods/lab_default_sidecar/volumes/log/order";
    assert_eq!(fleet.on("node-1", order).trim(), "side main");
}

// readinessGates
fn gates_are_kept(fleet: &Fleet) {
    comes("False ReadinessGatesNotReady", || ready(fleet, "gated"));
    assert_eq!(
        field(fleet, "gated", ".status.conditions[?(@.type=='ContainersReady')].status"),
        "True"
    );
    let wide = fleet.bowline(&["get", "pod", "gated", "well", "-o", "wide", "--no-headers"]).stdout;
    assert!(wide.contains("0/1\n") && wide.contains("1/1\n"), "{wide}");
}

// publishNotReadyAddresses
fn services_lead_to_ready_pods(fleet: &Fleet) {
    let pods = fleet.directory().join("pods.yaml").display().to_string();
    let again = || fleet.bowline(&["apply", "-f", &pods, "--auto-approve", "--wait=false"]).ends(5);
    let call = |address: &str| {
        fleet.on("node-1", &format!("curl -s -m 5 http://{address}/hello || echo nobody"))
    };
    let set = |what: &str| {
        fleet.on("node-1", &format!("podman exec lab_default_flips_c {what} /w/ready"));
    };
    comes("True", || ready(fleet, "flips"));
    again();
    assert_eq!([call("10.96.0.81").trim(), call("10.96.0.82").trim()], ["hello"; 2]);
    set("rm");
    comes("False ContainersNotReady", || ready(fleet, "flips"));
    again();
    assert_eq!([call("10.96.0.81").trim(), call("10.96.0.82").trim()], ["nobody", "hello"]);
    set("touch");
    comes("True", || ready(fleet, "flips"));
    again();
    assert_eq!(call("10.96.0.81").trim(), "hello");
}

fn rolled(path: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: nginx
        image: {image}
        readinessProbe: {{httpGet: {{port: 80, path: {path}}}, periodSeconds: 1}}
"
    )
}

/// A revision that is never ready takes nobody's place.
fn a_rollout_waits_for_readiness(fleet: &Fleet) {
    // How many pods there are, and how many of them are ready and available.
    let counts = || {
        let pods = fleet.sandboxes().iter().filter(|(_, pod, _)| pod.starts_with("web-")).count();
        let counts =
            fleet.field("deployment", "web", ".status.readyReplicas} {.status.availableReplicas");
        format!("{pods} {counts}")
    };
    let apply = |path: &str, image: &str, how: &str| {
        let file = fleet.write("web.yaml", &rolled(path, image));
        fleet.bowline(&["apply", "-f", &file, "--auto-approve", how])
    };
    fleet.bowline(&["delete", "pod", "unready", "gated", "dies", "--auto-approve"]).ends(0);
    apply("/", "nginx:1.14.2", "--timeout=3m").ends(0);
    comes("2 2 2", counts);
    let why = "is not ready: container nginx: Readiness probe failed: HTTP probe failed with statuscode: 404";
    for _ in 0..2 {
        apply("/missing", "nginx:1.16.1", "--wait=false").ends(5);
        are_said(&[why], || fleet.bowline(&["plan"]).all());
        assert_eq!(counts(), "3 2 2");
    }
    apply("/", "nginx:1.16.1", "--timeout=3m").ends(0);
    comes("2 2 2", counts);
}

/// What was told of the run before is gone with the host's memory: they are asked anew.
fn a_reboot_brings_probes_back(fleet: &Fleet) {
    fleet.cut("node-1");
    fleet.power_on("node-1");
    comes("True", || ready(fleet, "well"));
    comes("True", || ready(fleet, "late"));
}

fn nothing_is_left(fleet: &Fleet) {
    fleet.bowline(&["destroy", "--auto-approve"]).ends(0);
    let left = "systemctl list-units --all --no-legend 'bowline*@*' 2>/dev/null; ls /run/bowline-life 2>/dev/null; \
                ps ax -o args= | grep -E 'bowline-life|boot/probe|tail --pid' | grep -v grep; true";
    comes("", || fleet.on("node-1", left));
}
