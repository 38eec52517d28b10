//! What would fit, what would move and what would be lost: tables, reasons under them, and a sentence at the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::clean::clean;
use super::table::table;
use crate::model::{NodeName, Resources};
use crate::plan::{Cause, Fate, Fit, HostUse, Simulation, Standing, Uprooted};

/// A simulation as people read it.
pub fn simulation_text(simulation: &Simulation) -> String {
    let mut text = workloads(&simulation.workloads);
    if !simulation.failed.is_empty() {
        text.push('\n');
        text.push_str(&uprooted(&simulation.uprooted));
    }
    text.push('\n');
    let hosts = simulation.hosts.iter().map(|(name, used)| host(name.as_str(), used));
    text.push_str(&table(&["NODE", "CPU", "MEMORY", "PODS", ""], &hosts.collect::<Vec<_>>()));
    for (node, why) in &simulation.unusable {
        let _ = writeln!(text, "{} is not used: {}", clean(node.as_str()), clean(why));
    }
    let _ = writeln!(text, "\n{}", sentence(simulation));
    text
}

/// A simulation as programs read it. This shape is promised: fields may be added, none changes its meaning.
pub fn simulation_json(simulation: &Simulation) -> Value {
    let workloads = simulation.workloads.iter().map(|fit| {
        let unfit = fit.unfit.iter().map(|unfit| {
            let remedy = unfit.remedy.as_ref().map(ToString::to_string);
            json!({"pods": unfit.pods, "cause": unfit.cause, "reason": unfit.why, "remedy": remedy})
        });
        json!({
            "kind": fit.object.kind,
            "namespace": fit.object.namespace,
            "name": fit.object.name,
            "asked": fit.asked,
            "fits": fit.fits,
            "silent": silent(fit),
            "unfit": unfit.collect::<Vec<_>>(),
        })
    });
    let uprooted = simulation.uprooted.iter().map(|pod| {
        let (fate, to, successor, reason) = match &pod.fate {
            Fate::Moves { successor, to } => ("moves", Some(to), Some(&successor.name), None),
            Fate::Lost { cause: Cause::LocalData, why } => ("pinned", None, None, Some(why)),
            Fate::Lost { why, .. } => ("lost", None, None, Some(why)),
        };
        json!({
            "namespace": pod.pod.namespace,
            "name": pod.pod.name,
            "from": pod.from,
            "fate": fate,
            "to": to,
            "successor": successor,
            "reason": reason,
        })
    });
    let amounts = |of: Resources| json!({"cpuMilli": of.cpu_milli, "memoryBytes": of.memory_bytes, "pods": of.pods});
    let hosts = simulation.hosts.iter().map(|(name, used)| {
        json!({
            "name": name,
            "standing": used.standing,
            "allocatable": amounts(used.allocatable),
            "before": amounts(used.before),
            "after": amounts(used.after),
        })
    });
    let unusable = simulation.unusable.iter();
    let unusable = unusable.map(|(name, why)| json!({"name": name, "reason": why}));
    json!({
        "fits": simulation.fits(),
        "workloads": workloads.collect::<Vec<_>>(),
        "uprooted": uprooted.collect::<Vec<_>>(),
        "hosts": hosts.collect::<Vec<_>>(),
        "unusable": unusable.collect::<Vec<_>>(),
        "summary": sentence(simulation),
    })
}

/// A line for each, and under them why pods of some would not fit.
fn workloads(all: &[Fit]) -> String {
    let row = |fit: &Fit| vec![fit.object.to_string(), format!("{}/{}", fit.fits, fit.asked)];
    let mut text = table(&["WORKLOAD", "FIT"], &all.iter().map(row).collect::<Vec<_>>());
    for fit in all {
        let object = clean(&fit.object.to_string());
        if !fit.silent.is_empty() {
            let (pods, on) = (counted(silent(fit), "pod"), hosts_named(&fit.silent));
            let _ = write!(text, "\n{object}, {pods}: bound to {on}");
        }
        for unfit in &fit.unfit {
            let pods = counted(unfit.pods, "pod");
            let _ = write!(text, "\n{object}, {pods}: {}", clean(&unfit.why));
            if let Some(remedy) = &unfit.remedy {
                let _ = write!(text, "\n  One more {}.", clean(&remedy.to_string()));
            }
        }
    }
    if all.iter().any(|fit| !fit.unfit.is_empty() || !fit.silent.is_empty()) {
        text.push('\n');
    }
    text
}

/// How many pods of an object are on hosts that do not answer.
fn silent(fit: &Fit) -> u64 {
    fit.silent.values().sum()
}

/// Hosts that do not answer, not too many by name.
fn hosts_named(silent: &BTreeMap<NodeName, u64>) -> String {
    const NAMED: usize = 5;
    let names: Vec<String> = silent.keys().map(|name| clean(name.as_str())).collect();
    match names.as_slice() {
        [name] => format!("{name}, which does not answer"),
        names if names.len() <= NAMED => format!("{}, which do not answer", names.join(", ")),
        names => format!("{} hosts that do not answer", names.len()),
    }
}

fn uprooted(pods: &[Uprooted]) -> String {
    if pods.is_empty() {
        return "No pod moves and none is lost.\n".to_owned();
    }
    let row = |pod: &Uprooted| {
        let (fate, detail) = match &pod.fate {
            Fate::Moves { successor, to } if *successor == pod.pod => ("moves", format!("to {to}")),
            Fate::Moves { successor, to } => ("moves", format!("to {to}, as {}", successor.name)),
            Fate::Lost { cause: Cause::LocalData, why } => ("pinned", why.clone()),
            Fate::Lost { why, .. } => ("lost", why.clone()),
        };
        vec![pod.pod.to_string(), pod.from.to_string(), fate.to_owned(), detail]
    };
    table(&["POD", "FROM", "FATE", "WHERE OR WHY"], &pods.iter().map(row).collect::<Vec<_>>())
}

fn host(name: &str, used: &HostUse) -> Vec<String> {
    let HostUse { allocatable, before, after, standing } = *used;
    let change = |of: fn(Resources) -> u64, shown: fn(u64) -> String| {
        let (was, is, all) = (of(before), of(after), of(allocatable));
        format!("{} -> {} of {}", shown(was), shown(is), shown(all))
    };
    let standing = match standing {
        Standing::Up => "",
        Standing::Failed => "fails",
        Standing::Silent => "does not answer",
    };
    vec![
        name.to_owned(),
        change(|of| of.cpu_milli, cpu),
        change(|of| of.memory_bytes, memory),
        change(|of| of.pods, |pods| pods.to_string()),
        standing.to_owned(),
    ]
}

fn cpu(milli: u64) -> String {
    if milli.is_multiple_of(1000) { (milli / 1000).to_string() } else { format!("{milli}m") }
}

/// Bytes in the unit of which there is at least one, with a tenth.
fn memory(bytes: u64) -> String {
    let units = [("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];
    let Some((unit, scale)) = units.into_iter().find(|(_, scale)| bytes >= *scale) else {
        return bytes.to_string();
    };
    match (bytes / scale, bytes % scale * 10 / scale) {
        (whole, 0) => format!("{whole}{unit}"),
        (whole, tenths) => format!("{whole}.{tenths}{unit}"),
    }
}

fn sentence(simulation: &Simulation) -> String {
    let sum = |of: fn(&Fit) -> u64| simulation.workloads.iter().map(of).sum::<u64>();
    let (asked, fits) = (sum(|fit| fit.asked), sum(|fit| fit.fits));
    let standing =
        |is: Standing| simulation.hosts.values().filter(|used| used.standing == is).count() as u64;
    let hosts = match (counted(standing(Standing::Up), "host"), standing(Standing::Silent)) {
        (up, 0) => up,
        (up, 1) => format!("{up} (1 more does not answer)"),
        (up, silent) => format!("{up} ({silent} more do not answer)"),
    };
    let unknown = sum(silent).min(asked - fits.min(asked));
    let rest = asked - fits.min(asked) - unknown;
    let (of, on) = (counted(asked, "pod"), "on hosts that do not answer");
    let some = match unknown {
        0 => format!("{fits} of {of} fit on {hosts}"),
        1 => format!("{fits} of {of} fit on {hosts}, 1 is {on}"),
        unknown => format!("{fits} of {of} fit on {hosts}, {unknown} are {on}"),
    };
    let fit = match (asked, rest) {
        (0, _) => "no pods are asked for".to_owned(),
        (1, 0) if unknown == 0 => format!("the pod fits on {hosts}"),
        (_, 0) if unknown == 0 => format!("all {asked} pods fit on {hosts}"),
        (_, 0) => some,
        (_, 1) => format!("{some}, 1 does not"),
        (_, rest) => format!("{some}, {rest} do not"),
    };
    if simulation.failed.is_empty() {
        let mut letters = fit.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string());
        return format!("{}{}.", first.unwrap_or_default(), letters.as_str());
    }
    let names: Vec<&str> = simulation.failed.iter().map(NodeName::as_str).collect();
    let count = |is: fn(&Fate) -> bool| {
        simulation.uprooted.iter().filter(|pod| is(&pod.fate)).count() as u64
    };
    let moved = count(|fate| matches!(fate, Fate::Moves { .. }));
    let pinned = count(|fate| matches!(fate, Fate::Lost { cause: Cause::LocalData, .. }));
    let lost = simulation.uprooted.len() as u64 - moved - pinned;
    let moves = if moved == 1 { "moves" } else { "move" };
    format!(
        "Without {}: {} {moves}, {lost} lost, {pinned} pinned by local data; {fit}.",
        names.join(", "),
        counted(moved, "pod"),
    )
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short() {
        for (bytes, text) in
            [(0, "0"), (1023, "1023"), (1024, "1Ki"), (1_610_612_736, "1.5Gi"), (32 << 30, "32Gi")]
        {
            assert_eq!(memory(bytes), text);
        }
        assert_eq!([cpu(0), cpu(1500), cpu(8000)], ["0", "1500m", "8"]);
    }
}
