//! Images: what registries are shown, and what is said of one that is not there.

use crate::fleet::Fleet;

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
pub(super) fn looks(fleet: &Fleet) {
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

    let never = "apiVersion: v1\nkind: Pod\nmetadata: {name: never}\nspec: {containers: [{name: main, image: \"busybox:9\", args: [sleep, \"99\"], \
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
    fleet.on("node-1", "podman rm --force --time 0 door");
}
