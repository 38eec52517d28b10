//! Containers, and what init containers and sidecars are made of as well.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Ground;
use super::field::{
    ABSENT, field_ref, flag, list, maybe, object, one_of, resource_ref, seldom, some_of, sure,
};
use super::probe::probes;
use super::volume::{devices, mounts};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Main,
    Init,
    Sidecar,
}

pub(super) fn container(
    name: &'static str,
    role: Role,
    (volumes, number): (&[String], u16),
    ground: Ground,
) -> BoxedStrategy<Value> {
    let command = match role {
        Role::Init => json!(["true"]),
        Role::Main | Role::Sidecar => json!(["sh", "-c", "trap exit TERM; sleep 10000 & wait"]),
    };
    let sidecar = if role == Role::Sidecar { sure(json!("Always")) } else { sure(ABSENT) };
    let terminal = |value| if role == Role::Init { sure(ABSENT) } else { maybe(value) };
    let mut fields = vec![
        ("name", sure(json!(name))),
        ("image", sure(json!("busybox:1.36"))),
        ("imagePullPolicy", maybe(one_of(json!(["IfNotPresent", "Always"])))),
        ("command", sure(command)),
        ("args", maybe(sure(json!(["$(ONE)", "$$(ONE)", "with space"])))),
        ("workingDir", maybe(sure(json!("/tmp")))),
        ("env", maybe(environment())),
        ("envFrom", maybe(environment_from())),
        ("stdin", terminal(flag())),
        ("stdinOnce", terminal(flag())),
        ("tty", terminal(flag())),
        ("terminationMessagePath", maybe(one_of(json!(["/dev/termination-log", "/tmp/last"])))),
        ("terminationMessagePolicy", maybe(one_of(json!(["File", "FallbackToLogsOnError"])))),
        ("resources", resources(ground)),
        ("securityContext", maybe(security(ground))),
        ("volumeMounts", mounts(volumes)),
        ("volumeDevices", devices(volumes)),
        ("restartPolicy", sidecar),
        ("ports", if role == Role::Init { sure(ABSENT) } else { maybe(ports(number)) }),
    ];
    if role != Role::Init {
        fields.push(("lifecycle", maybe(lifecycle(ground))));
        fields.extend(probes(ground));
    }
    object(fields)
}

pub(super) fn environment() -> BoxedStrategy<Value> {
    let key = |kind: &'static str, name: &'static str| {
        let optional = maybe(flag());
        object(vec![
            ("name", sure(json!(name))),
            ("key", sure(json!("one"))),
            ("optional", optional),
        ])
        .prop_map(move |from| json!({kind: from}))
        .boxed()
    };
    let from = |name: &'static str, from: BoxedStrategy<Value>| {
        from.prop_map(move |from| json!({"name": name, "valueFrom": from})).boxed()
    };
    let variables: Vec<BoxedStrategy<Value>> = vec![
        sure(json!({"name": "ONE", "value": "one"})),
        sure(json!({"name": "TWO", "value": "$(ONE) and $$(ONE)"})),
        from("CONFIG", key("configMapKeyRef", "config")),
        from("SECRET", key("secretKeyRef", "secret")),
        from("FIELD", field_ref().prop_map(|field| json!({"fieldRef": field})).boxed()),
        from("RESOURCE", resource_ref().prop_map(|of| json!({"resourceFieldRef": of})).boxed()),
    ];
    (variables, 1..=6_usize)
        .prop_map(|(mut all, count)| {
            all.truncate(count);
            Value::Array(all)
        })
        .boxed()
}

pub(super) fn environment_from() -> BoxedStrategy<Value> {
    let of = |kind: &'static str, name: &'static str| {
        let source = object(vec![("name", sure(json!(name))), ("optional", maybe(flag()))]);
        object(vec![(kind, source), ("prefix", maybe(sure(json!("A_"))))])
    };
    list(prop_oneof![of("configMapRef", "config"), of("secretRef", "secret")].boxed(), 2)
}

pub(super) fn ports(number: u16) -> BoxedStrategy<Value> {
    object(vec![
        ("containerPort", sure(json!(10_000 + number))),
        ("hostPort", seldom(sure(json!(10_000 + number)))),
        ("hostIP", sure(ABSENT)),
        ("name", maybe(sure(json!(format!("p{number}"))))),
        ("protocol", maybe(one_of(json!(["TCP", "UDP"])))),
    ])
    .prop_flat_map(|port| {
        let host = if port.get("hostPort").is_some() { json!("127.0.0.1") } else { ABSENT };
        prop_oneof![Just(ABSENT), Just(host)].prop_map(move |host| {
            let mut port = port.clone();
            if !host.is_null() {
                port["hostIP"] = host;
            }
            json!([port])
        })
    })
    .boxed()
}

pub(super) fn resources(ground: Ground) -> BoxedStrategy<Value> {
    let amounts = |cpu: Value, memory: Value| {
        object(vec![("cpu", maybe(one_of(cpu))), ("memory", maybe(one_of(memory)))])
    };
    let requests = amounts(json!(["1m", "10m", "0.02"]), json!(["1Mi", "2Mi"]));
    // What is limited and not requested is requested, and a real host has only so much.
    let limits = match ground {
        Ground::Simulated => object(vec![
            ("cpu", maybe(one_of(json!(["500m", "1", 2])))),
            ("memory", one_of(json!(["64Mi", "128M", "0.5Gi"]))),
            ("hugepages-2Mi", seldom(one_of(json!(["2Mi", "4Mi"])))),
            ("example.org/any", seldom(one_of(json!([1, "1"])))),
        ]),
        Ground::Real => amounts(json!(["20m", "0.03"]), json!(["64Mi", "32M"])),
    };
    maybe(object(vec![("requests", maybe(requests)), ("limits", maybe(limits))]))
}

pub(super) fn security(ground: Ground) -> BoxedStrategy<Value> {
    let capabilities = object(vec![
        ("add", maybe(some_of(json!(["NET_ADMIN", "SYS_TIME"])))),
        ("drop", maybe(some_of(json!(["CHOWN", "MKNOD"])))),
    ]);
    let mut fields = vec![
        ("runAsUser", maybe(one_of(json!([0, 1000, 65534])))),
        ("runAsGroup", maybe(one_of(json!([0, 3000])))),
        ("runAsNonRoot", maybe(flag())),
        ("readOnlyRootFilesystem", maybe(flag())),
        ("allowPrivilegeEscalation", maybe(flag())),
        ("privileged", seldom(flag())),
        ("capabilities", maybe(capabilities)),
        ("procMount", maybe(one_of(json!(["Default"])))),
    ];
    fields.extend(confined(ground));
    object(fields)
}

pub(super) fn lifecycle(ground: Ground) -> BoxedStrategy<Value> {
    let get = object(vec![
        ("path", maybe(sure(json!("/any")))),
        ("port", sure(json!(10_000))),
        ("host", maybe(sure(json!("127.0.0.1")))),
        ("scheme", maybe(one_of(json!(["HTTP", "HTTPS"])))),
        ("httpHeaders", maybe(sure(json!([{"name": "X-Any", "value": "any"}])))),
    ]);
    let harmless =
        [sure(json!({"exec": {"command": ["true"]}})), sure(json!({"sleep": {"seconds": 0}}))];
    // Nobody answers: what is there is only for looking at.
    let http = get.prop_map(|get| json!({"httpGet": get})).boxed();
    let handler = move || match ground {
        Ground::Simulated => {
            prop_oneof![harmless[0].clone(), harmless[1].clone(), http.clone()].boxed()
        }
        Ground::Real => prop_oneof![harmless[0].clone(), harmless[1].clone()].boxed(),
    };
    object(vec![
        ("postStart", maybe(handler())),
        ("preStop", maybe(handler())),
        ("stopSignal", maybe(one_of(json!(["SIGTERM", "SIGUSR1"])))),
    ])
}

pub(super) fn confined(ground: Ground) -> [(&'static str, BoxedStrategy<Value>); 3] {
    let of_host = |of_host: Value, without: Value| match ground {
        Ground::Simulated => maybe(prop_oneof![one_of(without), sure(of_host)].boxed()),
        Ground::Real => maybe(one_of(without)),
    };
    let label =
        json!({"level": "s0:c1,c2", "role": "system_r", "type": "container_t", "user": "system_u"});
    let seccomp = json!([{"type": "RuntimeDefault"}, {"type": "Unconfined"}]);
    [
        (
            "seccompProfile",
            of_host(json!({"type": "Localhost", "localhostProfile": "any.json"}), seccomp),
        ),
        (
            "appArmorProfile",
            of_host(
                json!({"type": "Localhost", "localhostProfile": "any"}),
                json!([{"type": "Unconfined"}]),
            ),
        ),
        ("seLinuxOptions", of_host(label, json!([ABSENT]))),
    ]
}
