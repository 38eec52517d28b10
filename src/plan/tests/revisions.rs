//! How one revision gives way to the next.

use insta::assert_snapshot;
use serde_json::json;

use super::fixtures::{fleet, single, told, web};
use crate::observed::ContainerState;

#[test]
fn a_new_image_comes_up_before_an_old_pod_goes() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1")]).settle();
    fleet.wants(&[web(2, "nginx:2")]);
    assert_snapshot!(fleet.round(), @"
    do a: create pod default/web-dkrpttdnbg-dkfqt
    replace web-dkrpttdnbg-dkfqt: takes the place of web-ljdsqpkncn-rmksb on a, which is of an older revision
    replace web-dkrpttdnbg-jpbhc: takes the place of web-ljdsqpkncn-hrrqk on b, which is of an older revision
    wait Deployment default/web: 1 more pod follows as the others come up
    ");
    assert_snapshot!(fleet.round(), @"
    do b: delete pod default/web-ljdsqpkncn-hrrqk
    replace web-dkrpttdnbg-jpbhc: takes the place of web-ljdsqpkncn-hrrqk on b, which is of an older revision
    delete web-ljdsqpkncn-rmksb: more pods than Deployment default/web asks for
    wait Deployment default/web: 1 more pod follows as the others come up
    ");
}

#[test]
fn recreate_ends_all_before_the_first_comes() {
    let mut fleet = fleet(&["a", "b"]);
    let with_strategy = |image| {
        let mut web = web(2, image);
        web["spec"]["strategy"] = json!({"type": "Recreate"});
        web
    };
    fleet.wants(&[with_strategy("nginx:1")]).settle();
    fleet.wants(&[with_strategy("nginx:2")]);
    assert_snapshot!(fleet.round(), @"
    do a: delete pod default/web-ljdsqpkncn-rmksb
    do b: delete pod default/web-ljdsqpkncn-hrrqk
    replace web-dkrpttdnbg-dkfqt: takes the place of web-ljdsqpkncn-rmksb on a, which is of an older revision
    replace web-dkrpttdnbg-jpbhc: takes the place of web-ljdsqpkncn-hrrqk on b, which is of an older revision
    wait Deployment default/web: 2 more pods follow as the others come up
    ");
    assert_snapshot!(fleet.round(), @"
    do a: create pod default/web-dkrpttdnbg-dkfqt
    do b: create pod default/web-dkrpttdnbg-jpbhc
    create web-dkrpttdnbg-dkfqt: missing on a
    create web-dkrpttdnbg-jpbhc: missing on b
    ");
}

#[test]
fn a_rollout_that_is_taken_back_keeps_what_is_still_there() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1")]).settle();
    let before = fleet.observed.clone();
    fleet.wants(&[web(2, "nginx:2")]).round();
    fleet.wants(&[web(2, "nginx:1")]).settle();
    assert_eq!(fleet.observed, before);
}

#[test]
fn a_new_revision_that_does_not_come_up_leaves_the_old_one() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[web(2, "nginx:1")]).settle();
    fleet.wants(&[web(2, "nginx:broken")]).round();
    for report in ["a", "b"] {
        for pod in fleet.report(report).pods.values_mut() {
            for container in pod.containers.values_mut().filter(|c| c.image.ends_with("broken")) {
                container.state = ContainerState::Exited { code: 1, finished: None };
            }
        }
    }
    assert_snapshot!(told(&fleet.plan()), @"
    do b: start containers of pod default/web-rmshhqdsbb-bjrhh
    delete web-ljdsqpkncn-hrrqk: more pods than Deployment default/web asks for
    update web-rmshhqdsbb-bjrhh: container main exited with 1: start again
    replace web-rmshhqdsbb-cgrch: takes the place of web-ljdsqpkncn-rmksb on a, which is of an older revision
    wait Deployment default/web: 1 more pod follows as the others come up
    ");
}

#[test]
fn what_podman_cannot_start_is_made_anew() {
    let mut fleet = fleet(&["a"]);
    fleet.wants(&[web(2, "nginx:1")]).settle();
    let mut pods = fleet.report("a").pods.values_mut();
    for container in pods.next().unwrap().containers.values_mut() {
        container.state = ContainerState::Stopping { started: jiff::Timestamp::UNIX_EPOCH };
    }
    pods.next().unwrap().containers.clear();
    assert_snapshot!(told(&fleet.plan()), @"
    do a: create pod default/web-ljdsqpkncn-hrrqk
    do a: create pod default/web-ljdsqpkncn-rmksb
    replace web-ljdsqpkncn-hrrqk: container main is stopping
    replace web-ljdsqpkncn-rmksb: has no containers
    ");
}

#[test]
fn a_pod_that_has_just_started_is_waited_for() {
    let mut fleet = fleet(&["a"]);
    let mut slow = web(2, "nginx:1");
    slow["spec"]["minReadySeconds"] = json!(10);
    fleet.wants(&[slow]).round();
    assert_snapshot!(told(&fleet.plan()), @"wait Deployment default/web: 0 of 2 pods are available: web-ljdsqpkncn-hrrqk is running, but not for long enough");
}

#[test]
fn a_pod_of_its_own_is_replaced_where_it_is() {
    let mut fleet = fleet(&["a", "b"]);
    fleet.wants(&[single("one", "redis:7")]).settle();
    fleet.wants(&[single("one", "redis:8")]);
    assert_snapshot!(fleet.round(), @"
    do a: create pod default/one
    replace one: made from something else
    ");
    assert_snapshot!(told(&fleet.plan()), @"");
}

#[test]
fn a_config_map_that_is_missing_blocks_new_pods_and_leaves_old_ones() {
    let mut fleet = fleet(&["a"]);
    let using = |replicas| {
        let mut web = web(replicas, "nginx:1");
        let container = &mut web["spec"]["template"]["spec"]["containers"][0];
        container["envFrom"] = json!([{"configMapRef": {"name": "settings"}}]);
        web
    };
    let settings = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "default"}, "data": {"a": "1"}});
    fleet.wants(&[using(1), settings]).settle();
    assert_snapshot!(told(&fleet.wants(&[using(2)]).plan()), @r#"wait Deployment default/web: configmap "settings" not found"#);
}

#[test]
fn restart_policies_decide_what_is_started_again() {
    for (policy, code, again) in
        [("Always", 0, true), ("OnFailure", 0, false), ("OnFailure", 1, true), ("Never", 1, false)]
    {
        let mut fleet = fleet(&["a"]);
        let mut one = single("one", "busybox:1");
        one["spec"]["restartPolicy"] = json!(policy);
        fleet.wants(&[one]).settle();
        for pod in fleet.report("a").pods.values_mut() {
            for container in pod.containers.values_mut() {
                container.state = ContainerState::Exited { code, finished: None };
            }
        }
        let told = told(&fleet.plan());
        assert_eq!(told.contains("do a: start containers"), again, "{policy} {code}: {told}");
    }
}
