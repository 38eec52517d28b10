//! Volumes of a pod, a rule a source.

use crate::manifest::support::rule::{Rule, honoured, no_effect, not_yet};

/// What becomes of a pod that uses a volume which is not made.
const NOT_MADE: &str = "the volume is not made, and a container that mounts it does not start";
const NO_FILE: &str = "the file is not there";
const ROOTS: &str = "files are root's, or the fsGroup's";
const CLOUD: &str = "a disk that a cloud lends to its own machines";
const GONE: &str = "Kubernetes itself has given it up";

pub(super) const VOLUME: &[Rule] = &[
    no_effect("awsElasticBlockStore", CLOUD),
    no_effect("azureDisk", CLOUD),
    no_effect("azureFile", CLOUD),
    no_effect("cephfs", GONE),
    no_effect("cinder", CLOUD),
    honoured(
        "configMap",
        "read-only files with their modes; they follow the ConfigMap while the pod runs, all of them at one moment",
    ),
    not_yet("configMap.defaultUser", ROOTS),
    not_yet("configMap.items[].user", ROOTS),
    not_yet("csi", NOT_MADE),
    honoured("downwardAPI", "read-only files of the pod's fields and its containers' resources"),
    not_yet("downwardAPI.defaultUser", ROOTS),
    not_yet("downwardAPI.items[].user", ROOTS),
    honoured("emptyDir", "a directory of the host that goes with the pod"),
    honoured("emptyDir.medium", "Memory is a file system in memory, HugePages one of huge pages"),
    not_yet("emptyDir.mode", "everybody may write into it, as by default"),
    honoured(
        "emptyDir.sizeLimit",
        "the size of a volume in memory; on disk it is not watched, and no pod is ended for writing more",
    ),
    honoured(
        "ephemeral",
        "a claim POD-VOLUME of the pod's own, which goes with it; its volume is made on the pod's host",
    ),
    not_yet("fc", NOT_MADE),
    no_effect("flexVolume", GONE),
    no_effect("flocker", GONE),
    no_effect("gcePersistentDisk", CLOUD),
    no_effect("gitRepo", GONE),
    no_effect("glusterfs", GONE),
    honoured("hostPath", "a path of the host; its type is checked before the pod is made"),
    honoured("image", "the files of an image, read-only, by podman's mounts of images"),
    not_yet("iscsi", NOT_MADE),
    honoured("name", "what mounts call the volume"),
    honoured("nfs", "mounted on the host by mount.nfs, for each pod; the host must have it"),
    honoured(
        "persistentVolumeClaim",
        "the claim's volume; the pod goes where the volume is, and waits while there is none",
    ),
    no_effect("photonPersistentDisk", GONE),
    no_effect("portworxVolume", CLOUD),
    honoured("projected", "files of several sources in one place, as each source alone"),
    not_yet("projected.defaultUser", ROOTS),
    not_yet("projected.sources[].clusterTrustBundle", NO_FILE),
    not_yet("projected.sources[].configMap.items[].user", ROOTS),
    not_yet("projected.sources[].downwardAPI.items[].user", ROOTS),
    not_yet("projected.sources[].podCertificate", NO_FILE),
    not_yet("projected.sources[].secret.items[].user", ROOTS),
    no_effect(
        "projected.sources[].serviceAccountToken",
        "the file is not there: there is no API server that a token could be shown to",
    ),
    no_effect("quobyte", GONE),
    no_effect("rbd", GONE),
    no_effect("scaleIO", GONE),
    honoured(
        "secret",
        "as configMap; sent by standard input and kept in the host's memory, never on its disk",
    ),
    not_yet("secret.defaultUser", ROOTS),
    not_yet("secret.items[].user", ROOTS),
    no_effect("storageos", GONE),
    no_effect("vsphereVolume", CLOUD),
];
