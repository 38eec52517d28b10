//! Where a pod could be: a line a host.

use super::table::table;
use crate::plan::{Placing, Verdict};
use crate::schedule::{Rejection, Score, describe_rejections};

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

/// A pod's hosts in columns, the best first: the points of those that could take it, and why the others cannot.
pub fn placing_text(placing: &Placing) -> String {
    let mut hosts: Vec<_> = placing.hosts.iter().collect();
    // Of equal ones the first by name, as they are picked.
    hosts.sort_by_key(|(_, verdict)| match verdict {
        Verdict::Fits(score) => (0, u64::MAX - score.total()),
        Verdict::Rejected(_) => (1, 0),
    });
    let says = |of: fn(&Score) -> u64| {
        hosts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Fits(score) if of(score) > 0))
    };
    let columns = COLUMNS.iter().filter(|(name, of)| !AT_TIMES.contains(name) || says(*of));
    let columns: Vec<&Column> = columns.collect();
    let rows: Vec<Vec<String>> = hosts
        .into_iter()
        .map(|(node, verdict)| {
            let cells: Vec<String> = match verdict {
                Verdict::Fits(score) => columns.iter().map(|(_, of)| points(of(score))).collect(),
                Verdict::Rejected(why) => rejected(why, columns.len()),
            };
            std::iter::once(node.to_string()).chain(cells).collect()
        })
        .collect();
    let names = columns.iter().map(|(name, _)| *name);
    let header: Vec<&str> = ["NODE"].into_iter().chain(names).chain(["WHY NOT"]).collect();
    let remedy = placing.remedy.as_ref().map(|remedy| format!("\nIt {remedy}."));
    let profile = placing.profile.as_ref();
    let profile = profile.map(|name| format!("\nIts host is chosen by the profile {name}."));
    let told = [Some(sentence(placing)), profile, remedy].into_iter().flatten();
    format!("{}\n\n{}", told.collect::<String>(), table(&header, &rows))
}

fn sentence(placing: &Placing) -> String {
    let pod = &placing.pod;
    match (&placing.node, &placing.refused) {
        (Some(node), _) => format!("Pod {pod} is on {node}."),
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

fn points(points: u64) -> String {
    format!("{}.{}", points / 1000, points % 1000 / 100)
}

fn rejected(why: &Rejection, columns: usize) -> Vec<String> {
    let empty = std::iter::repeat_n(String::from("-"), columns);
    empty.chain([why.to_string()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    #[test]
    fn the_best_host_comes_first_and_those_that_are_out_last() {
        let score = |resources: u64| Score {
            resources,
            balance: 99_950,
            gpus: 0,
            images: 0,
            node_affinity: 0,
            taints: 300_000,
            pod_affinity: 0,
            spread: 200_000,
        };
        let hosts = [
            ("a", Verdict::Rejected(Rejection::Cpu { asked: 2000, free: 500 })),
            ("b", Verdict::Fits(score(50_000))),
            ("c", Verdict::Fits(score(75_123))),
        ];
        let hosts = hosts.map(|(name, verdict)| (name.into(), verdict)).into();
        let pod = crate::model::PodKey::new("default", "web-1");
        let (node, profile, refused, remedy) = (Some("c".into()), None, None, None);
        let mut placing = Placing { pod, profile, node, refused, remedy, hosts };
        assert_snapshot!(placing_text(&placing), @"
        Pod default/web-1 is on c.

        NODE   SCORE   RESOURCES   BALANCE   NODE-AFFINITY   TAINTS   POD-AFFINITY   SPREAD   WHY NOT
        c      675.0   75.1        99.9      0.0             300.0    0.0            200.0
        b      649.9   50.0        99.9      0.0             300.0    0.0            200.0
        a      -       -           -         -               -        -              -        Insufficient cpu (asked 2000m, free 500m)
        ");
        let with_image = Score { images: 40_000, ..score(50_000) };
        placing.hosts.insert("b".into(), Verdict::Fits(with_image));
        placing.profile = Some("batch".to_owned());
        assert_snapshot!(placing_text(&placing), @"
        Pod default/web-1 is on c.
        Its host is chosen by the profile batch.

        NODE   SCORE   RESOURCES   BALANCE   IMAGES   NODE-AFFINITY   TAINTS   POD-AFFINITY   SPREAD   WHY NOT
        b      689.9   50.0        99.9      40.0     0.0             300.0    0.0            200.0
        c      675.0   75.1        99.9      0.0      0.0             300.0    0.0            200.0
        a      -       -           -         -        -               -        -              -        Insufficient cpu (asked 2000m, free 500m)
        ");
    }
}
