//! What people see of what a rule finds.

use insta::assert_snapshot;

use super::samples::SAMPLES;
use super::*;

/// What a person sees of the sample of a rule.
fn shown(rule: &str) -> String {
    let sample = SAMPLES.iter().find(|sample| sample.rule == rule).unwrap();
    let linted = linted(&sample.text(), rule);
    let mut out = String::new();
    for finding in found(&linted) {
        miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
            .with_width(100)
            .render_report(&mut out, finding)
            .unwrap();
    }
    out
}

#[test]
fn floating_tag() {
    assert_snapshot!(shown("floating-tag"), @"
    floating-tag

      ! the image `nginx:latest` is another one each time it is published
        ,-[shop.yaml:25:16]
     24 |       - name: web
     25 |         image: nginx:latest
        :                ^^^^^^|^^^^^
        :                      `-- this may change
     26 |         ports:
        `----
      help: name the version that you have tried: `image: nginx:VERSION`
    ");
}

#[test]
fn no_requests() {
    assert_snapshot!(shown("no-requests"), @"
    no-requests

      ! container `web` does not say how much CPU it needs
        ,-[shop.yaml:33:22]
     32 |         resources:
     33 |           requests: {memory: 64Mi}
        :                      ^^^^^^|^^^^^
        :                            `-- says nothing of CPU
     34 |           limits: {memory: 128Mi}
        `----
      help: say it, from what you have measured: `resources: {requests: {cpu: 100m}}`
    ");
}

#[test]
fn no_memory_limit() {
    assert_snapshot!(shown("no-memory-limit"), @"
    no-memory-limit

      ! container `web` may take all memory of its host
        ,-[shop.yaml:34:20]
     33 |           requests: {cpu: 100m, memory: 64Mi}
     34 |           limits: {cpu: 1}
        :                    ^^^|^^
        :                       `-- no memory limit
     35 |         securityContext:
        `----
      help: set a limit: `resources: {limits: {memory: 256Mi}}`
    ");
}

#[test]
fn no_readiness_probe() {
    assert_snapshot!(shown("no-readiness-probe"), @"
    no-readiness-probe

      ! no container has a readiness probe: the pod counts as ready as soon as it runs
        ,-[shop.yaml:24:9]
     23 |       containers:
     24 |       - name: web
        :         ^^^^|^^^^
        :             `-- no readinessProbe
     25 |         image: nginx:1.27.3@sha256:09369da6b10306312cd908661320086bf87fbae1b6b0c49a1f50ba531fef2eab
        `----
      help: ask the program itself: `readinessProbe: {httpGet: {path: /ready, port: 8080}}`
    ");
}

#[test]
fn equal_probes() {
    assert_snapshot!(shown("equal-probes"), @"
    equal-probes

      ! container `web` is killed as soon as it is not ready: both probes ask the same, and the
      | liveness probe is no more patient
        ,-[shop.yaml:40:11]
     39 |         livenessProbe:
     40 |           httpGet: {path: /ready, port: http}
        :           ^^^|^^^
        :              `-- the same as readinessProbe
     41 |       volumes:
        `----
      help: give the liveness probe more patience, such as `failureThreshold: 10`, or a question of
            its own
    ");
}

#[test]
fn probe_port() {
    assert_snapshot!(shown("probe-port"), @"
    probe-port

      ! container `web` has no port `htpp`
        ,-[shop.yaml:40:41]
     39 |         livenessProbe:
     40 |           httpGet: {path: /alive, port: htpp}
        :                                         ^^|^
        :                                           `-- no such port
     41 |       volumes:
        `----
      help: name a port of the container, or write its number: `port: 8080`
    ");
}

#[test]
fn no_spread() {
    assert_snapshot!(shown("no-spread"), @"
    no-spread

      > nothing keeps the 2 replicas from standing on one host
        ,-[shop.yaml:12:13]
     11 | spec:
     12 |   replicas: 2
        :             |
        :             `-- may all go down together
     13 |   selector: {matchLabels: {app: web}}
        `----
      help: ask for it in the pod template: `topologySpreadConstraints: [{maxSkew: 1, topologyKey:
            kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels:
            {app: web}}}]`
    ");
}

#[test]
fn pdb_blocks_eviction() {
    assert_snapshot!(shown("pdb-blocks-eviction"), @"
    pdb-blocks-eviction

      ! no pod may be evicted: 2 must be available, and there are 2
        ,-[shop.yaml:81:17]
     80 | spec:
     81 |   minAvailable: 2
        :                 |
        :                 `-- as many as there are
     82 |   selector: {matchLabels: {app: web}}  # PodDisruptionBudget
        `----
      help: allow one: `maxUnavailable: 1` in place of `minAvailable`, or run one replica more
    ");
}

#[test]
fn hpa_without_requests() {
    assert_snapshot!(shown("hpa-without-requests"), @"
    hpa-without-requests

      ! there is no cpu request to measure against in `db`
         ,-[shop.yaml:106:6]
     105 |   metrics:
     106 |   - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}
         :      ^^^^^^^|^^^^^^
         :             `-- cannot be measured
     107 | ---
         `----
      help: say what the containers need: `resources: {requests: {cpu: 100m}}`
    ");
}

#[test]
fn hpa_fixed_replicas() {
    assert_snapshot!(shown("hpa-fixed-replicas"), @"
    hpa-fixed-replicas

      ! HorizontalPodAutoscaler shop/db scales this, and every apply sets the number back
        ,-[shop.yaml:89:13]
     88 |   serviceName: db
     89 |   replicas: 1
        :             |
        :             `-- leave this out
     90 |   selector: {matchLabels: {app: db}}
        `----
      help: leave `replicas` out of the manifest
    ");
}

#[test]
fn dangerous_capability() {
    assert_snapshot!(shown("dangerous-capability"), @"
    dangerous-capability

      ! container `web` can take over its host by `SYS_ADMIN`
        ,-[shop.yaml:36:39]
     35 |         securityContext:
     36 |           capabilities: {add: [CHOWN, SYS_ADMIN]}
        :                                       ^^^^|^^^^
        :                                           `-- power over the host
     37 |         readinessProbe:
        `----
      help: take it out of `capabilities.add`, or put a narrower one in its place
    ");
}

#[test]
fn runs_as_root() {
    assert_snapshot!(shown("runs-as-root"), @"
    runs-as-root

      ! container `web` runs as root
        ,-[shop.yaml:17:36]
     16 |     spec:
     17 |       securityContext: {runAsUser: 0}
        :                                    |
        :                                    `-- root
     18 |       topologySpreadConstraints:
        `----
      help: if the image can do without: `securityContext: {runAsNonRoot: true, runAsUser: 1000}`
    ");
}

#[test]
fn container_socket() {
    assert_snapshot!(shown("container-socket"), @"
    container-socket

      ! the volume `engine` hands out `/run/podman/podman.sock`: as good as root on the host
        ,-[shop.yaml:42:41]
     41 |       volumes:
     42 |       - {name: engine, hostPath: {path: /run/podman/podman.sock}}
        :                                         ^^^^^^^^^^^|^^^^^^^^^^^
        :                                                    `-- the engine's socket
     43 |       - {name: token, secret: {secretName: token}}
        `----
      help: take the `hostPath` out; to build images, use a builder that needs no engine
    ");
}

#[test]
fn host_namespace() {
    assert_snapshot!(shown("host-namespace"), @"
    host-namespace

      ! the pod shares the processes of its host
        ,-[shop.yaml:18:16]
     17 |       securityContext: {runAsNonRoot: true, runAsUser: 1000}
     18 |       hostPID: true
        :                ^^|^
        :                  `-- the host's own
     19 |       topologySpreadConstraints:
        `----
      help: take `hostNetwork`, `hostPID` or `hostIPC` out; a Service or a `hostPort` mostly does what
            it was for
    ");
}

#[test]
fn secret_in_env() {
    assert_snapshot!(shown("secret-in-env"), @"
    secret-in-env

      ! `DB_PASSWORD` of container `web` is a secret in plain text
        ,-[shop.yaml:29:18]
     28 |         env:
     29 |         - {name: DB_PASSWORD, value: *******}
        :                  ^^^^^|^^^^^
        :                       `-- its value is here for all to read
     30 |         envFrom:
        `----
      help: put it in a Secret: `valueFrom: {secretKeyRef: {name: NAME, key: KEY}}`
    ");
}

#[test]
fn secret_in_configmap() {
    assert_snapshot!(shown("secret-in-configmap"), @"
    secret-in-configmap

      ! `db-password` is a secret in a ConfigMap
        ,-[shop.yaml:47:8]
     46 | metadata: {name: settings, namespace: shop}
     47 | data: {db-password: *******}
        :        ^^^^^|^^^^^
        :             `-- its value is here for all to read
     48 | ---
        `----
      help: put it in a Secret: `envFrom: [{secretRef: {name: NAME}}]`
    ");
}

#[test]
fn service_without_pods() {
    assert_snapshot!(shown("service-without-pods"), @"
    service-without-pods

      ! the selector matches no pods
        ,-[shop.yaml:59:14]
     58 |   type: ClusterIP
     59 |   selector: {app: wep}
        :              ^^^^|^^^
        :                  `-- no pods have these labels
     60 |   ports:
        `----
      help: the pods of Deployment shop/web match but for `app`: theirs is `app: web`
    ");
}

#[test]
fn service_target_port() {
    assert_snapshot!(shown("service-target-port"), @"
    service-target-port

      ! none of the pods has a port `htpp`
        ,-[shop.yaml:61:28]
     60 |   ports:
     61 |   - {port: 80, targetPort: htpp}
        :                            ^^|^
        :                              `-- no such port in the pods
     62 | ---
        `----
      help: did you mean `http`?
    ");
}

#[test]
fn service_without_endpoints() {
    assert_snapshot!(shown("service-without-endpoints"), @"
    service-without-endpoints

      > nothing says where calls go: there is neither a selector nor an EndpointSlice
        ,-[shop.yaml:57:1]
     56 | metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/name: web-service}}
     57 | spec:
        : ^^|^
        :   `-- no selector
     58 |   type: ClusterIP
        `----
      help: add a `selector`, or an EndpointSlice with the label `kubernetes.io/service-name: NAME`
    ");
}

#[test]
fn unused_configmap() {
    assert_snapshot!(shown("unused-configmap"), @"
    unused-configmap

      > nothing refers to the ConfigMap left
         ,-[shop.yaml:139:52]
     138 | ---
     139 | {apiVersion: v1, kind: ConfigMap, metadata: {name: left, namespace: shop}}
         :                                                    ^^|^
         :                                                      `-- not used
         `----
      help: take it away, or name it where it is meant to be used: `envFrom: [{configMapRef: {name:
            NAME}}]`
    ");
}

#[test]
fn bare_pod() {
    assert_snapshot!(shown("bare-pod"), @"
    bare-pod

      ! nothing puts another Pod in its place when its host goes
         ,-[shop.yaml:140:7]
     139 | apiVersion: v1
     140 | kind: Pod
         :       ^|^
         :        `-- stands for itself
     141 | metadata: {name: one, namespace: shop}
         `----
      help: make it the template of a `kind: Job`
    ");
}

#[test]
fn default_namespace() {
    assert_snapshot!(shown("default-namespace"), @"
    default-namespace

      > this object stands in the namespace `default`
         ,-[shop.yaml:139:40]
     138 | ---
     139 | {apiVersion: v1, kind: ServiceAccount, metadata: {name: build}}
         :                                        ^^^^|^^^
         :                                            `-- in `default`
         `----
      help: `metadata: {namespace: NAME}` with a Namespace of that name, or `-n NAME`
    ");
}

#[test]
fn unknown_rule() {
    assert_snapshot!(shown("unknown-rule"), @"
    unknown-rule

      ! there is no rule `flaoting-tag`
        ,-[shop.yaml:10:42]
      9 |   namespace: shop
     10 |   annotations: {bowline.dev/lint-ignore: 'no-spread, flaoting-tag'}
        :                                          ^^^^^^^^^^^^|^^^^^^^^^^^^
        :                                                      `-- silences nothing
     11 | spec:
        `----
      help: did you mean `floating-tag`?
    ");
}
