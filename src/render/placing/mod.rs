//! Where a pod could be: a line for each host, or for hosts that are alike.

use std::fmt::Write as _;

use super::table::table;
use crate::model::NodeName;
use crate::plan::{Placing, Verdict};
use crate::schedule::describe_rejections;

mod lines;

#[cfg(test)]
mod tests;

use lines::{Detail, Lines};

/// A pod's hosts in columns, the best first: the points of those that could take it, and why the others cannot. Hosts that are
/// the same in all of it have one line.
pub fn placing_text(placing: &Placing) -> String {
    let lines = Lines::of(placing.hosts.iter(), Detail::Exact);
    let remedy = placing.remedy.as_ref().map(|remedy| format!("\nIt {remedy}."));
    let profile = placing.profile.as_ref();
    let profile = profile.map(|name| format!("\nIts host is chosen by the profile {name}."));
    let told = [Some(sentence(placing)), profile, remedy].into_iter().flatten();
    let (header, rows) = lines.table(usize::MAX);
    format!("{}\n\n{}", told.collect::<String>(), table(&header, &rows))
}

/// Where a pod is or will be, in a few words; `None` while it waits, of which its events tell.
pub(super) fn placement(placing: &Placing) -> Option<String> {
    let words = match (&placing.bound, &placing.node) {
        (Some(bound), Some(node)) if bound == node => {
            format!("bound to {node}, and stays there, whatever points other hosts have")
        }
        (Some(bound), Some(node)) => {
            format!("bound to {bound}; the next `bowline apply` has it on {node}")
        }
        (None, Some(node)) => format!("not bound yet; the next `bowline apply` has it on {node}"),
        (_, None) => return None,
    };
    Some(words)
}

/// How many lines of hosts that could take a pod are shown among other things, and how many of those that could not.
const SHOWN: usize = 10;

/// The same hosts where they are not all that is told, without the one that the pod is on: those alike that have the same
/// reason, and not too many lines; `None` where there is none to be told of.
pub(super) fn hosts_in_short(placing: &Placing) -> Option<String> {
    let others = placing.hosts.iter().filter(|(node, _)| placing.node.as_ref() != Some(node));
    let lines = Lines::of(others, Detail::Reason);
    if lines.is_empty() {
        return None;
    }
    let (header, rows) = lines.table(SHOWN);
    let mut text = table(&header, &rows);
    let [fit, not] = lines.beyond(SHOWN);
    let all = format!("bowline plan --explain {} -n {}", placing.pod.name, placing.pod.namespace);
    let more = match (fit, not) {
        (0, 0) => return Some(text),
        (fit, 0) => format!("{fit} more that could take it"),
        (0, not) => format!("{not} more that could not take it"),
        (fit, not) => format!("{fit} more that could take it and {not} that could not"),
    };
    let _ = writeln!(text, "and {more}, see {all}");
    Some(text)
}

fn sentence(placing: &Placing) -> String {
    let pod = &placing.pod;
    match (&placing.node, &placing.refused) {
        (Some(node), _) if !placing.made_way.is_empty() => made_way(placing, node),
        (Some(node), _) if placing.bound.as_ref() == Some(node) => {
            format!("Pod {pod} is on {node}.{}", stays(placing, node))
        }
        (Some(_), _) => format!("Pod {pod} is {}.", placement(placing).unwrap_or_default()),
        (None, Some(why)) => format!("Pod {pod} is not made: {why}."),
        (None, None) => {
            let rejections = placing.hosts.iter().filter_map(|(node, verdict)| match verdict {
                Verdict::Rejected(why) => Some((node.clone(), why.clone())),
                Verdict::Fits(_) => None,
            });
            format!("Pod {pod} waits: {}", describe_rejections(&rejections.collect()))
        }
    }
}

/// Of a pod for which others have to go.
fn made_way(placing: &Placing, node: &NodeName) -> String {
    let victims: Vec<String> = placing.made_way.keys().map(ToString::to_string).collect();
    let have = if victims.len() == 1 { "has" } else { "have" };
    let highest = placing.made_way.values().max().copied().unwrap_or_default();
    format!(
        "Pod {} would go to {node} once {} {have} made way (priority {highest} < {}).",
        placing.pod,
        victims.join(", "),
        placing.priority,
    )
}

/// Why a pod is not where there are more points for it; nothing where there are not.
fn stays(placing: &Placing, node: &NodeName) -> &'static str {
    let total = |verdict: &Verdict| match verdict {
        Verdict::Fits(score) => Some(score.total()),
        Verdict::Rejected(_) => None,
    };
    let own = placing.hosts.get(node).and_then(total);
    let best = placing.hosts.values().filter_map(total).max();
    if best > own { " Another host has more points: bound pods stay where they are." } else { "" }
}
