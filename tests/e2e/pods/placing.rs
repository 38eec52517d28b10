//! Where pods go, as the hosts show it: company, spread, priority. Each look names the rows of `docs/kubernetes-support.md` that it
//! shows.

use std::thread::sleep;
use std::time::{Duration, Instant};

use bowline::lab::Release;

use crate::fleet::{Fleet, Ran};
use crate::trial::{releases, runnable};

mod manifests;
mod moving;

use manifests::{APART, BEARING, BOUNDED, COMPANY, PRIORITIES, PROFILES, SPREAD};

#[test]
fn pods_go_where_they_are_told() {
    if !runnable() {
        return;
    }
    for release in releases(Release::Trixie) {
        let lab = Lab { fleet: Fleet::release("sc", 71, 3, release) };
        lab.label(&[("node-1", "a"), ("node-2", "a"), ("node-3", "b")]);
        company(&lab);
        spread(&lab);
        apart(&lab);
        priority(&lab);
        profiles(&lab);
        quotas(&lab);
        taints(&lab);
        moving::hosts(&lab);
        moving::budget(&lab);
        moving::shares(&lab);
        moving::rebalanced(&lab);
        moving::interrupted(&lab);
        moving::drained(&lab);
    }
}

/// Two zones of hosts, and ways to look at what is on them.
struct Lab {
    fleet: Fleet,
}

/// How long is waited for pods of which some have no place.
const BRIEFLY: &str = "2s";

impl Lab {
    fn label(&self, zones: &[(&str, &str)]) {
        let path = self.fleet.inventory();
        let mut text = std::fs::read_to_string(&path).unwrap();
        for (node, zone) in zones {
            let labelled =
                format!("{node}:\n    labels: {{topology.kubernetes.io/zone: {zone}}}\n");
            text = text.replace(&format!("{node}:\n"), &labelled);
        }
        std::fs::write(path, text).unwrap();
    }

    fn apply(&self, name: &str, text: &str, patience: &str) -> Ran {
        let manifest = self.fleet.write(&format!("{name}.yaml"), text);
        self.fleet.bowline(&["apply", "-f", &manifest, "--auto-approve", "--timeout", patience])
    }

    fn delete(&self, name: &str) {
        let manifest = self.fleet.directory().join(format!("{name}.yaml"));
        self.fleet.bowline(&["delete", "-f", manifest.to_str().unwrap(), "--auto-approve"]).ends(0);
    }

    /// The hosts on which containers run whose pods' names begin so, in order.
    fn hosts_of(&self, prefix: &str) -> Vec<String> {
        let here = |line: &&String| {
            let name = line.split(' ').nth(1).unwrap_or_default();
            name.contains(&format!("_{prefix}"))
        };
        let all = self.fleet.containers();
        all.iter().filter(here).map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    }
}

/// `affinity.podAffinity` and `podAntiAffinity`, as wishes and as musts, with everything that terms are made of.
fn company(lab: &Lab) {
    lab.apply("company", COMPANY, "120s").ends(0);
    for (pod, hosts) in [
        ("anchor", ["node-3"]),
        ("store", ["node-2"]),
        ("must-be-near", ["node-3"]),
        ("named-space", ["node-2"]),
        ("chosen-space", ["node-2"]),
        ("other-space", ["node-2"]),
        ("rather-near", ["node-3"]),
        ("same-tenant", ["node-2"]),
    ] {
        assert_eq!(lab.hosts_of(pod), hosts, "{pod}");
    }
    for (pod, not) in
        [("must-be-apart", "node-3"), ("rather-apart", "node-3"), ("other-tenant", "node-2")]
    {
        let hosts = lab.hosts_of(pod);
        assert!(hosts.len() == 1 && hosts[0] != not, "{pod}: {hosts:?}");
    }
    lab.delete("company");
}

/// `topologySpreadConstraints`, every field.
fn spread(lab: &Lab) {
    let ran = lab.apply("spread", SPREAD, BRIEFLY);
    let mut even = lab.hosts_of("even");
    even.retain(|host| host == "node-3");
    assert_eq!((even.len(), lab.hosts_of("even").len()), (2, 4), "two in either zone");
    assert_eq!(lab.hosts_of("rather"), ["node-1", "node-2", "node-3"]);
    // A third domain is asked for, and there is none.
    assert_eq!(lab.hosts_of("domains").len(), 2);
    // Where the hosts that it cannot have do not count, all may be in one zone.
    assert_eq!(lab.hosts_of("honest"), ["node-3"; 3]);
    // Where they do, one may be there, and one more than in the other zone.
    assert_eq!(lab.hosts_of("strict"), ["node-3"]);
    assert!(ran.all().contains("didn't match pod topology spread constraints"), "{}", ran.all());
    lab.delete("spread");
}

/// Required anti-affinity keeps a Deployment's pods apart, and others away from them.
fn apart(lab: &Lab) {
    let ran = lab.apply("apart", APART, BRIEFLY);
    assert_eq!(lab.hosts_of("lonely"), ["node-1", "node-2", "node-3"]);
    assert!(ran.all().contains("didn't match pod anti-affinity rules"), "{}", ran.all());
    assert_eq!(lab.hosts_of("visitor"), [""; 0]);
    let words = "didn't satisfy existing pods anti-affinity rules";
    assert!(ran.all().contains(words), "{}", ran.all());
    lab.delete("apart");
}

/// `priorityClassName`, `priority`, `preemptionPolicy`, and what a `PriorityClass` says.
fn priority(lab: &Lab) {
    let [classes, low, high, meek] = PRIORITIES;
    lab.apply("classes", classes, "60s").ends(0);
    lab.apply("low", low, "60s").ends(0);
    assert_eq!(lab.hosts_of("low"), ["node-1", "node-2", "node-3"]);
    let ran = lab.apply("high", high, BRIEFLY);
    assert!(ran.all().contains("makes room for Pod default/high"), "{}", ran.all());
    assert_eq!(lab.hosts_of("high"), ["node-2"], "where the least important pod was");
    assert_eq!(lab.hosts_of("low"), ["node-1", "node-3"]);
    let field = |pod: &str, field: &str| {
        let path = format!("jsonpath={{{field}}}");
        lab.fleet.bowline(&["get", "pod", pod, "-o", &path]).stdout.trim().to_owned()
    };
    assert_eq!(field("high", ".spec.priority"), "1000");
    assert_eq!(field("low-2", ".status.phase"), "Pending");
    assert_eq!(field("low-1", ".spec.priority"), "7", "the class for pods that name none");
    lab.fleet.holds(122, "Scheduler, Basic Preemption");
    let ran = lab.apply("meek", meek, BRIEFLY);
    assert!(ran.all().contains("Insufficient cpu"), "{}", ran.all());
    assert_eq!(lab.hosts_of("meek"), [""; 0]);
    assert_eq!(lab.hosts_of("low"), ["node-1", "node-3"]);
    // There is room again for the one that waits.
    lab.fleet.bowline(&["delete", "pod", "meek", "--auto-approve", "--timeout", BRIEFLY]);
    lab.fleet.bowline(&["delete", "pod", "high", "--auto-approve"]).ends(0);
    assert_eq!(lab.hosts_of("low"), ["node-1", "node-2", "node-3"]);
    lab.delete("low");
}

/// `schedulerName`: a pod goes to the fullest host where a plain one goes to the emptiest.
fn profiles(lab: &Lab) {
    let path = lab.fleet.inventory();
    let plain = std::fs::read_to_string(&path).unwrap();
    let [full, others] = PROFILES;
    lab.apply("full", full, "60s").ends(0);
    let ran = lab.apply("profiles", others, BRIEFLY);
    assert_eq!(lab.hosts_of("packed"), ["node-2"]);
    assert_eq!(lab.hosts_of("plain"), ["node-1"]);
    assert_eq!(lab.hosts_of("of-nobody"), [""; 0]);
    let words = "no scheduler is called \"batch\": there are binpack, default-scheduler, spread";
    assert!(ran.all().contains(words), "{}", ran.all());
    // Once the inventory has the profile, the pod that waited goes by it.
    let defined = format!("{plain}\nscheduling: {{profiles: {{batch: {{profile: binpack}}}}}}\n");
    std::fs::write(&path, defined).unwrap();
    lab.apply("profiles", others, "60s").ends(0);
    assert_eq!(lab.hosts_of("of-nobody"), ["node-2"]);
    let told = lab.fleet.bowline(&["plan", "--explain", "of-nobody"]).stdout;
    assert!(told.contains("by the profile batch"), "{told}");
    std::fs::write(&path, plain).unwrap();
    let ran = lab.fleet.bowline(&["plan"]);
    assert!(
        ran.all().contains("Nothing to do") || ran.all().contains("nothing to do"),
        "{}",
        ran.all()
    );
    lab.delete("profiles");
    lab.delete("full");
}

/// `hard`, `scopes` and `scopeSelector` of a `ResourceQuota`.
fn quotas(lab: &Lab) {
    let ran = lab.apply("bounded", BOUNDED, BRIEFLY);
    let words = "exceeded quota: idle, requested: pods=1, used: pods=1, limited: pods=1";
    assert!(ran.all().contains(words), "{}", ran.all());
    let words = "exceeded quota: busy, requested: requests.cpu=100m, used: requests.cpu=200m, limited: requests.cpu=250m";
    assert!(ran.all().contains(words), "{}", ran.all());
    assert_eq!((lab.hosts_of("idle").len(), lab.hosts_of("busy").len()), (1, 2));
    let said = |words: &[&str]| {
        let all = [words, &["-n", "bounded"]].concat();
        lab.fleet.bowline(&all).ends(0).stdout
    };
    let table = said(&["get", "quota"]);
    for cells in ["count/services: 1/1, pods: 3/9", "pods: 1/1", "requests.cpu: 200m/250m"] {
        assert!(table.contains(cells), "{table}");
    }
    let plan = said(&["plan", "--explain", "busy"]);
    assert!(plan.contains("would be made if quota busy allowed requests.cpu=300m"), "{plan}");
    let events = said(&["describe", "deployment", "busy"]);
    assert!(events.contains("FailedCreate") && events.contains("exceeded quota"), "{events}");
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: two, namespace: bounded}\nspec: {selector: {app: idle}, ports: [{port: 80}]}\n";
    let ran = lab.apply("service", service, BRIEFLY).ends(1);
    let words = "services \"two\" is forbidden: exceeded quota: all, requested: count/services=1";
    assert!(ran.all().contains(words), "{}", ran.all());
    // Where there may be more, what waited comes.
    lab.apply(
        "bounded",
        &BOUNDED.replace("250m", "300m").replace("{pods: 1}", "{pods: 2}"),
        "120s",
    )
    .ends(0);
    assert_eq!((lab.hosts_of("idle").len(), lab.hosts_of("busy").len()), (2, 3));
    lab.delete("bounded");
}

/// How long the less patient of the two pods bears a taint.
const BORNE: Duration = Duration::from_secs(15);

/// `tolerations[].tolerationSeconds`.
fn taints(lab: &Lab) {
    let path = lab.fleet.inventory();
    let clean = std::fs::read_to_string(&path).unwrap();
    let taint = "node-2:\n    taints: [\"example.org/evict=yes:NoExecute\"]\n";
    let tainted = clean.replace("node-2:\n", taint);
    let settle = || lab.apply("bearing", BEARING, "60s").ends(0);
    settle();
    let before = lab.fleet.containers();
    assert_eq!(
        (lab.hosts_of("brief"), lab.hosts_of("long")),
        (vec!["node-2".into()], vec!["node-2".into()])
    );
    std::fs::write(&path, &tainted).unwrap();
    settle();
    let begun = Instant::now();
    std::fs::write(&path, &clean).unwrap();
    settle();
    // What is waited for is that nothing happens.
    sleep(BORNE.saturating_sub(begun.elapsed()));
    settle();
    assert_eq!(lab.fleet.containers(), before, "the taint went in time");
    lab.fleet.holds(52, "Taint, Pod Eviction on taint removal");
    std::fs::write(&path, &tainted).unwrap();
    let begun = Instant::now();
    settle();
    assert!(begun.elapsed() > BORNE || lab.fleet.containers() == before, "both bear it");
    while lab.hosts_of("brief") == ["node-2"] && begun.elapsed() < Duration::from_mins(2) {
        sleep(Duration::from_secs(1));
        settle();
    }
    assert!(begun.elapsed() >= BORNE);
    assert_ne!(lab.hosts_of("brief"), ["node-2"], "its time was over");
    assert_eq!(lab.hosts_of("long"), ["node-2"], "its time was not");
    lab.fleet.holds(51, "Pod Eviction, Toleration limits");
    std::fs::write(&path, &clean).unwrap();
    lab.delete("bearing");
}
