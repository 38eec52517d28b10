//! Devices, huge pages, runtimes: what a pod asks of its host by name. One lab of one host.

use bowline::lab::Release;

use crate::fleet::Fleet;
use crate::trial::{releases, runnable};

mod manifests;

#[test]
fn pods_are_given_what_they_ask_for_by_name() {
    if !runnable() {
        return;
    }
    for release in releases(Release::Trixie) {
        look_at(&Fleet::release("pd", 73, 1, release));
    }
}

/// Where the kernel keeps how many huge pages there are.
const PAGES: &str = "/proc/sys/vm/nr_hugepages";

fn look_at(fleet: &Fleet) {
    prepare(fleet);
    let before: u64 = fleet.on("node-1", &format!("cat {PAGES}")).trim().parse().unwrap();
    let with_pages = format!("{} >{PAGES} && cat {PAGES}", format_args!("echo {}", before + 2));
    let pages: u64 = fleet.on("node-1", &with_pages).trim().parse().unwrap();
    let mut all = manifests::PODS.to_owned();
    if pages >= 2 {
        all.push_str(manifests::PAGES);
    } else {
        eprintln!("\n*** no huge pages on this machine: they are not looked at ***\n");
    }
    let manifest = fleet.write("pods.yaml", &all);
    fleet.bowline(&["apply", "-f", &manifest, "--auto-approve"]).ends(0);
    described(fleet);
    shared(fleet);
    runtimes(fleet);
    blocks(fleet);
    if pages >= 2 {
        huge(fleet);
    }
    fleet.on("node-1", &format!("echo {before} >{PAGES}"));
    fleet.bowline(&["plan", "-f", &manifest, "--detailed-exitcode"]).ends(0);
    left_waiting(fleet, &all);
    fleet.bowline(&["destroy", "--auto-approve"]).ends(0);
    assert_eq!(fleet.on("node-1", "podman pod ps -q; podman ps -aq").trim(), "");
}

/// What an administrator puts on a host: descriptions of devices, a block device, a runtime of another name.
fn prepare(fleet: &Fleet) {
    let devices = ["one", "two", "three"].map(|name| {
        format!(
            r#"{{"name":"{name}","containerEdits":{{"env":["THING_{name}=1"],"deviceNodes":[{{"path":"/dev/thing-{name}","hostPath":"/dev/null"}}]}}}}"#
        )
    });
    let thing = format!(
        r#"{{"cdiVersion":"0.5.0","kind":"example.org/thing","devices":[{}]}}"#,
        devices.join(",")
    );
    fleet.on("node-1", &format!("mkdir -p /etc/cdi && printf '%s' '{thing}' >/etc/cdi/thing.json"));
    let gpus = ["0", "1"].map(|name| {
        format!(
            r#"{{"name":"{name}","containerEdits":{{"deviceNodes":[{{"path":"/dev/gpu-{name}","hostPath":"/dev/null"}}]}}}}"#
        )
    });
    let gpus = format!(
        r#"{{"cdiVersion":"0.5.0","kind":"nvidia.com/gpu","devices":[{}]}}"#,
        gpus.join(",")
    );
    fleet.on("node-1", &format!("printf '%s' '{gpus}' >/etc/cdi/gpu.json"));
    let other = "cdiVersion: 0.5.0\\nkind: example.org/other\\ndevices:\\n- name: a\\n  containerEdits: {env: [OTHER=a]}\\n";
    fleet.on("node-1", &format!("mkdir -p /run/cdi && printf '{other}' >/run/cdi/other.yaml"));
    fleet.on("node-1", "mknod /dev/disk9 b 7 9");
    let mine = "[engine.runtimes]\\nmine = [\"/usr/sbin/runc\", \"/usr/bin/runc\"]\\n";
    fleet.on(
        "node-1",
        &format!("mkdir -p /etc/containers/containers.conf.d && printf '{mine}' >/etc/containers/containers.conf.d/mine.conf"),
    );
}

/// What a command prints in the first container of a pod, in one line.
fn seen(fleet: &Fleet, pod: &str, line: &str) -> String {
    let text = fleet.on("node-1", &format!("podman exec lab_default_{pod}_c sh -c '{line}'"));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// resources.limits of devices: each is one container's alone, and stays so.
fn described(fleet: &Fleet) {
    let things = "xargs -0 -n1 echo </proc/1/environ | grep -E \"^(THING|OTHER)\" | sort; ls /dev | grep thing";
    assert_eq!(seen(fleet, "first", things), "THING_one=1 THING_three=1 thing-one thing-three");
    assert_eq!(seen(fleet, "second", things), "OTHER=a THING_two=1 thing-two");
    let capacity = "jsonpath={.status.allocatable['example\\.org/thing']}";
    let node = fleet.bowline(&["get", "node", "node-1", "-o", capacity]).ends(0);
    assert_eq!(node.stdout.trim(), "3");
    let shown = fleet.bowline(&["describe", "node", "node-1"]).ends(0).stdout;
    assert!(shown.contains("example.org/thing:  3"), "{shown}");
    assert!(shown.contains("ephemeral-storage:"), "{shown}");
    // A container that is made again has what it had.
    fleet.on("node-1", "podman rm --force --time 0 lab_default_second_c");
    fleet.bowline(&["apply", "--auto-approve"]).ends(0);
    assert_eq!(seen(fleet, "second", things), "OTHER=a THING_two=1 thing-two");
}

/// resources.limits of parts of a GPU: those that fit share one, and the third has the other.
fn shared(fleet: &Fleet) {
    let gpus = |pod: &str| seen(fleet, pod, "ls /dev | grep gpu");
    let (one, other, third) = (gpus("gpu-400"), gpus("gpu-500"), gpus("gpu-600"));
    assert_eq!(one, other, "400 and 500 thousandths are of one device");
    let mut both = [one, third];
    both.sort();
    assert_eq!(both, ["gpu-0", "gpu-1"]);
    // The bindings are lost, and the containers tell what they have.
    let label =
        "podman inspect -f '{{index .Config.Labels \"bowline.devices\"}}' lab_default_gpu-600_c";
    let device = fleet.on("node-1", label);
    assert_eq!(device.trim(), format!("nvidia.com/gpu={}", gpus("gpu-600").replace("gpu-", "")));
}

/// runtimeClassName: another runtime, with and without what Secrets give, and what the class adds.
fn runtimes(fleet: &Fleet) {
    let runtime = |pod: &str| {
        let line = format!("podman inspect -f '{{{{.OCIRuntime}}}}' lab_default_{pod}_c");
        fleet.on("node-1", &line).trim().to_owned()
    };
    assert_eq!(runtime("mine"), "mine");
    assert_eq!(seen(fleet, "mine", "echo $WORD"), "", "it runs");
    assert_eq!(runtime("mine-too"), "/var/lib/bowline/runtime/mine/oci");
    assert_eq!(seen(fleet, "mine-too", "echo $WORD"), "hush");
    let path = fleet.on("node-1", "cat /var/lib/bowline/runtime/mine/path");
    assert!(path.trim().ends_with("bin/runc"), "{path}");
    let overhead = ["get", "pod", "mine", "-o", "jsonpath={.spec.overhead.memory}"];
    assert_eq!(fleet.bowline(&overhead).ends(0).stdout.trim(), "8Mi");
}

/// volumeDevices, volumeMode: Block, of both sources.
fn blocks(fleet: &Fleet) {
    let kind = |path: &str| format!("stat -c \"%F %t:%T\" {path}");
    assert_eq!(seen(fleet, "block", &kind("/dev/xvda")), "block special file 7:9");
    assert_eq!(seen(fleet, "block", &kind("/dev/xvdb")), "block special file 7:9");
}

/// resources.limits of huge pages, emptyDir.medium `HugePages`.
fn huge(fleet: &Fleet) {
    let mounted = seen(fleet, "huge", "grep \" /huge \" /proc/mounts");
    assert!(mounted.contains(" hugetlbfs ") && mounted.contains("pagesize=2M"), "{mounted}");
    let amount = "jsonpath={.status.capacity['hugepages-2Mi']}";
    let node = fleet.bowline(&["get", "node", "node-1", "-o", amount]).ends(0);
    assert!(node.stdout.trim().ends_with("Ki"), "{}", node.all());
}

/// What the host has not, or not any more, is waited for, and said.
fn left_waiting(fleet: &Fleet, all: &str) {
    for (row, pod, words) in [
        ("resources.limits", manifests::THIRD, "Insufficient example.org/thing"),
        ("resources.limits", manifests::PART, "Insufficient bowline/gpu-milli"),
        ("resources.requests", manifests::DISK, "Insufficient ephemeral-storage"),
        ("runtimeClassName", manifests::ABSENT, "absent"),
        ("os", manifests::WINDOWS, "Failed to admit pod as the OS field doesn't match node OS"),
        ("volumeMode", manifests::NO_BLOCK, "volumeMode Block"),
        (
            "volumeDevices",
            manifests::MOUNTED,
            "has volumeMode Block, but is specified in volumeMounts",
        ),
    ] {
        let manifest = fleet.write("waiting.yaml", &format!("{all}{pod}"));
        let ran = fleet.bowline(&["apply", "-f", &manifest, "--auto-approve", "--timeout", "2s"]);
        assert!(ran.exit != 0 && ran.all().contains(words), "{row}: {}", ran.all());
        let there = fleet.on("node-1", "podman ps -q --filter name=lab_default_waiting");
        assert_eq!(there.trim(), "", "{row}");
        fleet.bowline(&["delete", "pod", "waiting", "--auto-approve"]).ends(0);
    }
}
