//! What of a change is shown before it is made.

use insta::assert_snapshot;

use super::plan_of;
use crate::cli::Fleet;
use crate::manifests::web;

/// A fleet whose manifests have changed since they were applied: a setting, a secret and a Deployment.
fn changed() -> Fleet {
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
    fleet
}

#[test]
fn a_plan_shows_every_field_that_changes() {
    let fleet = changed();
    assert_snapshot!(plan_of(&fleet.run("plan -f web.yaml")), @"
    These changes will be made:

      ~ update  ConfigMap default/web     1 field changes
          ~ data[nginx.conf]:
                user nginx;
              - keepalive 5;
              + keepalive 65;
                gzip on;
      ~ update  Secret default/web        data.password: (sensitive) -> (sensitive)
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
}

#[test]
fn a_diff_shows_every_line_that_changes() {
    let fleet = changed();
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
    ");
    fleet.run("apply -f web.yaml --auto-approve");
    let said = fleet.run("diff -f web.yaml");
    assert_eq!(said, "--- stderr, exit 0");
    fleet.write("web.yaml", "kind: [");
    assert!(fleet.run("diff -f web.yaml").contains("--- stderr, exit 2"));
}
