//! Hosts that stand to a pod alike, in one line.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::NodeName;
use crate::plan::Verdict;
use crate::schedule::{Rejection, Score};

/// A column of points, and what of a score stands in it.
type Column = (&'static str, fn(&Score) -> u64);

/// The columns that are left out where no host has GPUs, or none has images of the pod that matter.
const AT_TIMES: [&str; 2] = ["GPUS", "IMAGES"];

const COLUMNS: [Column; 9] = [
    ("SCORE", Score::total),
    ("RESOURCES", |score| score.resources),
    ("BALANCE", |score| score.balance),
    ("GPUS", |score| score.gpus),
    ("IMAGES", |score| score.images),
    ("NODE-AFFINITY", |score| score.node_affinity),
    ("TAINTS", |score| score.taints),
    ("POD-AFFINITY", |score| score.pod_affinity),
    ("SPREAD", |score| score.spread),
];

/// How many hosts that are alike are all named.
const NAMED: usize = 3;

/// What makes hosts that are out alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// The reason with all figures.
    Exact,
    /// The reason and what is asked for; what is free is told from the least to the most.
    Reason,
}

/// Hosts in lines.
pub(super) struct Lines<'a> {
    /// Those that could take the pod, the best first.
    fit: Vec<(Vec<&'a NodeName>, Score)>,
    /// Those that could not, by their names.
    out: Vec<(Vec<&'a NodeName>, String)>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(
        hosts: impl Iterator<Item = (&'a NodeName, &'a Verdict)>,
        detail: Detail,
    ) -> Self {
        let mut fit: BTreeMap<Vec<u64>, (Vec<&NodeName>, Score)> = BTreeMap::new();
        let mut out: BTreeMap<Rejection, Vec<(&NodeName, &Rejection)>> = BTreeMap::new();
        for (node, verdict) in hosts {
            match verdict {
                Verdict::Fits(score) => {
                    let parts = COLUMNS.iter().map(|(_, of)| of(score)).collect();
                    fit.entry(parts).or_insert_with(|| (Vec::new(), *score)).0.push(node);
                }
                Verdict::Rejected(why) => {
                    let alike = match detail {
                        Detail::Exact => why.clone(),
                        Detail::Reason => why.without_free(),
                    };
                    out.entry(alike).or_default().push((node, why));
                }
            }
        }
        let mut fit: Vec<_> = fit.into_values().collect();
        // Of equal ones the first by name, as they are picked.
        fit.sort_by_key(|(nodes, score)| (Reverse(score.total()), nodes.first().copied()));
        let mut out: Vec<(Vec<&NodeName>, String)> = out
            .into_values()
            .map(|alike| {
                let why = Rejection::in_common(alike.iter().map(|(_, why)| *why));
                (alike.into_iter().map(|(node, _)| node).collect(), why.unwrap_or_default())
            })
            .collect();
        out.sort();
        Self { fit, out }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fit.is_empty() && self.out.is_empty()
    }

    /// How many hosts are not among the first so many lines: such as could take the pod, and such as could not.
    pub(super) fn beyond(&self, most: usize) -> [usize; 2] {
        let fit = self.fit.iter().skip(most).map(|(nodes, _)| nodes.len()).sum();
        [fit, self.out.iter().skip(most).map(|(nodes, _)| nodes.len()).sum()]
    }

    /// The header and at most so many rows of each kind. There are no columns of points where no host has any.
    pub(super) fn table(&self, most: usize) -> (Vec<&'static str>, Vec<Vec<String>>) {
        let says = |of: fn(&Score) -> u64| self.fit.iter().any(|(_, score)| of(score) > 0);
        let shown =
            |(name, of): &&Column| !self.fit.is_empty() && (!AT_TIMES.contains(name) || says(*of));
        let columns: Vec<&Column> = COLUMNS.iter().filter(shown).collect();
        let fit = self.fit.iter().take(most).map(|(nodes, score)| {
            let points = columns.iter().map(|(_, of)| points(of(score)));
            std::iter::once(named(nodes)).chain(points).collect()
        });
        let out = self.out.iter().take(most).map(|(nodes, why)| {
            let none = std::iter::repeat_n("-".to_owned(), columns.len());
            std::iter::once(named(nodes)).chain(none).chain([why.clone()]).collect()
        });
        let names = columns.iter().map(|(name, _)| *name);
        let header = std::iter::once("NODE").chain(names).chain(["WHY NOT"]).collect();
        (header, fit.chain(out).collect())
    }
}

fn points(points: u64) -> String {
    format!("{}.{}", points / 1000, points % 1000 / 100)
}

/// The names of a few hosts; else the first and the last as people count, of each that are counted together, and how many
/// there are.
fn named(nodes: &[&NodeName]) -> String {
    let mut names: Vec<&str> = nodes.iter().map(|node| node.as_str()).collect();
    names.sort_by_cached_key(|name| counted(name));
    if names.len() <= NAMED {
        return names.join(", ");
    }
    let stem = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let series: Vec<&[&str]> = names.chunk_by(|one, next| stem(one) == stem(next)).collect();
    let series = if series.len() > NAMED { vec![names.as_slice()] } else { series };
    let texts = series.into_iter().map(|names| match names {
        [first, _, .., last] => format!("{first} … {last}"),
        few => few.join(", "),
    });
    format!("{} ({} hosts)", texts.collect::<Vec<_>>().join(", "), names.len())
}

/// What puts `web-9` before `web-10`: the parts of a name, each run of digits by its length and then its digits.
fn counted(name: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        let number = part.trim_start_matches('0');
        parts.push(if digits { (number.len(), number) } else { (0, part) });
        rest = after;
    }
    parts
}
