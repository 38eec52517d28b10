use insta::assert_snapshot;
use serde_json::{Value, json};

use super::*;
use crate::model::Amount;

fn object(kind: &str, name: &str, spec: &Value) -> Object {
    let metadata = json!({"name": name, "namespace": "default"});
    Object::try_from(json!({"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}))
        .unwrap()
}

fn pod(containers: &Value) -> k8s_openapi::api::core::v1::PodSpec {
    let mut spec = json!({"containers": containers});
    for container in spec["containers"].as_array_mut().unwrap() {
        container["image"] = json!("nginx:1");
    }
    serde_json::from_value(spec).unwrap()
}

fn limits(items: &Value) -> Desired {
    Desired::default().with([object("LimitRange", "all", &json!({"limits": items}))])
}

fn broken(items: &Value, containers: &Value) -> String {
    let (desired, mut spec) = (limits(items), pod(containers));
    fill(&desired, "default", &mut spec);
    let breaches = pod_breaches(&desired, "default", &spec);
    let lines = breaches.iter().map(|breach| format!("{}: {}\n", breach.path, breach.what));
    lines.collect()
}

#[test]
fn what_containers_lack_is_filled_in() {
    let desired = limits(&json!([{"type": "Container",
        "default": {"cpu": "500m", "memory": "500Mi"}, "defaultRequest": {"cpu": "100m", "memory": "200Mi"}}]));
    let mut spec = pod(&json!([
        {"name": "a"},
        {"name": "b", "resources": {"requests": {"cpu": "300m", "memory": "150Mi"}, "limits": {"cpu": "300m"}}},
    ]));
    let said = fill(&desired, "default", &mut spec).unwrap();
    assert_snapshot!(said, @"LimitRanger plugin set: cpu, memory request for container a; cpu, memory limit for container a; memory limit for container b");
    let resources = |index: usize| serde_json::to_value(&spec.containers[index].resources).unwrap();
    assert_eq!(
        resources(0),
        json!({"requests": {"cpu": "100m", "memory": "200Mi"}, "limits": {"cpu": "500m", "memory": "500Mi"}})
    );
    assert_eq!(
        resources(1),
        json!({"requests": {"cpu": "300m", "memory": "150Mi"}, "limits": {"cpu": "300m", "memory": "500Mi"}})
    );
    assert_eq!(fill(&desired, "default", &mut spec), None, "nothing is left to be filled in");
    assert_eq!(fill(&desired, "other", &mut pod(&json!([{"name": "a"}]))), None);
}

#[test]
fn containers_and_pods_keep_to_their_bounds() {
    let container = |requests: Value, limits: Value| {
        json!([{"name": "a", "resources": {"requests": requests, "limits": limits}},
            {"name": "b", "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "1"}}}])
    };
    let max = json!([{"type": "Container", "max": {"cpu": "2"}, "min": {"cpu": "100m"}}]);
    assert_snapshot!(broken(&max, &container(json!({"cpu": "1"}), json!({"cpu": "3"}))), @"containers[0].resources.limits.cpu: maximum cpu usage per Container is 2, but limit is 3");
    assert_snapshot!(broken(&max, &container(json!({"cpu": "3"}), json!({"cpu": "1"}))), @"containers[0].resources.requests.cpu: maximum cpu usage per Container is 2, but request is 3");
    assert_snapshot!(broken(&max, &container(json!({"cpu": "10m"}), json!({}))), @r"
    containers[0].resources.requests.cpu: minimum cpu usage per Container is 100m, but request is 10m
    containers[0].resources.limits.cpu: maximum cpu usage per Container is 2.  No limit is specified
    ");
    assert_snapshot!(broken(&max, &container(json!({}), json!({"cpu": "50m"}))), @"containers[0].resources.requests.cpu: minimum cpu usage per Container is 100m.  No request is specified");
    let pods =
        json!([{"type": "Pod", "max": {"cpu": "2"}, "maxLimitRequestRatio": {"cpu": "1500m"}}]);
    assert_snapshot!(broken(&pods, &container(json!({"cpu": "1"}), json!({"cpu": "1500m"}))), @"containers: maximum cpu usage per Pod is 2, but limit is 2500m");
    assert_snapshot!(broken(&pods, &container(json!({"cpu": "100m"}), json!({"cpu": "1"}))), @"containers: cpu max limit to request ratio per Pod is 1500m, but provided ratio is 1.818182");
    let ratio = json!([{"type": "Container", "maxLimitRequestRatio": {"example.org/gpu": "1"}}]);
    assert_snapshot!(broken(&ratio, &json!([{"name": "a"}])), @"containers[0].resources.requests[example.org/gpu]: example.org/gpu max limit to request ratio per Container is 1, but no request is specified or request is 0");
}

#[test]
fn what_is_filled_in_is_held_against_what_is_said() {
    let desired =
        limits(&json!([{"type": "Container", "default": {"cpu": "1", "example.org/gpu": "2"},
        "defaultRequest": {"cpu": "1", "example.org/gpu": "2"}}]));
    let said = |spec: &Value| {
        let mut spec = serde_json::from_value(spec.clone()).unwrap();
        assert!(fill(&desired, "default", &mut spec).is_some());
        let breaches = inconsistent(&spec);
        let lines = breaches.iter().map(|breach| format!("{}: {}\n", breach.path, breach.what));
        lines.collect::<String>()
    };
    let asks = |requests: Value| json!({"name": "a", "resources": {"requests": requests}});
    assert_snapshot!(said(&json!({"containers": [asks(json!({"cpu": "2"})), asks(json!({"example.org/gpu": "1"}))],
        "initContainers": [asks(json!({"cpu": "1500m"}))]})), @r#"
    containers[0].resources.requests.cpu: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1
    containers[1].resources.requests[example.org/gpu]: spec.containers[1].resources.requests: Invalid value: "1": must be equal to example.org/gpu limit of 2
    initContainers[0].resources.requests.cpu: spec.initContainers[0].resources.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1
    "#);
    let whole = json!({"requests": {"cpu": "500m"}, "limits": {"cpu": "500m"}});
    assert_snapshot!(said(&json!({"containers": [{"name": "a"}], "resources": whole})), @r#"
    containers[0].resources.limits.cpu: spec.containers[0][cpu].limits: Invalid value: "1": must be less than or equal to pod limits of 500m
    resources.requests.cpu: spec.resources.requests[cpu]: Invalid value: "500m": must be greater than or equal to aggregate container requests of 1
    "#);
    assert_eq!(said(&json!({"containers": [asks(json!({"cpu": "1"}))]})), "");
}

#[test]
fn several_breaches_are_one_sentence() {
    let breach = |what: &str| Breach { path: String::new(), what: what.to_owned() };
    assert_eq!(words(&[breach("a")]), "a");
    assert_eq!(words(&[breach("a"), breach("b"), breach("a")]), "[a, b]");
    assert_eq!(words(&[breach("a"), breach("a")]), "a");
}

#[test]
fn claims_keep_to_theirs() {
    let desired = limits(
        &json!([{"type": "PersistentVolumeClaim", "max": {"storage": "2Gi"}, "min": {"storage": "1Gi"}}]),
    );
    let said = |storage: &str| {
        let claim = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage}}});
        let claim = serde_json::from_value(claim).unwrap();
        words(&claim_breaches(&desired, "default", &claim))
    };
    assert_eq!(
        said("3Gi"),
        "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi"
    );
    assert_eq!(
        said("1Mi"),
        "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi"
    );
    assert_eq!(said("1536Mi"), "[]");
}

fn quota(name: &str, spec: &Value) -> Object {
    object("ResourceQuota", name, spec)
}

/// Quotas and other objects that are there; claims without a class have `standard`.
fn quotas<const N: usize>(objects: [Object; N]) -> Quotas {
    Quotas::of(&Desired::default().with(objects), "standard".to_owned())
}

fn asking(resources: &Value) -> k8s_openapi::api::core::v1::PodSpec {
    pod(&json!([{"name": "c", "resources": resources}]))
}

#[test]
fn pods_are_let_in_until_a_quota_is_used_up() {
    let hard = json!({"pods": "3", "requests.cpu": "1", "limits.memory": "1Gi", "requests.nvidia.com/gpu": "1"});
    let mut quotas = quotas([quota("q", &json!({"hard": hard}))]);
    let small = asking(&json!({"requests": {"cpu": "250m"}, "limits": {"memory": "256Mi"}}));
    assert_snapshot!(quotas.admit("default", &asking(&json!({}))).unwrap_err(), @"failed quota: q: must specify limits.memory for: c; requests.cpu for: c");
    assert_eq!(quotas.admit("default", &small), Ok(()));
    let large = asking(&json!({"requests": {"cpu": "800m"}, "limits": {"memory": "1Gi"}}));
    assert_snapshot!(quotas.admit("default", &large).unwrap_err(), @"exceeded quota: q, requested: limits.memory=1Gi,requests.cpu=800m, used: limits.memory=256Mi,requests.cpu=250m, limited: limits.memory=1Gi,requests.cpu=1");
    let both = json!({"cpu": "0", "memory": "0", "nvidia.com/gpu": "2"});
    let gpus = asking(&json!({"requests": both, "limits": both}));
    assert_snapshot!(quotas.admit("default", &gpus).unwrap_err(), @"exceeded quota: q, requested: requests.nvidia.com/gpu=2, used: requests.nvidia.com/gpu=0, limited: requests.nvidia.com/gpu=1");
    assert_eq!(quotas.admit_more("default", &small, 9), 2);
    assert_snapshot!(quotas.admit("default", &small).unwrap_err(), @"exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3");
    quotas.release("default", &small, Life::Lasting);
    assert_eq!(quotas.admit("default", &small), Ok(()));
    assert_eq!(quotas.admit("other", &large), Ok(()), "another namespace is bounded by nothing");
}

#[test]
fn nothing_has_to_be_said_of_containers_where_a_pod_says_something_as_a_whole() {
    let hard = json!({"requests.cpu": "4", "limits.memory": "4Gi"});
    let quotas =
        Quotas::of(&Desired::default().with([quota("q", &json!({"hard": hard}))]), String::new());
    let mut whole = pod(&json!([{"name": "c"}]));
    whole.resources = serde_json::from_value(json!({"requests": {"cpu": "1"}})).unwrap();
    assert_eq!(quotas.unsaid("default", &whole), None);
    whole.resources = Some(k8s_openapi::api::core::v1::ResourceRequirements::default());
    assert_snapshot!(quotas.unsaid("default", &whole).unwrap(), @"failed quota: q: must specify limits.memory for: c; requests.cpu for: c");
}

#[test]
fn pods_that_have_ended_are_counted_and_take_nothing() {
    let hard = json!({"count/pods": "2", "pods": "1"});
    let mut quotas = quotas([quota("q", &json!({"hard": hard}))]);
    quotas.charge("default", &asking(&json!({})), Life::Over);
    assert_eq!(quotas.admit("default", &asking(&json!({}))), Ok(()));
    assert_snapshot!(quotas.admit("default", &asking(&json!({}))).unwrap_err(), @"exceeded quota: q, requested: count/pods=1,pods=1, used: count/pods=2,pods=1, limited: count/pods=2,pods=1");
    // Whoever goes gives back what it took.
    quotas.release("default", &asking(&json!({})), Life::Over);
    assert_snapshot!(quotas.admit("default", &asking(&json!({}))).unwrap_err(), @"exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1");
}

#[test]
fn a_scope_leaves_out_other_pods() {
    let none = || asking(&json!({}));
    let some = || asking(&json!({"requests": {"cpu": "1"}}));
    let ends =
        || k8s_openapi::api::core::v1::PodSpec { active_deadline_seconds: Some(9), ..none() };
    let classed = |name: &str| k8s_openapi::api::core::v1::PodSpec {
        priority_class_name: Some(name.to_owned()),
        ..none()
    };
    let term = |operator: &str, values: Value| {
        json!({"scopeSelector": {"matchExpressions": [
        {"scopeName": "PriorityClass", "operator": operator, "values": values}]}})
    };
    let cases = vec![
        (json!({"scopes": ["BestEffort"]}), none(), some()),
        (json!({"scopes": ["NotBestEffort"]}), some(), none()),
        (json!({"scopes": ["Terminating"]}), ends(), none()),
        (json!({"scopes": ["NotTerminating"]}), none(), ends()),
        (json!({"scopes": ["PriorityClass"]}), classed("high"), none()),
        (term("In", json!(["high"])), classed("high"), classed("low")),
        (term("NotIn", json!(["high"])), classed("low"), classed("high")),
        (term("DoesNotExist", json!(null)), none(), classed("high")),
        (json!({"scopes": ["CrossNamespacePodAffinity"]}), elsewhere(), none()),
    ];
    for (rule, inside, outside) in cases {
        let mut spec = rule.clone();
        spec["hard"] = json!({"pods": "0"});
        let mut quotas = quotas([quota("q", &spec)]);
        assert!(quotas.admit("default", &inside).is_err(), "{rule}");
        assert_eq!(quotas.admit("default", &outside), Ok(()), "{rule}");
    }
}

fn elsewhere() -> k8s_openapi::api::core::v1::PodSpec {
    let term = json!({"topologyKey": "kubernetes.io/hostname", "namespaces": ["other"]});
    serde_json::from_value(json!({"containers": [{"name": "c"}], "affinity": {"podAntiAffinity":
        {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": term}]}}}))
    .unwrap()
}

#[test]
fn other_objects_are_counted_by_kind_and_by_what_they_ask_for() {
    let hard = json!({"services": "2", "services.nodeports": "3", "services.loadbalancers": "0", "configmaps": "1",
        "count/deployments.apps": "0", "persistentvolumeclaims": "9", "requests.storage": "5Gi",
        "fast.storageclass.storage.k8s.io/requests.storage": "1Gi"});
    let service = |name: &str, type_: &str| {
        let ports = json!([{"port": 80, "name": "a"}, {"port": 81, "name": "b"}]);
        object("Service", name, &json!({"type": type_, "ports": ports}))
    };
    let claim = |class: Option<&str>, size: &str| {
        let spec = json!({"storageClassName": class, "resources": {"requests": {"storage": size}}});
        object("PersistentVolumeClaim", "data", &spec)
    };
    let there = [quota("q", &json!({"hard": hard})), service("one", "NodePort")];
    let mut quotas = quotas(there);
    let mut refused = |object: &Object| quotas.admit_object(object, None).unwrap_err();
    assert_snapshot!(refused(&service("two", "NodePort")), @"exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=2, limited: services.nodeports=3");
    assert_snapshot!(refused(&service("two", "LoadBalancer")), @"exceeded quota: q, requested: services.loadbalancers=1,services.nodeports=2, used: services.loadbalancers=0,services.nodeports=2, limited: services.loadbalancers=0,services.nodeports=3");
    assert_snapshot!(refused(&claim(None, "6Gi")), @"exceeded quota: q, requested: requests.storage=6Gi, used: requests.storage=0, limited: requests.storage=5Gi");
    assert_snapshot!(refused(&claim(Some("fast"), "2Gi")), @"exceeded quota: q, requested: fast.storageclass.storage.k8s.io/requests.storage=2Gi, used: fast.storageclass.storage.k8s.io/requests.storage=0, limited: fast.storageclass.storage.k8s.io/requests.storage=1Gi");
    assert_eq!(quotas.admit_object(&claim(None, "4Gi"), None), Ok(()));
    let (before, after) = (claim(None, "4Gi"), claim(None, "5Gi"));
    assert_eq!(quotas.admit_object(&after, Some(&before)), Ok(()), "what is added counts");
    assert_eq!(quotas.admit_object(&service("two", "ClusterIP"), None), Ok(()));
    assert_eq!(
        quotas.admit_object(&service("one", "ClusterIP"), Some(&service("one", "NodePort"))),
        Ok(())
    );
    let key = ObjectKey::new("ResourceQuota", "default", "q");
    let standing = quotas.standing(&key);
    let used = |name: &str| standing[name].0.to_string();
    assert_eq!([used("services"), used("requests.storage"), used("configmaps")], ["2", "5Gi", "0"]);
}

#[test]
fn a_claim_counts_for_the_class_that_it_has() {
    let of = |class: &str| format!("{class}.storageclass.storage.k8s.io/requests.storage");
    let hard = json!({of("standard"): "1Gi", of("fast"): "2Gi"});
    let mut quotas = quotas([quota("q", &json!({"hard": hard}))]);
    let claim = |name: &str, class: Value, size: &str| {
        let spec = json!({"storageClassName": class, "resources": {"requests": {"storage": size}}});
        object("PersistentVolumeClaim", name, &spec)
    };
    assert_snapshot!(quotas.admit_object(&claim("a", json!(null), "2Gi"), None).unwrap_err(), @"exceeded quota: q, requested: standard.storageclass.storage.k8s.io/requests.storage=2Gi, used: standard.storageclass.storage.k8s.io/requests.storage=0, limited: standard.storageclass.storage.k8s.io/requests.storage=1Gi");
    assert_eq!(quotas.admit_object(&claim("b", json!(""), "9Gi"), None), Ok(()), "of no class");
    let mut old = claim("c", json!("standard"), "2Gi").to_json();
    old["metadata"]["annotations"] = json!({"volume.beta.kubernetes.io/storage-class": "fast"});
    assert_eq!(quotas.admit_object(&Object::try_from(old).unwrap(), None), Ok(()));
    let before = claim("d", json!(null), "1Gi");
    assert_eq!(quotas.admit_object(&before, None), Ok(()));
    let named = claim("d", json!("standard"), "1Gi");
    assert_eq!(quotas.admit_object(&named, Some(&before)), Ok(()), "it is the same class");
}

#[test]
fn nothing_that_is_asked_for_stops_the_count() {
    let hard = json!({"pods": "99999999999Ei", "requests.cpu": "-1"});
    let mut quotas = quotas([quota("q", &json!({"hard": hard}))]);
    let most = asking(&json!({"requests": {"cpu": "99999999999Ei"}}));
    for _ in 0..3 {
        quotas.charge("default", &most, Life::Lasting);
    }
    assert!(quotas.admit("default", &most).is_err());
    assert_eq!(quotas.admit_more("default", &most, u64::MAX), 0);
    assert!(Amount::ONE.times(u64::MAX) > Amount::ONE);
}
