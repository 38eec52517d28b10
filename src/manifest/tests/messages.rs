//! What people see of a manifest that is wrong.

use insta::assert_snapshot;

use super::*;

#[test]
fn misspelt_field() {
    assert_snapshot!(shown(&deployment("  replcas: 3\n", "")), @"
          x 1 error

        Error: unknown-field

          x unknown field `replcas` in spec
           ,-[web.yaml:6:3]
         5 | spec:
         6 |   replcas: 3
           :   ^^^|^^^
           :      `-- unknown field
         7 |   selector:
           `----
          help: did you mean `replicas`?
        ");
}

#[test]
fn misspelt_field_that_is_required_is_told_once() {
    let text = deployment("", "").replace("image:", "imgae:");
    assert_snapshot!(lines(&text), @"16:11 unknown-field: unknown field `imgae` in spec.template.spec.containers[0] (did you mean `image`?)");
}

#[test]
fn wrong_types_in_one_go() {
    let env = "          env:\n            - name: PORT\n              value: 8080\n";
    assert_snapshot!(shown(&deployment("  replicas: \"3\"\n", env)), @r#"
          x 2 errors

        Error: wrong-type

          x spec.replicas: expected a number, found the string `3`
           ,-[web.yaml:6:13]
         5 | spec:
         6 |   replicas: "3"
           :             ^|^
           :              `-- expected a number
         7 |   selector:
           `----
          help: write it without quotes: 3

        Error: wrong-type

          x spec.template.spec.containers[0].env[0].value: expected a string, found the number 8080
            ,-[web.yaml:20:22]
         19 |             - name: PORT
         20 |               value: 8080
            :                      ^^|^
            :                        `-- expected a string
            `----
          help: quote it: "8080"
        "#);
}

#[test]
fn missing_image() {
    let text = deployment("", "").replace("          image: nginx:1.14.2\n", "");
    assert_snapshot!(shown(&text), @"
          x 1 error

        Error: required

          x spec.template.spec.containers[0].image: is required
            ,-[web.yaml:15:11]
         14 |       containers:
         15 |         - name: web
            :           ^^^^|^^^^
            :               `-- `image` is missing here
            `----
        ");
}

#[test]
fn an_image_that_is_null_is_missing() {
    let text = deployment("", "").replace("image: nginx:1.14.2", "image:");
    assert_snapshot!(lines(&text), @"16:11 required: spec.template.spec.containers[0].image: is required");
}

#[test]
fn selector_mismatch() {
    let text = deployment("", "").replace("        app: web\n", "        app: wbe\n");
    assert_snapshot!(shown(&text), @"
          x 1 error

        Error: selector-mismatch

          x spec.selector: does not select the pods of its own template
            ,-[web.yaml:8:7]
          7 |     matchLabels:
          8 |       app: web
            :       ^^^^|^^^
            :           `-- selects these labels
          9 |   template:
         10 |     metadata:
         11 |       labels:
         12 |         app: wbe
            :         ^^^^|^^^
            :             `-- the template's labels
         13 |     spec:
            `----
          help: repeat the labels of the selector in spec.template.metadata.labels
        ");
}

#[test]
fn duplicate_object() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n";
    assert_snapshot!(shown(&format!("{map}---\n{map}")), @"
          x 1 error

        Error: duplicate-object

          x ConfigMap default/settings is there twice; the first is at web.yaml:1
           ,-[web.yaml:9:9]
         3 | metadata:
         4 |   name: settings
           :         ^^^^|^^^
           :             `-- first here
         5 | ---
         6 | apiVersion: v1
         7 | kind: ConfigMap
         8 | metadata:
         9 |   name: settings
           :         ^^^^|^^^
           :             `-- again here
           `----
          help: rename or remove one of them
        ");

    let sources = [Source::new("a.yaml", map), Source::new("b.yaml", map)];
    assert_snapshot!(render(read(&sources, &ReadOptions::default()).findings), @"
          x 1 error

        Error: duplicate-object

          x ConfigMap default/settings is there twice; the first is at a.yaml:1
           ,-[b.yaml:4:9]
         3 | metadata:
         4 |   name: settings
           :         ^^^^|^^^
           :             `-- again here
           `----
          help: rename or remove one of them
        ");
}

#[test]
fn duplicate_key() {
    assert_snapshot!(shown("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b\n"), @"
          x 1 error

        Error: duplicate-key

          x the key `name` is there twice
           ,-[web.yaml:5:3]
         3 | metadata:
         4 |   name: a
           :   ^^|^
           :     `-- first here
         5 |   name: b
           :   ^^|^
           :     `-- again here
           `----
          help: keep one of them
        ");
}

#[test]
fn tab_and_indentation() {
    assert_snapshot!(shown(&deployment("\treplicas: 3\n", "")), @"
          x 1 error

        Error: syntax

          x a tab cannot indent in YAML
           ,-[web.yaml:6:1]
         5 | spec:
         6 |     replicas: 3
           : ^^|^
           :   `-- this is a tab
         7 |   selector:
           `----
          help: indent with spaces
        ");
    assert_snapshot!(shown(&deployment("   replicas: 3\n", "")), @"
          x 1 error

        Error: syntax

          x not YAML: while parsing a block mapping, did not find expected key
           ,-[web.yaml:7:3]
         6 |    replicas: 3
         7 |   selector:
           :   ^^^^|^^^^
           :       `-- here
         8 |     matchLabels:
           `----
          help: check the indentation: this line does not align with those before
        ");
}

#[test]
fn template() {
    assert_snapshot!(shown("kind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}\n"), @"
          x 1 error

        Error: complex-key

          x a key must be text
           ,-[web.yaml:3:10]
         2 | metadata:
         3 |   name: {{ .Values.name }}
           :          ^
           :          `-- here
           `----
          help: it looks like a template: of a helm chart, apply what `helm template` gives; one of Jinja
                has a name that ends in .j2, or is read with --values
        ");
}

#[test]
fn unknown_kind() {
    assert_snapshot!(shown("apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata:\n  name: once\n"), @"
          x 1 error

        Error: unknown-kind

          x Rollout of argoproj.io/v1alpha1 is not a kind that is read
           ,-[web.yaml:2:7]
         1 | apiVersion: argoproj.io/v1alpha1
         2 | kind: Rollout
           :       ^^^|^^^
           :          `-- a kind of another program
         3 | metadata:
           `----
          help: it belongs to another program; to leave such objects out, add --skip-unknown-kinds
        ");
    assert_snapshot!(lines("apiVersion: v1\nkind: Deployment\n"), @"1:13 unknown-kind: Deployment of v1 is not a kind that is read (Deployment is read as `apiVersion: apps/v1`)");
    assert_snapshot!(lines("apiVersion: v1\nkind: Sevice\n"), @"2:7 unknown-kind: Sevice of v1 is not a kind that is read (did you mean `Service`?)");
    assert_snapshot!(lines("metadata: {name: a}\n---\njust text\n---\n# nothing\n"), @"
        1:1 required: `apiVersion` is required (for instance `apiVersion: apps/v1` and `kind: Deployment`)
        1:1 required: `kind` is required (for instance `apiVersion: apps/v1` and `kind: Deployment`)
        3:1 wrong-type: a manifest is an object with apiVersion and kind
        ");
}

#[test]
fn namespaces() {
    let options =
        ReadOptions { namespace: NamespaceRule::Only("dev".to_owned()), ..ReadOptions::default() };
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: prod}\n";
    let reading = read(&[Source::new("web.yaml", map)], &options);
    assert_snapshot!(render(reading.findings), @r#"
          x 1 error

        Error: namespace-mismatch

          x the namespace from the provided object "prod" does not match the namespace "dev"
           ,-[web.yaml:3:32]
         2 | kind: ConfigMap
         3 | metadata: {name: a, namespace: prod}
           :                                ^^|^
           :                                  `-- another namespace
           `----
          help: pass --namespace=prod
        "#);
}

#[test]
fn not_carried_out_yet() {
    let limits = "          resources:\n            limits: {ephemeral-storage: 1Gi}\n";
    assert_snapshot!(shown(&deployment("", limits)), @"
      x 1 notice

    Advice: not-carried-out

      > spec.template.spec.containers[0].resources.limits.ephemeral-storage is not carried out yet
        ,-[web.yaml:18:22]
     17 |           resources:
     18 |             limits: {ephemeral-storage: 1Gi}
        :                      ^^^^^^^^|^^^^^^^^
        :                              `-- kept, without effect: nothing watches how much is written, so no pod is ended for it
        `----
    ");
}

#[test]
fn hostile_text_does_not_steer_the_terminal() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"\\e[31m\\u202Ered\"}\n";
    let shown = shown(text);
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    assert_snapshot!(lines(text), @r"3:18 invalid-name: metadata.name: `\u{1b}[31m\u{202e}red` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit");
    assert_snapshot!(lines("a: \u{1b}[31m\n"), @r#"1:4 control-character: control character U+001B is not allowed in YAML (write it as an escape in double quotes, such as "\e", if it is meant)"#);
}

#[test]
fn the_record_for_programs() {
    let reading = read_text(&deployment("  replcas: 3\n", ""));
    let views: Vec<FindingView<'_>> = reading.findings.iter().map(Finding::view).collect();
    assert_snapshot!(serde_json::to_string_pretty(&views).unwrap(), @r#"
        [
          {
            "severity": "error",
            "code": "unknown-field",
            "message": "unknown field `replcas` in spec",
            "file": "web.yaml",
            "line": 6,
            "column": 3,
            "kind": "Deployment",
            "namespace": "default",
            "name": "web",
            "path": "spec.replcas"
          }
        ]
        "#);
}
