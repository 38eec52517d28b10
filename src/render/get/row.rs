//! A row of a table: each cell with its title, so that the two cannot disagree.

use std::fmt::Display;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Columns;
use crate::render::age::age;

/// What `kubectl` prints of one object.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// What stands after the name in the column NAME, or that the name has another place.
    pub(super) name: Name,
    pub(super) cells: Vec<Cell>,
}

/// How the object's name is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Name {
    /// First.
    #[default]
    First,
    /// First, and marked as the one that is taken where none is named.
    Default,
    /// Among the cells.
    Within,
}

/// A cell.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) title: &'static str,
    /// The narrowest table that it is shown in.
    pub(super) shown: Columns,
    pub(super) text: String,
}

impl Row {
    /// Adds a cell that is always shown.
    pub(super) fn cell(self, title: &'static str, text: impl Display) -> Self {
        self.with(title, Columns::Narrow, text)
    }

    /// Adds a cell that only a wide table shows.
    pub(super) fn wide(self, title: &'static str, text: impl Display) -> Self {
        self.with(title, Columns::Wide, text)
    }

    /// Adds how long ago the object was made.
    pub(super) fn age(self, metadata: &ObjectMeta, now: Timestamp) -> Self {
        self.cell("AGE", age(metadata.creation_timestamp.as_ref(), now))
    }

    /// Adds when the object was made: what the API server shows of kinds that it has no columns for.
    pub(super) fn created(self, metadata: &ObjectMeta) -> Self {
        let created = metadata.creation_timestamp.as_ref().map(|time| time.0.to_string());
        self.cell("CREATED AT", created.unwrap_or_else(|| "<unknown>".to_owned()))
    }

    /// Says how the name is shown.
    pub(super) fn name(mut self, name: Name) -> Self {
        self.name = name;
        self
    }

    fn with(mut self, title: &'static str, shown: Columns, text: impl Display) -> Self {
        self.cells.push(Cell { title, shown, text: text.to_string() });
        self
    }
}

/// A cell that kubectl prints `<none>` in when there is nothing to say.
pub(in crate::render) fn or_none(text: Option<String>) -> String {
    or(text, "<none>")
}

/// A cell that kubectl prints `<unset>` in when there is nothing to say.
pub(super) fn or_unset(text: Option<String>) -> String {
    or(text, "<unset>")
}

fn or(text: Option<String>, otherwise: &str) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| otherwise.to_owned())
}

/// A number that a status does not have yet.
pub(super) fn count(count: Option<i32>) -> i32 {
    count.unwrap_or(0)
}

/// The first of many, and how many more there are: `a,b,c + 2 more...`.
pub(super) fn some(all: &[String], most: usize, between: &str) -> String {
    let shown = all.iter().take(most).cloned().collect::<Vec<_>>().join(between);
    if all.len() > most { format!("{shown} + {} more...", all.len() - most) } else { shown }
}
