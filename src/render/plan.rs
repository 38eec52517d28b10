//! A plan as a person reads it.

use std::fmt::Write as _;

use super::fields::{field_lines, fields_count};
use super::style::{Colour, Paint};
use crate::model::ObjectKey;
use crate::plan::{Change, ChangeAction, Report};

/// Writes a plan out: every change with its reason, what waits, who does not answer, and a summary line.
pub fn plan_text(report: &Report, colour: Colour) -> String {
    let mut text = String::new();
    if !report.changes.is_empty() {
        let _ = writeln!(text, "{}\n", colour.paint(Paint::Strong, "These changes will be made:"));
        let widths = Widths::of(&report.changes);
        for change in &report.changes {
            let _ = writeln!(text, "{}", line(change, &widths, colour));
            for line in field_lines(&change.fields, colour) {
                let _ = writeln!(text, "{line}");
            }
        }
        text.push('\n');
    }
    if !report.pending.is_empty() {
        let _ = writeln!(text, "{}\n", colour.paint(Paint::Strong, "These have to wait:"));
        for pending in &report.pending {
            let _ = writeln!(text, "  {}: {}", named(&pending.object), pending.why());
        }
        text.push('\n');
    }
    for (node, error) in &report.unreachable {
        let mark = colour.paint(Paint::Bad, "unreachable");
        let _ = writeln!(text, "{mark} {node}: {error}");
    }
    if !report.unreachable.is_empty() {
        text.push('\n');
    }
    let summary = report.summary();
    let _ = match (report.changes.is_empty(), report.pending.is_empty()) {
        (true, true) => writeln!(text, "Nothing to do: the hosts are as the manifests say."),
        (true, false) => writeln!(text, "Nothing can be done now."),
        (false, _) => writeln!(text, "{} {summary}.", colour.paint(Paint::Strong, "Plan:")),
    };
    text
}

/// An object by kind and name, as `kubectl` names it.
fn named(object: &ObjectKey) -> String {
    let ObjectKey { kind, namespace, name } = object;
    if namespace.is_empty() {
        format!("{kind} {name}")
    } else {
        format!("{kind} {namespace}/{name}")
    }
}

struct Widths {
    name: usize,
    host: usize,
}

impl Widths {
    fn of(changes: &[Change]) -> Self {
        let name = changes.iter().map(|change| named(&change.object).len()).max().unwrap_or(0);
        let host = changes.iter().map(|change| host(change).len()).max().unwrap_or(0);
        Self { name, host }
    }
}

/// Where a pod is, for the column after its name; a host is its own place.
fn host(change: &Change) -> String {
    match &change.host {
        Some(node) if change.object.kind != "Node" => format!("on {node}"),
        Some(_) | None => String::new(),
    }
}

fn line(change: &Change, widths: &Widths, colour: Colour) -> String {
    let (sign, paint) = match change.action {
        ChangeAction::Create => ("+", Paint::Good),
        ChangeAction::Update => ("~", Paint::Change),
        ChangeAction::Replace => ("±", Paint::Change),
        ChangeAction::Move => (">", Paint::Change),
        ChangeAction::Delete => ("-", Paint::Bad),
    };
    let reason = if field_lines(&change.fields, colour).is_empty() {
        change.reason.clone()
    } else {
        fields_count(&change.fields)
    };
    let action = format!("{sign} {:<7}", change.action);
    let (name, place) = (named(&change.object), host(change));
    format!(
        "  {} {name:<name_width$}  {place:<host_width$}  {}",
        colour.paint(paint, action),
        reason,
        name_width = widths.name,
        host_width = widths.host,
    )
    .trim_end()
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Pending, Waiting};
    use insta::assert_snapshot;

    #[test]
    fn a_plan_reads_like_this() {
        let change = |action, kind: &str, name: &str, host: Option<&str>, reason: &str| {
            let namespace = if kind == "Node" { "" } else { "default" };
            let object = ObjectKey::new(kind, namespace, name);
            let change = Change::new(action, object, reason.to_owned());
            host.map_or(change.clone(), |host| change.on(&host.into()))
        };
        let report = Report {
            changes: vec![
                change(ChangeAction::Update, "Node", "node-1", Some("node-1"), "no pod network"),
                change(ChangeAction::Create, "Deployment", "web", None, "new"),
                change(ChangeAction::Create, "Pod", "web-6d4cf56db6-x7k2p", Some("node-1"), "new"),
            ],
            pending: vec![Pending {
                object: ObjectKey::new("Pod", "default", "db"),
                waiting: Waiting::Unreachable { node: "node-2".into() },
            }],
            unreachable: [("node-2".into(), "cannot connect to 10.42.0.12:22: timed out".into())]
                .into(),
        };
        assert_snapshot!(plan_text(&report, Colour::None), @r"
        These changes will be made:

          ~ update  Node node-1                                  no pod network
          + create  Deployment default/web                       new
          + create  Pod default/web-6d4cf56db6-x7k2p  on node-1  new

        These have to wait:

          Pod default/db: waits for node-2, which does not answer

        unreachable node-2: cannot connect to 10.42.0.12:22: timed out

        Plan: 2 to create, 1 to update.
        ");
        assert_snapshot!(plan_text(&Report::default(), Colour::None), @"Nothing to do: the hosts are as the manifests say.");
    }
}
