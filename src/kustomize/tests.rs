//! Kustomizations of a few files, built in memory: what they come to, and what is said of wrong ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Files, Found, build};
use crate::document::{Finding, Severity};

/// Files by their paths; every directory above one is there.
struct Memory(BTreeMap<PathBuf, String>);

impl Memory {
    fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| (path.into(), (*text).to_owned())).collect())
    }
}

impl Files for Memory {
    fn look(&self, path: &Path) -> Result<Found, String> {
        let mut real = PathBuf::new();
        for part in path.components() {
            match part {
                std::path::Component::ParentDir => {
                    real.pop();
                }
                std::path::Component::CurDir => {}
                part => real.push(part),
            }
        }
        if self.0.contains_key(&real) {
            Ok(Found::File(real))
        } else if self.0.keys().any(|file| file.starts_with(&real)) {
            Ok(Found::Directory(real))
        } else {
            Err("no such file or directory".to_owned())
        }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| "gone".to_owned())
    }
}

fn said(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let (line, column) = finding.source.position(finding.span.start);
        let help =
            finding.help.as_ref().map(|help| format!("\n  help: {help}")).unwrap_or_default();
        format!("{}:{line}:{column}: {}{help}", finding.source.name(), finding.message)
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What is said of the kustomization in `app`.
fn refused(files: &[(&str, &str)]) -> String {
    let built = build(&Memory::of(files), Path::new("app"));
    assert!(built.objects.is_empty());
    said(&built.findings)
}

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx
";

#[test]
fn findings_about_the_outcome_point_into_base_patch_and_literal() {
    let built = build(
        &Memory::of(&[
            (
                "app/kustomization.yaml",
                "resources: [../base]\nnamespace: prod\npatches:\n- path: p.yaml\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: web\n    spec:\n      paused: true\nconfigMapGenerator:\n- name: c\n  literals:\n  - a=b\n",
            ),
            (
                "app/p.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        args: [x]\n",
            ),
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            ("base/web.yaml", WEB),
        ]),
        Path::new("app"),
    );
    assert_eq!(said(&built.findings), "");
    let documents = built.documents();
    let at = |document: usize, path: &str| {
        said(&[documents[document].finding(Severity::Error, "x", path, path)])
    };
    let places = [
        at(1, "spec.replicas"),
        at(1, "spec.paused"),
        at(1, "spec.template.spec.containers[0].args"),
        at(1, "metadata.namespace"),
        at(1, "spec.template.spec.containers[0].image"),
        at(0, "data.a"),
    ];
    insta::assert_snapshot!(places.join("\n"), @r"
    base/web.yaml:6:13: spec.replicas
    app/kustomization.yaml:11:15: spec.paused
    app/p.yaml:9:16: spec.template.spec.containers[0].args
    app/kustomization.yaml:2:12: metadata.namespace
    base/web.yaml:11:16: spec.template.spec.containers[0].image
    app/kustomization.yaml:15:5: data.a
    ");
}

#[test]
fn a_misspelt_key_is_named_with_the_right_one() {
    let said = refused(&[("app/kustomization.yaml", "resource: [a.yaml]\nnamePrefix: 1\n")]);
    insta::assert_snapshot!(said, @r#"
    app/kustomization.yaml:1:1: unknown field `resource`
      help: did you mean `resources`?
    app/kustomization.yaml:2:13: namePrefix: expected a string, found the number 1
      help: quote it: "1"
    "#);
}

#[test]
fn what_cannot_be_read_is_shown_where_it_is_named() {
    let said = refused(&[
        (
            "app/kustomization.yaml",
            "resources:\n- gone.yaml\n- ../other.yaml\n- https://example.com/x?ref=1\n- ..\n- ../lib\nconfigMapGenerator:\n- name: c\n  files: [gone.txt]\n",
        ),
        ("other.yaml", WEB),
        ("lib/kustomization.yaml", "resources: [../app]\n"),
    ]);
    insta::assert_snapshot!(said, @r"
    app/kustomization.yaml:2:3: cannot read app/gone.yaml: no such file or directory
    app/kustomization.yaml:3:3: other.yaml stands outside of app, and a kustomization may read only files beside or below it
    app/kustomization.yaml:4:3: https://example.com/x?ref=1 is somewhere else: nothing is fetched
      help: download it, and name the file or directory
    app/kustomization.yaml:5:3: .. leads in a circle: it holds a directory that is being built
    lib/kustomization.yaml:1:13: ../app leads in a circle: it is being built already
    app/kustomization.yaml:9:11: cannot read app/gone.txt: no such file or directory
    ");
}

#[test]
fn what_needs_other_programs_is_refused_with_a_way_out() {
    let said = refused(&[(
        "app/kustomization.yaml",
        "helmCharts: [{name: x}]\nvars: []\ntransformers: [t.yaml]\n",
    )]);
    insta::assert_snapshot!(said, @r"
    app/kustomization.yaml:1:1: helmCharts is not built
      help: render the chart with `helm template`, and name the outcome among resources
    app/kustomization.yaml:2:1: vars is not built
      help: use replacements, which have taken their place
    app/kustomization.yaml:3:1: transformers is not built
      help: run the plugin, and name the outcome among resources
    ");
}

#[test]
fn patches_that_do_not_fit_are_shown_in_the_patch() {
    let said = refused(&[
        (
            "app/kustomization.yaml",
            "resources: [web.yaml]\npatches:\n- path: p.yaml\n- target: {kind: Deployment}\n  patch: |-\n    - op: replace\n      path: /spec/nothing\n      value: 1\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: wbe\n",
        ),
        ("app/web.yaml", WEB),
        (
            "app/p.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - image: x\n",
        ),
    ]);
    insta::assert_snapshot!(said, @r"
    app/p.yaml:8:9: the patch does not fit Deployment web: the elements of spec.template.spec.containers are told apart by `name`, and this one has none
    app/kustomization.yaml:7:13: the patch does not fit Deployment web: there is nothing at `/spec/nothing`
    app/kustomization.yaml:13:13: there is no Deployment wbe of apps/v1 for this patch
      help: there is Deployment web
    ");
}

#[test]
fn an_object_that_comes_twice_is_refused() {
    let said = refused(&[
        ("app/kustomization.yaml", "resources: [web.yaml, again.yaml]\n"),
        ("app/web.yaml", WEB),
        ("app/again.yaml", WEB),
    ]);
    insta::assert_snapshot!(said, @"app/again.yaml:4:9: Deployment web is there twice (first here: app/web.yaml:4)");
}

proptest::proptest! {
    #[test]
    fn no_kustomization_makes_it_panic(text in "[a-z:\\[\\] \n-]{0,80}", list in "(resources|patches|images|labels|replacements|configMapGenerator): [\\[\\]{}a-z:, ./]{0,40}") {
        for text in [&text, &list] {
            let files = [("app/kustomization.yaml", text.as_str()), ("app/a", "a: 1\n")];
            let _ = build(&Memory::of(&files), Path::new("app"));
        }
    }
}
