//! Values that are taken from one object to others.
//!
//! Source: `api/filters/replacement` of kustomize 5.5, and `PathMatcher` of kyaml for the paths.

use crate::document::{
    Document, Finding, Placed, PlacedValue, Scalar, Scalars, Severity, Source, decode, join, parse,
    resolve,
};

use super::budget::{Budget, weight};
use super::file::File;
use super::inline;
use super::resource::{Id, Resource};
use super::select::Selected;
use super::spec::{FieldOptions, Replacement, ReplacementSource, ReplacementTarget, Selector};

/// What is replaced where nothing else is said.
const NAME: &str = "metadata.name";

/// Carries out the replacements of a kustomization, one after the other.
pub(super) fn replace(
    file: &File,
    budget: &Budget<'_>,
    resources: &mut [Resource],
    findings: &mut Vec<Finding>,
) {
    for (index, replacement) in file.spec.replacements.iter().enumerate() {
        if budget.is_spent() {
            break;
        }
        let path = format!("replacements[{index}]");
        if replacement.path.is_empty() {
            let written = Written { budget, document: &file.document, path };
            findings.extend(written.carry_out(replacement, resources).err());
            continue;
        }
        let at = join(&path, "path");
        match of_file(file, budget, &replacement.path, &at) {
            Err(wrong) => findings.extend(wrong),
            Ok(all) => {
                for (document, path, replacement) in &all {
                    let written = Written { budget, document, path: path.clone() };
                    findings.extend(written.carry_out(replacement, resources).err());
                }
            }
        }
    }
}

/// The replacements of a file of their own: one, or a list of them.
fn of_file(
    file: &File,
    budget: &Budget<'_>,
    name: &str,
    at: &str,
) -> Result<Vec<(Document, String, Replacement)>, Vec<Finding>> {
    let refuse = |message: &str| vec![file.refuse("kustomization-replacement", at, message)];
    let content = file.root.read(budget, name).map_err(|message| refuse(&message))?;
    let text = String::from_utf8(content.bytes).map_err(|_| refuse("the file is not UTF-8"))?;
    let documents = inline::documents(parse(&Source::new(content.name, text)))?;
    let (mut all, mut findings) = (Vec::new(), Vec::new());
    for document in documents {
        let elements = document.tree.elements(document.root).iter().enumerate();
        let mut roots: Vec<(usize, String)> =
            elements.map(|(index, root)| (*root, format!("[{index}]"))).collect();
        if roots.is_empty() {
            roots.push((document.root, String::new()));
        }
        for (root, path) in roots {
            let one = Document { root, ..document.clone() };
            let decoded = decode::<Replacement>(&one, |_| false);
            findings.extend(decoded.findings);
            all.extend(decoded.value.map(|value| (document.clone(), path, value)));
        }
    }
    if findings.is_empty() { Ok(all) } else { Err(findings) }
}

/// A replacement as it is written.
struct Written<'w> {
    budget: &'w Budget<'w>,
    document: &'w Document,
    path: String,
}

impl Written<'_> {
    fn refuse(&self, path: &str, message: &str) -> Finding {
        let path = join(&self.path, path);
        self.document.finding(Severity::Error, "kustomization-replacement", path, message)
    }

    fn take(&self, steps: usize) -> Result<(), Finding> {
        let refuse = |message: String| {
            self.document.finding(Severity::Error, "too-large", &self.path, message)
        };
        self.budget.take(steps).map_err(refuse)
    }

    fn carry_out(
        &self,
        replacement: &Replacement,
        resources: &mut [Resource],
    ) -> Result<(), Finding> {
        let Some(source) = replacement.source.as_ref().filter(|_| !replacement.targets.is_empty())
        else {
            return Err(self.refuse("source", "a replacement has a source and at least one target"));
        };
        self.take(resources.len() * (replacement.targets.len() + 1))?;
        let value = self.value(source, resources)?;
        for (index, target) in replacement.targets.iter().enumerate() {
            self.put(&value, target, &format!("targets[{index}]"), resources)?;
        }
        Ok(())
    }

    /// The value that the source has.
    fn value(&self, source: &ReplacementSource, resources: &[Resource]) -> Result<Placed, Finding> {
        let selector = Selector {
            group: source.group.clone(),
            version: source.version.clone(),
            kind: source.kind.clone(),
            name: source.name.clone(),
            namespace: source.namespace.clone(),
            ..Selector::default()
        };
        let mut meant = resources.iter().filter(|resource| is_named(resource, &selector));
        let found = match (meant.next(), meant.next()) {
            (Some(one), None) => one,
            (None, _) => return Err(self.refuse("source", "no object is the source")),
            (Some(one), Some(other)) => {
                let message = format!("the source may be {} or {}", one.id(), other.id());
                return Err(self.refuse("source", &message));
            }
        };
        let path = if source.field_path.is_empty() { NAME } else { &source.field_path };
        let mut value = found.value.clone();
        let mut taken = Vec::new();
        walk(&mut value, &split(path), None, &mut |there| taken.push(there.clone()));
        let at = if source.field_path.is_empty() { "source" } else { "source.fieldPath" };
        let Some(taken) = taken.into_iter().next().filter(|value| !value.is_null()) else {
            return Err(self.refuse(at, &format!("{} has no {path}", found.id())));
        };
        let Some(options) = source.options.as_ref().filter(|o| !o.delimiter.is_empty()) else {
            return Ok(taken);
        };
        self.check(options, "source.options")?;
        let text = taken.as_scalar().unwrap_or_default();
        let part = usize::try_from(options.index).ok();
        let part = part.and_then(|index| text.split(options.delimiter.as_str()).nth(index));
        match part {
            Some(part) => Ok(Placed::text(part, taken.place.clone())),
            None => {
                let message = format!("what is there has no part {}", options.index);
                Err(self.refuse("source.options.index", &message))
            }
        }
    }

    fn check(&self, options: &FieldOptions, path: &str) -> Result<(), Finding> {
        if options.encoding.is_empty() {
            return Ok(());
        }
        Err(self.refuse(&join(path, "encoding"), "encoding is not built, by kustomize either"))
    }

    fn put(
        &self,
        value: &Placed,
        target: &ReplacementTarget,
        at: &str,
        resources: &mut [Resource],
    ) -> Result<(), Finding> {
        let Some(select) = &target.select else {
            return Err(self.refuse(at, "a target says which objects it selects"));
        };
        // Only labels and annotations are selected as patches do; the rest has to be equal.
        let labelled = Selected::of(&Selector {
            labels: select.labels.clone(),
            annotations: select.annotations.clone(),
            ..Selector::default()
        })
        .map_err(|(field, message)| self.refuse(&format!("{at}.select.{field}"), &message))?;
        if let Some(options) = &target.options {
            self.check(options, &join(at, "options"))?;
        }
        let meant = resources.iter_mut().filter(|resource| {
            labelled.is(resource)
                && is_named(resource, select)
                && !target.reject.iter().any(|reject| is_named(resource, reject))
        });
        let own = [NAME.to_owned()];
        let paths = if target.field_paths.is_empty() { &own[..] } else { &target.field_paths };
        for resource in meant {
            for (index, path) in paths.iter().enumerate() {
                self.take(weight(value) + resource.value.size())?;
                let mut count = 0;
                let mut wrong = None;
                let creates = target.options.as_ref().is_some_and(|options| options.create);
                let made = creates.then(|| empty_like(value));
                walk(&mut resource.value, &split(path), made.as_ref(), &mut |there| {
                    count += 1;
                    wrong = set(there, value, target.options.as_ref()).err();
                });
                let message = match (count, wrong) {
                    (0, _) => format!("{} has no {path}", resource.id()),
                    (_, Some(message)) => message,
                    (_, None) => continue,
                };
                return Err(self.refuse(&format!("{at}.fieldPaths[{index}]"), &message));
            }
        }
        Ok(())
    }
}

/// Whether an object is or was what a selector names; what is empty matters not.
fn is_named(resource: &Resource, selector: &Selector) -> bool {
    let now = resource.id();
    let fits = |id: &Id| {
        let namespace = selector.namespace.as_str();
        id.is_of(&selector.group, &selector.version, &selector.kind)
            && (selector.name.is_empty() || selector.name == id.name)
            && (namespace.is_empty() || namespace == id.namespace)
    };
    resource.before.iter().chain([&now]).any(fits)
}

fn empty_like(value: &Placed) -> Placed {
    let empty = match value.value {
        PlacedValue::Scalar(..) => PlacedValue::Scalar(Scalar::Text, String::new()),
        PlacedValue::Sequence(_) => PlacedValue::Sequence(Vec::new()),
        PlacedValue::Mapping(_) => PlacedValue::Mapping(Vec::new()),
    };
    Placed { value: empty, place: value.place.clone() }
}

/// Puts a value, or a part of it, in the place of another; a single value keeps the type that is there.
fn set(there: &mut Placed, value: &Placed, options: Option<&FieldOptions>) -> Result<(), String> {
    let mut new = value.clone();
    if let Some(options) = options.filter(|options| !options.delimiter.is_empty()) {
        let (Some(old), Some(text)) = (there.as_scalar(), value.as_scalar()) else {
            return Err("a delimiter is for single values".to_owned());
        };
        let mut parts: Vec<&str> = old.split(options.delimiter.as_str()).collect();
        match usize::try_from(options.index) {
            Err(_) => parts.insert(0, text),
            Ok(index) if index >= parts.len() => parts.push(text),
            Ok(index) => parts[index] = text,
        }
        new = Placed::text(parts.join(&options.delimiter), value.place.clone());
    }
    match (&there.value, new.as_scalar()) {
        (PlacedValue::Scalar(Scalar::Text, _), Some(text)) => {
            *there = Placed::text(text, new.place.clone());
        }
        (
            PlacedValue::Scalar(Scalar::Null, _)
            | PlacedValue::Sequence(_)
            | PlacedValue::Mapping(_),
            _,
        )
        | (_, None) => *there = new,
        (PlacedValue::Scalar(..), Some(text)) => {
            let value = PlacedValue::Scalar(resolve(text, Scalars::Kustomize), text.to_owned());
            *there = Placed { value, place: new.place.clone() };
        }
    }
    Ok(())
}

/// The steps of a path: separated by dots, but for those in brackets and behind a backslash.
fn split(path: &str) -> Vec<String> {
    let (mut steps, mut step, mut depth) = (Vec::new(), String::new(), 0_usize);
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'.') => step.extend(chars.next()),
            '.' if depth == 0 => steps.push(std::mem::take(&mut step)),
            _ => {
                depth = match c {
                    '[' => depth + 1,
                    ']' => depth.saturating_sub(1),
                    _ => depth,
                };
                step.push(c);
            }
        }
    }
    steps.push(step);
    steps.retain(|step| !step.is_empty());
    steps
}

/// Does something with every value at the end of a path; `made` is put where there is none.
fn walk(
    value: &mut Placed,
    steps: &[String],
    made: Option<&Placed>,
    f: &mut dyn FnMut(&mut Placed),
) {
    let Some((step, rest)) = steps.split_first() else {
        f(value);
        return;
    };
    match &mut value.value {
        PlacedValue::Scalar(..) => {}
        PlacedValue::Mapping(_) => {
            if value.get(step).is_none()
                && let Some(made) = made
            {
                let new = match rest {
                    [] => made.clone(),
                    [next, ..] if next.starts_with('[') => Placed {
                        value: PlacedValue::Sequence(Vec::new()),
                        place: made.place.clone(),
                    },
                    [..] => Placed::mapping(made.place.clone()),
                };
                value.set(step, made.place.clone(), new);
            }
            if step == "*" {
                let entries = value.entries_mut().into_iter().flatten();
                entries.for_each(|entry| walk(&mut entry.value, rest, made, f));
            } else if let Some(inner) = value.get_mut(step) {
                walk(inner, rest, made, f);
            }
        }
        PlacedValue::Sequence(elements) => {
            let chosen = Chosen::of(step);
            if let (Chosen::With(key, text), Some(made)) = (&chosen, made)
                && !elements.iter().any(|element| chosen.is(element))
            {
                let mut new = Placed::mapping(made.place.clone());
                new.set(key, made.place.clone(), Placed::text(*text, made.place.clone()));
                elements.push(new);
            }
            for (index, element) in elements.iter_mut().enumerate() {
                if matches!(chosen, Chosen::At(at) if at == index) || chosen.is(element) {
                    walk(element, rest, made, f);
                }
            }
        }
    }
}

/// Which elements of a list a step leads to.
enum Chosen<'s> {
    All,
    At(usize),
    With(&'s str, &'s str),
    Equal(&'s str),
    None,
}

impl<'s> Chosen<'s> {
    fn of(step: &'s str) -> Self {
        let inside = step.strip_prefix('[').and_then(|step| step.strip_suffix(']'));
        match (inside, step.parse()) {
            (None, Ok(index)) => Self::At(index),
            (None, Err(_)) if step == "*" => Self::All,
            (None, Err(_)) => Self::None,
            (Some(inside), _) => match inside.split_once('=') {
                Some(("", text)) => Self::Equal(text),
                Some((key, text)) => Self::With(key, text),
                None => inside.parse().map_or(Self::None, Self::At),
            },
        }
    }

    fn is(&self, element: &Placed) -> bool {
        match self {
            Self::All => true,
            Self::At(_) | Self::None => false,
            Self::With(key, text) => element.get(key).and_then(Placed::as_scalar) == Some(*text),
            Self::Equal(text) => element.as_scalar() == Some(*text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_fall_into_steps() {
        for (path, steps) in [
            ("spec.template", vec!["spec", "template"]),
            (r"metadata.annotations.a\.b/c", vec!["metadata", "annotations", "a.b/c"]),
            ("a.[name=x.y].b", vec!["a", "[name=x.y]", "b"]),
            ("a.*.0", vec!["a", "*", "0"]),
        ] {
            assert_eq!(split(path), steps);
        }
    }

    #[test]
    fn a_value_keeps_the_type_that_is_there() {
        let mut number = Placed::of_json(&serde_json::json!(1));
        set(&mut number, &Placed::text("3", None), None).unwrap();
        assert_eq!(number.to_json(), serde_json::json!(3));
        let mut text = Placed::text("a", None);
        set(&mut text, &Placed::of_json(&serde_json::json!(8080)), None).unwrap();
        assert_eq!(text.to_json(), serde_json::json!("8080"));
    }
}
