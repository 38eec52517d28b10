//! The kustomization file of a directory: found, read, and freed of what is not built here.

use crate::document::{Document, Finding, Place, Severity, Source, decode, parse};

use super::files::{Files, Found, Root};
use super::spec::Spec;

/// The names of a kustomization file.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether a file of this name is a kustomization rather than a manifest.
pub fn is_kustomization_name(name: &str) -> bool {
    NAMES.contains(&name)
}

/// A kustomization file that was read.
pub(super) struct File {
    pub(super) root: Root,
    pub(super) document: Document,
    pub(super) spec: Spec,
}

/// What a kustomization file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Objects of its own.
    Kustomization,
    /// Changes to the objects of whoever names it.
    Component,
}

impl Role {
    fn kind(self) -> &'static str {
        match self {
            Self::Kustomization => "Kustomization",
            Self::Component => "Component",
        }
    }

    fn api_version(self) -> &'static str {
        match self {
            Self::Kustomization => "kustomize.config.k8s.io/v1beta1",
            Self::Component => "kustomize.config.k8s.io/v1alpha1",
        }
    }
}

impl File {
    /// Where a value of the file stands.
    pub(super) fn place(&self, path: &str) -> Place {
        self.document.source.place(self.document.nearest(path))
    }

    /// What is wrong at a place of the file.
    pub(super) fn refuse(&self, code: &'static str, path: &str, message: &str) -> Finding {
        self.document.finding(Severity::Error, code, path, message)
    }

    /// Reads the kustomization file of a directory; `named` is the place that asks for it.
    pub(super) fn load(
        files: &dyn Files,
        root: Root,
        role: Role,
        named: Option<&Place>,
    ) -> Result<Self, Vec<Finding>> {
        let (name, text) = find(files, &root).map_err(|message| {
            let place = named.cloned().unwrap_or_else(|| nowhere(&root));
            vec![Finding::new(Severity::Error, "kustomization", message, place)]
        })?;
        let parsed = parse(&Source::new(name, text));
        let mut findings = parsed.findings;
        let mut documents = parsed.documents.into_iter();
        let Some(document) = documents.next().filter(|d| !d.tree.entries(d.root).is_empty()) else {
            if findings.is_empty() {
                let place = parsed.source.place(crate::document::Span::default());
                let message = format!("{} is empty", parsed.source.name());
                findings.push(Finding::new(Severity::Error, "kustomization", message, place));
            }
            return Err(findings);
        };
        if let Some(second) = documents.next() {
            let message = "a kustomization file holds one document";
            findings.push(second.finding(Severity::Error, "kustomization", "", message));
        }
        let decoded = decode::<Spec>(&document, |_| false);
        findings.extend(decoded.findings);
        let file = Self { root, document, spec: decoded.value.unwrap_or_default() };
        file.check(role, &mut findings);
        findings.sort_by_key(|finding| finding.span);
        if findings.is_empty() { Ok(file) } else { Err(findings) }
    }

    fn check(&self, role: Role, findings: &mut Vec<Finding>) {
        let Spec { api_version, kind, .. } = &self.spec;
        let is_component = kind == Role::Component.kind();
        let meant = if is_component { Role::Component } else { Role::Kustomization };
        if !kind.is_empty() && kind != meant.kind() {
            let message = format!("the kind of a kustomization file is Kustomization, not {kind}");
            findings.push(self.refuse("kustomization", "kind", &message));
        } else if meant != role {
            let (message, help) = match role {
                Role::Component => {
                    ("this is no component", "move its directory from components to resources")
                }
                Role::Kustomization => {
                    ("this is a component", "move its directory from resources to components")
                }
            };
            findings.push(self.refuse("kustomization", "kind", message).with_help(help));
        }
        if !api_version.is_empty() && api_version != meant.api_version() {
            let message =
                format!("the apiVersion of a {} is {}", meant.kind(), meant.api_version());
            findings.push(self.refuse("kustomization", "apiVersion", &message));
        }
        self.refuse_unbuilt(findings);
    }

    /// Refuses what needs more than files, and what nobody carries out here.
    fn refuse_unbuilt(&self, findings: &mut Vec<Finding>) {
        let spec = &self.spec;
        let render = "render the chart with `helm template`, and name the outcome among resources";
        let plugin = "run the plugin, and name the outcome among resources";
        let unbuilt = [
            ("buildMetadata", &spec.build_metadata, "leave it out"),
            ("configurations", &spec.configurations, "use replacements for fields of other kinds"),
            ("crds", &spec.crds, "leave it out: names in other kinds are set by replacements"),
            ("generators", &spec.generators, plugin),
            ("helmChartInflationGenerator", &spec.helm_chart_inflation_generator, render),
            ("helmCharts", &spec.helm_charts, render),
            ("helmGlobals", &spec.helm_globals, render),
            ("openapi", &spec.openapi, "leave it out: the types of Kubernetes are known"),
            ("transformers", &spec.transformers, plugin),
            ("validators", &spec.validators, "leave it out: the objects are checked as read"),
            (
                "vars",
                &spec.vars,
                "write `replacements`: the var's objref and fieldref are the source, the fields that held $(NAME) the targets",
            ),
        ];
        for (field, value, help) in unbuilt {
            if value.is_some() {
                let message = format!("{field} is not built");
                let finding = self.refuse("kustomization-unsupported", field, &message);
                let key = self.document.key_span_of(field).unwrap_or_default();
                findings.push(finding.at(key).with_label("not built").with_help(help));
            }
        }
    }
}

/// The one kustomization file of a directory.
fn find(files: &dyn Files, root: &Root) -> Result<(String, String), String> {
    let there = |name: &&&str| matches!(root.look(files, name), Ok(Found::File(_)));
    let names: Vec<&&str> = NAMES.iter().filter(there).collect();
    let shown = root.shown("");
    let shown =
        if shown.as_os_str().is_empty() { ".".to_owned() } else { shown.display().to_string() };
    match names.as_slice() {
        [] => Err(format!("no kustomization.yaml, kustomization.yml or Kustomization in {shown}")),
        [name] => {
            let content = root.read(files, name)?;
            let text = String::from_utf8(content.bytes);
            let text = text.map_err(|_| format!("{} is not UTF-8", content.name))?;
            Ok((content.name, text))
        }
        [one, other, ..] => {
            Err(format!("{shown} has more than one kustomization file: {one} and {other}"))
        }
    }
}

/// The place of what nobody wrote: the command line.
fn nowhere(root: &Root) -> Place {
    let source =
        crate::document::SourceText::new(&Source::new(root.shown.display().to_string(), ""));
    source.place(crate::document::Span::default())
}
