//! What is said of every host for a pod, in ten situations that people meet: hosts are full, tainted, cordoned or down; the pod
//! is to be spread, or near pods that are not there; a port is taken; a volume is elsewhere; a quota is used up; others make way.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, single, web};
use crate::desired::Stored;
use crate::inventory::{
    Admission, Connection, Privilege, Scheduling, SshSettings, Taint, TaintEffect, UNSCHEDULABLE,
};
use crate::model::{Kind, NodeName, Object, PodKey};
use crate::plan::{Subject, Verdict, placing};

/// What a name such as `one` or `Deployment/web` means.
fn subject(name: &str) -> Subject {
    let (kind, name) = match name.split_once('/') {
        Some((kind, name)) => (Some(Kind::parse(kind).unwrap()), name),
        None => (None, name),
    };
    Subject { kind, name: PodKey::new("default", name) }
}

/// Each host on a line; the best is marked.
pub(super) fn explained(fleet: &Fleet, name: &str) -> String {
    let placing = placing(&fleet.input(), &subject(name)).unwrap();
    let mut text = match &placing.node {
        Some(node) => format!("on {node}\n"),
        None => "waits\n".to_owned(),
    };
    if let Some(why) = &placing.refused {
        let _ = writeln!(text, "not made: {why}");
    }
    if let Some(remedy) = &placing.remedy {
        let _ = writeln!(text, "{remedy}");
    }
    let total = |verdict: &Verdict| match verdict {
        Verdict::Fits(score) => Some(score.total()),
        Verdict::Rejected(_) => None,
    };
    let most = placing.hosts.values().filter_map(total).max();
    for (node, verdict) in &placing.hosts {
        let word = match verdict {
            Verdict::Fits(score) if Some(score.total()) == most => "best".to_owned(),
            Verdict::Fits(_) => "fits".to_owned(),
            Verdict::Rejected(why) => why.to_string(),
        };
        let _ = writeln!(text, "{node}: {word}");
    }
    text
}

fn with(mut pod: Value, fields: Value) -> Value {
    pod["metadata"]["labels"] = json!({"app": pod["metadata"]["name"]});
    let Value::Object(fields) = fields else { panic!("fields") };
    pod["spec"].as_object_mut().unwrap().extend(fields);
    pod
}

fn container(resources: Value) -> Value {
    let mut fields = json!({"containers": [{"name": "main", "image": "redis:7"}]});
    fields["containers"][0]["resources"]["requests"] = resources;
    fields
}

#[test]
fn a_pod_that_has_a_host_shows_what_speaks_for_each() {
    let mut fleet = fleet(&["a", "b", "c"]);
    fleet.wants(&[web(1, "nginx:1"), single("one", "redis:7")]).settle();
    assert_snapshot!(explained(&fleet, "one"), @"
    on b
    a: fits
    b: best
    c: best
    ");
}

#[test]
fn full_hosts_say_what_is_free() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[with(single("big", "redis:7"), container(json!({"cpu": "3", "memory": "1Gi"})))]);
    assert_snapshot!(explained(&fleet, "big"), @"
    waits
    would fit a if it asked for 1000m less CPU: 2000m are free
    a: Insufficient cpu (asked 3000m, free 2000m)
    b: Insufficient cpu (asked 3000m, free 2000m)
    ");
    fleet.wants(&[with(single("big", "redis:7"), container(json!({"example.org/gpu": "1"})))]);
    assert_snapshot!(explained(&fleet, "big"), @"
    waits
    a: Insufficient example.org/gpu (asked 1, free 0)
    b: Insufficient example.org/gpu (asked 1, free 0)
    ");
}

#[test]
fn what_makes_pods_is_asked_about_by_its_kind() {
    let mut fleet = fleet(&["a"]);
    let both =
        |replicas: u64| [web(replicas, "nginx:1"), with(single("web", "redis:7"), json!({}))];
    fleet.wants(&both(2)).settle();
    let of = |fleet: &Fleet, name: &str| {
        let placing = placing(&fleet.input(), &subject(name))?;
        Some((placing.pod.name, placing.node.is_some(), placing.bound.is_some()))
    };
    let pod = Some(("web".to_owned(), true, true));
    assert_eq!((of(&fleet, "web"), of(&fleet, "pod/web")), (pod.clone(), pod));
    let first = fleet.bindings.pods.keys().find(|key| key.name.starts_with("web-")).unwrap();
    assert_eq!(of(&fleet, "deploy/web"), Some((first.name.clone(), true, true)));
    assert_eq!(of(&fleet, "job/web"), None);
    assert_eq!(of(&fleet, &format!("deploy/{}", first.name)), None);
    // One of them waits: that is the one that is asked about.
    let mut more = both(3);
    more[0]["spec"]["template"]["spec"]["containers"][0]["ports"] =
        json!([{"containerPort": 80, "hostPort": 80}]);
    let mut fleet = super::fixtures::fleet(&["a"]);
    fleet.wants(&more).settle();
    let (name, placed, bound) = of(&fleet, "deployment/web").unwrap();
    assert!(name.starts_with("web-") && !placed && !bound, "{name}");
}

#[test]
fn amounts_of_bytes_are_written_as_quantities() {
    let mut fleet = fleet(&["a"]);
    let asks = |memory: &str| with(single("big", "redis:7"), container(json!({"memory": memory})));
    fleet.wants(&[asks("6442450945")]);
    assert_snapshot!(explained(&fleet, "big"), @"
    waits
    would fit a if it asked for 2.1Gi less memory: 4Gi is free
    a: Insufficient memory (asked 6.1Gi, free 4Gi)
    ");
    fleet.report("a").facts.amounts.insert("hugepages-2Mi".to_owned(), 64 << 20);
    let huge = json!({"hugepages-2Mi": "96Mi", "memory": "1Mi"});
    fleet.wants(&[with(single("big", "redis:7"), container(huge))]);
    assert_snapshot!(explained(&fleet, "big"), @"
    waits
    would fit a if it asked for 32Mi less hugepages-2Mi: 64Mi is free
    a: Insufficient hugepages-2Mi (asked 96Mi, free 64Mi)
    ");
}

#[test]
fn a_taint_and_a_host_that_is_down_are_named() {
    let mut fleet = fleet(&["a", "b", "c"]);
    let (key, value) = ("gpu".into(), "yes".into());
    let taint = Taint { key, value, effect: TaintEffect::NoSchedule };
    fleet.inventory.hosts.get_mut(&NodeName::from("a")).unwrap().taints.push(taint);
    fleet.wants(&[single("one", "redis:7")]).lost("b", 1);
    assert_snapshot!(explained(&fleet, "one"), @"
    on c
    a: node(s) had untolerated taint {gpu: yes}
    b: node(s) were unreachable
    c: best
    ");
}

fn cordon(fleet: &mut Fleet, host: &str) {
    fleet.inventory.hosts.get_mut(&NodeName::from(host)).unwrap().admission = Admission::Cordoned;
}

#[test]
fn a_cordoned_host_is_named_and_uncordoned_where_that_would_do() {
    let mut fleet = fleet(&["a", "b", "c"]);
    fleet.wants(&[single("one", "redis:7")]);
    cordon(&mut fleet, "a");
    assert_snapshot!(explained(&fleet, "one"), @"
    on b
    a: node(s) were unschedulable
    b: best
    c: best
    ");
    // Of the two that are left out on purpose b would not do: it lacks the label.
    cordon(&mut fleet, "b");
    let c = fleet.inventory.hosts.get_mut(&NodeName::from("c")).unwrap();
    c.labels.insert("disk".into(), "ssd".into());
    let picky = || with(single("one", "redis:7"), json!({"nodeSelector": {"disk": "ssd"}}));
    fleet.wants(&[picky()]);
    cordon(&mut fleet, "c");
    assert_snapshot!(explained(&fleet, "one"), @"
    waits
    would run on c after `bowline uncordon c`
    a: node(s) were unschedulable
    b: node(s) were unschedulable
    c: node(s) were unschedulable
    ");
    // A taint of the same key that somebody gave the host is not lifted by it.
    let (key, value) = (UNSCHEDULABLE.into(), String::new());
    let taint = Taint { key, value, effect: TaintEffect::NoSchedule };
    fleet.inventory.hosts.get_mut(&NodeName::from("c")).unwrap().taints.push(taint);
    assert_snapshot!(explained(&fleet, "one"), @"
    waits
    would run on one more host of the size of c
    a: node(s) were unschedulable
    b: node(s) were unschedulable
    c: node(s) were unschedulable
    ");
}

#[test]
fn company_and_spread_say_who_is_missing_or_in_the_way() {
    let mut fleet = fleet(&["a", "b"]);
    let host = "kubernetes.io/hostname";
    let term =
        |app: &str| json!([{"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": host}]);
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let near = json!({"affinity": {"podAffinity": {required: term("nobody")}}});
    fleet.wants(&[with(single("near", "redis:7"), near)]);
    assert_snapshot!(explained(&fleet, "near"), @"
    waits
    would run beside a pod with app=nobody on a
    a: node(s) didn't match pod affinity rules
    b: node(s) didn't match pod affinity rules
    ");
    let mut apart = web(3, "nginx:1");
    apart["spec"]["template"]["spec"]["affinity"] =
        json!({"podAntiAffinity": {required: term("web")}});
    fleet.wants(&[apart]).settle();
    assert_snapshot!(explained(&fleet, "web"), @"
    waits
    would run on one more host of the size of a
    a: node(s) didn't match pod anti-affinity rules
    b: node(s) didn't match pod anti-affinity rules
    ");
    let mut even = web(3, "nginx:2");
    even["spec"]["template"]["spec"]["topologySpreadConstraints"] = json!([{"maxSkew": 1, "topologyKey": host,
        "minDomains": 3, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "web"}}}]);
    let mut fleet = super::fixtures::fleet(&["a", "b"]);
    fleet.wants(&[even]).settle();
    assert_snapshot!(explained(&fleet, "web"), @"
    waits
    would run on a with maxSkew 2 for kubernetes.io/hostname
    a: node(s) didn't match pod topology spread constraints
    b: node(s) didn't match pod topology spread constraints
    ");
}

#[test]
fn no_pod_gets_the_port_of_the_hosts_own_ssh_server() {
    let mut fleet = fleet(&["a", "b", "c"]);
    let at = |fleet: &mut Fleet, host: &str, connection: Connection| {
        fleet.inventory.hosts.get_mut(&NodeName::from(host)).unwrap().connection = connection;
    };
    let Connection::Ssh(ssh) = fleet.inventory.hosts[&NodeName::from("b")].connection.clone()
    else {
        panic!("b is reached over SSH")
    };
    at(&mut fleet, "b", Connection::Ssh(SshSettings { address: "10.0.0.2".to_owned(), ..ssh }));
    at(&mut fleet, "c", Connection::Local(Privilege::Direct));
    let asking = |port: Value, fields: Value| {
        let containers = json!([{"name": "main", "image": "redis:7", "ports": [port]}]);
        with(with(single("one", "redis:7"), json!({"containers": containers})), fields)
    };
    fleet.wants(&[asking(json!({"containerPort": 80, "hostPort": 22}), json!({}))]);
    assert_snapshot!(explained(&fleet, "one"), @"
    on c
    a: node(s) didn't have free ports for the requested pod ports (the host's SSH server has 22/tcp)
    b: node(s) didn't have free ports for the requested pod ports (the host's SSH server has 22/tcp)
    c: best
    ");
    // Of b it is known which address is logged in at.
    let port = json!({"containerPort": 80, "hostPort": 22, "hostIP": "10.0.0.3"});
    fleet.wants(&[asking(port, json!({"nodeName": "b"}))]);
    assert_snapshot!(explained(&fleet, "one").lines().next().unwrap(), @"on b");
    for (port, fields) in [
        (json!({"containerPort": 22}), json!({"nodeName": "a", "hostNetwork": true})),
        (
            json!({"containerPort": 80, "hostPort": 22, "hostIP": "10.0.0.2"}),
            json!({"nodeName": "b"}),
        ),
    ] {
        fleet.wants(&[asking(port, fields)]);
        let text = explained(&fleet, "one");
        assert!(text.starts_with("waits\n") && text.contains("SSH server has 22/tcp"), "{text}");
    }
    let udp = json!({"containerPort": 80, "hostPort": 22, "protocol": "UDP"});
    fleet.wants(&[asking(udp, json!({"nodeName": "a"}))]);
    assert_snapshot!(explained(&fleet, "one").lines().next().unwrap(), @"on a");
}

#[test]
fn a_port_and_a_volume_keep_a_pod_from_hosts() {
    let mut fleet = fleet(&["a", "b"]);
    let ports = || {
        json!({"nodeSelector": {"kubernetes.io/hostname": "a"}, "containers": [{"name": "main",
            "image": "redis:7", "ports": [{"containerPort": 80, "hostPort": 80}]}]})
    };
    fleet.wants(&[with(single("one", "redis:7"), ports())]).settle();
    fleet
        .wants(&[with(single("one", "redis:7"), ports()), with(single("two", "redis:7"), ports())]);
    assert_snapshot!(explained(&fleet, "two"), @"
    waits
    would run on a without hostPort 80
    a: node(s) didn't have free ports for the requested pod ports
    b: node(s) didn't match Pod's node affinity/selector
    ");
    let claims =
        json!({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]});
    let three = || with(single("three", "redis:7"), claims.clone());
    fleet.wants(&[three()]);
    assert_snapshot!(explained(&fleet, "three"), @r#"
    waits
    a: persistentvolumeclaim "data" not found
    b: persistentvolumeclaim "data" not found
    "#);
    // The data are on a, which another pod has filled since.
    let data = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "default", "uid": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    let mut fleet = super::fixtures::fleet(&["a", "b"]);
    fleet.wants(&[data, three()]).settle();
    let filler = with(single("on-a", "redis:7"), container(json!({"cpu": "1500m"})));
    let filler = with(filler, json!({"nodeName": "a"}));
    let mut four = with(single("four", "redis:7"), claims.clone());
    four["spec"]["containers"] = container(json!({"cpu": "1"}))["containers"].take();
    for wanted in [filler, four] {
        fleet.settle();
        let object = Object::try_from(wanted).unwrap();
        fleet.desired.objects.insert(object.key(), Stored::new(object));
    }
    assert_snapshot!(explained(&fleet, "four"), @"
    waits
    would fit a if it asked for 500m less CPU: 500m are free
    a: Insufficient cpu (asked 1000m, free 500m)
    b: node(s) had volume node affinity conflict
    ");
}

#[test]
fn what_makes_room_for_a_pod_does_not_stand_in_its_way() {
    let mut fleet = fleet(&["a"]);
    let class = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
        "metadata": {"name": "high"}, "value": 10});
    let low = || with(single("low", "redis:7"), container(json!({"cpu": "2"})));
    fleet.wants(&[class.clone(), low()]).settle();
    let mut high = with(single("high", "redis:7"), container(json!({"cpu": "2"})));
    high["spec"]["priorityClassName"] = json!("high");
    fleet.wants(&[class, low(), high]);
    assert_snapshot!(explained(&fleet, "high"), @"
    on a
    a: best
    ");
    let high = placing(&fleet.input(), &subject("high")).unwrap();
    assert_eq!(high.made_way, [(PodKey::new("default", "low"), 0)].into());
    assert_eq!((high.priority, high.bound), (10, None));
    assert_snapshot!(explained(&fleet, "low"), @"
    waits
    would run on one more host of the size of a
    a: Insufficient cpu (asked 2000m, free 0m)
    ");
}

#[test]
fn a_quota_says_why_a_pod_is_not_made() {
    let mut fleet = fleet(&["a"]);
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": {"name": "q", "namespace": "default"}, "spec": {"hard": {"pods": "1"}}});
    fleet.wants(&[quota, web(2, "nginx:1")]).settle();
    assert_snapshot!(explained(&fleet, "web"), @r#"
    waits
    not made: pods "web-ljdsqpkncn-hrrqk" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1
    would be made if quota q allowed pods=2
    a: best
    "#);
}

#[test]
fn the_smallest_change_is_one_that_was_tried() {
    let mut fleet = fleet(&["a", "b", "c"]);
    let (key, value) = ("dedicated".into(), "db".into());
    let taint = Taint { key, value, effect: TaintEffect::NoSchedule };
    fleet.inventory.hosts.get_mut(&NodeName::from("c")).unwrap().taints.push(taint);
    let all = |cpu: &str, rest: Value| {
        let mut pod = with(single("one", "redis:7"), container(json!({"cpu": cpu})));
        pod["spec"].as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        pod
    };
    let fillers = |cpu: &str| {
        ["a", "b"].map(|host| {
            let mut pod =
                with(single(&format!("on-{host}"), "redis:7"), container(json!({"cpu": cpu})));
            pod["spec"]["nodeName"] = json!(host);
            pod
        })
    };
    let first = |fleet: &Fleet| explained(fleet, "one").lines().nth(1).unwrap().to_owned();
    // The host with the most room is the one to ask less of.
    let [on_a, mut on_b] = fillers("1500m");
    on_b["spec"]["containers"][0]["resources"]["requests"]["cpu"] = json!("500m");
    fleet.wants(&[on_a.clone(), on_b.clone()]).settle();
    fleet.wants(&[on_a, on_b, all("2", json!({}))]);
    assert_eq!(first(&fleet), "would fit b if it asked for 500m less CPU: 1500m are free");
    // Nothing is free, so nothing can be asked less; a taint can be borne.
    let fillers = fillers("2");
    fleet.wants(&fillers).settle();
    fleet.wants(&[fillers[0].clone(), fillers[1].clone(), all("2", json!({}))]);
    assert_eq!(first(&fleet), "would run on c with a toleration of dedicated=db:NoSchedule");
    // A host that is down would do as it is.
    fleet.lost("c", 1);
    fleet.inventory.hosts.get_mut(&NodeName::from("c")).unwrap().taints.clear();
    fleet.inventory.hosts.get_mut(&NodeName::from("c")).unwrap().capacity.cpu_milli = Some(2000);
    assert_eq!(first(&fleet), "would run on c if that answered");
    // No host has the label; a full one would not do with it.
    let mut fleet = super::fixtures::fleet(&["a", "b"]);
    let on_a = &fillers[0];
    fleet.wants(std::slice::from_ref(on_a)).settle();
    fleet.wants(&[on_a.clone(), all("1", json!({"nodeSelector": {"disk": "ssd"}}))]);
    assert_eq!(first(&fleet), "would run on b if that had the label disk=ssd");
    // No single change would do where two are needed.
    fleet.wants(&[on_a.clone(), all("3", json!({"nodeSelector": {"disk": "ssd"}}))]);
    assert_eq!(first(&fleet), "a: node(s) didn't match Pod's node affinity/selector");
}

#[test]
fn a_profile_that_is_not_there_is_named_with_those_that_are() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.inventory.scheduling.named.insert("batch".to_owned(), Scheduling::BINPACK);
    let by = |name: &str| with(single("one", "redis:7"), json!({"schedulerName": name}));
    fleet.wants(&[by("bach")]);
    assert_snapshot!(explained(&fleet, "one"), @r#"
    waits
    would run on a with `schedulerName: batch`
    a: no scheduler is called "bach": there are batch, binpack, default-scheduler, spread
    b: no scheduler is called "bach": there are batch, binpack, default-scheduler, spread
    "#);
    fleet.wants(&[by("volcano")]);
    assert_snapshot!(explained(&fleet, "one"), @r#"
    waits
    would run on a with `schedulerName: default-scheduler`
    a: no scheduler is called "volcano": there are batch, binpack, default-scheduler, spread
    b: no scheduler is called "volcano": there are batch, binpack, default-scheduler, spread
    "#);
    // One that would fit nowhere is not told to ask for another.
    let big = json!({"schedulerName": "volcano", "nodeSelector": {"disk": "ssd"}});
    fleet.wants(&[with(single("one", "redis:7"), big)]);
    assert!(!explained(&fleet, "one").contains("would"), "{}", explained(&fleet, "one"));
}

#[test]
fn a_bound_pod_stays_when_its_profile_goes() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.inventory.scheduling.named.insert("batch".to_owned(), Scheduling::BINPACK);
    let mut packed = web(3, "nginx:1");
    packed["spec"]["template"]["spec"]["schedulerName"] = json!("batch");
    fleet.wants(&[single("one", "redis:7")]).settle();
    fleet.wants(&[single("one", "redis:7"), packed.clone()]).settle();
    let on = |fleet: &Fleet, host: &str| {
        fleet.bindings.pods.values().filter(|b| b.node.as_str() == host).count()
    };
    assert_eq!((on(&fleet, "a"), on(&fleet, "b")), (4, 0), "all on the fullest");
    fleet.inventory.scheduling.named.clear();
    let changes = fleet.plan().report.changes;
    assert_eq!(changes.iter().filter(|change| change.object.kind == "Pod").count(), 0);
    packed["spec"]["replicas"] = json!(4);
    fleet.wants(&[single("one", "redis:7"), packed]).settle();
    assert_eq!((on(&fleet, "a"), on(&fleet, "b")), (4, 0));
    let pending = fleet.plan().report.pending;
    let pending: Vec<String> = pending.iter().map(|one| one.waiting.to_string()).collect();
    assert_eq!(
        pending,
        [
            "1 pod: 0/2 nodes are available: no scheduler is called \"batch\": there are binpack, default-scheduler, spread."
        ]
    );
}
