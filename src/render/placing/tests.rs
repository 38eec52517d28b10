//! Lines of hosts, few and many.

use std::collections::BTreeMap;

use insta::assert_snapshot;

use super::*;
use crate::model::{NodeName, PodKey};
use crate::schedule::{Rejection, Score};

fn score(resources: u64) -> Score {
    Score {
        resources,
        balance: 99_950,
        gpus: 0,
        images: 0,
        node_affinity: 0,
        taints: 300_000,
        pod_affinity: 0,
        spread: 200_000,
    }
}

fn placing(
    node: Option<&str>,
    hosts: impl IntoIterator<Item = (&'static str, Verdict)>,
) -> Placing {
    let hosts = hosts.into_iter().map(|(name, verdict)| (name.into(), verdict)).collect();
    let pod = PodKey::new("default", "web-1");
    let node: Option<NodeName> = node.map(NodeName::from);
    Placing {
        pod,
        profile: None,
        bound: node.clone(),
        node,
        made_way: BTreeMap::new(),
        priority: 0,
        refused: None,
        remedy: None,
        hosts,
    }
}

fn cpu(free: u64) -> Verdict {
    Verdict::Rejected(Rejection::Cpu { asked: 2000, free })
}

#[test]
fn the_best_host_comes_first_and_those_that_are_out_last() {
    let hosts = [("a", cpu(500)), ("b", Verdict::Fits(score(50_000)))];
    let best = [("c", Verdict::Fits(score(75_123)))];
    let mut placing = placing(Some("c"), hosts.into_iter().chain(best));
    assert_snapshot!(placing_text(&placing), @"
    Pod default/web-1 is on c.

    NODE   SCORE   RESOURCES   BALANCE   NODE-AFFINITY   TAINTS   POD-AFFINITY   SPREAD   WHY NOT
    c      675.0   75.1        99.9      0.0             300.0    0.0            200.0
    b      649.9   50.0        99.9      0.0             300.0    0.0            200.0
    a      -       -           -         -               -        -              -        Insufficient cpu (asked 2000m, free 500m)
    ");
    assert_snapshot!(hosts_in_short(&placing).unwrap(), @"
    NODE   SCORE   RESOURCES   BALANCE   NODE-AFFINITY   TAINTS   POD-AFFINITY   SPREAD   WHY NOT
    b      649.9   50.0        99.9      0.0             300.0    0.0            200.0
    a      -       -           -         -               -        -              -        Insufficient cpu (asked 2000m, free 500m)
    ");
    let with_image = Score { images: 40_000, ..score(50_000) };
    placing.hosts.insert("b".into(), Verdict::Fits(with_image));
    placing.profile = Some("batch".to_owned());
    assert_snapshot!(placing_text(&placing), @"
    Pod default/web-1 is on c. Another host has more points: bound pods stay where they are.
    Its host is chosen by the profile batch.

    NODE   SCORE   RESOURCES   BALANCE   IMAGES   NODE-AFFINITY   TAINTS   POD-AFFINITY   SPREAD   WHY NOT
    b      689.9   50.0        99.9      40.0     0.0             300.0    0.0            200.0
    c      675.0   75.1        99.9      0.0      0.0             300.0    0.0            200.0
    a      -       -           -         -        -               -        -              -        Insufficient cpu (asked 2000m, free 500m)
    ");
    placing.bound = None;
    let first = placing_text(&placing).lines().next().unwrap_or_default().to_owned();
    assert_snapshot!(first, @"Pod default/web-1 is not bound yet; the next `bowline apply` has it on c.");
    placing.made_way = [(PodKey::new("default", "web-2"), 0)].into();
    placing.priority = 1000;
    let first = placing_text(&placing).lines().next().unwrap_or_default().to_owned();
    assert_snapshot!(first, @"Pod default/web-1 would go to c once default/web-2 has made way (priority 0 < 1000).");
}

#[test]
fn many_hosts_that_are_alike_are_a_line() {
    let mut all = placing(None, [("db-1", Verdict::Rejected(Rejection::Unschedulable))]);
    for n in 1..=480 {
        all.hosts.insert(NodeName::new(format!("web-{n}")), cpu(500));
    }
    for n in 1..=20 {
        all.hosts.insert(NodeName::new(format!("app-{n}")), cpu(n * 10));
    }
    assert_snapshot!(hosts_in_short(&all).unwrap(), @"
    NODE                                          WHY NOT
    app-1 … app-20, web-1 … web-480 (500 hosts)   Insufficient cpu (asked 2000m, free 10m to 500m)
    db-1                                          node(s) were unschedulable
    ");
    let text = placing_text(&all);
    assert_eq!(text.lines().count(), 3 + 20 + 2, "{text}");
    assert!(
        text.contains("web-1 … web-480 (480 hosts)   Insufficient cpu (asked 2000m, free 500m)")
    );
    assert!(text.contains("\napp-20 "), "every figure has its line: {text}");
}

#[test]
fn among_other_things_there_are_not_too_many_lines() {
    let mut all = placing(None, []);
    for n in 1..=300 {
        all.hosts.insert(NodeName::new(format!("web-{n}")), Verdict::Fits(score(n * 100)));
        let taint = Rejection::Taint { key: "for".to_owned(), value: n.to_string() };
        all.hosts.insert(NodeName::new(format!("x-{n}")), Verdict::Rejected(taint));
    }
    let text = hosts_in_short(&all).unwrap();
    assert_eq!(text.lines().count(), 22, "{text}");
    assert!(text.lines().nth(1).unwrap().starts_with("web-300 "), "{text}");
    let last = "and 290 more that could take it and 290 that could not, see bowline plan --explain web-1 -n default";
    assert_eq!(text.lines().last(), Some(last));
    assert_eq!(hosts_in_short(&placing(Some("a"), [("a", cpu(1))])), None);
}

#[test]
fn where_it_is_is_told_apart_from_where_it_will_be() {
    let mut pod = placing(Some("a"), []);
    assert_snapshot!(placement(&pod).unwrap(), @"bound to a, and stays there, whatever points other hosts have");
    pod.node = Some("b".into());
    assert_snapshot!(placement(&pod).unwrap(), @"bound to a; the next `bowline apply` has it on b");
    pod.bound = None;
    assert_snapshot!(placement(&pod).unwrap(), @"not bound yet; the next `bowline apply` has it on b");
    pod.node = None;
    assert_eq!(placement(&pod), None);
}
