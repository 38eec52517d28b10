//! What sig-scheduling asks for.

use super::{comes, fields};
use crate::fleet::{Fleet, Ran};

fn pod(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  terminationGracePeriodSeconds: 0\n  {spec}\n"
    )
}

/// How long is waited for a pod that has no place.
const BRIEFLY: &str = "2s";

fn apply(fleet: &Fleet, name: &str, spec: &str, patience: &str) -> Ran {
    let manifest = fleet.write(&format!("{name}.yaml"), &pod(name, spec));
    fleet.bowline(&["apply", "-f", &manifest, "--auto-approve", "--timeout", patience])
}

fn gone(fleet: &Fleet, names: &[&str]) {
    fleet.bowline(&[&["delete", "pod", "--auto-approve"], names].concat()).ends(0);
}

const MAIN: &str = "containers: [{name: main, image: \"busybox:1.36\", command: [sleep, inf]";

pub(super) fn places(fleet: &Fleet) {
    let selector = "nodeSelector: {kubernetes.io/hostname: node-2}";
    apply(fleet, "chosen", &format!("{selector}\n  {MAIN}}}]"), "60s").ends(0);
    assert_eq!(fields(fleet, "chosen", &[".spec.nodeName"]), "node-2");
    fleet.holds(119, "Scheduler, node selector matching");
    for (name, wanted) in [("must", "node-1"), ("rather", "node-2")] {
        let term =
            format!("{{matchFields: [{{key: metadata.name, operator: In, values: [{wanted}]}}]}}");
        let affinity = match name {
            "must" => format!(
                "requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{term}]}}"
            ),
            _ => format!(
                "preferredDuringSchedulingIgnoredDuringExecution: [{{weight: 1, preference: {term}}}]"
            ),
        };
        let affinity = format!("affinity: {{nodeAffinity: {{{affinity}}}}}");
        apply(fleet, name, &format!("{affinity}\n  {MAIN}}}]"), "60s").ends(0);
        assert_eq!(fields(fleet, name, &[".spec.nodeName"]), wanted);
    }
    let pending = |name: &str, ran: Ran, words: &str| {
        assert!(ran.exit != 0 && ran.all().contains(words), "{}", ran.all());
        assert_eq!(fields(fleet, name, &[".status.phase", ".spec.nodeName"]).trim(), "Pending");
    };
    let ran =
        apply(fleet, "choosy", &format!("nodeSelector: {{label: nonempty}}\n  {MAIN}}}]"), BRIEFLY);
    pending("choosy", ran, "didn't match Pod's node affinity/selector");
    fleet.holds(120, "Scheduler, node selector not matching");
    let ran = apply(
        fleet,
        "large",
        &format!("{MAIN}, resources: {{requests: {{cpu: 500}}}}}}]"),
        BRIEFLY,
    );
    pending("large", ran, "Insufficient cpu");
    fleet.holds(118, "Scheduler, resource limits");
    gone(fleet, &["chosen", "choosy", "large", "must", "rather"]);
}

/// A port that is open at every address of a host is open at each of them.
pub(super) fn ports(fleet: &Fleet) {
    let selected = |port: &str| {
        let selector = "nodeSelector: {kubernetes.io/hostname: node-1}";
        format!("{selector}\n  {MAIN}, ports: [{{containerPort: 80, {port}}}]}}]")
    };
    apply(fleet, "everywhere", &selected("hostPort: 54322"), "60s").ends(0);
    let ran = apply(fleet, "there", &selected("hostPort: 54322, hostIP: 10.68.0.11"), BRIEFLY);
    let words = "didn't have free ports for the requested pod ports";
    assert!(ran.exit != 0 && ran.all().contains(words), "{}", ran.all());
    fleet.holds(
        121,
        "Scheduling, HostPort and Protocol match, HostIPs different but one is default HostIP (0.0.0.0)",
    );
    gone(fleet, &["everywhere", "there"]);
    one_port_at_different_addresses(fleet);
}

/// Answers every datagram with the name of the machine. busybox has nothing that does, so it runs by the host's perl.
const ANSWER: &str = "use Socket; socket(S, PF_INET, SOCK_DGRAM, 0); bind(S, pack_sockaddr_in(8080, INADDR_ANY)); \
                      while ($a = recv(S, $_, 9, 0)) { send(S, `hostname`, 0, $a) }";

/// Prints the answer of an address and a port to a datagram, or nothing after three seconds.
const ASK: &str = "use Socket; alarm 3; socket(S, PF_INET, SOCK_DGRAM, 0); \
                   send(S, 1, 0, pack_sockaddr_in($ARGV[1], inet_aton($ARGV[0]))); recv(S, $_, 99, 0); print";

/// Something at an address of its host alone, and that it is there.
const LISTEN: &str = "cd /srv; setsid python3 -m http.server 54324 --bind 127.0.0.9 >/dev/null 2>&1 & \
                      curl -sf -o /dev/null --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.9:54324/";

/// What another host does to reach it, free of our rules; it prints curl's word, which is 28 where nobody answers.
const REACH: &str = "nft flush chain ip bowline loopback; ip rule add pref 10 lookup local; ip rule del pref 0; \
                     ip rule add pref 5 to 127.0.0.9 lookup 77; ip route replace 127.0.0.9 via 10.68.0.11 table 77; \
                     curl -s -o /dev/null -m 3 --interface 10.68.0.12 http://127.0.0.9:54324/; echo $?; \
                     ip rule add pref 0 lookup local; ip rule del pref 5; ip rule del pref 10";

/// One port at 127.0.0.1, at the host's address, and there by UDP: three pods on one host, each reached by its own.
fn one_port_at_different_addresses(fleet: &Fleet) {
    let selector = "nodeSelector: {kubernetes.io/hostname: node-1}";
    let there = "10.68.0.11";
    for (name, port) in [
        ("loopback", "hostPort: 54323, hostIP: 127.0.0.1, protocol: TCP".to_owned()),
        ("address", format!("hostPort: 54323, hostIP: {there}, protocol: TCP")),
        ("datagrams", format!("hostPort: 54323, hostIP: {there}, protocol: UDP")),
    ] {
        let serve = r#"mkdir /w; hostname >/w/hostname; httpd -p 8080 -h /w; exec chroot /host perl -e "$0""#;
        let main = MAIN.replace("[sleep, inf]", &format!("[sh, -c, '{serve}', '{ANSWER}']"));
        let mount = "volumeMounts: [{name: host, mountPath: /host, readOnly: true}]";
        let volume = "volumes: [{name: host, hostPath: {path: /}}]";
        let main = format!("{main}, {mount}, ports: [{{containerPort: 8080, {port}}}]}}]");
        let spec = format!("{selector}\n  {volume}\n  {main}");
        apply(fleet, name, &spec, "60s").ends(0);
    }
    let ask = |address: &str| {
        let line = format!("curl -s -m 5 http://{address}:54323/hostname; true");
        fleet.on("node-1", &line).trim().to_owned()
    };
    comes("loopback", || ask("127.0.0.1"));
    comes("address", || ask(there));
    let line = format!("perl -e '{ASK}' {there} 54323");
    comes("datagrams", || fleet.on("node-1", &line).trim().to_owned());
    fleet.on("node-1", LISTEN);
    assert_eq!(fleet.on("node-2", REACH).trim(), "28", "a host reaches the 127.0.0.9 of another");
    fleet.holds(85, "Scheduling, HostPort matching and HostIP and Protocol not-matching");
    fleet.on("node-1", "systemctl restart nftables.service");
    comes("address", || ask(there));
    comes("loopback", || ask("127.0.0.1"));
    // The rules of podman's own network are not ours.
    fleet.on("node-1", "podman network reload --all");
    gone(fleet, &["loopback", "address", "datagrams"]);
}

/// What was said, in one line.
fn unfolded(ran: &Ran) -> String {
    let all = ran.all();
    all.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

const LIMITS: &str = "apiVersion: v1
kind: LimitRange
metadata: {name: limits}
spec:
  limits:
    - type: Container
      min: {cpu: 50m, memory: 100Mi, ephemeral-storage: 100Mi}
      max: {cpu: 500m, memory: 500Mi, ephemeral-storage: 500Mi}
      default: {cpu: 500m, memory: 500Mi, ephemeral-storage: 500Mi}
      defaultRequest: {cpu: 100m, memory: 200Mi, ephemeral-storage: 200Mi}
      maxLimitRequestRatio: {cpu: 10}
    - {type: Pod, max: {memory: 900Mi}}
    - {type: PersistentVolumeClaim, max: {storage: 1Gi}}
";

/// What a `LimitRange` fills in and refuses, before it is changed, after, and when it is gone.
pub(super) fn limits(fleet: &Fleet) {
    let range = fleet.write("limits.yaml", LIMITS);
    fleet.bowline(&["apply", "-f", &range, "--auto-approve"]).ends(0);
    let filled = fleet.field("limitrange", "limits", ".spec.limits[0].defaultRequest.memory");
    assert_eq!(filled, "200Mi");
    let asks = |resources: &str| format!("{MAIN}, resources: {{{resources}}}}}]");
    apply(fleet, "no-resources", &asks(""), "90s").ends(0);
    let some = "requests: {memory: 150Mi, ephemeral-storage: 150Mi}, limits: {cpu: 300m}";
    apply(fleet, "some-resources", &asks(some), "90s").ends(0);
    for (pod, requests, limits) in [
        ("no-resources", ["100m", "200Mi", "200Mi"], ["500m", "500Mi", "500Mi"]),
        ("some-resources", ["300m", "150Mi", "150Mi"], ["300m", "500Mi", "500Mi"]),
    ] {
        for (list, amounts) in [("requests", requests), ("limits", limits)] {
            for (name, amount) in ["cpu", "memory", "ephemeral-storage"].iter().zip(amounts) {
                let path = format!(".spec.containers[0].resources.{list}.{name}");
                assert_eq!(fields(fleet, pod, &[&path]), amount, "{pod} {list}.{name}");
            }
        }
    }
    let line = "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes cpu/cpu.shares";
    let seen = fleet.exec("no-resources", "main", line).ends(0).stdout;
    assert_eq!(seen.split_whitespace().collect::<Vec<_>>(), ["524288000", "102"]);

    let small = asks("requests: {cpu: 10m, memory: 50Mi, ephemeral-storage: 50Mi}");
    let large = asks("requests: {cpu: 600m, memory: 600Mi, ephemeral-storage: 600Mi}");
    let refuses = |spec: &str, words: &str| {
        let said = unfolded(&apply(fleet, "bounded", spec, BRIEFLY).ends(1));
        assert!(said.contains(words), "{said}");
    };
    refuses(&small, "minimum cpu usage per Container is 50m, but request is 10m");
    refuses(&large, "maximum cpu usage per Container is 500m, but request is 600m");
    let ratio = asks("requests: {cpu: 45m}, limits: {cpu: 500m}").replace("45m", "49m");
    refuses(
        &ratio,
        "cpu max limit to request ratio per Container is 10, but provided ratio is 10.204082",
    );
    let two =
        small.replace("containers: [", "containers: [{name: other, image: \"busybox:1.36\"}, ");
    refuses(&two, "maximum memory usage per Pod is 900Mi, but limit is 1000Mi");
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: large}\nspec:\n  accessModes: [ReadWriteOnce]\n  resources: {requests: {storage: 2Gi}}\n";
    let claim = fleet.write("large-claim.yaml", claim);
    let said = unfolded(&fleet.bowline(&["apply", "-f", &claim, "--auto-approve"]).ends(1));
    let words = "maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi";
    assert!(said.contains(words), "{said}");

    let changed = LIMITS.replace(
        "50m, memory: 100Mi, ephemeral-storage: 100Mi",
        "9m, memory: 49Mi, ephemeral-storage: 49Mi",
    );
    fleet.write(
        "limits.yaml",
        &changed.replace("maxLimitRequestRatio: {cpu: 10}", "maxLimitRequestRatio: {cpu: 50}"),
    );
    fleet.bowline(&["apply", "-f", &range, "--auto-approve"]).ends(0);
    apply(fleet, "bounded", &small, "90s").ends(0);
    refuses(&large, "maximum cpu usage per Container is 500m, but request is 600m");
    fleet.bowline(&["delete", "limitrange", "limits", "--auto-approve"]).ends(0);
    apply(fleet, "unbounded", &large, "90s").ends(0);
    assert_eq!(fields(fleet, "unbounded", &[".spec.containers[0].resources.limits"]), "");
    assert_eq!(
        fields(fleet, "no-resources", &[".spec.containers[0].resources.limits.cpu"]),
        "500m"
    );
    fleet.holds(117, "LimitRange, resources");
    gone(fleet, &["bounded", "no-resources", "some-resources", "unbounded"]);
}
