//! Claims with a limit: the volume is a file system of that size.

use super::Lab;
use crate::look::comes;

const CLAIM: &str = r"
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: sized}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 32Mi}, limits: {storage: 64Mi}}
";

/// On the host of the claim `data`, with a part of the volume, and one more claim of its own.
const POD: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: sized}
spec:
  terminationGracePeriodSeconds: 1
  securityContext: {fsGroup: 4567}
  volumes:
  - {name: near, persistentVolumeClaim: {claimName: data}}
  - {name: v, persistentVolumeClaim: {claimName: sized}}
  - name: own
    ephemeral:
      volumeClaimTemplate:
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 16Mi}, limits: {storage: 16Mi}}}
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, "100000"]
    volumeMounts:
    - {name: v, mountPath: /data}
    - {name: v, mountPath: /part, subPath: a/b}
    - {name: own, mountPath: /own}
"#;

/// How many KiB a file system has, as a container sees it.
fn room(lab: &Lab, path: &str) -> u64 {
    let line = format!("df -k {path} | tail -n 1 | awk '{{print $2}}'");
    lab.sh("sized", &line).parse().unwrap()
}

/// `PersistentVolumeClaim`: resources.limits. Pod: volumes.ephemeral.
pub(super) fn holds_its_size(lab: &Lab) {
    let (claim, pod) = (lab.write("sized.yaml", CLAIM), lab.write("sized-pod.yaml", POD));
    let ran = lab.apply(&[&claim, &pod]).ends(0);
    assert!(ran.stdout.contains("a file system of 64Mi for"), "{}", ran.all());
    let (volume, path, host) = lab.volume("sized");
    assert_eq!(lab.field("pvc", "sized", ".status.capacity.storage"), "64Mi");
    let (size, own) = (room(lab, "/data"), room(lab, "/own"));
    assert!((56 << 10..=64 << 10).contains(&size), "{size} KiB");
    assert!((11 << 10..=16 << 10).contains(&own), "{own} KiB");
    assert_eq!(lab.sh("sized", "ls -A /data; stat -c '%g %A' /data"), "a\n4567 drwxrwsrwx");
    let full = lab.sh("sized", "dd if=/dev/zero of=/data/full bs=1M count=80 2>&1; true");
    assert!(full.contains("No space left on device"), "{full}");
    let written: u64 = lab.sh("sized", "stat -c %s /data/full").parse().unwrap();
    assert!((50 << 20..64 << 20).contains(&written), "{written} bytes");
    // The host has what was written, not what may be; and it has it back.
    lab.sh("sized", "rm /data/full; sync; echo kept >/data/file; echo part >/part/file");
    let file = format!("{path}.img");
    comes("small", || {
        lab.on(&host, &format!("sync; [ $(du -k {file} | cut -f1) -lt 20000 ] && echo small; true"))
    });
    assert_eq!(lab.on(&host, &format!("cat {path}/file {path}/a/b/file")), "kept\npart");
    assert!(
        lab.on(&host, &format!("cat /var/lib/bowline/claimed/{volume}")).contains("size 67108864")
    );
    lab.apply(&[&claim, &pod]).ends(0);
}

/// After a reboot, with nobody there but the host.
pub(super) fn is_back(lab: &Lab) {
    comes("kept part", || {
        let ran = lab.fleet.bowline(&["exec", "sized", "--", "cat", "/data/file", "/part/file"]);
        ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    let (_, path, host) = lab.volume("sized");
    assert_eq!(lab.on(&host, &format!("grep -c ' {path} ext4 ' /proc/mounts")), "1");
    assert!(room(lab, "/data") < 64 << 10);
}

/// It grows under its pod where the host's root may, and else once the pod is gone; it never shrinks.
pub(super) fn grows(lab: &Lab) {
    let (claim, pod) = (lab.write("sized.yaml", CLAIM), lab.write("sized-pod.yaml", POD));
    let (_, _, host) = lab.volume("sized");
    let limit = |size: &str| {
        lab.write("sized.yaml", &CLAIM.replace("{storage: 64Mi}", &format!("{{storage: {size}}}")));
        lab.apply(&[&claim])
    };
    for (size, says) in [
        ("48Mi", "field can not be less than previous value"),
        ("16Mi", "is more than the limit of 16Mi"),
    ] {
        let ran = limit(size);
        assert!(ran.exit != 0 && ran.all().contains(says), "{}", ran.all());
    }
    let ran = limit("128Mi");
    assert!(ran.stdout.contains("grows to 128Mi"), "{}", ran.all());
    let rights = lab.on(&host, "grep CapEff: /proc/self/status | cut -f2");
    let may = u64::from_str_radix(&rights, 16).unwrap() >> 24 & 1 == 1;
    assert_eq!(ran.exit == 0, may, "{}", ran.all());
    if !may {
        assert!(ran.all().contains("it grows when no pod has it any more"), "{}", ran.all());
        assert_eq!(lab.sh("sized", "cat /data/file"), "kept");
        lab.fleet.bowline(&["delete", "pod", "sized", "--auto-approve"]);
        lab.apply(&[&claim]).ends(0);
        lab.apply(&[&pod]).ends(0);
    }
    assert!(room(lab, "/data") > 112 << 10);
    assert_eq!(lab.sh("sized", "cat /data/file /part/file"), "kept\npart");
    lab.apply(&[&claim, &pod]).ends(0);
}

/// What was made goes with its claim: the mount, the file and the directory.
pub(super) fn goes(lab: &Lab) {
    let (volume, path, host) = lab.volume("sized");
    let (own, own_path, _) = lab.volume("sized-own");
    let gone = format!(
        "ls -d {path}* {own_path}* 2>/dev/null; grep -e {volume} -e {own} /proc/mounts; true"
    );
    assert_ne!(lab.on(&host, &gone), "");
    lab.fleet.bowline(&["delete", "pod", "sized", "--auto-approve"]).ends(0);
    lab.fleet.bowline(&["delete", "pvc", "sized", "--auto-approve"]).ends(0);
    assert_eq!(lab.on(&host, &gone), "");
    assert_eq!(lab.on(&host, &format!("losetup -a | grep -e {volume} -e {own}; true")), "");
}
