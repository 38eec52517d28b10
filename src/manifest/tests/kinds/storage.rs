use super::*;

#[test]
fn claims() {
    table(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: ",
        &[
            ("{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}", ""),
            (
                "{accessModes: [ReadWriteOnce], storageClassName: \"\", resources: {requests: {storage: 1e9}}}",
                "",
            ),
            ("{resources: {requests: {storage: 1Gi}}}", "required spec.accessModes"),
            (
                "{accessModes: [RWO], resources: {requests: {storage: 1Gi}}}",
                "invalid-value spec.accessModes[0]",
            ),
            (
                "{accessModes: [ReadWriteOncePod, ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
                "invalid-value spec.accessModes",
            ),
            ("{accessModes: [ReadWriteOnce]}", "required spec.resources.requests.storage"),
            (
                "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 0}}}",
                "out-of-range spec.resources.requests.storage",
            ),
            (
                "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1GB}}}",
                "invalid-quantity spec.resources.requests.storage",
            ),
            (
                "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}, limits: {storage: 1024Mi}}}",
                "",
            ),
            (
                "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}, limits: {storage: 2047Mi}}}",
                "above-limit spec.resources.requests.storage",
            ),
            (
                "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}, limits: {storage: 2GB}}}",
                "invalid-quantity spec.resources.limits.storage",
            ),
            (
                "{accessModes: [ReadWriteOnce], volumeMode: Disk, resources: {requests: {storage: 1Gi}}}",
                "invalid-value spec.volumeMode",
            ),
            (
                "{accessModes: [ReadWriteOnce], dataSource: {kind: VolumeSnapshot, name: a}, resources: {requests: {storage: 1Gi}}}",
                "invalid-value spec.dataSource.kind",
            ),
        ],
    );
}

#[test]
fn volumes() {
    const HEAD: &str = "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: data}\nspec:\n  capacity: {storage: 1Gi}\n  accessModes: [ReadWriteOnce]\n";
    table(
        HEAD,
        &[
            ("  hostPath: {path: /data}", ""),
            ("  hostPath: {path: /data, type: \"\"}", ""),
            ("  hostPath: {path: /data, type: Dir}", "invalid-value spec.hostPath.type"),
            ("  hostPath: {path: /data/../etc}", "invalid-value spec.hostPath.path"),
            ("  storageClassName: slow", "required spec"),
            ("  hostPath: {path: /a}\n  nfs: {server: s, path: /a}", "invalid-value spec.nfs"),
            ("  nfs: {server: s, path: a}", "invalid-value spec.nfs.path"),
            ("  local: {path: /a}", "required spec.nodeAffinity"),
            (
                "  local: {path: /a}\n  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: [b]}]}]}}",
                "",
            ),
            (
                "  local: {path: /a}\n  nodeAffinity: {required: {nodeSelectorTerms: []}}",
                "required spec.nodeAffinity.required.nodeSelectorTerms",
            ),
            ("  csi: {driver: ebs.csi.aws.com, volumeHandle: v}", ""),
            ("  csi: {driver: ebs.csi.aws.com}", "required spec.csi.volumeHandle"),
            (
                "  hostPath: {path: /}\n  persistentVolumeReclaimPolicy: Recycle",
                "invalid-value spec.persistentVolumeReclaimPolicy",
            ),
            (
                "  hostPath: {path: /a}\n  persistentVolumeReclaimPolicy: Keep",
                "invalid-value spec.persistentVolumeReclaimPolicy",
            ),
        ],
    );
    table(
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: data}\nspec: ",
        &[
            ("{accessModes: [ReadWriteOnce], hostPath: {path: /a}}", "required spec.capacity"),
            (
                "{accessModes: [ReadWriteOnce], hostPath: {path: /a}, capacity: {storage: 1Gi, cpu: 1}}",
                "invalid-value spec.capacity.cpu",
            ),
        ],
    );
}

#[test]
fn classes() {
    table(
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: slow}\n",
        &[
            (
                "provisioner: kubernetes.io/no-provisioner\nvolumeBindingMode: WaitForFirstConsumer",
                "",
            ),
            ("reclaimPolicy: Retain", "required provisioner"),
            ("provisioner: a.b/c\nreclaimPolicy: Recycle", "invalid-value reclaimPolicy"),
            ("provisioner: a.b/c\nvolumeBindingMode: Later", "invalid-value volumeBindingMode"),
            (
                "provisioner: a.b/c\nallowedTopologies: [{matchLabelExpressions: [{key: zone, values: []}]}]",
                "required allowedTopologies[0].matchLabelExpressions[0].values",
            ),
        ],
    );
}
