//! Claims, volumes and their classes.

use crate::manifest::support::rule::{Rule, honoured, no_effect, not_yet};

const NO_ATTRIBUTES: &str = "there are no classes of attributes";
const NOT_FILLED: &str = "a volume begins empty; a claim that asks for more waits, and is told so";
const NOT_MOUNTED: &str = "it is not mounted: a pod that uses it waits, and is told so";
const CLOUD: &str = "a disk that a cloud lends to its own machines; a pod that uses it waits";
const GONE: &str = "Kubernetes itself has given it up; a pod that uses it waits";

/// A claim's specification, also that of a claim which is made for a pod.
pub(super) const CLAIM: &[Rule] = &[
    honoured(
        "accessModes",
        "a volume must have them all; ReadWriteOncePod lets one pod at a time in",
    ),
    not_yet("dataSource", NOT_FILLED),
    not_yet("dataSourceRef", NOT_FILLED),
    honoured(
        "resources",
        "the smallest volume that holds the request; a number that may grow, and holds nobody back without a limit",
    ),
    honoured(
        "resources.limits",
        "a volume that bowline.local makes is a file system of that size; one that people made is as large as it is",
    ),
    honoured("selector", "labels that a volume must have; no volume is made for such a claim"),
    honoured(
        "storageClassName",
        "a class of the manifests, or bowline.local, which is always there; without one the default class, which is \
         bowline.local where none is marked",
    ),
    no_effect("volumeAttributesClassName", NO_ATTRIBUTES),
    honoured(
        "volumeMode",
        "Block gets a volume that people have made; bowline.local makes none, and says so",
    ),
    honoured("volumeName", "that volume and no other"),
];

/// A volume's specification.
pub(super) const VOLUME: &[Rule] = &[
    honoured("accessModes", "claims ask for them; ReadWriteOnce keeps a hostPath to one host"),
    no_effect("awsElasticBlockStore", CLOUD),
    no_effect("azureDisk", CLOUD),
    no_effect("azureFile", CLOUD),
    honoured(
        "capacity",
        "what a claim asks for must fit; who writes more is held back where a limit of the claim made it a file system",
    ),
    no_effect("cephfs", GONE),
    no_effect("cinder", CLOUD),
    honoured("claimRef", "keeps the volume for a claim; bowline writes it when a claim is bound"),
    not_yet("csi", NOT_MOUNTED),
    not_yet("fc", NOT_MOUNTED),
    no_effect("flexVolume", GONE),
    no_effect("flocker", GONE),
    no_effect("gcePersistentDisk", CLOUD),
    no_effect("glusterfs", GONE),
    honoured("hostPath", "a path of the host; with ReadWriteOnce of the host that used it first"),
    not_yet("iscsi", NOT_MOUNTED),
    honoured("local", "a directory of the hosts that nodeAffinity chooses, which must be there"),
    no_effect("local.fsType", "no device is mounted: the path is a directory"),
    honoured("mountOptions", "options of mount, of a volume of nfs"),
    honoured("nfs", "mounted on the host by mount.nfs, for each pod; the host must have it"),
    honoured("nodeAffinity", "keeps the pods of the volume to hosts that it chooses"),
    honoured(
        "persistentVolumeReclaimPolicy",
        "Delete removes what bowline made, and Retain leaves it, when the claim is gone; other data are never deleted",
    ),
    no_effect("photonPersistentDisk", GONE),
    no_effect("portworxVolume", CLOUD),
    no_effect("quobyte", GONE),
    no_effect("rbd", GONE),
    no_effect("scaleIO", GONE),
    honoured("storageClassName", "claims of the same class get it"),
    no_effect("storageos", GONE),
    no_effect("volumeAttributesClassName", NO_ATTRIBUTES),
    honoured(
        "volumeMode",
        "Filesystem is mounted; Block, of local and hostPath, is given to containers as the device that it is",
    ),
    no_effect("vsphereVolume", CLOUD),
];

/// A class.
pub(super) const CLASS: &[Rule] = &[
    honoured("allowVolumeExpansion", "a claim may ask for more than before"),
    honoured("allowedTopologies", "hosts on which volumes may be made, by their labels"),
    no_effect(
        "mountOptions",
        "a volume is a directory of the host, or a file system that is mounted as ext4 is",
    ),
    honoured(
        "parameters",
        "of bowline.local: `path`, the directory of the hosts in which volumes are made",
    ),
    honoured(
        "provisioner",
        "bowline.local makes directories on hosts, or file systems where claims have limits; of any other, claims wait for volumes that people make",
    ),
    honoured("reclaimPolicy", "that of the volumes that are made"),
    honoured(
        "volumeBindingMode",
        "WaitForFirstConsumer makes the volume on the host of the first pod, Immediate on the host with the fewest volumes",
    ),
];
