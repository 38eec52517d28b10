//! Each rule of volumes, broken once.

use super::*;

/// A Job, which is only kept, with this volume `v` and a container with these lines.
fn job(volume: &str, container: &str) -> String {
    let mut text = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      volumes:\n".to_owned();
    text.extend([
        "      - ",
        volume,
        "
      containers:
      - name: c
        image: i
",
    ]);
    for line in container.lines() {
        text.extend(["        ", line, "\n"]);
    }
    text
}

fn assert_volumes(cases: &[(&str, &str)]) {
    let cases: Vec<_> = cases
        .iter()
        .map(|(volume, expected)| (*volume, job(&format!("{{name: v, {volume}}}"), ""), *expected))
        .collect();
    assert_faults(&cases);
}

#[test]
fn files() {
    assert_volumes(&[
        (
            "secret: {}",
            "9:19 required: spec.template.spec.volumes[0].secret.secretName: is required",
        ),
        (
            "secret: {secretName: s, defaultMode: 01000}",
            "9:56 out-of-range: spec.template.spec.volumes[0].secret.defaultMode: must be a mode from 0 to 0777 (write it in octal, such as 0644)",
        ),
        (
            "secret: {secretName: s, items: [{key: a, path: ..b}]}",
            "9:66 invalid-value: spec.template.spec.volumes[0].secret.items[0].path: must not begin with `..`",
        ),
        (
            "configMap: {name: m, items: [{key: a, path: /b, mode: -1}]}",
            "9:63 invalid-value: spec.template.spec.volumes[0].configMap.items[0].path: must be relative, without `..`\n9:73 out-of-range: spec.template.spec.volumes[0].configMap.items[0].mode: must be a mode from 0 to 0777 (write it in octal, such as 0644)",
        ),
        (
            "downwardAPI: {items: [{path: a}]}",
            "9:42 required: spec.template.spec.volumes[0].downwardAPI.items[0]: must have one of fieldRef and resourceFieldRef",
        ),
        (
            "downwardAPI: {items: [{path: a, fieldRef: {fieldPath: spec.nodeName}}]}",
            "9:73 invalid-value: spec.template.spec.volumes[0].downwardAPI.items[0].fieldRef.fieldPath: `spec.nodeName` is none of metadata.name, metadata.namespace, metadata.labels, metadata.annotations, metadata.uid",
        ),
        (
            "downwardAPI: {items: [{path: a, resourceFieldRef: {resource: limits.cpu}}]}",
            "9:51 required: spec.template.spec.volumes[0].downwardAPI.items[0].resourceFieldRef.containerName: is required",
        ),
        (
            "projected: {sources: [{secret: {name: s}, configMap: {name: m}}]}",
            "9:42 invalid-value: spec.template.spec.volumes[0].projected.sources[0]: must be one source; here are several",
        ),
        (
            "projected: {sources: [{secret: {name: s, items: [{key: a, path: b}]}}, {configMap: {name: m, items: [{key: c, path: b}]}}]}",
            "9:135 duplicate-name: spec.template.spec.volumes[0].projected.sources[1].configMap.items[0].path: the path `b` is there twice",
        ),
        (
            "projected: {sources: [{serviceAccountToken: {expirationSeconds: 60, path: t}}]}",
            "9:83 out-of-range: spec.template.spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: must be a number from 600 to 4294967296",
        ),
        (
            "projected: {sources: [{clusterTrustBundle: {path: t}}]}",
            "9:63 required: spec.template.spec.volumes[0].projected.sources[0].clusterTrustBundle: must have one of name and signerName",
        ),
        (
            "projected: {sources: [{clusterTrustBundle: {signerName: me, path: t}}]}",
            "9:75 invalid-name: spec.template.spec.volumes[0].projected.sources[0].clusterTrustBundle.signerName: `me` is not a signer, such as example.com/ca",
        ),
        (
            "projected: {sources: [{podCertificate: {signerName: a.b/c, keyType: RSA}}]}",
            "9:59 required: spec.template.spec.volumes[0].projected.sources[0].podCertificate: must have a credentialBundlePath, a keyPath or a certificateChainPath\n9:87 invalid-value: spec.template.spec.volumes[0].projected.sources[0].podCertificate.keyType: `RSA` is none of RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521, ED25519",
        ),
        ("projected: {}", ""),
    ]);
}

#[test]
fn storage() {
    assert_volumes(&[
        (
            "emptyDir: {medium: memory}",
            "9:38 invalid-value: spec.template.spec.volumes[0].emptyDir.medium: `memory` is none of Memory and HugePages-SIZE",
        ),
        (
            "emptyDir: {sizeLimit: -1}",
            "9:41 out-of-range: spec.template.spec.volumes[0].emptyDir.sizeLimit: must not be negative",
        ),
        (
            "emptyDir: {}, hostPath: {path: /a}",
            "9:10 invalid-value: spec.template.spec.volumes[0]: a volume has one source; this one has several",
        ),
        (
            "hostPath: {path: /a/../b, type: Dir}",
            "9:36 invalid-value: spec.template.spec.volumes[0].hostPath.path: must not contain `..`\n9:51 invalid-value: spec.template.spec.volumes[0].hostPath.type: `Dir` is none of DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice, BlockDevice",
        ),
        (
            "hostPath: {type: ''}",
            "9:19 required: spec.template.spec.volumes[0].hostPath.path: is required",
        ),
        (
            "persistentVolumeClaim: {claimName: ''}",
            "9:54 required: spec.template.spec.volumes[0].persistentVolumeClaim.claimName: is required",
        ),
        (
            "csi: {driver: a_b}",
            "9:33 invalid-name: spec.template.spec.volumes[0].csi.driver: `a_b` is not the name of a driver",
        ),
        ("csi: {driver: CSI.example.com}", ""),
        (
            "nfs: {server: a, path: b}",
            "9:42 invalid-value: spec.template.spec.volumes[0].nfs.path: must be an absolute path (write it from the root: /b)",
        ),
        (
            "iscsi: {targetPortal: a, iqn: iqn.x, lun: 256, chapAuthSession: true}",
            "9:19 required: spec.template.spec.volumes[0].iscsi.secretRef: is required\n9:49 invalid-name: spec.template.spec.volumes[0].iscsi.iqn: `iqn.x` is not a name of iSCSI, such as iqn.2001-04.com.example:disk\n9:61 out-of-range: spec.template.spec.volumes[0].iscsi.lun: must be a number from 0 to 255",
        ),
        ("iscsi: {targetPortal: a, iqn: 'iqn.2001-04.com.example:disk', lun: 0}", ""),
    ]);
}

#[test]
fn disks() {
    assert_volumes(&[
        (
            "fc: {targetWWNs: [a]}",
            "9:19 required: spec.template.spec.volumes[0].fc.lun: is required",
        ),
        (
            "fc: {}",
            "9:23 required: spec.template.spec.volumes[0].fc: must have one of targetWWNs and wwids",
        ),
        (
            "flexVolume: {driver: a, options: {kubernetes.io/x: z}}",
            "9:53 invalid-key: spec.template.spec.volumes[0].flexVolume.options[kubernetes.io/x]: is a key of Kubernetes' own",
        ),
        (
            "gcePersistentDisk: {pdName: a, partition: 256}",
            "9:61 out-of-range: spec.template.spec.volumes[0].gcePersistentDisk.partition: must be a number from 0 to 255",
        ),
        (
            "awsElasticBlockStore: {volumeID: ''}",
            "9:52 required: spec.template.spec.volumes[0].awsElasticBlockStore.volumeID: is required",
        ),
        (
            "azureDisk: {diskName: a, diskURI: b, kind: managed}",
            "9:53 invalid-value: spec.template.spec.volumes[0].azureDisk.diskURI: must begin with `https://` for a disk of this kind\n9:62 invalid-value: spec.template.spec.volumes[0].azureDisk.kind: `managed` is none of Shared, Dedicated, Managed (did you mean `Managed`?)",
        ),
        (
            "azureFile: {secretName: a, shareName: ''}",
            "9:57 required: spec.template.spec.volumes[0].azureFile.shareName: is required",
        ),
        (
            "rbd: {monitors: [], image: i}",
            "9:35 required: spec.template.spec.volumes[0].rbd.monitors: is required",
        ),
        (
            "cephfs: {monitors: []}",
            "9:38 required: spec.template.spec.volumes[0].cephfs.monitors: is required",
        ),
        (
            "glusterfs: {endpoints: e, path: ''}",
            "9:51 required: spec.template.spec.volumes[0].glusterfs.path: is required",
        ),
        (
            "quobyte: {registry: a, volume: v}",
            "9:39 invalid-value: spec.template.spec.volumes[0].quobyte.registry: `a` must be HOST:PORT, or several with commas",
        ),
        (
            "gitRepo: {repository: r, directory: ..}",
            "9:55 invalid-value: spec.template.spec.volumes[0].gitRepo.directory: must be relative, without `..`",
        ),
        (
            "flocker: {}",
            "9:28 required: spec.template.spec.volumes[0].flocker: must have one of datasetName and datasetUUID",
        ),
        (
            "cinder: {volumeID: a, secretRef: {}}",
            "9:41 required: spec.template.spec.volumes[0].cinder.secretRef.name: is required",
        ),
        (
            "storageos: {volumeName: A}",
            "9:43 invalid-name: spec.template.spec.volumes[0].storageos.volumeName: `A` is not a valid name: use lowercase letters, digits and `-`, and begin and end with a letter or digit",
        ),
        (
            "scaleIO: {gateway: a, system: b, secretRef: {name: c}}",
            "9:19 required: spec.template.spec.volumes[0].scaleIO.volumeName: is required",
        ),
        (
            "vsphereVolume: {volumePath: ''}",
            "9:47 required: spec.template.spec.volumes[0].vsphereVolume.volumePath: is required",
        ),
        (
            "portworxVolume: {volumeID: ''}",
            "9:46 required: spec.template.spec.volumes[0].portworxVolume.volumeID: is required",
        ),
        (
            "photonPersistentDisk: {pdID: ''}",
            "9:48 required: spec.template.spec.volumes[0].photonPersistentDisk.pdID: is required",
        ),
        (
            "image: {reference: i, pullPolicy: always}",
            "9:53 invalid-value: spec.template.spec.volumes[0].image.pullPolicy: `always` is none of Always, IfNotPresent, Never (did you mean `Always`?)",
        ),
        (
            "ephemeral: {}",
            "9:19 required: spec.template.spec.volumes[0].ephemeral.volumeClaimTemplate: is required",
        ),
        (
            "ephemeral: {volumeClaimTemplate: {spec: {accessModes: [RWO], resources: {requests: {storage: 0}}}}}",
            "9:74 invalid-value: spec.template.spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes[0]: `RWO` is none of ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod\n9:112 out-of-range: spec.template.spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests.storage: must be more than 0",
        ),
    ]);
}

#[test]
fn mounts_and_devices() {
    let dir = "{name: v, emptyDir: {}}";
    let claim = "{name: v, persistentVolumeClaim: {claimName: p}}";
    let image = "{name: v, image: {reference: i}}";
    let cases = [
        (
            dir,
            "volumeMounts: [{name: v, mountPath: /a, subPath: ../b}]",
            "13:58 invalid-value: spec.template.spec.containers[0].volumeMounts[0].subPath: must be relative, without `..`",
        ),
        (
            dir,
            "volumeMounts: [{name: v, mountPath: /a, subPath: b, subPathExpr: c}]",
            "13:74 invalid-value: spec.template.spec.containers[0].volumeMounts[0].subPathExpr: stands beside `subPath`: only one of them is allowed",
        ),
        (
            dir,
            "volumeMounts: [{name: v, mountPath: /a, mountPropagation: Bidirectional}]",
            "13:67 invalid-value: spec.template.spec.containers[0].volumeMounts[0].mountPropagation: `Bidirectional` is allowed only in privileged containers",
        ),
        (
            dir,
            "volumeMounts: [{name: v, mountPath: /a, mountPropagation: Both}]",
            "13:67 invalid-value: spec.template.spec.containers[0].volumeMounts[0].mountPropagation: `Both` is none of None, HostToContainer, Bidirectional",
        ),
        (
            dir,
            "volumeMounts: [{name: v, mountPath: /a, recursiveReadOnly: Enabled}]",
            "13:68 invalid-value: spec.template.spec.containers[0].volumeMounts[0].recursiveReadOnly: is allowed only with `readOnly: true`",
        ),
        (
            dir,
            "volumeMounts: [{name: v}]",
            "13:25 required: spec.template.spec.containers[0].volumeMounts[0].mountPath: is required",
        ),
        (
            image,
            "volumeMounts: [{name: v, mountPath: /a, subPath: b}]",
            "13:58 forbidden: spec.template.spec.containers[0].volumeMounts[0].subPath: has no place with a volume that is an image (leave it out)",
        ),
        (
            dir,
            "volumeDevices: [{name: v, devicePath: /dev/a}]",
            "13:32 invalid-value: spec.template.spec.containers[0].volumeDevices[0].name: must be a volume of a claim: others are no devices",
        ),
        (
            claim,
            "volumeDevices: [{name: v, devicePath: /dev/../a}, {name: v, devicePath: /dev/b}]",
            "13:47 invalid-value: spec.template.spec.containers[0].volumeDevices[0].devicePath: must not contain `..`\n13:66 duplicate-name: spec.template.spec.containers[0].volumeDevices[1].name: the device `v` is there twice",
        ),
        (
            claim,
            "volumeDevices: [{name: v, devicePath: /a}]\nvolumeMounts: [{name: v, mountPath: /a}]",
            "13:32 invalid-value: spec.template.spec.containers[0].volumeDevices[0].name: `v` is also one of volumeMounts\n13:47 invalid-value: spec.template.spec.containers[0].volumeDevices[0].devicePath: `/a` is also a path of volumeMounts",
        ),
        (
            claim,
            "volumeDevices: [{name: w, devicePath: /a}]",
            "13:32 unknown-volume: spec.template.spec.containers[0].volumeDevices[0].name: there is no volume `w` (did you mean `v`?)",
        ),
    ];
    let cases: Vec<_> =
        cases.iter().map(|(volume, own, expected)| (*own, job(volume, own), *expected)).collect();
    assert_faults(&cases);
}
