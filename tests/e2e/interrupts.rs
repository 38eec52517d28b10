//! An apply that is killed at any moment is finished by the next one.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::fleet::{Fleet, web};
use crate::trial::runnable;

/// How often an apply is killed.
const KILLS: u32 = 20;

/// A small generator (a Lehmer one, Park and Miller 1988), so that a failure can be seen again.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: Duration) -> Duration {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        let part = u32::try_from(self.0).unwrap_or(0);
        below.mul_f64(f64::from(part) / f64::from(0x7fff_ffff_u32))
    }
}

#[test]
fn killed_at_any_moment_the_next_apply_finishes() {
    if !runnable() {
        return;
    }
    let fleet = Fleet::up("kills", 52);
    let manifest = fleet.write("web.yaml", &web("nginx:1.0", 3));
    let apply = ["apply", "-f", &manifest, "--auto-approve"];
    // The first one brings the images and shows how long an update takes.
    fleet.bowline(&apply).ends(0);
    fleet.write("web.yaml", &web("nginx:1.1", 3));
    let started = Instant::now();
    fleet.bowline(&apply).ends(0);
    let whole = started.elapsed();
    let mut moments = Moments(20_260_101);
    for kill in 0..KILLS {
        let replicas = 2 + kill as usize % 3;
        fleet.write("web.yaml", &web(&format!("nginx:1.{}", kill % 2), replicas));
        let moment = moments.next(whole);
        let mut running = fleet.start(&apply);
        std::thread::sleep(moment);
        // On Unix this is SIGKILL.
        running.kill().unwrap();
        running.wait().unwrap();
        let said = format!("kill {kill} after {} ms of {}", moment.as_millis(), whole.as_millis());
        eprintln!("{said}");
        let finished = fleet.bowline(&apply);
        assert_eq!(finished.exit, 0, "{said}: {}", finished.all());
        whole_and_single(&fleet, replicas, &said);
    }
}

fn whole_and_single(fleet: &Fleet, replicas: usize, said: &str) {
    let pods = fleet.sandboxes();
    assert_eq!(pods.len(), replicas, "{said}: {pods:?}");
    let names: BTreeSet<&str> = pods.iter().map(|(_, name, _)| name.as_str()).collect();
    let addresses: BTreeSet<&str> = pods.iter().map(|(.., address)| address.as_str()).collect();
    assert_eq!((names.len(), addresses.len()), (replicas, replicas), "{said}: {pods:?}");
    assert_eq!(fleet.containers().len(), replicas, "{said}");
    let nodes = ["node-1", "node-2", "node-3"];
    let whatever: Vec<String> = nodes.iter().flat_map(|node| fleet.podman_pods(node)).collect();
    assert_eq!(whatever.len(), replicas, "{said}: {whatever:?}");
    let plan = fleet.bowline(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.exit, 0, "{said}: {}", plan.all());
}
