//! Fields that take one of a few words. The API server's schema lists these; the published one, and so `k8s-openapi`, does not.
//!
//! Source: the types marked `+enum`, and those whose validation names the words, in
//! <https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/api>; words in alphabetical order, as there.

/// The words of a field of a type; empty where any word will do.
pub(super) fn of(owner: &str, field: &str) -> &'static [&'static str] {
    let found = ALL.iter().find(|(of, name, _)| *of == owner && *name == field);
    found.map_or(&[], |(_, _, words)| words)
}

/// A type, its field, and the words.
type Words = (&'static str, &'static str, &'static [&'static str]);

const PROTOCOL: &[&str] = &["SCTP", "TCP", "UDP"];
const PREEMPTION: &[&str] = &["Never", "PreemptLowerPriority"];
const PROFILE: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];
const PULL: &[&str] = &["Always", "IfNotPresent", "Never"];
const RECLAIM: &[&str] = &["Delete", "Recycle", "Retain"];
const ROLLING: &[&str] = &["OnDelete", "RollingUpdate"];
const SELECTING: &[&str] = &["DoesNotExist", "Exists", "In", "NotIn"];
const TRAFFIC: &[&str] = &["Cluster", "Local"];
const VOLUME_MODE: &[&str] = &["Block", "Filesystem"];

pub(super) const ALL: &[Words] = &[
    ("apps.v1.DaemonSetUpdateStrategy", "type", ROLLING),
    ("apps.v1.DeploymentStrategy", "type", &["Recreate", "RollingUpdate"]),
    (
        "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy",
        "whenDeleted",
        &["Delete", "Retain"],
    ),
    (
        "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy",
        "whenScaled",
        &["Delete", "Retain"],
    ),
    ("apps.v1.StatefulSetSpec", "podManagementPolicy", &["OrderedReady", "Parallel"]),
    ("apps.v1.StatefulSetUpdateStrategy", "type", ROLLING),
    ("autoscaling.v2.HPAScalingPolicy", "type", &["Percent", "Pods"]),
    ("autoscaling.v2.HPAScalingRules", "selectPolicy", &["Disabled", "Max", "Min"]),
    (
        "autoscaling.v2.MetricSpec",
        "type",
        &["ContainerResource", "External", "Object", "Pods", "Resource"],
    ),
    ("autoscaling.v2.MetricTarget", "type", &["AverageValue", "Utilization", "Value"]),
    ("batch.v1.CronJobSpec", "concurrencyPolicy", &["Allow", "Forbid", "Replace"]),
    ("batch.v1.JobSpec", "completionMode", &["Indexed", "NonIndexed"]),
    ("batch.v1.JobSpec", "podReplacementPolicy", &["Failed", "TerminatingOrFailed"]),
    ("batch.v1.PodFailurePolicyOnExitCodesRequirement", "operator", &["In", "NotIn"]),
    ("batch.v1.PodFailurePolicyRule", "action", &["Count", "FailIndex", "FailJob", "Ignore"]),
    ("core.v1.AppArmorProfile", "type", PROFILE),
    ("core.v1.AzureDiskVolumeSource", "cachingMode", &["None", "ReadOnly", "ReadWrite"]),
    ("core.v1.AzureDiskVolumeSource", "kind", &["Dedicated", "Managed", "Shared"]),
    ("core.v1.Container", "imagePullPolicy", PULL),
    ("core.v1.Container", "restartPolicy", &["Always", "Never", "OnFailure"]),
    ("core.v1.Container", "terminationMessagePolicy", &["FallbackToLogsOnError", "File"]),
    ("core.v1.ContainerPort", "protocol", PROTOCOL),
    ("core.v1.EndpointPort", "protocol", PROTOCOL),
    ("core.v1.EphemeralContainer", "imagePullPolicy", PULL),
    ("core.v1.EphemeralContainer", "terminationMessagePolicy", &["FallbackToLogsOnError", "File"]),
    ("core.v1.Event", "type", &["Normal", "Warning"]),
    ("core.v1.HTTPGetAction", "scheme", &["HTTP", "HTTPS"]),
    (
        "core.v1.HostPathVolumeSource",
        "type",
        &[
            "",
            "BlockDevice",
            "CharDevice",
            "Directory",
            "DirectoryOrCreate",
            "File",
            "FileOrCreate",
            "Socket",
        ],
    ),
    ("core.v1.ImageVolumeSource", "pullPolicy", PULL),
    ("core.v1.LimitRangeItem", "type", &["Container", "PersistentVolumeClaim", "Pod"]),
    (
        "core.v1.NodeSelectorRequirement",
        "operator",
        &["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"],
    ),
    ("core.v1.PersistentVolumeClaimSpec", "volumeMode", VOLUME_MODE),
    ("core.v1.PersistentVolumeSpec", "persistentVolumeReclaimPolicy", RECLAIM),
    ("core.v1.PersistentVolumeSpec", "volumeMode", VOLUME_MODE),
    ("core.v1.PodSecurityContext", "fsGroupChangePolicy", &["Always", "OnRootMismatch"]),
    ("core.v1.PodSecurityContext", "seLinuxChangePolicy", &["MountOption", "Recursive"]),
    ("core.v1.PodSecurityContext", "supplementalGroupsPolicy", &["Merge", "Strict"]),
    (
        "core.v1.PodSpec",
        "dnsPolicy",
        &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
    ),
    ("core.v1.PodSpec", "preemptionPolicy", PREEMPTION),
    ("core.v1.PodSpec", "restartPolicy", &["Always", "Never", "OnFailure"]),
    ("core.v1.ScopedResourceSelectorRequirement", "operator", SELECTING),
    ("core.v1.SeccompProfile", "type", PROFILE),
    ("core.v1.SecurityContext", "procMount", &["Default", "Unmasked"]),
    ("core.v1.ServicePort", "protocol", PROTOCOL),
    ("core.v1.ServiceSpec", "externalTrafficPolicy", TRAFFIC),
    ("core.v1.ServiceSpec", "internalTrafficPolicy", TRAFFIC),
    (
        "core.v1.ServiceSpec",
        "ipFamilyPolicy",
        &["PreferDualStack", "RequireDualStack", "SingleStack"],
    ),
    ("core.v1.ServiceSpec", "sessionAffinity", &["ClientIP", "None"]),
    ("core.v1.ServiceSpec", "type", &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]),
    ("core.v1.Taint", "effect", &["NoExecute", "NoSchedule", "PreferNoSchedule"]),
    ("core.v1.Toleration", "effect", &["NoExecute", "NoSchedule", "PreferNoSchedule"]),
    ("core.v1.Toleration", "operator", &["Equal", "Exists", "Gt", "Lt"]),
    ("core.v1.TopologySpreadConstraint", "nodeAffinityPolicy", &["Honor", "Ignore"]),
    ("core.v1.TopologySpreadConstraint", "nodeTaintsPolicy", &["Honor", "Ignore"]),
    ("core.v1.TopologySpreadConstraint", "whenUnsatisfiable", &["DoNotSchedule", "ScheduleAnyway"]),
    ("core.v1.VolumeMount", "mountPropagation", &["Bidirectional", "HostToContainer", "None"]),
    ("discovery.v1.EndpointPort", "protocol", PROTOCOL),
    ("discovery.v1.EndpointSlice", "addressType", &["FQDN", "IPv4", "IPv6"]),
    ("meta.v1.LabelSelectorRequirement", "operator", SELECTING),
    ("networking.v1.HTTPIngressPath", "pathType", &["Exact", "ImplementationSpecific", "Prefix"]),
    ("networking.v1.NetworkPolicyPort", "protocol", PROTOCOL),
    (
        "policy.v1.PodDisruptionBudgetSpec",
        "unhealthyPodEvictionPolicy",
        &["AlwaysAllow", "IfHealthyBudget"],
    ),
    ("scheduling.v1.PriorityClass", "preemptionPolicy", PREEMPTION),
    ("storage.v1.StorageClass", "reclaimPolicy", RECLAIM),
    ("storage.v1.StorageClass", "volumeBindingMode", &["Immediate", "WaitForFirstConsumer"]),
];
