//! Objects that are not read: kinds of Kubernetes that make no sense here, other programs' kinds, and files that only
//! look like manifests. Each is refused with a word on where it belongs, or left out with a notice.

use crate::document::{Document, Finding, Severity, closest};
use crate::model::{Effect, Kind};

/// What to do with kinds that are not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownKinds {
    /// They are errors: whoever wrote them expects something of them.
    #[default]
    Refuse,
    /// They are left out, each with a notice.
    Skip,
}

/// The groups of Kubernetes itself; one without a dot is of Kubernetes or a slip of the pen.
const GROUPS: [&str; 20] = [
    "admission.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "settings.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

/// Kinds of Kubernetes, and why they are not read.
const OF_KUBERNETES: [(&[&str], &str); 16] = [
    (&["Node"], "hosts stand in the inventory, with their labels and taints: write them there"),
    (
        &["Lease", "LeaseCandidate"],
        "controllers of a cluster agree on a leader by it; bowline is one program, and needs none",
    ),
    (
        &[
            "LocalSubjectAccessReview",
            "SelfSubjectAccessReview",
            "SelfSubjectReview",
            "SelfSubjectRulesReview",
            "SubjectAccessReview",
            "TokenRequest",
            "TokenReview",
        ],
        "it is a question to an API server, not an object to keep; there is no API server here",
    ),
    (
        &["AdmissionReview", "ConversionReview"],
        "it is what an API server and a webhook say to each other, not an object to keep",
    ),
    (&["PodSecurityPolicy"], "Kubernetes itself removed it in 1.25"),
    (&["PodPreset"], "Kubernetes itself removed it in 1.20"),
    (
        &[
            "CSIDriver",
            "CSINode",
            "CSIStorageCapacity",
            "VolumeAttachment",
            "VolumeAttributesClass",
        ],
        "it is about the storage drivers of a cluster, and there are none here",
    ),
    (
        &[
            "DeviceClass",
            "DeviceTaintRule",
            "ResourceClaim",
            "ResourceClaimTemplate",
            "ResourceSlice",
        ],
        "devices are handed out by drivers on a cluster's nodes, and there are none here",
    ),
    (
        &["CertificateSigningRequest", "ClusterTrustBundle", "PodCertificateRequest"],
        "certificates are signed by controllers of a cluster, and there are none here",
    ),
    (&["Binding"], "say which host a pod is to run on by `nodeName` or `nodeSelector`"),
    (&["PodTemplate"], "nothing makes pods of it: write a Pod, or a Deployment"),
    (&["ControllerRevision"], "bowline remembers revisions by itself"),
    (
        &["ServiceCIDR", "IPAddress"],
        "addresses of Services come from `network.serviceCIDR` of the inventory",
    ),
    (&["PodGroup", "Workload"], "pods are placed one by one here"),
    (
        &["Eviction", "Scale", "DeleteOptions"],
        "it is a request to an API server, not an object to keep",
    ),
    (
        &["ComponentStatus", "StorageVersion", "StorageVersionMigration"],
        "it is about a cluster's own parts, and there is no cluster here",
    ),
];

/// Files of other programs that look like manifests: by group or the whole `apiVersion`, and what they are for.
const FILES: [(&[&str], &str); 7] = [
    (
        &["kustomize.config.k8s.io", "builtin"],
        "it tells kustomize what to make of other files: apply its directory with -k",
    ),
    (&["kind.x-k8s.io", "k3d.io", "eksctl.io", "kops.k8s.io", "minikube.sigs.k8s.io"], CLUSTER),
    (
        &[
            "apiserver.config.k8s.io",
            "audit.k8s.io",
            "kubeadm.k8s.io",
            "kubelet.config.k8s.io",
            "kubeproxy.config.k8s.io",
            "kubescheduler.config.k8s.io",
            "pod-security.admission.config.k8s.io",
        ],
        "it configures a program of a cluster, and there is no cluster here",
    ),
    (&["skaffold"], "it is a file of skaffold: name the manifests that it deploys"),
    (&["helm.config.k8s.io"], "it is a file of helm: `helm template` makes manifests of a chart"),
    (&["config.istio.io", "client.authentication.k8s.io"], "it configures another program"),
    (&["cluster.x-k8s.io"], CLUSTER),
];
const CLUSTER: &str = "it describes a cluster to be made; here, hosts stand in the inventory";

/// Files that say by their name what they are, and often nothing of their kind.
const NAMES: [(&[&str], &str); 4] = [
    (
        &["kustomization.yaml", "kustomization.yml", "Kustomization"],
        "a kustomization is no manifest: apply its directory with -k",
    ),
    (
        &["Chart.yaml", "values.yaml"],
        "this is a part of a helm chart: `helm template` makes manifests of it",
    ),
    (
        &["docker-compose.yaml", "docker-compose.yml", "compose.yaml", "compose.yml"],
        "this is a file of docker compose: `kompose convert` makes manifests of it",
    ),
    (
        &["skaffold.yaml", "skaffold.yml"],
        "this is a file of skaffold: name the manifests that it deploys",
    ),
];

const FLAG: &str = "to leave such objects out, add --skip-unknown-kinds";

/// The group of an API version; empty for that of the core.
fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

fn is_of_kubernetes(api_version: &str) -> bool {
    let group = group(api_version);
    !group.contains('.') || GROUPS.contains(&group)
}

/// What to say of a file whose object does not say what it is, but whose name does.
pub(super) fn by_name(document: &Document, unknown: UnknownKinds) -> Option<Finding> {
    let name = document.source.name();
    let name = name.rsplit('/').next().unwrap_or(name);
    let (_, why) = NAMES.iter().find(|(names, _)| names.contains(&name))?;
    let finding = match unknown {
        UnknownKinds::Refuse => document
            .finding(Severity::Error, "unknown-kind", "", *why)
            .with_help("name the files that are manifests, or leave such objects out with --skip-unknown-kinds"),
        UnknownKinds::Skip => document.finding(Severity::Notice, "unknown-kind", "", format!("left out: {why}")),
    };
    Some(finding.with_label("no kind of Kubernetes"))
}

/// What to say of an object of a kind that is not read.
pub(super) fn unknown_kind(
    document: &Document,
    api_version: &str,
    name: &str,
    unknown: UnknownKinds,
) -> Finding {
    let message = format!("{name} of {api_version} is not a kind that is read");
    let error = |path| document.finding(Severity::Error, "unknown-kind", path, &message);
    let (why, label) = match place_of(api_version, name) {
        Belongs::OtherVersion(known) => {
            return error("apiVersion")
                .with_label("another API version")
                .with_help(format!("{name} is read as `apiVersion: {}`", known.api_version()));
        }
        Belongs::Misspelt(known) => {
            return error("kind")
                .with_label("not read")
                .with_help(format!("did you mean `{known}`?"));
        }
        Belongs::Elsewhere(why) => (Some(why), "not read"),
        Belongs::Nowhere => (None, "not read"),
        Belongs::OtherGroup => (Some("it belongs to another program"), "a kind of another program"),
    };
    match (unknown, why) {
        (UnknownKinds::Skip, why) => {
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            let message = format!("{name} of {api_version} is left out{why}");
            let finding = document.finding(Severity::Notice, "unknown-kind", "kind", message);
            finding.with_label("left out")
        }
        (UnknownKinds::Refuse, Some(why)) => {
            error("kind").with_label(label).with_help(format!("{why}; {FLAG}"))
        }
        (UnknownKinds::Refuse, None) => {
            error("kind").with_label(label).with_help(format!("{}; {FLAG}", known_kinds()))
        }
    }
}

/// Where an object belongs that is not read.
enum Belongs {
    /// It is read in another version.
    OtherVersion(Kind),
    /// It is probably this kind.
    Misspelt(&'static str),
    /// Somewhere that can be told.
    Elsewhere(&'static str),
    /// Kubernetes knows no such kind.
    Nowhere,
    /// To a program that extends Kubernetes.
    OtherGroup,
}

fn place_of(api_version: &str, name: &str) -> Belongs {
    let files = FILES
        .iter()
        .find(|(groups, _)| groups.contains(&group(api_version)) || groups.contains(&api_version));
    if let Some((_, why)) = files {
        return Belongs::Elsewhere(why);
    }
    if !is_of_kubernetes(api_version) {
        return Belongs::OtherGroup;
    }
    if let Some(known) = Kind::read().find(|known| known.object() == name) {
        return Belongs::OtherVersion(known);
    }
    if let Some((_, why)) = OF_KUBERNETES.iter().find(|(names, _)| names.contains(&name)) {
        return Belongs::Elsewhere(why);
    }
    if (api_version, name) == ("v1", "Config") {
        return Belongs::Elsewhere("it tells kubectl how to reach a cluster");
    }
    closest(name, Kind::read().map(Kind::object)).map_or(Belongs::Nowhere, Belongs::Misspelt)
}

/// The kinds that people apply; those that only the API server minds are left out of the list.
fn known_kinds() -> String {
    let known: Vec<&str> =
        Kind::read().filter(|k| k.effect() != Effect::NoneHere).map(Kind::object).collect();
    format!("the kinds that are read are {}", known.join(", "))
}
