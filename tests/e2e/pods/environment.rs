//! Environment, commands and Secrets in variables, each seen by a real container.

use super::images;
use bowline::lab::Release;

use crate::fleet::Fleet;
use crate::trial::{releases, runnable};

/// What is in the Secret: letters that shells, sed, JSON and podman mind, and a line's end.
const PASSWORD: &str = "S3cr3t-7f0a|&\\1 \"$'@é\nend";

/// How it is told from anything else, wherever it is looked for.
const TRACE_OF_IT: &str = "S3cr3t-7f0a";

const MANIFEST: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {COLOUR: green, odd.key-1: kept}
binaryData: {BYTES: AAEC}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData:
  password: "S3cr3t-7f0a|&\\1 \"$'@é\nend"
  user.name: S3cr3t-7f0a-anna
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: builder}
---
apiVersion: v1
kind: Service
metadata: {name: the-db}
spec:
  clusterIP: 10.96.0.77
  selector: {app: none}
  ports: [{name: sql, port: 5432}]
---
apiVersion: v1
kind: Pod
metadata:
  name: looks
  labels: {app: looks, tier/of: back}
  annotations: {note: "two words"}
spec:
  terminationGracePeriodSeconds: 0
  serviceAccountName: builder
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, 'echo "$0"; while sleep 1; do :; done']
    args: ["from $(PLAIN) $$(PLAIN) $(NOT_SET)"]
    workingDir: /var/tmp
    resources: {limits: {cpu: 1500m, memory: 64Mi}, requests: {cpu: 250m, memory: 33000k}}
    envFrom:
    - configMapRef: {name: settings}
      prefix: CONF_
    - configMapRef: {name: nowhere, optional: true}
    env:
    - {name: PLAIN, value: "a b"}
    - {name: EXPANDED, value: "$(PLAIN)-$(CONF_COLOUR)-$(THE_DB_SERVICE_HOST)-$$(PLAIN)-$(NOT_SET)"}
    - {name: CONF_COLOUR, value: red}
    - {name: KEY, valueFrom: {configMapKeyRef: {name: settings, key: COLOUR}}}
    - {name: NO_KEY, valueFrom: {configMapKeyRef: {name: settings, key: none, optional: true}}}
    - {name: F_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: F_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
    - {name: F_UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}
    - {name: F_LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['tier/of']"}}}
    - {name: F_NOTE, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['note']"}}}
    - {name: F_NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
    - {name: F_ACCOUNT, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}
    - {name: F_HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
    - {name: F_HOSTS, valueFrom: {fieldRef: {fieldPath: status.hostIPs}}}
    - {name: F_POD, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
    - {name: F_PODS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}
    - {name: R_CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
    - {name: R_CPU_M, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
    - {name: R_MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
    - {name: R_ASKED, valueFrom: {resourceFieldRef: {resource: requests.memory, divisor: 1Mi}}}
    - {name: R_ASKED_CPU, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: 1m}}}
    - {name: R_NO_LIMIT, valueFrom: {resourceFieldRef: {containerName: reader, resource: limits.cpu}}}
  - name: reader
    image: busybox:1.36
    stdin: true
    stdinOnce: true
    command: [sh, -c, 'cat >/heard; while sleep 1; do :; done']
  - name: terminal
    image: busybox:1.36
    stdin: true
    tty: true
    command: [sh, -c, 'while sleep 1; do :; done']
---
apiVersion: v1
kind: Pod
metadata: {name: unlinked}
spec:
  terminationGracePeriodSeconds: 0
  enableServiceLinks: false
  containers:
  - {name: main, image: "busybox:1.36", args: [sleep, "1000"]}
---
apiVersion: v1
kind: Pod
metadata: {name: image-args}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: args, image: "nginx:1.0", args: [sh, -c, "sleep 1000; :"]}
  - {name: command, image: "nginx:1.0", command: [sleep, "1001"]}
  - {name: both, image: "nginx:1.0", command: [sh, -c], args: ["sleep 1002; :"]}
  - {name: neither, image: "nginx:1.0"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: vault}
spec:
  selector: {matchLabels: {app: vault}}
  template:
    metadata: {labels: {app: vault}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: busybox:1.36
        command: [sh, -c, 'while sleep 1; do :; done', "word=$(PASSWORD)"]
        envFrom:
        - secretRef: {name: login}
          prefix: LOGIN_
        - secretRef: {name: nowhere, optional: true}
        env:
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}
        - {name: URL, value: "db://$(PASSWORD)@$(THE_DB_SERVICE_HOST)"}
        - {name: NO_SECRET, valueFrom: {secretKeyRef: {name: login, key: none, optional: true}}}
"#;

#[test]
fn containers_see_the_environment_that_their_manifests_ask_for() {
    if !runnable() {
        return;
    }
    for release in releases(Release::Bookworm) {
        look_at(&Fleet::release("pe", 61, 1, release));
    }
}

fn look_at(fleet: &Fleet) {
    let manifest = fleet.write("pods.yaml", MANIFEST);
    let trace = fleet.directory().join("trace.jsonl").display().to_string();
    let applied =
        fleet.bowline(&["apply", "-f", &manifest, "--auto-approve", "--trace", &trace]).ends(0);
    variables(fleet);
    words(fleet);
    input(fleet);
    links(fleet);
    images::look(fleet);
    secrets_are_seen_inside_alone(
        fleet,
        &[applied.all(), std::fs::read_to_string(&trace).unwrap()],
    );
    secrets_outlive_restarts_and_come_back_after_a_power_cut(fleet);
    a_new_secret_replaces_the_pods_that_use_it(fleet, &manifest);
    nothing_is_left(fleet);
}

/// A process's environment, as the kernel has it: a variable a line.
fn environment(fleet: &Fleet, container: &str) -> String {
    let line =
        format!("podman exec {container} sh -c 'tr \"\\\\n\\\\0\" \"~\\\\n\" </proc/1/environ'");
    fleet.on("node-1", &line)
}

fn has(environment: &str, variable: &str) {
    assert!(environment.lines().any(|line| line == variable), "{variable} in {environment}");
}

/// Rows: env, valueFrom.configMapKeyRef, fieldRef, resourceFieldRef, envFrom, prefix, optional.
fn variables(fleet: &Fleet) {
    let seen = environment(fleet, "lab_default_looks_main");
    for variable in [
        "PLAIN=a b",
        "EXPANDED=a b-green-10.96.0.77-$(PLAIN)-$(NOT_SET)",
        "CONF_COLOUR=red",
        "CONF_odd.key-1=kept",
        "KEY=green",
        "F_NAME=looks",
        "F_NAMESPACE=default",
        "F_LABEL=back",
        "F_NOTE=two words",
        "F_NODE=node-1",
        "F_ACCOUNT=builder",
        "F_HOST=10.61.0.11",
        "F_HOSTS=10.61.0.11",
        "R_CPU=2",
        "R_CPU_M=1500",
        "R_MEMORY=64",
        "R_ASKED=32",
        "R_ASKED_CPU=250",
    ] {
        has(&seen, variable);
    }
    let cpus = fleet.on("node-1", "nproc --all");
    has(&seen, &format!("R_NO_LIMIT={}", cpus.trim()));
    let pod =
        fleet.bowline(&["get", "pod", "looks", "-o", "jsonpath={.metadata.uid} {.status.podIP}"]);
    let (uid, address) = pod.stdout.trim().split_once(' ').unwrap();
    has(&seen, &format!("F_UID={uid}"));
    has(&seen, &format!("F_POD={address}"));
    has(&seen, &format!("F_PODS={address}"));
    fleet.holds(28, "ConfigMap, from environment field");
    fleet.holds(29, "ConfigMap, from environment variables");
    fleet.holds(39, "DownwardAPI, environment for CPU and memory limits and requests");
    fleet.holds(40, "DownwardAPI, environment for host ip");
    fleet.holds(41, "DownwardAPI, environment for name, namespace and ip");
    fleet.holds(74, "Environment variables, expansion");
    for absent in ["NO_KEY=", "CONF_BYTES=", "KUBERNETES_SERVICE_HOST="] {
        assert!(!seen.lines().any(|line| line.starts_with(absent)), "{absent} in {seen}");
    }
}

/// Rows: command, args, workingDir.
fn words(fleet: &Fleet) {
    let said = fleet.on("node-1", "podman logs lab_default_looks_main");
    assert_eq!(said.trim(), "from a b $(PLAIN) $(NOT_SET)");
    fleet.holds(75, "Environment variables, command argument expansion");
    let place = fleet.on("node-1", "podman exec lab_default_looks_main readlink /proc/1/cwd");
    assert_eq!(place.trim(), "/var/tmp");
    let first = |container: &str| {
        let read = "tr '\\\\0' ' ' </proc/1/cmdline";
        fleet.on("node-1", &format!("podman exec {container} sh -c \"{read}\""))
    };
    // The image's entrypoint runs what it is given; a command alone leaves neither it nor its arguments.
    assert_eq!(first("lab_default_image-args_args").trim(), "sh -c sleep 1000; :");
    assert_eq!(first("lab_default_image-args_command").trim(), "sleep 1001");
    assert_eq!(first("lab_default_image-args_both").trim(), "sh -c sleep 1002; :");
    let nginx = first("lab_default_image-args_neither");
    assert!(nginx.starts_with("nginx: master process") && nginx.contains("daemon off;"), "{nginx}");
    fleet.holds(35, "Containers, with arguments");
    fleet.holds(36, "Containers, with command");
    fleet.holds(37, "Containers, with command and arguments");
    fleet.holds(38, "Containers, without command and arguments");
}

/// Rows: stdin, stdinOnce, tty.
fn input(fleet: &Fleet) {
    fleet.on("node-1", "echo hello | timeout 3 podman attach --sig-proxy=false lab_default_looks_reader & sleep 1; kill %1 2>/dev/null; wait; true");
    let heard = fleet.on("node-1", "podman exec lab_default_looks_reader cat /heard");
    assert_eq!(heard.trim(), "hello");
    // Who attached has gone, and with it the input: what read it has come to its end.
    let readers =
        fleet.on("node-1", "podman exec lab_default_looks_reader pgrep -x cat || echo none");
    assert_eq!(readers.trim(), "none");
    let terminal = "podman exec lab_default_looks_terminal readlink /proc/1/fd/0";
    assert!(fleet.on("node-1", terminal).starts_with("/dev/pts/"));
    let none = fleet.on("node-1", "podman exec lab_default_looks_main readlink /proc/1/fd/0");
    assert_eq!(none.trim(), "/dev/null");
}

/// Row: enableServiceLinks. A Service that comes later changes no pod.
fn links(fleet: &Fleet) {
    let seen = environment(fleet, "lab_default_looks_main");
    for variable in [
        "THE_DB_SERVICE_HOST=10.96.0.77",
        "THE_DB_SERVICE_PORT=5432",
        "THE_DB_SERVICE_PORT_SQL=5432",
        "THE_DB_PORT=tcp://10.96.0.77:5432",
        "THE_DB_PORT_5432_TCP_ADDR=10.96.0.77",
    ] {
        has(&seen, variable);
    }
    fleet.holds(56, "Pods, service environment variables");
    let unlinked = environment(fleet, "lab_default_unlinked_main");
    assert!(!unlinked.contains("THE_DB"), "{unlinked}");
    let before = fleet.containers();
    let later = fleet.write(
        "later.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: later}\nspec: {ports: [{port: 1}]}\n",
    );
    fleet.bowline(&["apply", "-f", &later, "--auto-approve"]).ends(0);
    assert_eq!(fleet.containers(), before);
}

fn vault(fleet: &Fleet) -> String {
    let name = "podman ps --filter name=^lab_default_vault --format '{{.Names}}'";
    fleet.on("node-1", name).trim().to_owned()
}

/// Rows: secretKeyRef, envFrom.secretRef. What a Secret holds is seen by the container and by nobody else.
fn secrets_are_seen_inside_alone(fleet: &Fleet, said: &[String]) {
    let vault = vault(fleet);
    let seen = environment(fleet, &vault);
    let password = PASSWORD.replace('\n', "~");
    has(&seen, &format!("PASSWORD={password}"));
    has(&seen, &format!("LOGIN_password={password}"));
    has(&seen, "LOGIN_user.name=S3cr3t-7f0a-anna");
    has(&seen, &format!("URL=db://{password}@10.96.0.77"));
    assert!(!seen.contains("NO_SECRET="), "{seen}");
    let exec = fleet.on("node-1", &format!("podman exec {vault} sh -c 'echo \"$PASSWORD\"'"));
    assert_eq!(exec, format!("{PASSWORD}\n"), "what is run in the container has it too");
    let word = fleet.on("node-1", &format!("podman exec {vault} cat /proc/1/cmdline"));
    assert!(word.contains(&format!("word={PASSWORD}")), "{word:?}");
    fleet.holds(67, "Secrets, pod environment field");
    fleet.holds(68, "Secrets, pod environment from source");
    fleet.holds(76, "Environment variables, command expansion");
    for text in said {
        assert!(text.contains("vault") && !text.contains(TRACE_OF_IT), "{text}");
    }
    for command in [
        format!("podman inspect {vault}"),
        format!("podman logs {vault}"),
        "podman events --stream=false --since 1h".to_owned(),
        "podman secret ls".to_owned(),
    ] {
        assert!(!fleet.on("node-1", &command).contains(TRACE_OF_IT), "{command}");
    }
    nowhere_on_disk(fleet);
    let plan = fleet.bowline(&["plan", "-o", "json"]);
    assert!(!plan.all().contains(TRACE_OF_IT), "{}", plan.all());
    let state = std::fs::read(fleet.directory().join(".bowline/state.redb")).unwrap();
    let found = state.windows(TRACE_OF_IT.len()).any(|window| window == TRACE_OF_IT.as_bytes());
    assert!(!found, "in the state file");
}

/// Looks through every file on the host's disks: all but the file systems that are in memory, or are the kernel's.
fn nowhere_on_disk(fleet: &Fleet) {
    let prune = "-fstype tmpfs -o -fstype proc -o -fstype sysfs -o -fstype cgroup -o -fstype cgroup2 \
                 -o -fstype devpts -o -fstype devtmpfs -o -fstype mqueue";
    // As it is, and as base64 has it, by itself and after a user's name.
    let pieces = format!("-e {TRACE_OF_IT} -e UzNjcjN0LTdmMGF -e YW5uYTpTM2NyM3QtN2YwYS");
    let line = format!(
        "sync; find / \\( {prune} \\) -prune -o -type f -print0 | xargs -0 grep -la {pieces} 2>/dev/null; true"
    );
    assert_eq!(fleet.on("node-1", &line).trim(), "");
    // The search finds what is there.
    let control = "printf 'S3cr3t-%s' control >/var/tmp/control; find /var/tmp -type f | xargs grep -la S3cr3t-control; \
                   rm /var/tmp/control";
    assert_eq!(fleet.on("node-1", control).trim(), "/var/tmp/control");
}

/// podman restarts the container by itself; after a power cut, the next run brings what Secrets hold.
fn secrets_outlive_restarts_and_come_back_after_a_power_cut(fleet: &Fleet) {
    let name = vault(fleet);
    fleet.on("node-1", &format!("podman exec {name} sh -c 'kill -9 -1' || true; sleep 2"));
    has(&environment(fleet, &name), "LOGIN_user.name=S3cr3t-7f0a-anna");
    fleet.cut("node-1");
    fleet.power_on("node-1");
    let started = fleet.on("node-1", &format!("podman start {name} 2>&1 || true"));
    assert!(started.contains("run bowline apply"), "{started}");
    fleet.bowline(&["apply", "--auto-approve"]).ends(0);
    assert_eq!(vault(fleet), name, "it is the same pod");
    has(&environment(fleet, &name), "LOGIN_user.name=S3cr3t-7f0a-anna");
    nowhere_on_disk(fleet);
}

fn a_new_secret_replaces_the_pods_that_use_it(fleet: &Fleet, manifest: &str) {
    let (name, before) = (vault(fleet), fleet.containers());
    fleet.write("pods.yaml", &MANIFEST.replace("7f0a-anna", "7f0a-bert"));
    let plan = fleet.bowline(&["plan", "-f", manifest]).ends(0);
    assert!(plan.stdout.contains("Secret login, in the environment: "), "{}", plan.all());
    assert!(!plan.all().contains(TRACE_OF_IT), "{}", plan.all());
    fleet.bowline(&["apply", "-f", manifest, "--auto-approve"]).ends(0);
    assert_ne!(vault(fleet), name);
    has(&environment(fleet, &vault(fleet)), "LOGIN_user.name=S3cr3t-7f0a-bert");
    let kept = fleet.containers().iter().filter(|container| before.contains(container)).count();
    assert_eq!(kept, before.len() - 1, "nothing else is replaced");
}

fn nothing_is_left(fleet: &Fleet) {
    let values = "find /run/bowline/pods -type f";
    let left = fleet.on("node-1", values);
    assert_eq!(left.lines().count(), 1, "of the pod that went nothing is left: {left}");
    fleet.bowline(&["destroy", "--auto-approve"]).ends(0);
    let left = "ls -d /run/bowline /var/lib/bowline/runtime 2>/dev/null; podman ps -aq; true";
    assert_eq!(fleet.on("node-1", left).trim(), "");
}
