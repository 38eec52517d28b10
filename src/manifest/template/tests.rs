//! Templates: what they give, and what people see of what is wrong with them.

use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::document::Report;

fn values(yaml: &str, set: &[&str]) -> Values {
    let mut values = Values::default();
    values.add_file(&Source::new("values.yaml", yaml)).unwrap();
    for text in set {
        values.set(text).unwrap();
    }
    values
}

fn rendered(text: &str, values: &Values) -> String {
    match render(&Source::new("web.yaml.j2", text), values) {
        Ok(source) => source.text,
        Err(finding) => shown(*finding),
    }
}

fn shown(finding: Finding) -> String {
    let mut out = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
        .with_width(100)
        .render_report(&mut out, &Report { findings: vec![finding] })
        .unwrap();
    out
}

#[test]
fn values_stand_in_for_names_and_blocks_leave_no_lines() {
    let text = "replicas: {{ replicas }}\nports:\n  {% for port in ports %}\n  - {{ port }}\n  {% endfor %}\nname: {{ name | default('web') }}\n";
    let values = values("replicas: 1\nports: [80, 443]\n", &["replicas=3"]);
    assert_snapshot!(rendered(text, &values), @"
        replicas: 3
        ports:
          - 80
          - 443
        name: web
        ");
    let source = render(&Source::new("web.yaml.j2", "a: 1\n"), &values).unwrap();
    assert_eq!(source, Source::new("web.yaml.j2 (rendered)", "a: 1\n"));
}

#[test]
fn a_name_without_a_value_is_refused_in_its_place() {
    let values = values("image: {tag: '1'}\n", &[]);
    assert_snapshot!(rendered("a: 1\nreplicas: {{ replicas }}\n", &values), @r"
          x 1 error

        Error: template

          x `replicas` has no value
           ,-[web.yaml.j2:2:14]
         1 | a: 1
         2 | replicas: {{ replicas }}
           :              ^^^^|^^^
           :                  `-- no value
           `----
          help: give it one with --set-value replicas=VALUE or --values FILE, or write {{ replicas |
                default(…) }}
        ");
    assert_snapshot!(rendered("image: nginx:{{ image.tga }}\n", &values), @"
          x 1 error

        Error: template

          x `image.tga` has no value
           ,-[web.yaml.j2:1:17]
         1 | image: nginx:{{ image.tga }}
           :                 ^^^^|^^^^
           :                     `-- no value
           `----
          help: did you mean `image.tag`?
        ");
}

#[test]
fn what_is_no_template_is_refused_in_its_place() {
    let values = Values::default();
    assert_snapshot!(rendered("a: {{ b\nc: 1\n", &values), @r"
          x 1 error

        Error: template

          x syntax error: unexpected identifier, expected end of variable block
           ,-[web.yaml.j2:2:1]
         1 | a: {{ b
         2 | c: 1
           : |
           : `-- in this template
           `----
        ");
    assert_snapshot!(rendered("{% include 'passwd' %}\n", &values), @"
          x 1 error

        Error: template

          x template not found: tried to include non-existing template 'passwd'
           ,-[web.yaml.j2:1:4]
         1 | {% include 'passwd' %}
           :    ^^^^^^^^|^^^^^^^
           :            `-- in this template
           `----
        ");
}

#[test]
fn work_and_output_are_bounded() {
    let values = Values::default();
    let busy = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    assert_snapshot!(rendered(busy, &values), @r"
          x 1 error

        Error: template

          x the template takes more than 1000000 steps
           ,-[web.yaml.j2:1:40]
         1 | {% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}
           :                                        ^^^^^^|^^^^^
           :                                              `-- here
           `----
          help: does a loop run over more than was meant?
        ");
    let wordy = "{% for a in range(99999) %}{{ 'x' * 9999 }}{% endfor %}";
    assert_snapshot!(rendered(wordy, &values), @"
          x 1 error

        Error: template

          x the template gives more than 16777216 bytes
           ,-[web.yaml.j2:1:1]
         1 | {% for a in range(99999) %}{{ 'x' * 9999 }}{% endfor %}
           : ^
           : `-- here
           `----
        ");
}

#[test]
fn assignments_are_those_of_helm() {
    let set = |text: &str| {
        let mut values = Values::default();
        values.set(text).map(|()| serde_json::to_value(values.context()).unwrap())
    };
    assert_eq!(set("a.b=1,c=x"), Ok(json!({"a": {"b": 1}, "c": "x"})));
    assert_eq!(
        set("a=true,b=1.5,c=007,d=0"),
        Ok(json!({"a": true, "b": "1.5", "c": "007", "d": 0}))
    );
    assert_eq!(set(r"a\.b=x\,y"), Ok(json!({"a.b": "x,y"})));
    assert_eq!(set("a={x,2},b={}"), Ok(json!({"a": ["x", 2], "b": []})));
    assert_eq!(set("a[1].b=x"), Ok(json!({"a": [null, {"b": "x"}]})));
    assert_eq!(set("a=b=c"), Ok(json!({"a": "b=c"})));
    assert_eq!(set("a=1,a=null"), Ok(json!({})));
    assert_eq!(set("a"), Err(SetError::NoValue("a".to_owned())));
    assert_eq!(set(".b=1"), Err(SetError::Path(".b".to_owned())));
    assert_eq!(set("a[x]=1"), Err(SetError::Path("a[x]".to_owned())));
    assert_eq!(set("a[70000]=1"), Err(SetError::Index(70000)));
    let mut values = Values::default();
    values.set_string("port=8080").unwrap();
    assert_eq!(serde_json::to_value(values.context()).unwrap(), json!({"port": "8080"}));
}

#[test]
fn files_of_values_are_merged_and_null_removes() {
    let mut values = values("a: {b: 1, c: 2}\nd: [1]\n", &[]);
    values.add_file(&Source::new("more.yaml", "a: {b: null, e: 3}\nd: [2]\n")).unwrap();
    assert_eq!(
        serde_json::to_value(values.context()).unwrap(),
        json!({"a": {"c": 2, "e": 3}, "d": [2]})
    );
    let findings = values.add_file(&Source::new("list.yaml", "- a\n")).unwrap_err();
    assert_eq!(findings[0].to_string(), "a file of values is a mapping of names to values");
}
