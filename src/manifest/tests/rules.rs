//! The rules of each kind, each broken once.

use insta::assert_snapshot;

use super::*;

#[test]
fn a_pods_rules() {
    assert_snapshot!(lines("apiVersion: v1
kind: Pod
metadata: {name: Web, labels: {a b: c d}}
spec:
  restartPolicy: Sometimes
  terminationGracePeriodSeconds: -1
  hostname: a.b
  tolerations:
    - {key: x, operator: Exists, value: y, effect: NoExec}
    - {tolerationSeconds: 5}
  volumes:
    - {name: v, configMap: {name: \"\", defaultMode: 644, items: [{key: k, path: ../k}]}, emptyDir: {}}
    - {name: v}
  containers:
    - name: one
      image: nginx
      imagePullPolicy: always
      ports:
        - {containerPort: 70000, protocol: SCTP, name: HTTP}
        - {name: p, containerPort: 1}
        - {name: p, containerPort: 2}
      resources:
        limits: {cpu: 100m, memory: 1Gx}
        requests: {cpu: 200m}
      env:
        - {name: a=b, value: x, valueFrom: {}}
        - {name: c, valueFrom: {configMapKeyRef: {name: m}}}
        - {name: d, valueFrom: {fieldRef: {fieldPath: status.podip}}}
        - {name: e, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}
      envFrom: [{prefix: X_}]
      volumeMounts:
        - {name: w, mountPath: /a}
        - {name: v, mountPath: /a}
        - {name: v, mountPath: \"/b:c\"}
    - name: one
"), @r#"
        3:18 invalid-name: metadata.name: `Web` is not a valid name: use lowercase letters, digits, `-` and `.`, and begin and end with a letter or digit
        3:32 invalid-label: metadata.labels[a b]: `a b` is not a valid key: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit
        3:37 invalid-label: metadata.labels[a b]: `c d` is not a valid label value: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit
        5:18 invalid-value: spec.restartPolicy: `Sometimes` is none of Always, OnFailure, Never
        6:34 out-of-range: spec.terminationGracePeriodSeconds: must be 0 or more
        7:13 invalid-name: spec.hostname: `a.b` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit
        9:41 wrong-type: spec.tolerations[0].value: expected a string, found `y`, which YAML takes for true (quote it: "y")
        9:52 invalid-value: spec.tolerations[0].effect: `NoExec` is none of NoSchedule, PreferNoSchedule, NoExecute (did you mean `NoExecute`?)
        10:8 invalid-value: spec.tolerations[1].operator: a toleration of every key needs `operator: Exists`
        10:27 invalid-value: spec.tolerations[1].tolerationSeconds: is allowed only with `effect: NoExecute`
        12:8 invalid-value: spec.volumes[0]: a volume has one source; this one has several
        12:35 required: spec.volumes[0].configMap.name: is required
        12:52 out-of-range: spec.volumes[0].configMap.defaultMode: must be a mode from 0 to 0777 (write it in octal, such as 0644)
        12:80 invalid-value: spec.volumes[0].configMap.items[0].path: must be relative, without `..`
        13:14 duplicate-name: spec.volumes[1].name: the volume `v` is there twice
        17:24 invalid-value: spec.containers[0].imagePullPolicy: `always` is none of Always, IfNotPresent, Never (did you mean `Always`?)
        19:27 out-of-range: spec.containers[0].ports[0].containerPort: must be a port number from 1 to 65535
        19:44 not-carried-out: spec.containers[0].ports[0].protocol: SCTP is not carried yet
        19:56 invalid-name: spec.containers[0].ports[0].name: `HTTP` is not a valid name: use lowercase letters (one at least), digits and single `-`, and begin and end with a letter or digit
        21:18 duplicate-name: spec.containers[0].ports[2].name: the port `p` is there twice
        23:37 invalid-quantity: spec.containers[0].resources.limits.memory: `1Gx` is not a quantity: write a number with an optional suffix such as m, k, M, G, Ki, Mi, Gi
        24:25 above-limit: spec.containers[0].resources.requests.cpu: 200m is more than the limit of 100m
        26:18 invalid-name: spec.containers[0].env[0].name: `a=b` is not a valid name: use ASCII characters without `=`
        26:44 invalid-value: spec.containers[0].env[0].valueFrom: stands beside `value`: only one of them counts
        26:44 invalid-value: spec.containers[0].env[0].valueFrom: must name exactly one source
        27:33 required: spec.containers[0].env[1].valueFrom.configMapKeyRef.key: is required
        28:55 invalid-value: spec.containers[0].env[2].valueFrom.fieldRef.fieldPath: `status.podip` is none of metadata.name, metadata.namespace, metadata.uid, spec.nodeName, spec.serviceAccountName, status.hostIP, status.hostIPs, status.podIP, status.podIPs (did you mean `status.podIP`?)
        30:18 invalid-value: spec.containers[0].envFrom[0]: must name either a configMapRef or a secretRef
        32:18 unknown-volume: spec.containers[0].volumeMounts[0].name: there is no volume `w` (did you mean `v`?)
        33:32 duplicate-name: spec.containers[0].volumeMounts[1].mountPath: the path `/a` is there twice
        34:32 not-carried-out: spec.containers[0].volumeMounts[2].mountPath: a path with `:` is not carried out
        35:7 required: spec.containers[1].image: is required
        35:13 duplicate-name: spec.containers[1].name: the container `one` is there twice
        "#);
}

#[test]
fn a_deployments_rules() {
    let text = deployment(
        "  replicas: -1
  minReadySeconds: 700
  progressDeadlineSeconds: 600
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}
",
        "      restartPolicy: Never\n",
    );
    assert_snapshot!(lines(&text), @"
        6:13 out-of-range: spec.replicas: must be 0 or more
        8:28 out-of-range: spec.progressDeadlineSeconds: must be more than minReadySeconds
        9:80 out-of-range: spec.strategy.rollingUpdate.maxUnavailable: must not be 0 when maxSurge is 0 (let one of them be 1 or more: with both 0 nothing could ever be replaced)
        21:22 invalid-value: spec.template.spec.restartPolicy: the pods of a Deployment restart `Always` (write `restartPolicy: Always`)
        ");
    let text = deployment("  strategy: {type: Recreate, rollingUpdate: {maxSurge: x}}\n", "");
    assert_snapshot!(lines(&text), @"6:46 invalid-value: spec.strategy.rollingUpdate: is not allowed with `type: Recreate`");
    let text = deployment("", "").replace("matchLabels:\n      app: web\n", "matchLabels: {}\n");
    assert_snapshot!(lines(&text), @"7:5 required: spec.selector: is required (write `selector: {matchLabels: {app: web}}`)");
}

#[test]
fn a_services_rules() {
    let service = |spec: &str| {
        lines(&format!("apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec:\n{spec}"))
    };
    assert_snapshot!(service("  clusterIP: here
  selector: {app: -x}
  ports:
    - {port: 80, targetPort: \"8080\"}
    - {port: 80, name: b, protocol: tcp}
    - {port: 0, name: b, targetPort: 99999}
"), @"
        5:14 invalid-value: spec.clusterIP: `here` is not an IP address
        6:19 invalid-label: spec.selector.app: `-x` is not a valid label value: use at most 63 letters, digits, `-`, `_` and `.`, and begin and end with a letter or digit
        8:8 required: spec.ports[0].name: is required
        8:30 invalid-name: spec.ports[0].targetPort: a port's name has letters (write it without quotes: 8080)
        9:37 invalid-value: spec.ports[1].protocol: `tcp` is none of TCP, UDP, SCTP (did you mean `TCP`?)
        10:14 required: spec.ports[2].port: is required
        10:23 duplicate-name: spec.ports[2].name: the port `b` is there twice
        10:38 out-of-range: spec.ports[2].targetPort: must be a port number from 1 to 65535
        ");
    assert_snapshot!(service("  type: NodePort\n  ports: [{port: 80, nodePort: 30080}]\n"), @"
        5:9 not-carried-out: spec.type: NodePort is not carried out yet: it is treated as ClusterIP
        6:22 not-carried-out: spec.ports[0].nodePort is not carried out yet
        ");
    assert_snapshot!(service("  clusterIP: None\n"), @"5:14 not-carried-out: spec.clusterIP: a headless Service is not carried out yet: it is kept, and has no effect");
    assert_snapshot!(service("  type: ExternalName\n"), @"
        4:1 required: spec.externalName: is required
        5:9 not-carried-out: spec.type: ExternalName is not carried out yet: it is kept, and has no effect
        ");
    assert_snapshot!(service("  selector: {app: web}\n"), @"4:1 required: spec.ports: is required");
}

#[test]
fn config_maps_and_names() {
    assert_snapshot!(lines("apiVersion: v1
kind: ConfigMap
metadata: {generateName: x-}
data: {a/b: c, d: 1, e: yes}
binaryData: {f: \"***\", d: AAAA}
---
apiVersion: v1
kind: Namespace
metadata: {name: a.b, namespace: c}
"), @r#"
        3:26 generate-name: metadata.generateName: a name is not generated here (give it a `name`: the same manifest must mean the same object every time)
        4:8 invalid-key: data[a/b]: `a/b` is not a valid key: use at most 253 letters, digits, `-`, `_` and `.`
        4:19 wrong-type: data.d: expected a string, found the number 1 (quote it: "1")
        4:25 wrong-type: data.e: expected a string, found `yes`, which YAML takes for true (quote it: "yes")
        5:17 not-base64: binaryData.f: not base64: Invalid symbol 42, offset 0. (encode it: printf %s 'TEXT' | base64; plain text of a Secret may stand below `stringData` instead)
        5:24 duplicate-key: binaryData.d: `d` is also a key of `data`
        9:18 invalid-name: metadata.name: `a.b` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit
        9:34 needless-namespace: metadata.namespace: a Namespace stands in no namespace: this is ignored
        "#);
}
