//! `create`: of files, and of flags.

use insta::assert_snapshot;

use super::stored;
use crate::cli::Fleet;
use crate::manifests::service;

#[test]
fn only_what_is_not_there_is_created() {
    let fleet = stored();
    assert_snapshot!(fleet.run("create -f web.yaml"), @r#"
    --- stderr, exit 1
      × deployments.apps "web" already exists
      help: change it with `bowline apply`, or put another in its place with `bowline replace`
    "#);
    fleet.write("other.yaml", &service("other"));
    fleet.run("create -f other.yaml --auto-approve");
    // No source holds it, so none prunes it.
    fleet.run("apply -f web.yaml --auto-approve");
    assert_eq!(fleet.get("svc/other", "{.spec.ports[0].port}"), "80");
    // And what leaves its manifest goes, as if it had been applied.
    fleet.write(
        "other.yaml",
        &service("other").replace("metadata: {", "metadata: {labels: {a: b}, "),
    );
    fleet.run("replace -f other.yaml --auto-approve");
    fleet.write("other.yaml", &service("other"));
    fleet.run("apply -f other.yaml --auto-approve");
    assert_eq!(fleet.get("svc/other", "{.metadata.labels.a}"), "");
}

/// What `create` prints when it is to store nothing.
fn made(fleet: &Fleet, line: &str) -> String {
    let said = fleet.run(&format!("create {line} --dry-run=client -o yaml"));
    said.replace("\n--- stderr, exit 0", "").replace("--- stderr, exit 0", "")
}

#[test]
fn deployments_made_from_flags() {
    let fleet = Fleet::new();
    let made = |line: &str| made(&fleet, line);
    assert_snapshot!(made("deployment web --image=nginx:1.27 --replicas=3 --port=80"), @"
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      labels:
        app: web
      name: web
    spec:
      replicas: 3
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
          - image: nginx:1.27
            name: nginx
            ports:
            - containerPort: 80
    ");
    assert!(made("deploy web --image=nginx -n shop").contains("  namespace: shop\n"));
}

#[test]
fn services_made_from_flags() {
    let fleet = Fleet::new();
    let made = |line: &str| made(&fleet, line);
    assert_snapshot!(made("service clusterip web --tcp=80:8080 --tcp=443"), @r#"
    apiVersion: v1
    kind: Service
    metadata:
      labels:
        app: web
      name: web
    spec:
      ports:
      - name: 80-8080
        port: 80
        protocol: TCP
        targetPort: 8080
      - name: "443"
        port: 443
        protocol: TCP
        targetPort: 443
      selector:
        app: web
      type: ClusterIP
    "#);
    assert_snapshot!(made("service nodeport web --tcp=80:http --node-port=30080"), @"
    apiVersion: v1
    kind: Service
    metadata:
      labels:
        app: web
      name: web
    spec:
      ports:
      - name: 80-http
        nodePort: 30080
        port: 80
        protocol: TCP
        targetPort: http
      selector:
        app: web
      type: NodePort
    notice: service/web:10: spec.ports[0].nodePort is not carried out yet
    notice: service/web:16: spec.type: NodePort is not carried out yet: it is treated as ClusterIP
    ");
    assert_snapshot!(made("service externalname db --external-name=db.example.org"), @"
    apiVersion: v1
    kind: Service
    metadata:
      labels:
        app: db
      name: db
    spec:
      externalName: db.example.org
      selector:
        app: db
      type: ExternalName
    notice: service/db:8: spec.externalName is not carried out yet
    notice: service/db:11: spec.type: ExternalName is not carried out yet: it is kept, and has no effect
    ");
}

#[test]
fn settings_made_from_flags() {
    let fleet = Fleet::new();
    let made = |line: &str| made(&fleet, line);
    fleet.write("conf/nginx.conf", "user nginx;\n");
    fleet.write("web.env", "# level\nLEVEL=debug\n");
    std::fs::write(fleet.path("conf/logo.png"), [0x89, 0xff]).unwrap();
    assert_snapshot!(made("configmap web --from-file=conf --from-literal=a=b=c"), @"
    apiVersion: v1
    binaryData:
      logo.png: if8=
    data:
      a: b=c
      nginx.conf: |
        user nginx;
    kind: ConfigMap
    metadata:
      name: web
    ");
    assert_snapshot!(made("configmap web --from-env-file=web.env"), @"
    apiVersion: v1
    data:
      LEVEL: debug
    kind: ConfigMap
    metadata:
      name: web
    ");
    assert_snapshot!(made("secret generic db --from-literal=password=one"), @"
    apiVersion: v1
    data:
      password: b25l
    kind: Secret
    metadata:
      name: db
    ");
}

#[test]
fn other_objects_made_from_flags() {
    let fleet = Fleet::new();
    let made = |line: &str| made(&fleet, line);
    let job = "create job once --image=busybox:1.36 --dry-run=client -o yaml -- date -u";
    assert_snapshot!(fleet.run(job), @"
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: once
    spec:
      template:
        spec:
          containers:
          - command:
            - date
            - -u
            image: busybox:1.36
            name: once
          restartPolicy: Never
    --- stderr, exit 0
    notice: job/once:2: Job is not carried out yet: no pods are made for it
    ");
    assert_snapshot!(made("namespace shop"), @"
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
    ");
    let registry = made("secret docker-registry hub --docker-username=anna --docker-password=one");
    assert!(registry.contains("type: kubernetes.io/dockerconfigjson"), "{registry}");
    fleet.write("tls.crt", "certificate\n");
    fleet.write("tls.key", "key\n");
    let tls = made("secret tls web --cert=tls.crt --key=tls.key");
    assert!(tls.contains("tls.crt: Y2VydGlmaWNhdGUK"), "{tls}");
}

#[test]
fn what_cannot_be_made_is_refused() {
    let fleet = Fleet::new();
    assert_snapshot!(fleet.run("create service clusterip web"), @"
    --- stderr, exit 2
      × a Service with an address needs a port
      help: add --tcp=PORT[:TARGET], or --clusterip=None
    ");
    assert_snapshot!(fleet.run("create deployment Web --image=nginx"), @"
    --- stderr, exit 1
      × what would come of it cannot be used: 1 error

    Error: invalid-name

      × metadata.name: `Web` is not a valid name: use lowercase letters, digits, `-` and `.`, and
      │ begin and end with a letter or digit
       ╭─[deployment/Web:6:9]
     5 │     app: Web
     6 │   name: Web
       ·         ─┬─
       ·          ╰── here
     7 │ spec:
       ╰────
    ");
    assert!(!fleet.path(".bowline/state.redb").exists(), "nothing was stored");
    std::fs::remove_file(fleet.path("inventory.yaml")).unwrap();
    assert_eq!(
        fleet.run("create namespace shop --dry-run=client -o name"),
        "namespace/shop\n--- stderr, exit 0"
    );
}

#[test]
fn a_job_is_made_from_a_cron_job() {
    let fleet = Fleet::new();
    // The shell of a user would keep the schedule together; here a word has no spaces.
    fleet.run("create cronjob nightly --image=busybox:1.36 --schedule=@daily --auto-approve");
    let said = fleet.run("create job now --from=cronjob/nightly --dry-run=client -o json");
    let job: serde_json::Value =
        serde_json::from_str(said.split("--- stderr").next().unwrap()).unwrap();
    assert_eq!(job["spec"]["template"]["spec"]["containers"][0]["image"], "busybox:1.36");
    let by = "cronjob.kubernetes.io/instantiate";
    assert_eq!(job["metadata"]["annotations"][by], "manual");
}
