//! Commands that change stored objects, as a user runs them. Nobody answers at the fleet's host: what is stored is what counts.

use insta::assert_snapshot;

use crate::cli::Fleet;
use crate::manifests::{service, web};

/// A fleet whose stored objects are those of `web.yaml`.
fn stored() -> Fleet {
    let fleet = Fleet::new();
    fleet.write("web.yaml", &(web(3, "1") + &service("web")));
    fleet.run("apply -f web.yaml --auto-approve");
    fleet
}

impl Fleet {
    /// Something of an object, as `get` gives it.
    fn get(&self, what: &str, template: &str) -> String {
        let said = self.run(&format!("get {what} -o jsonpath={template}"));
        said.split("--- stderr").next().unwrap_or_default().trim().to_owned()
    }
}

/// What stands before the summary of what happened on hosts.
fn plan_of(said: &str) -> &str {
    said.split("\nThese have to wait").next().unwrap_or_default()
}

#[test]
fn what_others_set_survives_an_apply() {
    let fleet = stored();
    fleet.write("web.yaml", &(web(3, "1").replace("  replicas: 3\n", "") + &service("web")));
    fleet.run("apply -f web.yaml --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "1");
    fleet.run("scale deploy web --replicas=5 --auto-approve");
    fleet.run("label deploy/web tier=front --auto-approve");
    fleet.write("web.yaml", &(web(3, "2").replace("  replicas: 3\n", "") + &service("web")));
    assert_snapshot!(plan_of(&fleet.run("plan -f web.yaml")), @"
    These changes will be made:

      ~ update  Deployment default/web    spec.template.spec.containers[name=main].image: nginx:1 -> nginx:2
    ");
    fleet.run("apply -f web.yaml --auto-approve");
    let all = "{.spec.replicas}/{.metadata.labels.tier}/{.spec.template.spec.containers[0].image}";
    assert_eq!(fleet.get("deploy/web", all), "5/front/nginx:2");
    let counts = "{.metadata.generation}/{.metadata.resourceVersion}";
    assert_eq!(fleet.get("deploy/web", counts), "4/5");
    fleet.write("web.yaml", &(web(2, "2") + &service("web")));
    fleet.run("apply -f web.yaml --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "2");
}

#[test]
fn what_others_set_and_what_a_manifest_says_must_fit_together() {
    let fleet = Fleet::new();
    let ports = |ports: &str| service("web").replace("[{port: 80}]", ports);
    fleet.write("web.yaml", &ports("[{name: http, port: 80}]"));
    fleet.run("apply -f web.yaml --auto-approve");
    let patch = r#"{"spec":{"ports":[{"name":"admin","port":81}]}}"#;
    fleet.run(&format!("patch svc web -p {patch} --auto-approve"));
    assert_eq!(fleet.get("svc/web", "{.spec.ports[*].port}"), "81 80");
    fleet.write("web.yaml", &ports("[{name: http, port: 80}, {name: admin, port: 82}]"));
    assert_snapshot!(fleet.run("plan -f web.yaml"), @"
    --- stderr, exit 1
      × the manifests cannot be used: 1 error

    Error: duplicate-name

      × spec.ports[2].name: the port `admin` is there twice
        ╭─[service/web:16:11]
      7 │   ports:
      8 │   - name: admin
        ·           ──┬──
        ·             ╰── first here
      9 │     port: 81
     10 │     protocol: TCP
     11 │     targetPort: 81
     12 │   - name: http
     13 │     port: 80
     14 │     protocol: TCP
     15 │     targetPort: 80
     16 │   - name: admin
        ·           ──┬──
        ·             ╰── again here
     17 │     port: 82
        ╰────
    ");
}

#[test]
fn a_plan_shows_every_field_that_changes() {
    let fleet = Fleet::new();
    let config = |conf: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata:\n  nginx.conf: |\n{conf}---\n"
        )
    };
    let secret = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: web}}\ndata: {{password: {value}}}\n---\n"
        )
    };
    let conf = "    user nginx;\n    keepalive 5;\n    gzip on;\n";
    fleet.write("web.yaml", &(web(3, "1") + &config(conf) + &secret("b25l")));
    fleet.run("apply -f web.yaml --auto-approve");
    let sidecar = "      - {name: log, image: \"busybox:1\"}\n";
    let web = web(4, "2")
        .replace("metadata: {name: web}", "metadata: {name: web, labels: {tier: front}}");
    let web = web.replace("---\n", &format!("{sidecar}---\n"));
    fleet.write("web.yaml", &(web + &config(&conf.replace('5', "65")) + &secret("dHdv")));
    assert_snapshot!(plan_of(&fleet.run("plan -f web.yaml")), @"
    These changes will be made:

      ~ update  ConfigMap default/web     1 field changes
          ~ data[nginx.conf]:
                user nginx;
              - keepalive 5;
              + keepalive 65;
                gzip on;
      ~ update  Deployment default/web    4 fields change
          + metadata.labels.tier: front
          ~ spec.replicas: 3 -> 4
          ~ spec.template.spec.containers[name=main].image: nginx:1 -> nginx:2
          + spec.template.spec.containers[name=log]:
              + image: busybox:1
              + imagePullPolicy: IfNotPresent
              + name: log
              + resources: {}
              + terminationMessagePath: /dev/termination-log
              + terminationMessagePolicy: File
      ~ update  Secret default/web        data.password: (sensitive) -> (sensitive)
    ");
    let json: serde_json::Value = {
        let said = fleet.run("plan -f web.yaml -o json");
        serde_json::from_str(said.split("--- stderr").next().unwrap()).unwrap()
    };
    let deployment = json["changes"].as_array().unwrap().iter().find(|c| c["kind"] == "Deployment");
    let fields = deployment.unwrap()["fields"].as_array().unwrap();
    let image = "spec.template.spec.containers[name=main].image";
    let image = fields.iter().find(|field| field["path"] == image).unwrap();
    assert_eq!((&image["before"], &image["after"]), (&"nginx:1".into(), &"nginx:2".into()));
    assert_snapshot!(fleet.run("diff -f web.yaml"), @"
    --- live/v1.ConfigMap.default.web
    +++ merged/v1.ConfigMap.default.web
    @@ -2,7 +2,7 @@
     data:
       nginx.conf: |
         user nginx;
    -    keepalive 5;
    +    keepalive 65;
         gzip on;
     kind: ConfigMap
     metadata:
    --- live/apps.v1.Deployment.default.web
    +++ merged/apps.v1.Deployment.default.web
    @@ -1,11 +1,13 @@
     apiVersion: apps/v1
     kind: Deployment
     metadata:
    +  labels:
    +    tier: front
       name: web
       namespace: default
     spec:
       progressDeadlineSeconds: 600
    -  replicas: 3
    +  replicas: 4
       revisionHistoryLimit: 10
       selector:
         matchLabels:
    @@ -21,7 +23,7 @@
             app: web
         spec:
           containers:
    -      - image: nginx:1
    +      - image: nginx:2
             imagePullPolicy: IfNotPresent
             name: main
             ports:
    @@ -30,6 +32,12 @@
             resources: {}
             terminationMessagePath: /dev/termination-log
             terminationMessagePolicy: File
    +      - image: busybox:1
    +        imagePullPolicy: IfNotPresent
    +        name: log
    +        resources: {}
    +        terminationMessagePath: /dev/termination-log
    +        terminationMessagePolicy: File
           dnsPolicy: ClusterFirst
           restartPolicy: Always
           schedulerName: default-scheduler
    --- live/v1.Secret.default.web
    +++ merged/v1.Secret.default.web
    @@ -1,6 +1,6 @@
     apiVersion: v1
     data:
    -  password: (sensitive, before)
    +  password: (sensitive, after)
     kind: Secret
     metadata:
       name: web
    --- stderr, exit 1
    notice: web.yaml:27: Secret is not carried out yet: no pod is given what it holds
    ");
    fleet.run("apply -f web.yaml --auto-approve");
    let said = fleet.run("diff -f web.yaml");
    assert!(said.starts_with("--- stderr, exit 0\n"), "{said}");
    fleet.write("web.yaml", "kind: [");
    assert!(fleet.run("diff -f web.yaml").contains("--- stderr, exit 2"));
}

#[test]
fn labels_are_set_and_removed() {
    let fleet = stored();
    assert_snapshot!(fleet.run("label deploy web tier=front --auto-approve"), @"
    These changes will be made:

      ~ update  Deployment default/web    metadata.labels.tier: (none) -> front

    These have to wait:

      Deployment default/web: 3 pods: 0/1 nodes are available: 1 node(s) were unreachable.

    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)

    Plan: 1 to update.
    deployment.apps/web labeled
    --- stderr, exit 3
    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)
    waiting Deployment default/web: 3 pods: 0/1 nodes are available: 1 node(s) were unreachable.
    Not all done: 0 steps carried out.
    ");
    assert_snapshot!(fleet.run("label deploy web tier=back --auto-approve"), @"
    --- stderr, exit 2
      × deployment/web: `tier` already has a value (front)
      help: add --overwrite to give it another
    ");
    assert_snapshot!(fleet.run("label deploy web tier=front"), @"
    deployment.apps/web not labeled
    --- stderr, exit 0
    ");
    assert_snapshot!(fleet.run("label deploy,svc --all tier=back --overwrite --dry-run=client"), @"
    deployment.apps/web labeled (dry run)
    service/web labeled (dry run)
    --- stderr, exit 0
    ");
    fleet.run("annotate deploy/web svc/web owner=anna --auto-approve");
    assert_eq!(fleet.get("svc/web", "{.metadata.annotations.owner}"), "anna");
    fleet.run("label deploy web tier- --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.metadata.labels.tier}"), "");
    assert_snapshot!(fleet.run("label deploy web bad=a/b"), @"
    --- stderr, exit 1
      × what would come of it cannot be used: 1 error

    Error: invalid-label

      × metadata.labels.bad: `a/b` is not a valid label value: use at most 63 letters, digits, `-`,
      │ `_` and `.`, and begin and end with a letter or digit
       ╭─[deployment/web:7:10]
     6 │   labels:
     7 │     bad: a/b
       ·          ─┬─
       ·           ╰── here
     8 │   name: web
       ╰────
    ");
    assert_snapshot!(fleet.run("label deploy db a=b"), @r#"
    --- stderr, exit 1
      × deployments.apps "db" not found
    "#);
    assert_snapshot!(fleet.run("label node node-1 a=b"), @"
    --- stderr, exit 2
      × hosts are not objects that can be changed or deleted
      help: change or take out node-1 in inventory.yaml and apply
    ");
    assert_snapshot!(fleet.run("scale svc web --replicas=2"), @"
    --- stderr, exit 2
      × service/web has no number of replicas
      help: what can be scaled: Deployment, StatefulSet, ReplicaSet, ReplicationController
    ");
    assert_snapshot!(fleet.run("scale deploy web --replicas=2 --current-replicas=9"), @"
    --- stderr, exit 2
      × deployment/web asks for 3 replicas, not 9
      help: leave --current-replicas out to scale it all the same
    ");
}

#[test]
fn nothing_is_changed_without_a_yes() {
    let fleet = stored();
    assert_snapshot!(fleet.run("scale deploy web --replicas=9"), @"
    These changes will be made:

      ~ update  Deployment default/web    spec.replicas: 3 -> 9

    These have to wait:

      Deployment default/web: 9 pods: 0/1 nodes are available: 1 node(s) were unreachable.

    unreachable node-1: cannot connect to 127.0.0.1:<port>: Connection refused (os error 111)

    Plan: 1 to update.
    --- stderr, exit 1
      × the plan needs somebody's `yes`, and there is no terminal to ask
      help: add --auto-approve
    ");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "3");
}

#[test]
fn containers_are_set() {
    let fleet = stored();
    fleet.run("set image deploy/web main=nginx:7 --auto-approve");
    fleet.run("set env deploy/web LEVEL=debug OTHER=1 --auto-approve");
    fleet.run("set env deploy/web OTHER- --auto-approve");
    fleet.run(
        "set resources deploy web --limits=cpu=1,memory=64Mi --requests=cpu=100m --auto-approve",
    );
    let container = "{.spec.template.spec.containers[0]";
    assert_eq!(fleet.get("deploy/web", &format!("{container}.image}}")), "nginx:7");
    assert_eq!(fleet.get("deploy/web", &format!("{container}.resources.requests.cpu}}")), "100m");
    assert_snapshot!(fleet.run("set env deploy/web --list"), @"
    # deployment/web, container main
    LEVEL=debug
    --- stderr, exit 0
    ");
    assert_snapshot!(fleet.run("set image deploy/web side=nginx:7"), @"
    --- stderr, exit 2
      × deployment/web has no container called `side`
      help: its containers are: main
    ");
    assert_snapshot!(fleet.run("set resources svc web --limits=cpu=1"), @"
    --- stderr, exit 2
      × service/web has no containers
      help: name a Pod, or an object that makes pods, such as deployment/web
    ");
    assert_snapshot!(fleet.run("set resources deploy web --limits=cpu=much"), @"
    --- stderr, exit 1
      × what would come of it cannot be used: 1 error

    Error: invalid-quantity

      × spec.template.spec.containers[0].resources.limits.cpu: `much` is not a quantity: write a
      │ number with an optional suffix such as m, k, M, G, Ki, Mi, Gi
        ╭─[deployment/web:35:18]
     34 │           limits:
     35 │             cpu: much
        ·                  ──┬─
        ·                    ╰── here
     36 │             memory: 64Mi
        ╰────
    ");
    let told = fleet.run("history");
    assert!(told.contains("LEVEL=...") && !told.contains("debug"), "{told}");
    fleet.run("create configmap web --from-literal=web.level=info --auto-approve");
    fleet.run("set env deploy/web --from=configmap/web --prefix=CM_ --auto-approve");
    assert_snapshot!(fleet.run("set env deploy/web --list"), @"
    # deployment/web, container main
    LEVEL=debug
    # CM_WEB_LEVEL from configmap/web, key web.level
    --- stderr, exit 0
    ");
}

#[test]
fn a_patch_in_each_of_the_three_ways() {
    let fleet = stored();
    let container = "{.spec.template.spec.containers[*].name}";
    let strategic =
        r#"{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"log:1"}]}}}}"#;
    fleet.run(&format!("patch deploy web -p {strategic} --auto-approve"));
    let names = fleet.get("deploy/web", container);
    assert!(names.contains("main") && names.contains("side"), "{names}");
    fleet.write("patch.yaml", "spec:\n  replicas: 2\n  minReadySeconds: 0o10\n");
    fleet.run("patch deploy/web --type=merge --patch-file=patch.yaml --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "2");
    let json = r#"[{"op":"remove","path":"/spec/template/spec/containers/0"}]"#;
    fleet.run(&format!("patch deploy web --type=json -p {json} --auto-approve"));
    assert_eq!(fleet.get("deploy/web", container).split(' ').count(), 1);
    let absent = r#"[{"op":"remove","path":"/spec/nothing"}]"#;
    assert_snapshot!(fleet.run(&format!("patch deploy web --type=json -p {absent}")), @"
    --- stderr, exit 2
      × the patch does not fit: there is nothing at `/spec/nothing`
      help: strategic and merge patches are objects, a patch of --type=json is a list of operations
    ");
    let renamed = r#"{"metadata":{"name":"other"}}"#;
    assert_snapshot!(fleet.run(&format!("patch deploy web -p {renamed}")), @"
    --- stderr, exit 2
      × the kind, name and namespace of Deployment default/web may not change
      help: make another object with `bowline create`, and delete this one
    ");
    let wrong = r#"{"spec":{"replicas":"three"}}"#;
    assert_snapshot!(fleet.run(&format!("patch deploy web -p {wrong}")), @"
    --- stderr, exit 1
      × what would come of it cannot be used: 1 error

    Error: wrong-type

      × spec.replicas: expected a number, found the string `three`
        ╭─[deployment/web:9:13]
      8 │   progressDeadlineSeconds: 600
      9 │   replicas: three
        ·             ──┬──
        ·               ╰── expected a number
     10 │   revisionHistoryLimit: 10
        ╰────
    ");
    let negative = r#"{"spec":{"replicas":-1}}"#;
    assert_snapshot!(fleet.run(&format!("patch deploy web -p {negative}")), @"
    --- stderr, exit 1
      × what would come of it cannot be used: 1 error

    Error: out-of-range

      × spec.replicas: must be 0 or more
        ╭─[deployment/web:9:13]
      8 │   progressDeadlineSeconds: 600
      9 │   replicas: -1
        ·             ─┬
        ·              ╰── here
     10 │   revisionHistoryLimit: 10
        ╰────
    ");
    assert_snapshot!(fleet.run("patch deploy web -p {\"spec\":{}} --auto-approve"), @"
    deployment.apps/web patched (no change)
    --- stderr, exit 0
    ");
}

#[test]
fn a_replacement_keeps_nothing_that_others_set() {
    let fleet = stored();
    fleet.run("label deploy web tier=front --auto-approve");
    fleet.write("one.yaml", &web(3, "1"));
    fleet.run("replace -f one.yaml --auto-approve");
    assert_eq!(fleet.get("deploy/web", "{.metadata.labels.tier}"), "");
    fleet.write("one.yaml", &web(3, "1").replace("name: web}\nspec", "name: other}\nspec"));
    assert_snapshot!(fleet.run("replace -f one.yaml"), @r#"
    --- stderr, exit 1
      × deployments.apps "other" not found
    "#);
}

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

#[test]
fn objects_made_from_flags() {
    let fleet = Fleet::new();
    let made = |line: &str| {
        let said = fleet.run(&format!("create {line} --dry-run=client -o yaml"));
        said.replace("\n--- stderr, exit 0", "").replace("--- stderr, exit 0", "")
    };
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
    notice: secret/db:4: Secret is not carried out yet: no pod is given what it holds
    ");
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

/// An editor that runs a `sed` script over the file, the next one each time it is called.
fn editor(fleet: &Fleet, scripts: &[&str]) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    for (number, script) in scripts.iter().enumerate() {
        fleet.write(&format!("edits/{number}"), script);
    }
    let directory = fleet.path("edits").display().to_string();
    let text = format!(
        "#!/bin/sh\nset -e\ncd {directory}\nn=$(cat n 2>/dev/null || echo 0)\ncp \"$1\" seen-$n\n\
         test ! -e $n || sed -i -f $n \"$1\"\necho $((n + 1)) > n\n"
    );
    fleet.write("editor", &text);
    let path = fleet.path("editor");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

#[test]
fn an_object_is_edited() {
    let fleet = stored();
    let editor = editor(&fleet, &["s/replicas: 3/replicas: 4/"]);
    let variables = [("EDITOR", editor.as_str()), ("PATH", "/usr/bin:/bin")];
    let said = fleet.run_with("edit deploy web --auto-approve", &variables);
    assert!(said.contains("deployment.apps/web edited"), "{said}");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "4");
    assert_snapshot!(fleet.run_with("edit deploy web", &variables), @"
    --- stderr, exit 0
    Edit cancelled, no changes made.
    ");
}

#[test]
fn an_edit_that_is_wrong_opens_again_and_says_why() {
    let fleet = stored();
    let editor = editor(&fleet, &["s/replicas: 3/replicas: -4/", "s/replicas: -4/replicas: 4/"]);
    let variables = [("KUBE_EDITOR", editor.as_str()), ("PATH", "/usr/bin:/bin")];
    let said = fleet.run_with("edit deploy web --auto-approve", &variables);
    assert!(said.contains("deployment.apps/web edited"), "{said}");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "4");
    let again = std::fs::read_to_string(fleet.path("edits/seen-1")).unwrap();
    let comments: Vec<&str> = again.lines().take_while(|line| line.starts_with('#')).collect();
    assert_snapshot!(comments.join("\n"), @"
    # Edit the object below. Lines that begin with # are left out. An empty file, or one without a
    # change, ends this. If something is wrong, this file opens again and says what.
    #
    # deployment/web cannot be stored so:
    # * line 8: spec.replicas: must be 0 or more
    #
    ");
}

#[test]
fn an_edit_that_stays_wrong_is_kept_and_changes_nothing() {
    let fleet = stored();
    let editor = editor(&fleet, &["s/name: web$/name: other/"]);
    let temp = fleet.path("tmp").display().to_string();
    std::fs::create_dir(&temp).unwrap();
    let variables =
        [("EDITOR", editor.as_str()), ("PATH", "/usr/bin:/bin"), ("TMPDIR", temp.as_str())];
    assert_snapshot!(fleet.run_with("edit svc web", &variables), @"
    --- stderr, exit 2
      × nothing that can be stored was saved: this is Service default/other: the kind, name and
      │ namespace of Service default/web may not change
      help: what you wrote is in <fleet>/tmp/bowline-edit-service-0.yaml
    ");
    let kept = std::fs::read_to_string(fleet.path("tmp/bowline-edit-service-0.yaml")).unwrap();
    assert!(kept.contains("name: other"), "{kept}");
}
