//! The table: which rules hold where in the objects of each kind.

use std::sync::LazyLock;

use super::rule::{Rule, Support};
use super::tree::{Tree, steps, text};
use crate::model::{Effect, Kind};

mod container;
mod kinds;
mod object;
mod pod;
mod policy;
mod service;
mod storage;
mod volume;
mod workload;

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The field that the rule was made for: the one asked about, or one that holds it; empty for the kind.
    pub path: String,
    /// The rule.
    pub rule: Rule,
}

/// What becomes of a field, by the rule with the longest path that leads to it; `None` where only the fields below have
/// rules. The path is of the form `spec.containers[].image`, empty for the object.
pub fn support_of(kind: Kind, path: &str) -> Option<Ruling> {
    let (mut place, mut found) = (of(kind), None);
    let path: Vec<&str> = steps(path).collect();
    for depth in 0..=path.len() {
        if let Some(rule) = place.rule {
            found = Some(Ruling { path: text(&path[..depth]), rule });
        }
        match path.get(depth).and_then(|step| place.step(step)) {
            Some(below) => place = below,
            None => break,
        }
    }
    found
}

/// Every rule of a kind, with the field that it was made for.
pub fn rulings(kind: Kind) -> Vec<Ruling> {
    let all = of(kind).all().into_iter();
    all.map(|(path, rule)| Ruling { path: text(&path), rule }).collect()
}

/// The rules of a kind.
pub(super) fn of(kind: Kind) -> &'static Tree {
    static ALL: LazyLock<Vec<Tree>> =
        LazyLock::new(|| Kind::ALL.iter().map(|kind| assembled(*kind)).collect());
    static NONE: LazyLock<Tree> = LazyLock::new(Tree::default);
    let index = Kind::ALL.iter().position(|other| *other == kind);
    index.and_then(|index| ALL.get(index)).unwrap_or(&NONE)
}

fn assembled(kind: Kind) -> Tree {
    let mut tree = Tree::default();
    tree.add("", object::FRAME);
    tree.add("metadata", object::METADATA);
    if object::has_status(kind) {
        tree.add("", object::STATUS);
    }
    match kind.effect() {
        Effect::CarriedOut => carried_out(kind, &mut tree),
        Effect::NotYet | Effect::NoneHere => tree.rule = Some(kinds::whole(kind)),
    }
    tree
}

/// The rules of the kinds that are carried out; one that is missing here has none, and a test finds that.
fn carried_out(kind: Kind, tree: &mut Tree) {
    match kind {
        Kind::Pod => add_pod("spec", tree),
        Kind::Deployment => {
            tree.add("spec", workload::DEPLOYMENT);
            tree.add("spec.template.metadata", workload::TEMPLATE_METADATA);
            add_pod("spec.template.spec", tree);
        }
        Kind::Service => tree.add("spec", service::SERVICE),
        Kind::ConfigMap => tree.add("", object::CONFIG_MAP),
        Kind::Secret => tree.add("", object::SECRET),
        Kind::Namespace => tree.add("", object::NAMESPACE),
        Kind::PersistentVolumeClaim => tree.add("spec", storage::CLAIM),
        Kind::PersistentVolume => tree.add("spec", storage::VOLUME),
        Kind::StorageClass => tree.add("", storage::CLASS),
        Kind::RuntimeClass => tree.add("", object::RUNTIME_CLASS),
        Kind::PodDisruptionBudget => tree.add("spec", workload::DISRUPTION_BUDGET),
        Kind::PriorityClass => tree.add("", object::PRIORITY_CLASS),
        Kind::ResourceQuota => tree.add("spec", policy::QUOTA),
        Kind::LimitRange => tree.add("spec.limits[]", policy::LIMITS),
        _ => {}
    }
}

fn add_pod(at: &str, tree: &mut Tree) {
    tree.add(at, pod::POD);
    tree.add(&format!("{at}.containers[]"), container::CONTAINER);
    tree.add(&format!("{at}.containers[]"), container::MAIN);
    tree.add(&format!("{at}.initContainers[]"), container::CONTAINER);
    tree.add(&format!("{at}.initContainers[]"), container::INIT);
    tree.add(&format!("{at}.volumes[]"), volume::VOLUME);
    let template = format!("{at}.volumes[].ephemeral.volumeClaimTemplate.spec");
    tree.add(&template, storage::CLAIM);
}

impl Ruling {
    /// What becomes of the field.
    pub fn support(&self) -> Support {
        self.rule.support
    }
}
