//! The examples of the RFCs and of Kubernetes' documentation, and what hostile patches meet.

use serde_json::{Value, json};

use super::json::{merge, operations, strategic};
use super::*;
use crate::document::Placed;

fn deployment(containers: &Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "spec": {"template": {"spec": {"containers": containers}}}})
}

fn patched(containers: &Value, patch: &Value) -> Value {
    let patch = json!({"spec": {"template": {"spec": patch}}});
    strategic(&deployment(containers), &patch).unwrap()["spec"]["template"]["spec"].clone()
}

#[test]
fn the_examples_of_rfc_7386() {
    for (base, patch, expected) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
        (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
        (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
        (json!({"a": "b"}), json!(["c"]), json!(["c"])),
        (json!({"a": "foo"}), json!(null), json!(null)),
        (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
        (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
        (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        (json!({"a": 1}), json!({"a": {"b": null}}), json!({"a": {}})),
    ] {
        assert_eq!(merge(&base, &patch), expected, "{base} {patch}");
    }
}

#[test]
fn the_examples_of_rfc_6902() {
    for (base, patch, expected) in [
        (
            json!({"a": 1}),
            json!([{"op": "add", "path": "/b", "value": 2}]),
            json!({"a": 1, "b": 2}),
        ),
        (
            json!({"a": [1, 3]}),
            json!([{"op": "add", "path": "/a/1", "value": 2}]),
            json!({"a": [1, 2, 3]}),
        ),
        (
            json!({"a": [1]}),
            json!([{"op": "add", "path": "/a/-", "value": [2]}]),
            json!({"a": [1, [2]]}),
        ),
        (json!({"a": [1]}), json!([{"op": "add", "path": "", "value": 2}]), json!(2)),
        (json!({"a": 1, "b": 2}), json!([{"op": "remove", "path": "/a"}]), json!({"b": 2})),
        (json!({"a": [1, 2, 3]}), json!([{"op": "remove", "path": "/a/-1"}]), json!({"a": [1, 2]})),
        (
            json!({"a": 1}),
            json!([{"op": "replace", "path": "/a", "value": null}]),
            json!({"a": null}),
        ),
        (
            json!({"a": {"b": 1}, "c": {}}),
            json!([{"op": "move", "from": "/a/b", "path": "/c/d"}]),
            json!({"a": {}, "c": {"d": 1}}),
        ),
        (
            json!({"a": [1, 2]}),
            json!([{"op": "move", "from": "/a/0", "path": "/a/1"}]),
            json!({"a": [2, 1]}),
        ),
        (
            json!({"a": [1]}),
            json!([{"op": "copy", "from": "/a", "path": "/b"}]),
            json!({"a": [1], "b": [1]}),
        ),
        (
            json!({"/": 9, "~1": 10}),
            json!([{"op": "test", "path": "/~01", "value": 10}, {"op": "remove", "path": "/~1"}]),
            json!({"~1": 10}),
        ),
    ] {
        assert_eq!(operations(&base, &patch).unwrap(), expected, "{base} {patch}");
    }
}

#[test]
fn operations_that_cannot_be_done_say_why() {
    let base = json!({"a": [1], "b": {"c": 1}});
    let said = |patch: Value| operations(&base, &patch).unwrap_err().to_string();
    for (patch, words) in [
        (json!({}), "a JSON patch is a list of operations"),
        (json!([{"path": "/a"}]), "the operation has no `op`"),
        (
            json!([{"op": "set", "path": "/a"}]),
            "`set` is none of add, remove, replace, move, copy and test",
        ),
        (json!([{"op": "add", "path": "/x"}]), "the operation has no `value`"),
        (
            json!([{"op": "add", "path": "a", "value": 1}]),
            "`a` is no JSON pointer: it has to begin with `/`",
        ),
        (json!([{"op": "add", "path": "/x/y", "value": 1}]), "there is nothing at `/x/y`"),
        (json!([{"op": "add", "path": "/a/2", "value": 1}]), "`/a/2` is no index of the list"),
        (json!([{"op": "remove", "path": "/a/01"}]), "`/a/01` is no index of the list"),
        (json!([{"op": "replace", "path": "/x", "value": 1}]), "there is nothing at `/x`"),
        (json!([{"op": "move", "from": "/b", "path": "/b/c"}]), "`/b` cannot be moved into itself"),
        (
            json!([{"op": "test", "path": "/b/c", "value": 2}]),
            "the test failed: at `/b/c` is another value",
        ),
    ] {
        assert_eq!(said(patch), words);
    }
}

#[test]
fn copies_of_copies_are_bounded() {
    let doubling = json!({"op": "copy", "from": "/a", "path": "/a/-"});
    let patch = Value::Array(vec![doubling; 64]);
    let error = operations(&json!({"a": [1]}), &patch).unwrap_err();
    assert_eq!(error.problem, Problem::TooLarge);
}

#[test]
fn elements_of_a_list_with_a_key_are_merged_and_new_ones_come_first() {
    let base = json!([{"name": "a", "image": "a:1", "args": ["x"]}, {"name": "b", "image": "b:1"}]);
    let patch = json!({"containers": [{"name": "c", "image": "c:1"}, {"name": "a", "image": "a:2", "args": ["y"]}]});
    let expected = json!({"containers": [
        {"name": "c", "image": "c:1"},
        {"name": "a", "image": "a:2", "args": ["y"]},
        {"name": "b", "image": "b:1"},
    ]});
    assert_eq!(patched(&base, &patch), expected);
}

#[test]
fn directives_are_carried_out() {
    let base = json!([{"name": "a", "image": "a:1", "args": ["x"]}, {"name": "b", "image": "b:1"}]);
    let expect = |patch: Value, expected: Value| {
        assert_eq!(patched(&base, &json!({"containers": patch}))["containers"], expected);
    };
    expect(json!([{"name": "a", "$patch": "delete"}]), json!([{"name": "b", "image": "b:1"}]));
    expect(json!([{"$patch": "replace"}, {"name": "z"}]), json!([{"name": "z"}]));
    // As the API server does it: it is for the list, whatever else the element says.
    expect(json!([{"name": "a", "$patch": "replace", "image": "a:2"}]), json!([]));
    expect(
        json!([{"name": "z"}, {"name": "a", "$patch": "replace"}, {"name": "b", "$patch": "delete"}]),
        json!([{"name": "z"}]),
    );
    let merge = json!({"containers": [{"name": "a", "$patch": "merge", "image": "a:2"}]});
    let merge = json!({"spec": {"template": {"spec": merge}}});
    let refused = strategic(&deployment(&base), &merge).unwrap_err();
    assert_eq!(refused.problem, Problem::MergeInList);
    let order = json!({"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]});
    assert_eq!(patched(&base, &order)["containers"][0]["name"], "b");
}

#[test]
fn what_is_retained_and_what_is_deleted_from_a_set() {
    let base = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"finalizers": ["a", "b"]},
        "spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
    let patch = json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}},
        "metadata": {"$deleteFromPrimitiveList/finalizers": ["a"], "finalizers": ["c"]}});
    let patched = strategic(&base, &patch).unwrap();
    assert_eq!(patched["spec"]["strategy"], json!({"type": "Recreate"}));
    assert_eq!(patched["metadata"]["finalizers"], json!(["c", "b"]));
    let stray = json!({"spec": {"strategy": {"$retainKeys": [], "type": "Recreate"}}});
    let error = strategic(&base, &stray).unwrap_err();
    assert_eq!(error.to_string(), "`type` is set, and not among `$retainKeys`");
}

#[test]
fn an_element_without_its_key_is_refused() {
    let patch = json!({"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}});
    let error = strategic(&deployment(&json!([])), &patch).unwrap_err();
    let words = "the elements of spec.template.spec.containers are told apart by `name`, and this one has none";
    assert_eq!(error.to_string(), words);
}

#[test]
fn kinds_that_nobody_knows_have_no_lists_to_merge() {
    let base = json!({"apiVersion": "example.com/v1", "kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}});
    let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "b"}]}}}});
    let patched = strategic(&base, &patch).unwrap();
    assert_eq!(patched["spec"]["template"]["spec"]["containers"], json!([{"name": "b"}]));
}

#[test]
fn kustomize_tells_ports_apart_by_their_protocol_too() {
    let base = json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 53, "protocol": "UDP"}]}});
    let patch = json!({"spec": {"ports": [{"port": 53, "protocol": "TCP"}]}});
    let by = |rules| {
        let merged = super::strategic(Placed::of_json(&base), Placed::of_json(&patch), rules);
        merged.unwrap().unwrap().to_json()["spec"]["ports"].clone()
    };
    assert_eq!(by(Rules::ApiServer), json!([{"port": 53, "protocol": "TCP"}]));
    let both = json!([{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]);
    assert_eq!(by(Rules::Kustomize), both);
}

/// The judge is kubectl 1.32; that some lose what the patch asks for is kustomize's own.
#[test]
fn ports_of_which_some_have_a_protocol_are_merged_as_kustomize_does() {
    let merged = |ports: Value, patch: Value| {
        let base = json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": ports}});
        let patch = Placed::of_json(&json!({"spec": {"ports": patch}}));
        let merged = super::strategic(Placed::of_json(&base), patch, Rules::Kustomize);
        merged.unwrap().unwrap().to_json()["spec"]["ports"].clone()
    };
    let two = json!([{"port": 4}, {"port": 2, "name": "x"}]);
    let dns = json!([{"port": 53}, {"port": 53, "protocol": "UDP"}]);
    for (base, patch, expected) in [
        (
            json!([{"port": 1}, {"port": 2}]),
            two.clone(),
            json!([{"port": 4}, {"port": 2, "name": "x"}, {"port": 1}]),
        ),
        (
            json!([{"port": 1, "protocol": "TCP"}, {"port": 2}]),
            two.clone(),
            json!([{"port": 4}, {"port": 1, "protocol": "TCP"}, {"port": 2, "name": "x"}]),
        ),
        (
            json!([{"port": 2, "protocol": "TCP"}]),
            two,
            json!([{"port": 4}, {"port": 2, "protocol": "TCP"}]),
        ),
        (
            dns.clone(),
            json!([{"port": 53, "protocol": "UDP", "nodePort": 3}]),
            json!([{"port": 53}, {"port": 53, "protocol": "UDP", "nodePort": 3}]),
        ),
        (
            json!([{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]),
            json!([{"port": 53, "protocol": "UDP", "nodePort": 3}]),
            json!([{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP", "nodePort": 3}]),
        ),
        (dns.clone(), json!([{"port": 53, "nodePort": 3}]), dns.clone()),
        (dns.clone(), json!([{"port": 53, "$patch": "delete"}]), dns.clone()),
        (
            dns.clone(),
            json!([{"port": 53, "protocol": "UDP", "$patch": "delete"}]),
            json!([{"port": 53}]),
        ),
        (
            json!([{"port": 53, "protocol": "UDP"}, {"port": 53}, {"port": 53, "protocol": "TCP"}]),
            json!([{"port": 53, "protocol": "TCP", "nodePort": 3}]),
            json!([{"port": 53}, {"port": 53, "protocol": "TCP", "nodePort": 3}]),
        ),
    ] {
        assert_eq!(merged(base.clone(), patch.clone()), expected, "{base} {patch}");
    }
    let fresh =
        json!([{"port": 1, "protocol": "TCP"}, {"port": 2, "protocol": "TCP"}, {"port": 1}]);
    let expected = json!([{"port": 2, "protocol": "TCP"}, {"port": 1}]);
    assert_eq!(merged(Value::Null, fresh), expected);
}

#[test]
fn lists_too_long_to_look_through_are_refused() {
    let containers =
        |n: usize| -> Value { (0..n).map(|i| json!({"name": i.to_string()})).collect() };
    let patch = json!({"spec": {"template": {"spec": {"containers": containers(4096)}}}});
    assert!(strategic(&deployment(&json!([])), &patch).is_ok());
    let error = strategic(&deployment(&containers(1)), &patch).unwrap_err();
    assert_eq!(error.problem, Problem::TooLarge);
}

#[test]
fn another_type_is_taken_by_the_api_server_and_refused_by_kustomize() {
    let (base, patch) = (json!({"data": {"a": "b"}}), json!({"data": ["c"]}));
    assert_eq!(strategic(&base, &patch).unwrap(), json!({"data": ["c"]}));
    let refused =
        super::strategic(Placed::of_json(&base), Placed::of_json(&patch), Rules::Kustomize);
    assert_eq!(refused.unwrap_err().to_string(), "data is an object, and the patch has a list");
}

proptest::proptest! {
    #[test]
    fn merging_twice_is_merging_once(base in value(), patch in value()) {
        let once = merge(&base, &patch);
        proptest::prop_assert_eq!(merge(&once, &patch), once);
    }

    #[test]
    fn no_patch_makes_it_panic(base in value(), patch in value()) {
        let _ = (strategic(&base, &patch), operations(&base, &patch));
    }
}

/// Small JSON values whose keys are those that matter to patches.
fn value() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    let words =
        ["a", "name", "$patch", "delete", "/a/0", "add", "metadata", "finalizers", "replace"];
    let word = proptest::sample::select(words.to_vec());
    let key = proptest::sample::select(
        [
            "a",
            "name",
            "$patch",
            "$retainKeys",
            "op",
            "path",
            "value",
            "metadata",
            "finalizers",
            "$setElementOrder/finalizers",
        ]
        .to_vec(),
    );
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        word.prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let entries = proptest::collection::vec((key.clone(), inner.clone()), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            entries.prop_map(|e| e.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}
