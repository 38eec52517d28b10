//! Values to text: what people read, and what programs read.

mod json;
mod plan;
mod progress;
mod style;

pub use json::{plan_json, state_line};
pub use plan::plan_text;
pub use progress::event_line;
pub use style::{Colour, Paint};
