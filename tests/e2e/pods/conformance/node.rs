//! What sig-node asks for.

use super::{comes, fields, says};
use crate::fleet::Fleet;

pub(super) fn messages(fleet: &Fleet) {
    let seen = |pod: &str| {
        let message = ".status.containerStatuses[0].state.terminated.message";
        fields(fleet, pod, &[".status.phase", message])
    };
    comes("Succeeded OK", || seen("message-file"));
    fleet.holds(32, "Container Runtime, TerminationMessage, from file of succeeding container");
    comes("Failed DONE", || seen("message-log"));
    fleet.holds(
        33,
        "Container Runtime, TerminationMessage, from container's log output of failing container",
    );
}

pub(super) fn init_containers(fleet: &Fleet) {
    let condition = "{.status.conditions[?(@.type==\"Initialized\")]";
    let initialised = |pod: &str| {
        let parts = ["status", "reason", "message"].map(|part| format!("{condition}.{part}}}"));
        let path = format!("jsonpath={{.status.phase}} {}", parts.join(" "));
        fleet.bowline(&["get", "pod", pod, "-o", &path]).ends(0).stdout
    };
    let codes = ".status.initContainerStatuses[*].state.terminated.exitCode";
    let ready = ".status.initContainerStatuses[*].ready";
    comes("Running True", || initialised("init-always"));
    assert_eq!(fields(fleet, "init-always", &[codes, ready]), "0 0 true true");
    fleet.holds(42, "init-container-starts-app-restartalways-pod");
    comes("Succeeded True", || initialised("init-never"));
    assert_eq!(fields(fleet, "init-never", &[codes, ready]), "0 0 true true");
    fleet.holds(43, "init-container-starts-app-restartnever-pod");
    let words = "Failed False ContainersNotInitialized containers with incomplete status: [second]";
    comes(words, || initialised("init-fails-never"));
    let app = ".status.containerStatuses[0].state.waiting.reason";
    assert_eq!(fields(fleet, "init-fails-never", &[codes, app]), "0 1 PodInitializing");
    fleet.holds(44, "init-container-fails-stops-app-restartnever-pod");
    comes("again", || {
        let count = ".status.initContainerStatuses[0].restartCount";
        let count = fields(fleet, "init-fails-always", &[count]);
        if count.parse().is_ok_and(|count: u32| count >= 2) { "again".to_owned() } else { count }
    });
    let words =
        "Pending False ContainersNotInitialized containers with incomplete status: [first second]";
    assert_eq!(initialised("init-fails-always"), words);
    let second = ".status.initContainerStatuses[1].state.waiting.reason";
    let seen = fields(fleet, "init-fails-always", &[second, app]);
    assert_eq!(seen, "PodInitializing PodInitializing");
    fleet.holds(45, "init-container-fails-stops-app-restartalways-pod");
}

pub(super) fn users(fleet: &Fleet) {
    assert_eq!(says(fleet, "user"), "65534");
    fleet.holds(69, "Security Context, runAsUser=65534");
    assert_eq!(says(fleet, "group-of-container"), "1001 2002");
    fleet.holds(70, "Security Context, test RunAsGroup at container level");
    assert_eq!(says(fleet, "group-of-pod"), "1001 2002");
    fleet.holds(71, "Security Context, test RunAsGroup at pod level");
}

pub(super) fn hosts_files(fleet: &Fleet) {
    let managed = |pod: &str, container: &str| {
        let look = "head -n 1 /etc/hosts | grep -x '# Kubernetes-managed hosts file.'; \
                    cmp -s /etc/hosts /etc/hosts-original && echo as the host has it; true";
        comes("Running", || fields(fleet, pod, &[".status.phase"]));
        fleet.exec(pod, container, look).ends(0).stdout.trim().to_owned()
    };
    assert_eq!(managed("hosts", "one"), "# Kubernetes-managed hosts file.");
    assert_eq!(managed("hosts", "two"), "# Kubernetes-managed hosts file.");
    assert_eq!(managed("hosts", "own"), "as the host has it");
    let on_the_host = managed("hosts-of-host", "one");
    assert!(!on_the_host.contains("Kubernetes-managed"), "{on_the_host}");
    fleet.holds(50, "Kubelet, managed etc hosts");
}

/// The first run fails, the second ends well, the third goes on.
pub(super) fn restarts(fleet: &Fleet) {
    let state = ".status.containerStatuses[0]";
    let ready = "{.status.conditions[?(@.type==\"Ready\")].status}";
    let seen = |pod: &str| {
        let path = format!(
            "jsonpath={{.status.phase}} {{{state}.restartCount}} {ready} {{{state}.state}}"
        );
        let text = fleet.bowline(&["get", "pod", pod, "-o", &path]).ends(0).stdout;
        // Of the state, its name.
        text.split([':', '{']).take(2).collect::<String>().replace('"', "")
    };
    comes("Running 2 True running", || seen("again-always"));
    comes("Succeeded 1 False terminated", || seen("again-on-failure"));
    comes("Failed 0 False terminated", || seen("again-never"));
    fleet.holds(34, "Container Runtime, Restart Policy, Pod Phases");
    for pod in ["again-always", "again-on-failure", "again-never"] {
        fleet.bowline(&["delete", "pod", pod, "--auto-approve"]).ends(0);
    }
}
