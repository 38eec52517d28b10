//! Containers of a pod.

use crate::manifest::support::rule::{Rule, honoured, no_effect, not_yet, refused};

const POD_RESTARTS: &str = "the pod's restartPolicy holds for all of its containers";

const ONE_PROTOCOL: &str = "hooks speak HTTP/1.1 or what curl agrees on";
const NO_TCP_HOOK: &str = "no kubelet knows such a hook: there it always fails, and after the start ends the container; here nothing is done";

/// What the containers that a pod is for have for themselves.
pub(super) const MAIN: &[Rule] = &[not_yet("restartPolicy", POD_RESTARTS)];

/// What init containers have for themselves.
pub(super) const INIT: &[Rule] = &[honoured(
    "restartPolicy",
    "Always makes it a sidecar: it runs on beside the containers, and ends after them",
)];

pub(super) const CONTAINER: &[Rule] = &[
    honoured("args", "in place of the image's, with `$(NAME)` expanded"),
    honoured(
        "command",
        "in place of the image's entrypoint and arguments, with `$(NAME)` expanded",
    ),
    honoured("env", "in the order of Kubernetes, a later one of the same name wins"),
    honoured("env[].valueFrom.fieldRef", "every path that Kubernetes knows"),
    not_yet("env[].valueFrom.fileKeyRef", "the variable is not set"),
    honoured(
        "env[].valueFrom.resourceFieldRef",
        "rounded up to the divisor; without a limit what the host has for pods, of ephemeral-storage 0",
    ),
    honoured(
        "env[].valueFrom.secretKeyRef",
        "on no disk of the host, in no list of processes but the container's own; a change replaces the pods that use it",
    ),
    honoured("envFrom", "the keys of a ConfigMap or a Secret, before `env`"),
    honoured("image", "pulled by podman; a name without a registry is one of docker.io"),
    honoured(
        "imagePullPolicy",
        "Never needs the image on the host already; Always asks the registry when a pod is made, as the kubelet does; of pods that run \
         with --check-images",
    ),
    honoured("lifecycle", "carried out by the host"),
    honoured(
        "lifecycle.postStart",
        "after every start; the next container waits for it. On a host without systemd not when podman starts it again",
    ),
    no_effect("lifecycle.postStart.tcpSocket", NO_TCP_HOOK),
    not_yet("lifecycle.postStart.httpGet.protocol", ONE_PROTOCOL),
    honoured("lifecycle.preStop", "before the signal, within terminationGracePeriodSeconds"),
    no_effect("lifecycle.preStop.tcpSocket", NO_TCP_HOOK),
    not_yet("lifecycle.preStop.httpGet.protocol", ONE_PROTOCOL),
    honoured("lifecycle.stopSignal", "podman's --stop-signal"),
    honoured(
        "livenessProbe",
        "asked by the host as the kubelet asks; who fails is ended, and started again by restartPolicy",
    ),
    honoured("name", "the container's name; on its host the pod's is before it"),
    honoured("ports", "names and numbers for Services; a pod may be called at any port"),
    honoured("ports[].hostIP", "the address of the host at which the port is open, of IPv4"),
    honoured(
        "ports[].hostPort",
        "open on the host, at 127.0.0.1 as well; two pods with one port are kept apart, and from the host's own SSH server",
    ),
    honoured(
        "readinessProbe",
        "asked by the host as the kubelet asks; rollouts wait for it, and the next look changes where Services lead",
    ),
    no_effect("resizePolicy", "a change of resources replaces the pod"),
    honoured("resources", "limits by the host's cgroups, requests by the scheduler"),
    not_yet("resources.claims", "no devices are handed out"),
    honoured(
        "resources.limits",
        "devices that the host describes by CDI are handed out by the piece, GPUs in parts too; huge pages are counted, and no cgroup holds who takes more",
    ),
    honoured("resources.limits.cpu", "a share of time"),
    not_yet(
        "resources.limits.ephemeral-storage",
        "nothing watches how much is written, so no pod is ended for it",
    ),
    honoured("resources.limits.memory", "who takes more is ended; no swap beyond it"),
    honoured(
        "resources.requests",
        "free on the host that is chosen: huge pages, room on its disk, and devices that it describes by CDI",
    ),
    honoured(
        "resources.requests.cpu",
        "free on the host that is chosen; the container's weight there",
    ),
    honoured("resources.requests.memory", "free on the host that is chosen"),
    not_yet("restartPolicyRules", POD_RESTARTS),
    honoured(
        "securityContext",
        "by podman; goes before the pod's; without a seccompProfile podman's own holds",
    ),
    honoured(
        "securityContext.appArmorProfile",
        "by podman; a profile of the host is refused where AppArmor is not enabled",
    ),
    honoured(
        "securityContext.capabilities",
        "on top of podman's own set; a user other than root has what is added at once",
    ),
    honoured(
        "securityContext.seLinuxOptions",
        "the label of the processes, where the host has SELinux; volumes keep theirs",
    ),
    no_effect("securityContext.windowsOptions", "hosts run Linux"),
    honoured(
        "startupProbe",
        "until it is answered well the others are not asked; after a sidecar's the next container is started",
    ),
    honoured("stdin", "kept open until the first who attached to it goes"),
    honoured("stdinOnce", "as podman does it in any case"),
    honoured("terminationMessagePath", "a file of the host, of which 4096 bytes are shown"),
    honoured("terminationMessagePolicy", "the last 2048 bytes or 80 lines of the log"),
    honoured("tty", "a terminal"),
    honoured(
        "volumeDevices",
        "the block device of a claim of volumeMode Block, by podman's --device",
    ),
    honoured("volumeMounts", "volumes of the pod, at their places"),
    refused("volumeMounts[].bindMountOptions", "the container could do what they forbid"),
    honoured(
        "volumeMounts[].mountPropagation",
        "HostToContainer and Bidirectional as podman's rslave and rshared",
    ),
    honoured(
        "volumeMounts[].recursiveReadOnly",
        "all that is mounted within the volume when the pod is made is read-only too; every host can do that",
    ),
    honoured(
        "volumeMounts[].subPath",
        "a part of the volume, made when it is not there; it never leads out of the volume",
    ),
    honoured("volumeMounts[].subPathExpr", "the same, with `$(NAME)` expanded by the environment"),
    honoured("workingDir", "where the command starts; the image or a volume must have it"),
];
