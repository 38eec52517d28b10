//! A fault at every moment of an apply, of every kind: whatever went wrong, the next apply brings everything in order.

use bowline::converge::Lasting;

use crate::fleet::{Carried, Fault, Fleet, Manifests, Trap, Workstation};
use crate::manifests::{service, web};

/// A fleet, and the manifests whose apply is disturbed.
fn first_apply() -> (Fleet, Workstation, Manifests) {
    let manifests = Manifests::read("web.yaml", &(web(3, "1.14.2") + &service("web")));
    (Fleet::of(3, 4), Workstation::of("anna@laptop"), manifests)
}

async fn rolling_update() -> (Fleet, Workstation, Manifests) {
    let (fleet, anna, manifests) = first_apply();
    anna.apply(&fleet, Some(&manifests)).await.unwrap().ending();
    anna.assert_settled(&fleet).await;
    let manifests = Manifests::read("web.yaml", &(web(3, "1.16.1") + &service("web")));
    (fleet, anna, manifests)
}

/// How many moments an undisturbed run has.
async fn moments((fleet, anna, manifests): (Fleet, Workstation, Manifests)) -> u64 {
    let before = fleet.world().moments;
    let ending = anna.apply(&fleet, Some(&manifests)).await.unwrap().ending();
    assert_eq!(ending.lasting, Lasting::Converged);
    let after = fleet.world().moments;
    anna.assert_settled(&fleet).await;
    after - before
}

/// Applies with one fault, then once more without.
async fn disturbed(
    (fleet, anna, manifests): (Fleet, Workstation, Manifests),
    at: u64,
    fault: Fault,
) {
    let trap = Trap { at: fleet.world().moments + at, fault };
    fleet.world().trap = Some(trap);
    match anna.apply(&fleet, Some(&manifests)).await {
        Ok(Carried::Ended(_) | Carried::Killed) => {}
        Err(error) => panic!("moment {at}, {fault:?}: {error}"),
    }
    assert_eq!(fleet.world().trap, None, "moment {at}, {fault:?}: nothing happened");
    let ending = anna.apply(&fleet, Some(&manifests)).await.unwrap().ending();
    assert_eq!(ending.failures, [], "moment {at}, {fault:?}");
    assert_eq!(ending.lasting, Lasting::Converged, "moment {at}, {fault:?}");
    anna.assert_settled(&fleet).await;
}

#[tokio::test]
async fn a_first_apply_is_finished_by_the_next_one_whatever_went_wrong() {
    let moments = moments(first_apply()).await;
    assert!(moments > 20, "only {moments} moments");
    for at in 1..=moments {
        for fault in Fault::ALL {
            disturbed(first_apply(), at, fault).await;
        }
    }
}

#[tokio::test]
async fn a_rolling_update_is_finished_by_the_next_one_whatever_went_wrong() {
    let moments = moments(rolling_update().await).await;
    assert!(moments > 40, "only {moments} moments");
    for at in 1..=moments {
        for fault in Fault::ALL {
            disturbed(rolling_update().await, at, fault).await;
        }
    }
}

/// A fleet with a pod on each host.
async fn settled() -> (Fleet, Workstation) {
    let (fleet, anna, manifests) = first_apply();
    anna.apply(&fleet, Some(&manifests)).await.unwrap().ending();
    (fleet, anna)
}

/// Where each pod is.
fn places(anna: &Workstation) -> Vec<(String, String)> {
    let pods = anna.bindings().pods.into_iter();
    pods.map(|(key, binding)| (key.to_string(), binding.node.to_string())).collect()
}

#[tokio::test]
async fn a_drain_that_is_cut_off_is_finished_to_the_same_places() {
    const HOST: &str = "node-2";
    let (fleet, anna) = settled().await;
    assert!(places(&anna).iter().any(|(_, node)| node == HOST));
    let before = fleet.world().moments;
    assert_eq!(anna.drain(&fleet, HOST).await.unwrap().ending().lasting, Lasting::Converged);
    let moments = fleet.world().moments - before;
    let aim = places(&anna);
    assert!(moments > 10 && aim.iter().all(|(_, node)| node != HOST), "{moments}: {aim:?}");
    let mut applied = 0;
    for at in 1..=moments {
        for fault in [Fault::KilledBefore, Fault::KilledAfter] {
            let (fleet, anna) = settled().await;
            let trap = Trap { at: fleet.world().moments + at, fault };
            fleet.world().trap = Some(trap);
            let cut = anna.drain(&fleet, HOST).await.unwrap();
            assert!(matches!(cut, Carried::Killed), "moment {at}, {fault:?}");
            // What was stored is finished by whoever comes next; what was not is nobody's wish yet.
            let begun = !anna.state().load().unwrap().desired.hosts.is_empty();
            let ended = if begun && at % 2 == 0 {
                applied += 1;
                anna.apply(&fleet, None).await
            } else {
                anna.drain(&fleet, HOST).await
            };
            let ending = ended.unwrap().ending();
            assert_eq!(ending.failures, [], "moment {at}, {fault:?}");
            assert_eq!(ending.lasting, Lasting::Converged, "moment {at}, {fault:?}");
            assert_eq!(places(&anna), aim, "moment {at}, {fault:?}");
            anna.assert_settled(&fleet).await;
        }
    }
    assert!(applied > 3, "an apply had to go on only {applied} times");
}

#[tokio::test]
async fn what_a_power_cut_left_half_made_goes_when_nobody_wants_it_any_more() {
    let none = Manifests::read("web.yaml", &web(0, "1.14.2"));
    let moments = moments(first_apply()).await;
    let mut left = 0;
    for at in 1..=moments {
        let (fleet, anna, manifests) = first_apply();
        fleet.world().trap = Some(Trap { at, fault: Fault::PowerCut });
        anna.apply(&fleet, Some(&manifests)).await.unwrap().ending();
        let bare = |world: &crate::fleet::World| {
            let pods = world.hosts.values().flat_map(|host| host.pods.values());
            pods.filter(|pod| pod.containers.is_empty()).count()
        };
        left += bare(&fleet.world());
        let ending = anna.apply(&fleet, Some(&none)).await.unwrap().ending();
        assert_eq!(ending.failures, [], "moment {at}");
        anna.assert_settled(&fleet).await;
    }
    assert!(left > 0, "no power cut left anything half made");
}
