//! Commands that change stored objects, as a user runs them. Nobody answers at the fleet's host: what is stored is what counts.

mod create;
mod edit;
mod hosts;
mod kubectl;
mod shown;
mod sources;

use insta::assert_snapshot;

use crate::cli::Fleet;
use crate::manifests::{service, web};

/// A fleet whose stored objects are those of `web.yaml`.
fn stored() -> Fleet {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &(web(3, "1") + &service("web")));
    fleet.run("apply -f web.yaml --auto-approve");
    fleet
}

impl Fleet {
    /// Something of an object, as `get` gives it.
    fn get(&self, what: &str, template: &str) -> String {
        let said = self.run(&format!("get {what} -o jsonpath={template}"));
        said.split("--- stderr").next().unwrap_or_default().trim().to_owned()
    }
}

/// What stands before the summary of what happened on hosts.
fn plan_of(said: &str) -> &str {
    said.split("\nThese have to wait").next().unwrap_or_default()
}

#[test]
fn what_others_set_survives_an_apply() {
    let fleet = stored();
    fleet.write("web.yaml", &(web(3, "1").replace("  replicas: 3\n", "") + &service("web")));
    fleet.run("apply -f web.yaml --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "1");
    fleet.run("scale deploy web --replicas=5 --auto-approve");
    fleet.run("label deploy/web tier=front --auto-approve");
    fleet.write("web.yaml", &(web(3, "2").replace("  replicas: 3\n", "") + &service("web")));
    assert_snapshot!(plan_of(&fleet.run("plan -f web.yaml")), @"
    These changes will be made:

      ~ update  Deployment default/web    spec.template.spec.containers[name=main].image: nginx:1 -> nginx:2
    ");
    fleet.run("apply -f web.yaml --auto-approve");
    let all = "{.spec.replicas}/{.metadata.labels.tier}/{.spec.template.spec.containers[0].image}";
    assert_eq!(fleet.get("deploy/web", all), "5/front/nginx:2");
    let counts = "{.metadata.generation}/{.metadata.resourceVersion}";
    assert_eq!(fleet.get("deploy/web", counts), "4/5");
    fleet.write("web.yaml", &(web(2, "2") + &service("web")));
    fleet.run("apply -f web.yaml --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "2");
}

#[test]
fn what_others_set_and_what_a_manifest_says_must_fit_together() {
    let fleet = Fleet::new();
    let ports = |ports: &str| service("web").replace("[{port: 80}]", ports);
    fleet.write("web.yaml", &ports("[{name: http, port: 80}]"));
    fleet.run("apply -f web.yaml --auto-approve");
    let patch = r#"{"spec":{"ports":[{"name":"admin","port":81}]}}"#;
    fleet.run(&format!("patch svc web -p {patch} --auto-approve"));
    assert_eq!(fleet.get("svc/web", "{.spec.ports[*].port}"), "81 80");
    fleet.write("web.yaml", &ports("[{name: http, port: 80}, {name: admin, port: 82}]"));
    assert_snapshot!(fleet.run("plan -f web.yaml"), @"
    --- stderr, exit 1
      × the manifests cannot be used: 1 error

    Error: duplicate-name

      × spec.ports[2].name: the port `admin` is there twice
        ╭─[service/web:17:11]
      8 │   ports:
      9 │   - name: admin
        ·           ──┬──
        ·             ╰── first here
     10 │     port: 81
     11 │     protocol: TCP
     12 │     targetPort: 81
     13 │   - name: http
     14 │     port: 80
     15 │     protocol: TCP
     16 │     targetPort: 80
     17 │   - name: admin
        ·           ──┬──
        ·             ╰── again here
     18 │     port: 82
        ╰────
    ");
}

#[test]
fn what_must_not_change_is_refused_by_apply_and_by_patch() {
    let fleet = Fleet::new();
    let map = |value: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\nimmutable: true\ndata: {{k: {value}}}\n"
        )
    };
    fleet.write("map.yaml", &map("one"));
    fleet.run("apply -f map.yaml --auto-approve");
    fleet.write("map.yaml", &map("two"));
    assert_snapshot!(fleet.run("plan -f map.yaml"), @"
    --- stderr, exit 1
      × the manifests cannot be used: 1 error

    Error: immutable

      × data: field is immutable when `immutable` is set
       ╭─[map.yaml:5:8]
     4 │ immutable: true
     5 │ data: {k: two}
       ·        ───┬──
       ·           ╰── changed here
       ╰────
      help: delete it and apply again: bowline delete configmap a -n default
    ");
    let patch = r#"{"data":{"k":"three"}}"#;
    let said = fleet.run(&format!("patch cm a -p {patch} --auto-approve"));
    assert!(said.contains("data: field is immutable when `immutable` is set"), "{said}");
    assert_eq!(fleet.get("cm/a", "{.data.k}"), "one");
}

#[test]
fn labels_are_set_and_removed() {
    let fleet = stored();
    assert_snapshot!(fleet.run("label deploy web tier=front --auto-approve"), @"
    These changes will be made:

      ~ update  Deployment default/web    metadata.labels.tier: (none) -> front

    These have to wait:

      Deployment default/web: 3 pods: 0/1 nodes are available: 1 node(s) were unreachable.

    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)

    Plan: 1 to update.
    deployment.apps/web labeled
    --- stderr, exit 3
    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)
    waiting Deployment default/web: 3 pods: 0/1 nodes are available: 1 node(s) were unreachable.
    Not all done: 0 steps carried out.
    ");
    assert_snapshot!(fleet.run("label deploy web tier=back --auto-approve"), @"
    --- stderr, exit 2
      × deployment/web: `tier` already has a value (front)
      help: add --overwrite to give it another
    ");
    assert_snapshot!(fleet.run("label deploy web tier=front"), @"
    deployment.apps/web not labeled
    --- stderr, exit 0
    ");
    assert_snapshot!(fleet.run("label deploy,svc --all tier=back --overwrite --dry-run=client"), @"
    deployment.apps/web labeled (dry run)
    service/web labeled (dry run)
    --- stderr, exit 0
    ");
    fleet.run("annotate deploy/web svc/web owner=anna --auto-approve");
    assert_eq!(fleet.get("svc/web", "{.metadata.annotations.owner}"), "anna");
    fleet.run("label deploy web tier- --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.metadata.labels.tier}"), "");
    assert_snapshot!(fleet.run("label deploy web bad=a/b"), @"
    --- stderr, exit 1
      × what would come of it cannot be used: 1 error

    Error: invalid-label

      × metadata.labels.bad: `a/b` is not a valid label value: use at most 63 letters, digits, `-`,
      │ `_` and `.`, and begin and end with a letter or digit
       ╭─[deployment/web:7:10]
     6 │   labels:
     7 │     bad: a/b
       ·          ─┬─
       ·           ╰── here
     8 │   name: web
       ╰────
    ");
    assert_snapshot!(fleet.run("label deploy db a=b"), @r#"
    --- stderr, exit 1
      × deployments.apps "db" not found
    "#);
    assert_snapshot!(fleet.run("scale node node-1 --replicas=2"), @"
    --- stderr, exit 2
      × hosts are not objects that can be changed or deleted
      help: change or take out node-1 in inventory.yaml and apply
    ");
    assert_snapshot!(fleet.run("scale svc web --replicas=2"), @"
    --- stderr, exit 2
      × service/web has no number of replicas
      help: what can be scaled: Deployment, StatefulSet, ReplicaSet, ReplicationController
    ");
    assert_snapshot!(fleet.run("scale deploy web --replicas=2 --current-replicas=9"), @"
    --- stderr, exit 2
      × deployment/web asks for 3 replicas, not 9
      help: leave --current-replicas out to scale it all the same
    ");
}

#[test]
fn nothing_is_changed_without_a_yes() {
    let fleet = stored();
    assert_snapshot!(fleet.run("scale deploy web --replicas=9"), @"
    These changes will be made:

      ~ update  Deployment default/web    spec.replicas: 3 -> 9

    These have to wait:

      Deployment default/web: 9 pods: 0/1 nodes are available: 1 node(s) were unreachable.

    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)

    Plan: 1 to update.
    --- stderr, exit 1
      × the plan needs somebody's `yes`, and there is no terminal to ask
      help: add --auto-approve
    ");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "3");
}

#[test]
fn containers_are_set() {
    let fleet = stored();
    fleet.run("set image deploy/web main=nginx:7 --auto-approve");
    fleet.run("set env deploy/web LEVEL=debug OTHER=1 --auto-approve");
    fleet.run("set env deploy/web OTHER- --auto-approve");
    fleet.run(
        "set resources deploy web --limits=cpu=1,memory=64Mi --requests=cpu=100m --auto-approve",
    );
    let container = "{.spec.template.spec.containers[0]";
    assert_eq!(fleet.get("deploy/web", &format!("{container}.image}}")), "nginx:7");
    assert_eq!(fleet.get("deploy/web", &format!("{container}.resources.requests.cpu}}")), "100m");
    assert_snapshot!(fleet.run("set env deploy/web --list"), @"
    # deployment/web, container main
    LEVEL=debug
    --- stderr, exit 0
    ");
    assert_snapshot!(fleet.run("set image deploy/web side=nginx:7"), @"
    --- stderr, exit 2
      × deployment/web has no container called `side`
      help: its containers are: main
    ");
    assert_snapshot!(fleet.run("set resources svc web --limits=cpu=1"), @"
    --- stderr, exit 2
      × service/web has no containers
      help: name a Pod, or an object that makes pods, such as deployment/web
    ");
    assert_snapshot!(fleet.run("set resources deploy web --limits=cpu=much"), @"
    --- stderr, exit 1
      × what would come of it cannot be used: 1 error

    Error: invalid-quantity

      × spec.template.spec.containers[0].resources.limits.cpu: `much` is not a quantity: write a
      │ number with an optional suffix such as m, k, M, G, Ki, Mi, Gi
        ╭─[deployment/web:35:18]
     34 │           limits:
     35 │             cpu: much
        ·                  ──┬─
        ·                    ╰── here
     36 │             memory: 64Mi
        ╰────
    ");
    let told = fleet.run("history");
    assert!(told.contains("LEVEL=...") && !told.contains("debug"), "{told}");
    fleet.run("create configmap web --from-literal=web.level=info --auto-approve");
    fleet.run("set env deploy/web --from=configmap/web --prefix=CM_ --auto-approve");
    assert_snapshot!(fleet.run("set env deploy/web --list"), @"
    # deployment/web, container main
    LEVEL=debug
    # CM_WEB_LEVEL from configmap/web, key web.level
    --- stderr, exit 0
    ");
}

#[test]
fn a_patch_in_each_of_the_three_ways() {
    let fleet = stored();
    let container = "{.spec.template.spec.containers[*].name}";
    let strategic =
        r#"{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"log:1"}]}}}}"#;
    fleet.run(&format!("patch deploy web -p {strategic} --auto-approve"));
    let names = fleet.get("deploy/web", container);
    assert!(names.contains("main") && names.contains("side"), "{names}");
    fleet.write("patch.yaml", "spec:\n  replicas: 2\n  minReadySeconds: 0o10\n");
    fleet.run("patch deploy/web --type=merge --patch-file=patch.yaml --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "2");
    let json = r#"[{"op":"remove","path":"/spec/template/spec/containers/0"}]"#;
    fleet.run(&format!("patch deploy web --type=json -p {json} --auto-approve"));
    assert_eq!(fleet.get("deploy/web", container).split(' ').count(), 1);
    let absent = r#"[{"op":"remove","path":"/spec/nothing"}]"#;
    assert_snapshot!(fleet.run(&format!("patch deploy web --type=json -p {absent}")), @"
    --- stderr, exit 2
      × the patch does not fit: there is nothing at `/spec/nothing`
      help: strategic and merge patches are objects, a patch of --type=json is a list of operations
    ");
    let renamed = r#"{"metadata":{"name":"other"}}"#;
    assert_snapshot!(fleet.run(&format!("patch deploy web -p {renamed}")), @"
    --- stderr, exit 2
      × the kind, name and namespace of Deployment default/web may not change
      help: make another object with `bowline create`, and delete this one
    ");
    let wrong = r#"{"spec":{"replicas":"three"}}"#;
    assert_snapshot!(fleet.run(&format!("patch deploy web -p {wrong}")), @"
    --- stderr, exit 1
      × what would come of it cannot be used: 1 error

    Error: wrong-type

      × spec.replicas: expected a number, found the string `three`
        ╭─[deployment/web:9:13]
      8 │   progressDeadlineSeconds: 600
      9 │   replicas: three
        ·             ──┬──
        ·               ╰── expected a number
     10 │   revisionHistoryLimit: 10
        ╰────
    ");
    let negative = r#"{"spec":{"replicas":-1}}"#;
    assert_snapshot!(fleet.run(&format!("patch deploy web -p {negative}")), @"
    --- stderr, exit 1
      × what would come of it cannot be used: 1 error

    Error: out-of-range

      × spec.replicas: must be 0 or more
        ╭─[deployment/web:9:13]
      8 │   progressDeadlineSeconds: 600
      9 │   replicas: -1
        ·             ─┬
        ·              ╰── here
     10 │   revisionHistoryLimit: 10
        ╰────
    ");
    assert_snapshot!(fleet.run("patch deploy web -p {\"spec\":{}} --auto-approve"), @"
    deployment.apps/web patched (no change)
    --- stderr, exit 0
    ");
}

#[test]
fn a_replacement_keeps_nothing_that_others_set() {
    let fleet = stored();
    fleet.run("label deploy web tier=front --auto-approve");
    fleet.write("one.yaml", &web(3, "1"));
    fleet.run("replace -f one.yaml --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.metadata.labels.tier}"), "");
    fleet.write("one.yaml", &web(3, "1").replace("name: web}\nspec", "name: other}\nspec"));
    assert_snapshot!(fleet.run("replace -f one.yaml"), @r#"
    --- stderr, exit 1
      × deployments.apps "other" not found
    "#);
}
