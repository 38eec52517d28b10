//! What pods and hosts use, in kubectl's columns.

use super::get::Names;
use super::table::table;
use crate::model::Used;

/// A row of `top pods`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodUsage {
    /// The pod's namespace.
    pub namespace: String,
    /// Its name.
    pub pod: String,
    /// The container, when each is shown by itself.
    pub container: Option<String>,
    /// What it uses.
    pub used: Used,
}

/// A row of `top nodes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeUsage {
    /// The host's name.
    pub name: String,
    /// What it uses; `None` when it did not answer.
    pub used: Option<Used>,
    /// What it has.
    pub has: Option<Used>,
}

/// By what rows are ordered: the most first, or by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopOrder {
    /// By name.
    Name,
    /// By CPU.
    Cpu,
    /// By memory.
    Memory,
}

impl TopOrder {
    /// What sorts by it: smaller is earlier.
    fn rank(self, used: Used) -> std::cmp::Reverse<u64> {
        std::cmp::Reverse(match self {
            Self::Name => 0,
            Self::Cpu => used.cpu_milli,
            Self::Memory => used.memory_bytes,
        })
    }
}

/// The table of `top pods`; `Names::Namespaced` adds the namespaces.
pub fn pod_usage_table(mut rows: Vec<PodUsage>, order: TopOrder, names: Names) -> String {
    rows.sort_by(|a, b| {
        let rank = |row: &PodUsage| order.rank(row.used);
        let name = |row: &PodUsage| (row.namespace.clone(), row.pod.clone(), row.container.clone());
        (rank(a), name(a)).cmp(&(rank(b), name(b)))
    });
    let by_container = rows.iter().any(|row| row.container.is_some());
    let mut header = Vec::new();
    if names == Names::Namespaced {
        header.push("NAMESPACE");
    }
    header.extend(if by_container { &["POD", "NAME"][..] } else { &["NAME"] });
    header.extend(["CPU(cores)", "MEMORY(bytes)"]);
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| {
            let mut cells = Vec::new();
            if names == Names::Namespaced {
                cells.push(row.namespace);
            }
            cells.push(row.pod);
            cells.extend(row.container);
            cells.extend([cpu(row.used), memory(row.used)]);
            cells
        })
        .collect();
    table(&header, &rows)
}

/// The table of `top nodes`.
pub fn node_usage_table(mut rows: Vec<NodeUsage>, order: TopOrder) -> String {
    rows.sort_by(|a, b| {
        let rank = |row: &NodeUsage| (row.used.is_none(), order.rank(row.used.unwrap_or_default()));
        (rank(a), &a.name).cmp(&(rank(b), &b.name))
    });
    let unknown = || "<unknown>".to_owned();
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|NodeUsage { name, used, has }| {
            let share = |part: fn(Used) -> u64| match (used.map(part), has.map(part)) {
                (Some(used), Some(all @ 1..)) => format!("{}%", used.saturating_mul(100) / all),
                _ => unknown(),
            };
            let (cpu_share, memory_share) =
                (share(|used| used.cpu_milli), share(|used| used.memory_bytes));
            let shown = |form: fn(Used) -> String| used.map_or_else(unknown, form);
            vec![name, shown(cpu), cpu_share, shown(memory), memory_share]
        })
        .collect();
    table(&["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"], &rows)
}

fn cpu(used: Used) -> String {
    format!("{}m", used.cpu_milli)
}

fn memory(used: Used) -> String {
    format!("{}Mi", used.memory_bytes / (1024 * 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(cpu_milli: u64, mebibytes: u64) -> Used {
        Used { cpu_milli, memory_bytes: mebibytes * 1024 * 1024 }
    }

    fn pod(pod: &str, container: Option<&str>, used: Used) -> PodUsage {
        let container = container.map(str::to_owned);
        PodUsage { namespace: "default".to_owned(), pod: pod.to_owned(), container, used }
    }

    #[test]
    fn pods_are_shown_as_kubectl_shows_them() {
        let rows = || vec![pod("web", None, used(2, 30)), pod("db", None, used(1, 90))];
        insta::assert_snapshot!(pod_usage_table(rows(), TopOrder::Name, Names::Plain), @r"
        NAME   CPU(cores)   MEMORY(bytes)
        db     1m           90Mi
        web    2m           30Mi
        ");
        insta::assert_snapshot!(pod_usage_table(rows(), TopOrder::Cpu, Names::Namespaced), @r"
        NAMESPACE   NAME   CPU(cores)   MEMORY(bytes)
        default     web    2m           30Mi
        default     db     1m           90Mi
        ");
        let rows =
            vec![pod("web", Some("side"), used(0, 1)), pod("web", Some("nginx"), used(2, 3))];
        insta::assert_snapshot!(pod_usage_table(rows, TopOrder::Name, Names::Plain), @r"
        POD   NAME    CPU(cores)   MEMORY(bytes)
        web   nginx   2m           3Mi
        web   side    0m           1Mi
        ");
    }

    #[test]
    fn hosts_are_shown_with_their_shares_and_those_that_say_nothing_last() {
        let node = |name: &str, used: Option<Used>| NodeUsage {
            name: name.to_owned(),
            used,
            has: used.map(|_| self::used(2000, 8192)),
        };
        let rows = vec![
            node("node-1", None),
            node("node-2", Some(used(50, 4096))),
            node("node-3", Some(used(500, 10))),
        ];
        insta::assert_snapshot!(node_usage_table(rows, TopOrder::Memory), @r"
        NAME     CPU(cores)   CPU(%)      MEMORY(bytes)   MEMORY(%)
        node-2   50m          2%          4096Mi          50%
        node-3   500m         25%         10Mi            0%
        node-1   <unknown>    <unknown>   <unknown>       <unknown>
        ");
    }
}
