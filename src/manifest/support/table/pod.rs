//! Pods, but for their containers and volumes.

use crate::manifest::support::rule::{Rule, honoured, no_effect, not_yet};

const NO_TOKEN: &str = "no pod is given a token: there is no API server to show it to";

pub(super) const POD: &[Rule] = &[
    honoured(
        "activeDeadlineSeconds",
        "counted by the host from the pod's start, over reboots as well; it is ended for good, its status says DeadlineExceeded",
    ),
    honoured(
        "affinity.nodeAffinity",
        "labels that the host must have, or had better have; asked when a pod is placed, not afterwards",
    ),
    honoured(
        "affinity.podAffinity",
        "pods that must be in the same place, or had better be; asked when a pod is placed, not afterwards",
    ),
    honoured(
        "affinity.podAntiAffinity",
        "pods that must not be in the same place, or had better not; asked when a pod is placed, of those that are there as well",
    ),
    no_effect("automountServiceAccountToken", NO_TOKEN),
    honoured("containers", "run by podman on the pod's host"),
    honoured(
        "dnsConfig",
        "in /etc/resolv.conf, after what the host asks; alone with dnsPolicy None",
    ),
    honoured(
        "dnsPolicy",
        "None and Default; as long as there is no DNS of the fleet's own, ClusterFirst and ClusterFirstWithHostNet are as Default",
    ),
    honoured(
        "enableServiceLinks",
        "variables of the Services that there are when the pod is made; none for an API server",
    ),
    not_yet("ephemeralContainers", "no container is added to a pod that runs"),
    no_effect("evictionResponders", "nobody is asked before a pod goes"),
    honoured("hostAliases", "in /etc/hosts"),
    honoured("hostIPC", "the host's System V IPC and message queues"),
    honoured(
        "hostNetwork",
        "the host's network, address and host name; two pods with one port are kept apart, and from the host's own SSH server",
    ),
    honoured("hostPID", "the host's processes"),
    honoured(
        "hostUsers",
        "false: 65536 numbers of users of its own, from those that the host keeps for `containers` in /etc/subuid and /etc/subgid",
    ),
    honoured("hostname", "the pod's host name; its own name otherwise"),
    honoured("hostnameOverride", "the pod's host name, whatever else is said"),
    honoured(
        "imagePullSecrets",
        "shown to the registry of the image alone; where none speaks of it, what the host's root is logged in with",
    ),
    honoured(
        "initContainers",
        "run to their ends one after the other before the containers, and again after a reboot; tried again after 0, 10, 20 \
         ... 300 seconds",
    ),
    honoured("nodeName", "the host, by its name in the inventory"),
    honoured(
        "nodeSelector",
        "labels that the host must have: the inventory's, and kubernetes.io/hostname, os and arch",
    ),
    honoured("os", "a pod for windows is made on no host, as a kubelet of Linux admits none"),
    honoured("overhead", "counted by the scheduler; on top of the limits in the pod's cgroup"),
    honoured("preemptionPolicy", "Never: it waits where others would have less important pods go"),
    honoured(
        "priority",
        "that of its class, which is filled in when the pod is made; no other is taken",
    ),
    honoured(
        "priorityClassName",
        "who is placed first, and for whom less important pods go where there is no room",
    ),
    honoured(
        "readinessGates",
        "only conditions that the host itself sets are ever met: PodScheduled, Initialized, ContainersReady",
    ),
    not_yet("resourceClaims", "no devices are handed out"),
    honoured("resources", "counted by the scheduler; limits in the pod's cgroup"),
    not_yet("resources.claims", "no devices are handed out"),
    honoured(
        "restartPolicy",
        "systemd starts a container again that has ended, after 0, 10, 20 ... 300 seconds; on a host without it podman does, at \
         once",
    ),
    honoured(
        "runtimeClassName",
        "the class's handler is the name of a runtime that the host's podman knows; a host that has none says so when the pod is made",
    ),
    honoured(
        "schedulerName",
        "the profile by which its host is chosen: spread, binpack, or one of the inventory's `scheduling: profiles`; it waits where \
         none is called so",
    ),
    not_yet("schedulingGates", "a pod is placed as soon as there is room"),
    not_yet("schedulingGroup", "every pod is placed for itself"),
    honoured(
        "securityContext",
        "by podman; a container's own goes first; without a seccompProfile podman's own holds",
    ),
    honoured(
        "securityContext.appArmorProfile",
        "by podman; a profile of the host is refused where AppArmor is not enabled",
    ),
    honoured(
        "securityContext.fsGroupChangePolicy",
        "OnRootMismatch leaves a claim's volume alone whose own directory is the group's already",
    ),
    not_yet("securityContext.seLinuxChangePolicy", "volumes keep their labels"),
    honoured(
        "securityContext.seLinuxOptions",
        "the label of the processes, where the host has SELinux; volumes keep theirs",
    ),
    honoured(
        "securityContext.sysctls",
        "by podman; those that Kubernetes calls safe, and those that the inventory allows (allowedUnsafeSysctls)",
    ),
    not_yet(
        "securityContext.supplementalGroupsPolicy",
        "groups that the image gives the user are kept",
    )
    .unless(&["Merge"]),
    no_effect("securityContext.windowsOptions", "hosts run Linux"),
    no_effect("serviceAccount", NO_TOKEN).unless(&["default"]),
    no_effect("serviceAccountName", NO_TOKEN).unless(&["default"]),
    honoured("setHostnameAsFQDN", "the host name is the long one, where there is a subdomain"),
    honoured("shareProcessNamespace", "one process namespace, whose first process is podman's"),
    honoured("subdomain", "the pod's long name in its /etc/hosts; no DNS answers with it yet"),
    honoured(
        "terminationGracePeriodSeconds",
        "how long a pod has to end by itself, hooks and all: the containers all at once, then sidecars",
    ),
    honoured("tolerations", "taints of hosts that the pod bears"),
    honoured(
        "tolerations[].tolerationSeconds",
        "from the first run that knows of the taint; no pod is placed there anew. For \
         node.kubernetes.io/unreachable: instead of unreachableAfter",
    ),
    honoured(
        "topologySpreadConstraints",
        "how unevenly like pods may stand; asked when a pod is placed; without it pods of one owner are spread over hosts and zones",
    ),
];
