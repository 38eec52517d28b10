//! The pods that stay on a host that is drained, and why.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::style::{Colour, Paint};
use crate::model::{NodeName, PodKey};
use crate::plan::{Drain, Left};

/// Writes out the pods that stay; nothing where all of them move.
pub fn staying_text(drain: &Drain, colour: Colour) -> String {
    let mut text = String::new();
    if drain.staying.is_empty() {
        return text;
    }
    let _ = writeln!(text, "\n{}\n", colour.paint(Paint::Strong, "These pods stay:"));
    for (pod, (node, why)) in &drain.staying {
        let _ = writeln!(text, "  Pod {pod}  on {node}  {why}");
    }
    text
}

/// Writes out the pods that are left on hosts, host by host, as kubectl does; `why` it was not gone on.
pub fn pending_text(left: &Left, why: &str) -> String {
    let hosts: BTreeSet<&NodeName> = left.values().map(|(node, _)| node).collect();
    let mut text = String::new();
    for host in hosts {
        let _ = writeln!(text, "There are pending pods in node \"{host}\": {why}");
        for (pod, (_, why)) in left.iter().filter(|(_, (node, _))| node == host) {
            let PodKey { namespace, name } = pod;
            let _ = writeln!(text, "  pods/\"{name}\" -n \"{namespace}\": {why}");
        }
    }
    text.trim_end().to_owned()
}

/// Says that hosts are not drained and stay cordoned, and what can be done.
pub fn cordoned_text(hosts: &BTreeSet<NodeName>) -> String {
    let hosts: Vec<&str> = hosts.iter().map(NodeName::as_str).collect();
    let (all, stay) = (hosts.join(" "), if hosts.len() == 1 { "stays" } else { "stay" });
    let named = hosts.join(", ");
    format!(
        "{named} {stay} cordoned. Change what keeps these pods there and drain again, or type: bowline uncordon {all}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ObjectKey;
    use crate::plan::Stay;
    use insta::assert_snapshot;

    #[test]
    fn every_pod_that_stays_has_a_reason() {
        let budget = ObjectKey::new("PodDisruptionBudget", "default", "web");
        let mut drain = Drain::default();
        for (name, why) in [
            ("a", Stay::Budget(budget)),
            ("b", Stay::Data("0/2 nodes are available.".to_owned())),
            ("c", Stay::NoController),
            ("d", Stay::Ended),
        ] {
            drain.staying.insert(PodKey::new("default", name), ("node-1".into(), why));
        }
        assert_snapshot!(staying_text(&drain, Colour::None), @"

        These pods stay:

          Pod default/a  on node-1  the disruption budget web lets no pod go now
          Pod default/b  on node-1  pinned by local data: 0/2 nodes are available.
          Pod default/c  on node-1  cannot delete Pods that declare no controller (use --force to override)
          Pod default/d  on node-1  it has ended
        ");
        assert_eq!(staying_text(&Drain::default(), Colour::None), "");
        assert_snapshot!(pending_text(&drain.kept(), "global timeout reached: 20s"), @r#"
        There are pending pods in node "node-1": global timeout reached: 20s
          pods/"a" -n "default": the disruption budget web lets no pod go now
          pods/"b" -n "default": pinned by local data: 0/2 nodes are available.
          pods/"c" -n "default": cannot delete Pods that declare no controller (use --force to override)
        "#);
        let hosts = ["node-1".into(), "node-2".into()].into();
        assert_snapshot!(cordoned_text(&hosts), @"node-1, node-2 stay cordoned. Change what keeps these pods there and drain again, or type: bowline uncordon node-1 node-2");
    }
}
