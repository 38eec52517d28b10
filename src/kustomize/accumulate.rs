//! A kustomization and all that it stands on, to objects.
//!
//! Source: `api/internal/target/kusttarget.go` of kustomize 5.5: first what others give (resources, generators,
//! components), then the changes, in kustomize's order; hashes, references and the order of the outcome at the very end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::document::{
    Document, Finding, Place, Placed, Scalars, Severity, Source, SourceText, parse_as,
};

use super::budget::{Budget, MAX_STEPS};
use super::file::{File, Role};
use super::files::{Files, Found, Root};
use super::generate::{Behavior, Generated, generate};
use super::hash::add_hashes;
use super::images::set_images;
use super::inline;
use super::labels::{add_annotations, add_labels};
use super::names::{add_affixes, set_namespace};
use super::order::sort;
use super::patches::{self, Turn};
use super::references::follow;
use super::replacements::replace;
use super::replicas::set_replicas;
use super::resource::{Id, Resource, rewrite};

/// How many kustomizations and files one build may read: bases that name bases twice each would be read without end.
const MAX_READ: usize = 10_000;
/// How many objects one build may make.
const MAX_OBJECTS: usize = 20_000;

/// What came of a kustomization.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// The objects, in kustomize's order; none when anything was wrong.
    pub objects: Vec<Placed>,
    /// What was wrong.
    pub findings: Vec<Finding>,
}

impl Built {
    /// The objects as documents, to be read as manifests.
    pub fn documents(self) -> Vec<Document> {
        let nowhere = SourceText::new(&Source::new("-", ""));
        let document = |mut object: Placed| {
            for field in ["data", "binaryData"] {
                let is_base64 = field == "binaryData"
                    || object.get("kind").and_then(Placed::as_text) == Some("Secret");
                if let Some(data) = object.get_mut(field).filter(|_| is_base64) {
                    in_one_line(data);
                }
            }
            object.into_document(&nowhere)
        };
        self.objects.into_iter().map(document).collect()
    }
}

/// Takes the line breaks out of base64 that stands in lines: Kubernetes does not mind them.
fn in_one_line(data: &mut Placed) {
    for entry in data.entries_mut().into_iter().flatten() {
        if let Some(text) = entry.value.as_text().filter(|text| text.contains('\n')) {
            let joined = text.replace('\n', "");
            rewrite(&mut entry.value, &joined);
        }
    }
}

/// Builds the kustomization of a directory.
pub fn build(files: &dyn Files, directory: &Path) -> Built {
    build_within(&Budget::new(files, MAX_STEPS), directory)
}

pub(super) fn build_within(files: &Budget<'_>, directory: &Path) -> Built {
    let mut building = Building { files, findings: Vec::new(), read: 0 };
    let mut resources = Vec::new();
    let real = match files.look(directory) {
        Ok(Found::Directory(real)) => Ok(real),
        Ok(Found::File(_)) => Err("it is no directory".to_owned()),
        Err(cause) => Err(cause),
    };
    let shown = if directory == Path::new(".") { PathBuf::new() } else { directory.to_owned() };
    match real {
        Ok(real) => {
            let root = Root { real, shown };
            match File::load(files, root, Role::Kustomization, None) {
                Ok(file) => {
                    building.target(&file, &[], &mut resources);
                    building.finish(&file, &mut resources);
                }
                Err(findings) => building.findings.extend(findings),
            }
        }
        Err(cause) => {
            let source = SourceText::new(&Source::new(directory.display().to_string(), ""));
            let place = source.place(crate::document::Span::default());
            let message = format!("cannot build {}: {cause}", directory.display());
            building.findings.push(Finding::new(Severity::Error, "kustomization", message, place));
        }
    }
    if !building.findings.is_empty() {
        resources.clear();
    }
    let objects = resources.into_iter().map(|resource| resource.value).collect();
    Built { objects, findings: building.findings }
}

struct Building<'b> {
    files: &'b Budget<'b>,
    findings: Vec<Finding>,
    read: usize,
}

impl Building<'_> {
    fn refuse(&mut self, code: &'static str, message: &str, place: &Place) {
        self.findings.push(Finding::new(Severity::Error, code, message, place.clone()));
    }

    /// Whether one more may be read; `place` is what asks for it.
    fn may_read(&mut self, place: &Place) -> bool {
        self.read += 1;
        if self.read == MAX_READ + 1 {
            let message = format!("more than {MAX_READ} files and directories are asked for");
            self.refuse("too-large", &message, place);
        }
        self.read <= MAX_READ
    }

    /// Adds the objects of a kustomization to those that are there, and changes all of them.
    ///
    /// `trail` is the directories whose kustomizations led here.
    fn target(&mut self, file: &File, trail: &[PathBuf], resources: &mut Vec<Resource>) {
        let mut trail = trail.to_vec();
        trail.push(file.root.real.clone());
        let lists = [("resources", &file.spec.resources), ("bases", &file.spec.bases)];
        for (field, names) in lists {
            for (index, name) in names.iter().enumerate() {
                let place = file.place(&format!("{field}[{index}]"));
                self.resource(file, name, &place, (&trail, resources));
            }
        }
        self.check_unique(file, resources);
        match generate(file, self.files) {
            Ok(made) => {
                for generated in made {
                    self.absorb(file, generated, resources);
                }
            }
            Err(findings) => self.findings.extend(findings),
        }
        for (index, name) in file.spec.components.iter().enumerate() {
            let place = file.place(&format!("components[{index}]"));
            if let Some(component) = self.directory(file, name, Role::Component, (&place, &trail)) {
                self.target(&component, &trail, resources);
            }
        }
        if self.findings.is_empty() {
            self.transform(file, resources);
        }
    }

    fn transform(&mut self, file: &File, resources: &mut Vec<Resource>) {
        let done = patches::apply(Turn::First, file, self.files, resources);
        self.findings.extend(done.err().unwrap_or_default());
        set_namespace(file, resources, &mut self.findings);
        add_affixes(file, resources);
        add_labels(file, resources);
        add_annotations(file, resources);
        let done = patches::apply(Turn::Second, file, self.files, resources);
        self.findings.extend(done.err().unwrap_or_default());
        set_replicas(file, resources, &mut self.findings);
        set_images(file, resources, &mut self.findings);
        replace(file, self.files, resources, &mut self.findings);
    }

    /// What is done once, for the outcome of all.
    fn finish(&mut self, file: &File, resources: &mut Vec<Resource>) {
        add_hashes(resources);
        follow(resources, &mut self.findings);
        resources.retain(|resource| {
            let local = resource.pairs("annotations").remove("config.kubernetes.io/local-config");
            local.is_none_or(|value| value == "false")
        });
        sort(resources, file.spec.sort_options.as_ref());
    }

    /// Reads what `resources` names: a file of objects, or the directory of another kustomization.
    fn resource(
        &mut self,
        file: &File,
        name: &str,
        place: &Place,
        (trail, resources): (&[PathBuf], &mut Vec<Resource>),
    ) {
        if !self.may_read(place) {
            return;
        }
        if let Ok(Found::Directory(_)) = file.root.look(self.files, name) {
            let Some(base) = self.directory(file, name, Role::Kustomization, (place, trail)) else {
                return;
            };
            let mut inner = Vec::new();
            self.target(&base, trail, &mut inner);
            for resource in inner {
                self.add(resource, place, resources);
            }
            return;
        }
        match file.root.read(self.files, name) {
            Err(_) if is_remote(name) => {
                let message = format!("{name} is somewhere else: nothing is fetched");
                let finding = Finding::new(
                    Severity::Error,
                    "kustomization-unsupported",
                    message,
                    place.clone(),
                );
                self.findings
                    .push(finding.with_help("download it, and name the file or directory"));
            }
            Err(message) => self.refuse("kustomization-file", &message, place),
            Ok(content) => match String::from_utf8(content.bytes) {
                Err(_) => self.refuse("kustomization-file", &format!("{name} is not UTF-8"), place),
                Ok(text) => match inline::documents(parse_as(
                    &Source::new(content.name, text),
                    Scalars::Kustomize,
                )) {
                    Err(findings) => self.findings.extend(findings),
                    Ok(documents) => {
                        for document in documents {
                            self.objects(Placed::of(&document), place, resources);
                        }
                    }
                },
            },
        }
    }

    /// Adds the object of a document, or those of a list of objects.
    fn objects(&mut self, value: Placed, place: &Place, resources: &mut Vec<Resource>) {
        if value.is_null() {
            return;
        }
        let here = value.showing().unwrap_or_else(|| place.clone());
        let id = Id::of(&value);
        if !value.is_mapping() || id.kind.is_empty() {
            self.refuse("required", "an object says its apiVersion and its kind", &here);
        } else if id.kind == "Kustomization" && id.group == "kustomize.config.k8s.io" {
            let message = "a kustomization is named by its directory, not by its file";
            self.refuse("kustomization-file", message, place);
        } else if id.kind.ends_with("List") && value.get("items").is_some() {
            let items = value.get("items").map(Placed::elements).unwrap_or_default();
            for item in items {
                self.objects(item.clone(), place, resources);
            }
        } else if id.name.is_empty() {
            self.refuse("required", &format!("this {} has no metadata.name", id.kind), &here);
        } else {
            self.add(Resource::new(value), place, resources);
        }
    }

    /// Adds an object.
    fn add(&mut self, resource: Resource, place: &Place, resources: &mut Vec<Resource>) {
        if resources.len() < MAX_OBJECTS {
            resources.push(resource);
        } else if !self.findings.iter().any(|finding| finding.code == "too-large") {
            self.refuse("too-large", &format!("more than {MAX_OBJECTS} objects"), place);
        }
    }

    /// Refuses objects that are there twice.
    fn check_unique(&mut self, file: &File, resources: &[Resource]) {
        let mut seen: BTreeMap<Id, &Resource> = BTreeMap::new();
        for resource in resources {
            let id = resource.id();
            let Some(first) = seen.get(&id) else {
                seen.insert(id, resource);
                continue;
            };
            let own = file.place("");
            let here = resource.place().unwrap_or_else(|| own.clone());
            let message = format!("{id} is there twice");
            let finding = Finding::new(Severity::Error, "duplicate-object", message, here.clone());
            self.findings.push(match first.place().filter(|first| !first.is(&here)) {
                Some(first) => finding.with_label("again here").with_also_at(&first, "first here"),
                None => {
                    let named = format!("it comes by two ways into {}", own.source.name());
                    finding.with_help(named)
                }
            });
        }
    }

    /// Adds a generated object, or merges it into the one that it is meant for.
    fn absorb(&mut self, file: &File, generated: Generated, resources: &mut Vec<Resource>) {
        let Generated { mut resource, behavior, path } = generated;
        let id = resource.id();
        if let Err(message) = self.files.take(resources.len()) {
            self.findings.push(file.refuse("too-large", &path, &message));
            return;
        }
        let there = resources.iter().position(|other| other.is_or_was(&id));
        match (there, behavior) {
            (None, Behavior::Create) => self.add(resource, &file.place(&path), resources),
            (None, Behavior::Merge | Behavior::Replace) => {
                let message = format!("there is no {id} to merge with or to replace");
                let path = format!("{path}.behavior");
                self.findings.push(file.refuse("kustomization-generator", &path, &message));
            }
            (Some(_), Behavior::Create) => {
                let message = format!("there is {id} already");
                let finding = file.refuse("kustomization-generator", &path, &message);
                self.findings
                    .push(finding.with_help("write `behavior: merge` or `behavior: replace`"));
            }
            (Some(at), Behavior::Merge | Behavior::Replace) => {
                let old = &resources[at];
                take_over(&mut resource, old, behavior);
                resources[at] = resource;
            }
        }
    }

    /// Reads the kustomization of a directory that another one names.
    fn directory(
        &mut self,
        file: &File,
        name: &str,
        role: Role,
        (place, trail): (&Place, &[PathBuf]),
    ) -> Option<File> {
        let real = match file.root.look(self.files, name) {
            Ok(Found::Directory(real)) => real,
            Ok(Found::File(_)) => {
                self.refuse("kustomization-file", &format!("{name} is no directory"), place);
                return None;
            }
            Err(cause) => {
                let shown = file.root.shown(name);
                let message = if is_remote(name) {
                    format!("{name} is somewhere else: nothing is fetched")
                } else {
                    format!("cannot read {}: {cause}", shown.display())
                };
                self.refuse("kustomization-file", &message, place);
                return None;
            }
        };
        if let Some(above) = trail.iter().find(|visited| visited.starts_with(&real)) {
            let message = if *above == real {
                format!("{name} leads in a circle: it is being built already")
            } else {
                format!("{name} leads in a circle: it holds a directory that is being built")
            };
            self.refuse("kustomization-circle", &message, place);
            return None;
        }
        if !self.may_read(place) {
            return None;
        }
        let root = Root { real, shown: file.root.shown(name) };
        match File::load(self.files, root, role, Some(place)) {
            Ok(file) => Some(file),
            Err(findings) => {
                self.findings.extend(findings);
                None
            }
        }
    }
}

/// Gives a generated object what the one that it takes the place of has besides.
fn take_over(resource: &mut Resource, old: &Resource, behavior: Behavior) {
    for field in ["labels", "annotations"] {
        if let Some(older) = old.value.at(&["metadata", field])
            && let Some(metadata) = resource.value.get_mut("metadata")
        {
            let newer = metadata.get(field).cloned();
            metadata.set(field, older.place.clone(), over(older.clone(), newer.as_ref()));
        }
    }
    if behavior == Behavior::Merge {
        for field in ["data", "binaryData"] {
            if let Some(older) = old.value.get(field) {
                let newer = resource.value.get(field).cloned();
                resource.value.set(field, older.place.clone(), over(older.clone(), newer.as_ref()));
            }
        }
    }
    resource.set_metadata("name", old.metadata("name"));
    resource.set_metadata("namespace", old.metadata("namespace"));
    resource.before.clone_from(&old.before);
    resource.prefixes.clone_from(&old.prefixes);
    resource.suffixes.clone_from(&old.suffixes);
}

/// A mapping with the entries of another over it.
fn over(mut under: Placed, over: Option<&Placed>) -> Placed {
    for entry in over.map(Placed::entries).unwrap_or_default() {
        under.set(&entry.key, entry.key_place.clone(), entry.value.clone());
    }
    under
}

/// Whether a name looks like one of another machine.
fn is_remote(name: &str) -> bool {
    let hosts = ["git@", "github.com/", "gitlab.com/", "bitbucket.org/"];
    name.contains("://")
        || name.contains("?ref=")
        || hosts.iter().any(|host| name.starts_with(host))
}
