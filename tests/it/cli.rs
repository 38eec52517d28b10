//! The program as a user runs it, given something wrong: what it prints and how it exits, in full.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::manifests::web;

/// A directory with a fleet whose one host nobody answers at.
pub(crate) struct Fleet {
    directory: tempfile::TempDir,
    port: u16,
}

impl Fleet {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        // A port that was free a moment ago.
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let fleet = Self { directory, port };
        let host = format!("{{address: 127.0.0.1, ssh: {{port: {port}}}}}");
        fleet.write("inventory.yaml", &format!("fleet: test\nhosts:\n  node-1: {host}\n"));
        fleet
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs the program without anybody at a terminal, and returns all that a user would see.
    pub(crate) fn run(&self, line: &str) -> String {
        self.run_with(line, &[])
    }

    /// The same, with these variables.
    pub(crate) fn run_with(&self, line: &str, variables: &[(&str, &str)]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bowline"));
        command.args(line.split_whitespace()).current_dir(self.directory.path());
        command
            .env_clear()
            .env("HOME", self.path("home"))
            .env("USER", "anna")
            .env("COLUMNS", "100")
            .envs(variables.iter().copied());
        let output = command.stdin(Stdio::null()).output().unwrap();
        let (stdout, stderr) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        let code = output.status.code().unwrap();
        let text = format!("{stdout}--- stderr, exit {code}\n{stderr}");
        self.redacted(&text)
    }

    fn redacted(&self, text: &str) -> String {
        let port = format!("127.0.0.1:{}", self.port);
        let directory = self.directory.path().display().to_string();
        let text = text.replace(&port, "127.0.0.1:<port>").replace(&directory, "<fleet>");
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        lines.join("\n")
    }

    fn has_no_state(&self) -> bool {
        !Path::new(&self.path(".bowline/state.redb")).exists()
    }
}

#[test]
fn a_misspelt_field() {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &web(3, "1").replace("replicas", "replica"));
    assert_snapshot!(fleet.run("apply -f web.yaml --auto-approve"), @"
    --- stderr, exit 1
      × the manifests cannot be used: 1 error

    Error: unknown-field

      × unknown field `replica` in spec
       ╭─[web.yaml:5:3]
     4 │ spec:
     5 │   replica: 3
       ·   ───┬───
       ·      ╰── unknown field
     6 │   selector: {matchLabels: {app: web}}
       ╰────
      help: did you mean `replicas`?
    ");
    assert!(fleet.has_no_state());
}

#[test]
fn a_wrong_type() {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &web(3, "1").replace("replicas: 3", "replicas: three"));
    assert_snapshot!(fleet.run("apply -f web.yaml --auto-approve"), @"
    --- stderr, exit 1
      × the manifests cannot be used: 1 error

    Error: wrong-type

      × spec.replicas: expected a number, found the string `three`
       ╭─[web.yaml:5:13]
     4 │ spec:
     5 │   replicas: three
       ·             ──┬──
       ·               ╰── expected a number
     6 │   selector: {matchLabels: {app: web}}
       ╰────
    ");
    assert!(fleet.has_no_state());
}

#[test]
fn a_duplicate_name() {
    let fleet = Fleet::new();
    fleet.write("one.yaml", &web(3, "1"));
    fleet.write("two.yaml", &web(2, "1"));
    assert_snapshot!(fleet.run("plan -f one.yaml -f two.yaml"), @"
    --- stderr, exit 1
      × the manifests cannot be used: 1 error

    Error: duplicate-object

      × Deployment default/web is there twice; the first is at one.yaml:1
       ╭─[two.yaml:3:18]
     2 │ kind: Deployment
     3 │ metadata: {name: web}
       ·                  ─┬─
       ·                   ╰── again here
     4 │ spec:
       ╰────
      help: rename or remove one of them
    ");
}

#[test]
fn a_container_without_an_image() {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &web(3, "1").replace("        image: nginx:1\n", ""));
    assert_snapshot!(fleet.run("plan -f web.yaml"), @"
    --- stderr, exit 1
      × the manifests cannot be used: 1 error

    Error: required

      × spec.template.spec.containers[0].image: is required
        ╭─[web.yaml:11:9]
     10 │       containers:
     11 │       - name: main
        ·         ─────┬────
        ·              ╰── `image` is missing here
     12 │         ports: [{containerPort: 80}]
        ╰────
    ");
}

#[test]
fn a_manifest_that_is_not_there() {
    assert_snapshot!(Fleet::new().run("plan -f web.yaml"), @"
    --- stderr, exit 1
      × cannot read web.yaml: No such file or directory (os error 2)
      help: -f names a file, a directory, or - for standard input
    ");
}

#[test]
fn an_unreachable_host() {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &web(1, "1"));
    assert_snapshot!(fleet.run("plan -f web.yaml"), @"
    These changes will be made:

      + create  Deployment default/web    new

    These have to wait:

      Deployment default/web: 1 pod: 0/1 nodes are available: 1 node(s) were unreachable.

    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)

    Plan: 1 to create.
    --- stderr, exit 3
    ");
    assert_snapshot!(fleet.run("apply -f web.yaml --auto-approve"), @"
    These changes will be made:

      + create  Deployment default/web    new

    These have to wait:

      Deployment default/web: 1 pod: 0/1 nodes are available: 1 node(s) were unreachable.

    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)

    Plan: 1 to create.
    --- stderr, exit 3
    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)
    waiting Deployment default/web: 1 pod: 0/1 nodes are available: 1 node(s) were unreachable.
    Not all done: 0 steps carried out.
    ");
    assert_snapshot!(fleet.run("inventory ping"), @"
    --- stderr, exit 3
    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)
    ");
}

#[test]
fn nobody_to_ask() {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &web(1, "1"));
    assert_snapshot!(fleet.run("apply -f web.yaml"), @"
    These changes will be made:

      + create  Deployment default/web    new

    These have to wait:

      Deployment default/web: 1 pod: 0/1 nodes are available: 1 node(s) were unreachable.

    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)

    Plan: 1 to create.
    --- stderr, exit 1
      × the plan needs somebody's `yes`, and there is no terminal to ask
      help: add --auto-approve
    ");
    assert!(fleet.has_no_state());
}

#[test]
fn a_state_file_that_was_cut_short() {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &web(1, "1"));
    fleet.run("apply -f web.yaml --auto-approve");
    let path = fleet.path(".bowline/state.redb");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..100]).unwrap();
    assert_snapshot!(fleet.run("plan"), @"
    --- stderr, exit 1
      × the state file .bowline/state.redb is damaged: it is only 100 bytes long
      help: put a backup in its place; or move it away and run `bowline apply -f ... --take-over`:
            what runs on the hosts is found by its labels and stays
    ");
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let told = fleet.run("apply -f web.yaml --auto-approve");
    let told = told.replace(&(whole.len() / 2).to_string(), "<half>");
    assert_snapshot!(told.replace(&whole.len().to_string(), "<whole>"), @"
    --- stderr, exit 1
      × the state file .bowline/state.redb is damaged: DB corrupted: File truncated below stored
      │ layout: file_len=<half>, layout_len=<whole>
      help: put a backup in its place; or move it away and run `bowline apply -f ... --take-over`:
            what runs on the hosts is found by its labels and stays
    ");
    assert_eq!(std::fs::read(&path).unwrap().len(), whole.len() / 2, "the evidence is kept");
    std::fs::write(&path, "no redb file at all".repeat(1000)).unwrap();
    assert_snapshot!(fleet.run("plan"), @"
    --- stderr, exit 1
      × the state file .bowline/state.redb is damaged: I/O error: Not a redb database: magic number
      │ mismatch
      help: put a backup in its place; or move it away and run `bowline apply -f ... --take-over`:
            what runs on the hosts is found by its labels and stays
    ");
}

#[test]
fn no_inventory() {
    let fleet = Fleet::new();
    std::fs::remove_file(fleet.path("inventory.yaml")).unwrap();
    assert_snapshot!(fleet.run("plan"), @"
    --- stderr, exit 1
      × cannot read inventory.yaml: No such file or directory (os error 2)
      help: name your inventory with -i FILE or BOWLINE_INVENTORY, or start one with: bowline init
    ");
}

#[test]
fn an_unknown_key_of_the_inventory() {
    let fleet = Fleet::new();
    fleet.write("inventory.yaml", "fleet: test\nhosts:\n  node-1: {adress: 127.0.0.1}\n");
    assert_snapshot!(fleet.run("plan"), @"
    --- stderr, exit 1
      × inventory.yaml cannot be used: 1 error

    Error: unknown-field

      × unknown field `adress` in hosts.node-1
       ╭─[inventory.yaml:3:12]
     2 │ hosts:
     3 │   node-1: {adress: 127.0.0.1}
       ·            ───┬──
       ·               ╰── unknown field
       ╰────
      help: did you mean `address`?
    ");
}

#[test]
fn a_saved_plan_that_is_none() {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &web(1, "1"));
    assert_snapshot!(fleet.run("apply web.yaml"), @"
    --- stderr, exit 2
      × web.yaml is not a saved plan
      help: to apply manifests, type: bowline apply -f web.yaml
    ");
}

#[test]
fn a_limit_that_names_nobody() {
    assert_snapshot!(Fleet::new().run("plan --limit node-7"), @"
    --- stderr, exit 1
      × `node-7` names no host and no group of the inventory
    ");
}

#[test]
fn an_empty_pipe() {
    let fleet = Fleet::new();
    assert_snapshot!(fleet.run("apply -f - --auto-approve"), @"
    --- stderr, exit 2
      × no objects passed: the manifests are empty
      help: to delete what a source held, type: bowline delete -f PATH
    ");
    assert!(fleet.has_no_state());
}

#[test]
fn what_is_refused_is_said_and_stops_the_plan() {
    let fleet = Fleet::new();
    let mounts = "        volumeMounts: [{name: c, mountPath: /one, bindMountOptions: [noexec]}]\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: one}\nspec:\n  volumes: [{name: c, emptyDir: {}}]\n  \
               containers:\n    - name: c\n      image: busybox:1\n"
        .to_owned()
        + &mounts[2..];
    fleet.write("pod.yaml", &pod);
    let said = fleet.run("plan -f pod.yaml");
    assert!(said.contains("bindMountOptions is not carried out yet"), "{said}");
    assert!(said.contains("--- stderr, exit 1"), "{said}");
}

#[test]
fn a_kustomization_whose_outcome_is_wrong() {
    let fleet = Fleet::new();
    fleet.write("base/kustomization.yaml", "resources: [web.yaml]\n");
    fleet.write("base/web.yaml", &web(1, "1.25"));
    let patch = "resources: [../base]
namePrefix: prod-
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replica: 2
";
    fleet.write("prod/kustomization.yaml", patch);
    assert_snapshot!(fleet.run("plan -k prod"), @r"
    --- stderr, exit 1
      × the manifests cannot be used: 1 error

    Error: unknown-field

      × unknown field `replica` in spec
       ╭─[prod/kustomization.yaml:9:7]
     8 │     spec:
     9 │       replica: 2
       ·       ───┬───
       ·          ╰── unknown field
       ╰────
      help: the fields here are minReadySeconds, paused, progressDeadlineSeconds, replicas,
            revisionHistoryLimit, selector, strategy, template
    ");
    fleet.write("prod/kustomization.yaml", &patch.replace("replica:", "replicas:"));
    assert_snapshot!(fleet.run("kustomize prod"), @r"
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: prod-web
    spec:
      replicas: 2
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
          - image: nginx:1.25
            name: main
            ports:
            - containerPort: 80
            resources: {}
    --- stderr, exit 0
    ");
}
