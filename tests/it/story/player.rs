//! The commands of a story.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bowline::converge::{ConvergeError, Ending, Lasting};
use bowline::driver::Takeover;
use bowline::inventory::parse_duration;
use bowline::model::full_name;
use bowline::render::{Colour, plan_text};

use super::Command;
use crate::fleet::{Contact, Fleet, Life, Manifests, Workstation, World};

/// Plays a story, and writes down what happens.
pub(super) struct Player {
    fleet: Fleet,
    workstations: BTreeMap<String, Workstation>,
    /// Who types.
    who: String,
    files: BTreeMap<String, String>,
    transcript: String,
}

impl Default for Player {
    fn default() -> Self {
        let who = "anna@laptop".to_owned();
        Self {
            fleet: Fleet::of(3, 4),
            workstations: BTreeMap::from([(who.clone(), Workstation::of(&who))]),
            who,
            files: BTreeMap::new(),
            transcript: String::new(),
        }
    }
}

/// What podman says of an image that is not in the registry.
const UNKNOWN: &str = "Error: initializing source: reading manifest: manifest unknown";

impl Player {
    /// Everything that happened so far. The ids of state files are made up anew in every run and are left out.
    pub(super) fn transcript(self) -> String {
        let mut text = self.transcript;
        for (who, workstation) in &self.workstations {
            let holder = workstation.state().load().map(|state| state.holder).unwrap_or_default();
            if let Some(shown) = holder.get(..8) {
                text = text.replace(shown, &format!("<{who}>"));
            }
        }
        text
    }

    fn say(&mut self, text: impl AsRef<str>) {
        for line in text.as_ref().trim_end().lines() {
            let _ = writeln!(self.transcript, "{}", format!("    {line}").trim_end());
        }
    }

    /// Plays one line.
    pub(super) async fn play(&mut self, command: &Command) {
        let _ = writeln!(self.transcript, "{}", command.line);
        let words: Vec<&str> = command.line.split_whitespace().collect();
        match words.as_slice() {
            [] | ["#", ..] => {}
            ["hosts", count, "of", cpus, "cpus"] => {
                self.fleet = Fleet::of(count.parse().unwrap(), cpus.parse().unwrap());
            }
            ["file", name] => {
                self.files.insert((*name).to_owned(), command.content.clone());
                self.say(&command.content);
            }
            ["edit", name, from, to] => {
                // An underscore stands for a space.
                let (from, to) = (from.replace('_', " "), to.replace('_', " "));
                let text = self.files.get_mut(*name).expect("a file of this name");
                assert!(text.contains(&from), "{name} has no {from}");
                *text = text.replace(&from, &to);
            }
            ["plan", source @ ..] => self.plan(source).await,
            ["apply", source @ ..] => self.apply(source, Takeover::Refuse).await,
            ["take-over", source @ ..] => self.apply(source, Takeover::Take).await,
            ["workstation", who] => {
                self.who = (*who).to_owned();
                let new = || Workstation::of(who);
                self.workstations.entry(self.who.clone()).or_insert_with(new);
            }
            ["pods"] => self.pods(),
            ["services"] => self.services(),
            words => meddle(&mut self.fleet.world(), words),
        }
    }

    fn workstation(&mut self, takeover: Takeover) -> Workstation {
        let mut workstation = self.workstations.remove(&self.who).unwrap();
        workstation.takeover = takeover;
        workstation
    }

    fn manifests(&self, source: &[&str]) -> Option<Manifests> {
        let name = source.first()?;
        Some(Manifests::read(name, &self.files[*name]))
    }

    async fn plan(&mut self, source: &[&str]) {
        let manifests = self.manifests(source);
        let workstation = self.workstation(Takeover::Refuse);
        let looked = workstation.look(&self.fleet, manifests.as_ref()).await;
        self.workstations.insert(self.who.clone(), workstation);
        match looked {
            Ok(round) => self.say(plan_text(&round.plan.report, Colour::None)),
            Err(error) => self.say(refusal(&error)),
        }
    }

    async fn apply(&mut self, source: &[&str], takeover: Takeover) {
        let manifests = self.manifests(source);
        let workstation = self.workstation(takeover);
        let mutations = self.fleet.world().mutations;
        let looked = workstation.look(&self.fleet, manifests.as_ref()).await;
        self.fleet.world().log.clear();
        let ended = match looked {
            Ok(round) => {
                self.say(plan_text(&round.plan.report, Colour::None));
                workstation.carry_out(&self.fleet, round).await
            }
            Err(error) => Err(error),
        };
        self.workstations.insert(self.who.clone(), workstation);
        let log = std::mem::take(&mut self.fleet.world().log);
        self.say(by_host(log).join("\n"));
        let changed = self.fleet.world().mutations > mutations;
        match ended {
            Ok(ending) => self.say(ending_text(&ending, changed)),
            Err(error) => self.say(refusal(&error)),
        }
    }

    fn pods(&mut self) {
        let mut text = String::new();
        for (node, host) in &self.fleet.world().hosts {
            if host.contact != Contact::Up {
                let _ = writeln!(text, "{node} is out of reach, and has");
            }
            for pod in host.pods.values() {
                let (name, address) = (&pod.name, &pod.address);
                let _ = write!(text, "{node}  {name}  {address}");
                for container in &pod.containers {
                    let image = container.image.trim_start_matches("docker.io/library/");
                    let life = match container.life {
                        Life::Runs { .. } => "runs".to_owned(),
                        Life::Ended { code, .. } => format!("ended with {code}"),
                        Life::Made => "was never started".to_owned(),
                    };
                    let _ = write!(text, "  {image} {life}, id {}", container.id);
                }
                text.push('\n');
            }
        }
        self.say(text);
    }

    /// Where Services lead to, as the rules of each host have it. Chains are named by what they hold.
    fn services(&mut self) {
        let mut text = String::new();
        for (node, host) in &self.fleet.world().hosts {
            for (port, backends) in host.leads_to() {
                let _ = writeln!(text, "{node}  {port} -> {}", backends.join(" "));
            }
        }
        self.say(text);
    }
}

/// What happens to the hosts by itself.
fn meddle(world: &mut World, words: &[&str]) {
    let now = world.now.as_second();
    match words {
        ["clock", span] => {
            world.now += parse_duration(span.trim_start_matches('+')).expect("a span of time");
        }
        ["kill", node, nth] => world.host(node).kill(nth.parse().unwrap(), now),
        ["power-off", node] => world.host(node).power_off(now),
        ["cut", node] => world.host(node).contact = Contact::Cut,
        ["other-key", node] => world.host(node).contact = Contact::KeyChanged,
        ["back", node] => world.host(node).contact = Contact::Up,
        ["slow", node, span] => world.host(node).slow = parse_duration(span).unwrap(),
        ["refuse", image] => {
            world.refused.insert((*image).to_owned(), UNKNOWN);
        }
        ["allow", image] => {
            world.refused.remove(*image);
        }
        ["unready", image] => {
            for host in world.hosts.values_mut() {
                host.unready.insert(full_name(image));
            }
        }
        ["ready", image] => {
            for host in world.hosts.values_mut() {
                host.unready.remove(&full_name(image));
            }
        }
        ["flush-rules", node] => world.host(node).flush_rules(),
        other => panic!("no command of a story: {other:?}"),
    }
}

fn refusal(error: &ConvergeError) -> String {
    format!("refused: {error}")
}

/// What happened on each host in its order, between two counts of the pods: which host was faster says nothing.
fn by_host(log: Vec<String>) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut round: Vec<String> = Vec::new();
    for line in log {
        if line.starts_with('(') {
            round.sort_by_key(|line| line.split(':').next().map(str::to_owned));
            told.append(&mut round);
            told.push(line);
        } else {
            round.push(line);
        }
    }
    round.sort_by_key(|line| line.split(':').next().map(str::to_owned));
    told.append(&mut round);
    told
}

fn ending_text(ending: &Ending, changed: bool) -> String {
    let mut text = String::new();
    for failure in &ending.failures {
        let _ = writeln!(text, "failed {}: {}: {}", failure.node, failure.step, failure.why);
    }
    for (node, (error, _)) in &ending.unreachable {
        let _ = writeln!(text, "unreachable {node}: {error}");
    }
    let lasting = match &ending.lasting {
        Lasting::Converged => "converged".to_owned(),
        Lasting::Retargeted(why) => format!("stopped: {why}"),
        Lasting::Waiting(pending) => {
            for pending in pending {
                let _ = writeln!(text, "waiting {}: {}", pending.object, pending.waiting);
            }
            "waiting".to_owned()
        }
    };
    let silent = if changed { "" } else { ", no command that changes anything" };
    let _ = writeln!(text, "{lasting}: steps carried out: {}{silent}", ending.done);
    text
}
