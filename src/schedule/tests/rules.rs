//! One rule a test.

use super::fixtures::*;
use crate::inventory::{Scheduling, Taint, TaintEffect};
use crate::model::NodeName;
use crate::schedule::*;
use insta::assert_snapshot;
use k8s_openapi::api::core::v1::{Pod, Toleration};
use serde_json::{Value, json};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

#[test]
fn pods_of_one_owner_are_spread_before_load_counts() {
    let mut fleet = fleet([host("a"), host("b"), host("c")]);
    bind(&mut fleet, &asking("1500m"), "b");
    let mut names = Vec::new();
    for _ in 0..4 {
        match place(&mut fleet, &Request::of(&asking("100m"), Some(owner()))) {
            Decision::Place(name) => names.push(name.to_string()),
            Decision::Pending(why) => panic!("{why:?}"),
        }
    }
    assert_eq!(names, ["a", "c", "b", "a"]);
}

#[test]
fn a_full_fleet_says_what_is_missing_where() {
    let mut hosts = [host("a"), host("b"), host("c"), host("d"), host("e")];
    hosts[1].taints.push(Taint {
        key: "gpu".into(),
        value: "yes".into(),
        effect: TaintEffect::NoSchedule,
    });
    hosts[2].readiness = Readiness::Unreachable;
    hosts[3].allocatable.pods = 0;
    hosts[4].allocatable.cpu_milli = 4000;
    let mut fleet = fleet(hosts);
    let requests = json!({"cpu": "3", "example.com/gpu": "1"});
    let pod = pod(json!({"containers": [{"name": "c", "resources": {"requests": requests}}]}));
    let Decision::Pending(why) = place(&mut fleet, &Request::of(&pod, None)) else {
        panic!("placed")
    };
    assert_snapshot!(describe_rejections(&why), @"0/5 nodes are available: 1 Insufficient cpu, 1 Insufficient example.com/gpu, 1 Too many pods, 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were unreachable.");
    assert_snapshot!(why[&NodeName::from("a")], @"Insufficient cpu (asked 3000m, free 2000m)");
    assert_snapshot!(why[&NodeName::from("e")], @"Insufficient example.com/gpu (asked 1, free 0)");
}

#[test]
fn affinity_to_nodes_is_binding_or_a_wish() {
    let mut fleet = fleet([host("a"), zoned("b", "west"), zoned("c", "east")]);
    let zone = |operator: &str, values: &[&str]| json!({"matchExpressions": [{"key": "zone", "operator": operator, "values": values}]});
    let mut goes = |affinity: Value| {
        goes(
            &mut fleet,
            &pod(json!({"containers": [{"name": "c"}], "affinity": {"nodeAffinity": affinity}})),
        )
    };
    let terms = json!([zone("In", &["north"]), zone("In", &["east"])]);
    assert_eq!(goes(json!({REQUIRED: {"nodeSelectorTerms": terms}})), "c");
    let nowhere = json!({REQUIRED: {"nodeSelectorTerms": [zone("In", &["north"])]}});
    let why = "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.";
    assert_eq!(goes(nowhere), why);
    let named = json!({"key": "metadata.name", "operator": "In", "values": ["a"]});
    let named = json!({REQUIRED: {"nodeSelectorTerms": [{"matchFields": [named]}]}});
    assert_eq!(goes(named), "a");
    let wishes = json!([
        {"weight": 10, "preference": zone("Exists", &[])}, {"weight": 1, "preference": zone("In", &["west"])},
        {"weight": 5, "preference": zone("DoesNotExist", &[])}, {"weight": 100, "preference": {}},
    ]);
    assert_eq!(goes(json!({PREFERRED: wishes})), "b");
}

#[test]
fn selector_and_name_are_binding() {
    let mut fleet = fleet([host("a"), host("b")]);
    assert_eq!(
        goes(&mut fleet, &pod(json!({"containers": [{"name": "c"}], "nodeName": "b"}))),
        "b"
    );
    let picky = pod(json!({"containers": [{"name": "c"}], "nodeSelector": {"disk": "tape"}}));
    assert!(goes(&mut fleet, &picky).starts_with("0/2"));
    let nobody = pod(json!({"containers": [{"name": "c"}], "nodeName": "z"}));
    assert_snapshot!(goes(&mut fleet, &nobody), @"0/2 nodes are available: 2 node(s) didn't match the requested node name.");
}

#[test]
fn a_port_of_a_host_is_one_pods() {
    let mut fleet = fleet([host("a"), host("b")]);
    let ports = json!([{"containerPort": 80, "hostPort": 8080}]);
    let pod = pod(json!({"containers": [{"name": "c", "ports": ports}]}));
    for name in ["a", "b"] {
        assert_eq!(goes(&mut fleet, &pod), name);
    }
    assert_snapshot!(goes(&mut fleet, &pod), @"0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.");
}

/// Affinity or anti-affinity to pods that `app` names, in a topology.
fn term(app: &str, topology: &str) -> Value {
    json!({"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": topology})
}

fn with(app: &str, affinity: Value) -> Pod {
    let mut spec = json!({"containers": [{"name": "c"}]});
    spec["affinity"] = affinity;
    labelled(json!({"app": app}), spec)
}

const HOST: &str = "kubernetes.io/hostname";

#[test]
fn pods_that_must_be_together_are() {
    let mut fleet = fleet([zoned("a", "east"), zoned("b", "west"), zoned("c", "west"), host("d")]);
    let near = json!({"podAffinity": {REQUIRED: [term("db", "zone")]}});
    assert_snapshot!(goes(&mut fleet, &with("web", near.clone())), @"0/4 nodes are available: 4 node(s) didn't match pod affinity rules.");
    bind(&mut fleet, &with("db", json!({})), "b");
    // Its own host is fuller than the other of its zone.
    assert_eq!(goes(&mut fleet, &with("web", near)), "c");
    // The first of those that must be together may be anywhere where there is such a label.
    let together = json!({"podAffinity": {REQUIRED: [term("herd", "zone")]}});
    assert_eq!(goes(&mut fleet, &with("herd", together.clone())), "a");
    assert_eq!(goes(&mut fleet, &with("herd", together)), "a");
}

#[test]
fn pods_that_must_be_apart_are_whoever_says_so() {
    let mut fleet = fleet([zoned("a", "east"), zoned("b", "west"), zoned("c", "west")]);
    let apart = json!({"podAntiAffinity": {REQUIRED: [term("web", "zone")]}});
    assert_eq!(goes(&mut fleet, &with("web", apart.clone())), "a");
    assert_eq!(goes(&mut fleet, &with("web", apart.clone())), "b");
    assert_snapshot!(goes(&mut fleet, &with("web", apart)), @"0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.");
    assert_snapshot!(goes(&mut fleet, &with("web", json!({}))), @"0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules.");
    assert_eq!(goes(&mut fleet, &with("db", json!({}))), "c");
}

#[test]
fn company_is_a_wish_too_of_either_side() {
    let mut fleet = fleet([host("a"), host("b"), host("c")]);
    bind(&mut fleet, &with("db", json!({})), "b");
    let wish = |app: &str| json!([{"weight": 10, "podAffinityTerm": term(app, HOST)}]);
    let near = json!({"podAffinity": {PREFERRED: wish("db")}});
    assert_eq!(goes(&mut fleet, &with("web", near)), "b");
    let far = json!({"podAntiAffinity": {PREFERRED: wish("shy")}});
    assert_eq!(goes(&mut fleet, &with("loud", far)), "a");
    // Neither a host with the loud one nor a full one: what is there has wishes, too.
    assert_eq!(goes(&mut fleet, &with("shy", json!({}))), "c");
}

#[test]
fn terms_reach_into_namespaces() {
    let labels = |team: &str| [("team".to_owned(), team.to_owned())].into();
    let namespaces =
        [("data".to_owned(), labels("blue")), ("other".to_owned(), labels("red"))].into();
    let hosts = vec![host("a"), host("b")];
    let mut fleet = Fleet::new(hosts, namespaces, Scheduling::default());
    let mut db = with("db", json!({}));
    db.metadata.namespace = Some("data".to_owned());
    bind(&mut fleet, &db, "b");
    let mut near = |extra: Value| {
        let mut term = term("db", HOST);
        term.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        goes(&mut fleet, &with("web", json!({"podAffinity": {REQUIRED: [term]}})))
    };
    let nowhere = "0/2 nodes are available: 2 node(s) didn't match pod affinity rules.";
    assert_eq!(near(json!({})), nowhere);
    assert_eq!(near(json!({"namespaces": ["data"]})), "b");
    assert_eq!(near(json!({"namespaces": ["other"]})), nowhere);
    assert_eq!(near(json!({"namespaceSelector": {"matchLabels": {"team": "blue"}}})), "b");
    assert_eq!(near(json!({"namespaceSelector": {"matchLabels": {"team": "red"}}})), nowhere);
    assert_eq!(near(json!({"namespaceSelector": {}})), "b");
}

#[test]
fn label_keys_compare_with_the_pods_own() {
    let mut fleet = fleet([host("a"), host("b")]);
    let revised = |hash: &str, keys: &str| {
        let mut term = term("web", HOST);
        term[keys] = json!(["hash"]);
        labelled(
            json!({"app": "web", "hash": hash}),
            json!({"containers": [{"name": "c"}], "affinity": {"podAntiAffinity": {REQUIRED: [term]}}}),
        )
    };
    assert_eq!(goes(&mut fleet, &revised("1", "matchLabelKeys")), "a");
    assert_eq!(goes(&mut fleet, &revised("1", "matchLabelKeys")), "b");
    assert_eq!(goes(&mut fleet, &revised("2", "matchLabelKeys")), "a");
    assert!(goes(&mut fleet, &revised("1", "matchLabelKeys")).starts_with("0/2"));
    // Those of another revision are shunned, and no others.
    let mut fleet = super::fixtures::fleet([host("a"), host("b")]);
    let names: Vec<_> =
        (0..3).map(|_| goes(&mut fleet, &revised("1", "mismatchLabelKeys"))).collect();
    assert_eq!(names, ["a", "b", "a"]);
    assert!(goes(&mut fleet, &revised("2", "mismatchLabelKeys")).starts_with("0/2"));
}

fn spread(extra: &Value) -> Pod {
    let mut constraint = json!({"maxSkew": 1, "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "web"}}});
    constraint.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let (labels, constraints) = (json!({"app": "web"}), json!([constraint]));
    labelled(
        labels,
        json!({"containers": [{"name": "c"}], "topologySpreadConstraints": constraints}),
    )
}

#[test]
fn spread_is_never_more_uneven_than_allowed() {
    let zones = [zoned("a", "east"), zoned("b", "west"), zoned("c", "west"), host("d")];
    let mut fleet = fleet(zones);
    let names: Vec<_> = (0..4).map(|_| goes(&mut fleet, &spread(&json!({})))).collect();
    assert_eq!(names, ["a", "b", "c", "a"]);
    bind(&mut fleet, &spread(&json!({})), "a");
    bind(&mut fleet, &spread(&json!({"nodeAffinityPolicy": "Ignore"})), "b");
    bind(&mut fleet, &spread(&json!({})), "b");
    let mut full = spread(&json!({}));
    full.spec.as_mut().unwrap().node_selector =
        Some([("zone".to_owned(), "west".to_owned())].into());
    // Where the hosts that it cannot have do not count, there is one domain.
    assert_eq!(goes(&mut fleet, &full), "c");
    let ignore = spread(&json!({"nodeAffinityPolicy": "Ignore"}));
    let mut ignore = ignore;
    ignore.spec.as_mut().unwrap().node_selector =
        Some([("zone".to_owned(), "west".to_owned())].into());
    assert_snapshot!(goes(&mut fleet, &ignore), @"0/4 nodes are available: 2 node(s) didn't match Pod's node affinity/selector, 2 node(s) didn't match pod topology spread constraints.");
}

#[test]
fn fewer_domains_than_asked_for_count_as_empty_ones() {
    let mut fleet = fleet([zoned("a", "east"), zoned("b", "west")]);
    let asked = spread(&json!({"minDomains": 3}));
    assert_eq!(goes(&mut fleet, &asked), "a");
    assert_eq!(goes(&mut fleet, &asked), "b");
    assert_snapshot!(goes(&mut fleet, &asked), @"0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.");
}

#[test]
fn tainted_hosts_count_unless_told_otherwise() {
    for (policy, expected) in [("Ignore", false), ("Honor", true)] {
        let mut hosts = [zoned("a", "east"), zoned("b", "west")];
        hosts[1].taints.push(Taint {
            key: "k".into(),
            value: String::new(),
            effect: TaintEffect::NoSchedule,
        });
        let mut fleet = fleet(hosts);
        let pod = spread(&json!({"nodeTaintsPolicy": policy}));
        assert_eq!(goes(&mut fleet, &pod), "a");
        assert_eq!(goes(&mut fleet, &pod) == "a", expected, "{policy}");
    }
}

#[test]
fn hosts_that_do_not_answer_count_unless_told_otherwise() {
    for (policy, expected) in [("Ignore", false), ("Honor", true)] {
        let mut hosts = [zoned("a", "east"), zoned("b", "west")];
        hosts[1].readiness = Readiness::Unreachable;
        let mut fleet = fleet(hosts);
        let pod = spread(&json!({"nodeTaintsPolicy": policy}));
        assert_eq!(goes(&mut fleet, &pod), "a");
        assert_eq!(goes(&mut fleet, &pod) == "a", expected, "{policy}");
    }
}

#[test]
fn spread_is_a_wish_too() {
    let mut fleet = fleet([zoned("a", "east"), zoned("b", "west")]);
    let wish = spread(&json!({"whenUnsatisfiable": "ScheduleAnyway"}));
    bind(&mut fleet, &asking("1"), "b");
    let names: Vec<_> = (0..4).map(|_| goes(&mut fleet, &wish)).collect();
    assert_eq!(names, ["a", "b", "a", "b"]);
}

#[test]
fn a_fleet_is_spread_out_or_packed() {
    for (profile, expected) in
        [(Scheduling::SPREAD, ["a", "c", "b", "a"]), (Scheduling::BINPACK, ["b", "b", "b", "a"])]
    {
        let hosts = vec![host("a"), host("b"), host("c")];
        let mut fleet = Fleet::new(hosts, std::collections::BTreeMap::new(), profile);
        bind(&mut fleet, &asking("500m"), "b");
        let request = Request::of(&asking("500m"), Some(owner()));
        let names = [0; 4].map(|_| match place(&mut fleet, &request) {
            Decision::Place(name) => name.to_string(),
            Decision::Pending(why) => describe_rejections(&why),
        });
        assert_eq!(names, expected);
    }
}

#[test]
fn a_pod_says_by_which_profile_its_host_is_chosen() {
    let hosts = vec![host("a"), host("b"), host("c")];
    let fleet = Fleet::new(hosts, std::collections::BTreeMap::new(), Scheduling::SPREAD);
    let mut fleet = fleet.profiled([("batch".to_owned(), Scheduling::BINPACK)].into());
    bind(&mut fleet, &asking("500m"), "b");
    let mut goes = |name: &str, node: &str| {
        let mut pod = asking("100m");
        let spec = pod.spec.as_mut().unwrap();
        spec.scheduler_name = Some(name.to_owned());
        spec.node_name = Some(node.to_owned()).filter(|node| !node.is_empty());
        goes(&mut fleet, &pod)
    };
    let names = ["batch", "default-scheduler", "binpack", "", "spread", "batch"];
    assert_eq!(names.map(|name| goes(name, "")), ["b", "a", "b", "c", "a", "b"]);
    assert_snapshot!(goes("Batch", ""), @r#"0/3 nodes are available: no scheduler is called "Batch": there are batch, binpack, default-scheduler, spread."#);
    // Nobody has to choose a host for a pod that names one.
    assert_eq!(goes("Batch", "c"), "c");
}

#[test]
fn nobody_makes_room_for_a_pod_that_names_no_profile() {
    let mut fleet = fleet([host("a")]);
    bind(&mut fleet, &asking("2"), "a");
    let mut important = asking("1");
    important.spec.as_mut().unwrap().priority = Some(7);
    for (name, expected) in [("nobody", 0), ("binpack", 1)] {
        important.spec.as_mut().unwrap().scheduler_name = Some(name.to_owned());
        let request = Request::of(&important, None);
        let class = fleet.class(&request);
        let victims = fleet.preempt(class, &request).map_or(0, |found| found.victims.len());
        assert_eq!(victims, expected, "{name}");
    }
}

#[test]
fn tolerations_match_as_kubernetes_says() {
    let taint = Taint { key: "k".into(), value: "v".into(), effect: TaintEffect::NoExecute };
    for (tolerations, expected) in [
        (json!([{"key": "k", "value": "v"}]), Bearing::Always),
        (json!([{"key": "k", "operator": "Exists"}]), Bearing::Always),
        (json!([{"operator": "Exists"}]), Bearing::Always),
        (json!([{"key": "k", "value": "w"}]), Bearing::Never),
        (json!([{"key": "k", "operator": "Exists", "effect": "NoSchedule"}]), Bearing::Never),
        (
            json!([{"key": "k", "value": "v", "tolerationSeconds": 9}, {"operator": "Exists"}]),
            Bearing::Seconds(9),
        ),
        (
            json!([{"operator": "Exists"}, {"key": "k", "value": "v", "tolerationSeconds": 9}]),
            Bearing::Always,
        ),
        (json!([{"operator": "Exists", "tolerationSeconds": -1}]), Bearing::Seconds(0)),
    ] {
        let all: Vec<Toleration> = serde_json::from_value(tolerations.clone()).unwrap();
        assert_eq!(bearing(&taint, &all), expected, "{tolerations}");
    }
    for (operator, value, expected) in [
        ("Gt", "900", Bearing::Always),
        ("Gt", "950", Bearing::Never),
        ("Lt", "951", Bearing::Always),
        ("Lt", "950", Bearing::Never),
        ("Gt", "-1000", Bearing::Always),
    ] {
        let of = |value: &str| Taint { value: value.to_owned(), ..taint.clone() };
        let only = json!([{"key": "k", "operator": operator, "value": value}]);
        let only: Vec<Toleration> = serde_json::from_value(only).unwrap();
        assert_eq!(bearing(&of("950"), &only), expected, "{operator} {value}");
        assert_eq!(bearing(&of("v"), &only), Bearing::Never);
    }
}

#[test]
fn containers_that_say_nothing_weigh_something_each() {
    let weight = |spec: Value| Request::of(&pod(spec), None).weight;
    let mega = 1 << 20;
    let asks = |cpu: &str| json!({"name": "c", "resources": {"requests": {"cpu": cpu}}});
    let main = || json!([asks("1"), {"name": "d"}]);
    assert_eq!(weight(json!({"containers": main()})), (1100, 400 * mega));
    // One that prepares the pod counts as far as it asks for more than the others together, a sidecar beside them.
    let init = json!([{"name": "i"}, asks("2")]);
    assert_eq!(weight(json!({"containers": main(), "initContainers": init})), (2000, 400 * mega));
    let sidecar = json!([{"name": "s", "restartPolicy": "Always"}]);
    assert_eq!(
        weight(json!({"containers": main(), "initContainers": sidecar})),
        (1200, 600 * mega)
    );
    // What is said of the pod as a whole stands, and what it costs besides is added.
    let whole = json!({"requests": {"memory": "1Gi"}});
    let spec = json!({"containers": main(), "resources": whole, "overhead": {"cpu": "50m"}});
    assert_eq!(weight(spec), (1150, 1024 * mega));
}

#[test]
fn a_host_is_good_whose_balance_a_pod_mends() {
    let mut fleet = fleet([host("cpu"), host("even"), host("memory")]);
    let asking = |cpu: &str, memory: &str| {
        pod(
            json!({"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu, "memory": memory}}}]}),
        )
    };
    bind(&mut fleet, &asking("1", "0"), "cpu");
    bind(&mut fleet, &asking("500m", "256Mi"), "even");
    bind(&mut fleet, &asking("0", "512Mi"), "memory");
    let mut points = |pod: &Pod| {
        let request = Request::of(pod, None);
        let class = fleet.class(&request);
        let scores = fleet.scores(class, &request);
        scores.values().map(|score| score.balance).collect::<Vec<_>>()
    };
    assert_eq!(points(&asking("0", "512Mi")), [87_500, 62_500, 62_500]);
    assert_eq!(points(&asking("1", "512Mi")), [75_000, 75_000, 75_000]);
    let silent = pod(json!({"containers": [{"name": "c"}]}));
    assert_eq!(points(&silent), [75_000; 3], "who asks for nothing changes nothing");
}

#[test]
fn a_pod_that_names_its_host_is_asked_what_a_kubelet_asks() {
    let taint = |key: &str, effect| Taint { key: key.to_owned(), value: String::new(), effect };
    let mut closed = host("closed");
    closed.taints = vec![
        taint("node.kubernetes.io/unschedulable", TaintEffect::NoSchedule),
        taint("team", TaintEffect::NoSchedule),
    ];
    let mut sending = host("sending");
    sending.taints = vec![taint("away", TaintEffect::NoExecute)];
    let mut fleet = fleet([closed, sending]);
    let term = json!({"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"});
    let named = |host: &str, cpu: &str| {
        labelled(
            json!({"app": "web"}),
            json!({"nodeName": host, "nodeSelector": {"disk": "ssd"},
                "affinity": {"podAntiAffinity": {REQUIRED: [term.clone()]}},
                "containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}]}),
        )
    };
    assert_eq!(goes(&mut fleet, &named("closed", "1")), "closed");
    assert_eq!(
        goes(&mut fleet, &named("closed", "1")),
        "closed",
        "the other does not keep it away"
    );
    assert_snapshot!(goes(&mut fleet, &named("closed", "1")), @"0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match the requested node name.");
    assert_snapshot!(goes(&mut fleet, &named("sending", "1")), @"0/2 nodes are available: 1 node(s) didn't match the requested node name, 1 node(s) had untolerated taint {away: }.");
    let mut other = named("closed", "0");
    other.spec.as_mut().unwrap().node_selector = Some([("disk".into(), "hdd".into())].into());
    assert_snapshot!(goes(&mut fleet, &other), @"0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) didn't match the requested node name.");
}
