//! Kustomizations of a few files, built in memory: what they come to, and what is said of wrong ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::accumulate::build_within;
use super::budget::{Budget, MAX_STEPS};
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
      help: write `replacements`: the var's objref and fieldref are the source, the fields that held $(NAME) the targets
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

/// As kubectl 1.32 has it: objects and merge patches by YAML 1.2's booleans, JSON patches by those of 1.1.
#[test]
fn yes_and_no_are_text_but_in_json_patches() {
    let built = build(
        &Memory::of(&[
            (
                "app/kustomization.yaml",
                "resources: [c.yaml]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: c}\n    data: {on: off}\n- target: {kind: ConfigMap}\n  patch: '[{op: add, path: /data/json, value: yes}]'\n- target: {kind: ConfigMap}\n  path: json.yaml\n",
            ),
            ("app/json.yaml", "- {op: add, path: /data/file, value: no}\n"),
            (
                "app/c.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {y: \"1\", n: yes, z: true}\n",
            ),
        ]),
        Path::new("app"),
    );
    assert_eq!(said(&built.findings), "");
    let expected = serde_json::json!({"y": "1", "n": "yes", "z": true, "on": "off", "json": true, "file": false});
    assert_eq!(built.objects[0].get("data").unwrap().to_json(), expected);
}

#[test]
fn a_patch_of_nothing_is_refused() {
    let said = refused(&[
        (
            "app/kustomization.yaml",
            "resources: [web.yaml]\npatches:\n- path: p.yaml\n- patch: |-\n    # Later.\n- {patch: 'null', target: {kind: Deployment}}\npatchesStrategicMerge: [p.yaml]\n",
        ),
        ("app/web.yaml", WEB),
        ("app/p.yaml", "# Nothing yet.\n---\n"),
    ]);
    insta::assert_snapshot!(said, @r"
    app/kustomization.yaml:7:25: the patch is empty
    app/kustomization.yaml:3:9: the patch is empty
    app/kustomization.yaml:5:5: the patch is empty
    app/kustomization.yaml:6:11: the patch is empty
    ");
}

/// Reading each inline patch took as long as the file up to it: 32 million bytes here.
#[test]
fn each_of_many_inline_patches_points_into_its_own_lines() {
    let one = "- patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: c}\n    data: {a: b: c}\n";
    let text = format!("resources: [c.yaml]\npatches:\n{}", one.repeat(800));
    let said = refused(&[
        ("app/kustomization.yaml", &text),
        ("app/c.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"),
    ]);
    assert_eq!(said.lines().filter(|line| line.contains("app/kustomization.yaml")).count(), 800);
    let (first, last) = (said.lines().next().unwrap(), said.lines().last().unwrap());
    assert!(first.starts_with("app/kustomization.yaml:7:"), "{first}");
    assert!(last.starts_with("app/kustomization.yaml:4002:"), "{last}");
}

#[test]
fn one_large_file_is_not_read_again_and_again() {
    let large = "x".repeat(30 << 20);
    let said = refused(&[
        (
            "app/kustomization.yaml",
            "configMapGenerator:\n- name: c\n  files: [a=large, b=large, c=large, d=large]\n",
        ),
        ("app/large", &large),
    ]);
    insta::assert_snapshot!(said, @"app/kustomization.yaml:3:29: cannot read app/large: more than 67108864 bytes are asked for in all");
}

#[test]
fn patches_and_replacements_for_too_many_objects_are_refused() {
    let object =
        |n: usize| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\n---\n");
    let objects: String = (0..200).map(object).collect();
    for (field, one) in [
        ("patches", "- {target: {kind: Secret}, patch: '[{op: remove, path: /data}]'}\n"),
        ("patches", "- {target: {name: c1}, patch: '[{op: add, path: /x, value: [1, 2]}]'}\n"),
        ("replacements", "- {source: {name: c0}, targets: [{select: {kind: Secret}}]}\n"),
        ("configMapGenerator", "- {name: x, behavior: merge}\n"),
    ] {
        let text = format!("resources: [c.yaml]\n{field}:\n{}", one.repeat(20));
        let files = Memory::of(&[("app/kustomization.yaml", &text), ("app/c.yaml", &objects)]);
        let said_with =
            |steps| said(&build_within(&Budget::new(&files, steps), Path::new("app")).findings);
        let enough = said_with(MAX_STEPS);
        assert!(!enough.contains("too many"), "{enough}");
        let said = said_with(2000);
        assert!(said.contains("too many patches and replacements for so many objects"), "{said}");
    }
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
