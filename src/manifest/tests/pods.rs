//! Each rule of a pod's specification, broken once.

use super::*;

/// A Pod with these lines of its specification, and these of its container.
fn pod(spec: &str, container: &str) -> String {
    let mut text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: c\n    image: i\n".to_owned();
    for (indent, lines) in [("    ", container), ("  ", spec)] {
        for line in lines.lines() {
            text.push_str(&format!("{indent}{line}\n"));
        }
    }
    text
}

fn assert_pods(cases: &[(&str, &str, &str)]) {
    let cases: Vec<_> =
        cases.iter().map(|(spec, own, expected)| (*spec, pod(spec, own), *expected)).collect();
    assert_faults(&cases);
}

fn assert_containers(cases: &[(&str, &str)]) {
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

#[test]
fn privileges() {
    assert_containers(&[
        (
            "securityContext: {runAsUser: -1}",
            "8:34 out-of-range: spec.containers[0].securityContext.runAsUser: must be a number from 0 to 2147483647",
        ),
        (
            "securityContext: {procMount: Unmasked}",
            "8:34 invalid-value: spec.containers[0].securityContext.procMount: `Unmasked` is allowed only with the pod's `hostUsers: false`",
        ),
        (
            "securityContext: {procMount: None}",
            "8:34 invalid-value: spec.containers[0].securityContext.procMount: `None` is none of Default, Unmasked",
        ),
        (
            "securityContext: {privileged: true, allowPrivilegeEscalation: false}",
            "8:67 invalid-value: spec.containers[0].securityContext.allowPrivilegeEscalation: cannot be false beside `privileged: true`",
        ),
        (
            "securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}",
            "8:49 invalid-value: spec.containers[0].securityContext.allowPrivilegeEscalation: cannot be false where the capability CAP_SYS_ADMIN is added",
        ),
        (
            "securityContext: {seccompProfile: {type: Localhost}}",
            "8:23 required: spec.containers[0].securityContext.seccompProfile.localhostProfile: is required",
        ),
        (
            "securityContext: {seccompProfile: {type: RuntimeDefault, localhostProfile: a}}",
            "8:80 invalid-value: spec.containers[0].securityContext.seccompProfile.localhostProfile: is allowed only with `type: Localhost`",
        ),
        (
            "securityContext: {seccompProfile: {type: Localhost, localhostProfile: /a}}",
            "8:75 invalid-value: spec.containers[0].securityContext.seccompProfile.localhostProfile: must be relative, without `..`",
        ),
        (
            "securityContext: {appArmorProfile: {type: Default}}",
            "8:47 invalid-value: spec.containers[0].securityContext.appArmorProfile.type: `Default` is none of RuntimeDefault, Unconfined, Localhost",
        ),
        (
            "securityContext: {appArmorProfile: {type: Localhost, localhostProfile: ' a'}}",
            "8:76 invalid-value: spec.containers[0].securityContext.appArmorProfile.localhostProfile: must not begin or end with white space",
        ),
        (
            "securityContext: {windowsOptions: {runAsUserName: 'a\\b\\c'}}",
            "8:55 invalid-name: spec.containers[0].securityContext.windowsOptions.runAsUserName: `a\\b\\c` is not the name of a Windows user",
        ),
        (
            "securityContext: {windowsOptions: {hostProcess: true}}",
            "4:1 invalid-value: spec.hostNetwork: must be true where `hostProcess` is",
        ),
    ]);
    assert_pods(&[
        (
            "securityContext: {fsGroup: 3000000000}",
            "",
            "8:30 out-of-range: spec.securityContext.fsGroup: must be a number from 0 to 2147483647",
        ),
        (
            "securityContext: {fsGroupChangePolicy: Never, supplementalGroups: [-1]}",
            "",
            "8:42 invalid-value: spec.securityContext.fsGroupChangePolicy: `Never` is none of OnRootMismatch, Always\n8:70 out-of-range: spec.securityContext.supplementalGroups[0]: must be a number from 0 to 2147483647",
        ),
        (
            "securityContext: {sysctls: [{name: net..x, value: a}]}",
            "",
            "8:38 invalid-name: spec.securityContext.sysctls[0].name: `net..x` is not the name of a kernel setting",
        ),
        (
            "securityContext: {sysctls: [{name: kernel.sem, value: a}, {name: kernel.sem, value: b}]}",
            "",
            "8:68 duplicate-name: spec.securityContext.sysctls[1].name: the setting `kernel.sem` is there twice",
        ),
        (
            "hostNetwork: true\nsecurityContext: {sysctls: [{name: net.core.somaxconn, value: a}]}",
            "",
            "9:38 invalid-value: spec.securityContext.sysctls[0].name: is the host's own with `hostNetwork: true`",
        ),
        (
            "hostIPC: true\nsecurityContext: {sysctls: [{name: kernel/shmmax, value: a}]}",
            "",
            "9:38 invalid-value: spec.securityContext.sysctls[0].name: is the host's own with `hostIPC: true`",
        ),
        (
            "hostPID: true\nshareProcessNamespace: true",
            "",
            "9:26 invalid-value: spec.shareProcessNamespace: cannot be true beside `hostPID: true`",
        ),
        (
            "hostNetwork: true\nhostUsers: false",
            "",
            "8:16 forbidden: spec.hostNetwork: cannot be true with `hostUsers: false` (leave it out)",
        ),
        (
            "os: {name: linux}\nsecurityContext: {windowsOptions: {}}",
            "",
            "9:37 forbidden: spec.securityContext.windowsOptions: has no place in a pod of Linux (leave it out)",
        ),
        (
            "os: {name: windows}\nsecurityContext: {runAsUser: 1}",
            "securityContext: {privileged: false}",
            "8:35 forbidden: spec.containers[0].securityContext.privileged: has no place in a pod of Windows (leave it out)\n10:32 forbidden: spec.securityContext.runAsUser: has no place in a pod of Windows (leave it out)",
        ),
        (
            "os: {name: plan9}",
            "",
            "8:14 invalid-value: spec.os.name: `plan9` is none of linux, windows",
        ),
    ]);
}

#[test]
fn places() {
    assert_pods(&[
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}",
            "",
            "8:97 required: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: is required",
        ),
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: in, values: [b]}]}]}}}",
            "",
            "8:137 invalid-value: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: `in` is none of In, NotIn, Exists, DoesNotExist, Gt, Lt (did you mean `In`?)",
        ),
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In}, {key: a, operator: Exists, values: [b]}, {key: a, operator: Gt, values: ['1', '2']}]}]}}}",
            "",
            "8:119 required: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: are required with `operator: In`\n8:178 forbidden: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].values: have no place with `operator: Exists` (leave it out)\n8:215 invalid-value: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[2].values: must be a single one with `operator: Gt`",
        ),
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: metadata.uid, operator: In, values: [a]}]}]}}}",
            "",
            "8:119 invalid-value: spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key: `metadata.uid` is none of metadata.name (did you mean `metadata.name`?)",
        ),
        (
            "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, preference: {matchExpressions: [{key: a, operator: In, values: ['?']}]}}]}}",
            "",
            "8:88 out-of-range: spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: must be a number from 1 to 100",
        ),
        (
            "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {a: b}}}]}}",
            "",
            "8:78 required: spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: is required",
        ),
        (
            "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, podAffinityTerm: {topologyKey: a b, namespaces: [A]}}]}}",
            "",
            "8:91 out-of-range: spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: must be a number from 1 to 100\n8:125 invalid-label: spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: `a b` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit\n8:143 invalid-name: spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.namespaces[0]: `A` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit",
        ),
        (
            "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, matchLabelKeys: [x], mismatchLabelKeys: [x], labelSelector: {}}]}}",
            "",
            "8:115 invalid-value: spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[0]: `x` is also one of mismatchLabelKeys",
        ),
        (
            "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, matchLabelKeys: [x]}]}}",
            "",
            "8:115 forbidden: spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys: have no place without a labelSelector (leave it out)",
        ),
        (
            "tolerations: [{key: a, operator: Exist}]",
            "",
            "8:36 invalid-value: spec.tolerations[0].operator: `Exist` is none of Exists, Equal, Lt, Gt (did you mean `Exists`?)",
        ),
        (
            "tolerations: [{key: a, value: 'b c'}]",
            "",
            "8:33 invalid-label: spec.tolerations[0].value: `b c` is not a valid label value: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit",
        ),
        (
            "topologySpreadConstraints: [{maxSkew: 0, topologyKey: '', whenUnsatisfiable: Never}]",
            "",
            "8:41 out-of-range: spec.topologySpreadConstraints[0].maxSkew: must be 1 or more\n8:57 required: spec.topologySpreadConstraints[0].topologyKey: is required\n8:80 invalid-value: spec.topologySpreadConstraints[0].whenUnsatisfiable: `Never` is none of DoNotSchedule, ScheduleAnyway",
        ),
        (
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway, minDomains: 1, nodeTaintsPolicy: Honour}]",
            "",
            "8:107 invalid-value: spec.topologySpreadConstraints[0].minDomains: is allowed only with `whenUnsatisfiable: DoNotSchedule`\n8:128 invalid-value: spec.topologySpreadConstraints[0].nodeTaintsPolicy: `Honour` is none of Honor, Ignore (did you mean `Honor`?)",
        ),
        (
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}, {maxSkew: 2, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]",
            "",
            "8:96 duplicate-name: spec.topologySpreadConstraints[1]: this topologyKey with this whenUnsatisfiable is there twice",
        ),
        (
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {x: z}}, matchLabelKeys: [x]}]",
            "",
            "8:149 invalid-value: spec.topologySpreadConstraints[0].matchLabelKeys[0]: `x` is also a key of the labelSelector",
        ),
        (
            "nodeSelector: {a b: c}",
            "",
            "8:18 invalid-label: spec.nodeSelector[a b]: `a b` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit",
        ),
        (
            "schedulingGates: [{name: a}, {name: a}]\nnodeName: b",
            "",
            "8:39 duplicate-name: spec.schedulingGates[1].name: the scheduling gate `a` is there twice\n9:13 forbidden: spec.nodeName: has no place where schedulingGates keep the pod back (leave it out)",
        ),
        (
            "readinessGates: [{conditionType: a b}]",
            "",
            "8:36 invalid-label: spec.readinessGates[0].conditionType: `a b` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit",
        ),
    ]);
}

#[test]
fn names_and_times() {
    assert_pods(&[
        (
            "hostname: A\nsubdomain: a.b",
            "",
            "8:13 invalid-name: spec.hostname: `A` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit\n9:14 invalid-name: spec.subdomain: `a.b` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit",
        ),
        (
            "hostnameOverride: a\nhostNetwork: true",
            "",
            "8:21 forbidden: spec.hostnameOverride: has no place with `hostNetwork: true` (leave it out)",
        ),
        (
            "serviceAccountName: A\npriorityClassName: b_c\nruntimeClassName: D",
            "",
            "8:23 invalid-name: spec.serviceAccountName: `A` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit\n9:22 invalid-name: spec.priorityClassName: `b_c` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit\n10:21 invalid-name: spec.runtimeClassName: `D` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit",
        ),
        (
            "activeDeadlineSeconds: 0",
            "",
            "8:26 out-of-range: spec.activeDeadlineSeconds: must be a number from 1 to 2147483647",
        ),
        (
            "preemptionPolicy: Always",
            "",
            "8:21 invalid-value: spec.preemptionPolicy: `Always` is none of PreemptLowerPriority, Never",
        ),
        (
            "dnsPolicy: None",
            "",
            "4:1 required: spec.dnsConfig.nameservers: one at least is required with `dnsPolicy: None` (write for instance `nameservers: [192.0.2.1]`)",
        ),
        (
            "dnsPolicy: ClusterLast\ndnsConfig: {nameservers: [a, 1.1.1.1, 2.2.2.2, 010.0.0.1], searches: [a_b, -a, .], options: [{value: a}]}",
            "",
            "8:14 invalid-value: spec.dnsPolicy: `ClusterLast` is none of ClusterFirstWithHostNet, ClusterFirst, Default, None (did you mean `ClusterFirst`?)\n9:29 too-many: spec.dnsConfig.nameservers: has 4 entries; at most 3 are allowed\n9:29 invalid-value: spec.dnsConfig.nameservers[0]: `a` is not an IP address\n9:78 invalid-name: spec.dnsConfig.searches[1]: `-a` is not a DNS name\n9:97 required: spec.dnsConfig.options[0].name: is required",
        ),
        (
            "hostAliases: [{ip: here, hostnames: [A]}]",
            "",
            "8:22 invalid-value: spec.hostAliases[0].ip: `here` is not an IP address\n8:40 invalid-name: spec.hostAliases[0].hostnames[0]: `A` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit",
        ),
    ]);
    let named = |annotation: &str| {
        pod("", "").replace("{name: web}", &format!("{{name: web, annotations: {{{annotation}}}}}"))
    };
    assert_faults(&[
        (
            "cost",
            named("controller.kubernetes.io/pod-deletion-cost: high"),
            "3:81 invalid-value: metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: `high` is not a number of 32 bits",
        ),
        (
            "profile",
            named("container.apparmor.security.beta.kubernetes.io/x: own"),
            "3:37 invalid-value: metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: there is no container `x`\n3:87 invalid-value: metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: `own` is none of runtime/default, unconfined and localhost/PROFILE",
        ),
    ]);
}
