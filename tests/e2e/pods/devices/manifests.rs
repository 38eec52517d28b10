//! The pods that are looked at.

pub(super) const PODS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: first}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: c, image: busybox:1.36, command: [sleep, '100000'], resources: {limits: {example.org/thing: 2}}}
---
apiVersion: v1
kind: Pod
metadata: {name: second}
spec:
  terminationGracePeriodSeconds: 0
  os: {name: linux}
  containers:
  - name: c
    image: busybox:1.36
    command: [sleep, '100000']
    resources: {limits: {example.org/thing: 1, example.org/other: 1}, requests: {ephemeral-storage: 1Mi}}
---
apiVersion: v1
kind: Pod
metadata: {name: gpu-400}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: c, image: busybox:1.36, command: [sleep, '100000'], resources: {limits: {bowline/gpu-milli: 400}}}
---
apiVersion: v1
kind: Pod
metadata: {name: gpu-500}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: c, image: busybox:1.36, command: [sleep, '100000'], resources: {limits: {bowline/gpu-milli: 500}}}
---
apiVersion: v1
kind: Pod
metadata: {name: gpu-600}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: c, image: busybox:1.36, command: [sleep, '100000'], resources: {limits: {bowline/gpu-milli: 600}}}
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: mine}
handler: mine
overhead: {podFixed: {memory: 8Mi}}
scheduling: {nodeSelector: {kubernetes.io/hostname: node-1}, tolerations: [{key: a, operator: Exists}]}
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: absent}
handler: absent
---
apiVersion: v1
kind: Secret
metadata: {name: word}
stringData: {word: hush}
---
apiVersion: v1
kind: Pod
metadata: {name: mine}
spec:
  terminationGracePeriodSeconds: 0
  runtimeClassName: mine
  containers:
  - {name: c, image: busybox:1.36, command: [sleep, '100000']}
---
apiVersion: v1
kind: Pod
metadata: {name: mine-too}
spec:
  terminationGracePeriodSeconds: 0
  runtimeClassName: mine
  containers:
  - name: c
    image: busybox:1.36
    command: [sleep, '100000']
    env: [{name: WORD, valueFrom: {secretKeyRef: {name: word, key: word}}}]
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: local-disk}
spec:
  volumeMode: Block
  storageClassName: ''
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1Gi}
  local: {path: /dev/disk9}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-1]}]}]}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: path-disk}
spec:
  volumeMode: Block
  storageClassName: ''
  accessModes: [ReadWriteOnce]
  capacity: {storage: 2Gi}
  hostPath: {path: /dev/disk9, type: BlockDevice}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: local-disk}
spec: {volumeMode: Block, storageClassName: '', accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: path-disk}
spec: {volumeMode: Block, storageClassName: '', accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: block}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: c
    image: busybox:1.36
    command: [sleep, '100000']
    volumeDevices: [{name: local, devicePath: /dev/xvda}, {name: path, devicePath: /dev/xvdb}]
  volumes:
  - {name: local, persistentVolumeClaim: {claimName: local-disk}}
  - {name: path, persistentVolumeClaim: {claimName: path-disk, readOnly: true}}
";

/// Needs two huge pages of the machine.
pub(super) const PAGES: &str = "---
apiVersion: v1
kind: Pod
metadata: {name: huge}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: c
    image: busybox:1.36
    command: [sleep, '100000']
    resources: {limits: {hugepages-2Mi: 4Mi, memory: 16Mi}}
    volumeMounts: [{name: huge, mountPath: /huge}]
  volumes:
  - {name: huge, emptyDir: {medium: HugePages}}
";

/// One more device than there is.
pub(super) const THIRD: &str = "---
apiVersion: v1
kind: Pod
metadata: {name: waiting}
spec:
  containers: [{name: c, image: busybox:1.36, resources: {limits: {example.org/thing: 1}}}]
";

/// More of one GPU than is left of any.
pub(super) const PART: &str = "---
apiVersion: v1
kind: Pod
metadata: {name: waiting}
spec:
  containers: [{name: c, image: busybox:1.36, resources: {limits: {bowline/gpu-milli: 450}}}]
";

pub(super) const DISK: &str = "---
apiVersion: v1
kind: Pod
metadata: {name: waiting}
spec:
  containers: [{name: c, image: busybox:1.36, resources: {requests: {ephemeral-storage: 1Ei}}}]
";

pub(super) const ABSENT: &str = "---
apiVersion: v1
kind: Pod
metadata: {name: waiting}
spec:
  runtimeClassName: absent
  containers: [{name: c, image: busybox:1.36}]
";

pub(super) const WINDOWS: &str = "---
apiVersion: v1
kind: Pod
metadata: {name: waiting}
spec:
  os: {name: windows}
  containers: [{name: c, image: busybox:1.36}]
";

/// bowline.local makes directories, not devices.
pub(super) const NO_BLOCK: &str = "---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: made}
spec: {volumeMode: Block, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: waiting}
spec:
  containers: [{name: c, image: busybox:1.36, volumeDevices: [{name: made, devicePath: /dev/xvda}]}]
  volumes: [{name: made, persistentVolumeClaim: {claimName: made}}]
";

/// A device is no file system.
pub(super) const MOUNTED: &str = "---
apiVersion: v1
kind: Pod
metadata: {name: waiting}
spec:
  containers: [{name: c, image: busybox:1.36, volumeMounts: [{name: disk, mountPath: /disk}]}]
  volumes: [{name: disk, persistentVolumeClaim: {claimName: local-disk}}]
";
