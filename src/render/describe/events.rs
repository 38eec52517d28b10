//! What happened to an object, and what is wrong with it now, in one table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};

use crate::events::Event;
use crate::model::{Kind, PodKey};
use crate::plan::Placing;
use crate::render::age::age;
use crate::render::clean::clean;
use crate::status::Resource;

/// What happened in the fleet, to be told of objects.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// All events that are remembered, the latest last.
    pub events: &'a [Event],
    /// How hosts stand to the pods that are described, at least to the first of them.
    pub placings: &'a BTreeMap<PodKey, Placing>,
    /// The quotas and limits of all namespaces.
    pub policies: &'a [Resource],
    /// When this is.
    pub now: Timestamp,
}

impl Told<'_> {
    fn ago(&self, at: Timestamp) -> String {
        age(Some(&Time(at)), self.now)
    }

    /// The table of one object: what happened, then what holds now, which is `Warning` and as old as the look.
    pub(super) fn table(
        &self,
        kind: Kind,
        metadata: &ObjectMeta,
        faults: &[(&str, &str)],
    ) -> String {
        let namespace = metadata.namespace.as_deref().unwrap_or_default();
        let name = metadata.name.as_deref().unwrap_or_default();
        let mine = self.events.iter().filter(|event| {
            let object = &event.what.object;
            object.kind == kind.object() && object.namespace == namespace && object.name == name
        });
        let mut rows: Vec<[String; 5]> = mine.map(|event| self.row(event)).collect();
        rows.extend(
            faults
                .iter()
                .map(|(reason, message)| ["Warning", reason, "now", "bowline", message].map(clean)),
        );
        if rows.is_empty() { "Events:  <none>\n".to_owned() } else { laid_out(&rows) }
    }

    fn row(&self, event: &Event) -> [String; 5] {
        let what = &event.what;
        let mut age = self.ago(event.last);
        if event.count > 1 {
            age = format!("{age} (x{} over {})", event.count, self.ago(event.first));
        }
        let (severity, reason) = (what.severity.to_string(), what.reason.to_string());
        [severity, reason, age, what.node.to_string(), clean(&what.message)]
    }
}

fn laid_out(rows: &[[String; 5]]) -> String {
    let head = ["Type", "Reason", "Age", "From", "Message"].map(str::to_owned);
    let rule = head.clone().map(|word| "-".repeat(word.len()));
    let all: Vec<&[String; 5]> = [&head, &rule].into_iter().chain(rows).collect();
    let width =
        |column: usize| all.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let mut text = "Events:\n".to_owned();
    for row in &all {
        text.push_str("  ");
        for (column, cell) in row.iter().enumerate().take(row.len() - 1) {
            let _ = write!(text, "{cell:<width$}  ", width = width(column));
        }
        text.push_str(&row[row.len() - 1]);
        text.push('\n');
    }
    text
}
