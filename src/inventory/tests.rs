//! Whole inventories, and what people see of what is wrong with them.

mod keys;

use std::path::Path;

use insta::assert_snapshot;

use super::*;
use crate::document::{Report, Source};

fn home() -> Home {
    Home { inventory: "/fleet".into(), user: Some("/home/me".into()) }
}

fn read(text: &str) -> Result<Inventory, Report> {
    parse(&Source::new("inventory.yaml", text), &home())
}

/// What a person sees of everything that is wrong.
fn refused(text: &str) -> String {
    let mut out = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
        .with_width(100)
        .render_report(&mut out, &read(text).unwrap_err())
        .unwrap();
    out
}

/// One line for each thing that is wrong.
fn lines(text: &str) -> String {
    let report = read(text).unwrap_err();
    let line = |finding: &crate::document::Finding| {
        let (line, column) = finding.source.position(finding.span.start);
        let help = finding.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{line}:{column} {finding}{help}\n")
    };
    report.findings.iter().map(line).collect()
}

fn ssh(host: &Host) -> &SshSettings {
    match &host.connection {
        Connection::Ssh(ssh) => ssh,
        Connection::Local(_) => panic!("{} is local", host.name),
    }
}

#[test]
fn the_example_is_read_as_it_says() {
    let fleet = read(include_str!("../../inventory.example.yaml")).unwrap();
    let host = |name: &str| &fleet.hosts[&NodeName::new(name)];

    let web = ssh(host("web-1"));
    assert_eq!((web.address.as_str(), web.port, web.user.as_str()), ("192.0.2.11", 2222, "root"));
    assert_eq!(web.identity_files, [Path::new("/home/me/.ssh/id_ed25519")]);
    assert_eq!(web.privilege, Privilege::Direct);
    let labels: Vec<String> =
        host("web-1").labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(labels, ["kubernetes.io/hostname=web-1", "tier=front", "zone=a"]);

    let db = ssh(host("db-1"));
    assert_eq!((db.user.as_str(), db.privilege), ("admin", Privilege::Sudo));
    assert_eq!(db.identity_files, [Path::new("/fleet/keys/db"), Path::new("/fleet/keys/db-old")]);
    let taints: Vec<String> = host("db-1").taints.iter().map(ToString::to_string).collect();
    assert_eq!(taints, ["dedicated=db:NoSchedule", "disk=slow:PreferNoSchedule"]);
    let capacity = CapacityOverride {
        cpu_milli: Some(4000),
        memory_bytes: Some(8 << 30),
        pods: Some(30),
        further: [("nvidia.com/gpu".to_owned(), 2)].into(),
    };
    assert_eq!(host("db-1").capacity, capacity);
    let reserved = Resources { cpu_milli: 500, memory_bytes: 512 << 20, pods: 0 };
    assert_eq!(host("db-1").reserved, reserved);

    let large = fleet.sizes["large"].host("new-1".into());
    assert_eq!(large.capacity.cpu_milli, Some(16_000));
    assert_eq!((large.reserved.memory_bytes, large.labels["tier"].as_str()), (1 << 30, "front"));

    assert_eq!(host("here").connection, Connection::Local(Privilege::Direct));
    assert_eq!(host("web-2").internal_address, Some(Ipv4Addr::new(10, 0, 0, 12)));
}

#[test]
fn the_least_inventory_has_every_default() {
    let fleet = read("fleet: lab\nhosts:\n  node-1:\n    address: 10.42.0.11\n").unwrap();
    assert_eq!(fleet.network.pod_cidr.to_string(), "10.100.0.0/16");
    assert_eq!(fleet.unreachable_after, Duration::from_mins(5));
    assert_eq!(fleet.scheduling, Profiles::default());
    let settings = ssh(&fleet.hosts[&NodeName::new("node-1")]);
    assert_eq!((settings.port, settings.user.as_str()), (22, "root"));
    assert_eq!(settings.connect_timeout, Duration::from_secs(10));
    assert!(settings.identity_files.is_empty());
}

#[test]
fn the_later_group_wins_and_the_host_over_both() {
    let fleet = read(
        "fleet: f
groups:
  one: {labels: {a: one, b: one, c: one}, ssh: {user: one, port: 1}, taints: [\"t=one:NoSchedule\"]}
  two: {labels: {b: two, c: two}, ssh: {user: two}, taints: [\"t=two:NoSchedule\", \"t:NoExecute\"]}
hosts:
  h: {address: h, groups: [one, two], labels: {c: own}}
",
    )
    .unwrap();
    let host = &fleet.hosts[&NodeName::new("h")];
    let of = |key: &str| host.labels[key].as_str();
    assert_eq!((of("a"), of("b"), of("c")), ("one", "two", "own"));
    assert_eq!((ssh(host).user.as_str(), ssh(host).port), ("two", 1));
    let taints: Vec<String> = host.taints.iter().map(ToString::to_string).collect();
    assert_eq!(taints, ["t=two:NoSchedule", "t:NoExecute"]);
}

#[test]
fn a_misspelt_key_is_shown_in_its_place() {
    assert_snapshot!(refused("fleet: shop\nhosts:\n  web-1:\n    adress: 10.0.0.1\n"), @"
          x 1 error

        Error: unknown-field

          x unknown field `adress` in hosts.web-1
           ,-[inventory.yaml:4:5]
         3 |   web-1:
         4 |     adress: 10.0.0.1
           :     ^^^|^^
           :        `-- unknown field
           `----
          help: did you mean `address`?
        ");
}

#[test]
fn everything_wrong_is_told_at_once() {
    assert_snapshot!(lines("fleet: Shop
unreachableAfter: 5
network: {podCIDR: 10.0.0.0/16, hostPrefix: 17, serviceCIDR: 10.0.1.0/24}
ssh: {port: 0, connectTimeout: 0s, identityFile: ~you/key, user: -x}
groups:
  web: {taints: [x], labels: {a b: c}}
hosts:
  Web_1: {address: 192.0.2.1, groups: [wbe]}
  web: {address: root@192.0.2.2:22}
  two: {address: 192.0.2.1, internalAddress: 10.0.0.7, capacity: {cpu: many, memry: 1, bowline/gpu-milli: 1}}
  three: {internalAddress: x, groups: [web]}
  four: {connection: locl}
"), @r#"
        1:8 fleet: `Shop` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit
        2:19 unreachableAfter: `5` is not a span of time: write numbers with units h, m, s or ms, such as 30s, 5m or 1h30m
        3:45 network.hostPrefix: 10.0.0.0/16 has 2 parts of prefix 17, too few for 5 hosts (widen podCIDR, or raise hostPrefix so that each host gets less)
        3:62 network.serviceCIDR: 10.0.1.0/24 overlaps with 10.0.0.0/16, the range of the pods
        4:13 ssh.port: must be a port number from 1 to 65535
        4:32 ssh.connectTimeout: must be more than 0
        4:50 ssh.identityFile: `~you/key` names another user's home directory: write the path in full
        4:66 ssh.user: `-x` is not a user's name
        6:9 groups.web: a host has this name too
        6:18 groups.web.taints[0]: `x` is not a taint: write key=value:Effect or key:Effect, where Effect is NoSchedule, PreferNoSchedule or NoExecute
        6:36 groups.web.labels[a b]: `a b` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit
        8:3 hosts.Web_1: `Web_1` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit
        8:40 hosts.Web_1.groups[0]: there is no group `wbe` (did you mean `web`?)
        9:18 hosts.web.address: `root@192.0.2.2:22` is neither an IP address nor a host name (the user and the port have keys of their own, under `ssh`)
        10:18 hosts.two.address: another host has the address `192.0.2.1`
        10:46 hosts.two.internalAddress: `10.0.0.7` is in 10.0.0.0/16, the range of the pods
        10:72 hosts.two.capacity.cpu: `many` is not a quantity: write a number with an optional suffix such as m, k, M, G, Ki, Mi, Gi
        10:78 hosts.two.capacity.memry: `memry` is no resource of hosts: these are cpu, memory, pods, ephemeral-storage and names with a `/` (did you mean `memory`?)
        10:88 hosts.two.capacity[bowline/gpu-milli]: `bowline/gpu-milli` is had by all that have nvidia.com/gpu (say how many whole ones there are: nvidia.com/gpu: 1)
        11:3 hosts.three.address: is required (give an address, or `connection: local` for this machine)
        11:28 hosts.three.internalAddress: `x` is not an IPv4 address
        12:22 hosts.four.connection: `locl` is none of `ssh`, `local` (did you mean `local`?)
        "#);
}

#[test]
fn amounts_that_no_host_can_have_are_told() {
    assert_snapshot!(lines("fleet: f
groups:
  g: {reserved: {memory: 8Gi}}
hosts:
  a: {address: 192.0.2.1, capacity: {nvidia.com/gpu: 1.5, pods: 0.5, cpu: 0.5}}
  b: {address: 192.0.2.2, capacity: {gpu: 2, Gpus: 1}}
  c: {address: 192.0.2.3, capacity: {cpu: 2, memory: 4Gi, pods: 10}, reserved: {cpu: 2500m, pods: 10}, groups: [g]}
"), @"
    5:54 hosts.a.capacity[nvidia.com/gpu]: `1.5` is not a whole number
    5:65 hosts.a.capacity.pods: `0.5` is not a whole number
    6:38 hosts.b.capacity.gpu: `gpu` is no resource of hosts: these are cpu, memory, pods, ephemeral-storage and names with a `/` (did you mean `nvidia.com/gpu`?)
    6:46 hosts.b.capacity.Gpus: `Gpus` is no resource of hosts: these are cpu, memory, pods, ephemeral-storage and names with a `/` (did you mean `nvidia.com/gpu`?)
    7:70 hosts.c.reserved.memory: is more than the capacity
    7:86 hosts.c.reserved.cpu: is more than the capacity
    ");
}

#[test]
fn what_does_not_fit_together_is_told() {
    assert_snapshot!(lines("fleet: f
hosts:
  a: {connection: local, address: 192.0.2.1}
  b: {connection: local, internalAddress: 10.0.0.1}
  c: {address: 192.0.2.3, internalAddress: 10.0.0.1}
"), @"
        3:35 hosts.a.address: a local host is not logged in to (say how others reach it with `internalAddress`)
        4:19 hosts.b.connection: another host has the local connection
        5:44 hosts.c.internalAddress: another host has the address `10.0.0.1`
        ");
    assert_snapshot!(lines(""), @"1:1 the inventory is empty (begin with `fleet: NAME` and `hosts:`)");
    assert_snapshot!(lines("fleet: f\n---\nfleet: g\n"), @"3:1 an inventory is one document; this is a second");
}

#[test]
fn a_size_says_what_a_host_would_offer() {
    assert_snapshot!(lines("fleet: f
sizes:
  web: {capacity: {cpu: 4, memory: 8Gi}}
  2xlarge: {capacity: {cpu: 4, memory: 8Gi}}
  small: {capacity: {cpu: many}, taints: [x], address: h}
  none:
hosts:
  web: {address: 192.0.2.1}
"), @"
    3:9 sizes.web: a host has this name too
    4:13 sizes.2xlarge: `2xlarge` would be 2 hosts of the size `large`
    5:22 sizes.small.capacity: does not say how much memory (say for instance `capacity: {cpu: 8, memory: 32Gi}`)
    5:27 sizes.small.capacity.cpu: `many` is not a quantity: write a number with an optional suffix such as m, k, M, G, Ki, Mi, Gi
    5:43 sizes.small.taints[0]: `x` is not a taint: write key=value:Effect or key:Effect, where Effect is NoSchedule, PreferNoSchedule or NoExecute
    5:47 unknown field `address` in sizes.small (the fields here are labels, taints, capacity, reserved, overcommit)
    6:3 sizes.none.capacity: does not say how much cpu (say for instance `capacity: {cpu: 8, memory: 32Gi}`)
    6:3 sizes.none.capacity: does not say how much memory (say for instance `capacity: {cpu: 8, memory: 32Gi}`)
    ");
}

#[test]
fn patterns_choose_hosts() {
    let fleet = read(include_str!("../../inventory.example.yaml")).unwrap();
    let chosen = |pattern: &str| {
        let names = fleet.select(pattern).map_err(|error| error.to_string())?;
        Ok::<String, String>(names.iter().map(NodeName::as_str).collect::<Vec<_>>().join(" "))
    };
    for (pattern, names) in [
        ("*", "db-1 here web-1 web-2"),
        ("web", "web-1 web-2"),
        ("web,!web-2", "web-1"),
        ("!web", "db-1 here"),
        ("*-1,here", "db-1 here web-1"),
        ("d?-1", "db-1"),
    ] {
        assert_eq!(chosen(pattern).unwrap(), names, "{pattern}");
    }
    assert_eq!(chosen("wbe").unwrap_err(), "`wbe` names no host and no group of the inventory");
    assert_eq!(chosen("web,!web").unwrap_err(), "`web,!web` leaves no host");
}

#[test]
fn a_profile_says_how_hosts_are_chosen_and_weights_say_otherwise() {
    let with = |scheduling: &str| {
        let text = format!("fleet: a\nscheduling: {scheduling}\nhosts: {{b: {{address: c}}}}\n");
        read(&text).map(|inventory| inventory.scheduling.own)
    };
    assert_eq!(with("{profile: binpack}").unwrap(), Scheduling::BINPACK);
    let heavy = with("{profile: binpack, weights: {balance: 7, images: 3}}").unwrap();
    assert_eq!((heavy.packing, heavy.weights.balance), (Packing::Most, 7));
    assert_eq!((heavy.weights.images, Scheduling::BINPACK.weights.images), (3, 1));
    assert_eq!(heavy.weights.resources, Scheduling::BINPACK.weights.resources);
    assert!(with("{profile: random}").is_err() && with("{weights: {balance: -1}}").is_err());
}

#[test]
fn overcommitting_is_said_for_all_for_a_group_and_for_a_host() {
    let fleet = read(
        "fleet: f
overcommit: {cpu: 2, memory: 1.25}
groups:
  dense: {overcommit: {cpu: 4}}
hosts:
  a: {address: a}
  b: {address: b, groups: [dense]}
  c: {address: c, groups: [dense], overcommit: {cpu: \"1\", memory: 1.100}}
",
    )
    .unwrap();
    let of = |overcommit: Overcommit| format!("{} {}", overcommit.cpu, overcommit.memory);
    let of_host = |name: &str| of(fleet.hosts[&NodeName::new(name)].overcommit);
    assert_eq!([of_host("a"), of_host("b"), of_host("c")], ["2 1.25", "4 1.25", "1 1.1"]);
    assert_eq!(of(fleet.overcommit), "2 1.25");
    let plain = read("fleet: f\nhosts: {a: {address: a}}\n").unwrap();
    assert_eq!(of(plain.hosts[&NodeName::new("a")].overcommit), "1 1");
}

#[test]
fn what_cannot_be_overcommitted_so_is_told() {
    assert_snapshot!(lines("fleet: f
overcommit: {cpus: 4, memory: 0.5}
groups:
  g: {overcommit: {cpu: 4x, memory: 101}}
hosts:
  a: {address: a, groups: [g], overcommit: {cpu: 1.2345, pods: 2}}
  b: {address: b, overcommit: 4}
"), @"
        2:14 unknown field `cpus` in overcommit (did you mean `cpu`?)
        2:31 overcommit.memory: must be from 1 to 100, and is 0.5 (to have pods ask for less than there is, use `reserved`)
        4:25 groups.g.overcommit.cpu: `4x` is not a ratio: write a number with at most three decimals, such as 1.5
        4:37 groups.g.overcommit.memory: must be from 1 to 100, and is 101
        6:50 hosts.a.overcommit.cpu: `1.2345` is not a ratio: write a number with at most three decimals, such as 1.5
        6:58 unknown field `pods` in hosts.a.overcommit (the fields here are cpu, memory)
        7:31 hosts.b.overcommit: expected an object, found the number 4
        ");
}

#[test]
fn profiles_are_defined_by_name_and_begin_with_one_that_is_there() {
    let fleet = read(
        "fleet: f
scheduling:
  profile: binpack
  weights: {balance: 7}
  profiles:
    batch: {profile: binpack, weights: {resources: 3}}
    calm: {weights: {spread: 9}}
hosts: {a: {address: a}}
",
    )
    .unwrap();
    let profiles = fleet.scheduling;
    let of = |name: &str| profiles.of(name).unwrap();
    assert_eq!((of("batch").packing, of("batch").weights.resources), (Packing::Most, 3));
    assert_eq!(of("batch").weights.balance, Scheduling::BINPACK.weights.balance);
    assert_eq!((of("calm").packing, of("calm").weights.spread), (Packing::Least, 9));
    assert_eq!((of(""), of("default-scheduler")), (profiles.own, profiles.own));
    assert_eq!((profiles.own.packing, profiles.own.weights.balance), (Packing::Most, 7));
    assert_eq!((of("spread"), of("binpack")), (Scheduling::SPREAD, Scheduling::BINPACK));
    assert_eq!(profiles.of("Batch"), None);
    assert_eq!(profiles.names(), ["batch", "binpack", "calm", "default-scheduler", "spread"]);
}

#[test]
fn what_no_profile_can_be_is_told() {
    assert_snapshot!(lines("fleet: f
scheduling:
  profile: batch
  profiles:
    default-scheduler: {profile: binpack}
    spread: {}
    Batch: {}
    batch: {profile: binpak, weight: {balance: 1}}
    other: {weights: {balance: -1, gpu: 2}}
hosts: {a: {address: a}}
"), @"
        3:12 scheduling.profile: `batch` is not a profile: write spread or binpack
        5:5 scheduling.profiles.default-scheduler: `default-scheduler` is the profile that `scheduling` itself says (say it there)
        6:5 scheduling.profiles.spread: `spread` is there without being defined (give yours a name of its own)
        7:5 scheduling.profiles.Batch: `Batch` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit
        8:22 scheduling.profiles.batch.profile: `binpak` is not a profile: write spread or binpack
        8:30 unknown field `weight` in scheduling.profiles.batch (did you mean `weights`?)
        9:32 scheduling.profiles.other.weights.balance: expected a number from 0 to 65535, found the number -1
        9:36 unknown field `gpu` in scheduling.profiles.other.weights (did you mean `gpus`?)
        ");
}
