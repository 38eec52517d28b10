//! What holds for every fleet and on every way that it goes: plans are carried out step by step, cut off, and made anew, while
//! people change what they want, hosts are drained, fall silent and come back.

use proptest::prelude::*;

use super::fixtures::told;
use crate::document::Source;
use crate::inventory::{Home, parse};
use crate::plan::rebalance;

mod model;
mod world;

use model::{Journey, in_order, is_at_rest};
use world::{Dice, Event, World};

/// Bytes that choose a fleet and what happens to it.
fn choices() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 20..70)
}

/// A fleet somewhere on its way.
fn journey(bytes: &[u8]) -> Journey {
    let dice = &mut Dice::of(bytes);
    let mut world = World::new(dice);
    let mut journey = Journey::begin(world.clone());
    journey.settle();
    while !dice.is_used_up() {
        let event = Event::next(dice, &mut world);
        journey.go(&event, &world);
        if dice.one_in(3) {
            journey.round(None);
        }
    }
    journey
}

/// Whatever the order of hosts, taints and manifests, the plan is the same.
fn order_makes_no_difference(journey: &mut Journey, seed: u64) {
    let before = journey.fleet.plan();
    let mut objects = journey.world.objects();
    let by = usize::try_from(seed % objects.len() as u64).unwrap();
    objects.rotate_left(by);
    objects.reverse();
    in_order(&mut journey.fleet, &objects);
    let shuffled = |mut all: Vec<String>| {
        let half = all.len() / 2;
        all.rotate_left(half);
        if seed.is_multiple_of(2) {
            all.reverse();
        }
        all
    };
    let text = journey.world.inventory(shuffled);
    let home = Home { inventory: "/".into(), user: None };
    let inventory = parse(&Source::new("inventory.yaml", text), &home).unwrap();
    let fleet = &mut journey.fleet;
    fleet.inventory = inventory.with_records(&fleet.desired.hosts).into_owned();
    assert_eq!(fleet.plan(), before);
}

/// What is done is done: a second plan has no steps and chooses nothing else.
fn a_second_plan_does_nothing(journey: &Journey) {
    let plan = journey.fleet.plan();
    assert!(is_at_rest(&plan), "{}", told(&plan));
    assert_eq!(plan.target, journey.fleet.bindings, "{}", told(&plan));
}

/// Once hosts are used evenly, or as evenly as may be, a rebalance moves nothing.
fn a_rebalance_comes_to_its_end(journey: &mut Journey) {
    let bound = "10%".parse().unwrap();
    for round in 0.. {
        let evictions = rebalance(&journey.fleet.input(), bound);
        if evictions.is_empty() {
            return;
        }
        assert!(round < 10, "{evictions:?}");
        journey.fleet.bindings.evicting.extend(evictions);
        journey.settle();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// On the way no budget is broken by what we move, nothing new is bound where nothing may be, and no quota is exceeded.
    #[test]
    fn promises_are_kept_in_every_state_on_the_way(bytes in choices(), seed in any::<u64>()) {
        let mut journey = journey(&bytes);
        order_makes_no_difference(&mut journey, seed);
        journey.settle();
        a_second_plan_does_nothing(&journey);
        a_rebalance_comes_to_its_end(&mut journey);
        a_second_plan_does_nothing(&journey);
    }

    #[test]
    fn no_budget_is_broken_for_an_important_pod_where_there_is_another_choice(bytes in choices()) {
        let dice = &mut Dice::of(&bytes);
        let mut world = World::new(dice);
        world.quota = None;
        // Who makes room here finds none of it elsewhere in others' places.
        world.all_alike_in_importance();
        let mut journey = Journey::begin(world);
        journey.settle();
        journey.makes_room_for(300 * (1 + u64::from(dice.below(6))));
    }
}
