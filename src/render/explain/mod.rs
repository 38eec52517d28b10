//! What `explain` prints: a field as `kubectl explain` prints it, and what becomes of it here.
//!
//! Source of the form: the template `plaintext.tmpl` below
//! <https://github.com/kubernetes/kubectl/tree/master/pkg/explain/v2/templates>

use std::fmt::Write as _;

use crate::manifest::{Support, support_of};
use crate::model::{Effect, Kind};
use crate::schema::{Field, NoField, Place, Presence, Schema, Shape, Type};

mod wrap;

#[cfg(test)]
mod tests;

use wrap::wrapped;

/// How far fields are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    /// Those of the field itself, with what Kubernetes says of each.
    Described,
    /// Those of all that it holds as well, by name and type.
    Recursive,
}

/// The most values of a field that are named in a list of fields.
const VALUES_MAX: usize = 4;

/// Explains a kind, or the field of it that the names lead to.
pub fn explain(kind: Kind, names: &[&str], fields: Fields) -> Result<String, NoField> {
    let schema = Schema::of(kind);
    let place = schema.place(names)?;
    let mut text = head(kind);
    if let Some(field) = &place.field {
        let _ = writeln!(text, "FIELD: {} <{}>", field.name, field.content.label());
        if !field.values().is_empty() {
            let values = field.values().iter().map(|value| format!("    {}", shown(value)));
            let _ = writeln!(text, "ENUM:\n{}", values.collect::<Vec<_>>().join("\n"));
        }
        text.push_str("\n\n");
    }
    let _ = writeln!(text, "DESCRIPTION:\n{}", wrapped(&description(&place), 76, 4));
    let _ = writeln!(text, "BOWLINE:\n{}", wrapped(&becomes(kind, &place.path), 76, 4));
    if let Some(default) = place.field.as_ref().and_then(Field::default) {
        let _ = writeln!(text, "DEFAULT:\n    {default}\n");
    }
    let list = match fields {
        Fields::Described => described(kind, &place),
        Fields::Recursive => named(kind, &place),
    };
    if !list.is_empty() {
        let _ = write!(text, "FIELDS:\n{list}");
    }
    Ok(format!("{}\n", text.trim_end()))
}

fn head(kind: Kind) -> String {
    let (group, version) = kind.api_version().split_once('/').unwrap_or(("", kind.api_version()));
    let group = if group.is_empty() { String::new() } else { format!("GROUP:      {group}\n") };
    format!("{group}KIND:       {kind}\nVERSION:    {version}\n\n")
}

/// What Kubernetes says of the field, then of its type, then of what a list of it holds.
fn description(place: &Place<'_>) -> String {
    fn add(of: &Type<'_>, texts: &mut Vec<String>) {
        texts.push(of.description().to_owned());
        match of.shape() {
            Shape::List(inner) | Shape::Map(inner) => add(&inner, texts),
            Shape::Single => {}
        }
    }
    let mut texts: Vec<String> =
        place.field.iter().map(|field| field.description.to_owned()).collect();
    add(&place.content, &mut texts);
    texts.retain(|text| !text.is_empty());
    // A field whose type has no name has one description, which is found twice.
    texts.dedup();
    if texts.is_empty() { "<empty>".to_owned() } else { texts.join("\n") }
}

/// What becomes of a field, or of the objects of a kind.
fn becomes(kind: Kind, path: &str) -> String {
    match support_of(kind, path) {
        Some(ruling) => {
            let about = match ruling.path.as_str() {
                above if above == path => String::new(),
                "" => format!(" ({kind})"),
                above => format!(" ({above})"),
            };
            let mut text = format!("{}{about}: {}", ruling.rule.support, ruling.rule.why);
            if !ruling.rule.same.is_empty() {
                let _ = write!(text, "; {} asks for nothing else", ruling.rule.same.join(" or "));
            }
            text
        }
        None if path.is_empty() && kind.effect() == Effect::CarriedOut => {
            "honoured: hosts are made to be as it says; fields that are not are marked".to_owned()
        }
        None => "field by field: those that are not honoured are marked".to_owned(),
    }
}

/// The fields that a place holds, with what Kubernetes says of each.
fn described(kind: Kind, place: &Place<'_>) -> String {
    let mut text = String::new();
    for field in place.content.element().fields() {
        line(kind, (place, &field), 1, &mut text);
        let said =
            if field.description.is_empty() { "<no description>" } else { field.description };
        let _ = writeln!(text, "{}", wrapped(said, 76, 4));
    }
    text
}

/// The fields of all that a place holds; a type within itself is not gone into.
fn named(kind: Kind, place: &Place<'_>) -> String {
    fn add(kind: Kind, at: &Place<'_>, within: &[&str], text: &mut String) {
        let element = at.content.element();
        let name = element.short_name();
        if within.contains(&name) && !name.is_empty() {
            return;
        }
        for field in element.fields() {
            line(kind, (at, &field), within.len() + 1, text);
            add(kind, &at.below(&field), &[within, &[name]].concat(), text);
        }
    }
    let mut text = String::new();
    add(kind, place, &[], &mut text);
    text
}

/// A field in a line, with the values that it may have in a second one.
fn line(kind: Kind, (at, field): (&Place<'_>, &Field<'_>), level: usize, text: &mut String) {
    let indent = " ".repeat(2 * level);
    let _ = write!(text, "{indent}{}\t<{}>", field.name, field.content.label());
    if field.presence == Presence::Required {
        text.push_str(" -required-");
    }
    if let Some(support) = mark(kind, at, field) {
        let _ = write!(text, " ({support})");
    }
    text.push('\n');
    let values = field.values();
    if !values.is_empty() {
        let some: Vec<&str> = values.iter().take(VALUES_MAX).map(shown).collect();
        let rest = if values.len() > VALUES_MAX { ", ...." } else { "" };
        let _ = writeln!(text, "{indent}enum: {}{rest}", some.join(", "));
    }
}

/// What becomes of a field that is not honoured, where it is another thing than what becomes of what holds it.
fn mark(kind: Kind, at: &Place<'_>, field: &Field<'_>) -> Option<Support> {
    let support = |path: &str| support_of(kind, path).map_or(Support::Honoured, |r| r.rule.support);
    let own = support(&at.below(field).path);
    (own != Support::Honoured && own != support(&at.path)).then_some(own)
}

fn shown<'v>(value: &&'v str) -> &'v str {
    if value.is_empty() { "\"\"" } else { value }
}
