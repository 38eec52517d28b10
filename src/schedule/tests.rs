//! Rules of placing, one case each.

use super::*;
use insta::assert_snapshot;
use serde_json::json;

fn host(name: &str) -> Candidate {
    Candidate {
        name: name.into(),
        labels: Labels::from([("disk".to_owned(), "ssd".to_owned())]),
        taints: Vec::new(),
        allocatable: Resources { cpu_milli: 2000, memory_bytes: 1 << 30, pods: 110 },
        used: Resources::default(),
        ports: BTreeSet::new(),
        owners: BTreeMap::new(),
        readiness: Readiness::Ready,
    }
}

fn spec(json: serde_json::Value) -> PodSpec {
    serde_json::from_value(json).unwrap()
}

fn asking(cpu: &str) -> PodSpec {
    spec(json!({"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}]}))
}

fn owner() -> ObjectKey {
    ObjectKey::new("Deployment", "default", "web")
}

#[test]
fn pods_of_one_owner_are_spread_before_load_counts() {
    let mut hosts = [host("a"), host("b"), host("c")];
    hosts[1].used.cpu_milli = 1500;
    let pod = asking("100m");
    let mut names = Vec::new();
    for _ in 0..4 {
        match place(&mut hosts, &Request::of(&pod, Some(owner()))) {
            Decision::Place(name) => names.push(name.to_string()),
            Decision::Pending(why) => panic!("{why:?}"),
        }
    }
    assert_eq!(names, ["a", "c", "b", "a"]);
}

#[test]
fn a_full_fleet_says_what_is_missing_where() {
    let mut hosts = [host("a"), host("b"), host("c"), host("d")];
    hosts[1].taints.push(Taint {
        key: "gpu".into(),
        value: "yes".into(),
        effect: TaintEffect::NoSchedule,
    });
    hosts[2].readiness = Readiness::Unreachable;
    hosts[3].used.pods = 110;
    let Decision::Pending(why) = place(&mut hosts, &Request::of(&asking("3"), None)) else {
        panic!("placed")
    };
    assert_snapshot!(describe_rejections(&why), @"0/4 nodes are available: 1 Insufficient cpu, 1 Too many pods, 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were unreachable.");
    assert_snapshot!(why[&NodeName::from("a")], @"Insufficient cpu (asked 3000m, free 2000m)");
}

#[test]
fn affinity_to_nodes_is_binding_or_a_wish() {
    let mut hosts = [host("a"), host("b"), host("c")];
    hosts[1].labels.insert("zone".to_owned(), "west".to_owned());
    hosts[2].labels.insert("zone".to_owned(), "east".to_owned());
    let zone = |operator: &str, values: &[&str]| json!({"matchExpressions": [{"key": "zone", "operator": operator, "values": values}]});
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    let mut goes = |affinity: serde_json::Value| {
        let pod = spec(json!({"containers": [], "affinity": {"nodeAffinity": affinity}}));
        match place(&mut hosts, &Request::of(&pod, None)) {
            Decision::Place(name) => name.to_string(),
            Decision::Pending(why) => describe_rejections(&why),
        }
    };
    let terms = json!([zone("In", &["north"]), zone("In", &["east"])]);
    assert_eq!(goes(json!({required: {"nodeSelectorTerms": terms}})), "c");
    let nowhere = json!({required: {"nodeSelectorTerms": [zone("In", &["north"])]}});
    let why = "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.";
    assert_eq!(goes(nowhere), why);
    let wishes = json!([
        {"weight": 10, "preference": zone("Exists", &[])}, {"weight": 1, "preference": zone("In", &["west"])},
        {"weight": 5, "preference": zone("DoesNotExist", &[])}, {"weight": 100, "preference": {}},
    ]);
    assert_eq!(goes(json!({preferred: wishes})), "b");
    // A wish is heard before pods are spread, and says nothing of hosts that cannot be had.
    assert_eq!(goes(json!({preferred: wishes})), "b");
}

#[test]
fn selector_and_name_are_binding() {
    let mut hosts = [host("a"), host("b")];
    let named = spec(json!({"containers": [], "nodeName": "b"}));
    assert_eq!(place(&mut hosts, &Request::of(&named, None)), Decision::Place("b".into()));
    let picky = spec(json!({"containers": [], "nodeSelector": {"disk": "tape"}}));
    assert!(matches!(place(&mut hosts, &Request::of(&picky, None)), Decision::Pending(_)));
}

#[test]
fn a_port_of_a_host_is_one_pods() {
    let mut hosts = [host("a"), host("b")];
    let ports = json!([{"containerPort": 80, "hostPort": 8080}]);
    let pod = spec(json!({"containers": [{"name": "c", "ports": ports}]}));
    for name in ["a", "b"] {
        assert_eq!(place(&mut hosts, &Request::of(&pod, None)), Decision::Place(name.into()));
    }
    let Decision::Pending(why) = place(&mut hosts, &Request::of(&pod, None)) else {
        panic!("placed")
    };
    assert_snapshot!(describe_rejections(&why), @"0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.");
}

#[test]
fn tolerations_match_as_kubernetes_says() {
    let taint = Taint { key: "k".into(), value: "v".into(), effect: TaintEffect::NoExecute };
    for (toleration, expected) in [
        (json!({"key": "k", "value": "v"}), true),
        (json!({"key": "k", "operator": "Exists"}), true),
        (json!({"operator": "Exists"}), true),
        (json!({"key": "k", "value": "w"}), false),
        (json!({"key": "k", "operator": "Exists", "effect": "NoSchedule"}), false),
    ] {
        let one: Toleration = serde_json::from_value(toleration.clone()).unwrap();
        assert_eq!(tolerated(&taint, &[one]), expected, "{toleration}");
    }
}
