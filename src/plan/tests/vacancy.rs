//! No host ever has more than it takes, not even for the moment in which one revision gives way to the next.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, told, web};
use crate::inventory::{Admission, Taint, TaintEffect};
use crate::model::NodeName;

/// So many pods, of which no two can be on one host.
fn apart(replicas: u64, image: &str, strategy: &Value) -> Value {
    let mut web = web(replicas, image);
    web["spec"]["strategy"] = json!({"type": "RollingUpdate", "rollingUpdate": strategy});
    web["spec"]["template"]["spec"]["affinity"] = json!({"podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [{
            "topologyKey": "kubernetes.io/hostname",
            "labelSelector": {"matchLabels": {"app": "web"}},
        }],
    }});
    web
}

/// Goes on until nothing is done any more, and says the most pods that a host had.
fn most(fleet: &mut Fleet) -> usize {
    let mut most = 0;
    for _ in 0..40 {
        if !fleet.round().contains("do ") {
            return most;
        }
        most = most.max(fleet.spread().iter().map(|(_, pods)| *pods).max().unwrap());
    }
    panic!("it does not settle: {}", told(&fleet.plan()))
}

fn of_revision(fleet: &Fleet, image: &str) -> usize {
    let pods = fleet.observed.reachable().flat_map(|(_, report)| report.pods.values());
    pods.filter(|pod| pod.containers.values().any(|c| c.image.ends_with(image))).count()
}

#[test]
fn a_pod_comes_when_the_one_has_gone_whose_room_it_gets() {
    let hosts = ["a", "b", "c", "d"];
    for strategy in [json!({}), json!({"maxSurge": 0, "maxUnavailable": 2})] {
        let mut fleet = fleet(&hosts);
        fleet.wants(&[apart(4, "nginx:1", &strategy)]).settle();
        fleet.wants(&[apart(4, "nginx:2", &strategy)]);
        assert_eq!(most(&mut fleet), 1, "{strategy}");
        assert_eq!(of_revision(&fleet, "nginx:2"), 4, "{strategy}");
    }
}

#[test]
fn the_room_of_a_larger_revision_is_made_where_it_is_needed() {
    let sized = |cpu: &str| {
        let mut web = web(3, "nginx:1");
        web["spec"]["strategy"] =
            json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}});
        web["spec"]["template"]["spec"]["containers"][0]["resources"] =
            json!({"requests": {"cpu": cpu}});
        web
    };
    let mut fleet = fleet(&["a", "b"]);
    fleet.inventory.hosts.get_mut(&NodeName::from("b")).unwrap().capacity.cpu_milli = Some(4000);
    fleet.wants(&[sized("1500m")]).settle();
    fleet.wants(&[sized("1600m")]);
    for _ in 0..20 {
        let did = fleet.round();
        let pods = fleet.spread();
        assert!(pods[0].1 <= 1 && pods[1].1 <= 2, "{pods:?} after {did}");
        if !did.contains("do ") {
            break;
        }
    }
    assert_snapshot!(told(&fleet.plan()), @"");
}

#[test]
fn where_nobody_may_go_first_it_is_said_who_is_in_the_way() {
    let careful = json!({"maxSurge": 1, "maxUnavailable": 0});
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[apart(2, "nginx:1", &careful)]).settle();
    fleet.wants(&[apart(2, "nginx:2", &careful)]);
    assert_eq!(most(&mut fleet), 0);
    assert_snapshot!(told(&fleet.plan()), @"
    replace web-ghdrlqcpcb-ffcpq: takes the place of web-skmmpnlnpr-mgnrl on b, which is of an older revision
    replace web-ghdrlqcpcb-nhtjm: takes the place of web-skmmpnlnpr-hpfsd on a, which is of an older revision
    wait Deployment default/web: 2 pods wait for room, one of them on b: web-skmmpnlnpr-mgnrl is there, and Deployment default/web lets no more pods go now (maxUnavailable)
    ");
}

/// What else is against the host does not hide that there is no room.
#[test]
fn a_cordon_in_the_midst_makes_no_room() {
    let careful = json!({"maxSurge": 1, "maxUnavailable": 0});
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[apart(2, "nginx:1", &careful)]).settle();
    fleet.wants(&[apart(2, "nginx:2", &careful)]);
    fleet.round();
    for host in ["a", "b"] {
        let host = fleet.inventory.hosts.get_mut(&NodeName::from(host)).unwrap();
        host.admission = Admission::Cordoned;
    }
    assert_eq!(most(&mut fleet), 0);
}

#[test]
fn pods_that_nothing_can_replace_are_not_said_to_go() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1")]).settle();
    let mut large = web(2, "nginx:1");
    large["spec"]["template"]["spec"]["containers"][0]["resources"] =
        json!({"requests": {"cpu": "3"}});
    fleet.wants(&[large]);
    fleet.round();
    assert_snapshot!(told(&fleet.plan()), @"wait Deployment default/web: 2 pods: 0/2 nodes are available: 2 Insufficient cpu.");
    assert_eq!(of_revision(&fleet, "nginx:1"), 2);
}

/// As the taint manager has it, which asks neither Deployments nor budgets.
#[test]
fn a_taint_that_sends_pods_away_waits_for_no_other() {
    let mut fleet = fleet(&["a", "b"]);
    let mut only = web(1, "nginx:1");
    only["spec"]["template"]["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": "a"});
    fleet.wants(&[only]).settle();
    let taint = Taint { key: "gone".into(), value: String::new(), effect: TaintEffect::NoExecute };
    fleet.inventory.hosts.get_mut(&NodeName::from("a")).unwrap().taints.push(taint);
    assert_eq!(fleet.settle().spread(), [("a".into(), 0), ("b".into(), 0)]);
}
