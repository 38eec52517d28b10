//! Images that are there already.

use super::fixtures::*;
use crate::inventory::{Scheduling, Weights};
use crate::schedule::*;
use k8s_openapi::api::core::v1::Pod;
use serde_json::json;

const BIG: &str = "docker.io/library/big:1";

fn having(name: &str, images: &[(&str, u64)]) -> Candidate {
    let mut host = host(name);
    host.images =
        images.iter().map(|(name, mebibytes)| ((*name).to_owned(), mebibytes << 20)).collect();
    host
}

fn of(image: &str) -> Pod {
    pod(json!({"containers": [{"name": "c", "image": image}]}))
}

/// The points of each host, in order of their names.
fn points(fleet: &mut Fleet, pod: &Pod) -> Vec<u64> {
    let request = Request::of(pod, None);
    let class = fleet.class(&request);
    fleet.scores(class, &request).values().map(|score| score.images).collect()
}

#[test]
fn a_host_that_has_the_image_is_better_by_its_size() {
    let mut fleet = fleet([having("a", &[]), having("b", &[(BIG, 500)])]);
    // Half of 500 MiB, as one host of two has it: 227 of the 977 MiB between the bounds.
    assert_eq!(points(&mut fleet, &of("big:1")), [0, 23_234]);
    assert_eq!(points(&mut fleet, &of("big:2")), [0, 0]);
    assert_eq!(goes(&mut fleet, &of("big:1")), "b");
    // What is pulled in a moment says nothing, so the emptier one is taken.
    let mut fleet = super::fixtures::fleet([having("a", &[]), having("b", &[(BIG, 46)])]);
    assert_eq!(points(&mut fleet, &of("big:1")), [0, 0]);
    assert_eq!(goes(&mut fleet, &of("big:1")), "a");
}

#[test]
fn what_all_hosts_have_counts_in_full_and_never_more_than_all() {
    let huge = [(BIG, 5000), ("reg.io/b:latest", 200)];
    let mut fleet = fleet([having("a", &huge), having("b", &huge[..1])]);
    assert_eq!(points(&mut fleet, &of(BIG)), [100_000, 100_000]);
    let two = pod(json!({"initContainers": [{"name": "i", "image": "reg.io/b"}],
        "containers": [{"name": "c", "image": "reg.io/none:1"}]}));
    // 100 MiB of 2000 MiB: the pod has two images.
    assert_eq!(points(&mut fleet, &two), [3894, 0]);
}

#[test]
fn without_weight_images_are_not_looked_at() {
    let weights = Weights { images: 0, ..Scheduling::SPREAD.weights };
    let profile = Scheduling { weights, ..Scheduling::SPREAD };
    let hosts = vec![having("a", &[]), having("b", &[(BIG, 500)])];
    let mut fleet = Fleet::new(hosts, std::collections::BTreeMap::new(), profile);
    assert_eq!(goes(&mut fleet, &of(BIG)), "a");
}
