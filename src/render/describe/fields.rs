//! Names and values, one a line, with the values in one column.

use std::fmt::Write as _;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};

use crate::render::clean::clean;
use crate::render::get::pairs;

/// Names and values of one block.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    rows: Vec<(String, Vec<String>)>,
}

impl Fields {
    /// Adds a line.
    pub(super) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.rows.push((format!("{name}:"), vec![value.into()]));
    }

    /// Adds a line if there is something to say.
    pub(super) fn add_some(&mut self, name: &str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// Adds values below each other, `<none>` where there are none.
    pub(super) fn add_all(&mut self, name: &str, values: Vec<String>) {
        let values = if values.is_empty() { vec!["<none>".to_owned()] } else { values };
        self.rows.push((format!("{name}:"), values));
    }

    /// Adds a name whose block follows it.
    pub(super) fn add_block(&mut self, name: &str, block: &Self) {
        self.rows.push((format!("{name}:"), Vec::new()));
        for line in block.text().lines() {
            self.rows.push((format!("  {line}"), Vec::new()));
        }
    }

    /// The lines.
    pub(super) fn text(&self) -> String {
        let with_values = self.rows.iter().filter(|(_, values)| !values.is_empty());
        let width = with_values.map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 2;
        let mut text = String::new();
        for (name, values) in &self.rows {
            let (mut head, empty) = (clean(name), values.is_empty());
            for value in values {
                let line = format!("{head:<width$}{}", clean(value));
                let _ = writeln!(text, "{}", line.trim_end());
                head.clear();
            }
            if empty {
                let _ = writeln!(text, "{}", head.trim_end());
            }
        }
        text
    }
}

/// A name, and lines that are laid out already below it.
pub(super) fn block(name: &str, lines: &str) -> String {
    let mut text = format!("{name}:\n");
    for line in lines.lines() {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// The lines that every object begins with.
pub(super) fn beginning(metadata: &ObjectMeta) -> Fields {
    let mut fields = Fields::default();
    fields.add("Name", metadata.name.clone().unwrap_or_default());
    fields.add_some("Namespace", metadata.namespace.clone());
    fields
}

/// Labels and annotations.
pub(super) fn marks(fields: &mut Fields, metadata: &ObjectMeta) {
    fields.add_all("Labels", pairs(metadata.labels.as_ref()));
    fields.add_all("Annotations", pairs(metadata.annotations.as_ref()));
}

/// A time as kubectl writes it out.
pub(super) fn date(time: Option<&Time>) -> Option<String> {
    let words = |time: &Timestamp| time.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    time.map(|time| words(&time.0))
}
