//! Steps to scripts, as text to read: every word that a host is told.

use std::fmt::Write as _;

use insta::assert_snapshot;
use jiff::Timestamp;

use super::*;
use crate::inventory::Network;
use crate::model::{Digest, FleetName, Generation, Hidden, ObjectKey, PodKey};
use crate::observed::{Keeper, Role};
use crate::plan::{
    Access, Action, Bridge, BridgeFilter, Clear, ContainerToRun, Escalation, Hook, HostNetwork,
    Input, Ipc, Keeping, KernelFiles, MessageToKeep, MountToMake, Otherwise, PodLimits, PodNetwork,
    PodToRun, Privileges, Processes, Profile, Propagation, PullPolicy, Reach, ResourcesToSet,
    Restart, Root, Sandbox, Step, Users, VolumeToMake, secret_mark,
};

/// A script as text: a block's title and needs, then a line a command, its words as Rust would write the odd ones.
fn shown(blocks: &[Block]) -> String {
    let mut text = String::new();
    for Block { title, needs, commands } in blocks {
        let _ = writeln!(text, "[{title}] needs {needs:?}");
        for command in commands {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@{}".contains(c);
            let word = |word: &String| {
                if !word.is_empty() && word.chars().all(plain) {
                    word.clone()
                } else {
                    format!("{word:?}")
                }
            };
            // Texts of many lines are files beside `lifecycle`.
            let words: Vec<String> = command
                .argv
                .iter()
                .map(
                    |said| if said.lines().count() > 12 { "(text)".to_owned() } else { word(said) },
                )
                .collect();
            let _ = write!(text, "  {}", words.join(" "));
            match &command.stdin {
                Stdin::Empty => {}
                Stdin::Bytes(bytes) => {
                    let said = String::from_utf8_lossy(bytes);
                    if said.lines().count() > 12 {
                        text.push_str(" < (text)");
                    } else {
                        let _ = write!(text, " < {said:?}");
                    }
                }
                Stdin::Hidden(_) => text.push_str(" < (hidden)"),
            }
            if !command.accept.is_empty() {
                let _ = write!(text, "  (or {:?})", command.accept);
            }
            text.push('\n');
        }
    }
    text
}

/// The script of steps on a host, without the claim.
fn script(actions: impl IntoIterator<Item = Action>) -> String {
    let network = Network {
        pod_cidr: "10.100.0.0/16".parse().unwrap(),
        host_prefix: 24,
        service_cidr: "10.96.0.0/16".parse().unwrap(),
    };
    let steps: Vec<Step> = actions
        .into_iter()
        .map(|action| Step { node: "node-1".into(), action, needs: Vec::new() })
        .collect();
    let claim = claim();
    let errand = Errand { fleet: &FleetName::from("lab"), network: &network, claim };
    // Each step needs the one before it.
    let needs = |at: usize| at.checked_sub(1).into_iter().collect();
    let listed: Vec<_> = steps.iter().enumerate().map(|(at, step)| (step, needs(at))).collect();
    shown(&apply_script(&errand, &listed).blocks[1..])
}

fn claim() -> Claim {
    Claim {
        generation: Generation(7),
        holder: "0123abcd".to_owned(),
        who: "anna@laptop".to_owned(),
        now: Timestamp::UNIX_EPOCH,
        serial: 3,
        takeover: Takeover::Refuse,
    }
}

fn container(name: &str) -> ContainerToRun {
    ContainerToRun {
        devices: Vec::new(),
        name: name.to_owned(),
        image: "docker.io/library/nginx:1.14.2".to_owned(),
        command: None,
        args: None,
        env: Vec::new(),
        secrets: Vec::new(),
        working_dir: None,
        mounts: Vec::new(),
        resources: ResourcesToSet {
            cpu_shares: 2,
            cpu_limit_milli: None,
            memory_limit_bytes: None,
            oom_score: None,
        },
        privileges: Privileges::default(),
        input: Input::Closed,
        stop_signal: None,
        role: Role::Main,
        post_start: None,
        pre_stop: None,
        message: MessageToKeep {
            path: "/dev/termination-log".to_owned(),
            otherwise: Otherwise::Nothing,
        },
        probes: Vec::new(),
    }
}

fn pod(containers: Vec<ContainerToRun>) -> PodToRun {
    PodToRun {
        key: PodKey::new("default", "web-1"),
        sandbox: "lab_default_web-1".to_owned(),
        owner: Some(ObjectKey::new("Deployment", "default", "web")),
        digest: Digest::from_label("d1"),
        address: [10, 100, 0, 5].into(),
        hostname: "web-1".to_owned(),
        sandbox_options: Sandbox::default(),
        volume_group: None,
        clear: Clear::Nothing,
        restart: Restart::Always,
        grace_seconds: 30,
        active_seconds: None,
        keeper: Keeper::Podman,
        volumes: std::collections::BTreeMap::new(),
        containers,
    }
}

#[test]
fn a_pod_of_one_container() {
    let pod = pod(vec![container("nginx")]);
    assert_snapshot!(script([Action::CreatePod(Box::new(pod))]), @r#"
    [create pod default/web-1] needs [0]
      sh -c "mkdir -p \"$1\" && cd \"$1\" && shift && for name; do : >\"$name\" && chmod 0666 \"$name\" || exit; done" messages /var/lib/bowline/pods/lab_default_web-1/messages nginx
      sh -c "name=$1 grace=$2; shift 2\nclear() { podman pod rm --force --ignore --time \"$grace\" \"$name\"; }\npodman \"$@\" && exit\nclear\npodman \"$@\" && exit\ncode=$?\nclear\nexit \"$code\"" "podman run" lab_default_web-1 30 run --detach --pod new:lab_default_web-1 --hostname web-1 --network bowline-lab:ip=10.100.0.5 --name lab_default_web-1_nginx --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.owner=Deployment/web --label bowline.digest=d1 --label bowline.generation=7 --label bowline.address=10.100.0.5 --label bowline.container=nginx --restart always --stop-timeout 30 --pull never --log-driver k8s-file --log-opt max-size=10mb --volume /var/lib/bowline/pods/lab_default_web-1/messages/nginx:/dev/termination-log --cpu-shares 2 --pids-limit 4194304 docker.io/library/nginx:1.14.2
    "#);
}

#[test]
fn a_pod_with_everything() {
    let mount = |volume: &str, path: &str, access| MountToMake {
        volume: volume.to_owned(),
        part: None,
        path: path.to_owned(),
        access,
        propagation: Propagation::None,
    };
    let container = ContainerToRun {
        command: Some(vec!["sh".to_owned(), "-c".to_owned()]),
        args: Some(vec!["echo \"$A\"; sleep 9".to_owned()]),
        env: vec![("A".to_owned(), "it's $(one)\nline".to_owned())],
        working_dir: Some("/srv".to_owned()),
        mounts: vec![
            mount("memory", "/cache", Access::ReadOnly),
            mount("scratch", "/tmp", Access::ReadWrite),
        ],
        resources: ResourcesToSet {
            cpu_shares: 2,
            cpu_limit_milli: Some(1250),
            memory_limit_bytes: Some(64 << 20),
            oom_score: Some(983),
        },
        input: Input::Terminal,
        ..container("main")
    };
    let pod = PodToRun {
        owner: None,
        clear: Clear::Sandbox,
        restart: Restart::OnFailure,
        volumes: [
            ("memory".to_owned(), VolumeToMake::Memory { size_bytes: Some(1 << 20) }),
            ("scratch".to_owned(), VolumeToMake::Empty),
        ]
        .into(),
        ..pod(vec![container])
    };
    assert_snapshot!(script([Action::CreatePod(Box::new(pod))]), @r#"
    [create pod default/web-1] needs [0]
      sh -c (text) end-pod lab_default_web-1 30
      sh -c "set -f\ncode=0\nfor directory; do\n  [ -e \"$directory\" ] || continue\n  places=\n  while read -r device place rest; do\n    case $place in \"$directory\"/*) places=\"$place $places\" ;; esac\n  done </proc/self/mounts\n  for place in $places; do umount -l -- \"$(printf %b \"$place\")\"; done\n  rm -rf --one-file-system -- \"$directory\" || code=1\ndone\nexit \"$code\"" "clear volumes" /var/lib/bowline/pods/lab_default_web-1 /var/lib/bowline/filled/lab_default_web-1 /run/bowline/pods/lab_default_web-1 /run/bowline/filled/lab_default_web-1
      sh -c "set -e\numask 077\nmkdir -p -- \"$1\" \"${4%/*}\"\nmountpoint -q -- \"$1\" || mount -t tmpfs -o \"$2\" tmpfs \"$1\"\n[ -z \"$3\" ] || { chgrp -- \"$3\" \"$1\"; chmod g+s -- \"$1\"; }\nprintf '%s\\n' \"$5\" >\"$4\"" "make volume" /run/bowline/pods/lab_default_web-1/volumes/memory mode=0777,size=1048576 "" /run/bowline/filled/lab_default_web-1/memory ea0890697a77af0a
      sh -c "set -e\numask 077\nmkdir -p -- \"$1\"\nchmod 0777 -- \"$1\"\n[ -z \"$2\" ] || { chgrp -- \"$2\" \"$1\"; chmod g+s -- \"$1\"; }" "make volume" /var/lib/bowline/pods/lab_default_web-1/volumes/scratch ""
      sh -c "mkdir -p \"$1\" && cd \"$1\" && shift && for name; do : >\"$name\" && chmod 0666 \"$name\" || exit; done" messages /var/lib/bowline/pods/lab_default_web-1/messages main
      sh -c "name=$1 grace=$2; shift 2\nclear() { podman pod rm --force --ignore --time \"$grace\" \"$name\"; }\npodman \"$@\" && exit\nclear\npodman \"$@\" && exit\ncode=$?\nclear\nexit \"$code\"" "podman run" lab_default_web-1 30 run --detach --pod new:lab_default_web-1 --hostname web-1 --network bowline-lab:ip=10.100.0.5 --name lab_default_web-1_main --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.owner= --label bowline.digest=d1 --label bowline.generation=7 --label bowline.address=10.100.0.5 --label bowline.container=main --restart on-failure --stop-timeout 30 --pull never --log-driver k8s-file --log-opt max-size=10mb --env "A=it's $(one)\nline" --workdir /srv --volume /run/bowline/pods/lab_default_web-1/volumes/memory:/cache:ro --volume /var/lib/bowline/pods/lab_default_web-1/volumes/scratch:/tmp --volume /var/lib/bowline/pods/lab_default_web-1/messages/main:/dev/termination-log --cpu-shares 2 --pids-limit 4194304 --cpu-period 100000 --cpu-quota 125000 --memory 67108864 --memory-swap 67108864 --oom-score-adj 983 --interactive --tty --entrypoint "[\"sh\",\"-c\"]" docker.io/library/nginx:1.14.2 "echo \"$A\"; sleep 9"
    "#);
}

#[test]
fn a_container_that_is_confined() {
    let privileges = Privileges {
        user: None,
        group: Some(500),
        groups: [7, 8].into(),
        root: Root::Forbidden,
        escalation: Escalation::Forbidden,
        add: ["NET_ADMIN".to_owned()].into(),
        drop: ["ALL".to_owned()].into(),
        root_filesystem: Access::ReadOnly,
        seccomp: Profile::Named("/var/lib/kubelet/seccomp/a.json".to_owned()),
        app_armor: Profile::Unconfined,
        se_linux: vec!["type:spc_t".to_owned()],
        kernel_files: KernelFiles::Unmasked,
        ..Privileges::default()
    };
    let container = ContainerToRun { privileges, ..container("main") };
    assert_snapshot!(script([Action::CreatePod(Box::new(pod(vec![container])))]), @r#"
    [create pod default/web-1] needs [0]
      sh -c "image=$1 user=$2 why=\"image will run as root\"\nif [ -n \"$user\" ]; then why=\"container's runAsUser breaks non-root policy\"\nelse user=$(podman image inspect --format '{{.User}}' \"$image\") || exit; user=${user%%:*}; fi\ncase ${user:-0} in\n*[!0-9]*) why=\"image has non-numeric user ($user), cannot verify user is non-root\" ;;\n*[!0]*) exit 0 ;;\nesac\necho \"Error: container has runAsNonRoot and $why\" >&2; exit 1" runAsNonRoot docker.io/library/nginx:1.14.2 ""
      sh -c "mkdir -p \"$1\" && cd \"$1\" && shift && for name; do : >\"$name\" && chmod 0666 \"$name\" || exit; done" messages /var/lib/bowline/pods/lab_default_web-1/messages main
      sh -c "image=$1 word=$2; shift 2\nuser=$(podman image inspect --format '{{.User}}' \"$image\") || exit\nuser=${user%%:*} done=\nfor each; do\nshift\nif [ -z \"$done\" ] && [ \"$each\" = \"$word\" ]; then each=--user=${user:-0}:${word#--user=:} done=1; fi\nset -- \"$@\" \"$each\"\ndone\nexec \"$@\"" "podman run" docker.io/library/nginx:1.14.2 --user=:500 sh -c "name=$1 grace=$2; shift 2\nclear() { podman pod rm --force --ignore --time \"$grace\" \"$name\"; }\npodman \"$@\" && exit\nclear\npodman \"$@\" && exit\ncode=$?\nclear\nexit \"$code\"" "podman run" lab_default_web-1 30 run --detach --pod new:lab_default_web-1 --hostname web-1 --network bowline-lab:ip=10.100.0.5 --name lab_default_web-1_main --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.owner=Deployment/web --label bowline.digest=d1 --label bowline.generation=7 --label bowline.address=10.100.0.5 --label bowline.container=main --restart always --stop-timeout 30 --pull never --log-driver k8s-file --log-opt max-size=10mb --volume /var/lib/bowline/pods/lab_default_web-1/messages/main:/dev/termination-log --user=:500 --group-add 7 --group-add 8 --cap-add NET_ADMIN --cap-drop ALL --security-opt no-new-privileges --security-opt seccomp=/var/lib/kubelet/seccomp/a.json --security-opt apparmor=unconfined --security-opt label=type:spc_t --security-opt unmask=ALL --read-only --read-only-tmpfs=false --tmpfs /dev/shm:rw,nosuid,nodev,noexec,size=65536k --cpu-shares 2 --pids-limit 4194304 docker.io/library/nginx:1.14.2
    "#);
}

#[test]
fn a_pod_that_shares_with_its_host() {
    let privileges =
        Privileges { user: Some(0), reach: Reach::Privileged, ..Privileges::default() };
    let sandbox_options = Sandbox {
        network: PodNetwork::Host,
        processes: Processes::Host,
        ipc: Ipc::Host,
        add_hosts: vec!["foo:1.2.3.4".to_owned()],
        ..Sandbox::default()
    };
    let container = ContainerToRun { privileges, ..container("main") };
    let pod = PodToRun { sandbox_options, ..pod(vec![container]) };
    assert_snapshot!(script([Action::CreatePod(Box::new(pod))]), @r#"
    [create pod default/web-1] needs [0]
      sh -c "mkdir -p \"$1\" && cd \"$1\" && shift && for name; do : >\"$name\" && chmod 0666 \"$name\" || exit; done" messages /var/lib/bowline/pods/lab_default_web-1/messages main
      sh -c "name=$1 grace=$2; shift 2\nclear() { podman pod rm --force --ignore --time \"$grace\" \"$name\"; }\npodman \"$@\" && exit\nclear\npodman \"$@\" && exit\ncode=$?\nclear\nexit \"$code\"" "podman pod create" lab_default_web-1 30 pod create --name lab_default_web-1 --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --network host
      podman run --detach --pod lab_default_web-1 --name lab_default_web-1_main --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.owner=Deployment/web --label bowline.digest=d1 --label bowline.generation=7 --label bowline.address=10.100.0.5 --label bowline.container=main --restart always --stop-timeout 30 --pull never --log-driver k8s-file --log-opt max-size=10mb --volume /var/lib/bowline/pods/lab_default_web-1/messages/main:/dev/termination-log --uts host --add-host foo:1.2.3.4 --pid host --ipc host --user 0 --privileged --cpu-shares 2 --pids-limit 4194304 docker.io/library/nginx:1.14.2
    "#);
}

#[test]
fn a_pod_with_namespaces_of_its_own() {
    let sandbox_options = Sandbox {
        processes: Processes::Shared,
        users: Users::Own,
        sysctls: [("net.core.somaxconn".to_owned(), "77".to_owned())].into(),
        hosts_file: Some("127.0.0.1\tlocalhost\n".to_owned()),
        resolver_file: Some("nameserver 9.9.9.9\n".to_owned()),
        limits: PodLimits {
            cpu_shares: Some(512),
            cpu_milli: Some(1250),
            memory_bytes: Some(64 << 20),
        },
        ..Sandbox::default()
    };
    let own = MountToMake {
        volume: "v".to_owned(),
        part: None,
        path: "/etc/hosts".to_owned(),
        access: Access::ReadWrite,
        propagation: Propagation::None,
    };
    let containers = vec![container("a"), ContainerToRun { mounts: vec![own], ..container("b") }];
    let pod = PodToRun { sandbox_options, ..pod(containers) };
    assert_snapshot!(script([Action::CreatePod(Box::new(pod))]), @r#"
    [create pod default/web-1] needs [0]
      install -D -m 0644 -- /dev/stdin /var/lib/bowline/pods/lab_default_web-1/etc/hosts < "127.0.0.1\tlocalhost\n"
      install -D -m 0644 -- /dev/stdin /var/lib/bowline/pods/lab_default_web-1/etc/resolv.conf < "nameserver 9.9.9.9\n"
      sh -c "mkdir -p \"$1\" && cd \"$1\" && shift && for name; do : >\"$name\" && chmod 0666 \"$name\" || exit; done" messages /var/lib/bowline/pods/lab_default_web-1/messages a b
      sh -c "name=$1 grace=$2; shift 2\nclear() { podman pod rm --force --ignore --time \"$grace\" \"$name\"; }\npodman \"$@\" && exit\nclear\npodman \"$@\" && exit\ncode=$?\nclear\nexit \"$code\"" "podman pod create" lab_default_web-1 30 pod create --name lab_default_web-1 --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --hostname web-1 --network bowline-lab:ip=10.100.0.5 --share ipc,net,uts,pid --userns auto:size=65536 --cpu-shares 512 --cpus 1.250 --memory 67108864
      podman run --detach --pod lab_default_web-1 --sysctl net.core.somaxconn=77 --name lab_default_web-1_a --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.owner=Deployment/web --label bowline.digest=d1 --label bowline.generation=7 --label bowline.address=10.100.0.5 --label bowline.container=a --restart always --stop-timeout 30 --pull never --log-driver k8s-file --log-opt max-size=10mb --volume /var/lib/bowline/pods/lab_default_web-1/messages/a:/dev/termination-log --volume /var/lib/bowline/pods/lab_default_web-1/etc/hosts:/etc/hosts --volume /var/lib/bowline/pods/lab_default_web-1/etc/resolv.conf:/etc/resolv.conf --cpu-shares 2 --pids-limit 4194304 docker.io/library/nginx:1.14.2
      podman run --detach --pod lab_default_web-1 --name lab_default_web-1_b --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.owner=Deployment/web --label bowline.digest=d1 --label bowline.generation=7 --label bowline.address=10.100.0.5 --label bowline.container=b --restart always --stop-timeout 30 --pull never --log-driver k8s-file --log-opt max-size=10mb --volume /var/lib/bowline/pods/lab_default_web-1/volumes/v:/etc/hosts --volume /var/lib/bowline/pods/lab_default_web-1/messages/b:/dev/termination-log --volume /var/lib/bowline/pods/lab_default_web-1/etc/resolv.conf:/etc/resolv.conf --cpu-shares 2 --pids-limit 4194304 docker.io/library/nginx:1.14.2
    "#);
}

#[test]
fn a_pod_that_is_brought_up_in_order() {
    let init = ContainerToRun { role: Role::Init, ..container("init") };
    let side = ContainerToRun { role: Role::Sidecar, ..container("side") };
    let main = ContainerToRun {
        post_start: Some(Hook::Http {
            url: "http://10.100.0.5:80/".to_owned(),
            headers: vec!["A: b".to_owned()],
        }),
        pre_stop: Some(Hook::Exec(vec!["sh".to_owned(), "-c".to_owned(), "it's".to_owned()])),
        message: MessageToKeep { path: "/words".to_owned(), otherwise: Otherwise::Log },
        ..container("main")
    };
    let podman = pod(vec![init, side, main.clone()]);
    let systemd =
        PodToRun { keeper: Keeper::Systemd, restart: Restart::OnFailure, ..pod(vec![main]) };
    let key = systemd.key.clone();
    let sandbox = systemd.sandbox.clone();
    assert_snapshot!(script([
        Action::CreatePod(Box::new(podman)),
        Action::CreatePod(Box::new(systemd)),
        Action::BringUp { key, sandbox, keeper: Keeper::Systemd, secrets: Vec::new() },
    ]), @r#"
    [create pod default/web-1] needs [0]
      sh -c "mkdir -p \"$1\" && cd \"$1\" && shift && for name; do : >\"$name\" && chmod 0666 \"$name\" || exit; done" messages /var/lib/bowline/pods/lab_default_web-1/messages init side main main.log
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/pods/lab_default_web-1/hooks/main.post-start.http < "http://10.100.0.5:80/\nA: b\n"
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/pods/lab_default_web-1/hooks/main.pre-stop.exec < "sh\0-c\0it's\0"
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/pods/lab_default_web-1/words < "podman Always 30 init:init sidecar:side main:main\n"
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/told/lab_default_web-1 < "made 0\n"
      sh -c "name=$1 grace=$2; shift 2\nclear() { podman pod rm --force --ignore --time \"$grace\" \"$name\"; }\npodman \"$@\" && exit\nclear\npodman \"$@\" && exit\ncode=$?\nclear\nexit \"$code\"" "podman create" lab_default_web-1 30 create --pod new:lab_default_web-1 --hostname web-1 --network bowline-lab:ip=10.100.0.5 --name lab_default_web-1_init --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.owner=Deployment/web --label bowline.digest=d1 --label bowline.generation=7 --label bowline.address=10.100.0.5 --label bowline.container=init --label bowline.role=init --restart no --stop-timeout 30 --pull never --log-driver k8s-file --log-opt max-size=10mb --volume /var/lib/bowline/pods/lab_default_web-1/messages/init:/dev/termination-log --cpu-shares 2 --pids-limit 4194304 docker.io/library/nginx:1.14.2
      podman create --pod lab_default_web-1 --name lab_default_web-1_side --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.owner=Deployment/web --label bowline.digest=d1 --label bowline.generation=7 --label bowline.address=10.100.0.5 --label bowline.container=side --label bowline.role=sidecar --restart always --stop-timeout 30 --pull never --log-driver k8s-file --log-opt max-size=10mb --volume /var/lib/bowline/pods/lab_default_web-1/messages/side:/dev/termination-log --cpu-shares 2 --pids-limit 4194304 docker.io/library/nginx:1.14.2
      podman create --pod lab_default_web-1 --name lab_default_web-1_main --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.owner=Deployment/web --label bowline.digest=d1 --label bowline.generation=7 --label bowline.address=10.100.0.5 --label bowline.container=main --restart always --stop-timeout 30 --pull never --log-driver k8s-file --log-opt max-size=10mb --volume /var/lib/bowline/pods/lab_default_web-1/messages/main:/words --cpu-shares 2 --pids-limit 4194304 docker.io/library/nginx:1.14.2
      sh -c "podman start \"$(podman pod inspect --format '{{.InfraContainerID}}' \"$1\")\" &&\nmkdir -p /run/bowline-life && : >\"/run/bowline-life/$1.up\"" "start sandbox" lab_default_web-1
      sh -c "exec setsid -f sh -c \"$@\" </dev/null >/dev/null 2>&1" detach (text) start-pod lab_default_web-1
    [create pod default/web-1] needs [0, 1]
      sh -c "mkdir -p \"$1\" && cd \"$1\" && shift && for name; do : >\"$name\" && chmod 0666 \"$name\" || exit; done" messages /var/lib/bowline/pods/lab_default_web-1/messages main main.log
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/pods/lab_default_web-1/hooks/main.post-start.http < "http://10.100.0.5:80/\nA: b\n"
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/pods/lab_default_web-1/hooks/main.pre-stop.exec < "sh\0-c\0it's\0"
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/pods/lab_default_web-1/words < "systemd OnFailure 30 main:main\n"
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/told/lab_default_web-1 < "made 0\n"
      sh -c "name=$1 grace=$2; shift 2\nclear() { podman pod rm --force --ignore --time \"$grace\" \"$name\"; }\npodman \"$@\" && exit\nclear\npodman \"$@\" && exit\ncode=$?\nclear\nexit \"$code\"" "podman create" lab_default_web-1 30 create --pod new:lab_default_web-1 --hostname web-1 --network bowline-lab:ip=10.100.0.5 --name lab_default_web-1_main --label bowline.fleet=lab --label bowline.namespace=default --label bowline.pod=web-1 --label bowline.owner=Deployment/web --label bowline.digest=d1 --label bowline.generation=7 --label bowline.address=10.100.0.5 --label bowline.container=main --restart no --conmon-pidfile /run/bowline-life/lab_default_web-1_main.pid --stop-timeout 30 --pull never --log-driver k8s-file --log-opt max-size=10mb --volume /var/lib/bowline/pods/lab_default_web-1/messages/main:/words --cpu-shares 2 --pids-limit 4194304 docker.io/library/nginx:1.14.2
      sh -c "podman start \"$(podman pod inspect --format '{{.InfraContainerID}}' \"$1\")\" &&\nmkdir -p /run/bowline-life && : >\"/run/bowline-life/$1.up\"" "start sandbox" lab_default_web-1
      systemctl --quiet --no-reload enable bowline-pod@lab_default_web-1.service
      systemctl start bowline-pod@lab_default_web-1.service
    [start containers of pod default/web-1] needs [0, 2]
      systemctl start bowline-pod@lab_default_web-1.service
    "#);
}

#[test]
fn what_secrets_hold_is_in_no_word() {
    let values = vec![Hidden::new("pa55word")];
    let env = vec![("PASSWORD".to_owned(), secret_mark(0))];
    let main = ContainerToRun { secrets: values.clone(), env, ..container("main") };
    let pod = pod(vec![main]);
    let (key, secrets) = (pod.key.clone(), pod.secrets());
    let containers = vec!["lab_default_web-1_main".to_owned()];
    let start = Action::StartContainers { key, containers, secrets };
    let text = script([Action::CreatePod(Box::new(pod)), start]);
    assert!(!text.contains("pa55word"), "{text}");
    let file = "/run/bowline/pods/lab_default_web-1/values/main";
    let written = text.matches(&format!(" write-secrets {file} < (hidden)")).count();
    assert_eq!(written, 2, "when the pod is made and when it is started again: {text}");
    let told = format!("--annotation bowline.values={file} --env PASSWORD=@bowline-secret-0@ ");
    assert!(text.contains(&format!("--runtime /var/lib/bowline/runtime/oci {told}")), "{text}");
}

#[test]
fn images_starts_and_ends() {
    let pull = |policy| Action::PullImage {
        image: "quay.io/a/b:1".to_owned(),
        policy,
        credentials: None,
        pinned: None,
    };
    let key = PodKey::new("default", "web-1");
    let containers = vec!["lab_default_web-1_a".to_owned(), "lab_default_web-1_b".to_owned()];
    assert_snapshot!(script([
        pull(PullPolicy::Always),
        pull(PullPolicy::IfNotPresent),
        pull(PullPolicy::Never),
        Action::StartContainers { key: key.clone(), containers, secrets: Vec::new() },
        Action::DeletePod { key, sandbox: "lab_default_web-1".to_owned(), grace_seconds: 5 },
    ]), @r#"
    [pull quay.io/a/b:1] needs [0]
      podman pull --quiet quay.io/a/b:1
    [pull quay.io/a/b:1] needs [0, 1]
      sh -c "podman image exists \"$1\" || exec podman pull --quiet \"$1\"" pull quay.io/a/b:1
    [look for quay.io/a/b:1] needs [0, 2]
      sh -c "podman image exists \"$1\" && exit\nprintf 'ErrImageNeverPull: Container image \"%s\" is not present with pull policy of Never\\n' \"$1\" >&2\nexit 1" look quay.io/a/b:1
    [start containers of pod default/web-1] needs [0, 3]
      podman start lab_default_web-1_a lab_default_web-1_b
    [delete pod default/web-1] needs [0, 4]
      sh -c (text) end-pod lab_default_web-1 5
      sh -c "set -f\ncode=0\nfor directory; do\n  [ -e \"$directory\" ] || continue\n  places=\n  while read -r device place rest; do\n    case $place in \"$directory\"/*) places=\"$place $places\" ;; esac\n  done </proc/self/mounts\n  for place in $places; do umount -l -- \"$(printf %b \"$place\")\"; done\n  rm -rf --one-file-system -- \"$directory\" || code=1\ndone\nexit \"$code\"" "clear volumes" /var/lib/bowline/pods/lab_default_web-1 /var/lib/bowline/filled/lab_default_web-1 /run/bowline/pods/lab_default_web-1 /run/bowline/filled/lab_default_web-1
    "#);
}

#[test]
fn the_network_of_a_host() {
    let network = HostNetwork {
        subnet: "10.100.0.0/24".parse().unwrap(),
        gateway: [10, 100, 0, 1].into(),
        routes: [("10.100.1.0/24".parse().unwrap(), [10, 42, 0, 12].into())].into(),
        stale_routes: vec!["10.100.9.0/24".parse().unwrap()],
        services: "10.96.0.0/16".parse().unwrap(),
        address: Some([10, 42, 0, 11].into()),
        bridge: Bridge::Missing,
        bridge_filter: BridgeFilter::TurnOff,
        keeper: Keeper::Podman,
        keeping: Keeping::Present,
    };
    let there = HostNetwork {
        keeper: Keeper::Systemd,
        keeping: Keeping::Missing,
        bridge: Bridge::Present,
        bridge_filter: BridgeFilter::Leave,
        address: None,
        ..network.clone()
    };
    assert_snapshot!(script([
        Action::ConfigureNetwork(network),
        Action::ConfigureNetwork(there),
    ]), @r##"
    [set up the pod network] needs [0]
      sh -c "name=$1; shift; podman network create \"$@\" \"$name\" || podman network exists \"$name\"" create-network bowline-lab --subnet 10.100.0.0/24 --gateway 10.100.0.1 --disable-dns --label bowline.fleet=lab
      sysctl -qw net.ipv4.ip_forward=1
      sysctl -qw net.bridge.bridge-nf-call-iptables=0
      ip -batch - < "route replace 10.100.1.0/24 via 10.42.0.12 proto 98\nroute replace 10.96.0.0/16 dev lo proto 98 src 10.42.0.11\n"
      ip -force -batch - < "route del 10.100.9.0/24 proto 98\n"  (or [1])
    [set up the pod network] needs [0, 1]
      sysctl -qw net.ipv4.ip_forward=1
      ip -batch - < "route replace 10.100.1.0/24 via 10.42.0.12 proto 98\nroute replace 10.96.0.0/16 dev lo proto 98\n"
      ip -force -batch - < "route del 10.100.9.0/24 proto 98\n"  (or [1])
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/boot/routes < "route replace 10.100.1.0/24 via 10.42.0.12 proto 98\nroute replace 10.96.0.0/16 dev lo proto 98\n"
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/boot/start < (text)
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/boot/again < (text)
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/boot/begin < (text)
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/boot/expire < (text)
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/boot/started < (text)
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/boot/halt < (text)
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/boot/probe < (text)
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/boot/network < "# Brings the network of the pods back after a reboot, as it was last set up.\ncd /var/lib/bowline/boot || exit\nsysctl -qw net.ipv4.ip_forward=1\nsysctl -qew net.bridge.bridge-nf-call-iptables=0\nip -force -batch routes\n[ -s rules ] || exit 0\nnft -f rules || exit\n# Packets from 127.0.0.1 may leave the host only where rules keep others from that address.\n! grep -q 'chain loopback' rules || sysctl -qw net.ipv4.conf.all.route_localnet=1\n"
      install -D -m 0644 -- /dev/stdin /etc/systemd/system/bowline-network.service < (text)
      install -D -m 0644 -- /dev/stdin /etc/systemd/system/bowline-pod@.service < "[Unit]\nDescription=Start of pod %i\nWants=bowline-network.service\nAfter=bowline-network.service\n\n[Service]\nType=exec\nExecStart=/bin/sh /var/lib/bowline/boot/start %i\n\n[Install]\nWantedBy=multi-user.target\n"
      install -D -m 0644 -- /dev/stdin /etc/systemd/system/bowline-always@.service < (text)
      install -D -m 0644 -- /dev/stdin /etc/systemd/system/bowline-on-failure@.service < (text)
      install -D -m 0644 -- /dev/stdin /etc/systemd/system/bowline-probe@.service < "[Unit]\nDescription=Probes of container %i\n\n[Service]\nType=exec\nExecStart=/bin/sh /var/lib/bowline/boot/probe %i\nRestart=on-failure\nRestartSec=5s\nTimeoutStopSec=5s\n"
      systemctl daemon-reload
      systemctl --quiet enable bowline-network.service
      systemctl --quiet --job-mode=ignore-dependencies start bowline-network.service
      install -D -m 0600 -- /dev/stdin /var/lib/bowline/boot/form < "9\n"
    "##);
}

#[test]
fn leaving_a_host() {
    assert_snapshot!(script([Action::LeaveHost]), @r#"
    [remove everything of the fleet] needs [0]
      podman network rm --force bowline-lab  (or [1])
      ip route flush proto 98
      sysctl -qw net.ipv4.conf.all.route_localnet=0
      nft -f - < "add table ip bowline\ndelete table ip bowline\n"
      sh -c "set -f\ncode=0\nfor directory; do\n  [ -e \"$directory\" ] || continue\n  places=\n  while read -r device place rest; do\n    case $place in \"$directory\"/*) places=\"$place $places\" ;; esac\n  done </proc/self/mounts\n  for place in $places; do umount -l -- \"$(printf %b \"$place\")\"; done\n  rm -rf --one-file-system -- \"$directory\" || code=1\ndone\nexit \"$code\"" "clear volumes" /var/lib/bowline/pods /var/lib/bowline/filled /run/bowline/pods /run/bowline/filled
      sh -c "[ -e /etc/systemd/system/bowline-network.service ] || exit 0\nsystemctl --quiet disable --now bowline-network.service\ncd /etc/systemd/system && rm -f -- \"$@\" && systemctl daemon-reload" uninstall bowline-network.service bowline-pod@.service bowline-always@.service bowline-on-failure@.service bowline-probe@.service
      rm -rf -- /var/lib/bowline/told /var/lib/bowline/boot /run/bowline-life /var/lib/bowline/runtime /var/lib/bowline/fence
      rmdir -- /var/lib/bowline/claimed /var/lib/bowline/volumes  (or [1])
      sh -c "! mountpoint -q \"$1\" || umount \"$1\"; rm -rf -- \"$1\"" forget /run/bowline
    "#);
}

#[test]
fn everything_that_a_host_is_asked() {
    assert_snapshot!(shown(&observe_script(&"lab".into()).blocks), @r#"
    [observe] needs []
      grep -Hasr "" /proc/meminfo /etc/os-release /sys/devices/system/cpu/online /proc/self/status /etc/resolv.conf /run/systemd/resolve/resolv.conf /proc/1/comm /etc/cdi /run/cdi /sys/kernel/mm/hugepages /var/lib/bowline/fence /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/all/route_localnet /proc/sys/net/bridge/bridge-nf-call-iptables /etc/containers/networks/bowline-lab.json /var/lib/bowline/boot/form /var/lib/bowline/told /run/bowline-life/probed /var/lib/bowline/filled /run/bowline/filled /var/lib/bowline/claimed  (or [2])
      uname -rm
      printenv SSH_CONNECTION  (or [1])
      sh -c (text) look --filter "name=^lab_" --filter "name=^[0-9a-f]{12}-infra$"
      ip -j -4 route show proto 98
      nft -j list table ip bowline  (or [1])
      stat -f -c "%S %b" /var/lib  (or [1])
      grep -ohsE "\"id\":\"[0-9a-f]{64}\",\"digest\":\"sha256:[0-9a-f]{64}\"|\"(id|layer|parent)\":\"[0-9a-f]{12}|\"names\":\\[\"[^]]*|\"diff-size\":[0-9]+" /var/lib/containers/storage/overlay-images/images.json /var/lib/containers/storage/overlay-layers/layers.json /var/lib/containers/storage/vfs-images/images.json /var/lib/containers/storage/vfs-layers/layers.json  (or [1, 2])
    "#);
}
