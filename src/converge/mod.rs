//! The only loop: look, plan, commit, act, and again until nothing is left or all that is left waits for something named.
//!
//! `plan` is one look; `apply` and `reconcile` are the same looks with deeds between them, so what a plan shows is what happens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OnceCell;

use crate::clock::Clock;
use crate::desired::{Desired, ObjectChange, Pen};
use crate::driver::{Claim, Takeover};
use crate::events::happened;
use crate::execute::{Execution, Listener, Outcomes, execute};
use crate::inventory::Inventory;
use crate::model::{Generation, NodeName};
use crate::observe::{Nodes, observe};
use crate::observed::{HostState, Observed, Unreachable};
use crate::plan::{Action, Drain, Plan, PlanInput, Step, check, leave_out, plan, take_over};
use crate::state::{Commit, Entry, Snapshot, State};

mod ending;
mod error;
mod judge;
mod moves;
mod tags;

pub use ending::{Ending, Failure, Lasting};
pub use error::ConvergeError;
pub use moves::Moves;
pub use tags::{Asked, Tags};

use judge::{aims_alike, elsewhere, ends, idle_pulls, passes, record, titles};

/// Everything that a round is made with.
pub struct Converge<'a> {
    /// The hosts.
    pub inventory: &'a Inventory,
    /// The connections to them.
    pub nodes: &'a Nodes,
    /// Where choices are kept.
    pub state: &'a State,
    /// Where the time comes from.
    pub clock: &'a dyn Clock,
    /// Who hears of progress.
    pub listener: Arc<dyn Listener>,
    /// How it is done.
    pub settings: Settings,
    /// What became of asking for tags: it is done once, in the first round.
    pub asked: OnceCell<Asked>,
}

/// How rounds are made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many hosts are worked on at a time.
    pub parallel: usize,
    /// Whether hosts that another state file holds are taken.
    pub takeover: Takeover,
    /// Who runs this, such as `anna@laptop`.
    pub who: String,
    /// The command, for the history, such as `apply -f web.yaml`.
    pub command: String,
    /// How long pods that have to come up are waited for.
    pub timeout: Duration,
    /// Whether they are waited for at all.
    pub wait: Wait,
    /// Whether the registries are asked what they have.
    pub tags: Tags,
    /// The hosts that steps may be carried out on; `None` for all.
    pub limit: Option<BTreeSet<NodeName>>,
}

/// Whether pods that have to come up are waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until everything has come up, or the time is over.
    Converged,
    /// No: everything that can be done at once is done.
    No,
}

/// One look at everything, and the plan that follows from it.
#[derive(Clone, Debug)]
pub struct Round {
    /// The state as it was read.
    pub before: Snapshot,
    /// What should be from now on.
    pub desired: Desired,
    /// How that differs from what was stored.
    pub object_changes: Vec<ObjectChange>,
    /// The hosts as they answered.
    pub observed: Observed,
    /// When this was.
    pub now: Timestamp,
    /// The plan.
    pub plan: Plan,
    /// What moves because its host is drained, and what stays.
    pub drain: Drain,
}

/// What should be from now on, made from a state that was read before.
///
/// Whoever has to check the outcome makes it first and looks at the hosts then. If somebody commits meanwhile, this round's
/// commit is refused, as that of every overtaken round.
#[derive(Clone, Debug)]
pub struct Aim {
    /// The state as it was read.
    pub before: Snapshot,
    /// What should be.
    pub desired: Desired,
    /// How that differs from what was stored.
    pub object_changes: Vec<ObjectChange>,
    /// When it was made.
    pub now: Timestamp,
    /// What is moved on purpose.
    pub moves: Moves,
}

/// How long to wait before looking again at pods that have to come up: short at first, since most are up at once.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(2);

/// How often a host that changes under our hands is planned anew before that is called a failure.
const MOVES_MAX: u32 = 5;

impl Converge<'_> {
    /// Looks at everything and plans, changing nothing on any host. `change` makes what should be from what is stored.
    pub async fn look<F>(&self, change: F) -> Result<Round, ConvergeError>
    where
        F: FnOnce(&Desired, Timestamp) -> (Desired, Vec<ObjectChange>),
    {
        self.look_at(&BTreeMap::new(), change).await
    }

    /// The same, without asking the hosts that are given up.
    async fn look_at<F>(
        &self,
        given_up: &BTreeMap<NodeName, Unreachable>,
        change: F,
    ) -> Result<Round, ConvergeError>
    where
        F: FnOnce(&Desired, Timestamp) -> (Desired, Vec<ObjectChange>),
    {
        let before = self.state.load()?;
        let now = self.clock.now();
        let (desired, object_changes) = change(&before.desired, now);
        self.round(given_up, Aim { before, desired, object_changes, now, moves: Moves::None }).await
    }

    /// Looks at everything and plans for an aim that was made before.
    pub async fn look_for(&self, aim: Aim) -> Result<Round, ConvergeError> {
        self.round(&BTreeMap::new(), aim).await
    }

    async fn round(
        &self,
        given_up: &BTreeMap<NodeName, Unreachable>,
        aim: Aim,
    ) -> Result<Round, ConvergeError> {
        let Aim { before, desired, object_changes, now, moves } = aim;
        let mut observed = self.observe(&before, given_up, now).await;
        if self.settings.tags == Tags::Asked {
            let asked = self.asked.get_or_init(|| self.ask(&before, &desired, &observed)).await;
            observed.mark_moved(&asked.moved);
            observed.offered.clone_from(&asked.offered);
        }
        self.remember(&before, &observed)?;
        self.may_change(&before, &observed)?;
        let inventory = self.inventory.with_records(&desired.hosts);
        let input = PlanInput {
            inventory: &inventory,
            desired: &desired,
            object_changes: &object_changes,
            observed: &observed,
            bindings: &before.bindings,
            now,
        };
        let (drain, bindings) = moves.made(&input);
        let input = PlanInput { bindings: &bindings, ..input };
        let mut plan = plan(&input);
        let violations = check(&input, &plan);
        if !violations.is_empty() {
            let text: Vec<String> = violations.iter().map(ToString::to_string).collect();
            return Err(ConvergeError::Unsound { violations: text.join("; ") });
        }
        if self.settings.takeover == Takeover::Take {
            take_over(&mut plan, &observed, &before.holder);
        }
        if let Some(limit) = &self.settings.limit {
            leave_out(&mut plan.report, limit);
        }
        Ok(Round { before, desired, object_changes, observed, now, plan, drain })
    }

    /// Asks the hosts, but not those that are given up.
    async fn observe(
        &self,
        before: &Snapshot,
        given_up: &BTreeMap<NodeName, Unreachable>,
        now: Timestamp,
    ) -> Observed {
        let asked: Nodes = self
            .nodes
            .iter()
            .filter(|(name, _)| !given_up.contains_key(*name))
            .map(|(name, node)| (name.clone(), Arc::clone(node)))
            .collect();
        let (fleet, parallel) = (&self.inventory.fleet, self.settings.parallel);
        let mut observed = observe(&asked, fleet, &before.unreachable, now, parallel).await;
        for (name, why) in given_up {
            observed.hosts.insert(name.clone(), HostState::Unreachable(why.clone()));
        }
        observed
    }

    /// Carries a round out, and as many more as it takes.
    ///
    /// A host that did not answer once is not asked again until the end: every round would wait for it anew.
    ///
    /// What the first round aims at is what the user has agreed to: when a later look has to aim elsewhere because a host is
    /// lost, this ends with [`Lasting::Retargeted`] instead of going on.
    pub async fn carry_out(&self, first: Round) -> Result<Ending, ConvergeError> {
        let committed = self.commit(&first)?;
        self.carry_on(first, committed).await
    }

    /// The same for a round that has been committed.
    pub async fn carry_on(
        &self,
        first: Round,
        mut committed: Committed,
    ) -> Result<Ending, ConvergeError> {
        let started = self.clock.now();
        let mut ending = Ending::default();
        let mut round = first;
        let (mut pause, mut moves) = (FIRST_PAUSE, 0);
        let mut failed: BTreeSet<(NodeName, String)> = BTreeSet::new();
        loop {
            let steps = self.allowed(&round.plan.steps, &failed);
            if !steps.is_empty() {
                let outcomes = self.act(&round, &committed, &steps).await?;
                if let Some((node, fence)) = outcomes.held.iter().next() {
                    let fence = fence.clone();
                    return Err(ConvergeError::Held { node: node.clone(), fence });
                }
                moves = if outcomes.moved.is_empty() { 0 } else { moves + 1 };
                if moves > MOVES_MAX {
                    return Err(ConvergeError::Moving { nodes: outcomes.moved });
                }
                record(&mut ending, &mut failed, &steps, &outcomes);
            }
            let given_up: BTreeMap<NodeName, Unreachable> = round
                .observed
                .unreachable()
                .map(|(name, why)| (name.clone(), why.clone()))
                .collect();
            let next = self.look_at(&given_up, |stored, _| (stored.clone(), Vec::new())).await?;
            let (ours, found) = (committed.generation, next.before.generation);
            if found != ours {
                return Err(ConvergeError::Superseded { ours, found });
            }
            if let Some(why) = elsewhere(&round.plan, &next.plan) {
                return Ok(ending.lasting(Lasting::Retargeted(why)).unreachable(&next.observed));
            }
            let fresh = self.allowed(&next.plan.steps, &failed);
            let waited = self.clock.now().duration_since(started).unsigned_abs();
            let waits = fresh.is_empty() && !passes(&next.plan.report.pending, &failed);
            if waits || waited >= self.settings.timeout || self.settings.wait == Wait::No {
                self.settle(&next)?;
                let lasting = Lasting::of(&next.plan.report);
                return Ok(ending.lasting(lasting).unreachable(&next.observed));
            }
            // The same steps again are a pod that does not stay up: hurrying helps nobody.
            if fresh.is_empty() || titles(&fresh) == titles(&steps) {
                self.clock.sleep(pause).await;
                pause = (pause * 2).min(LAST_PAUSE);
            } else {
                pause = FIRST_PAUSE;
            }
            round = next;
            committed = self.commit(&round)?;
        }
    }

    /// Removes what was set up on every host that has no pod of the fleet left.
    pub async fn leave(&self) -> Result<Ending, ConvergeError> {
        let round = self.look(|stored, _| (stored.clone(), Vec::new())).await?;
        let empty = round.observed.reachable().filter(|(_, report)| report.pods.is_empty());
        let steps: Vec<Step> = empty
            .filter(|(_, report)| report.fence.is_some())
            .map(|(node, _)| Step {
                node: node.clone(),
                action: Action::LeaveHost,
                needs: Vec::new(),
            })
            .collect();
        let steps = self.allowed(&steps, &BTreeSet::new());
        let generation = round.before.generation;
        let committed = Committed { generation, holder: round.before.holder.clone() };
        let outcomes = self.act(&round, &committed, &steps).await?;
        let mut ending = Ending::default();
        record(&mut ending, &mut BTreeSet::new(), &steps, &outcomes);
        Ok(ending.lasting(Lasting::Converged).unreachable(&round.observed))
    }

    /// Commits what a round chose, if that differs from what is stored, and returns what holds now.
    pub fn commit(&self, round: &Round) -> Result<Committed, ConvergeError> {
        let before = &round.before;
        let new_aim = round.desired != before.desired || !aims_alike(round, before);
        let first = before.generation == Generation::default();
        let idle = round.plan.steps.is_empty() && !new_aim;
        let as_before = round.plan.target == before.bindings && round.plan.writes.is_empty();
        if (first && idle) || (!first && !new_aim && as_before) {
            let (generation, holder) = (before.generation, before.holder.clone());
            return Ok(Committed { generation, holder });
        }
        let generation = if new_aim || first { self.next(round) } else { before.generation };
        let entry = Entry {
            at: round.now,
            who: self.settings.who.clone(),
            command: self.settings.command.clone(),
            summary: round.plan.report.summary().to_string(),
        };
        let pen = Pen { fleet: &self.inventory.fleet, now: round.now };
        let desired = round.desired.written(&round.plan.writes, pen);
        let holder = self.state.commit(&Commit {
            parent: before.generation,
            generation,
            desired: &desired,
            bindings: &round.plan.target,
            entry: (generation != before.generation).then_some(&entry),
        })?;
        Ok(Committed { generation, holder })
    }

    /// Writes down what has gone meanwhile, so that nothing is looked for that is no more.
    fn settle(&self, round: &Round) -> Result<(), ConvergeError> {
        if round.plan.steps.is_empty() && aims_alike(round, &round.before) {
            self.commit(round)?;
        }
        Ok(())
    }

    /// The generation after every one that the state or, when the fleet is taken over, a host has seen.
    fn next(&self, round: &Round) -> Generation {
        let seen = round.observed.reachable().filter_map(|(_, report)| report.fence.as_ref());
        let highest = match self.settings.takeover {
            Takeover::Refuse => None,
            Takeover::Take => seen.map(|fence| fence.generation).max(),
        };
        round.before.generation.max(highest.unwrap_or_default()).next()
    }

    /// Carries steps out, and remembers what happened.
    async fn act(
        &self,
        round: &Round,
        committed: &Committed,
        steps: &[Step],
    ) -> Result<Outcomes, ConvergeError> {
        let claim = |serial| Claim {
            generation: committed.generation,
            holder: committed.holder.clone(),
            who: self.settings.who.clone(),
            now: round.now,
            serial,
            takeover: self.settings.takeover,
        };
        let claims = round.observed.reachable().map(|(node, report)| {
            (node.clone(), claim(report.fence.as_ref().map_or(0, |fence| fence.serial)))
        });
        let execution = Execution {
            nodes: self.nodes,
            fleet: &self.inventory.fleet,
            network: &self.inventory.network,
            claims: claims.collect(),
            parallel: self.settings.parallel,
        };
        let outcomes = execute(&execution, steps, &self.listener).await;
        let happenings = happened(steps, &ends(&outcomes));
        if !happenings.is_empty() {
            self.state.tell(happenings, self.clock.now())?;
        }
        Ok(outcomes)
    }

    /// The steps that may be carried out: those that have not failed before, on hosts within the limit, and what they need.
    fn allowed(&self, steps: &[Step], failed: &BTreeSet<(NodeName, String)>) -> Vec<Step> {
        let mut place: BTreeMap<usize, usize> = BTreeMap::new();
        let mut allowed = Vec::new();
        let idle = idle_pulls(steps, failed);
        for (at, step) in steps.iter().enumerate().filter(|(at, _)| !idle.contains(at)) {
            let within =
                self.settings.limit.as_ref().is_none_or(|limit| limit.contains(&step.node));
            let fresh = !failed.contains(&(step.node.clone(), step.title()));
            let needs: Option<Vec<_>> =
                step.needs.iter().map(|need| place.get(&need.0).copied()).collect();
            if let (true, true, Some(needs)) = (within, fresh, needs) {
                let needs = needs.into_iter().map(crate::plan::StepId).collect();
                place.insert(at, allowed.len());
                allowed.push(Step { needs, ..step.clone() });
            }
        }
        allowed
    }

    /// Remembers since when hosts have been out of reach, so that a run in CI knows what the last one saw.
    fn remember(&self, before: &Snapshot, observed: &Observed) -> Result<(), ConvergeError> {
        let unreachable: BTreeMap<NodeName, Unreachable> =
            observed.unreachable().map(|(node, why)| (node.clone(), why.clone())).collect();
        let known = before.generation > Generation::default();
        if known && unreachable != before.unreachable {
            self.state.remember(&unreachable)?;
        }
        Ok(())
    }

    /// Refuses a fleet that another state file holds, or whose hosts have seen a later generation than the state has.
    fn may_change(&self, before: &Snapshot, observed: &Observed) -> Result<(), ConvergeError> {
        if self.settings.takeover == Takeover::Take {
            return Ok(());
        }
        for (node, report) in observed.reachable() {
            let Some(fence) = &report.fence else { continue };
            if fence.holder != before.holder || fence.generation > before.generation {
                let fence = Some(fence.clone());
                return Err(ConvergeError::Held { node: node.clone(), fence });
            }
        }
        Ok(())
    }
}

/// What holds after a commit.
#[derive(Debug)]
pub struct Committed {
    generation: Generation,
    holder: String,
}
