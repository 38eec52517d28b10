//! Pods, but for their containers and volumes.

use crate::manifest::support::rule::{Rule, honoured, no_effect, not_yet};

const ONE_SCHEDULER: &str = "a host is chosen by nodeName, nodeSelector, taints and free room";
const NO_PRIORITY: &str = "no pod makes room for another";
const OWN_NAMESPACES: &str = "every pod has its own network, and shares no namespace of the host";
const NO_TOKEN: &str = "no pod is given a token: there is no API server to show it to";

pub(super) const POD: &[Rule] = &[
    not_yet("activeDeadlineSeconds", "no pod is ended for its age"),
    not_yet("affinity", ONE_SCHEDULER),
    no_effect("automountServiceAccountToken", NO_TOKEN),
    honoured("containers", "run by podman on the pod's host"),
    not_yet("dnsConfig", "containers have the resolver that podman gives them"),
    not_yet("dnsPolicy", "containers have the resolver that podman gives them")
        .unless(&["ClusterFirst", "Default"]),
    honoured(
        "enableServiceLinks",
        "variables of the Services that there are when the pod is made; none for an API server",
    ),
    not_yet("ephemeralContainers", "no container is added to a pod that runs"),
    no_effect("evictionResponders", "nobody is asked before a pod goes"),
    not_yet("hostAliases", "/etc/hosts is podman's"),
    not_yet("hostIPC", OWN_NAMESPACES),
    not_yet("hostNetwork", OWN_NAMESPACES),
    not_yet("hostPID", OWN_NAMESPACES),
    not_yet("hostUsers", "containers have the host's users").unless(&["true"]),
    honoured("hostname", "the pod's host name; its own name otherwise"),
    not_yet("hostnameOverride", "the host name is hostname, or the pod's own name"),
    honoured(
        "imagePullSecrets",
        "shown to the registry of the image alone; where none speaks of it, what the host's root is logged in with",
    ),
    not_yet("initContainers", "they are not run: the containers start without them"),
    honoured("nodeName", "the host, by its name in the inventory"),
    honoured("nodeSelector", "labels that the host must have in the inventory"),
    no_effect("os", "hosts run Linux").unless(&["linux"]),
    not_yet("overhead", "requests and limits are those of the containers alone"),
    not_yet("preemptionPolicy", NO_PRIORITY).unless(&["PreemptLowerPriority"]),
    not_yet("priority", NO_PRIORITY).unless(&["0"]),
    not_yet("priorityClassName", NO_PRIORITY),
    not_yet("readinessGates", "a pod is ready when its containers run"),
    not_yet("resourceClaims", "no devices are handed out"),
    not_yet("resources", "requests and limits are those of the containers alone"),
    honoured("restartPolicy", "podman restarts a container that ends, at once"),
    not_yet("runtimeClassName", "every pod runs in podman's own runtime"),
    no_effect("schedulerName", "there is one scheduler").unless(&["default-scheduler"]),
    not_yet("schedulingGates", "a pod is placed as soon as there is room"),
    not_yet("schedulingGroup", "every pod is placed for itself"),
    not_yet("securityContext", "containers run as their images say, as root on the host otherwise"),
    no_effect("securityContext.windowsOptions", "hosts run Linux"),
    no_effect("serviceAccount", NO_TOKEN).unless(&["default"]),
    no_effect("serviceAccountName", NO_TOKEN).unless(&["default"]),
    not_yet("setHostnameAsFQDN", "the host name is hostname, or the pod's own name"),
    not_yet("shareProcessNamespace", "every container has its own process namespace"),
    not_yet("subdomain", "there is no DNS that could answer with it"),
    honoured("terminationGracePeriodSeconds", "how long containers have to end by themselves"),
    honoured("tolerations", "taints of hosts that the pod bears"),
    not_yet("tolerations[].tolerationSeconds", "a taint that is borne is borne for good"),
    not_yet("topologySpreadConstraints", "pods of one owner are spread over hosts in any case"),
];
