//! What is applied.

/// What pods mount the content of.
pub(super) const CONFIG: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {app.yaml: 'greeting: hello', other: one}
binaryData: {raw: AAEC/w==}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: follows}
data: {greeting: hello, old: gone}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {password: hunter2-in-the-clear, user: anna}
";

/// The same objects, changed.
pub(super) const CHANGED: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {app.yaml: 'greeting: hello', other: one}
binaryData: {raw: AAEC/w==}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: follows}
data: {greeting: goodbye, new: come}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {password: correct-horse, user: anna}
";

/// The pods; each shows a few rows.
pub(super) const PODS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: mounts}
spec:
  nodeName: node-1
  terminationGracePeriodSeconds: 0
  volumes:
  - {name: data, emptyDir: {}}
  - {name: settings, configMap: {name: settings}}
  - {name: host, hostPath: {path: /srv/tree, type: DirectoryOrCreate}}
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, inf]
    env: [{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
    volumeMounts:
    - {name: data, mountPath: /all}
    - {name: data, mountPath: /fixed, readOnly: true}
    - {name: data, mountPath: /part, subPath: a/b}
    - {name: data, mountPath: /own, subPathExpr: logs/$(NAME)}
    - {name: settings, mountPath: /etc/app.yaml, subPath: app.yaml}
    - {name: settings, mountPath: /etc/settings}
    - {name: host, mountPath: /deep, readOnly: true, recursiveReadOnly: Enabled}
    - {name: host, mountPath: /shallow, readOnly: true}
    - {name: host, mountPath: /slave, mountPropagation: HostToContainer}
---
apiVersion: v1
kind: Pod
metadata: {name: shares}
spec:
  nodeName: node-1
  terminationGracePeriodSeconds: 0
  volumes:
  - {name: host, hostPath: {path: /srv/shared}}
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, inf]
    securityContext: {privileged: true}
    volumeMounts:
    - {name: host, mountPath: /shared, mountPropagation: Bidirectional}
---
apiVersion: v1
kind: Pod
metadata: {name: empty}
spec:
  nodeName: node-1
  terminationGracePeriodSeconds: 0
  volumes:
  - {name: disk, emptyDir: {}}
  - {name: memory, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
  - {name: limited, emptyDir: {medium: Memory}}
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, inf]
    resources: {limits: {memory: 32Mi}}
    volumeMounts:
    - {name: disk, mountPath: /disk}
    - {name: memory, mountPath: /memory}
    - {name: limited, mountPath: /limited}
  - name: beside
    image: busybox:1.36
    command: [sleep, inf]
    resources: {limits: {memory: 32Mi}}
    volumeMounts:
    - {name: memory, mountPath: /there}
---
apiVersion: v1
kind: Pod
metadata: {name: files, labels: {app: files, tier: back}, annotations: {note: 'say \"hi\"'}}
spec:
  nodeName: node-1
  terminationGracePeriodSeconds: 0
  volumes:
  - name: some
    configMap:
      name: settings
      defaultMode: 0440
      items: [{key: app.yaml, path: deep/in/app.yaml}, {key: other, path: run, mode: 0755}]
  - {name: none, configMap: {name: nowhere, optional: true}}
  - {name: follows, configMap: {name: follows}}
  - {name: keys, secret: {secretName: keys, defaultMode: 0400}}
  - {name: one-key, secret: {secretName: keys, items: [{key: user, path: who/am/i, mode: 0440}]}}
  - {name: no-keys, secret: {secretName: nowhere, optional: true}}
  - name: fields
    downwardAPI:
      defaultMode: 0444
      items:
      - {path: labels, fieldRef: {fieldPath: metadata.labels}}
      - {path: note, fieldRef: {fieldPath: 'metadata.annotations[''note'']'}, mode: 0400}
      - {path: memory, resourceFieldRef: {containerName: main, resource: limits.memory, divisor: 1Mi}}
  - name: together
    projected:
      defaultMode: 0444
      sources:
      - configMap: {name: settings, items: [{key: other, path: config/other}]}
      - secret: {name: keys, items: [{key: password, path: secret/password, mode: 0400}]}
      - downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}
      - configMap: {name: nowhere, optional: true}
  - {name: image, image: {reference: 'busybox:1.36', pullPolicy: IfNotPresent}}
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, inf]
    resources: {limits: {memory: 32Mi}}
    volumeMounts:
    - {name: some, mountPath: /some}
    - {name: none, mountPath: /none}
    - {name: follows, mountPath: /follows}
    - {name: keys, mountPath: /keys}
    - {name: one-key, mountPath: /one-key}
    - {name: no-keys, mountPath: /no-keys}
    - {name: fields, mountPath: /fields}
    - {name: together, mountPath: /together}
    - {name: image, mountPath: /image}
---
apiVersion: v1
kind: Pod
metadata: {name: paths}
spec:
  nodeName: node-1
  terminationGracePeriodSeconds: 0
  volumes:
  - {name: made, hostPath: {path: /srv/paths/made, type: DirectoryOrCreate}}
  - {name: file, hostPath: {path: /srv/file, type: FileOrCreate}}
  - {name: there, hostPath: {path: /etc, type: Directory}}
  - {name: release, hostPath: {path: /etc/debian_version, type: File}}
  - {name: socket, hostPath: {path: /run/systemd/private, type: Socket}}
  - {name: device, hostPath: {path: /dev/null, type: CharDevice}}
  - {name: any, hostPath: {path: '/srv/a:b'}}
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, inf]
    volumeMounts:
    - {name: made, mountPath: /made}
    - {name: file, mountPath: /file}
    - {name: there, mountPath: /there, readOnly: true}
    - {name: release, mountPath: /release}
    - {name: socket, mountPath: /socket}
    - {name: device, mountPath: /device}
    - {name: any, mountPath: /any}
";

/// Pods that no host can give what they ask for.
pub(super) const WRONG: &str = "
apiVersion: v1
kind: Pod
metadata: {name: trap}
spec:
  nodeName: node-1
  volumes: [{name: trap, hostPath: {path: /srv/trap}}]
  containers:
  - name: main
    image: busybox:1.36
    volumeMounts: [{name: trap, mountPath: /trap, subPath: out/ssh}]
---
apiVersion: v1
kind: Pod
metadata: {name: no-socket}
spec:
  nodeName: node-1
  volumes: [{name: socket, hostPath: {path: /srv, type: Socket}}]
  containers:
  - name: main
    image: busybox:1.36
    volumeMounts: [{name: socket, mountPath: /socket}]
---
apiVersion: v1
kind: Pod
metadata: {name: no-disk}
spec:
  nodeName: node-1
  volumes: [{name: disk, hostPath: {path: /dev/null, type: BlockDevice}}]
  containers:
  - name: main
    image: busybox:1.36
    volumeMounts: [{name: disk, mountPath: /disk}]
---
apiVersion: v1
kind: Pod
metadata: {name: unset}
spec:
  nodeName: node-1
  volumes: [{name: data, emptyDir: {}}]
  containers:
  - name: main
    image: busybox:1.36
    env: [{name: UP, value: ../../..}]
    volumeMounts: [{name: data, mountPath: /data, subPathExpr: x/$(UP)}]
";
