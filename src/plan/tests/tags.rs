//! Pods whose tags name other images by now.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::json;

use super::fixtures::{Fleet, fleet, single, told, web};
use crate::model::{ImageOfList, NodeName, Platform, PodKey};
use crate::observed::{MovedTag, Offered, OfferedTags};
use crate::plan::{Action, Pinned, Step, Subject, Verdict, moved, placing, tags_to_ask};

fn of(name: &str) -> Subject {
    Subject { kind: None, name: PodKey::new("default", name) }
}

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
    let image = Offered::Image { id: "id".to_owned(), digest: None };
    let offered = OfferedTags::from([("docker.io/library/nginx".to_owned(), image)]);
    // A host that does not say what it has is believed to have the right one.
    let marked = |fleet: &Fleet| moved(&fleet.observed, &ask(fleet), &offered, &[]);
    assert_eq!(marked(&fleet), BTreeMap::new());
    for pod in fleet.report("a").pods.values_mut() {
        for container in pod.containers.values_mut() {
            container.id = format!("{}-{}", pod.key.name, container.id);
            container.image_id = Some("another".to_owned());
        }
    }
    assert_eq!(marked(&fleet).into_keys().collect::<Vec<_>>(), ["latest-main"]);
    // One whose registry did not answer, neither.
    let silent = ("a".into(), "docker.io/library/nginx".to_owned());
    assert_eq!(moved(&fleet.observed, &ask(&fleet), &offered, &[silent]), BTreeMap::new());
    fleet.lost("a", 1);
    assert_eq!(ask(&fleet), BTreeMap::new());
}

fn listed(digits: &str, os: &str, architecture: &str) -> ImageOfList {
    let platform = Platform {
        os: os.to_owned(),
        architecture: architecture.to_owned(),
        variant: String::new(),
    };
    ImageOfList { digest: format!("sha256:{}", digits.repeat(32)), platform: Some(platform) }
}

#[test]
fn what_was_agreed_to_is_what_is_pulled() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[
        web(2, "nginx"),
        single("fixed", "busybox:1"),
        single("listed", "reg.example/l"),
    ]);
    let tags =
        tags_to_ask(&fleet.inventory.fleet, &fleet.desired, &fleet.bindings, &fleet.observed);
    let asked: Vec<String> = tags
        .iter()
        .flat_map(|(node, tags)| tags.keys().map(move |tag| format!("{node}: {}", tag.image)))
        .collect();
    assert_eq!(asked, ["a: docker.io/library/nginx", "a: reg.example/l"], "before a pod is there");
    let digest = |digits: &str| format!("sha256:{}", digits.repeat(32));
    let list = [
        listed("aa", "linux", "arm64"),
        listed("cc", "windows", "amd64"),
        listed("bb", "linux", "amd64"),
    ];
    let pulls = |fleet: &Fleet| {
        let plan = fleet.plan();
        let pull = |step: &Step| match &step.action {
            Action::PullImage { image, pinned, .. } => Some((image.clone(), pinned.clone())),
            _ => None,
        };
        plan.steps.iter().filter_map(pull).collect::<BTreeMap<_, _>>()
    };
    let nginx = |fleet: &Fleet| pulls(fleet)["docker.io/library/nginx"].clone();
    assert_eq!(nginx(&fleet), None, "nobody has asked");
    for (offered, pinned) in [
        (Offered::Image { id: "id".to_owned(), digest: None }, Pinned::Image("id".to_owned())),
        (
            Offered::Image { id: "id".to_owned(), digest: Some(digest("cc")) },
            Pinned::Manifest(digest("cc")),
        ),
        (Offered::Images(list.to_vec()), Pinned::Manifest(digest("bb"))),
    ] {
        let all = ["docker.io/library/nginx", "docker.io/library/busybox:1"];
        fleet.observed.offered = all.map(|name| (name.to_owned(), offered.clone())).into();
        assert_eq!(nginx(&fleet), Some(pinned));
        assert_eq!(pulls(&fleet)["docker.io/library/busybox:1"], None, "what a host has is meant");
        assert_eq!(pulls(&fleet)["reg.example/l"], None, "nobody answered");
    }
}

#[test]
fn a_host_takes_no_pod_whose_image_is_made_for_other_machines() {
    let mut fleet = fleet(&["a", "b", "c"]);
    for host in ["a", "b"] {
        fleet.report(host).facts.architecture = "arm64".to_owned();
        fleet.report(host).facts.variant = "v8".to_owned();
    }
    let mut present = single("present", "nginx");
    present["spec"]["containers"][0]["imagePullPolicy"] = json!("IfNotPresent");
    present["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": "a"});
    let wanted = [web(2, "nginx"), present];
    fleet.wants(&wanted);
    let list = vec![listed("aa", "linux", "amd64"), listed("bb", "windows", "arm64")];
    let name = "docker.io/library/nginx";
    let offered = OfferedTags::from([(name.to_owned(), Offered::Images(list.clone()))]);
    let on = |fleet: &Fleet| {
        let pods = fleet.plan().target.pods;
        let mut on: Vec<String> =
            pods.iter().map(|(key, bound)| format!("{} {}", &key.name[..3], bound.node)).collect();
        on.sort();
        on
    };
    assert_eq!(on(&fleet), ["pre a", "web a", "web b"], "nobody has asked");
    fleet.observed.offered = offered;
    assert_eq!(on(&fleet), ["pre a", "web c", "web c"], "what a host has of it is meant");
    // Pods that are there stay.
    fleet.observed.offered.clear();
    fleet.settle();
    fleet.observed.offered = OfferedTags::from([(name.to_owned(), Offered::Images(list.clone()))]);
    assert_eq!(on(&fleet), ["pre a", "web a", "web b"]);
    // The image itself is enough, whatever it is made for: the host can run it by some other means.
    fleet.bindings = crate::bindings::Bindings::default();
    for host in ["a", "b", "c"] {
        fleet.report(host).pods.clear();
    }
    fleet.report("b").images.insert(list[0].listed_as(name), 1);
    assert_eq!(on(&fleet), ["pre a", "web b", "web c"]);
    let pinned = fleet.plan().steps.into_iter().filter_map(|step| match step.action {
        Action::PullImage { pinned: Some(pinned), .. } => Some((step.node.to_string(), pinned)),
        _ => None,
    });
    let image = Pinned::Manifest(list[0].digest.clone());
    let pinned: Vec<_> = pinned.filter(|(node, _)| node == "b").map(|(_, image)| image).collect();
    assert_eq!(pinned, [image]);
}

#[test]
fn what_no_machine_can_run_says_for_which_it_is_made() {
    let mut fleet = fleet(&["a", "b", "c"]);
    fleet.report("a").facts.architecture = "arm".to_owned();
    fleet.report("a").facts.variant = "v6".to_owned();
    fleet.report("b").facts.architecture = "riscv64".to_owned();
    fleet.wants(&[single("one", "nginx")]);
    let mut v7 = listed("aa", "linux", "arm");
    v7.platform.as_mut().unwrap().variant = "v7".to_owned();
    let list = vec![v7, listed("bb", "linux", "s390x"), listed("cc", "unknown", "unknown")];
    let name = "docker.io/library/nginx".to_owned();
    fleet.observed.offered = OfferedTags::from([(name, Offered::Images(list))]);
    assert_snapshot!(told(&fleet.plan()), @"wait Pod default/one: 1 pod: 0/3 nodes are available: 1 node(s) couldn't run image docker.io/library/nginx:latest, which is not made for amd64 (it is for arm/v7, s390x), 1 node(s) couldn't run image docker.io/library/nginx:latest, which is not made for arm/v6 (it is for arm/v7, s390x), 1 node(s) couldn't run image docker.io/library/nginx:latest, which is not made for riscv64 (it is for arm/v7, s390x).");
    let input = fleet.input();
    let placing = placing(&input, &of("one")).unwrap();
    assert_eq!(placing.remedy, None, "no host of the fleet would do, nor one more like it");
    let Verdict::Rejected(why) = &placing.hosts[&NodeName::from("a")] else { panic!("it cannot") };
    assert_snapshot!(why, @"node(s) couldn't run image docker.io/library/nginx:latest, which is not made for arm/v6 (it is for arm/v7, s390x)");
    // Where one would do that is full, less is asked of that one, and one more is like that one.
    fleet.report("c").facts.architecture = "s390x".to_owned();
    let mut big = single("one", "nginx");
    big["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "1500m"}});
    let mut two = big.clone();
    two["metadata"]["name"] = json!("two");
    big["spec"]["containers"][0]["resources"]["requests"]["cpu"] = json!("2");
    fleet.wants(&[big, two]);
    let input = fleet.input();
    let placing = crate::plan::placing(&input, &of("two")).unwrap();
    assert_eq!(placing.remedy.unwrap().to_string(), "would run on one more host of the size of c");
}
