//! Sources: what is pruned of them, and what others have set in their objects.

use super::stored;
use crate::cli::Fleet;
use crate::manifests::{service, web};

#[test]
fn the_same_files_in_two_namespaces_are_two_sources() {
    let fleet = Fleet::new();
    let namespaces = "apiVersion: v1\nkind: Namespace\nmetadata: {name: staging}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: prod}\n";
    fleet.write("namespaces.yaml", namespaces);
    fleet.run("apply -f namespaces.yaml --auto-approve");
    fleet.write("app/one.yaml", &service("one"));
    fleet.write("app/two.yaml", &service("two"));
    let there = || fleet.get("svc -A", "{.items[*].metadata.namespace}/{.items[*].metadata.name}");
    for set in ["", " --set shop"] {
        fleet.write("app/two.yaml", &service("two"));
        fleet.run(&format!("apply -f app{set} -n staging --auto-approve"));
        fleet.run(&format!("apply -f app{set} -n prod --auto-approve"));
        assert_eq!(there(), "prod prod staging staging/one two one two");
        // What leaves the files leaves the namespace that they are applied to, and no other.
        std::fs::remove_file(fleet.path("app/two.yaml")).unwrap();
        fleet.run(&format!("apply -f app{set} -n prod --auto-approve"));
        assert_eq!(there(), "prod staging staging/one one two");
    }
}

#[test]
fn a_null_takes_away_what_others_have_set() {
    let fleet = stored();
    fleet.run("scale deploy web --replicas=4 --auto-approve");
    fleet.run("set resources deploy web --limits=cpu=1 --auto-approve");
    let nothing = web(3, "1").replace("replicas: 3", "replicas: null");
    let nothing = nothing.replace("resources: {}", "resources: {limits: null}");
    fleet.write("web.yaml", &(nothing + &service("web")));
    let told = fleet.run("diff -f web.yaml");
    assert!(told.contains("replicas: 1") && told.contains("exit 1"), "{told}");
    fleet.run("plan -f web.yaml --out plan.json");
    fleet.run("apply plan.json");
    let both = "{.spec.replicas}{.spec.template.spec.containers[0].resources.limits.cpu}";
    assert_eq!(fleet.get("deploy/web", both), "1");
    // And it is nobody's from then on: others may set it.
    fleet.write("web.yaml", &(web(3, "1").replace("  replicas: 3\n", "") + &service("web")));
    fleet.run("apply -f web.yaml --auto-approve");
    fleet.run("scale deploy web --replicas=4 --auto-approve");
    fleet.run("apply -f web.yaml --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "4");
}

#[test]
fn a_kustomization_is_a_source() {
    let fleet = Fleet::new();
    fleet.write("base/kustomization.yaml", "resources: [one.yaml, two.yaml]\n");
    fleet.write("base/one.yaml", &service("one"));
    fleet.write("base/two.yaml", &service("two"));
    let prod = "resources: [../base]\nnamePrefix: prod-\nlabels: [{pairs: {stage: prod}}]\n";
    fleet.write("prod/kustomization.yaml", prod);
    let there = || fleet.get("svc", "{.items[*].metadata.name}");
    let stage = || fleet.get("svc/prod-one", "{.metadata.labels.stage}");
    fleet.run("create -k prod --auto-approve");
    assert_eq!(there(), "prod-one prod-two");
    fleet.run("apply -k prod --auto-approve");
    fleet.write("prod/kustomization.yaml", &prod.replace("stage: prod", "stage: last"));
    fleet.run("replace -k prod --auto-approve");
    assert_eq!(stage(), "last");
    // What leaves the base leaves every kustomization that is made of it.
    fleet.write("base/kustomization.yaml", "resources: [one.yaml]\n");
    fleet.run("apply -k prod --auto-approve");
    assert_eq!(there(), "prod-one");
    fleet.run("delete -k prod --auto-approve");
    assert_eq!(there(), "");
    let both = fleet.run("create -k prod -f base/one.yaml");
    assert!(both.contains("cannot be used with") && both.contains("exit 2"), "{both}");
    let none = fleet.run("replace");
    assert!(none.contains("exit 2"), "{none}");
}
