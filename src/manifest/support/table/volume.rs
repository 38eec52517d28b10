//! Volumes of a pod, a rule a source.

use crate::manifest::support::rule::{Rule, honoured, no_effect, not_yet};

/// What becomes of a pod that uses a volume which is not made.
const NOT_MADE: &str = "the volume is not made, and a container that mounts it does not start";
const CLOUD: &str = "a disk that a cloud lends to its own machines";
const GONE: &str = "Kubernetes itself has given it up";

pub(super) const VOLUME: &[Rule] = &[
    no_effect("awsElasticBlockStore", CLOUD),
    no_effect("azureDisk", CLOUD),
    no_effect("azureFile", CLOUD),
    no_effect("cephfs", GONE),
    no_effect("cinder", CLOUD),
    honoured("configMap", "files, written when the pod is made, with their modes"),
    not_yet("csi", NOT_MADE),
    not_yet("downwardAPI", NOT_MADE),
    honoured("emptyDir", "a directory of the host that goes with the pod"),
    not_yet("emptyDir.medium", "it is on the host's disk"),
    not_yet("emptyDir.sizeLimit", "nothing but the disk limits it"),
    not_yet("ephemeral", NOT_MADE),
    not_yet("fc", NOT_MADE),
    no_effect("flexVolume", GONE),
    no_effect("flocker", GONE),
    no_effect("gcePersistentDisk", CLOUD),
    no_effect("gitRepo", GONE),
    no_effect("glusterfs", GONE),
    not_yet("hostPath", NOT_MADE),
    not_yet("image", NOT_MADE),
    not_yet("iscsi", NOT_MADE),
    honoured("name", "what mounts call the volume"),
    not_yet("nfs", NOT_MADE),
    not_yet("persistentVolumeClaim", NOT_MADE),
    no_effect("photonPersistentDisk", GONE),
    no_effect("portworxVolume", CLOUD),
    not_yet("projected", NOT_MADE),
    no_effect("quobyte", GONE),
    no_effect("rbd", GONE),
    no_effect("scaleIO", GONE),
    not_yet("secret", NOT_MADE),
    no_effect("storageos", GONE),
    no_effect("vsphereVolume", CLOUD),
];
