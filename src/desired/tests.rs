//! Applying, merging and counting.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::*;
use crate::manifest::Stated;
use crate::model::FleetName;

fn object(json: Value) -> Object {
    Object::try_from(json).unwrap()
}

fn config(name: &str, value: &str) -> Object {
    object(json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"}, "data": {"key": value}}))
}

/// A Deployment of this spec's fields and pods of this spec.
fn web(spec: &Value, pod: &Value) -> Object {
    let mut json = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": pod}}});
    for (field, value) in spec.as_object().unwrap() {
        json["spec"][field] = value.clone();
    }
    object(json)
}

fn main_of(image: &str) -> Value {
    json!({"containers": [{"name": "main", "image": image}]})
}

fn applied(to: &Desired, set: &str, objects: &[Object]) -> (Desired, Vec<ObjectChange>) {
    let fleet = FleetName::from("test");
    let set = SetName(set.into());
    let (prune, now) = (Prune::Left, Timestamp::from_nanosecond(1_700_000_000_123_456_789));
    let objects: Vec<Stated> = objects.iter().cloned().map(Stated::from).collect();
    to.apply(&Application { fleet: &fleet, set, objects: &objects, prune, now: now.unwrap() })
}

/// Somebody changes the only object, as `edit` does.
fn meddled(desired: &Desired, change: impl FnOnce(&mut Value)) -> Desired {
    let stored = desired.objects.values().next().unwrap();
    let mut json = stored.object.to_json();
    change(&mut json);
    let mut changed = object(json);
    crate::manifest::complete(&mut changed);
    let objects = [Put { object: changed, manifest: None }];
    let (fleet, now) = ("test".into(), Timestamp::UNIX_EPOCH);
    desired.put(&Putting { fleet: &fleet, objects: &objects, now }).0
}

/// The only object, as JSON.
fn only(desired: &Desired) -> Value {
    assert_eq!(desired.objects.len(), 1);
    desired.objects.values().next().unwrap().object.to_json()
}

/// What applying `first`, then a change by somebody else, then `second` gives.
fn through(first: &Object, change: impl FnOnce(&mut Value), second: &Object) -> Value {
    let (state, _) = applied(&Desired::default(), "a", std::slice::from_ref(first));
    let state = meddled(&state, change);
    only(&applied(&state, "a", std::slice::from_ref(second)).0)
}

#[test]
fn a_second_apply_changes_nothing() {
    let manifest = web(&json!({"replicas": 2}), &main_of("nginx:1"));
    let (first, changes) = applied(&Desired::default(), "a", std::slice::from_ref(&manifest));
    assert_eq!(changes.len(), 1);
    let (second, changes) = applied(&first, "a", &[manifest]);
    assert_eq!(changes, []);
    assert_eq!(first, second);
}

#[test]
fn a_change_is_named_by_its_field_and_keeps_the_uid() {
    let (first, _) = applied(&Desired::default(), "a", &[config("one", "1")]);
    let (second, changes) = applied(&first, "a", &[config("one", "2")]);
    let ObjectAction::Update(fields) = &changes[0].action else { panic!("{changes:?}") };
    assert_eq!(fields[0].path, "data.key");
    let key = config("one", "").key();
    let (old, new) = (&first.objects[&key].object, &second.objects[&key].object);
    assert_eq!(old.metadata().uid, new.metadata().uid);
}

#[test]
fn writes_and_wishes_are_counted_as_kubernetes_does() {
    let counts = |desired: &Desired| {
        let metadata = &only(desired)["metadata"];
        (metadata["resourceVersion"].clone(), metadata["generation"].clone())
    };
    let first = web(&json!({"replicas": 2}), &main_of("nginx:1"));
    let (state, _) = applied(&Desired::default(), "a", std::slice::from_ref(&first));
    assert_eq!(only(&state)["metadata"]["creationTimestamp"], "2023-11-14T22:13:20Z");
    assert_eq!(counts(&state), (json!("1"), json!(1)));
    let state = meddled(&state, |web| web["metadata"]["labels"] = json!({"tier": "front"}));
    assert_eq!(counts(&state), (json!("2"), json!(1)), "a label is no wish");
    let state = meddled(&state, |web| web["spec"]["replicas"] = json!(3));
    assert_eq!(counts(&state), (json!("3"), json!(2)));
    let state = meddled(&state, |_| ());
    assert_eq!(counts(&state), (json!("3"), json!(2)), "nothing was written");
    let (state, _) = applied(&Desired::default(), "a", &[config("one", "1")]);
    assert_eq!(counts(&state), (json!("1"), Value::Null), "ConfigMaps have no generation");
}

#[test]
fn a_change_of_a_secret_shows_no_value() {
    let secret = |data: Value| {
        object(json!({"apiVersion": "v1", "kind": "Secret", "data": data,
            "metadata": {"name": "one", "namespace": "default"}}))
    };
    let (first, _) = applied(&Desired::default(), "a", &[secret(json!({"key": "b25l"}))]);
    for data in [json!({"key": "dHdv"}), json!({"other": "dHdv"}), json!({})] {
        let (_, changes) = applied(&first, "a", &[secret(data)]);
        let told = format!("{changes:?}");
        assert!(told.contains("(sensitive)"), "{told}");
        assert!(!told.contains("b25l") && !told.contains("dHdv"), "{told}");
    }
}

#[test]
fn what_left_its_source_is_pruned_and_other_sources_stay() {
    let (state, _) = applied(&Desired::default(), "a", &[config("one", "1"), config("two", "2")]);
    let (state, _) = applied(&state, "b", &[config("three", "3")]);
    let (state, changes) = applied(&state, "a", &[config("two", "2")]);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].key.name, "one");
    let names: Vec<_> = state.objects.keys().map(|k| k.name.as_str()).collect();
    assert_eq!(names, ["three", "two"]);
}

#[test]
fn a_namespace_takes_what_is_in_it_along() {
    let (state, _) = applied(&Desired::default(), "a", &[config("one", "1")]);
    let keys = BTreeSet::from([ObjectKey::new("Namespace", "", "default")]);
    let (state, changes) = state.delete(&keys, "deleted");
    assert!(state.objects.is_empty());
    assert_eq!(changes.len(), 1);
}

#[test]
fn what_others_set_stays_unless_the_manifest_says_otherwise() {
    let silent = web(&json!({}), &main_of("nginx:1"));
    let scaled = |web: &mut Value| web["spec"]["replicas"] = json!(5);
    let newer = web(&json!({}), &main_of("nginx:2"));
    let merged = through(&silent, scaled, &newer);
    assert_eq!(merged["spec"]["replicas"], 5);
    assert_eq!(merged["spec"]["template"]["spec"]["containers"][0]["image"], "nginx:2");
    let says = web(&json!({"replicas": 2}), &main_of("nginx:1"));
    assert_eq!(through(&silent, scaled, &says)["spec"]["replicas"], 2);
    let labelled = |web: &mut Value| web["metadata"]["labels"] = json!({"tier": "front"});
    assert_eq!(through(&silent, labelled, &newer)["metadata"]["labels"], json!({"tier": "front"}));
}

#[test]
fn a_field_that_left_the_manifest_goes_back_to_its_default() {
    let says = web(&json!({"replicas": 4, "minReadySeconds": 3}), &main_of("nginx:1"));
    let silent = web(&json!({}), &main_of("nginx:1"));
    let merged = through(&says, |_| (), &silent);
    assert_eq!(merged["spec"]["replicas"], 1);
    assert_eq!(merged["spec"].get("minReadySeconds"), None);
}

#[test]
fn a_default_is_nobodys_wish() {
    // A pull policy follows from the image's tag; nobody has set it, so it follows from the new one.
    let (old, new) =
        (web(&json!({}), &main_of("nginx:1")), web(&json!({}), &main_of("nginx:latest")));
    let (fresh, _) = applied(&Desired::default(), "a", std::slice::from_ref(&new));
    let merged = through(&old, |_| (), &new);
    assert_eq!(merged["spec"], only(&fresh)["spec"]);
    assert_eq!(merged["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"], "Always");
}

#[test]
fn lists_are_merged_by_what_tells_their_elements_apart() {
    let env = |values: &[(&str, &str)]| -> Vec<Value> {
        values.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    };
    let pod = |values: &[(&str, &str)]| {
        let env = env(values);
        web(&json!({}), &json!({"containers": [{"name": "main", "image": "nginx:1", "env": env}]}))
    };
    let merged = through(
        &pod(&[("A", "1"), ("B", "1"), ("C", "1")]),
        |web| {
            let spec = &mut web["spec"]["template"]["spec"];
            spec["containers"][0]["env"]
                .as_array_mut()
                .unwrap()
                .insert(1, json!({"name": "X", "value": "9"}));
            spec["containers"]
                .as_array_mut()
                .unwrap()
                .push(json!({"name": "side", "image": "log:1"}));
        },
        &pod(&[("C", "1"), ("A", "2")]),
    );
    let containers = &merged["spec"]["template"]["spec"]["containers"];
    assert_eq!(containers[0]["env"], Value::from(env(&[("C", "1"), ("A", "2"), ("X", "9")])));
    assert_eq!(containers[1]["name"], "side");
}

#[test]
fn a_port_is_told_by_its_protocol_too() {
    let dns = |target: u16| {
        object(
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "dns", "namespace": "default"},
            "spec": {"ports": [{"name": "u", "port": 53, "protocol": "UDP", "targetPort": target},
                {"name": "t", "port": 53, "targetPort": 53}]}}),
        )
    };
    let merged = through(
        &dns(53),
        |dns| dns["spec"]["ports"].as_array_mut().unwrap().push(json!({"name": "m", "port": 9153})),
        &dns(5353),
    );
    let ports: Vec<_> = merged["spec"]["ports"].as_array().unwrap().iter().collect();
    assert_eq!(ports.len(), 3);
    assert_eq!((&ports[0]["targetPort"], &ports[1]["targetPort"]), (&json!(5353), &json!(53)));
    assert_eq!(ports[2]["port"], 9153);
}

#[test]
fn of_an_either_or_the_manifests_choice_is_the_only_one() {
    let recreate = web(&json!({"strategy": {"type": "Recreate"}}), &main_of("nginx:1"));
    let rolling = web(&json!({}), &main_of("nginx:1"));
    let paced = |web: &mut Value| web["spec"]["strategy"]["rollingUpdate"]["maxSurge"] = json!(3);
    assert_eq!(
        through(&rolling, paced, &recreate)["spec"]["strategy"],
        json!({"type": "Recreate"})
    );
    let says = web(&json!({"strategy": {"type": "RollingUpdate"}}), &main_of("nginx:1"));
    assert_eq!(through(&rolling, paced, &says)["spec"]["strategy"]["rollingUpdate"]["maxSurge"], 3);
    let volume = |source: Value| {
        let mut volume = source;
        volume["name"] = json!("v");
        web(
            &json!({}),
            &json!({"containers": [{"name": "main", "image": "nginx:1"}], "volumes": [volume]}),
        )
    };
    let config = volume(json!({"configMap": {"name": "c"}}));
    let changed = |web: &mut Value| {
        web["spec"]["template"]["spec"]["volumes"][0] =
            json!({"name": "v", "hostPath": {"path": "/"}});
    };
    let merged = through(&config, changed, &config);
    let volumes = &merged["spec"]["template"]["spec"]["volumes"];
    assert_eq!(volumes[0].get("hostPath"), None);
    assert_eq!(volumes[0]["configMap"]["name"], "c");
}

#[test]
fn what_a_command_made_is_no_sources_to_prune_and_its_manifest_counts_as_applied() {
    let manifest = config("one", "1");
    let objects = [Put { object: manifest.clone(), manifest: Some(manifest) }];
    let (fleet, now) = ("test".into(), Timestamp::UNIX_EPOCH);
    let putting = Putting { fleet: &fleet, objects: &objects, now };
    let (state, changes) = Desired::default().put(&putting);
    assert_eq!(changes[0].action, ObjectAction::Create);
    let (state, changes) = applied(&state, "", &[]);
    assert_eq!((changes.len(), state.objects.len()), (0, 1));
    let empty = object(json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "one", "namespace": "default"}}));
    let (state, _) = applied(&state, "a", &[empty]);
    assert_eq!(only(&state).get("data"), None);
}

/// Some Deployment: fields that defaults depend on, lists with and without merge keys.
fn some_web() -> impl Strategy<Value = Object> {
    let env = proptest::collection::btree_map("[A-C]", "[12]", 0..3);
    let container = |name: &'static str| {
        let fields =
            (prop_oneof![Just("nginx:1"), Just("nginx:latest")], env.clone(), any::<bool>());
        fields.prop_map(move |(image, env, args)| {
            let env: Vec<Value> = env
                .into_iter()
                .map(|(name, value)| json!({"name": name, "value": value}))
                .collect();
            let args = args.then(|| json!(["-v"]));
            let mut container = json!({"name": name, "image": image, "args": args});
            if !env.is_empty() {
                container["env"] = env.into();
            }
            container
        })
    };
    let containers = (container("main"), proptest::option::of(container("side")));
    let spec = (
        proptest::option::of(0..3_i32),
        proptest::option::of(prop_oneof![Just("Recreate"), Just("RollingUpdate")]),
        proptest::option::of(0..3_i32),
    );
    (containers, spec).prop_map(|((main, side), (replicas, strategy, ready))| {
        let containers: Vec<Value> = [Some(main), side].into_iter().flatten().collect();
        let mut spec = json!({});
        if let Some(replicas) = replicas {
            spec["replicas"] = json!(replicas);
        }
        if let Some(strategy) = strategy {
            spec["strategy"] = json!({"type": strategy});
        }
        if let Some(ready) = ready {
            spec["minReadySeconds"] = json!(ready);
        }
        web(&spec, &json!({"containers": containers}))
    })
}

proptest! {
    #[test]
    fn a_manifest_that_nobody_meddled_with_gives_what_it_would_if_it_were_new(
        first in some_web(), second in some_web(),
    ) {
        let (fresh, _) = applied(&Desired::default(), "a", std::slice::from_ref(&second));
        prop_assert_eq!(&through(&first, |_| (), &second)["spec"], &only(&fresh)["spec"]);
    }

    #[test]
    fn applying_again_changes_nothing_whatever_others_did(manifest in some_web(), other in some_web()) {
        let (state, _) = applied(&Desired::default(), "a", std::slice::from_ref(&manifest));
        let state = meddled(&state, |web| web["spec"] = other.to_json()["spec"].clone());
        let (once, _) = applied(&state, "a", std::slice::from_ref(&manifest));
        let (twice, changes) = applied(&once, "a", &[manifest]);
        prop_assert_eq!(changes, []);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn what_the_manifest_does_not_speak_of_is_as_others_left_it(
        manifest in some_web(), replicas in 0..9_i32, label in "[a-z]{1,4}",
    ) {
        let mut silent = manifest;
        if let Object::Deployment(web) = &mut silent {
            web.spec.replicas = None;
        }
        let set = |web: &mut Value| {
            web["spec"]["replicas"] = json!(replicas);
            web["metadata"]["labels"] = json!({"by": label});
            let container = &mut web["spec"]["template"]["spec"]["containers"][0];
            let env = json!({"name": "THEIRS", "value": label});
            match container["env"].as_array_mut() {
                Some(list) => list.push(env),
                None => container["env"] = json!([env]),
            }
        };
        let merged = through(&silent, set, &silent);
        prop_assert_eq!(&merged["spec"]["replicas"], replicas);
        prop_assert_eq!(&merged["metadata"]["labels"]["by"], &label);
        let env = merged["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
        prop_assert!(env.iter().any(|env| env["name"] == "THEIRS"));
    }
}
