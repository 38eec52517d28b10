//! What holds for every fleet, whatever is asked of it and whatever happens to it.
//!
//! Every plan that is made on the way is checked as well (`Workstation::look`): it is sound, and made twice it is the same.

use std::collections::BTreeMap;

use bowline::converge::Lasting;
use bowline::model::{NodeName, Resources};
use bowline::plan::Waiting;
use bowline::schedule::pod_resources;
use proptest::prelude::*;

use crate::fleet::{Contact, Fault, Fleet, Manifests, Trap, Workstation};
use crate::manifests::{asking, rolling, service, web};

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    /// Two Deployments are applied: how many pods of each, and how much CPU each pod asks for, in thousandths.
    Apply([(usize, u64); 2]),
    /// The stored desired state is applied.
    Reconcile,
    /// A container dies, if the host has any.
    Kill(usize),
    /// A host gets out of reach.
    Cut(usize),
    /// A host loses its power.
    PowerOff(usize),
    /// A host comes back.
    Back(usize),
    /// Minutes pass.
    Clock(i64),
    /// Something will go wrong soon.
    Trap(u64, Fault),
}

fn event(hosts: usize) -> impl Strategy<Value = Event> {
    let deployment = || (0_usize..5, 100_u64..1500);
    prop_oneof![
        3 => [deployment(), deployment()].prop_map(Event::Apply),
        2 => Just(Event::Reconcile),
        1 => (0..hosts).prop_map(Event::Kill),
        1 => (0..hosts).prop_map(Event::Cut),
        1 => (0..hosts).prop_map(Event::PowerOff),
        1 => (0..hosts).prop_map(Event::Back),
        1 => (1_i64..7).prop_map(Event::Clock),
        2 => (1_u64..80, prop::sample::select(Fault::ALL.to_vec()))
            .prop_map(|(at, fault)| Event::Trap(at, fault)),
    ]
}

fn history() -> impl Strategy<Value = (usize, Vec<Event>)> {
    (1_usize..5).prop_flat_map(|hosts| (Just(hosts), prop::collection::vec(event(hosts), 1..9)))
}

/// A fleet that things happen to.
struct Subject {
    fleet: Fleet,
    anna: Workstation,
    last: Option<Manifests>,
}

impl Subject {
    async fn suffers(&mut self, event: &Event) {
        match event {
            Event::Apply([one, two]) => {
                let of =
                    |name, (pods, milli): &(usize, u64)| asking(name, *pods, &format!("{milli}m"));
                let text = of("one", one) + &of("two", two) + &service("one");
                self.last = Some(Manifests::read("all.yaml", &text));
                self.apply().await;
            }
            Event::Reconcile => self.apply().await,
            Event::Kill(n) => {
                let mut world = self.fleet.world();
                let now = world.now.as_second();
                let host = world.host(&name(*n));
                if host.pods.values().next().is_some_and(|pod| !pod.containers.is_empty()) {
                    host.kill(1, now);
                }
            }
            Event::Cut(n) => self.fleet.world().host(&name(*n)).contact = Contact::Cut,
            Event::PowerOff(n) => {
                let mut world = self.fleet.world();
                let now = world.now.as_second();
                world.host(&name(*n)).power_off(now);
            }
            Event::Back(n) => self.fleet.world().host(&name(*n)).contact = Contact::Up,
            Event::Clock(minutes) => {
                self.fleet.world().now += jiff::SignedDuration::from_mins(*minutes);
            }
            Event::Trap(after, fault) => {
                let mut world = self.fleet.world();
                world.trap = Some(Trap { at: world.moments + after, fault: *fault });
            }
        }
    }

    async fn apply(&self) {
        self.anna.apply(&self.fleet, self.last.as_ref()).await.unwrap();
    }

    fn mend(&self) {
        let mut world = self.fleet.world();
        world.trap = None;
        world.hosts.values_mut().for_each(|host| host.contact = Contact::Up);
    }

    /// Everything that was wrong is put right, and what is wanted is applied as often as it may take.
    async fn recovers(&mut self) {
        self.mend();
        let ending = self.anna.apply(&self.fleet, self.last.as_ref()).await.unwrap().ending();
        assert_eq!(ending.failures, []);
        match ending.lasting {
            Lasting::Converged => self.anna.assert_settled(&self.fleet).await,
            // The only thing left to wait for is room; what is old stays until there is.
            Lasting::Waiting(pending) => {
                let room = pending
                    .iter()
                    .any(|p| matches!(p.waiting, Waiting::Host { .. } | Waiting::Room { .. }));
                assert!(room, "{pending:?}");
                let round = self.anna.look(&self.fleet, None).await.unwrap();
                assert_eq!(round.plan.steps, [], "something could be done");
            }
            Lasting::Retargeted(why) => panic!("stopped: {why}"),
        }
    }

    /// Nobody is promised more than there is.
    fn fits(&self) {
        let mut used: BTreeMap<NodeName, Resources> = BTreeMap::new();
        for binding in self.anna.bindings().pods.values() {
            let sum = used.entry(binding.node.clone()).or_default();
            *sum = sum.plus(pod_resources(binding.pod.spec.as_ref().unwrap()));
        }
        for (node, used) in used {
            let cpus = self.fleet.world().hosts[&node].cpus;
            assert!(used.cpu_milli <= cpus * 1000, "{node} has {cpus} CPUs: {used:?}");
        }
    }
}

fn name(n: usize) -> String {
    format!("node-{}", n + 1)
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn cases(cases: u32) -> ProptestConfig {
    // The input that fails is printed; it belongs into a story.
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn every_history_ends_well((hosts, events) in history()) {
        block_on(async {
            let anna = Workstation::of("anna@laptop");
            let mut subject = Subject { fleet: Fleet::of(hosts, 2), anna, last: None };
            for event in &events {
                subject.suffers(event).await;
            }
            subject.recovers().await;
            subject.fits();
        });
    }

    #[test]
    fn a_rollout_keeps_its_promises(
        (hosts, pods) in (1_usize..4, 1_usize..7), (surge, gone) in (0_usize..3, 0_usize..3),
    ) {
        prop_assume!(surge + gone > 0);
        block_on(async {
            let (fleet, anna) = (Fleet::of(hosts, 8), Workstation::of("anna@laptop"));
            let before = Manifests::read("web.yaml", &rolling(pods, "1", surge, gone));
            anna.apply(&fleet, Some(&before)).await.unwrap().ending();
            fleet.world().extent = None;
            let after = Manifests::read("web.yaml", &rolling(pods, "2", surge, gone));
            anna.apply(&fleet, Some(&after)).await.unwrap().ending();
            anna.assert_settled(&fleet).await;
            let (least, most) = fleet.world().extent.unwrap();
            assert!(least >= pods.saturating_sub(gone), "only {least} of {pods} ran");
            assert!(most <= pods + surge, "{most} instead of {pods} ran");
        });
    }
}

/// A backup of the state is put in its place, and the fleet has moved on since: nothing may be undone by it.
#[tokio::test]
async fn an_older_generation_changes_nothing() {
    let (fleet, anna) = (Fleet::of(2, 4), Workstation::of("anna@laptop"));
    let first = Manifests::read("web.yaml", &web(2, "1"));
    anna.apply(&fleet, Some(&first)).await.unwrap().ending();
    let backup = std::fs::read(anna.state().path()).unwrap();
    let second = Manifests::read("web.yaml", &web(2, "2"));
    anna.apply(&fleet, Some(&second)).await.unwrap().ending();
    std::fs::write(anna.state().path(), backup).unwrap();
    let before = fleet.world().mutations;
    let refused = anna.apply(&fleet, Some(&first)).await.unwrap_err();
    assert!(refused.to_string().contains("generation 2"), "{refused}");
    assert_eq!(fleet.world().mutations, before);
}

/// Two people plan at the same time; the second to carry out is told, and changes nothing.
#[tokio::test]
async fn a_plan_that_was_overtaken_is_refused() {
    let (fleet, anna) = (Fleet::of(2, 4), Workstation::of("anna@laptop"));
    let first = Manifests::read("web.yaml", &web(2, "1"));
    let overtaken = anna.look(&fleet, Some(&first)).await.unwrap();
    let second = Manifests::read("web.yaml", &web(3, "2"));
    anna.apply(&fleet, Some(&second)).await.unwrap().ending();
    let before = fleet.world().mutations;
    let refused = anna.carry_out(&fleet, overtaken).await.unwrap_err();
    assert!(refused.to_string().contains("stale"), "{refused}");
    assert_eq!(fleet.world().mutations, before);
    anna.assert_settled(&fleet).await;
}
