//! What is applied.

/// What pods mount the content of.
pub(super) const CONFIG: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data: {data-1: value-1, data-2: value-2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: gone}
data: {data-1: value-1}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: changed}
data: {data-1: value-1}
---
apiVersion: v1
kind: Secret
metadata: {name: config}
stringData: {data-1: value-1}
---
apiVersion: v1
kind: Secret
metadata: {name: gone}
stringData: {data-1: value-1}
---
apiVersion: v1
kind: Secret
metadata: {name: changed}
stringData: {data-1: value-1}
---
apiVersion: v1
kind: Namespace
metadata: {name: other}
---
apiVersion: v1
kind: Secret
metadata: {name: config, namespace: other}
stringData: {data-1: elsewhere}
";

/// What is changed of it, and what is new.
pub(super) const CHANGED: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: changed}
data: {data-3: value-3}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: new}
data: {data-1: value-1}
---
apiVersion: v1
kind: Secret
metadata: {name: changed}
stringData: {data-3: value-3}
---
apiVersion: v1
kind: Secret
metadata: {name: new}
stringData: {data-1: value-1}
";

/// The pods; most print what they see and end.
pub(super) const PODS: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: message-file}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: busybox:1.36
    command: [/bin/sh, -c]
    args: ["echo -n OK >/dev/termination-log; echo DONE; true"]
    terminationMessagePolicy: FallbackToLogsOnError
---
apiVersion: v1
kind: Pod
metadata: {name: message-log}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: busybox:1.36
    command: [/bin/sh, -c]
    args: ["echo -n DONE; false"]
    terminationMessagePolicy: FallbackToLogsOnError
---
apiVersion: v1
kind: Pod
metadata: {name: init-always}
spec:
  terminationGracePeriodSeconds: 0
  initContainers:
  - {name: first, image: "busybox:1.36", command: ["true"]}
  - {name: second, image: "busybox:1.36", command: ["true"]}
  containers:
  - {name: main, image: "busybox:1.36", command: [sleep, inf]}
---
apiVersion: v1
kind: Pod
metadata: {name: init-never}
spec:
  restartPolicy: Never
  initContainers:
  - {name: first, image: "busybox:1.36", command: ["true"]}
  - {name: second, image: "busybox:1.36", command: ["true"]}
  containers:
  - {name: main, image: "busybox:1.36", command: ["true"]}
---
apiVersion: v1
kind: Pod
metadata: {name: init-fails-never}
spec:
  restartPolicy: Never
  initContainers:
  - {name: first, image: "busybox:1.36", command: ["true"]}
  - {name: second, image: "busybox:1.36", command: ["false"]}
  containers:
  - {name: main, image: "busybox:1.36", command: ["true"]}
---
apiVersion: v1
kind: Pod
metadata: {name: init-fails-always}
spec:
  terminationGracePeriodSeconds: 0
  initContainers:
  - {name: first, image: "busybox:1.36", command: ["false"]}
  - {name: second, image: "busybox:1.36", command: ["true"]}
  containers:
  - {name: main, image: "busybox:1.36", command: [sleep, inf]}
---
apiVersion: v1
kind: Pod
metadata: {name: again-always}
spec:
  restartPolicy: Always
  terminationGracePeriodSeconds: 0
  volumes: [{name: count, emptyDir: {medium: Memory}}]
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, 'echo >>/count/runs; case $(wc -l </count/runs) in 1) exit 1 ;; 2) exit 0 ;; esac; sleep inf']
    volumeMounts: [{name: count, mountPath: /count}]
---
apiVersion: v1
kind: Pod
metadata: {name: again-on-failure}
spec:
  restartPolicy: OnFailure
  terminationGracePeriodSeconds: 0
  volumes: [{name: count, emptyDir: {medium: Memory}}]
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, 'echo >>/count/runs; case $(wc -l </count/runs) in 1) exit 1 ;; 2) exit 0 ;; esac; sleep inf']
    volumeMounts: [{name: count, mountPath: /count}]
---
apiVersion: v1
kind: Pod
metadata: {name: again-never}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  volumes: [{name: count, emptyDir: {medium: Memory}}]
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, 'echo >>/count/runs; case $(wc -l </count/runs) in 1) exit 1 ;; 2) exit 0 ;; esac; sleep inf']
    volumeMounts: [{name: count, mountPath: /count}]
---
apiVersion: v1
kind: Pod
metadata: {name: user}
spec:
  restartPolicy: Never
  containers:
  - {name: main, image: "busybox:1.36", command: [id, -u], securityContext: {runAsUser: 65534}}
---
apiVersion: v1
kind: Pod
metadata: {name: group-of-container}
spec:
  restartPolicy: Never
  containers:
  - {name: main, image: "busybox:1.36", command: [sh, -c, "echo $(id -u) $(id -g)"], securityContext: {runAsUser: 1001, runAsGroup: 2002}}
---
apiVersion: v1
kind: Pod
metadata: {name: group-of-pod}
spec:
  restartPolicy: Never
  securityContext: {runAsUser: 1001, runAsGroup: 2002}
  containers:
  - {name: main, image: "busybox:1.36", command: [sh, -c, "echo $(id -u) $(id -g)"]}
---
apiVersion: v1
kind: Pod
metadata: {name: hosts}
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{name: hosts, hostPath: {path: /etc/hosts, type: FileOrCreate}}]
  containers:
  - {name: one, image: "busybox:1.36", command: [sleep, inf], volumeMounts: [{name: hosts, mountPath: /etc/hosts-original}]}
  - {name: two, image: "busybox:1.36", command: [sleep, inf], volumeMounts: [{name: hosts, mountPath: /etc/hosts-original}]}
  - name: own
    image: busybox:1.36
    command: [sleep, inf]
    volumeMounts: [{name: hosts, mountPath: /etc/hosts-original}, {name: hosts, mountPath: /etc/hosts}]
---
apiVersion: v1
kind: Pod
metadata: {name: hosts-of-host}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 0
  volumes: [{name: hosts, hostPath: {path: /etc/hosts, type: FileOrCreate}}]
  containers:
  - {name: one, image: "busybox:1.36", command: [sleep, inf], volumeMounts: [{name: hosts, mountPath: /etc/hosts-original}]}
---
apiVersion: v1
kind: Pod
metadata: {name: config-files}
spec:
  restartPolicy: Never
  volumes:
  - {name: plain, configMap: {name: config}}
  - {name: closed, configMap: {name: config, defaultMode: 0400}}
  - {name: mapped, configMap: {name: config, items: [{key: data-2, path: path/to/data-2}]}}
  - {name: mode, configMap: {name: config, items: [{key: data-2, path: path/to/data-2, mode: 0400}]}}
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, 'for f in /plain/data-1 /closed/data-1 /mapped/path/to/data-2 /mode/path/to/data-2; do echo $(cat $f) $(stat -Lc %a $f); done']
    volumeMounts:
    - {name: plain, mountPath: /plain}
    - {name: closed, mountPath: /closed}
    - {name: mapped, mountPath: /mapped}
    - {name: mode, mountPath: /mode}
---
apiVersion: v1
kind: Pod
metadata: {name: field-files}
spec:
  restartPolicy: Never
  volumes: [{name: fields, downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}}]
  containers:
  - {name: main, image: "busybox:1.36", command: [cat, /fields/name], volumeMounts: [{name: fields, mountPath: /fields}]}
---
apiVersion: v1
kind: Pod
metadata: {name: secret-files}
spec:
  restartPolicy: Never
  volumes: [{name: keys, secret: {secretName: config}}]
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, 'echo $(cat /keys/data-1) $(stat -Lc %a /keys/data-1)']
    volumeMounts: [{name: keys, mountPath: /keys}]
---
apiVersion: v1
kind: Pod
metadata: {name: secret-files, namespace: other}
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{name: keys, secret: {secretName: config}}]
  containers:
  - {name: main, image: "busybox:1.36", command: [sh, -c, "cat /keys/data-1; sleep inf"], volumeMounts: [{name: keys, mountPath: /keys}]}
---
apiVersion: v1
kind: Pod
metadata: {name: group-files}
spec:
  restartPolicy: Never
  securityContext: {runAsUser: 1000, fsGroup: 1001}
  volumes: [{name: keys, secret: {secretName: config, defaultMode: 0440}}]
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, 'echo $(cat /keys/data-1) $(stat -Lc "%a %g" /keys/data-1)']
    volumeMounts: [{name: keys, mountPath: /keys}]
---
apiVersion: v1
kind: Pod
metadata: {name: over-file}
spec:
  restartPolicy: Never
  volumes: [{name: config, configMap: {name: config}}]
  containers:
  - name: main
    image: busybox:1.36
    command: [cat, /etc/resolv.conf]
    volumeMounts: [{name: config, mountPath: /etc/resolv.conf, subPath: data-1}]
---
apiVersion: v1
kind: Pod
metadata: {name: optional, labels: {key: one}}
spec:
  terminationGracePeriodSeconds: 0
  volumes:
  - {name: config-gone, configMap: {name: gone, optional: true}}
  - {name: config-changed, configMap: {name: changed, optional: true}}
  - {name: config-new, configMap: {name: new, optional: true}}
  - {name: secret-gone, secret: {secretName: gone, optional: true}}
  - {name: secret-changed, secret: {secretName: changed, optional: true}}
  - {name: secret-new, secret: {secretName: new, optional: true}}
  - {name: fields, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, inf]
    volumeMounts:
    - {name: config-gone, mountPath: /config/gone}
    - {name: config-changed, mountPath: /config/changed}
    - {name: config-new, mountPath: /config/new}
    - {name: secret-gone, mountPath: /secret/gone}
    - {name: secret-changed, mountPath: /secret/changed}
    - {name: secret-new, mountPath: /secret/new}
    - {name: fields, mountPath: /fields}
"#;
