//! What the looks at claims are made from.

pub(super) const CLASSES: &str = r"
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: keep}
provisioner: bowline.local
reclaimPolicy: Retain
volumeBindingMode: WaitForFirstConsumer
allowVolumeExpansion: true
parameters: {path: /srv/kept}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: now}
provisioner: bowline.local
volumeBindingMode: Immediate
allowedTopologies:
- matchLabelExpressions: [{key: kubernetes.io/hostname, values: [node-2]}]
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: manual}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: kept}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: keep
  volumeMode: Filesystem
  resources: {requests: {storage: 2Gi}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: instant}
spec:
  accessModes: [ReadWriteMany]
  storageClassName: now
  resources: {requests: {storage: 4Gi}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: grouped}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: bowline.local
  resources: {requests: {storage: 1Gi}}
";

/// A claim that asks for more, of a class that lets it.
pub(super) const GROWN: (&str, &str) = ("storage: 2Gi", "storage: 3Gi");

/// And one of a class that does not.
pub(super) const GROWN_TOO_FAR: (&str, &str) = ("storage: 4Gi", "storage: 8Gi");

pub(super) const STATIC: &str = r#"
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-3}
spec: {capacity: {storage: 3Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /srv/three}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-2}
spec: {capacity: {storage: 2Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /srv/two}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-1}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /srv/one}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-large, labels: {size: large}}
spec: {capacity: {storage: 50Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /srv/large, type: Directory}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-named}
spec:
  capacity: {storage: 9Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Delete
  hostPath: {path: /srv/path}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-foreseen}
spec:
  capacity: {storage: 40Gi}
  accessModes: [ReadWriteOnce]
  claimRef: {namespace: default, name: foreseen}
  hostPath: {path: /srv/path/made, type: DirectoryOrCreate}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-many}
spec: {capacity: {storage: 60Gi}, accessModes: [ReadOnlyMany, ReadWriteMany], hostPath: {path: /srv/many}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-spare}
spec: {capacity: {storage: 1Gi}, storageClassName: other, accessModes: [ReadWriteOnce], hostPath: {path: /srv/spare}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-local}
spec:
  capacity: {storage: 2Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: manual
  local: {path: /srv/disk}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node-2]}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: named}
spec: {accessModes: [ReadWriteOnce], storageClassName: "", volumeName: disk-named, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: foreseen}
spec: {accessModes: [ReadWriteOnce], storageClassName: "", resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: smallest}
spec: {accessModes: [ReadWriteOnce], storageClassName: "", resources: {requests: {storage: 1500Mi}, limits: {storage: 1600Mi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: selected}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: ""
  selector: {matchLabels: {size: large}, matchExpressions: [{key: size, operator: NotIn, values: [small]}]}
  resources: {requests: {storage: 1Gi}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: many}
spec: {accessModes: [ReadWriteMany], storageClassName: "", resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: local}
spec: {accessModes: [ReadWriteOnce], storageClassName: manual, resources: {requests: {storage: 1Gi}}}
"#;

pub(super) const PODS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: writer}
spec:
  strategy: {type: Recreate}
  selector: {matchLabels: {app: writer}}
  template:
    metadata: {labels: {app: writer}}
    spec:
      terminationGracePeriodSeconds: 1
      volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]
      containers:
      - name: main
        image: busybox:1.36
        command: [sleep, "100000"]
        env: [{name: VERSION, value: one}]
        volumeMounts: [{name: v, mountPath: /data}]
---
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: v, persistentVolumeClaim: {claimName: data, readOnly: true}}]
  containers:
  - {name: main, image: "busybox:1.36", command: [sleep, "100000"], volumeMounts: [{name: v, mountPath: /data}]}
---
apiVersion: v1
kind: Pod
metadata: {name: reader-2}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]
  containers:
  - {name: main, image: "busybox:1.36", command: [sleep, "100000"], volumeMounts: [{name: v, mountPath: /data}]}
---
apiVersion: v1
kind: Pod
metadata: {name: late}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: v, persistentVolumeClaim: {claimName: instant}}]
  containers:
  - {name: main, image: "busybox:1.36", command: [sleep, "100000"], volumeMounts: [{name: v, mountPath: /data}]}
---
apiVersion: v1
kind: Pod
metadata: {name: keeper}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: v, persistentVolumeClaim: {claimName: kept}}]
  containers:
  - {name: main, image: "busybox:1.36", command: [sleep, "100000"], volumeMounts: [{name: v, mountPath: /data}]}
---
apiVersion: v1
kind: Pod
metadata: {name: brief}
spec:
  terminationGracePeriodSeconds: 1
  volumes:
  - name: scratch
    ephemeral:
      volumeClaimTemplate:
        metadata: {labels: {kind: scratch}}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 100Mi}}}
  containers:
  - {name: main, image: "busybox:1.36", command: [sleep, "100000"], volumeMounts: [{name: scratch, mountPath: /scratch}]}
---
apiVersion: v1
kind: Pod
metadata: {name: on-disk}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: v, persistentVolumeClaim: {claimName: local}}]
  containers:
  - {name: main, image: "busybox:1.36", command: [sleep, "100000"], volumeMounts: [{name: v, mountPath: /data}]}
---
apiVersion: v1
kind: Pod
metadata: {name: static}
spec:
  terminationGracePeriodSeconds: 1
  volumes:
  - {name: named, persistentVolumeClaim: {claimName: named}}
  - {name: large, persistentVolumeClaim: {claimName: selected}}
  - {name: foreseen, persistentVolumeClaim: {claimName: foreseen}}
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, "100000"]
    volumeMounts:
    - {name: named, mountPath: /named}
    - {name: large, mountPath: /large}
    - {name: foreseen, mountPath: /foreseen}
---
apiVersion: v1
kind: Pod
metadata: {name: grouped}
spec:
  terminationGracePeriodSeconds: 1
  securityContext: {fsGroup: 2345, runAsUser: 1000}
  volumes: [{name: v, persistentVolumeClaim: {claimName: grouped}}]
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, "100000"]
    volumeMounts: [{name: v, mountPath: /data}, {name: v, mountPath: /part, subPath: a/b}]
"#;

/// `grouped` with another policy.
pub(super) const SWAPPED: &str = r#"
apiVersion: v1
kind: Pod
metadata: {name: grouped}
spec:
  terminationGracePeriodSeconds: 1
  securityContext: {fsGroup: 2345, runAsUser: 1000, fsGroupChangePolicy: OnRootMismatch}
  volumes: [{name: v, persistentVolumeClaim: {claimName: grouped}}]
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, "100000"]
    volumeMounts: [{name: v, mountPath: /data}, {name: v, mountPath: /part, subPath: a/b}]
"#;

pub(super) const NFS: &str = r#"
apiVersion: v1
kind: PersistentVolume
metadata: {name: exports}
spec:
  capacity: {storage: 5Gi}
  accessModes: [ReadWriteMany]
  storageClassName: shares
  mountOptions: [nfsvers=4.2, hard]
  nfs: {server: files.example, path: /srv/exports}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: exports}
spec: {accessModes: [ReadWriteMany], storageClassName: shares, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: nfs-1}
spec:
  nodeName: node-1
  terminationGracePeriodSeconds: 1
  volumes:
  - {name: nfs, persistentVolumeClaim: {claimName: exports}}
  - {name: nfs-own, nfs: {server: files.example, path: /srv/exports, readOnly: true}}
  containers:
  - name: main
    image: busybox:1.36
    command: [sleep, "100000"]
    volumeMounts: [{name: nfs, mountPath: /data}, {name: nfs-own, mountPath: /own}]
---
apiVersion: v1
kind: Pod
metadata: {name: nfs-2}
spec:
  nodeSelector: {kubernetes.io/hostname: node-2}
  terminationGracePeriodSeconds: 1
  volumes: [{name: nfs, persistentVolumeClaim: {claimName: exports}}]
  containers:
  - {name: main, image: "busybox:1.36", command: [sleep, "100000"], volumeMounts: [{name: nfs, mountPath: /data}]}
"#;

pub(super) const WAITING: &str = r#"
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: unbound}
spec: {accessModes: [ReadWriteOnce], storageClassName: "", resources: {requests: {storage: 900Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: idle}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: alone}
spec: {accessModes: [ReadWriteOncePod], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: nowhere}
spec: {accessModes: [ReadWriteOnce], storageClassName: manual, resources: {requests: {storage: 7Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: raw}
spec: {accessModes: [ReadWriteOnce], volumeMode: Block, resources: {requests: {storage: 7Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: unfound}
spec:
  volumes: [{name: v, persistentVolumeClaim: {claimName: nobodys}}]
  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: unbound}
spec:
  volumes: [{name: v, persistentVolumeClaim: {claimName: unbound}}]
  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: elsewhere}
spec:
  nodeSelector: {kubernetes.io/hostname: node-1}
  volumes: [{name: v, persistentVolumeClaim: {claimName: local}}]
  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: nowhere}
spec:
  volumes: [{name: v, persistentVolumeClaim: {claimName: nowhere}}]
  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: raw}
spec:
  volumes: [{name: v, persistentVolumeClaim: {claimName: raw}}]
  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: first}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: v, persistentVolumeClaim: {claimName: alone}}]
  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: second}
spec:
  terminationGracePeriodSeconds: 1
  volumes: [{name: v, persistentVolumeClaim: {claimName: alone}}]
  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]
"#;
