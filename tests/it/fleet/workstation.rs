//! Somebody who works on a simulated fleet: a state file, and the loop of the library.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bowline::bindings::Bindings;
use bowline::clock::Clock as _;
use bowline::converge::{Aim, Converge, ConvergeError, Ending, Moves, Round, Settings, Tags, Wait};
use bowline::desired::{Application, Prune, SetName};
use bowline::document::Source;
use bowline::driver::Takeover;
use bowline::execute::{Event, Listener};
use bowline::inventory::Admission;
use bowline::manifest::{ReadOptions, Stated, read};
use bowline::model::{NodeName, Selector};
use bowline::plan::{DrainOrder, PlanInput, check, plan};
use bowline::render::event_line;
use bowline::state::State;
use tokio::sync::OnceCell;

use super::{Fleet, World};

/// Somebody's state file.
pub(crate) struct Workstation {
    who: String,
    directory: tempfile::TempDir,
    pub(crate) takeover: Takeover,
    pub(crate) wait: Wait,
}

/// Manifests of one source.
#[derive(Clone, Debug)]
pub(crate) struct Manifests {
    set: String,
    objects: Vec<Stated>,
}

impl Manifests {
    /// Reads manifests that are right.
    pub(crate) fn read(set: &str, text: &str) -> Self {
        let reading = read(&[Source::new(set, text)], &ReadOptions::default());
        let errors: Vec<String> = reading.findings.iter().map(ToString::to_string).collect();
        assert!(!reading.has_errors(), "{errors:?}");
        let objects = reading.objects.into_iter().map(|read| read.stated).collect();
        Self { set: set.to_owned(), objects }
    }
}

/// How carrying a plan out ended.
#[derive(Debug)]
pub(crate) enum Carried {
    /// By itself.
    Ended(Ending),
    /// Our own process was killed.
    Killed,
}

impl Carried {
    /// The ending of what was not killed.
    pub(crate) fn ending(self) -> Ending {
        match self {
            Self::Ended(ending) => ending,
            Self::Killed => panic!("it was killed"),
        }
    }
}

/// Writes progress into the log of the fleet.
struct Log(Arc<Mutex<World>>);

impl Listener for Log {
    fn hear(&self, event: Event) {
        self.0.lock().unwrap().log.extend(event_line(&event));
    }
}

impl Workstation {
    pub(crate) fn of(who: &str) -> Self {
        // In memory, where there is such a place: a disk would be waited for at every commit.
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let directory = tempfile::tempdir_in(place).unwrap();
        let (takeover, wait) = (Takeover::Refuse, Wait::Converged);
        Self { who: who.to_owned(), directory, takeover, wait }
    }

    pub(crate) fn state(&self) -> State {
        State::at(self.directory.path().join("state.redb"))
    }

    /// What was chosen, as the state has it now.
    pub(crate) fn bindings(&self) -> Bindings {
        self.state().load().unwrap().bindings
    }

    /// One look: manifests applied to what is stored, or what is stored alone.
    pub(crate) async fn look(
        &self,
        fleet: &Fleet,
        manifests: Option<&Manifests>,
    ) -> Result<Round, ConvergeError> {
        let state = self.state();
        self.look_with(fleet, &self.converge(fleet, &state), manifests).await
    }

    /// One look, then everything that follows from it.
    pub(crate) async fn apply(
        &self,
        fleet: &Fleet,
        manifests: Option<&Manifests>,
    ) -> Result<Carried, ConvergeError> {
        let state = self.state();
        let converge = self.converge(fleet, &state);
        let killed = Arc::clone(&fleet.world().killed);
        let work = async {
            let round = self.look_with(fleet, &converge, manifests).await?;
            converge.carry_out(round).await
        };
        tokio::select! {
            ended = work => Ok(Carried::Ended(ended?)),
            () = killed.notified() => Ok(Carried::Killed),
        }
    }

    /// Cordons a host and moves its pods away.
    pub(crate) async fn drain(&self, fleet: &Fleet, host: &str) -> Result<Carried, ConvergeError> {
        let state = self.state();
        let converge = self.converge(fleet, &state);
        let killed = Arc::clone(&fleet.world().killed);
        let work = async {
            let before = state.load()?;
            let mut cordoned = fleet.inventory.hosts[&NodeName::from(host)].clone();
            cordoned.admission = Admission::Cordoned;
            let (desired, object_changes) =
                before.desired.with_hosts(&fleet.inventory, &[cordoned]);
            let order = DrainOrder {
                hosts: [NodeName::from(host)].into(),
                selector: Selector::default(),
                ignore_daemon_sets: false,
                delete_empty_dirs: false,
                force: false,
                grace_seconds: None,
            };
            let (now, moves) = (fleet.clock.now(), Moves::Drain(order));
            let aim = Aim { before, desired, object_changes, now, moves };
            let round = converge.look_for(aim).await?;
            converge.carry_out(round).await
        };
        tokio::select! {
            ended = work => Ok(Carried::Ended(ended?)),
            () = killed.notified() => Ok(Carried::Killed),
        }
    }

    /// Carries a round out that was looked at before.
    pub(crate) async fn carry_out(
        &self,
        fleet: &Fleet,
        round: Round,
    ) -> Result<Ending, ConvergeError> {
        let state = self.state();
        self.converge(fleet, &state).carry_out(round).await
    }

    async fn look_with(
        &self,
        fleet: &Fleet,
        converge: &Converge<'_>,
        manifests: Option<&Manifests>,
    ) -> Result<Round, ConvergeError> {
        let round = converge
            .look(|stored, now| match manifests {
                None => (stored.clone(), Vec::new()),
                Some(Manifests { set, objects }) => stored.apply(&Application {
                    fleet: &fleet.inventory.fleet,
                    set: SetName(set.clone()),
                    objects,
                    prune: Prune::Left,
                    now,
                }),
            })
            .await?;
        sound(fleet, &round, self.takeover);
        Ok(round)
    }

    fn converge<'a>(&self, fleet: &'a Fleet, state: &'a State) -> Converge<'a> {
        Converge {
            inventory: &fleet.inventory,
            nodes: &fleet.nodes,
            state,
            clock: &fleet.clock,
            listener: Arc::new(Log(Arc::clone(&fleet.world))),
            settings: Settings {
                parallel: 64,
                takeover: self.takeover,
                who: self.who.clone(),
                command: "apply".to_owned(),
                timeout: Duration::from_mins(5),
                wait: self.wait,
                tags: Tags::Left,
                limit: None,
            },
            asked: OnceCell::new(),
        }
    }

    /// Asserts that nothing is left to do, and that the hosts hold exactly what was chosen.
    pub(crate) async fn assert_settled(&self, fleet: &Fleet) {
        let round = self.look(fleet, None).await.unwrap();
        assert_eq!(round.plan.report.changes, [], "the second plan is not empty");
        assert_eq!(round.plan.steps, [], "the second plan has steps");
        let chosen: Vec<_> =
            round.plan.target.pods.values().map(|b| b.address.to_string()).collect();
        let world = fleet.world();
        let pods = world.hosts.values().flat_map(|host| host.pods.values());
        let mut there: Vec<_> = pods.map(|pod| pod.address.clone()).collect();
        let mut chosen = chosen;
        chosen.sort();
        there.sort();
        assert_eq!(there, chosen, "orphans, or pods that are missing");
        assert_eq!(world.running(), chosen.len(), "not all of them run");
    }
}

/// What must hold for every plan: it is sound, and the same input gives the same plan.
fn sound(fleet: &Fleet, round: &Round, takeover: Takeover) {
    let inventory = fleet.inventory.with_records(&round.desired.hosts);
    let input = PlanInput {
        inventory: &inventory,
        desired: &round.desired,
        object_changes: &round.object_changes,
        observed: &round.observed,
        bindings: &round.before.bindings,
        now: round.now,
    };
    assert_eq!(check(&input, &round.plan), []);
    let again = plan(&input);
    assert!(again.target == round.plan.target, "the same input gave another target");
    // Taking a fleet over adds to what the hosts alone ask for.
    if takeover == Takeover::Refuse {
        assert!(again == round.plan, "the same input gave another plan");
    }
}
