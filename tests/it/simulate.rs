//! `bowline simulate` as a user runs it: hosts that nobody has, sizes that are wrong, a fleet that does not answer.

use insta::assert_snapshot;

use crate::cli::Fleet;
use crate::manifests::web;

/// A Deployment `web` whose pods ask for 1500m CPU and 2Gi each.
fn heavy(replicas: u32) -> String {
    let asks = "resources: {requests: {cpu: 1500m, memory: 2Gi}}";
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {replicas}\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    \
         spec: {{containers: [{{name: main, image: \"nginx:1.27\", {asks}}}]}}\n"
    )
}

#[test]
fn hosts_that_nobody_has_need_nothing_of_a_fleet() {
    let fleet = Fleet::new();
    std::fs::remove_file(fleet.path("inventory.yaml")).unwrap();
    fleet.write("web.yaml", &heavy(4));
    assert_snapshot!(fleet.run("simulate -f web.yaml --hosts 3xcpu=4,memory=8Gi"), @"
    WORKLOAD                 FIT
    Deployment default/web   4/4

    NODE     CPU               MEMORY            PODS
    host-1   0 -> 3 of 4       0 -> 4Gi of 8Gi   0 -> 2 of 110
    host-2   0 -> 1500m of 4   0 -> 2Gi of 8Gi   0 -> 1 of 110
    host-3   0 -> 1500m of 4   0 -> 2Gi of 8Gi   0 -> 1 of 110

    All 4 pods fit on 3 hosts.
    --- stderr, exit 0
    ");
    assert_snapshot!(fleet.run("simulate -f web.yaml --hosts 2xcpu=2,memory=8Gi --add-host cpu=1,memory=1Gi"), @"
    WORKLOAD                 FIT
    Deployment default/web   2/4

    Deployment default/web, 2 pods: 0/3 nodes are available: 3 Insufficient cpu.
      One more would fit host-1 if it asked for 1000m less CPU: 500m are free.

    NODE     CPU               MEMORY            PODS
    host-1   0 -> 1500m of 2   0 -> 2Gi of 8Gi   0 -> 1 of 110
    host-2   0 -> 1500m of 2   0 -> 2Gi of 8Gi   0 -> 1 of 110
    new-1    0 -> 0 of 1       0 -> 0 of 1Gi     0 -> 0 of 110

    2 of 4 pods fit on 3 hosts, 2 do not.
    --- stderr, exit 1
    ");
    assert_snapshot!(fleet.run("simulate -f web.yaml --hosts 3xcpu=4,memory=8Gi --fail-host host-2"), @"
    WORKLOAD                 FIT
    Deployment default/web   4/4

    POD                            FROM     FATE    WHERE OR WHY
    default/web-mjbmgrmcpn-nqhfb   host-2   moves   to host-3, as web-mjbmgrmcpn-glghf

    NODE     CPU               MEMORY              PODS
    host-1   3 -> 3 of 4       4Gi -> 4Gi of 8Gi   2 -> 2 of 110
    host-2   1500m -> 0 of 4   2Gi -> 0 of 8Gi     1 -> 0 of 110   fails
    host-3   1500m -> 3 of 4   2Gi -> 4Gi of 8Gi   1 -> 2 of 110

    Without host-2: 1 pod moves, 0 lost, 0 pinned by local data; all 4 pods fit on 2 hosts.
    --- stderr, exit 0
    ");
    let json = fleet.run("simulate -f web.yaml --hosts cpu=2,memory=8Gi -o json");
    assert_snapshot!(json, @r#"
    {
      "fits": false,
      "hosts": [
        {
          "after": {
            "cpuMilli": 1500,
            "memoryBytes": 2147483648,
            "pods": 1
          },
          "allocatable": {
            "cpuMilli": 2000,
            "memoryBytes": 8589934592,
            "pods": 110
          },
          "before": {
            "cpuMilli": 0,
            "memoryBytes": 0,
            "pods": 0
          },
          "name": "host-1",
          "standing": "up"
        }
      ],
      "summary": "1 of 4 pods fit on 1 host, 3 do not.",
      "unusable": [],
      "uprooted": [],
      "workloads": [
        {
          "asked": 4,
          "fits": 1,
          "kind": "Deployment",
          "name": "web",
          "namespace": "default",
          "silent": 0,
          "unfit": [
            {
              "cause": "noHost",
              "pods": 3,
              "reason": "0/1 nodes are available: 1 Insufficient cpu.",
              "remedy": "would fit host-1 if it asked for 1000m less CPU: 500m are free"
            }
          ]
        }
      ]
    }
    --- stderr, exit 1
    "#);
    assert!(!fleet.path(".bowline").exists());
}

#[test]
fn a_size_has_a_name_in_the_inventory() {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &heavy(4));
    let tried = "simulate -f web.yaml --hosts 2xlarge --add-host small --hosts small";
    std::fs::remove_file(fleet.path("inventory.yaml")).unwrap();
    let without = fleet.run(tried);
    fleet.write(
        "inventory.yaml",
        "fleet: lab\nsizes:\n  large: {capacity: {cpu: 4, memory: 8Gi}, reserved: {cpu: 500m}, taints: [\"a=b:PreferNoSchedule\"]}\n  \
         small: {capacity: {cpu: 1, memory: 8Gi}}\nhosts: {node-1: {address: 127.0.0.1}}\n",
    );
    let with = fleet.run(tried);
    let wrong = fleet.run("simulate -f web.yaml --hosts 3xlarg");
    assert!(!fleet.path(".bowline").exists());
    assert_snapshot!([without, with, wrong].join("\n"), @"
    --- stderr, exit 1
      × cannot read inventory.yaml: No such file or directory (os error 2)
      help: name your inventory with -i FILE or BOWLINE_INVENTORY, or start one with: bowline init; or
            spell it out: 3xcpu=8,memory=32Gi. The inventory names sizes: sizes: {large: {capacity:
            {cpu: 8, memory: 32Gi}}}

    WORKLOAD                 FIT
    Deployment default/web   4/4

    NODE     CPU               MEMORY            PODS
    host-1   0 -> 3 of 3500m   0 -> 4Gi of 8Gi   0 -> 2 of 110
    host-2   0 -> 3 of 3500m   0 -> 4Gi of 8Gi   0 -> 2 of 110
    host-3   0 -> 0 of 1       0 -> 0 of 8Gi     0 -> 0 of 110
    new-1    0 -> 0 of 1       0 -> 0 of 8Gi     0 -> 0 of 110

    All 4 pods fit on 4 hosts.
    --- stderr, exit 0
    --- stderr, exit 2
      × there is no size and no host `larg`
      help: did you mean `large`? sizes are: large, small; hosts are: node-1; or spell it out:
            3xcpu=8,memory=32Gi. The inventory names sizes: sizes: {large: {capacity: {cpu: 8, memory:
            32Gi}}}
    ");
}

#[test]
fn wrong_sizes_and_hosts_say_what_to_type() {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &web(1, "1.27"));
    let tried = [
        "simulate -f web.yaml --hosts 3xcpu=4",
        "simulate -f web.yaml --hosts cpu=4,memroy=8Gi",
        "simulate -f web.yaml --hosts node-2",
        "simulate -f web.yaml --hosts node-1",
        "simulate -f web.yaml --hosts cpu=4,memory=8Gi --fail-host node-1",
    ];
    let said: Vec<String> = tried.iter().map(|line| fleet.run(line)).collect();
    assert_snapshot!(said.join("\n"), @"
    --- stderr, exit 2
      × `cpu=4` does not say how much memory the host has
      help: type for instance: cpu=4,memory=32Gi

    --- stderr, exit 2
      × `memroy` is nothing that a host has
      help: did you mean `memory`?

    --- stderr, exit 2
      × there is no size and no host `node-2`
      help: did you mean `node-1`? hosts are: node-1; or spell it out: 3xcpu=8,memory=32Gi. The
            inventory names sizes: sizes: {large: {capacity: {cpu: 8, memory: 32Gi}}}

    --- stderr, exit 2
      × node-1 does not answer, so nobody knows its size
      help: spell the size: cpu=8,memory=32Gi

    --- stderr, exit 2
      × there is no host `node-1`
      help: hosts are: host-1
    ");
}

#[test]
fn a_fleet_that_does_not_answer_takes_nothing_new_and_new_hosts_do() {
    let fleet = Fleet::new();
    let inventory = std::fs::read_to_string(fleet.path("inventory.yaml")).unwrap();
    let sized = inventory.replace("{address:", "{capacity: {cpu: 4, memory: 8Gi}, address:");
    fleet.write("inventory.yaml", &sized);
    fleet.write("web.yaml", &heavy(2));
    assert_snapshot!(fleet.run("simulate -f web.yaml"), @"
    WORKLOAD                 FIT
    Deployment default/web   0/2

    Deployment default/web, 2 pods: 0/1 nodes are available: 1 node(s) were unreachable.
      One more would run on node-1 if that answered.

    NODE     CPU           MEMORY          PODS
    node-1   0 -> 0 of 4   0 -> 0 of 8Gi   0 -> 0 of 110   does not answer

    0 of 2 pods fit on 0 hosts (1 more does not answer), 2 do not.
    --- stderr, exit 1
    node-1 does not answer, so nothing new is placed there: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)
    ");
    assert_snapshot!(fleet.run("simulate -f web.yaml --add-host node-1"), @"
    WORKLOAD                 FIT
    Deployment default/web   2/2

    NODE     CPU           MEMORY            PODS
    new-1    0 -> 3 of 4   0 -> 4Gi of 8Gi   0 -> 2 of 110
    node-1   0 -> 0 of 4   0 -> 0 of 8Gi     0 -> 0 of 110   does not answer

    All 2 pods fit on 1 host (1 more does not answer).
    --- stderr, exit 0
    node-1 does not answer, so nothing new is placed there: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)
    ");
    assert!(!fleet.path(".bowline").exists());
}

#[test]
fn a_size_has_its_overcommitment_and_any_profile_is_there() {
    let fleet = Fleet::new();
    let big =
        "{address: 192.0.2.1, capacity: {cpu: 2, memory: 8Gi}, overcommit: {cpu: 1.5, memory: 1}}";
    fleet.write("inventory.yaml", &format!("fleet: lab\nhosts:\n  big: {big}\n"));
    let named = heavy(2).replace("spec: {containers", "spec: {schedulerName: volcano, containers");
    fleet.write("web.yaml", &named);
    assert_snapshot!(fleet.run("simulate -f web.yaml --hosts big"), @"
    WORKLOAD                 FIT
    Deployment default/web   2/2

    NODE     CPU           MEMORY            PODS
    host-1   0 -> 3 of 3   0 -> 4Gi of 8Gi   0 -> 2 of 110

    All 2 pods fit on 1 host.
    --- stderr, exit 0
    ");
}
