//! Claims and the volumes that they get, as containers and disks show them. Each look names the rows of
//! `docs/kubernetes-support.md` that it shows.

use bowline::lab::{Flavour, Release};

use crate::fleet::{Fleet, Ran};
use crate::look::comes;
use crate::trial::{Trial, releases, runnable};

mod manifests;
mod sized;

use manifests::{CLASSES, GROWN, GROWN_TOO_FAR, NFS, PODS, STATIC, SWAPPED, WAITING};

#[test]
fn claims_get_their_volumes() {
    if !runnable() {
        return;
    }
    for release in releases(Release::Trixie) {
        println!("{release:?}");
        let trial = Trial::new("pc", 66, Flavour::Systemd, release);
        let lab = Lab { fleet: Fleet::of(trial, 2) };
        for node in ["node-1", "node-2"] {
            lab.on(
                node,
                "mkdir -p /srv/disk /srv/large /srv/path; echo from-$(hostname) >/srv/disk/host",
            );
            lab.on(node, FAKE_NFS);
        }
        let classes = lab.write("classes.yaml", CLASSES);
        let statics = lab.write("static.yaml", STATIC);
        let pods = lab.write("pods.yaml", PODS);
        lab.apply(&[&classes, &statics, &pods]).ends(0);
        let again = lab.apply(&[&classes, &statics, &pods]).ends(0);
        assert!(again.stdout.contains("Nothing to do"), "{}", again.all());
        made_volumes(&lab);
        static_volumes(&lab);
        groups_and_parts(&lab);
        shared_by_nfs(&lab);
        data_outlive_their_pods(&lab, &pods);
        claims_grow(&lab, &classes);
        sized::holds_its_size(&lab);
        what_waits_says_why(&lab);
        a_reboot_changes_nothing(&lab);
        sized::grows(&lab);
        sized::goes(&lab);
        volumes_go_or_stay(&lab, &pods);
        everything_goes(&lab);
    }
}

/// The lab's kernel has no NFS: this stands for mount.nfs, and says what it was asked for.
const FAKE_NFS: &str = r#"printf '#!/bin/sh\necho "$@" >>/root/nfs\nmkdir -p "${1#*:}"\nexec mount --bind "${1#*:}" "$2"\n' >/sbin/mount.nfs; chmod +x /sbin/mount.nfs"#;

/// The hosts, and ways to look at what is on them.
struct Lab {
    fleet: Fleet,
}

impl Lab {
    fn write(&self, name: &str, text: &str) -> String {
        self.fleet.write(name, text)
    }

    fn apply(&self, files: &[&str]) -> Ran {
        self.fleet.apply(files)
    }

    /// Runs a line of shell in the only container of a pod.
    fn sh(&self, pod: &str, line: &str) -> String {
        let ran = self.fleet.bowline(&["exec", pod, "--", "sh", "-c", line]);
        assert_eq!(ran.exit, 0, "{pod}: {line}: {}", ran.all());
        ran.stdout.trim_end().to_owned()
    }

    fn on(&self, node: &str, line: &str) -> String {
        self.fleet.on(node, line).trim_end().to_owned()
    }

    fn field(&self, kind: &str, name: &str, path: &str) -> String {
        self.fleet.field(kind, name, path)
    }

    fn host(&self, pod: &str) -> String {
        self.field("pod", pod, ".spec.nodeName")
    }

    /// The volume of a claim, its directory and its host.
    fn volume(&self, claim: &str) -> (String, String, String) {
        let volume = self.field("pvc", claim, ".spec.volumeName");
        let path = self.field("pv", &volume, ".spec.local.path");
        let term = ".spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]";
        let host = self.field("pv", &volume, term);
        (volume, path, host)
    }

    fn describe(&self, kind: &str, name: &str) -> String {
        self.fleet.bowline(&["describe", kind, name]).ends(0).stdout
    }
}

// Pod: volumes.persistentVolumeClaim (claimName, readOnly), volumes.ephemeral.
// PersistentVolumeClaim: accessModes, resources, storageClassName, volumeMode.
// PersistentVolume: accessModes, capacity, claimRef, local, nodeAffinity, persistentVolumeReclaimPolicy, storageClassName.
// StorageClass: allowedTopologies, parameters, provisioner, reclaimPolicy, volumeBindingMode.
fn made_volumes(lab: &Lab) {
    let (volume, path, host) = lab.volume("data");
    assert_eq!(path, format!("/var/lib/bowline/volumes/{volume}"));
    assert_eq!(lab.host("reader"), host, "the second pod goes to the first one's host");
    assert_eq!(lab.host("reader-2"), host);
    lab.sh("deploy/writer", "echo written >/data/file");
    assert_eq!(
        lab.sh("reader", "cat /data/file; touch /data/x 2>/dev/null || echo refused"),
        "written\nrefused"
    );
    assert_eq!(lab.on(&host, &format!("cat {path}/file")), "written");
    let other = if host == "node-1" { "node-2" } else { "node-1" };
    assert!(lab.on(other, &format!("ls -d {path} 2>&1; true")).contains("No such"));

    let claim = lab.fleet.bowline(&["get", "pvc", "data", "--no-headers"]).stdout;
    let cells: Vec<&str> = claim.split_whitespace().take(6).collect();
    assert_eq!(cells, ["data", "Bound", &volume, "1Gi", "RWO", "bowline.local"], "{claim}");
    let shown = lab.fleet.bowline(&["get", "pv", &volume, "--no-headers"]).stdout;
    let cells: Vec<&str> = shown.split_whitespace().take(7).collect();
    assert_eq!(
        cells,
        [&volume, "1Gi", "RWO", "Delete", "Bound", "default/data", "bowline.local"],
        "{shown}"
    );
    assert!(
        lab.describe("pvc", "data").contains("Used By:       reader"),
        "{}",
        lab.describe("pvc", "data")
    );
    assert!(lab.describe("pv", &volume).contains(&format!("kubernetes.io/hostname in [{host}]")));
    assert!(lab.fleet.bowline(&["get", "sc"]).stdout.contains("bowline.local (default)"));

    // Immediate: there before any pod, on the host that the class allows.
    let (instant, _, host) = lab.volume("instant");
    assert_eq!((host.as_str(), lab.host("late").as_str()), ("node-2", "node-2"));
    assert_eq!(lab.on("node-2", &format!("stat -c %a /var/lib/bowline/volumes/{instant}")), "777");
    // The class says where on the host.
    let (kept, path, host) = lab.volume("kept");
    assert_eq!(path, format!("/srv/kept/{kept}"));
    lab.sh("keeper", "echo keep >/data/file");
    assert_eq!(lab.on(&host, &format!("cat {path}/file")), "keep");
    assert_eq!(lab.field("pv", &kept, ".spec.persistentVolumeReclaimPolicy"), "Retain");

    let (_, path, host) = lab.volume("brief-scratch");
    lab.sh("brief", "echo brief >/scratch/file");
    assert_eq!(lab.on(&host, &format!("cat {path}/file")), "brief");
    assert_eq!(lab.field("pvc", "brief-scratch", ".metadata.ownerReferences[0].name"), "brief");
}

// PersistentVolumeClaim: selector, volumeName, resources (smallest fit), accessModes.
// PersistentVolume: hostPath, local, nodeAffinity, claimRef, capacity.
fn static_volumes(lab: &Lab) {
    let volume = |claim: &str| lab.field("pvc", claim, ".spec.volumeName");
    assert_eq!(volume("smallest"), "disk-2");
    assert_eq!(volume("selected"), "disk-large");
    assert_eq!(volume("named"), "disk-named");
    assert_eq!(volume("foreseen"), "disk-foreseen");
    assert_eq!(volume("many"), "disk-many");
    assert_eq!(volume("local"), "disk-local");
    assert_eq!(lab.host("on-disk"), "node-2");
    assert_eq!(lab.sh("on-disk", "cat /data/host"), "from-node-2");
    assert_eq!(lab.sh("static", "echo it >/named/it; cat /named/it"), "it");
    let host = lab.host("static");
    assert_eq!(
        lab.on(&host, "cat /srv/path/it; ls -d /srv/large /srv/path/made"),
        "it\n/srv/large\n/srv/path/made"
    );
    assert_eq!(lab.field("pv", "disk-spare", ".status.phase"), "Available");
    assert_eq!(lab.field("pv", "disk-2", ".status.phase"), "Bound");
}

// securityContext.fsGroup, securityContext.fsGroupChangePolicy, volumeMounts.subPath on a claim
fn groups_and_parts(lab: &Lab) {
    let seen = lab.sh(
        "grouped",
        "stat -c '%g %A' /data; echo x >/data/new; stat -c %g /data/new; ls /part; id -G",
    );
    assert!(seen.starts_with("2345 drwxrwsrwx\n2345\n"), "{seen}");
    assert!(seen.contains("2345"), "{seen}");
    let (_, path, host) = lab.volume("grouped");
    lab.sh("grouped", "echo part >/part/in");
    assert_eq!(lab.on(&host, &format!("cat {path}/a/b/in")), "part");
    // Made for a group that the directory has already: what is in it is left alone.
    lab.on(&host, &format!("chgrp 77 {path}/new"));
    let pod = lab.write("swapped.yaml", SWAPPED);
    lab.apply(&[&pod]).ends(0);
    assert_eq!(lab.sh("grouped", "stat -c %g /data/new"), "77");
}

// Pod: volumes.nfs. PersistentVolume: nfs, mountOptions; accessModes ReadWriteMany.
fn shared_by_nfs(lab: &Lab) {
    let pods = lab.write("nfs.yaml", NFS);
    lab.apply(&[&pods]).ends(0);
    assert_eq!((lab.host("nfs-1").as_str(), lab.host("nfs-2").as_str()), ("node-1", "node-2"));
    let own = lab.sh(
        "nfs-1",
        "echo shared >/data/file; cat /own/file; touch /own/x 2>/dev/null || echo refused",
    );
    assert_eq!(own, "shared\nrefused");
    for node in ["node-1", "node-2"] {
        let asked = lab.on(node, "cat /root/nfs");
        assert!(asked.contains("files.example:/srv/exports /run/bowline/pods/"), "{asked}");
        assert!(asked.contains("nfsvers=4.2,hard"), "{asked}");
    }
    assert_eq!(lab.on("node-1", "cat /srv/exports/file"), "shared");
    for pod in ["nfs-1", "nfs-2"] {
        lab.fleet.bowline(&["delete", "pod", pod, "--auto-approve"]).ends(0);
    }
    assert_eq!(
        lab.on("node-1", "cat /srv/exports/file; grep -c /volumes/nfs /proc/mounts; true"),
        "shared\n0"
    );
}

/// A pod that takes another's place finds the data, on the same host.
fn data_outlive_their_pods(lab: &Lab, pods: &str) {
    let (_, _, host) = lab.volume("data");
    let before = lab.sh("deploy/writer", "hostname");
    let changed = PODS.replace("value: one", "value: two");
    assert_ne!(changed, PODS);
    lab.write("pods.yaml", &changed);
    let ran = lab.apply(&[pods]).ends(0);
    assert!(!ran.stdout.contains("Volume"), "{}", ran.all());
    let find = || {
        let all = lab.fleet.bowline(&["get", "pods", "-l", "app=writer", "-o", "name"]).stdout;
        all.trim().trim_start_matches("pod/").to_owned()
    };
    assert_ne!(find(), before);
    assert_eq!(lab.host(&find()), host);
    assert_eq!(lab.sh("deploy/writer", "echo $VERSION; cat /data/file"), "two\nwritten");
    assert_eq!(lab.sh("reader", "cat /data/file"), "written");
}

// PersistentVolumeClaim: resources that grow. StorageClass: allowVolumeExpansion.
fn claims_grow(lab: &Lab, classes: &str) {
    lab.write("classes.yaml", &CLASSES.replace(GROWN.0, GROWN.1));
    lab.apply(&[classes]).ends(0);
    assert_eq!(lab.field("pvc", "kept", ".status.capacity.storage"), "3Gi");
    let (volume, ..) = lab.volume("kept");
    assert_eq!(lab.field("pv", &volume, ".spec.capacity.storage"), "3Gi");
    let too_far = CLASSES.replace(GROWN.0, GROWN.1).replace(GROWN_TOO_FAR.0, GROWN_TOO_FAR.1);
    lab.write("classes.yaml", &too_far);
    let ran = lab.apply(&[classes]);
    assert!(ran.all().contains("only dynamically provisioned pvc can be resized"), "{}", ran.all());
}

// accessModes: ReadWriteOncePod; volumeMode: Block; storageClassName: ""; nodeAffinity
fn what_waits_says_why(lab: &Lab) {
    let pods = lab.write("waiting.yaml", WAITING);
    let ran = lab.apply(&[&pods]);
    assert_ne!(ran.exit, 0);
    let says = |pod: &str, words: &str| {
        let text = lab.describe("pod", pod);
        assert!(text.contains("FailedScheduling") && text.contains(words), "{pod}: {text}");
        assert_eq!(lab.field("pod", pod, ".status.phase"), "Pending");
    };
    says("unfound", "0/2 nodes are available: persistentvolumeclaim \"nobodys\" not found.");
    says("unbound", "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.");
    says("elsewhere", "1 node(s) had volume node affinity conflict");
    says(
        "second",
        "2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode",
    );
    says("nowhere", "2 node(s) didn't find available persistent volumes to bind");
    says("raw", "volumeMode Block: a volume here is a directory, not a device");
    assert_eq!(lab.sh("first", "echo up"), "up");
    assert!(
        lab.describe("pvc", "idle")
            .contains("waiting for first consumer to be created before binding")
    );
    assert_eq!(lab.field("pvc", "idle", ".status.phase"), "Pending");
    // The one goes, the other comes.
    lab.fleet.bowline(&["delete", "pod", "first", "--auto-approve"]);
    comes("Running", || lab.field("pod", "second", ".status.phase"));
    lab.fleet.bowline(&["delete", "-f", &pods, "--auto-approve", "--ignore-not-found"]).ends(0);
}

fn a_reboot_changes_nothing(lab: &Lab) {
    let (_, _, host) = lab.volume("data");
    lab.fleet.cut(&host);
    lab.fleet.power_on(&host);
    comes("written", || {
        let ran = lab.fleet.bowline(&["exec", "reader", "--", "cat", "/data/file"]);
        ran.stdout
    });
    sized::is_back(lab);
    // What is mounted in parts waits for who prepares the mounts, as after every reboot.
    lab.fleet.bowline(&["apply", "--auto-approve"]).ends(0);
    assert_eq!(lab.sh("grouped", "cat /part/in"), "part");
    comes("0", || lab.fleet.bowline(&["plan", "--detailed-exitcode"]).exit.to_string());
}

// persistentVolumeReclaimPolicy; reclaimPolicy
fn volumes_go_or_stay(lab: &Lab, pods: &str) {
    let (data, path, host) = lab.volume("data");
    let (kept, kept_path, kept_host) = lab.volume("kept");
    // A person changes the policy of one volume.
    let (saved, saved_path, saved_host) = lab.volume("instant");
    let retain = r#"{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}"#;
    lab.fleet.bowline(&["patch", "pv", &saved, "-p", retain, "--auto-approve"]).ends(0);
    // While a pod has it, nothing is deleted.
    let ran = lab.fleet.bowline(&["delete", "pvc", "data", "--auto-approve"]);
    assert!(ran.all().contains("it is let go when pod"), "{}", ran.all());
    assert_eq!(lab.sh("deploy/writer", "cat /data/file"), "written");
    assert_eq!(lab.on(&host, &format!("cat {path}/file")), "written");
    let text =
        lab.fleet.bowline(&["delete", "-f", pods, "--ignore-not-found", "--auto-approve"]).ends(0);
    assert!(text.stdout.contains(&format!("all data in {path} are deleted")), "{}", text.all());
    let left = format!("ls -d {path} 2>/dev/null; ls /var/lib/bowline/claimed; true");
    assert!(!lab.on(&host, &left).contains(&data));
    let gone = lab.fleet.bowline(&["get", "pv", &data]);
    assert_ne!(gone.exit, 0, "{}", gone.all());
    let ran = lab.fleet.bowline(&["delete", "pvc", "instant", "--auto-approve"]).ends(0);
    assert!(ran.stdout.contains("the data stay in"), "{}", ran.all());
    assert_eq!(lab.on(&saved_host, &format!("ls -d {saved_path}")), saved_path);
    lab.fleet.bowline(&["delete", "pv", &saved, "--auto-approve"]).ends(0);
    lab.on(&saved_host, &format!("rmdir {saved_path}"));
    // Gone with its pod.
    assert!(!lab.fleet.bowline(&["get", "pvc"]).stdout.contains("brief-scratch"));
    // Kept, and given to nobody else.
    let ran = lab.fleet.bowline(&["delete", "pvc", "kept", "--auto-approve"]).ends(0);
    assert!(ran.stdout.contains(&format!("the data stay in {kept_path}")), "{}", ran.all());
    assert_eq!(lab.field("pv", &kept, ".status.phase"), "Released");
    assert_eq!(lab.on(&kept_host, &format!("cat {kept_path}/file")), "keep");
    assert_eq!(lab.field("pv", "disk-2", ".status.phase"), "Bound");
    // What people made is not deleted, whatever its policy says.
    lab.fleet.bowline(&["delete", "pvc", "named", "--auto-approve"]).ends(0);
    assert_eq!(lab.field("pv", "disk-named", ".status.phase"), "Failed");
    assert_eq!(lab.on("node-1", "ls -d /srv/path"), "/srv/path");
}

fn everything_goes(lab: &Lab) {
    let (kept, kept_path) = {
        let all = lab.fleet.bowline(&["get", "pv", "--no-headers"]).stdout;
        let line = all.lines().find(|line| line.contains("default/kept")).unwrap_or_default();
        let name = line.split_whitespace().next().unwrap_or_default().to_owned();
        let path = lab.field("pv", &name, ".spec.local.path");
        (name, path)
    };
    lab.fleet.bowline(&["destroy", "--auto-approve"]).ends(0);
    let left = ["node-1", "node-2"]
        .map(|node| lab.on(node, "ls /var/lib/bowline; ls /srv/kept 2>/dev/null; true"));
    assert!(left.iter().any(|left| *left == format!("lock\n{kept}")), "{left:?} {kept_path}");
    assert!(left.iter().any(|left| left == "lock"), "{left:?}");
    lab.fleet.bowline(&["delete", "pv", &kept, "--auto-approve"]).ends(0);
}
