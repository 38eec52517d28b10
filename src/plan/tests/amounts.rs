//! What pods ask for beside CPU and memory, and what `RuntimeClasses` and operating systems make of them.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::fixtures::{Fleet, fleet, single, told, web};
use crate::bindings::Bindings;
use crate::plan::{Action, DeviceToGive, PodToRun, VolumeToMake};

const GPU: &str = "example.org/gpu";

fn asking(name: &str, amounts: &Value) -> Value {
    let mut pod = single(name, "busybox:1");
    pod["spec"]["containers"][0]["resources"] = json!({"limits": amounts, "requests": amounts});
    pod
}

fn with_gpus(hosts: &[(&str, &[&str])]) -> Fleet {
    let names: Vec<&str> = hosts.iter().map(|(name, _)| *name).collect();
    let mut fleet = fleet(&names);
    for (host, gpus) in hosts {
        let gpus = gpus.iter().map(|name| (*name).to_owned()).collect();
        fleet.report(host).facts.devices.insert(GPU.to_owned(), gpus);
    }
    fleet
}

fn made(fleet: &Fleet) -> Vec<PodToRun> {
    let steps = fleet.plan().steps.into_iter();
    steps
        .filter_map(|step| match step.action {
            Action::CreatePod(pod) => Some(*pod),
            _ => None,
        })
        .collect()
}

/// The devices of each container that is made.
fn given(fleet: &Fleet) -> String {
    let mut lines = Vec::new();
    for pod in made(fleet) {
        for container in &pod.containers {
            let names = container.devices.iter().map(|device| match device {
                DeviceToGive::Described(name) => name.clone(),
                DeviceToGive::Block { path, .. } => path.clone(),
            });
            let names = names.collect::<Vec<_>>().join(" ");
            lines.push(format!("{} {}: {names}", pod.key, container.name));
        }
    }
    lines.join("\n")
}

fn pending(fleet: &Fleet) -> String {
    let pending = fleet.plan().report.pending;
    let lines = pending.iter().map(|one| format!("{}: {}", one.object, one.waiting));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_device_is_one_pods_and_stays_so() {
    let mut fleet = with_gpus(&[("a", &["0", "1", "2"])]);
    let one = json!({GPU: 1});
    let (first, second) = (asking("one", &json!({GPU: "2"})), asking("two", &one));
    fleet.wants(&[first.clone(), second.clone()]);
    assert_snapshot!(given(&fleet), @r"
    default/one main: example.org/gpu=0 example.org/gpu=1
    default/two main: example.org/gpu=2
    ");
    fleet.settle();
    fleet.wants(&[asking("a-late", &one), first, second]);
    assert_snapshot!(pending(&fleet), @"Pod default/a-late: 1 pod: 0/1 nodes are available: 1 Insufficient example.org/gpu.");
    // What is lost with the state is on the host.
    let kept = fleet.plan().target;
    fleet.bindings = Bindings::default();
    assert_eq!(fleet.plan().target.pods, kept.pods);
    // What is to go keeps what it has until it is gone.
    fleet.desired.objects.retain(|key, _| key.name != "one");
    assert_snapshot!(told(&fleet.plan()), @r"
    do a: delete pod default/one
    delete one: Pod default/one is gone
    wait Pod default/a-late: Allocate failed due to requested number of devices unavailable for example.org/gpu. Requested: 1, Available: 0
    ");
    fleet.settle();
    let devices = |name: &str| {
        let key = crate::model::PodKey::new("default", name);
        fleet.bindings.pods[&key].devices["main"].join(" ")
    };
    assert_eq!((devices("a-late"), devices("two")), (format!("{GPU}=0"), format!("{GPU}=2")));
}

#[test]
fn a_pod_goes_where_the_devices_are() {
    let mut fleet = with_gpus(&[("a", &[]), ("b", &["0", "1"])]);
    let mut owner = web(2, "nginx:1");
    owner["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"limits": {GPU: 1}});
    fleet.wants(&[owner]);
    assert_eq!(fleet.settle().spread(), [("a".to_owned(), 0), ("b".to_owned(), 2)]);
}

#[test]
fn what_prepares_a_pod_leaves_its_devices_to_it() {
    let mut fleet = with_gpus(&[("a", &["0", "1"])]);
    let mut pod = asking("one", &json!({GPU: 1}));
    let limits = json!({"limits": {GPU: 1}, "requests": {GPU: 1}});
    pod["spec"]["initContainers"] = json!([
        {"name": "init", "image": "busybox:1", "resources": limits},
        {"name": "side", "image": "busybox:1", "resources": limits, "restartPolicy": "Always"},
    ]);
    fleet.wants(&[pod]);
    assert_snapshot!(given(&fleet), @r"
    default/one init: example.org/gpu=0
    default/one side: example.org/gpu=0
    default/one main: example.org/gpu=1
    ");
}

#[test]
fn parts_of_a_gpu_are_of_one_device_and_stay_so() {
    let mut fleet = fleet(&["a"]);
    let gpus = ["0", "1"].map(str::to_owned).to_vec();
    fleet.report("a").facts.devices.insert("nvidia.com/gpu".to_owned(), gpus);
    let part = |name: &str, milli: u64| asking(name, &json!({"bowline/gpu-milli": milli}));
    let pods = [part("a-400", 400), part("b-500", 500), part("c-600", 600)];
    fleet.wants(&pods);
    assert_snapshot!(given(&fleet), @r"
    default/a-400 main: nvidia.com/gpu=0
    default/b-500 main: nvidia.com/gpu=0
    default/c-600 main: nvidia.com/gpu=1
    ");
    fleet.settle();
    // What is lost with the state is on the host.
    let kept = fleet.plan().target;
    fleet.bindings = Bindings::default();
    assert_eq!(fleet.plan().target.pods, kept.pods);
    fleet.bindings = kept;
    // What is to go keeps its part until it is gone.
    let [_, second, third] = pods;
    let whole = asking("d-whole", &json!({"nvidia.com/gpu": 1}));
    fleet.wants(&[second.clone(), third.clone(), part("a-late", 450), whole.clone()]);
    fleet.desired.objects.retain(|key, _| key.name != "a-400");
    assert_snapshot!(told(&fleet.plan()), @r"
    do a: delete pod default/a-400
    delete a-400: Pod default/a-400 is gone
    wait Pod default/d-whole: 1 pod: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu.
    wait Pod default/a-late: Allocate failed due to requested number of devices unavailable for bowline/gpu-milli. Requested: 450, Available: 0
    ");
    fleet.settle();
    let devices = |name: &str| {
        let key = crate::model::PodKey::new("default", name);
        fleet.bindings.pods[&key].devices["main"].join(" ")
    };
    assert_eq!(devices("a-late"), "nvidia.com/gpu=0");
}

#[test]
fn the_inventory_says_how_many_devices_there_are() {
    let mut fleet = fleet(&["a", "b"]);
    let further = &mut fleet.inventory.hosts.get_mut(&"b".into()).unwrap().capacity.further;
    further.insert("nvidia.com/gpu".to_owned(), 1);
    fleet.wants(&[
        asking("one", &json!({"nvidia.com/gpu": 1})),
        asking("two", &json!({"nvidia.com/gpu": 1})),
    ]);
    assert_snapshot!(pending(&fleet), @"Pod default/two: 1 pod: 0/2 nodes are available: 2 Insufficient nvidia.com/gpu.");
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".to_owned(), 0), ("b".to_owned(), 1)]);
}

#[test]
fn pages_and_room_on_the_disk_are_counted() {
    let mut fleet = fleet(&["a"]);
    let amounts = &mut fleet.report("a").facts.amounts;
    amounts.insert("hugepages-2Mi".to_owned(), 4 << 20);
    amounts.insert("ephemeral-storage".to_owned(), 1 << 30);
    let pages = |amount: &str| json!({"hugepages-2Mi": amount, "memory": "1Mi"});
    fleet.wants(&[
        asking("a-fits", &pages("4Mi")),
        asking("b-not", &pages("2Mi")),
        asking("c-disk", &json!({"ephemeral-storage": "2Gi"})),
    ]);
    assert_snapshot!(pending(&fleet), @r"
    Pod default/b-not: 1 pod: 0/1 nodes are available: 1 Insufficient hugepages-2Mi.
    Pod default/c-disk: 1 pod: 0/1 nodes are available: 1 Insufficient ephemeral-storage.
    ");
}

#[test]
fn a_class_says_what_runs_its_pods_and_where_they_go() {
    let mut fleet = fleet(&["a", "b"]);
    let class = json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "safe"},
        "handler": "runc", "overhead": {"podFixed": {"memory": "16Mi"}},
        "scheduling": {"nodeSelector": {"kubernetes.io/hostname": "b"}}});
    let mut pod = single("one", "busybox:1");
    pod["spec"]["runtimeClassName"] = json!("safe");
    let mut missing = single("two", "busybox:1");
    missing["spec"]["runtimeClassName"] = json!("other");
    fleet.wants(&[class.clone(), pod.clone(), missing]);
    let [made] = &made(&fleet)[..] else { panic!("one pod is made") };
    assert_eq!(made.sandbox_options.runtime.as_deref(), Some("runc"));
    assert_snapshot!(pending(&fleet), @r#"Pod default/two: pod rejected: RuntimeClass "other" not found"#);
    fleet.settle();
    assert_eq!(fleet.spread(), [("a".to_owned(), 0), ("b".to_owned(), 1)]);
    let spec = fleet.bindings.pods.values().next().unwrap().pod.spec.clone().unwrap();
    assert_eq!(spec.overhead.unwrap()["memory"].0, "16Mi");
    // A pod that says something else than its class is made nowhere.
    pod["spec"]["nodeSelector"] = json!({"kubernetes.io/hostname": "a"});
    fleet.wants(&[class, pod]);
    assert_snapshot!(pending(&fleet), @"Pod default/one: conflict: runtimeClass.scheduling.nodeSelector[kubernetes.io/hostname] = b; pod.spec.nodeSelector[kubernetes.io/hostname] = a");
}

#[test]
fn a_pod_for_another_system_is_made_nowhere() {
    let mut fleet = fleet(&["a"]);
    let mut pod = single("one", "busybox:1");
    pod["spec"]["os"] = json!({"name": "windows"});
    fleet.wants(&[pod]);
    assert!(made(&fleet).is_empty());
    assert_snapshot!(pending(&fleet), @"Pod default/one: Failed to admit pod as the OS field doesn't match node OS");
}

#[test]
fn pods_may_ask_for_more_than_there_is_and_no_more_than_that() {
    let mut fleet = fleet(&["a"]);
    let host = fleet.inventory.hosts.get_mut(&"a".into()).unwrap();
    host.overcommit.cpu = "2.5".parse().unwrap();
    host.overcommit.memory = "1.5".parse().unwrap();
    host.reserved.cpu_milli = 400;
    fleet.report("a").facts.amounts.insert("hugepages-2Mi".to_owned(), 2 << 30);
    // Of two processors 0.4 are kept back; two GiB of four are pages, which are had once.
    fleet.wants(&[
        asking("a-fits", &json!({"cpu": "4", "memory": "3Gi", "hugepages-2Mi": "2Gi"})),
        asking("b-cpu", &json!({"cpu": "1m"})),
        asking("c-memory", &json!({"memory": "1"})),
        asking("d-pages", &json!({"hugepages-2Mi": "2Mi"})),
    ]);
    assert_snapshot!(pending(&fleet), @r"
    Pod default/b-cpu: 1 pod: 0/1 nodes are available: 1 Insufficient cpu.
    Pod default/c-memory: 1 pod: 0/1 nodes are available: 1 Insufficient memory.
    Pod default/d-pages: 1 pod: 0/1 nodes are available: 1 Insufficient hugepages-2Mi.
    ");
}

#[test]
fn what_may_be_asked_for_is_no_measure_of_what_there_is() {
    let mut fleet = fleet(&["a"]);
    let host = fleet.inventory.hosts.get_mut(&"a".into()).unwrap();
    host.overcommit.cpu = "4".parse().unwrap();
    host.overcommit.memory = "2".parse().unwrap();
    let of = |name: &str, resource: &str| json!({"name": name, "valueFrom": {"resourceFieldRef": {"resource": resource}}});
    let mut pod = single("one", "busybox:1");
    pod["spec"]["volumes"] = json!([{"name": "v", "emptyDir": {"medium": "Memory"}}]);
    pod["spec"]["containers"][0]["env"] =
        json!([of("CPU", "limits.cpu"), of("MEMORY", "limits.memory")]);
    fleet.wants(&[pod]);
    let [made] = &made(&fleet)[..] else { panic!("one pod is made") };
    let volumes: Vec<&VolumeToMake> = made.volumes.values().collect();
    assert_eq!(volumes, [&VolumeToMake::Memory { size_bytes: Some(4 << 30) }]);
    let environment = format!("{:?}", made.containers[0].env);
    assert!(environment.contains(&(4_u64 << 30).to_string()), "{environment}");
    assert!(!environment.contains(&(8_u64 << 30).to_string()), "{environment}");
}
