//! Filling a template in.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Comparison, Condition, Operand, Part, Path, Step, Template};

/// That a template asks for an element that a list does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("array index out of bounds: index {index}, length {length}")]
pub struct OutOfBounds {
    /// The index, counted from the beginning.
    pub index: i64,
    /// How many elements there are.
    pub length: usize,
}

impl Template {
    /// The template with the values of an object; a field that is not there is left out, an element that is not there is an
    /// error, as kubectl has it.
    pub fn fill(&self, object: &Value) -> Result<String, OutOfBounds> {
        let mut text = String::new();
        print(&self.parts, object, object, &mut text)?;
        Ok(text)
    }
}

fn print(
    parts: &[Part],
    root: &Value,
    current: &Value,
    text: &mut String,
) -> Result<(), OutOfBounds> {
    for part in parts {
        match part {
            Part::Text(plain) => text.push_str(plain),
            Part::Values(path) => {
                let values: Vec<String> =
                    follow(path, root, current)?.into_iter().map(shown).collect();
                text.push_str(&values.join(" "));
            }
            Part::Range(path, inner) => {
                for value in follow(path, root, current)? {
                    print(inner, root, value, text)?;
                }
            }
        }
    }
    Ok(())
}

/// A value as kubectl prints it: text without quotes, all else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

type Followed<'v> = Result<Vec<&'v Value>, OutOfBounds>;

fn follow<'v>(path: &Path, root: &'v Value, current: &'v Value) -> Followed<'v> {
    let mut values = vec![current];
    for step in &path.steps {
        if *step == Step::Root {
            values = vec![root];
            continue;
        }
        let mut next = Vec::new();
        for value in values {
            next.append(&mut take(step, root, value)?);
        }
        values = next;
    }
    Ok(values)
}

fn take<'v>(step: &Step, root: &'v Value, value: &'v Value) -> Followed<'v> {
    Ok(match step {
        Step::Root => vec![root],
        Step::Field(name) => match value {
            // A key of a list of objects is that key of each of them, as after `..`.
            Value::Object(entries) => entries.get(name).into_iter().collect(),
            _ => Vec::new(),
        },
        Step::All => children(value).collect(),
        Step::Element(index) => match value {
            Value::Array(list) => vec![element(list, *index)?],
            _ => Vec::new(),
        },
        Step::Slice { start, end, step } => slice(value, *start, *end, *step),
        Step::Union(paths) => {
            let mut all = Vec::new();
            for path in paths {
                all.append(&mut follow(path, root, value)?);
            }
            all
        }
        Step::Descend => {
            let mut all = Vec::new();
            descend(value, &mut all);
            all
        }
        Step::Filter(condition) => {
            children(value).filter(|element| holds(condition, root, element)).collect()
        }
    })
}

fn element(list: &[Value], index: i64) -> Result<&Value, OutOfBounds> {
    let found = position(index, list.len()).and_then(|at| list.get(at));
    found.ok_or_else(|| {
        let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
        let index = if index < 0 { index.saturating_add(length) } else { index };
        OutOfBounds { index, length: list.len() }
    })
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(list) => Box::new(list.iter()),
        Value::Object(entries) => Box::new(entries.values()),
        _ => Box::new(std::iter::empty()),
    }
}

fn descend<'v>(value: &'v Value, all: &mut Vec<&'v Value>) {
    all.push(value);
    for child in children(value) {
        descend(child, all);
    }
}

/// The place that an index names; negative ones count from the end.
fn position(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let index = if index < 0 { index.saturating_add(length) } else { index };
    usize::try_from(index).ok()
}

fn slice(value: &Value, start: Option<i64>, end: Option<i64>, step: i64) -> Vec<&Value> {
    let Some(list) = value.as_array() else { return Vec::new() };
    let place = |index: Option<i64>, otherwise: usize| match index {
        Some(index) => position(index, list.len()).unwrap_or(0).min(list.len()),
        None => otherwise,
    };
    let (start, end) = (place(start, 0), place(end, list.len()));
    let step = usize::try_from(step).unwrap_or(1).max(1);
    list.get(start..end).unwrap_or_default().iter().step_by(step).collect()
}

fn holds(condition: &Condition, root: &Value, element: &Value) -> bool {
    match condition {
        Condition::Exists(path) => follow(path, root, element).is_ok_and(|all| !all.is_empty()),
        Condition::Compare(left, comparison, right) => {
            let (left, right) = (operand(left, root, element), operand(right, root, element));
            let (Some(left), Some(right)) = (left, right) else { return false };
            compares(left, *comparison, right)
        }
    }
}

fn operand<'v>(operand: &'v Operand, root: &'v Value, element: &'v Value) -> Option<&'v Value> {
    match operand {
        Operand::Path(path) => follow(path, root, element).ok()?.into_iter().next(),
        Operand::Literal(value) => Some(value),
    }
}

/// Whether two values compare so; values of different types are merely different.
fn compares(left: &Value, comparison: Comparison, right: &Value) -> bool {
    let order = match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right))
        }
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (left, right) if left == right => Some(Ordering::Equal),
        _ => None,
    };
    match comparison {
        Comparison::Equal => order == Some(Ordering::Equal),
        Comparison::NotEqual => order != Some(Ordering::Equal),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    }
}
