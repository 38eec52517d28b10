//! Values to text: what people read, and what programs read.

mod age;
mod api_resources;
mod clean;
mod describe;
mod explain;
mod get;
mod history;
mod json;
mod jsonpath;
mod plan;
mod progress;
mod style;
mod table;
mod yaml;

pub use age::age;
pub use api_resources::{Width, api_resource_table, in_order};
pub use clean::clean;
pub use describe::describe;
pub use explain::{Fields, explain};
pub use get::{Columns, Names, resource_table};
pub use history::history_table;
pub use json::plan_json;
pub use jsonpath::{Template, TemplateError};
pub use plan::plan_text;
pub use progress::event_line;
pub use style::{Colour, Paint};
pub use yaml::{ObjectForm, Objects, objects_text};
