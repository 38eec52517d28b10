//! Quotas and limits in full.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use k8s_openapi::api::core::v1::{LimitRange, LimitRangeItem, ResourceQuota};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::fields::beginning;
use crate::model::Object;
use crate::render::clean::clean;
use crate::status::Resource;

/// The columns of limits.
const TITLES: [&str; 7] = [
    "Type",
    "Resource",
    "Min",
    "Max",
    "Default Request",
    "Default Limit",
    "Max Limit/Request Ratio",
];

type Amounts = BTreeMap<String, Quantity>;

pub(super) fn quota(quota: &ResourceQuota) -> String {
    let spec = quota.spec.clone().unwrap_or_default();
    let mut fields = beginning(&quota.metadata);
    let scopes = spec.scopes.unwrap_or_default();
    if !scopes.is_empty() {
        let mut lines = vec![scopes.join(", ")];
        lines.extend(scopes.iter().map(|scope| format!("* {}", what_matches(scope))));
        fields.add_all("Scopes", lines);
    }
    format!("{}{}", fields.text(), standing(quota))
}

/// What is used of what there may be.
fn standing(quota: &ResourceQuota) -> String {
    let status = quota.status.clone().unwrap_or_default();
    let (hard, used) = (status.hard.unwrap_or_default(), status.used.unwrap_or_default());
    let rows = hard.iter().map(|(name, hard)| {
        let used = used.get(name).map_or("0", |used| used.0.as_str());
        vec![name.clone(), used.to_owned(), hard.0.clone()]
    });
    columns(&["Resource", "Used", "Hard"], rows.collect())
}

/// The quotas and limits of a namespace, below its own fields.
pub(super) fn of_namespace(name: &str, policies: &[Resource]) -> String {
    let (mut quotas, mut rows) = (String::new(), Vec::new());
    for policy in policies.iter().filter(|policy| policy.namespace() == name) {
        match policy {
            Resource::Stored(Object::ResourceQuota(quota)) => {
                let text = format!("Name:  {}\n{}", policy.name(), standing(quota));
                for line in text.lines() {
                    let _ = writeln!(quotas, "  {}", clean(line));
                }
            }
            Resource::Stored(Object::LimitRange(range)) => {
                rows.extend(range.spec.iter().flat_map(|spec| &spec.limits).flat_map(self::rows));
            }
            _ => {}
        }
    }
    let quotas = match quotas.as_str() {
        "" => "No resource quota.\n".to_owned(),
        quotas => format!("Resource Quotas\n{quotas}"),
    };
    let limits = match rows.as_slice() {
        [] => "No LimitRange resource.\n".to_owned(),
        _ => format!("Resource Limits\n{}", columns(&TITLES, rows)),
    };
    format!("\n{quotas}\n{limits}")
}

/// What a scope chooses.
fn what_matches(scope: &str) -> &'static str {
    match scope {
        "Terminating" => "pods that have an active deadline",
        "NotTerminating" => "pods that have no active deadline",
        "BestEffort" => "pods that ask for nothing",
        "NotBestEffort" => "pods that ask for something",
        "PriorityClass" => "pods that name a class",
        "CrossNamespacePodAffinity" => "pods whose affinity asks for pods of other namespaces",
        _ => "no pods",
    }
}

pub(super) fn limits(range: &LimitRange) -> String {
    let fields = beginning(&range.metadata);
    let items = range.spec.iter().flat_map(|spec| &spec.limits);
    format!("{}{}", fields.text(), columns(&TITLES, items.flat_map(rows).collect()))
}

fn rows(item: &LimitRangeItem) -> Vec<Vec<String>> {
    let LimitRangeItem { default, default_request, max, max_limit_request_ratio, min, type_ } =
        item;
    let all = [min, max, default_request, default, max_limit_request_ratio];
    let names = all.into_iter().flatten().flat_map(BTreeMap::keys);
    let amount = |amounts: &Option<Amounts>, name: &str| {
        let amount = amounts.as_ref().and_then(|amounts| amounts.get(name));
        amount.map_or("-", |amount| amount.0.as_str()).to_owned()
    };
    let row = |name: &String| {
        let amounts = all.into_iter().map(|amounts| amount(amounts, name));
        [type_.clone(), name.clone()].into_iter().chain(amounts).collect()
    };
    names.collect::<BTreeSet<_>>().into_iter().map(row).collect()
}

/// Columns with a line below their titles.
fn columns(titles: &[&str], rows: Vec<Vec<String>>) -> String {
    let head = titles.iter().map(|title| (*title).to_owned()).collect();
    let rule = titles.iter().map(|title| "-".repeat(title.len())).collect();
    let all: Vec<Vec<String>> = [head, rule].into_iter().chain(rows).collect();
    let widths: Vec<usize> = (0..titles.len())
        .map(|column| all.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| format!("{:<width$}", clean(cell)));
        let cells: Vec<String> = cells.collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    all.iter().map(line).collect()
}
