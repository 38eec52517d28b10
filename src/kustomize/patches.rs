//! The patches of a kustomization: which objects they are for, and their application.
//!
//! Source: `PatchStrategicMergeTransformer`, `PatchTransformer` and `PatchJson6902Transformer` of kustomize 5.5.

use crate::document::{Finding, Place, Placed, Scalars, Severity, Source, join, parse_as};
use crate::patch::{PatchError, Rules, operations, strategic};

use super::budget::{Budget, weight};
use super::file::File;
use super::files::Found;
use super::inline;
use super::resource::{Id, Resource};
use super::select::Selected;
use super::spec::{Patch, PatchOptions};

/// Which patches of a kustomization are meant: they are applied at different times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// `patchesStrategicMerge` and `patches`: before names change.
    First,
    /// `patchesJson6902`: after.
    Second,
}

/// Applies the patches of a kustomization whose turn it is.
pub(super) fn apply(
    turn: Turn,
    file: &File,
    budget: &Budget<'_>,
    resources: &mut Vec<Resource>,
) -> Result<(), Vec<Finding>> {
    let mut findings = Vec::new();
    let mut note = |done: Result<(), Vec<Finding>>| findings.extend(done.err().unwrap_or_default());
    let strategic = &file.spec.patches_strategic_merge;
    let (field, patches) = match turn {
        Turn::First => {
            for (index, text) in strategic.iter().enumerate() {
                if budget.is_spent() {
                    break;
                }
                let path = format!("patchesStrategicMerge[{index}]");
                let there = file.root.look(budget, text);
                let patch = match there {
                    Ok(Found::File(_)) => Patch { path: text.clone(), ..Patch::default() },
                    Ok(Found::Directory(_)) | Err(_) if text.contains('\n') => {
                        Patch { text: text.clone(), ..Patch::default() }
                    }
                    Ok(Found::Directory(_)) | Err(_) => {
                        Patch { path: text.clone(), ..Patch::default() }
                    }
                };
                let written = Written { file, budget, patch: &patch, at: path.clone(), path };
                note(written.apply(resources));
            }
            ("patches", &file.spec.patches)
        }
        Turn::Second => ("patchesJson6902", &file.spec.patches_json6902),
    };
    for (index, patch) in patches.iter().enumerate() {
        if budget.is_spent() {
            break;
        }
        let path = format!("{field}[{index}]");
        let at = join(&path, if patch.path.is_empty() { "patch" } else { "path" });
        note(Written { file, budget, patch, path, at }.apply(resources));
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// A patch as it stands in the kustomization.
struct Written<'w> {
    file: &'w File,
    budget: &'w Budget<'w>,
    patch: &'w Patch,
    /// Where it stands.
    path: String,
    /// Where its text or the name of its file stands.
    at: String,
}

impl Written<'_> {
    fn refuse(&self, path: &str, message: &str) -> Vec<Finding> {
        vec![self.file.refuse("kustomization-patch", path, message)]
    }

    fn apply(&self, resources: &mut Vec<Resource>) -> Result<(), Vec<Finding>> {
        let mut values = self.read(Scalars::Kustomize)?;
        if values.iter().any(Placed::is_sequence) {
            // What kustomize hands on to a program of its own, which reads it as Kubernetes does.
            values = self.read(Scalars::Kubernetes)?;
        }
        values.retain(|value| !value.is_null());
        if values.is_empty() {
            return Err(self.refuse(&self.at, "the patch is empty"));
        }
        for value in values {
            self.take(resources.len())?;
            if value.is_sequence() {
                self.operations(&value, resources)?;
            } else {
                self.strategic(&value, resources)?;
            }
        }
        Ok(())
    }

    fn take(&self, steps: usize) -> Result<(), Vec<Finding>> {
        let taken = self.budget.take(steps);
        taken.map_err(|message| vec![self.file.refuse("too-large", &self.path, &message)])
    }

    /// The documents of the patch.
    fn read(&self, scalars: Scalars) -> Result<Vec<Placed>, Vec<Finding>> {
        match (self.patch.path.as_str(), self.patch.text.trim()) {
            ("", "") => Err(self.refuse(&self.path, "a patch needs a `path` or a `patch`")),
            ("", _) => {
                let span = self.file.document.span_of(&self.at).unwrap_or_default();
                inline::read(&self.patch.text, &self.file.document.source.place(span), scalars)
            }
            (path, "") => {
                let content = self.file.root.read(self.budget, path);
                let content = content.map_err(|message| self.refuse(&self.at, &message))?;
                let text = String::from_utf8(content.bytes)
                    .map_err(|_| self.refuse(&self.at, &format!("{path} is not UTF-8")))?;
                let parsed =
                    inline::documents(parse_as(&Source::new(content.name, text), scalars))?;
                Ok(parsed.iter().map(Placed::of).collect())
            }
            _ => Err(self.refuse(&self.path, "a patch has a `path` or a `patch`, not both")),
        }
    }

    fn selected(&self) -> Result<Option<Selected>, Vec<Finding>> {
        let Some(target) = &self.patch.target else { return Ok(None) };
        let selected = Selected::of(target);
        selected.map(Some).map_err(|(field, message)| {
            self.refuse(&join(&join(&self.path, "target"), field), &message)
        })
    }

    fn operations(&self, patch: &Placed, resources: &mut [Resource]) -> Result<(), Vec<Finding>> {
        let Some(selected) = self.selected()? else {
            let message = "a JSON patch needs a `target`: it does not say which object it is for";
            return Err(self.refuse(&self.path, message));
        };
        for resource in resources.iter_mut().filter(|resource| selected.is(resource)) {
            let id = resource.id();
            self.take(weight(patch) + resource.value.size())?;
            resource.remember();
            let patched = operations(resource.value.clone(), patch);
            resource.value = patched.map_err(|error| self.failed(&id, &error, patch))?;
        }
        Ok(())
    }

    fn strategic(&self, patch: &Placed, resources: &mut Vec<Resource>) -> Result<(), Vec<Finding>> {
        let id = Id::of(patch);
        if id.kind.is_empty() || id.name.is_empty() {
            let place = patch.place.clone().unwrap_or_else(|| self.file.place(&self.at));
            let message = "a strategic merge patch says apiVersion, kind and metadata.name";
            let finding = Finding::new(Severity::Error, "kustomization-patch", message, place);
            return Err(vec![finding.with_help("a JSON patch is a list of operations")]);
        }
        let meant: Vec<usize> = match self.selected()? {
            Some(selected) => indices(resources, |resource| selected.is(resource)),
            None => {
                let meant = indices(resources, |resource| resource.is_or_was(&id));
                self.one(&meant, &id, patch, resources)?;
                meant
            }
        };
        let mut gone = Vec::new();
        for index in meant {
            let resource = &mut resources[index];
            self.take(weight(patch) + resource.value.size())?;
            let done = merge(resource, patch.clone(), &self.patch.options);
            let kept = done.map_err(|error| self.failed(&id, &error, patch))?;
            if kept == Kept::Not {
                gone.push(index);
            }
        }
        for index in gone.into_iter().rev() {
            resources.remove(index);
        }
        Ok(())
    }

    /// That a patch without a target is for one object.
    fn one(
        &self,
        meant: &[usize],
        id: &Id,
        patch: &Placed,
        resources: &[Resource],
    ) -> Result<(), Vec<Finding>> {
        let name = patch.at(&["metadata", "name"]).and_then(|name| name.place.clone());
        let place = name.unwrap_or_else(|| self.file.place(&self.at));
        let refuse =
            |message: String| Finding::new(Severity::Error, "kustomization-target", message, place);
        match meant {
            [_] => Ok(()),
            [] => {
                let api_version = patch.get("apiVersion").and_then(Placed::as_scalar);
                let message = format!(
                    "there is no {id} of {} for this patch",
                    api_version.unwrap_or("no apiVersion")
                );
                let known =
                    resources.iter().map(Resource::original).filter(|other| other.kind == id.kind);
                let known: Vec<String> = known.map(|other| other.to_string()).collect();
                let near = resources
                    .iter()
                    .map(Resource::original)
                    .find(|other| other.name == id.name && other.kind == id.kind);
                let finding = refuse(message);
                Err(vec![match near {
                    Some(Id { group, version, namespace, .. }) => finding.with_help(format!(
                        "there is one of apiVersion {}{}",
                        if group.is_empty() { version } else { format!("{group}/{version}") },
                        if namespace.is_empty() {
                            String::new()
                        } else {
                            format!(" in the namespace {namespace}")
                        },
                    )),
                    None if known.is_empty() => finding,
                    None => finding.with_help(format!("there is {}", known.join(", "))),
                }])
            }
            [..] => Err(vec![refuse(format!("there is more than one {id} for this patch"))]),
        }
    }

    fn failed(&self, id: &Id, error: &PatchError, patch: &Placed) -> Vec<Finding> {
        let place: Option<Place> = error.place.clone().or_else(|| patch.place.clone());
        let place = place.unwrap_or_else(|| self.file.place(&self.at));
        let message = format!("the patch does not fit {id}: {error}");
        vec![Finding::new(Severity::Error, "kustomization-patch", message, place)]
    }
}

fn indices(resources: &[Resource], is_meant: impl Fn(&Resource) -> bool) -> Vec<usize> {
    let meant = resources.iter().enumerate().filter(|(_, resource)| is_meant(resource));
    meant.map(|(index, _)| index).collect()
}

/// Whether an object is still there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Still,
    Not,
}

/// Applies a strategic merge patch; the object's name, namespace and kind stay, unless they may change.
fn merge(
    resource: &mut Resource,
    mut patch: Placed,
    options: &PatchOptions,
) -> Result<Kept, PatchError> {
    if options.allow_name_change || options.allow_kind_change {
        resource.remember();
    }
    let (name, namespace) =
        (resource.metadata("name").to_owned(), resource.metadata("namespace").to_owned());
    let api_version = resource.value.entry("apiVersion").cloned();
    let kind = resource.value.entry("kind").cloned();
    patch.remove("apiVersion");
    if !options.allow_kind_change {
        patch.remove("kind");
    }
    if let Some(metadata) = patch.get_mut("metadata") {
        if !options.allow_name_change {
            metadata.remove("name");
        }
        metadata.remove("namespace");
    }
    let Some(merged) = strategic(resource.value.clone(), patch, Rules::Kustomize)? else {
        return Ok(Kept::Not);
    };
    resource.value = merged;
    for entry in [api_version, kind].into_iter().flatten() {
        // A patch that replaces the whole object takes these along.
        if resource.value.get(&entry.key).is_none() {
            resource.value.set(&entry.key, entry.key_place, entry.value);
        }
    }
    if resource.value.get("metadata").is_none() {
        resource.value.set("metadata", None, Placed::mapping(None));
    }
    if resource.metadata("name").is_empty() {
        resource.set_metadata("name", &name);
    }
    resource.set_metadata("namespace", &namespace);
    Ok(Kept::Still)
}
