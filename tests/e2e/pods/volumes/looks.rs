//! What the containers see.

use super::Lab;

/// Rows `volumeMounts`, `readOnly`, `subPath`, `subPathExpr`, `recursiveReadOnly`, `mountPropagation`.
pub(super) fn mounts(lab: &Lab) {
    lab.sh("mounts", "echo one >/all/file");
    assert_eq!(lab.sh("mounts", "cat /fixed/file"), "one");
    assert!(lab.fails("mounts", "echo two >/fixed/file").contains("Read-only"));
    lab.sh("mounts", "echo part >/part/x; echo log >/own/y");
    assert_eq!(lab.sh("mounts", "cat /all/a/b/x /all/logs/mounts/y"), "part\nlog");
    assert_eq!(lab.sh("mounts", "cat /etc/app.yaml"), "greeting: hello");
    lab.fleet.holds(77, "VolumeSubpathEnvExpansion, subpath expansion");
    lab.fleet.holds(115, "SubPath: Reading content from a configmap volume.");
    assert!(lab.fails("mounts", "echo x >/etc/settings/other").contains("Read-only"));
    let late = "/srv/tree/late";
    lab.on(&format!("mkdir -p {late} && mount -t tmpfs tmpfs {late} && touch {late}/seen"));
    assert_eq!(
        lab.sh("mounts", "ls /slave/late; ls /shallow/late"),
        "seen",
        "from the host, one way"
    );
    lab.on(&format!("umount {late}"));
    assert!(lab.fails("mounts", "touch /shallow/file").contains("Read-only"));
    assert!(lab.fails("mounts", "touch /deep/file").contains("Read-only"));
    assert!(lab.fails("mounts", "touch /deep/within/file").contains("Read-only"));
    lab.sh("mounts", "touch /shallow/within/file");
}

/// Rows `emptyDir`, `emptyDir.medium`, `emptyDir.sizeLimit`.
pub(super) fn empty_directories(lab: &Lab) {
    assert_eq!(lab.sh("empty", "stat -c %a /disk /memory /limited"), "777\n777\n777");
    let sizes = lab.sh("empty", "df -k /memory /limited | awk '{print $1, $2}' | tail -n +2");
    assert_eq!(sizes, "tmpfs 1024\ntmpfs 65536", "the limit asked for, and the pod's own");
    assert!(
        lab.fails("empty", "dd if=/dev/zero of=/memory/much bs=1M count=2").contains("No space")
    );
    lab.sh("empty", "rm /memory/much; echo shared >/memory/file; echo kept >/disk/file");
    assert_eq!(lab.sh_in("empty", "beside", "cat /there/file"), "shared");
    lab.fleet.holds(106, "EmptyDir, Shared volumes between containers");
    lab.fleet.holds(107, "EmptyDir, medium default, volume mode default");
    lab.fleet.holds(108, "EmptyDir, medium memory, volume mode default");
}

/// Rows `configMap` (`items`, `mode`, `defaultMode`, `optional`, `binaryData`), `downwardAPI`, `projected`, `image`.
pub(super) fn files(lab: &Lab) {
    let seen =
        lab.sh("files", "cd /some; cat deep/in/app.yaml; stat -Lc ' %a' deep/in/app.yaml run");
    assert_eq!(seen, "greeting: hello 440\n 755");
    assert_eq!(lab.sh("files", "ls /none /no-keys; ls /some"), "/no-keys:\n\n/none:\ndeep\nrun");
    assert_eq!(lab.sh("mounts", "od -An -tx1 /etc/settings/raw").trim(), "00 01 02 ff");
    let fields = lab.sh(
        "files",
        "cd /fields; cat labels; echo; cat note; echo; cat memory; echo; stat -Lc %a labels note",
    );
    assert_eq!(fields, "app=\"files\"\ntier=\"back\"\nsay \"hi\"\n32\n444\n400");
    let together = "cd /together; cat config/other; echo; cat name; echo; stat -Lc '%a %n' config/other secret/password name";
    assert_eq!(
        lab.sh("files", together),
        "one\nfiles\n444 config/other\n400 secret/password\n444 name"
    );
    lab.fleet.holds(109, "EmptyDir Wrapper Volume, Secret and ConfigMap volumes, no conflict");
    lab.fleet.holds(110, "Projected Volume, multiple projections");
    assert_eq!(lab.sh("files", "test -x /image/bin/busybox && echo there"), "there");
    assert!(lab.fails("files", "touch /image/x").contains("Read-only"));
}

/// Row `secret`: its modes, in memory alone, and in no trace.
pub(super) fn secrets(lab: &Lab, trace: &str, secret: &str) {
    assert_eq!(
        lab.sh("files", "cat /keys/password; stat -Lc ' %a' /keys/password"),
        format!("{secret} 400")
    );
    assert_eq!(
        lab.sh("files", "cat /one-key/who/am/i; ls /one-key; stat -Lc %a /one-key/who/am/i"),
        "annawho\n440"
    );
    assert_eq!(lab.sh("files", "cat /together/secret/password"), secret);
    assert_eq!(
        lab.sh("files", "df /keys /together | awk '{print $1}' | tail -n +2"),
        "tmpfs\ntmpfs"
    );
    let found = format!(
        "grep -rlsF {secret} / --exclude-dir=proc --exclude-dir=sys --exclude-dir=run; true"
    );
    assert_eq!(lab.on(&found), "", "on the host's disk");
    assert!(!lab.on("podman inspect $(podman ps -q)").contains(secret));
    let trace = std::fs::read_to_string(trace).unwrap();
    assert!(trace.contains("write volume") && !trace.contains(secret));
    assert_eq!(lab.on("stat -c %a /run/bowline/pods"), "700", "no other user of the host reads it");
}

/// Row `hostPath`, with each of its types.
pub(super) fn host_paths(lab: &Lab) {
    lab.sh("paths", "echo a >/made/x; echo b >/file; echo c >/any/y; echo lost >/device");
    assert_eq!(
        lab.on("cat /srv/paths/made/x /srv/file '/srv/a:b/y'; stat -c %a /srv/paths/made"),
        "a\nb\nc\n755"
    );
    assert_eq!(
        lab.sh(
            "paths",
            "test -S /socket && test -c /device && test -s /release && ls -d /there/ssh"
        ),
        "/there/ssh"
    );
    // By the host's root in the container's place, who may mount; whether the container may is not a volume's concern.
    let within = "nsenter -m -t $(podman inspect -f '{{.State.Pid}}' $(podman ps -q --filter name=shares_main))";
    let made = "mkdir /shared/in && mount -t tmpfs tmpfs /shared/in && touch /shared/in/seen";
    lab.on(&format!("{within} sh -c '{made}'"));
    assert_eq!(lab.on("ls /srv/shared/in"), "seen", "from the container, the other way");
    lab.on(&format!("{within} umount /shared/in"));
}

/// What cannot be given is refused in the kubelet's words, and no link leads out of a volume.
pub(super) fn what_is_wrong(lab: &Lab) {
    lab.on("mkdir -p /srv/trap && ln -sfn /etc /srv/trap/out");
    let wrong = lab.fleet.write("wrong.yaml", super::manifests::WRONG);
    let ran = lab.apply(&[&wrong]).ends(3);
    for words in [
        "subPath `out/ssh`: it leads out of the volume",
        "hostPath type check failed: /srv is not a socket file",
        "hostPath type check failed: /dev/null is not a block device",
        "unable to provision SubPath `x/../../..`: must not contain '..'",
    ] {
        assert!(ran.all().contains(words), "{words}: {}", ran.all());
    }
    lab.fleet.bowline(&["delete", "-f", &wrong, "--auto-approve"]).ends(0);
}

/// ConfigMaps and Secrets are written to running pods, all of their files at one moment, and no container is replaced.
pub(super) fn follow(lab: &Lab, apply: &dyn Fn() -> String) {
    let before = lab.fleet.containers();
    let read = "cd /follows; readlink ..data; for n in *; do echo $n $(cat $n); done";
    let old = lab.sh("files", read);
    assert!(old.ends_with("greeting hello\nold gone"), "{old}");
    let plan = apply();
    assert!(
        plan.contains(
            "update in place: volume follows, ConfigMap follows: data.greeting: hello -> goodbye"
        ),
        "{plan}"
    );
    let new = lab.sh("files", read);
    assert!(new.ends_with("greeting goodbye\nnew come"), "{new}");
    assert_ne!(old.lines().next(), new.lines().next(), "one link was turned");
    assert_eq!(
        lab.sh("files", "ls -A /follows | sort"),
        format!("{}\n..data\ngreeting\nnew", new.lines().next().unwrap())
    );
    assert_eq!(lab.fleet.containers(), before, "the same containers run");
    lab.fleet.holds(103, "ConfigMap Volume, update");
}

/// After a power cut: what is on the disk is there, what was in memory is made again, and Secrets come back.
pub(super) fn reboot(lab: &Lab) {
    lab.fleet.cut("node-1");
    lab.fleet.power_on("node-1");
    lab.fleet.bowline(&["apply", "--auto-approve"]).ends(0);
    assert_eq!(lab.sh("files", "cat /keys/password"), "correct-horse");
    assert_eq!(
        lab.sh("empty", "cat /disk/file; ls /memory; df -k /memory | awk '{print $2}' | tail -n 1"),
        "kept\n1024"
    );
    assert_eq!(lab.sh("mounts", "cat /part/x /own/y"), "part\nlog");
}

/// Nothing of the pods stays on the host but what was the host's own.
pub(super) fn gone(lab: &Lab) {
    lab.fleet.bowline(&["destroy", "--auto-approve"]).ends(0);
    let left = "ls /var/lib/bowline/pods /var/lib/bowline/filled /run/bowline/pods /run/bowline/filled 2>/dev/null; \
                grep -E ' /(run|var/lib)/bowline/' /proc/mounts; cat /srv/file";
    assert_eq!(lab.on(left), "b");
}
