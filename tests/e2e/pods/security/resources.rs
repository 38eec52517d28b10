//! What containers may use, as their cgroups say it.

use super::{Look, pod};
use crate::fleet::Fleet;

pub(super) fn pods() -> String {
    let limits = |text: &str| format!("resources: {text}");
    [
        pod(
            "burst",
            "",
            &limits("{requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 250m, memory: 128Mi}}"),
        ),
        pod("sure", "", &limits("{limits: {cpu: 200m, memory: 64Mi}}")),
        pod("whole", "resources: {requests: {cpu: 100m}, limits: {cpu: 500m, memory: 96Mi}}", ""),
        pod(
            "over",
            "overhead: {cpu: 250m, memory: 32Mi}",
            &limits("{limits: {cpu: 250m, memory: 64Mi}}"),
        ),
    ]
    .concat()
}

pub(super) const LOOKS: &[Look] = &[
    Look {
        row: "resources.requests.cpu, resources.limits",
        pod: "burst",
        asks: "cd /sys/fs/cgroup; cat cpu/cpu.shares cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes",
        sees: &["102", "25000", "134217728", "134217728"],
    },
    Look {
        row: "resources when nothing is said; no limit of processes; the first to go",
        pod: "plain",
        asks: "cd /sys/fs/cgroup; cat cpu/cpu.shares cpu/cpu.cfs_quota_us pids/pids.max /proc/1/oom_score_adj",
        sees: &["2", "-1", "4194304", "1000"],
    },
];

/// What holds for a pod as a whole, and what is shown of it.
pub(super) fn beyond_containers(fleet: &Fleet) {
    let of_pod = |pod: &str, file: &str| {
        let line = format!(
            "p=$(podman inspect -f '{{{{.State.CgroupPath}}}}' lab_default_{pod}_c); \
             cat /sys/fs/cgroup/{}$(dirname $p)/{file}",
            file.split_once('.').unwrap().0
        );
        fleet.on("node-1", &line).trim().to_owned()
    };
    for (row, pod, file, value) in [
        ("resources of the pod", "whole", "memory.limit_in_bytes", "100663296"),
        ("resources of the pod", "whole", "cpu.shares", "102"),
        ("overhead", "over", "memory.limit_in_bytes", "100663296"),
        ("overhead", "over", "cpu.shares", "512"),
    ] {
        assert_eq!(of_pod(pod, file), value, "{row}: {pod}: {file}");
    }
    for (pod, class) in [
        ("plain", "BestEffort"),
        ("burst", "Burstable"),
        ("sure", "Guaranteed"),
        ("whole", "Burstable"),
    ] {
        let shown = fleet.bowline(&["get", "pod", pod, "-o", "jsonpath={.status.qosClass}"]);
        assert_eq!(shown.stdout.trim(), class, "status.qosClass: {}", shown.all());
    }
    fleet.holds(53, "Pods, QOS");
    // The less of the host's memory it asks for, the sooner it goes.
    let line = "podman exec lab_default_burst_c cat /proc/1/oom_score_adj";
    let score: u32 = fleet.on("node-1", line).trim().parse().unwrap();
    assert!((900..999).contains(&score), "Burstable: {score}");
}
