//! Each rule of a pod's containers, broken once.

use super::*;

/// A Pod with these lines of its specification, and these of its container.
pub(super) fn pod(spec: &str, container: &str) -> String {
    let mut text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: c\n    image: i\n".to_owned();
    for (indent, lines) in [("    ", container), ("  ", spec)] {
        for line in lines.lines() {
            text.extend([indent, line, "\n"]);
        }
    }
    text
}

pub(super) fn assert_pods(cases: &[(&str, &str, &str)]) {
    let cases: Vec<_> =
        cases.iter().map(|(spec, own, expected)| (*spec, pod(spec, own), *expected)).collect();
    assert_faults(&cases);
}

pub(super) fn assert_containers(cases: &[(&str, &str)]) {
    let cases: Vec<_> =
        cases.iter().map(|(own, expected)| (*own, pod("", own), *expected)).collect();
    assert_faults(&cases);
}

#[test]
fn containers() {
    assert_containers(&[
        (
            "imagePullPolicy: always",
            "8:22 invalid-value: spec.containers[0].imagePullPolicy: `always` is none of Always, IfNotPresent, Never (did you mean `Always`?)",
        ),
        (
            "terminationMessagePolicy: Log",
            "8:31 invalid-value: spec.containers[0].terminationMessagePolicy: `Log` is none of File, FallbackToLogsOnError",
        ),
        (
            "restartPolicy: Sometimes",
            "8:20 invalid-value: spec.containers[0].restartPolicy: `Sometimes` is none of Always, OnFailure, Never",
        ),
        (
            "restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]",
            "6:5 required: spec.containers[0].restartPolicy: is required",
        ),
        (
            "restartPolicy: Never\nrestartPolicyRules: [{action: Again}]",
            "9:27 required: spec.containers[0].restartPolicyRules[0].exitCodes: is required\n9:35 invalid-value: spec.containers[0].restartPolicyRules[0].action: `Again` is none of Restart, RestartAllContainers",
        ),
        (
            "resizePolicy: [{resourceName: gpu, restartPolicy: NotRequired}]",
            "8:35 invalid-value: spec.containers[0].resizePolicy[0].resourceName: `gpu` is none of cpu, memory (did you mean `cpu`?)",
        ),
        (
            "ports: [{containerPort: 1, hostPort: 70000, hostIP: x}]",
            "8:42 out-of-range: spec.containers[0].ports[0].hostPort: must be a port number from 1 to 65535\n8:57 invalid-value: spec.containers[0].ports[0].hostIP: `x` is not an IP address",
        ),
        (
            "ports: [{containerPort: 1, hostPort: 5}, {containerPort: 2, hostPort: 5}]",
            "8:75 duplicate-name: spec.containers[0].ports[1].hostPort: the host's port 5 of TCP is there twice",
        ),
        (
            "ports: [{containerPort: 1, hostPort: 5}, {containerPort: 2, hostPort: 5, protocol: UDP}]",
            "",
        ),
    ]);
    assert_pods(&[
        (
            "initContainers:\n- {name: c, image: j}",
            "",
            "6:11 duplicate-name: spec.containers[0].name: the container `c` is there twice",
        ),
        (
            "initContainers:\n- name: a\n  image: j\n  readinessProbe: {exec: {command: [a]}}",
            "",
            "11:22 forbidden: spec.initContainers[0].readinessProbe: has no place in an init container that is no sidecar (leave it out, or make it a sidecar: `restartPolicy: Always`)",
        ),
        (
            "initContainers:\n- name: a\n  image: j\n  restartPolicy: Always\n  readinessProbe: {exec: {command: [a]}}",
            "",
            "",
        ),
        (
            "ephemeralContainers: [{name: a, image: j}]",
            "",
            "8:26 forbidden: spec.ephemeralContainers: ephemeral containers are added to a pod that runs, never by a manifest (leave it out)",
        ),
        (
            "hostNetwork: true",
            "ports: [{containerPort: 80, hostPort: 81}]",
            "8:43 invalid-value: spec.containers[0].ports[0].hostPort: must be 80 with `hostNetwork: true`",
        ),
        (
            "hostNetwork: true",
            "ports: [{containerPort: 80}, {containerPort: 80}]",
            "8:50 duplicate-name: spec.containers[0].ports[1].containerPort: the host's port 80 of TCP is there twice",
        ),
        (
            "restartPolicy: Never",
            "resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]",
            "8:55 invalid-value: spec.containers[0].resizePolicy[0].restartPolicy: must be NotRequired where the pod's restartPolicy is Never",
        ),
    ]);
    assert_faults(&[
        (
            "no containers",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {}\n".to_owned(),
            "4:1 required: spec.containers: is required",
        ),
        (
            "white space",
            pod("", "").replace("image: i", "image: ' i'"),
            "7:12 invalid-value: spec.containers[0].image: must not begin or end with white space (write it without: i)",
        ),
    ]);
}

#[test]
fn variables() {
    assert_containers(&[
        (
            "env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]",
            "8:43 invalid-value: spec.containers[0].env[0].valueFrom: stands beside `value`: only one of them counts",
        ),
        (
            "env: [{name: A, valueFrom: {secretKeyRef: {name: S, key: a/b}}}]",
            "8:54 invalid-name: spec.containers[0].env[0].valueFrom.secretKeyRef.name: `S` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit\n8:62 invalid-key: spec.containers[0].env[0].valueFrom.secretKeyRef.key: `a/b` is not a valid key: use at most 253 letters, digits, `-`, `_` and `.`",
        ),
        (
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['a b']\"}}}]",
            "8:55 invalid-label: spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: `a b` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit",
        ),
        (
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.name['a']\"}}}]",
            "8:55 invalid-value: spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: only metadata.labels and metadata.annotations have single entries",
        ),
        (
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]",
            "8:55 invalid-value: spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: `metadata.labels` is none of metadata.name, metadata.namespace, metadata.uid, spec.nodeName, spec.serviceAccountName, status.hostIP, status.hostIPs, status.podIP, status.podIPs (did you mean `metadata.name`?)",
        ),
        (
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.gpu}}}]",
            "8:62 invalid-value: spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: `limits.gpu` is none of limits.cpu, limits.memory, limits.ephemeral-storage, requests.cpu, requests.memory, requests.ephemeral-storage (did you mean `limits.cpu`?)",
        ),
        (
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1Mi}}}]",
            "8:83 invalid-value: spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: `1Mi` is none of 1m, 1 (did you mean `1m`?)",
        ),
        (
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 2Mi}}}]",
            "8:86 invalid-value: spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: `2Mi` is none of 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei (did you mean `1Mi`?)",
        ),
        (
            "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: ../a, key: K}}}]",
            "8:58 unknown-volume: spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: there is no volume `v`\n8:67 invalid-value: spec.containers[0].env[0].valueFrom.fileKeyRef.path: must be relative, without `..`",
        ),
        (
            "envFrom: [{prefix: a=, secretRef: {name: s}}]",
            "8:24 invalid-name: spec.containers[0].envFrom[0].prefix: `a=` is not a valid name: use ASCII characters without `=`",
        ),
        (
            "envFrom: [{secretRef: {name: ''}}]",
            "8:34 required: spec.containers[0].envFrom[0].secretRef.name: is required",
        ),
    ]);
}

#[test]
fn probes_and_hooks() {
    assert_containers(&[
        (
            "livenessProbe: {periodSeconds: 5}",
            "8:21 required: spec.containers[0].livenessProbe: must have one of exec, httpGet, tcpSocket and grpc",
        ),
        (
            "livenessProbe: {tcpSocket: {port: 1}, exec: {command: [a]}}",
            "8:21 invalid-value: spec.containers[0].livenessProbe: must have only one of exec, httpGet, tcpSocket and grpc",
        ),
        (
            "livenessProbe: {exec: {}}",
            "8:21 required: spec.containers[0].livenessProbe.exec.command: is required",
        ),
        (
            "livenessProbe: {httpGet: {path: /}}",
            "8:21 required: spec.containers[0].livenessProbe.httpGet.port: is required",
        ),
        (
            "livenessProbe: {httpGet: {port: '80'}}",
            "8:37 invalid-name: spec.containers[0].livenessProbe.httpGet.port: a port's name has letters (write it without quotes: 80)",
        ),
        (
            "livenessProbe: {httpGet: {port: 80, scheme: https}}",
            "8:49 invalid-value: spec.containers[0].livenessProbe.httpGet.scheme: `https` is none of HTTP, HTTPS (did you mean `HTTPS`?)",
        ),
        (
            "livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: 'X Y', value: z}]}}",
            "8:62 invalid-name: spec.containers[0].livenessProbe.httpGet.httpHeaders[0].name: `X Y` is not a valid header: use letters, digits and `-`",
        ),
        (
            "livenessProbe: {grpc: {port: 0}}",
            "8:34 out-of-range: spec.containers[0].livenessProbe.grpc.port: must be a port number from 1 to 65535",
        ),
        (
            "livenessProbe: {tcpSocket: {port: 1}, successThreshold: 2}",
            "8:61 out-of-range: spec.containers[0].livenessProbe.successThreshold: must be 1: only a readiness probe may ask for more",
        ),
        (
            "livenessProbe: {tcpSocket: {port: 1}, terminationGracePeriodSeconds: 0}",
            "8:74 out-of-range: spec.containers[0].livenessProbe.terminationGracePeriodSeconds: must be 1 or more",
        ),
        ("readinessProbe: {tcpSocket: {port: http}, successThreshold: 2}", ""),
        (
            "readinessProbe: {tcpSocket: {port: 1}, terminationGracePeriodSeconds: 1}",
            "8:75 forbidden: spec.containers[0].readinessProbe.terminationGracePeriodSeconds: a readiness probe ends nothing (leave it out)",
        ),
        (
            "startupProbe: {tcpSocket: {port: 1}, timeoutSeconds: -1}",
            "8:58 out-of-range: spec.containers[0].startupProbe.timeoutSeconds: must be 0 or more",
        ),
        (
            "lifecycle: {preStop: {}}",
            "8:26 required: spec.containers[0].lifecycle.preStop: must have one of exec, httpGet, tcpSocket and sleep",
        ),
        (
            "lifecycle: {preStop: {sleep: {seconds: 31}}}",
            "8:44 out-of-range: spec.containers[0].lifecycle.preStop.sleep.seconds: must be from 0 to terminationGracePeriodSeconds, which is 30",
        ),
        (
            "lifecycle: {postStart: {httpGet: {port: 80}, exec: {command: [a]}}}",
            "8:29 invalid-value: spec.containers[0].lifecycle.postStart: must have only one of exec, httpGet, tcpSocket and sleep",
        ),
        (
            "lifecycle: {stopSignal: SIGTERM}",
            "8:29 invalid-value: spec.containers[0].lifecycle.stopSignal: needs `os.name`: which signals there are depends on the system",
        ),
    ]);
    assert_pods(&[
        (
            "os: {name: linux}",
            "lifecycle: {stopSignal: SIGNAL}",
            "8:29 invalid-value: spec.containers[0].lifecycle.stopSignal: `SIGNAL` is not a signal of Linux, such as SIGTERM",
        ),
        ("os: {name: linux}", "lifecycle: {stopSignal: SIGRTMIN+3}", ""),
        (
            "os: {name: windows}",
            "lifecycle: {stopSignal: SIGHUP}",
            "8:29 invalid-value: spec.containers[0].lifecycle.stopSignal: `SIGHUP` is none of SIGTERM, SIGKILL",
        ),
    ]);
}

#[test]
fn amounts() {
    assert_containers(&[
        (
            "resources: {limits: {cpu: -1}}",
            "8:31 out-of-range: spec.containers[0].resources.limits.cpu: must not be negative",
        ),
        (
            "resources: {limits: {cpus: 1}}",
            "8:26 invalid-name: spec.containers[0].resources.limits.cpus: `cpus` is no resource of containers: these are cpu, memory, ephemeral-storage, hugepages-SIZE and names with a `/` (did you mean `cpu`?)",
        ),
        (
            "resources: {limits: {memory: 1GB}}",
            "8:34 invalid-quantity: spec.containers[0].resources.limits.memory: `1GB` is not a quantity: write a number with an optional suffix such as m, k, M, G, Ki, Mi, Gi",
        ),
        (
            "resources: {limits: {cpu: 100m}, requests: {cpu: 0.2}}",
            "8:54 above-limit: spec.containers[0].resources.requests.cpu: 200m is more than the limit of 100m",
        ),
        ("resources: {limits: {cpu: 1, memory: 1e3}, requests: {memory: 1k}}", ""),
        (
            "resources: {limits: {hugepages-2Mi: 4Mi}}",
            "8:17 required: spec.containers[0].resources: huge pages need cpu or memory beside them",
        ),
        (
            "resources: {limits: {cpu: 1, hugepages-2Mi: 3Mi}}",
            "8:49 invalid-quantity: spec.containers[0].resources.limits.hugepages-2Mi: 3Mi is no multiple of the page's size, 2Mi",
        ),
        (
            "resources: {requests: {nvidia.com/gpu: 1}}",
            "8:44 required: spec.containers[0].resources.requests[nvidia.com/gpu]: needs a limit too: `nvidia.com/gpu` is not shared (write `nvidia.com/gpu: 1` in spec.containers[0].resources.limits too)",
        ),
        (
            "resources: {limits: {nvidia.com/gpu: 2}, requests: {nvidia.com/gpu: 1}}",
            "8:73 below-limit: spec.containers[0].resources.requests[nvidia.com/gpu]: 1 must be the limit, which is 2",
        ),
        (
            "resources: {limits: {nvidia.com/gpu: 500m}}",
            "8:42 invalid-quantity: spec.containers[0].resources.limits[nvidia.com/gpu]: must be a whole number: it cannot be shared",
        ),
        (
            "resources: {limits: {'a b': 1}}",
            "8:26 invalid-name: spec.containers[0].resources.limits[a b]: `a b` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit",
        ),
        (
            "resources: {claims: [{name: gpu}]}",
            "8:33 unknown-claim: spec.containers[0].resources.claims[0].name: there is no `gpu` in the pod's resourceClaims",
        ),
    ]);
    assert_pods(&[
        (
            "resourceClaims: [{name: gpu, resourceClaimName: a, resourceClaimTemplateName: b}]",
            "resources: {claims: [{name: gpu}, {name: gpu}]}",
            "8:40 duplicate-name: spec.containers[0].resources.claims[1]: the claim `gpu` is there twice\n9:21 invalid-value: spec.resourceClaims[0]: must have only one of resourceClaimName and resourceClaimTemplateName",
        ),
        (
            "resources: {requests: {cpu: 1}}",
            "resources: {requests: {cpu: 2}}",
            "9:31 below-request: spec.resources.requests.cpu: is less than its containers request together, which is 2",
        ),
        (
            "resources: {limits: {ephemeral-storage: 1}}",
            "",
            "8:24 invalid-name: spec.resources.limits.ephemeral-storage: only cpu, memory and huge pages are asked for by a pod as a whole",
        ),
        (
            "overhead: {cpu: x}",
            "",
            "8:19 invalid-quantity: spec.overhead.cpu: `x` is not a quantity: write a number with an optional suffix such as m, k, M, G, Ki, Mi, Gi",
        ),
    ]);
}
