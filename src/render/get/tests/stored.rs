//! Objects that are only stored, in the columns of their kinds.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::*;
use crate::model::Object;
use crate::schema::{Presence, Schema, Shape, Type};

/// The objects of the first one's kind, made at the fixture's time less an hour.
fn table(columns: Columns, objects: &[Value]) -> String {
    let object = |json: &Value| {
        let mut json = json.clone();
        json["metadata"]["creationTimestamp"] = json!(at(996_400).to_string());
        Resource::Stored(Object::try_from(json).unwrap())
    };
    let objects: Vec<Resource> = objects.iter().map(object).collect();
    let shown: Vec<&Resource> = objects.iter().collect();
    resource_table((objects[0].kind(), None), &shown, (columns, Names::Plain), now())
}

fn wide(object: Value) -> String {
    table(Columns::Wide, &[object])
}

fn narrow(object: Value) -> String {
    table(Columns::Narrow, &[object])
}

fn template() -> Value {
    json!({"metadata": {"labels": {"app": "web"}}, "spec": {"nodeSelector": {"disk": "fast"},
        "containers": [{"name": "a", "image": "nginx:1"}, {"name": "b", "image": "busybox"}]}})
}

fn selector() -> Value {
    json!({"matchLabels": {"app": "web"}})
}

#[test]
fn what_makes_pods() {
    let of = |kind: &str, spec: Value| {
        let version = if kind == "ReplicationController" { "v1" } else { "apps/v1" };
        wide(
            json!({"apiVersion": version, "kind": kind, "metadata": {"name": "web"}, "spec": spec}),
        )
    };
    let spec = json!({"replicas": 3, "selector": selector(), "template": template()});
    assert_snapshot!(of("ReplicaSet", spec.clone()), @r"
    NAME   DESIRED   CURRENT   READY   AGE   CONTAINERS   IMAGES            SELECTOR
    web    3         0         0       60m   a,b          nginx:1,busybox   app=web
    ");
    let mut old = spec.clone();
    old["selector"] = json!({"app": "web"});
    assert_snapshot!(of("ReplicationController", old), @r"
    NAME   DESIRED   CURRENT   READY   AGE   CONTAINERS   IMAGES            SELECTOR
    web    3         0         0       60m   a,b          nginx:1,busybox   app=web
    ");
    assert_snapshot!(of("StatefulSet", spec), @r"
    NAME   READY   AGE   CONTAINERS   IMAGES
    web    0/3     60m   a,b          nginx:1,busybox
    ");
    let every = json!({"selector": selector(), "template": template()});
    assert_snapshot!(of("DaemonSet", every), @r"
    NAME   DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE   CONTAINERS   IMAGES            SELECTOR
    web    0         0         0       0            0           disk=fast       60m   a,b          nginx:1,busybox   app=web
    ");
}

#[test]
fn what_runs_to_an_end() {
    let job = |status: Value| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "load"},
            "spec": {"completions": 3, "template": template()}, "status": status})
    };
    let started = at(999_000).to_string();
    let done = json!({"startTime": started, "completionTime": at(999_090).to_string(), "succeeded": 3,
        "conditions": [{"type": "Complete", "status": "True"}]});
    let runs = json!({"startTime": started, "succeeded": 1});
    let mut parallel = job(json!({}));
    parallel["spec"] = json!({"parallelism": 4, "selector": selector(), "template": template()});
    let all = [job(json!({})), job(runs), job(done), parallel];
    assert_snapshot!(table(Columns::Wide, &all), @r"
    NAME   STATUS     COMPLETIONS   DURATION   AGE   CONTAINERS   IMAGES            SELECTOR
    load   Running    0/3                      60m   a,b          nginx:1,busybox   <none>
    load   Running    1/3           16m        60m   a,b          nginx:1,busybox   <none>
    load   Complete   3/3           90s        60m   a,b          nginx:1,busybox   <none>
    load   Running    0/1 of 4                 60m   a,b          nginx:1,busybox   app=web
    ");
    let cron = json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"},
        "spec": {"schedule": "0 3 * * *", "suspend": false,
            "jobTemplate": {"spec": {"template": template()}}}});
    let mut zone = cron.clone();
    zone["spec"]["timeZone"] = json!("Europe/Berlin");
    zone["status"] = json!({"lastScheduleTime": started, "active": [{"name": "nightly-1"}]});
    assert_snapshot!(table(Columns::Wide, &[cron, zone]), @r"
    NAME      SCHEDULE    TIMEZONE        SUSPEND   ACTIVE   LAST SCHEDULE   AGE   CONTAINERS   IMAGES            SELECTOR
    nightly   0 3 * * *   <none>          False     0        <none>          60m   a,b          nginx:1,busybox   <none>
    nightly   0 3 * * *   Europe/Berlin   False     1        16m             60m   a,b          nginx:1,busybox   <none>
    ");
}

#[test]
fn how_calls_find_pods() {
    let ips: Vec<Value> = (1..5).map(|last| json!({"ip": format!("10.0.0.{last}")})).collect();
    let endpoints = json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web"},
        "subsets": [{"addresses": ips, "ports": [{"port": 80}]}]});
    let none = json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web"}});
    assert_snapshot!(table(Columns::Wide, &[endpoints, none]), @r"
    NAME   ENDPOINTS                                         AGE
    web    10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...   60m
    web    <none>                                            60m
    ");
    assert_snapshot!(wide(json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {"name": "web-x"}, "addressType": "IPv4", "ports": [{"port": 80}, {"name": "any"}],
        "endpoints": [{"addresses": ["10.0.0.1"]}]})), @r"
    NAME    ADDRESSTYPE   PORTS    ENDPOINTS   AGE
    web-x   IPv4          80,any   10.0.0.1    60m
    ");
    let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
    let ingress = |rules: Value, tls: Value| {
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web"},
            "spec": {"rules": rules, "tls": tls, "defaultBackend": backend}})
    };
    let hosts = |names: &[&str]| names.iter().map(|name| json!({"host": name})).collect::<Value>();
    let mut classed =
        ingress(hosts(&["a.example", "b.example", "c.example", "d.example"]), json!([{}]));
    classed["spec"]["ingressClassName"] = json!("nginx");
    classed["status"] =
        json!({"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}, {"hostname": "lb"}]}});
    let all = [classed, ingress(json!([{}]), json!([])), ingress(hosts(&["a.example"]), json!([]))];
    assert_snapshot!(table(Columns::Wide, &all), @r"
    NAME   CLASS    HOSTS                                       ADDRESS        PORTS     AGE
    web    nginx    a.example,b.example,c.example + 1 more...   192.0.2.1,lb   80, 443   60m
    web    <none>   *                                                          80        60m
    web    <none>   a.example                                                  80        60m
    ");
    assert_snapshot!(wide(json!({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
        "metadata": {"name": "nginx", "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}},
        "spec": {"controller": "k8s.io/ingress-nginx",
            "parameters": {"apiGroup": "example.com", "kind": "Setup", "name": "all"}}})), @r"
    NAME              CONTROLLER             PARAMETERS              AGE
    nginx (default)   k8s.io/ingress-nginx   Setup.example.com/all   60m
    ");
    assert_snapshot!(wide(json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "deny"}, "spec": {"podSelector": {}}})), @r"
    NAME   POD-SELECTOR   AGE
    deny   <none>         60m
    ");
}

#[test]
fn storage_and_secrets() {
    let volume = json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "disk-1"},
        "spec": {"capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteMany", "ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain", "storageClassName": "fast",
            "claimRef": {"namespace": "default", "name": "data"}}});
    assert_snapshot!(wide(volume), @r"
    NAME     CAPACITY   ACCESS MODES   RECLAIM POLICY   STATUS   CLAIM          STORAGECLASS   VOLUMEATTRIBUTESCLASS   REASON   AGE   VOLUMEMODE
    disk-1   5Gi        RWO,RWX        Retain                    default/data   fast           <unset>                          60m   <unset>
    ");
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "volumeMode": "Filesystem",
            "resources": {"requests": {"storage": "5Gi"}}}});
    let mut bound = claim.clone();
    bound["spec"]["volumeName"] = json!("disk-1");
    bound["status"] =
        json!({"phase": "Bound", "capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteOnce"]});
    assert_snapshot!(table(Columns::Wide, &[claim, bound]), @r"
    NAME   STATUS   VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   VOLUMEATTRIBUTESCLASS   AGE   VOLUMEMODE
    data                                                              <unset>                 60m   Filesystem
    data   Bound    disk-1   5Gi        RWO                           <unset>                 60m   Filesystem
    ");
    assert_snapshot!(wide(json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "example.com/disk"})), @r"
    NAME             PROVISIONER        RECLAIMPOLICY   VOLUMEBINDINGMODE   ALLOWVOLUMEEXPANSION   AGE
    fast (default)   example.com/disk   Delete          Immediate           false                  60m
    ");
    assert_snapshot!(wide(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"},
        "data": {"user": "YQ=="}, "stringData": {"user": "b", "password": "c"}})), @r"
    NAME    TYPE     DATA   AGE
    login   Opaque   2      60m
    ");
}

#[test]
fn rules_for_pods_at_large() {
    let metric = |spec: Value| json!({"type": "Resource", "resource": spec});
    let metrics = json!([
        metric(json!({"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}})),
        metric(json!({"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}})),
        {"type": "Pods", "pods": {"metric": {"name": "calls"},
            "target": {"type": "AverageValue", "averageValue": "10"}}},
    ]);
    assert_snapshot!(wide(json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"}, "spec": {"minReplicas": 1, "maxReplicas": 5, "metrics": metrics,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}})), @r"
    NAME   REFERENCE        TARGETS                                                 MINPODS   MAXPODS   REPLICAS   AGE
    web    Deployment/web   cpu: <unknown>/80%, memory: <unknown>/1Gi + 1 more...   1         5         0          60m
    ");
    assert_snapshot!(wide(json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": "web"}, "spec": {"minAvailable": "50%", "selector": selector()}})), @r"
    NAME   MIN AVAILABLE   MAX UNAVAILABLE   ALLOWED DISRUPTIONS   AGE
    web    50%             N/A               0                     60m
    ");
    assert_snapshot!(wide(json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
        "metadata": {"name": "high"}, "value": 1000, "preemptionPolicy": "Never"})), @r"
    NAME   VALUE   GLOBAL-DEFAULT   AGE   PREEMPTIONPOLICY
    high   1000    false            60m   Never
    ");
    let hard = json!({"pods": "10", "requests.cpu": "4", "limits.cpu": "8"});
    assert_snapshot!(wide(json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "all"},
        "spec": {"hard": hard}, "status": {"hard": hard, "used": {"pods": "3"}}})), @r"
    NAME   REQUEST                         LIMIT             AGE
    all    pods: 3/10, requests.cpu: 0/4   limits.cpu: 0/8   60m
    ");
    assert_snapshot!(wide(json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "all"},
        "spec": {"limits": []}})), @r"
    NAME   CREATED AT
    all    1970-01-12T12:46:40Z
    ");
    assert_snapshot!(wide(json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
        "metadata": {"name": "gvisor"}, "handler": "runsc"})), @r"
    NAME     HANDLER   AGE
    gvisor   runsc     60m
    ");
}

#[test]
fn what_happened() {
    let event = json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "web.17", "namespace": "default"},
        "involvedObject": {"kind": "Pod", "name": "web-1", "fieldPath": "spec.containers{a}"},
        "type": "Warning", "reason": "BackOff", "message": "restarting \n", "count": 4,
        "source": {"component": "kubelet", "host": "node-1"},
        "firstTimestamp": at(999_000).to_string(), "lastTimestamp": at(999_990).to_string()});
    assert_snapshot!(narrow(event.clone()), @r"
    LAST SEEN   TYPE      REASON    OBJECT      MESSAGE
    10s         Warning   BackOff   pod/web-1   restarting
    ");
    assert_snapshot!(wide(event), @r"
    LAST SEEN   TYPE      REASON    OBJECT      SUBOBJECT            SOURCE            MESSAGE      FIRST SEEN   COUNT   NAME
    10s         Warning   BackOff   pod/web-1   spec.containers{a}   kubelet, node-1   restarting   16m          4       web.17
    ");
}

#[test]
fn what_speaks_to_an_api_server() {
    let role =
        json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"});
    let subjects = json!([{"kind": "User", "name": "ann"}, {"kind": "Group", "name": "ops"},
        {"kind": "ServiceAccount", "namespace": "shop", "name": "bot"}]);
    assert_snapshot!(wide(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": "view"}, "roleRef": role, "subjects": subjects})), @r"
    NAME   ROLE               AGE   USERS   GROUPS   SERVICEACCOUNTS
    view   ClusterRole/view   60m   ann     ops      shop/bot
    ");
    assert_snapshot!(wide(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": "view"}, "rules": []})), @r"
    NAME   CREATED AT
    view   1970-01-12T12:46:40Z
    ");
    assert_snapshot!(wide(json!({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": "v1.example.com"}, "spec": {"groupPriorityMinimum": 1, "versionPriority": 1,
            "service": {"namespace": "shop", "name": "api"}}})), @r"
    NAME             SERVICE    AVAILABLE   AGE
    v1.example.com   shop/api   Unknown     60m
    ");
}

/// The least that an object of a type can hold.
fn least(of: &Type<'_>) -> Value {
    match (of.shape(), of.label().as_str()) {
        (Shape::List(_), _) => json!([]),
        (Shape::Map(_), _) => json!({}),
        (Shape::Single, "string" | "IntOrString" | "Quantity") => json!(""),
        (Shape::Single, "integer" | "number") => json!(0),
        (Shape::Single, "boolean") => json!(false),
        (Shape::Single, _) => {
            let required = of.fields().into_iter().filter(|it| it.presence == Presence::Required);
            required.map(|field| (field.name.to_owned(), least(&field.content))).collect::<Value>()
        }
    }
}

#[test]
fn an_object_that_says_nothing_has_a_row_in_every_kind() {
    for kind in Kind::read() {
        let mut object = least(&Schema::of(kind).root());
        object["apiVersion"] = json!(kind.api_version());
        object["kind"] = json!(kind.object());
        object["metadata"] = json!({"name": "nothing"});
        for columns in [Columns::Narrow, Columns::Wide] {
            let text = table(columns, std::slice::from_ref(&object));
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines.len(), 2, "{kind}: {text}");
            // A kind without columns of its own is what was forgotten.
            assert!(lines[0] != "NAME   AGE", "{kind}");
            let named =
                lines[1].contains("nothing") || (kind, columns) == (Kind::Event, Columns::Narrow);
            assert!(named, "{kind}: {text}");
        }
    }
}
