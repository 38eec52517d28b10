//! Values to text: what people read, and what programs read.

mod age;
mod api_resources;
mod clean;
mod describe;
mod explain;
mod fields;
mod findings;
mod get;
mod history;
mod json;
mod jsonpath;
mod lines;
mod lint;
mod plan;
mod progress;
mod sarif;
mod style;
mod table;
mod yaml;

pub use age::age;
pub use api_resources::{Width, api_resource_table, in_order};
pub use clean::clean;
pub use describe::{Told, describe};
pub use explain::{Fields, explain};
pub use findings::{Notices, findings_json, findings_text};
pub use get::{Columns, Names, resource_table};
pub use history::history_table;
pub use json::plan_json;
pub use jsonpath::{OutOfBounds, Template, TemplateError};
pub use lines::unified_diff;
pub use lint::{Explained, explanation, rule_table, rules_json};
pub use plan::plan_text;
pub use progress::event_line;
pub use sarif::sarif;
pub use style::{Colour, Paint, hue};
pub use yaml::{ObjectForm, Objects, documents_text, objects_text};
