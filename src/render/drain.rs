//! The pods that stay on a host that is drained, and why.

use std::fmt::Write as _;

use super::style::{Colour, Paint};
use crate::plan::Drain;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ObjectKey, PodKey};
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
    }
}
