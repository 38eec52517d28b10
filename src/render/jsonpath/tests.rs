//! Templates against an object, each as kubectl fills it in.

use serde_json::{Value, json};

use super::*;

fn nodes() -> Value {
    json!({
        "kind": "List",
        "items": [
            {"metadata": {"name": "one", "labels": {"example.org/zone": "a"}}, "ready": true,
             "status": {"capacity": {"cpu": "4"}, "pods": 3}},
            {"metadata": {"name": "two", "labels": {}}, "ready": false,
             "status": {"capacity": {"cpu": "8"}, "pods": 12}},
        ],
        "users": [
            {"name": "myself", "user": {}},
            {"name": "e2e", "user": {"username": "admin", "password": "secret"}},
        ],
    })
}

fn filled(template: &str) -> String {
    let filled =
        |template: Template| template.fill(&nodes()).unwrap_or_else(|error| error.to_string());
    template.parse::<Template>().map_or_else(|error| error.to_string(), filled)
}

#[test]
fn templates_are_filled_in_as_kubectl_does() {
    for (template, expected) in [
        ("kind is {.kind}", "kind is List"),
        ("{kind} {$.kind}", "List List"),
        (".kind", "List"),
        ("{.items[*].metadata.name}", "one two"),
        ("{.users[0].name}", "myself"),
        ("{.users[-1:].name} {.users[0:1].name} {.users[-1].name}", "e2e myself e2e"),
        ("{.users[?(@.name==\"e2e\")].user.password}", "secret"),
        ("{.users[?(@.user.password)].name}", "e2e"),
        ("{.items[?(@.status.pods > 3)].metadata.name}", "two"),
        ("{.items[?(@.ready==true)].metadata.name}", "one"),
        ("{..name}", "one two myself e2e"),
        (
            "{.items[*]['metadata.name', 'status.capacity']}",
            "one {\"cpu\":\"4\"} two {\"cpu\":\"8\"}",
        ),
        ("{.items[0].metadata.labels['example\\.org/zone']}", "a"),
        ("{.items[0].metadata.labels.example\\.org/zone}", "a"),
        (
            "{range .items[*]}{.metadata.name}{\"\\t\"}{.status.capacity.cpu}{\"\\n\"}{end}",
            "one\t4\ntwo\t8\n",
        ),
        ("{range .items[*]}{range .metadata.labels.*}<{@}>{end}{end}", "<a>"),
        ("{.nothing.here}{.nothing[7]}", ""),
        ("{.items[7]}", "array index out of bounds: index 7, length 2"),
        (
            "{range .items[*]}{.status.pods}{end}{.items[-3]}",
            "array index out of bounds: index -1, length 2",
        ),
    ] {
        assert_eq!(filled(template), expected, "{template}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    insta::assert_snapshot!(filled("{.a"), @"a `{` is not closed at character 4 of the template");
    insta::assert_snapshot!(filled("{range .a}{.b}"), @"a `{range}` is not closed by `{end}` at character 15 of the template");
    insta::assert_snapshot!(filled("{.a[x]}"), @"a number, a quoted key, `*` or `?(...)` is expected at character 5 of the template");
    insta::assert_snapshot!(filled("{.a[?(@.b==c)]}"), @"a quoted text, a number, true, false or `@.field` is expected at character 13 of the template");
    insta::assert_snapshot!(filled("{end}"), @"`{end}` closes no `{range}` at character 6 of the template");
}

proptest::proptest! {
    #[test]
    fn no_template_breaks_the_reader(template in "[-a-z.*@$\\[\\](){}?<=>!\"'\\\\: ,0-9]{0,40}") {
        let _ = filled(&template);
    }
}
