//! Small things that scripts written for kubectl rely on.

use super::stored;
use crate::cli::Fleet;

#[test]
fn flags_without_a_value_may_have_one() {
    let fleet = stored();
    let told = fleet.run("label svc web app=other --overwrite=true --auto-approve");
    assert!(told.contains("service/web labeled"), "{told}");
    let told = fleet.run("label svc web app=again --overwrite=false --auto-approve");
    assert!(told.contains("already has a value"), "{told}");
    assert!(fleet.run("delete svc gone --ignore-not-found=true").contains("exit 0"));
    assert!(fleet.run("get svc -A=false --no-headers=true").starts_with("web "));
    fleet.run("set env deploy/web -e LEVEL=debug --auto-approve");
    let told = fleet.run("set env deploy/web --list=true");
    assert!(told.contains("LEVEL=debug"), "{told}");
}

#[test]
fn that_nothing_was_chosen_is_said() {
    let fleet = stored();
    for line in [
        "label svc -l app=none a=b",
        "annotate svc -l app=none a=b",
        "set image deploy -l app=none *=nginx:2",
        "delete svc -l app=none",
    ] {
        let told = fleet.run(line);
        assert_eq!(told, "--- stderr, exit 0\nNo resources found", "{line}");
    }
    let told = fleet.run("scale deploy -l app=none --replicas=2");
    assert!(told.contains("no objects passed to scale"), "{told}");
}

#[test]
fn an_element_that_is_not_there_is_an_error() {
    let told = stored().run("get svc -o jsonpath={.items[3].metadata.name}");
    assert!(told.starts_with("--- stderr, exit 2"), "{told}");
    assert!(told.contains("array index out of bounds: index 3, length 1"), "{told}");
}

#[test]
fn create_makes_names_and_apply_does_not() {
    let fleet = Fleet::new();
    let job = "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: run-}\n";
    fleet.write("job.yaml", &format!("{job}---\n{job}"));
    for _ in 0..2 {
        let told = fleet.run("create -f job.yaml --auto-approve");
        assert!(told.contains("configmap/run-"), "{told}");
    }
    let names = fleet.get("cm", "{.items[*].metadata.name}");
    let names: std::collections::BTreeSet<&str> = names.split(' ').collect();
    assert_eq!(names.len(), 4, "{names:?}");
    let made = |name: &&str| {
        name.strip_prefix("run-").is_some_and(|made| {
            made.len() == 5 && made.chars().all(|c| "bcdfghjklmnpqrstvwxz2456789".contains(c))
        })
    };
    assert!(names.iter().all(made), "{names:?}");
    let told = fleet.run("apply -f job.yaml --auto-approve");
    assert!(told.contains("generate-name"), "{told}");
}

#[test]
fn the_port_of_create_deployment_is_the_first_containers() {
    let told = Fleet::new()
        .run("create deployment two --image=a --image=b --port=80 --dry-run=client -o yaml");
    assert_eq!(told.matches("containerPort: 80").count(), 1, "{told}");
}
