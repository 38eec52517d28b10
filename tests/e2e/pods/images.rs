//! Images: what registries are shown, and what is said of one that is not there.

use crate::fleet::Fleet;
use crate::look::comes;

/// A door with a lock before the lab's registry. What opens it is in memory, as everything else that must not be on disk.
const DOOR: &str = r#"mkdir -p /run/door /etc/containers/registries.conf.d
printf 'anna:{PLAIN}S3cr3t-7f0a-door\n' >/run/door/users
cat >/run/door/nginx.conf <<'END'
user root;
events {}
http { client_max_body_size 0; server {
  listen 5001;
  location / {
    auth_basic registry;
    auth_basic_user_file /run/door/users;
    proxy_set_header Host $http_host;
    proxy_set_header Authorization "";
    proxy_pass http://10.61.0.1:5000;
  }
} }
END
printf '[[registry]]\nlocation = "10.61.0.11:5001"\ninsecure = true\n' >/etc/containers/registries.conf.d/door.conf
podman run -d --name door --network host -v /run/door:/run/door:ro docker.io/library/nginx:1.0 nginx -c /run/door/nginx.conf -g 'daemon off;' >/dev/null
for _ in $(seq 50); do curl -s -o /dev/null http://10.61.0.11:5001/v2/ && exit 0; sleep 0.1; done; exit 1"#;

const PRIVATE: &str = r#"
apiVersion: v1
kind: Secret
metadata: {name: door}
type: kubernetes.io/dockerconfigjson
stringData:
  .dockerconfigjson: '{"auths": {"http://10.61.0.11:5001/v2/": {"username": "anna", "password": "S3cr3t-7f0a-door"}}}'
---
apiVersion: v1
kind: Pod
metadata: {name: private}
spec:
  terminationGracePeriodSeconds: 0
  imagePullSecrets: [{name: not-there}, {name: door}]
  containers:
  - {name: main, image: "10.61.0.11:5001/library/busybox:1.36", args: [sleep, "1000"]}
"#;

/// Rows: imagePullSecrets, imagePullPolicy.
pub(super) fn look(fleet: &Fleet) {
    fleet.on("node-1", DOOR);
    let shut =
        PRIVATE.replace("{name: door}]", "{name: other}]").replace("name: private", "name: shut");
    let shut = fleet.write("shut.yaml", &shut.replace("busybox:1.36", "busybox:1.35"));
    let refused = fleet.bowline(&["apply", "-f", &shut, "--auto-approve"]).ends(3);
    let said = refused.all();
    assert!(said.contains("unauthorized") || said.contains("authentication required"), "{said}");
    fleet.bowline(&["delete", "pod", "shut", "--auto-approve"]).ends(0);

    let private = fleet.write("private.yaml", PRIVATE);
    let applied = fleet.bowline(&["apply", "-f", &private, "--auto-approve"]).ends(0);
    assert!(!applied.all().contains("S3cr3t"), "{}", applied.all());
    let image = "podman inspect --format '{{.ImageName}}' lab_default_private_main";
    assert_eq!(fleet.on("node-1", image).trim(), "10.61.0.11:5001/library/busybox:1.36");
    assert_eq!(fleet.on("node-1", "ls /run/bowline | grep registries; true"), "");

    let never = "apiVersion: v1\nkind: Pod\nmetadata: {name: never}\nspec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: \"busybox:9\", args: [sleep, \"99\"], \
                 imagePullPolicy: Never}]}\n";
    let never = fleet.write("never.yaml", never);
    let refused = fleet.bowline(&["apply", "-f", &never, "--auto-approve"]).ends(3);
    assert!(refused.all().contains("ErrImageNeverPull: Container image"), "{}", refused.all());
    let events = fleet.bowline(&["get", "events"]).ends(0).stdout;
    assert!(events.contains(" ErrImageNeverPull "), "{events}");
    fleet.bowline(&["delete", "pod", "never", "--auto-approve"]).ends(0);
    fleet.on("node-1", "podman tag docker.io/library/busybox:1.36 docker.io/library/busybox:9");
    fleet.bowline(&["apply", "-f", &never, "--auto-approve"]).ends(0);
    let there = "podman inspect --format '{{.ImageName}}' lab_default_never_main";
    assert_eq!(fleet.on("node-1", there).trim(), "docker.io/library/busybox:9");
    fleet.bowline(&["delete", "pod", "never", "private", "--auto-approve"]).ends(0);
    architectures_and_tags_that_move(fleet);
    listed_and_pruned(fleet);
    fleet.on("node-1", "podman rm --force --time 0 door");
}

/// An image of two architectures, of which this machine's is busybox.
const LIST: &str = r#"set -e
printf '[[registry]]\nlocation = "10.61.0.1:5000"\ninsecure = true\n' >/etc/containers/registries.conf.d/own.conf
podman pull -q docker.io/library/busybox:1.36 docker.io/library/redis:7 >/dev/null
podman manifest create tool >/dev/null
podman manifest add tool containers-storage:docker.io/library/busybox:1.36 >/dev/null
podman manifest add --os linux --arch s390x tool containers-storage:docker.io/library/redis:7 >/dev/null
podman manifest push --all tool docker://10.61.0.1:5000/e2e/tool:1 >/dev/null 2>&1
podman manifest rm tool >/dev/null"#;

/// Rows: image, imagePullPolicy.
fn architectures_and_tags_that_move(fleet: &Fleet) {
    fleet.on("node-1", LIST);
    let pod = |name: &str, policy: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{terminationGracePeriodSeconds: 0, nodeName: node-1, \
             containers: [{{name: main, image: \"10.61.0.1:5000/e2e/tool:1\", command: [sleep, \"999\"], imagePullPolicy: {policy}}}]}}\n"
        );
        let file = fleet.write(&format!("{name}.yaml"), &text);
        fleet.bowline(&["apply", "-f", &file, "--auto-approve"]).ends(0);
        let image = format!("podman inspect --format '{{{{.Image}}}}' lab_default_{name}_main");
        fleet.on("node-1", &image)
    };
    let id = |image: &str| {
        fleet.on("node-1", &format!("podman image inspect --format '{{{{.Id}}}}' {image}"))
    };
    let (busybox, redis) = (id("docker.io/library/busybox:1.36"), id("docker.io/library/redis:7"));
    assert_ne!(busybox, redis);
    assert_eq!(pod("first", "Always"), busybox, "the image for this machine");
    let shown = ["get", "pod", "first", "-o", "jsonpath={.status.containerStatuses[0].imageID}"];
    let shown = fleet.bowline(&shown).ends(0).stdout;
    assert!(shown.starts_with("10.61.0.1:5000/e2e/tool@sha256:"), "{shown}");
    // The registry is asked, and has a list in which this image is.
    fleet.bowline(&["plan", "--check-images", "--detailed-exitcode"]).ends(0);
    fleet.on("node-1", "podman push -q docker.io/library/redis:7 10.61.0.1:5000/e2e/tool:1");
    // As in Kubernetes, what runs is left as it is; a pod that is made asks, or does not.
    fleet.bowline(&["plan", "--detailed-exitcode"]).ends(0);
    assert_eq!(pod("present", "IfNotPresent"), busybox, "IfNotPresent");
    assert_eq!(pod("fresh", "Always"), redis, "Always");
    // Who asks is told, and has what runs replaced: of what is pulled every time.
    let asked = fleet.bowline(&["plan", "--check-images", "--detailed-exitcode"]).ends(2).stdout;
    let moved = asked.lines().filter(|line| line.contains("moved: sha256:"));
    let moved: Vec<&str> = moved.collect();
    assert!(moved.len() == 1 && moved[0].contains("default/first"), "{asked}");
    fleet.bowline(&["apply", "--check-images", "--auto-approve"]).ends(0);
    let made = "podman inspect --format '{{.Image}}' lab_default_first_main";
    assert_eq!(fleet.on("node-1", made), redis);
    fleet.bowline(&["plan", "--check-images", "--detailed-exitcode"]).ends(0);
    fleet.bowline(&["delete", "pod", "first", "present", "fresh", "--auto-approve"]).ends(0);
    what_was_agreed_to_is_what_runs(fleet, (&busybox, &redis));
}

const ROLLED: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: rolled}
spec:
  replicas: 2
  minReadySeconds: 2
  strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}
  selector: {matchLabels: {app: rolled}}
  template:
    metadata: {labels: {app: rolled}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {name: main, image: "10.61.0.1:5000/e2e/tool:1", command: [sleep, "999"], imagePullPolicy: Always}
"#;

/// Rows: imagePullPolicy. A tag moves while a Deployment is rolled to what it named before: all pods get the same.
fn what_was_agreed_to_is_what_runs(fleet: &Fleet, (busybox, redis): (&str, &str)) {
    let push = |image: &str| {
        fleet.on("node-1", &format!("podman push -q {image} 10.61.0.1:5000/e2e/tool:1"));
    };
    let made = || {
        let line = "podman ps --filter label=bowline.owner=Deployment/rolled --format '{{.ImageID}}' | sort";
        let ids = fleet.on("node-1", line);
        ids.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let is = |image: &str, id: &String| image.trim().starts_with(id.as_str());
    push("docker.io/library/busybox:1.36");
    let file = fleet.write("rolled.yaml", ROLLED);
    let applied = fleet.apply(&[&file]).ends(0).all();
    let pulls = applied.matches("pulled 10.61.0.1:5000/e2e/tool:1 on 1 host in ").count();
    assert_eq!(pulls, 1, "pods of one host share a pull: {applied}");
    assert!(made().len() == 2 && made().iter().all(|id| is(busybox, id)), "{:?}", made());
    push("docker.io/library/redis:7");
    // The host has nothing of the tag but the image before: it is pulled, by its digest.
    fleet.on("node-1", "podman untag docker.io/library/redis:7; podman rmi --ignore docker.io/library/redis:7; true");
    let trace = fleet.directory().join("rolled.jsonl").display().to_string();
    let mut apply = fleet.start(&["apply", "--check-images", "--auto-approve", "--trace", &trace]);
    comes("true", || made().iter().any(|id| is(redis, id)).to_string());
    push("docker.io/library/busybox:1.36");
    assert!(apply.wait().unwrap().success());
    assert!(made().len() == 2 && made().iter().all(|id| is(redis, id)), "{:?}", made());
    let trace = std::fs::read_to_string(trace).unwrap();
    assert!(trace.contains("10.61.0.1:5000/e2e/tool@sha256:"), "{trace}");
    // The next look is told of the tag as it is now.
    let asked = fleet.bowline(&["plan", "--check-images", "--detailed-exitcode"]).ends(2).stdout;
    assert!(asked.contains("moved: sha256:"), "{asked}");
    fleet.bowline(&["delete", "-f", &file, "--auto-approve"]).ends(0);
}

/// `bowline images`, on a host where a stranger's container holds on to an image, too.
fn listed_and_pruned(fleet: &Fleet) {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: user}\nspec: {terminationGracePeriodSeconds: 0, containers: [{name: main, \
               image: \"busybox:1.36\", args: [sleep, \"999\"]}]}\n";
    let pod = fleet.write("user.yaml", pod);
    fleet.bowline(&["apply", "-f", &pod, "--auto-approve"]).ends(0);
    let extra = "podman pull -q docker.io/library/httpd:2; \
                 podman tag docker.io/library/httpd:2 docker.io/library/idle:1; podman pull -q docker.io/library/redis:7; \
                 podman create --name theirs docker.io/library/redis:7";
    fleet.on("node-1", extra);
    let table = fleet.bowline(&["--limit", "node-1", "images"]).ends(0).stdout;
    let of = |name: &str, tag: &str| {
        let line = table.lines().find(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.get(1) == Some(&name) && words.get(2) == Some(&tag)
        });
        line.unwrap_or_else(|| panic!("{name}:{tag} in {table}")).to_owned()
    };
    let id = fleet.on("node-1", "podman images -q docker.io/library/busybox:1.36");
    assert!(of("docker.io/library/busybox", "1.36").contains(id.trim()), "{table}");
    assert!(!of("docker.io/library/busybox", "1.36").ends_with(" MB   0"), "{table}");
    assert!(of("docker.io/library/idle", "1").ends_with(" MB   0"), "{table}");
    let program = fleet.bowline(&["--limit", "node-1", "images", "-o", "json"]).ends(0).stdout;
    let rows: serde_json::Value = serde_json::from_str(&program).unwrap();
    let rows = rows.as_array().unwrap();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    let using = row("docker.io/library/busybox:1.36")["pods"].as_array().unwrap();
    assert!(using.iter().any(|pod| pod == "default/user"), "{using:?}");
    assert_eq!(row("docker.io/library/redis:7")["containers"], 1);

    let dry = fleet.bowline(&["--limit", "node-1", "images", "prune", "--dry-run"]).ends(0).stdout;
    assert!(dry.contains("node-1 docker.io/library/idle:1"), "{dry}");
    assert!(dry.contains("node-1 docker.io/library/httpd:2"), "{dry}");
    assert!(!dry.contains("busybox:1.36") && !dry.contains("redis"), "{dry}");
    let kept = "podman images --format '{{.Repository}}:{{.Tag}}' | sort";
    let before = fleet.on("node-1", kept);
    // Nobody is there to be asked.
    assert_ne!(fleet.bowline(&["--limit", "node-1", "images", "prune"]).exit, 0);
    assert_eq!(fleet.on("node-1", kept), before);
    fleet.bowline(&["--limit", "node-1", "images", "prune", "--auto-approve"]).ends(0);
    let left = fleet.on("node-1", kept);
    let gone: Vec<&str> = dry.lines().filter_map(|line| line.strip_prefix("node-1 ")).collect();
    let expected: Vec<&str> = before.lines().filter(|name| !gone.contains(name)).collect();
    assert_eq!(left.lines().collect::<Vec<_>>(), expected);
    assert!(left.contains("busybox:1.36") && left.contains("redis:7"), "{left}");
    fleet.bowline(&["plan", "--detailed-exitcode"]).ends(0);
    fleet.bowline(&["delete", "pod", "user", "--auto-approve"]).ends(0);
    fleet.on("node-1", "podman rm theirs");
}
