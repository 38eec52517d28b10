//! Hosts that take no new pods, and pods that are moved away from hosts as their budgets let them.

use super::{BRIEFLY, Lab};
use crate::look::comes;

/// A Deployment of three, and what stands for its budget.
fn web(budget: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: guarded}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: guarded}}}}
  template:
    metadata: {{labels: {{app: guarded}}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{{name: main, image: \"busybox:1.36\", command: [sleep, inf]}}]
{budget}"
    )
}

fn budget_of(spec: &str) -> String {
    format!(
        "---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: guard}}
spec: {{{spec}, selector: {{matchLabels: {{app: guarded}}}}}}
"
    )
}

const ELSEWHERE: &str = "Cannot evict pod as it would violate the pod's disruption budget.";

impl Lab {
    fn says(&self, words: &[&str], expected: &str) {
        let ran = self.fleet.bowline(words).ends(0);
        assert_eq!(ran.stdout.trim(), expected, "{}", ran.all());
    }

    fn drain(&self, node: &str, exit: i32) -> String {
        let patience = if exit == 0 { "90s" } else { BRIEFLY };
        let words = ["drain", node, "--auto-approve", "--timeout", patience];
        self.fleet.bowline(&words).ends(exit).all()
    }

    fn uncordon(&self, node: &str) {
        self.fleet.bowline(&["uncordon", node, "--auto-approve"]).ends(0);
    }

    fn on(&self, node: &str, prefix: &str) -> usize {
        self.hosts_of(prefix).iter().filter(|host| *host == node).count()
    }
}

/// `cordon`, `uncordon`, `taint`, `label node` and `annotate node` say what kubectl says, and the scheduler heeds it.
pub(super) fn hosts(lab: &Lab) {
    lab.says(&["cordon", "node-1"], "node/node-1 cordoned");
    lab.says(&["cordon", "node-1"], "node/node-1 already cordoned");
    let row = lab.fleet.bowline(&["get", "nodes", "--no-headers"]).ends(0).stdout;
    assert!(row.contains("Ready,SchedulingDisabled"), "{row}");
    lab.apply("guarded", &web(""), "90s").ends(0);
    assert_eq!(lab.on("node-1", "guarded"), 0, "it is cordoned");
    lab.says(&["uncordon", "node-1"], "node/node-1 uncordoned");
    lab.delete("guarded");

    let taint = ["taint", "node", "node-2", "team=red:NoSchedule"];
    lab.says(&taint, "node/node-2 tainted");
    lab.says(&["label", "node", "node-3", "disk=ssd"], "node/node-3 labeled");
    lab.says(&["annotate", "node", "node-3", "rack=7"], "node/node-3 annotated");
    assert_eq!(lab.fleet.field("node", "node-3", ".metadata.labels.disk"), "ssd");
    assert_eq!(lab.fleet.field("node", "node-3", ".metadata.annotations.rack"), "7");
    let picky =
        web("").replace("      containers", "      nodeSelector: {disk: ssd}\n      containers");
    lab.apply("guarded", &picky, "90s").ends(0);
    assert_eq!(lab.on("node-3", "guarded"), 3, "only there is such a disk");
    lab.apply("guarded", &web(""), "90s").ends(0);
    assert_eq!(lab.on("node-2", "guarded"), 0, "it is tainted");
    // A taint that sends pods away does so at once, and they come up elsewhere.
    let node = lab.hosts_of("guarded")[0].clone();
    lab.fleet.bowline(&["taint", "node", &node, "away:NoExecute", "--auto-approve"]).ends(0);
    comes("0", || lab.on(&node, "guarded").to_string());
    assert_eq!(lab.hosts_of("guarded").len(), 3);
    lab.says(&["taint", "node", &node, "away-"], &format!("node/{node} untainted"));
    lab.says(&["taint", "node", "node-2", "team-"], "node/node-2 untainted");
    lab.says(&["label", "node", "node-3", "disk-"], "node/node-3 unlabeled");
    let history = lab.fleet.bowline(&["history"]).ends(0).stdout;
    assert!(history.contains("taint node node-2 team=red:NoSchedule"), "{history}");
    lab.delete("guarded");
}

/// What the conformance test of evictions does, by drains: a budget blocks one, lets it go once it says so, and blocks again.
/// Rows `minAvailable` and `selector`.
pub(super) fn budget(lab: &Lab) {
    lab.apply("guarded", &web(&budget_of("minAvailable: 3")), "90s").ends(0);
    assert_eq!(lab.fleet.field("pdb", "guard", ".status.currentHealthy"), "3");
    assert_eq!(lab.fleet.field("pdb", "guard", ".status.disruptionsAllowed"), "0");
    let reason = ".status.conditions[?(@.type=='DisruptionAllowed')].reason";
    assert_eq!(lab.fleet.field("pdb", "guard", reason), "InsufficientPods");
    let node = lab.hosts_of("guarded")[0].clone();
    let before = lab.hosts_of("guarded");
    assert!(lab.drain(&node, 5).contains(ELSEWHERE));
    assert_eq!(lab.hosts_of("guarded"), before, "nothing was moved");
    lab.apply("guarded", &web(&budget_of("minAvailable: 2")), "90s").ends(0);
    assert_eq!(lab.fleet.field("pdb", "guard", ".status.disruptionsAllowed"), "1");
    assert_eq!(lab.fleet.field("pdb", "guard", reason), "SufficientPods");
    assert!(lab.drain(&node, 0).contains(&format!("node/{node} drained")));
    assert_eq!((lab.on(&node, "guarded"), lab.hosts_of("guarded").len()), (0, 3));
    lab.uncordon(&node);
    lab.apply("guarded", &web(&budget_of("minAvailable: 3")), "90s").ends(0);
    let next = lab.hosts_of("guarded")[0].clone();
    assert!(lab.drain(&next, 5).contains(ELSEWHERE));
    lab.apply("guarded", &web(""), "90s").ends(0);
    lab.drain(&next, 0);
    assert_eq!((lab.on(&next, "guarded"), lab.hosts_of("guarded").len()), (0, 3));
    lab.uncordon(&next);
    lab.fleet
        .holds(16, "PodDisruptionBudget: block an eviction until the PDB is updated to allow it");
}

/// Rows `maxUnavailable` and `unhealthyPodEvictionPolicy`.
pub(super) fn shares(lab: &Lab) {
    let node = lab.hosts_of("guarded")[0].clone();
    lab.apply("guarded", &web(&budget_of("maxUnavailable: 0%")), "90s").ends(0);
    assert!(lab.drain(&node, 5).contains(ELSEWHERE));
    lab.apply("guarded", &web(&budget_of("maxUnavailable: 30%")), "90s").ends(0);
    lab.drain(&node, 0);
    assert_eq!((lab.on(&node, "guarded"), lab.hosts_of("guarded").len()), (0, 3));
    lab.uncordon(&node);

    let sick = web(&budget_of("minAvailable: 2")).replace(
        "command: [sleep, inf]}",
        "command: [sleep, inf], readinessProbe: {exec: {command: [\"false\"]}}}",
    );
    let sick = sick.replace("  replicas: 3", "  replicas: 3\n  strategy: {type: Recreate}");
    lab.delete("guarded");
    // None of them ever becomes ready.
    lab.apply("guarded", &sick, BRIEFLY);
    comes("3", || lab.hosts_of("guarded").len().to_string());
    let node = lab.hosts_of("guarded")[0].clone();
    assert!(lab.drain(&node, 5).contains(ELSEWHERE));
    assert_ne!(lab.on(&node, "guarded"), 0);
    let allowed =
        sick.replace("minAvailable: 2", "minAvailable: 2, unhealthyPodEvictionPolicy: AlwaysAllow");
    lab.apply("guarded", &allowed, BRIEFLY);
    lab.fleet.bowline(&["drain", &node, "--auto-approve", "--timeout", BRIEFLY]);
    // Nothing comes of it, so nobody waits for the pods; on a busy machine they may not even be made in that time.
    comes("0 of 3", || {
        lab.fleet.bowline(&["apply", "--auto-approve", "--timeout", BRIEFLY]);
        format!("{} of {}", lab.on(&node, "guarded"), lab.hosts_of("guarded").len())
    });
    lab.says(&["uncordon", &node], &format!("node/{node} uncordoned"));
    lab.delete("guarded");
}

/// A rebalance fills a host that came back, and the next one moves nothing.
pub(super) fn rebalanced(lab: &Lab) {
    lab.says(&["cordon", "node-3"], "node/node-3 cordoned");
    let asking = web(&budget_of("maxUnavailable: 1"))
        .replace(
            "command: [sleep, inf]}",
            "command: [sleep, inf], resources: {requests: {cpu: 400m}}}",
        )
        .replace("replicas: 3", "replicas: 4");
    lab.apply("guarded", &asking, "90s").ends(0);
    assert_eq!((lab.on("node-1", "guarded"), lab.on("node-2", "guarded")), (2, 2));
    lab.uncordon("node-3");
    let plan = lab.fleet.bowline(&["plan", "--rebalance=25%"]).ends(0);
    assert_eq!(plan.stdout.matches("> move").count(), 1, "{}", plan.all());
    assert!(plan.stdout.contains("is fuller than others"), "{}", plan.all());
    let words = ["apply", "--rebalance=25%", "--auto-approve", "--timeout", "90s"];
    lab.fleet.bowline(&words).ends(0);
    assert_eq!((lab.on("node-3", "guarded"), lab.hosts_of("guarded").len()), (1, 4));
    let second = lab.fleet.bowline(&words).ends(0);
    assert!(second.stdout.contains("Nothing to do"), "{}", second.all());
    lab.delete("guarded");
}

/// A drain that Ctrl-C ends in its midst: the next apply finishes it, and the next drain has nothing to do.
pub(super) fn interrupted(lab: &Lab) {
    // What goes takes its time.
    let slow = web(&budget_of("maxUnavailable: 1"))
        .replace("terminationGracePeriodSeconds: 0", "terminationGracePeriodSeconds: 8");
    lab.apply("guarded", &slow, "90s").ends(0);
    let node = lab.hosts_of("guarded")[0].clone();
    let mut running = lab.fleet.start(&["drain", &node, "--auto-approve"]);
    comes("true", || lab.fleet.field("node", &node, ".spec.unschedulable"));
    let pid = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(130));
    lab.fleet.bowline(&["apply", "--auto-approve", "--timeout", "90s"]).ends(0);
    assert_eq!((lab.on(&node, "guarded"), lab.hosts_of("guarded").len()), (0, 3));
    let next = lab.drain(&node, 0);
    assert!(next.contains(&format!("node/{node} already cordoned")), "{next}");
    assert!(next.contains("Nothing to do"), "{next}");
    lab.uncordon(&node);
    lab.delete("guarded");
}

/// A drain that needs a word.
pub(super) fn drained(lab: &Lab) {
    let lone = "apiVersion: v1
kind: Pod
metadata: {name: lone}
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{name: cache, emptyDir: {}}]
  containers: [{name: main, image: \"busybox:1.36\", command: [sleep, inf]}]
";
    lab.apply("lone", lone, "90s").ends(0);
    let node = lab.hosts_of("lone")[0].clone();
    let refused = lab.fleet.bowline(&["drain", &node, "--auto-approve"]);
    assert!(refused.all().contains("use --delete-emptydir-data to override"), "{}", refused.all());
    assert_eq!(lab.fleet.field("node", &node, ".spec.unschedulable"), "true");
    let words = ["drain", &node, "--force", "--delete-emptydir-data"];
    let dry = lab.fleet.bowline(&[&words[..], &["--dry-run=client"]].concat()).ends(0);
    assert!(dry.stdout.contains(&format!("node/{node} drained (dry run)")), "{}", dry.all());
    assert_eq!(lab.hosts_of("lone"), [node.as_str()]);
    let ran = lab.fleet.bowline(&[&words[..], &["--auto-approve"]].concat()).ends(0);
    assert!(ran.stdout.contains(&format!("node/{node} already cordoned")), "{}", ran.all());
    assert_ne!(lab.hosts_of("lone"), [node.as_str()]);
    assert_eq!(lab.hosts_of("lone").len(), 1);
    lab.uncordon(&node);
    lab.delete("lone");
}
