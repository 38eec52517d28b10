//! What pods are allowed, given and called: security contexts, namespaces of the host, resources, names. One lab for all.

mod identity;
mod resources;

use std::fmt::Write as _;

use bowline::lab::Release;

use crate::fleet::Fleet;
use crate::trial::{releases, runnable};

/// A look at a real container: the rows of the table that it shows, and what must be seen.
pub(super) struct Look {
    pub(super) row: &'static str,
    pub(super) pod: &'static str,
    /// What is run in the container, by `sh -c`.
    pub(super) asks: &'static str,
    /// Every line of it.
    pub(super) sees: &'static [&'static str],
}

/// A pod of one container `c` on the first host: what its specification and its container say besides.
fn pod(name: &str, spec: &str, container: &str) -> String {
    let mut text = format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n");
    text.push_str("  nodeName: node-1\n  terminationGracePeriodSeconds: 0\n");
    for line in spec.lines() {
        let _ = writeln!(text, "  {line}");
    }
    text.push_str("  containers:\n  - name: c\n    image: busybox:1.36\n");
    text.push_str("    command: [sleep, '100000']\n");
    for line in container.lines() {
        let _ = writeln!(text, "    {line}");
    }
    text.push_str("---\n");
    text
}

#[test]
fn what_pods_are_allowed_given_and_called() {
    if !runnable() {
        return;
    }
    for release in releases(Release::Trixie) {
        look_at(&Fleet::release("ps", 62, 2, release));
    }
}

fn look_at(fleet: &Fleet) {
    // What `hostUsers: false` needs of a host, and a profile such as an administrator puts there.
    fleet.on("node-1", "echo containers:100000:1000000 | tee /etc/subuid >/etc/subgid");
    let profile = r#"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}"#;
    let place = "/var/lib/kubelet/seccomp/profiles";
    fleet.on(
        "node-1",
        &format!("mkdir -p {place} && printf '%s' '{profile}' >{place}/no-mkdir.json"),
    );
    let all = [contexts(), namespaces(), resources::pods(), identity::pods()].concat();
    let manifest = fleet.write("pods.yaml", &all);
    fleet.bowline(&["apply", "-f", &manifest, "--auto-approve"]).ends(0);
    look(fleet, &all_looks());
    fleet.holds(48, "Kubelet, pod with read only root file system");
    fleet.holds(49, "Kubelet, hostAliases");
    fleet.holds(72, "Security Context, allowPrivilegeEscalation=false.");
    fleet.holds(73, "Sysctl, test sysctls");
    fleet.holds(78, "DNS, cluster (/etc/hosts entries)");
    fleet.holds(84, "DNS, custom dnsConfig");
    refused_before_they_run(fleet);
    of_the_host(fleet);
    resources::beyond_containers(fleet);
    identity::from_outside(fleet);
    fleet.bowline(&["plan", "-f", &manifest, "--detailed-exitcode"]).ends(0);
    fleet.bowline(&["destroy", "--auto-approve"]).ends(0);
    assert_eq!(fleet.on("node-1", "podman pod ps -q; podman ps -aq").trim(), "");
}

fn all_looks() -> Vec<&'static Look> {
    [CONTEXTS, NAMESPACES, resources::LOOKS, identity::LOOKS].into_iter().flatten().collect()
}

/// All looks by one command, and every one that sees something else.
fn look(fleet: &Fleet, looks: &[&Look]) {
    let mut line = String::new();
    for Look { pod, asks, .. } in looks {
        let _ = write!(
            line,
            "podman exec lab_default_{pod}_c sh -c 'exec 2>&1; {asks}'; echo; echo ====; "
        );
    }
    let seen = fleet.on("node-1", &line);
    let mut differ = String::new();
    for (Look { row, pod, sees, .. }, seen) in looks.iter().zip(seen.split("====")) {
        let seen = seen.lines().map(str::trim).filter(|line| !line.is_empty());
        let seen: Vec<&str> = seen.collect();
        if seen != *sees {
            let _ = writeln!(differ, "{row}: {pod}: {seen:?}, not {sees:?}");
        }
    }
    assert!(differ.is_empty(), "{differ}");
}

fn contexts() -> String {
    let context = |text: &str| format!("securityContext: {text}");
    [
        pod("plain", "", ""),
        pod(
            "user",
            &context("{runAsUser: 1000, runAsGroup: 500, runAsNonRoot: true, supplementalGroups: [700, 701], fsGroup: 800}"),
            "",
        ),
        pod("owned", &context("{runAsUser: 1000, fsGroup: 800}"), "volumeMounts: [{name: v, mountPath: /v}]").replace("  containers:", "  volumes: [{name: v, emptyDir: {}}]\n  containers:"),
        pod("own-user", &context("{runAsUser: 1000, runAsGroup: 500}"), &context("{runAsUser: 2000, runAsGroup: 600, runAsNonRoot: true}")),
        pod("group", "", &context("{runAsGroup: 600}")),
        pod("caps", "", &context("{capabilities: {add: [NET_ADMIN], drop: [ALL]}}")),
        pod("caps-less", "", &context("{capabilities: {drop: [CHOWN]}}")),
        pod("privileged", "", &context("{privileged: true}")),
        pod("no-more", "", &context("{allowPrivilegeEscalation: false}")),
        pod("read-only", "", &context("{readOnlyRootFilesystem: true}")),
        pod("unconfined", "", &context("{seccompProfile: {type: Unconfined}, appArmorProfile: {type: Unconfined}, seLinuxOptions: {level: s0}}")),
        pod("default-profile", &context("{seccompProfile: {type: Unconfined}}"), &context("{seccompProfile: {type: RuntimeDefault}}")),
        pod("profile", &context("{seccompProfile: {type: Localhost, localhostProfile: profiles/no-mkdir.json}}"), ""),
        pod("sysctls", &context("{sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: '77'}, {name: kernel/shm_rmid_forced, value: '1'}]}"), ""),
        pod("unmasked", "hostUsers: false", &context("{procMount: Unmasked}")),
    ]
    .concat()
}

/// Capability sets are bits, from the least: `CHOWN` is the first, `NET_ADMIN` the thirteenth.
const CONTEXTS: &[Look] = &[
    Look {
        row: "securityContext.runAsUser, runAsGroup, supplementalGroups, fsGroup of the pod",
        pod: "user",
        asks: "grep -E \"^(Uid|Gid|Groups)\" /proc/1/status | tr -s \"[:space:]\" \" \"; echo",
        sees: &["Uid: 1000 1000 1000 1000 Gid: 500 500 500 500 Groups: 500 700 701 800"],
    },
    Look {
        row: "securityContext.runAsUser and runAsGroup of the container",
        pod: "own-user",
        asks: "id -u; id -g",
        sees: &["2000", "600"],
    },
    Look {
        row: "securityContext.runAsGroup alone: the image's user in it",
        pod: "group",
        asks: "id -u; id -g",
        sees: &["0", "600"],
    },
    Look {
        row: "securityContext.fsGroup: a volume is its group's, and what is made there",
        pod: "owned",
        asks: "touch /v/a; stat -c %g:%a /v; stat -c %g /v/a",
        sees: &["800:2777", "800"],
    },
    Look {
        row: "securityContext.capabilities",
        pod: "caps",
        asks: "grep CapEff /proc/1/status | cut -f2",
        sees: &["0000000000001000"],
    },
    Look {
        row: "securityContext.capabilities.drop",
        pod: "caps-less",
        asks: "grep CapEff /proc/1/status | cut -f2",
        sees: &["00000000800405fa"],
    },
    Look {
        row: "securityContext.privileged",
        pod: "privileged",
        asks: "mkdir /m; mount -t tmpfs none /m && grep -c \" /m \" /proc/mounts",
        sees: &["1"],
    },
    Look {
        row: "securityContext.allowPrivilegeEscalation",
        pod: "no-more",
        asks: "grep NoNewPrivs /proc/1/status | cut -f2",
        sees: &["1"],
    },
    Look {
        row: "securityContext.allowPrivilegeEscalation when nothing is said",
        pod: "plain",
        asks: "grep NoNewPrivs /proc/1/status | cut -f2",
        sees: &["0"],
    },
    Look {
        row: "securityContext.readOnlyRootFilesystem",
        pod: "read-only",
        asks: "touch /tmp/a; touch /run/a; touch /dev/shm/a && echo shared memory",
        sees: &[
            "touch: /tmp/a: Read-only file system",
            "touch: /run/a: Read-only file system",
            "shared memory",
        ],
    },
    Look {
        row: "securityContext.seccompProfile: Localhost, for the pod",
        pod: "profile",
        asks: "mkdir /tmp/a; touch /tmp/b && echo file",
        sees: &["mkdir: can't create directory '/tmp/a': Operation not permitted", "file"],
    },
    Look {
        row: "securityContext.sysctls",
        pod: "sysctls",
        asks: "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced",
        sees: &["77", "1"],
    },
    Look {
        row: "securityContext.procMount, hostUsers",
        pod: "unmasked",
        asks: "grep -c \" /proc/\" /proc/mounts; tr -s \" \" </proc/self/uid_map; id -u",
        sees: &["0", "0 100000 65536", "0"],
    },
];

fn namespaces() -> String {
    let second = "- name: d\n  image: busybox:1.36\n  command: [sleep, '99999']";
    [
        pod("host-network", "hostNetwork: true\ndnsPolicy: ClusterFirstWithHostNet\nhostAliases: [{ip: 10.9.9.9, hostnames: [foo]}]", "ports: [{containerPort: 8085}]"),
        pod("host-pid", "hostPID: true", ""),
        pod("host-ipc", "hostIPC: true", ""),
        pod("shared", "shareProcessNamespace: true", "").replace("---\n", &format!("  {}\n---\n", second.replace('\n', "\n  "))),
    ]
    .concat()
}

const NAMESPACES: &[Look] = &[
    Look {
        row: "hostNetwork",
        pod: "host-network",
        asks: "hostname; ip -o -4 addr show | grep -c 10.62.0.11/; grep -c foo /etc/hosts",
        sees: &["node-1", "1", "1"],
    },
    Look { row: "hostPID", pod: "host-pid", asks: "cat /proc/1/comm", sees: &["systemd"] },
    Look {
        row: "shareProcessNamespace",
        pod: "shared",
        asks: "cat /proc/1/comm; ps | grep -c [9]9999",
        sees: &["catatonit", "1"],
    },
    Look {
        row: "shareProcessNamespace when nothing is said",
        pod: "plain",
        asks: "cat /proc/1/comm",
        sees: &["sleep"],
    },
];

/// Filters of system calls, namespaces that only the host can compare, and addresses.
fn of_the_host(fleet: &Fleet) {
    let filters = |pod: &str| {
        let line = format!("podman exec lab_default_{pod}_c grep Seccomp_filters /proc/1/status");
        let text = fleet.on("node-1", &line);
        text.split_whitespace().last().unwrap().parse::<u32>().unwrap()
    };
    let usual = filters("plain");
    assert_eq!(filters("unconfined"), usual - 1, "seccompProfile: Unconfined");
    assert_eq!(filters("default-profile"), usual, "seccompProfile: the container's own");
    assert_eq!(filters("privileged"), usual - 1, "privileged: no filter");
    let ipc = "p=$(podman inspect -f '{{.State.Pid}}' lab_default_host-ipc_c); \
               test $(readlink /proc/$p/ns/ipc) = $(readlink /proc/1/ns/ipc) && echo same";
    assert_eq!(fleet.on("node-1", ipc).trim(), "same", "hostIPC");
    let shown = fleet.bowline(&["get", "pod", "host-network", "-o", "jsonpath={.status.podIP}"]);
    assert_eq!(shown.stdout.trim(), "10.62.0.11", "hostNetwork: {}", shown.all());
}

/// What the kubelet refuses to run is not run, in its words; what the host lacks is said.
fn refused_before_they_run(fleet: &Fleet) {
    let non_root = "securityContext: {runAsNonRoot: true}";
    let app_armor = "securityContext: {appArmorProfile: {type: Localhost, localhostProfile: mine}}";
    for (row, pod, words) in [
        (
            "runAsNonRoot",
            pod("root", non_root, ""),
            "container has runAsNonRoot and image will run as root",
        ),
        (
            "runAsNonRoot",
            pod("root", non_root, "securityContext: {runAsUser: 0}"),
            "container's runAsUser breaks non-root policy",
        ),
        (
            "appArmorProfile",
            pod("root", "", app_armor),
            "apparmor profile \"mine\" specified, but Apparmor is not enabled",
        ),
        (
            "hostPort of two pods",
            pod("root", "hostNetwork: true", "ports: [{containerPort: 8085}]"),
            "didn't have free ports for the requested pod ports",
        ),
    ] {
        let manifest = fleet.write("root.yaml", &pod);
        let ran = fleet.bowline(&["apply", "-f", &manifest, "--auto-approve", "--timeout", "2s"]);
        assert!(ran.exit != 0 && ran.all().contains(words), "{row}: {}", ran.all());
        assert_eq!(
            fleet.on("node-1", "podman ps -aq --filter name=lab_default_root").trim(),
            "",
            "{row}"
        );
        fleet.bowline(&["delete", "pod", "root", "--auto-approve"]).ends(0);
    }
}
