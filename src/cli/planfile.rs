//! A saved plan: what was agreed to, and how the world stood, so that it is carried out only while both still hold.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::CliError;
use super::manifests::Manifests;
use crate::converge::Round;
use crate::desired::SetName;
use crate::manifest::Stated;
use crate::model::{Digest, Generation, Kind, NodeName, Object};
use crate::render::plan_json;
use crate::secrets::{KeyPlace, Sealed};

/// The form of the file.
const FORM: u32 = 1;

/// A saved plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PlanFile {
    /// Tells the file from a manifest, and its form.
    #[serde(rename = "bowlinePlan")]
    form: u32,
    /// When it was made; objects that it creates are stamped with this.
    at: Timestamp,
    /// The state's generation that it was made from.
    generation: Generation,
    /// How often each host had been changed; `None` for a host that did not answer.
    serials: BTreeMap<NodeName, Option<u64>>,
    /// The digest of the changes and of the target.
    digest: Digest,
    set: SetName,
    prune: bool,
    /// The manifests' objects; Secrets are sealed with the key of the state file.
    objects: Vec<Value>,
    /// For each of them the fields that its manifest says are null.
    #[serde(default)]
    nulls: Vec<Vec<String>>,
}

impl PlanFile {
    /// What is to be saved of a round.
    pub(super) fn of(
        round: &Round,
        manifests: &Manifests,
        key: &KeyPlace,
    ) -> Result<Self, CliError> {
        Ok(Self {
            form: FORM,
            at: round.now,
            generation: round.before.generation,
            serials: serials(round),
            digest: digest(round),
            set: manifests.set.clone(),
            prune: manifests.prune,
            objects: manifests
                .objects
                .iter()
                .map(|stated| closed(&stated.object, key))
                .collect::<Result<_, _>>()?,
            nulls: manifests.objects.iter().map(|stated| stated.nulls.clone()).collect(),
        })
    }

    /// Reads a file; `None` when it is not a saved plan.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, CliError> {
        let text = std::fs::read_to_string(path).map_err(|error| CliError::Read {
            path: path.to_owned(),
            cause: error.to_string(),
            hint: "manifests are named with -f; a saved plan is made by `bowline plan -f ... --out FILE`"
                .to_owned(),
        })?;
        Ok(serde_json::from_str(&text).ok().filter(|plan: &Self| plan.form == FORM))
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), CliError> {
        let failed = |cause: String| CliError::Write { path: path.to_owned(), cause };
        let text = serde_json::to_string(self).map_err(|error| failed(error.to_string()))?;
        written(path, &text).map_err(|error| failed(error.to_string()))
    }

    /// When it was made.
    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    /// The manifests that it was made from.
    pub(super) fn manifests(&self, key: &KeyPlace) -> Result<Manifests, CliError> {
        let nulls = self.nulls.iter().cloned().chain(std::iter::repeat_with(Vec::new));
        let objects = self.objects.iter().zip(nulls);
        let objects =
            objects.map(|(object, nulls)| Ok(Stated { object: opened(object, key)?, nulls }));
        let objects = objects.collect::<Result<_, CliError>>()?;
        Ok(Manifests { set: self.set.clone(), objects, prune: self.prune })
    }

    /// Refuses when the state or a host has moved, or the same input would now make another plan.
    pub(super) fn still_holds(&self, round: &Round) -> Result<(), CliError> {
        let stale = |why: String| Err(CliError::StalePlan { why });
        if round.before.generation != self.generation {
            return stale(format!(
                "the state was at generation {} and is at {}",
                self.generation, round.before.generation
            ));
        }
        let now = serials(round);
        if let Some(node) = now.keys().find(|node| now.get(*node) != self.serials.get(*node)) {
            return stale(format!("{node} was changed, or comes and goes"));
        }
        if digest(round) != self.digest {
            return stale("the hosts are not as they were".to_owned());
        }
        Ok(())
    }
}

/// What sealed Secrets of a plan are called: one cannot be put in the place of a row of the state.
const SEALED_AS: &str = "a Secret of a saved plan";

/// An object as it is saved: a Secret is sealed.
fn closed(object: &Object, key: &KeyPlace) -> Result<Value, CliError> {
    let value = object.to_json();
    Ok(match object.kind() {
        Kind::Secret => Sealed::new(&key.find_or_make()?, SEALED_AS, &value).into_value(),
        _ => value,
    })
}

/// An object as it was saved.
fn opened(value: &Value, key: &KeyPlace) -> Result<Object, CliError> {
    let value = match Sealed::of(value) {
        Some(sealed) => sealed.open(&key.find()?, SEALED_AS)?,
        None => value.clone(),
    };
    Object::try_from(value).map_err(|error| CliError::Usage {
        problem: format!("the saved plan is damaged: {error}"),
        hint: "make it anew: bowline plan -f ... --out FILE".to_owned(),
    })
}

/// Writes a file that only its owner may read: values that are no Secrets may still be nobody else's business.
fn written(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // The mode above is for a new file; one that was there keeps its own.
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())
}

fn serials(round: &Round) -> BTreeMap<NodeName, Option<u64>> {
    let hosts = round.observed.hosts.keys();
    let serial = |node: &NodeName| {
        let report = round.observed.report(node)?;
        Some(report.fence.as_ref().map_or(0, |fence| fence.serial))
    };
    hosts.map(|node| (node.clone(), serial(node))).collect()
}

fn digest(round: &Round) -> Digest {
    let plan = plan_json(round.before.generation, &round.plan.report);
    Digest::of(&(plan, &round.plan.target))
}
