//! What `api-resources` prints: the kinds, in kubectl's columns, and what becomes of their objects.

use super::table::table;
use crate::model::{Effect, Kind};

/// Which columns are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// The usual ones.
    Narrow,
    /// Verbs and categories as well.
    Wide,
}

/// What commands do with objects that come from manifests, in the words of Kubernetes.
const VERBS: &str = "create,delete,get,list,patch,update";

/// All kinds as a table, by group and name, as kubectl lists them.
pub fn api_resource_table(width: Width) -> String {
    let mut header = vec!["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "BOWLINE"];
    if width == Width::Wide {
        header.extend(["VERBS", "CATEGORIES"]);
    }
    let rows = in_order().into_iter().map(|kind| {
        let mut row = vec![
            kind.word().to_owned(),
            kind.short_names().join(","),
            kind.api_version().to_owned(),
            kind.is_namespaced().to_string(),
            kind.to_string(),
            becomes(kind).to_owned(),
        ];
        if width == Width::Wide {
            let verbs = if kind == Kind::Node { "get,list" } else { VERBS };
            let category = if Kind::WORKLOADS.contains(&kind) { "all" } else { "" };
            row.extend([verbs.to_owned(), category.to_owned()]);
        }
        row
    });
    table(&header, &rows.collect::<Vec<_>>())
}

/// All kinds by group and name.
pub fn in_order() -> Vec<Kind> {
    let mut kinds = Kind::ALL.to_vec();
    let group = |kind: &Kind| kind.api_version().split_once('/').map_or("", |(group, _)| group);
    kinds.sort_by_key(|kind| (group(kind), kind.word()));
    kinds
}

fn becomes(kind: Kind) -> &'static str {
    match kind.effect() {
        Effect::CarriedOut => "carried out",
        Effect::NotYet => "not yet",
        Effect::NoneHere if kind == Kind::Node => "from the inventory",
        Effect::NoneHere => "no effect here",
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn the_kinds_by_group() {
        let text = api_resource_table(Width::Narrow);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), Kind::ALL.len() + 1);
        assert_snapshot!(lines[..6].join("\n"), @r"
        NAME                                SHORTNAMES   APIVERSION                        NAMESPACED   KIND                               BOWLINE
        configmaps                          cm           v1                                true         ConfigMap                          carried out
        endpoints                           ep           v1                                true         Endpoints                          not yet
        events                              ev           v1                                true         Event                              not yet
        limitranges                         limits       v1                                true         LimitRange                         carried out
        namespaces                          ns           v1                                false        Namespace                          carried out
        ");
        let wide = api_resource_table(Width::Wide);
        let workloads = wide.lines().filter(|line| line.ends_with(" all"));
        assert_eq!(workloads.count(), Kind::WORKLOADS.len());
    }
}
