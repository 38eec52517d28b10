//! Objects of older API versions, written as the version that is read: fields are renamed and moved, and keep their
//! places in the user's text, so that whatever is found later points right.
//!
//! A file an API group; what all of them share stands here. What the old version filled in where it differs from what
//! the new one fills in, and where it changes what happens, is written out; counts of old revisions and deadlines for
//! progress are not.
//! Source: <https://kubernetes.io/docs/reference/using-api/deprecation-guide/>, and for the fields the conversions in
//! `pkg/apis/*/*/conversion.go` of Kubernetes before each version was removed.

mod admission;
mod apiextensions;
mod apps;
mod autoscaling;
mod events;
mod flowcontrol;
mod networking;
mod policy;
mod rbac;
mod unchanged;

#[cfg(test)]
mod tests;

use super::server::of_the_server;
use crate::document::{Document, Finding, Place, Placed, PlacedEntry, PlacedValue, Severity};
use crate::model::Kind;

/// An older version of a kind.
struct Old {
    api_version: &'static str,
    kind: Kind,
    lift: Lift,
}

/// Rewrites an object; what it gives is what the user is to write besides the new version.
type Lift = fn(&mut Placed) -> Advice;

/// What there is to write besides another version, each a clause such as ``add `spec.selector` ``.
type Advice = Vec<&'static str>;

/// An object of an older version, rewritten.
pub(super) struct Lifted {
    pub(super) document: Document,
    pub(super) kind: Kind,
    /// That it was done, and what to write.
    pub(super) notice: Finding,
}

fn groups() -> impl Iterator<Item = &'static Old> {
    let groups: [&[Old]; 10] = [
        apps::OLD,
        autoscaling::OLD,
        networking::OLD,
        policy::OLD,
        rbac::OLD,
        apiextensions::OLD,
        admission::OLD,
        events::OLD,
        flowcontrol::OLD,
        unchanged::OLD,
    ];
    groups.into_iter().flatten()
}

fn find(api_version: &str, name: &str) -> Option<&'static Old> {
    groups().find(|old| old.api_version == api_version && old.kind.object() == name)
}

/// Whether this is an older version of a kind that is read.
pub(super) fn is_old(api_version: &str, name: &str) -> bool {
    find(api_version, name).is_some()
}

/// Rewrites an object of an older version; `None` when it is of no such version.
pub(super) fn lift(document: &Document, api_version: &str, name: &str) -> Option<Lifted> {
    let Old { kind, lift, .. } = *find(api_version, name)?;
    let mut object = Placed::without(document, of_the_server);
    let advice = lift(&mut object);
    let new = kind.api_version();
    if let Some(version) = object.get_mut("apiVersion") {
        version.value = Placed::text(new, None).value;
    }
    let message = if api_version.ends_with("/v1") {
        format!("{name} of {api_version} is read as {new}")
    } else {
        format!("{api_version} is an old API version of {name}: it is read as {new}")
    };
    let mut help = format!("write `apiVersion: {new}`");
    for clause in advice {
        help.push_str("; ");
        help.push_str(clause);
    }
    let notice = document
        .finding(Severity::Notice, "old-api-version", "apiVersion", message)
        .with_label(format!("read as {new}"))
        .with_help(help);
    Some(Lifted { document: object.into_document(&document.source), kind, notice })
}

/// The fields are the same.
fn same(_: &mut Placed) -> Advice {
    Vec::new()
}

/// What is at the end of some keys, to be changed.
fn at_mut<'p>(object: &'p mut Placed, keys: &[&str]) -> Option<&'p mut Placed> {
    keys.iter().try_fold(object, |value, key| value.get_mut(key))
}

/// Whether a key is missing or null.
fn lacks(object: &Placed, key: &str) -> bool {
    object.get(key).is_none_or(Placed::is_null)
}

/// Gives a key another name, unless one of that name is there.
fn rename(object: &mut Placed, old: &str, new: &str) -> bool {
    if object.get(new).is_some() {
        return false;
    }
    let entries = object.entries_mut().map(|entries| entries.iter_mut());
    match entries.and_then(|mut entries| entries.find(|entry| entry.key == old)) {
        Some(entry) => {
            new.clone_into(&mut entry.key);
            true
        }
        None => false,
    }
}

/// Gives a key a text where it is missing; it stands where the thing around it does.
fn fill(object: &mut Placed, key: &str, text: &str) -> bool {
    let missing = object.is_mapping() && lacks(object, key);
    if missing {
        object.set(key, None, Placed::text(text, None));
    }
    missing
}

/// Gives a key a number where it is missing.
fn fill_number(object: &mut Placed, key: &str, number: u16) {
    if lacks(object, key) {
        object.set(key, None, Placed::of_json(&number.into()));
    }
}

/// The mapping at a key, made if it is missing; `None` where something else stands.
fn mapping_at<'p>(
    object: &'p mut Placed,
    key: &str,
    place: Option<Place>,
) -> Option<&'p mut Placed> {
    if lacks(object, key) {
        object.set(key, place.clone(), Placed::mapping(place));
    }
    object.get_mut(key).filter(|value| value.is_mapping())
}

/// A list of one value.
fn list_of(value: Placed) -> Placed {
    let place = value.place.clone();
    Placed { value: PlacedValue::Sequence(vec![value]), place }
}

/// Takes a key out, unless it is null, which is as if it were missing.
fn take(object: &mut Placed, key: &str) -> Option<PlacedEntry> {
    object.remove(key).filter(|entry| !entry.value.is_null())
}
