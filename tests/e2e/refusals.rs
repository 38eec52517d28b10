//! What must be refused or survived: a second workstation, another host key, an image that is nowhere, a full disk.

use crate::fleet::{Fleet, web};
use crate::trial::runnable;

#[test]
fn what_goes_wrong_is_said_and_leaves_nothing_half_done() {
    if !runnable() {
        return;
    }
    let fleet = Fleet::up("refuse", 53);
    let manifest = fleet.write("web.yaml", &web("nginx:1.0", 3));
    a_full_disk(&fleet, &manifest);
    an_image_that_is_nowhere(&fleet, &manifest);
    a_second_workstation(&fleet, &manifest);
    a_run_that_holds_a_host(&fleet);
    another_host_key(&fleet, &manifest);
}

fn a_full_disk(fleet: &Fleet, manifest: &str) {
    fleet.on("node-2", "mount -t tmpfs -o size=2m tmpfs /var/lib/containers");
    let partial = fleet.bowline(&["apply", "-f", manifest, "--auto-approve"]).ends(3);
    assert!(partial.stderr.contains("no space left on device"), "{}", partial.all());
    assert_eq!(fleet.sandboxes().len(), 2, "{}", partial.all());
    fleet.on("node-2", "umount /var/lib/containers");
    fleet.bowline(&["apply", "-f", manifest, "--auto-approve"]).ends(0);
    assert_eq!(fleet.sandboxes().len(), 3);
}

fn an_image_that_is_nowhere(fleet: &Fleet, manifest: &str) {
    let before = fleet.containers();
    fleet.write("web.yaml", &web("nginx-typo:1.0", 3));
    let partial = fleet.bowline(&["apply", "-f", manifest, "--auto-approve"]).ends(3);
    let said = partial.stderr.lines().filter(|line| line.starts_with("failed ")).count();
    assert!(partial.stderr.contains("manifest unknown"), "{}", partial.all());
    assert_eq!(said, 1, "{}", partial.all());
    assert_eq!(fleet.containers(), before, "the pods of before go on");
    let later = fleet.bowline(&["get", "events"]).ends(0);
    assert!(later.stdout.contains("Failed to pull image"), "{}", later.all());
    let told = fleet.bowline(&["describe", "pods"]).ends(0);
    assert!(told.stdout.contains("manifest unknown"), "{}", told.all());
    fleet.write("web.yaml", &web("nginx:1.0", 3));
    fleet.bowline(&["apply", "-f", manifest, "--auto-approve"]).ends(0);
}

fn a_second_workstation(fleet: &Fleet, manifest: &str) {
    let before = fleet.containers();
    let words = ["apply", "-f", manifest, "--auto-approve", "--state", "other/state.redb"];
    let refused = fleet.bowline(&words).ends(4);
    for word in ["is held by", "since", "--take-over"] {
        assert!(refused.stderr.contains(word), "{word}: {}", refused.all());
    }
    let taken: Vec<&str> = words.into_iter().chain(["--take-over"]).collect();
    fleet.bowline(&taken).ends(0);
    assert_eq!(fleet.containers(), before, "what runs is taken over as it is");
    fleet.bowline(&["plan"]).ends(4);
    fleet.bowline(&["apply", "-f", manifest, "--auto-approve", "--take-over"]).ends(0);
    assert_eq!(fleet.containers(), before);
}

fn a_run_that_holds_a_host(fleet: &Fleet) {
    fleet.on("node-1", "setsid -f flock /var/lib/bowline/lock sleep 5 >/dev/null 2>&1; sleep 0.2");
    let waited = fleet.bowline(&["get", "pods"]).ends(0);
    assert!(waited.stderr.contains("Still waiting for hosts"), "{}", waited.all());
    let at_once = fleet.bowline(&["get", "pods"]).ends(0);
    assert!(!at_once.stderr.contains("Still waiting"), "{}", at_once.all());
}

fn another_host_key(fleet: &Fleet, manifest: &str) {
    let path = fleet.inventory().with_file_name("known_hosts");
    let right = std::fs::read_to_string(&path).unwrap();
    let keys: Vec<&str> = right.lines().collect();
    let key = |line: &str| line.split_once(' ').unwrap().1.to_owned();
    let name = |line: &str| line.split_once(' ').unwrap().0.to_owned();
    let wrong = format!("{} {}\n{}\n{}\n", name(keys[0]), key(keys[1]), keys[1], keys[2]);
    std::fs::write(&path, wrong).unwrap();
    let refused = fleet.bowline(&["plan", "-f", manifest]).ends(4);
    assert!(refused.stdout.contains("the host key of"), "{}", refused.all());
    assert!(refused.stdout.contains("SHA256:"), "{}", refused.all());
    std::fs::write(&path, keys[1..].join("\n") + "\n").unwrap();
    let unknown = fleet.bowline(&["plan", "-f", manifest]).ends(4);
    assert!(unknown.stdout.contains("is not known"), "{}", unknown.all());
    std::fs::write(&path, right).unwrap();
    fleet.bowline(&["plan", "-f", manifest, "--detailed-exitcode"]).ends(0);
}
