//! Pods whose tags name other images by now.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::json;

use super::fixtures::{Fleet, fleet, single, told, web};
use crate::observed::MovedTag;
use crate::plan::{Offered, Offers, moved, tags_to_ask};

/// Says of every container that is there now that its tag has moved.
fn all_have_moved(fleet: &mut Fleet) -> BTreeMap<String, MovedTag> {
    let mut marks = BTreeMap::new();
    for report in fleet.observed.hosts.values_mut().filter_map(|state| match state {
        crate::observed::HostState::Reachable(report) => Some(report),
        crate::observed::HostState::Unreachable(_) => None,
    }) {
        for (sandbox, pod) in &mut report.pods {
            for container in pod.containers.values_mut() {
                container.id.clone_from(sandbox);
                let image = container.image.clone();
                let (from, to) = ("sha256:aa".to_owned(), "sha256:bb".to_owned());
                marks.insert(container.id.clone(), MovedTag { image, from, to });
            }
        }
    }
    fleet.observed.mark_moved(&marks);
    marks
}

#[test]
fn like_pods_give_way_by_the_rules_of_their_rollout_and_a_pod_of_its_own_in_its_place() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[web(2, "nginx"), single("own", "busybox")]).settle();
    let marks = all_have_moved(&mut fleet);
    let told = told(&fleet.plan());
    let said: Vec<&str> = told.lines().filter(|line| line.starts_with("replace")).collect();
    assert_eq!(said.len(), 3, "{told}");
    assert_snapshot!(said[0], @"replace own: image docker.io/library/busybox moved: sha256:aa -> sha256:bb");
    assert!(said[1].contains(
        ": image docker.io/library/nginx moved: sha256:aa -> sha256:bb; takes the place of web-"
    ));
    assert!(
        told.ends_with("wait Deployment default/web: 1 more pod follows as the others come up\n")
    );
    // What is made meanwhile is none of those that have moved.
    for _ in 0..6 {
        fleet.round();
        fleet.observed.mark_moved(&marks);
    }
    assert_eq!(fleet.plan().report.changes.iter().filter(|c| c.object.kind == "Pod").count(), 0);
    assert_eq!(fleet.spread(), [("a".to_owned(), 3)]);
}

#[test]
fn only_tags_that_are_pulled_every_time_are_asked_for() {
    let mut fleet = fleet(&["a"]);
    let digest = format!("nginx@sha256:{}", "0a".repeat(32));
    let mut pinned = single("pinned", &digest);
    pinned["spec"]["containers"][0]["imagePullPolicy"] = json!("Always");
    fleet.wants(&[single("latest", "nginx"), single("fixed", "nginx:1"), pinned]).settle();
    let ask = |fleet: &Fleet| {
        tags_to_ask(&fleet.inventory.fleet, &fleet.desired, &fleet.bindings, &fleet.observed)
    };
    let tags = ask(&fleet);
    let tags = tags.values().flatten();
    let images: Vec<&str> = tags.map(|(tag, _)| tag.image.as_str()).collect();
    assert_eq!(images, ["docker.io/library/nginx"]);
    let image = Offered::Image("id".to_owned());
    let offers = Offers::from([("main".to_owned(), image)]);
    // A host that does not say what it has is believed to have the right one.
    assert_eq!(moved(&fleet.observed, &offers), BTreeMap::new());
    fleet.lost("a", 1);
    assert_eq!(ask(&fleet), BTreeMap::new());
}
