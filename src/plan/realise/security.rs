//! Security contexts of a pod and its containers: what a container says goes before what its pod says.
//!
//! Source: <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    AppArmorProfile, Capabilities, Container, PodSecurityContext, PodSpec, SELinuxOptions,
    SeccompProfile,
};

use crate::plan::Access;
use crate::plan::privileges::{Escalation, KernelFiles, Privileges, Profile, Reach, Root};

/// Where profiles of system calls lie on a host; where the kubelet looks for them.
const SECCOMP_DIRECTORY: &str = "/var/lib/kubelet/seccomp";

/// Every capability, in Kubernetes' word.
const ALL: &str = "ALL";

/// What the processes of a container may do.
pub(super) fn privileges(spec: &PodSpec, container: &Container) -> Privileges {
    let of_pod = spec.security_context.clone().unwrap_or_default();
    let own = container.security_context.clone().unwrap_or_default();
    let privileged = own.privileged == Some(true);
    let (add, drop) = capabilities(own.capabilities.as_ref());
    let non_root = own.run_as_non_root.or(of_pod.run_as_non_root);
    let seccomp = own.seccomp_profile.as_ref().or(of_pod.seccomp_profile.as_ref());
    let app_armor = own.app_armor_profile.as_ref().or(of_pod.app_armor_profile.as_ref());
    Privileges {
        user: number(own.run_as_user.or(of_pod.run_as_user)),
        group: number(own.run_as_group.or(of_pod.run_as_group)),
        groups: groups(&of_pod),
        root: if non_root == Some(true) { Root::Forbidden } else { Root::Allowed },
        reach: if privileged { Reach::Privileged } else { Reach::Confined },
        escalation: match own.allow_privilege_escalation {
            Some(false) => Escalation::Forbidden,
            Some(true) | None => Escalation::Allowed,
        },
        add,
        drop,
        root_filesystem: match own.read_only_root_filesystem {
            Some(true) => Access::ReadOnly,
            Some(false) | None => Access::ReadWrite,
        },
        seccomp: seccomp.map_or(Profile::Usual, system_calls),
        app_armor: app_armor.map_or(Profile::Usual, confinement),
        se_linux: se_linux(own.se_linux_options.as_ref(), of_pod.se_linux_options.as_ref()),
        kernel_files: match own.proc_mount.as_deref() {
            Some("Unmasked") => KernelFiles::Unmasked,
            Some(_) | None => KernelFiles::Masked,
        },
    }
}

/// The group that owns the pod's volumes.
pub(super) fn volume_group(spec: &PodSpec) -> Option<u32> {
    number(spec.security_context.as_ref().and_then(|context| context.fs_group))
}

fn number(id: Option<i64>) -> Option<u32> {
    id.and_then(|id| u32::try_from(id).ok())
}

/// The groups that every container is in: those that are listed, and the one that owns the volumes.
fn groups(of_pod: &PodSecurityContext) -> BTreeSet<u32> {
    let listed = of_pod.supplemental_groups.iter().flatten().copied();
    listed.chain(of_pod.fs_group).filter_map(|id| number(Some(id))).collect()
}

/// The capabilities to add and to take away, with none in both: what is dropped by name is gone, and what is added by name stays
/// when all are dropped.
fn capabilities(said: Option<&Capabilities>) -> (BTreeSet<String>, BTreeSet<String>) {
    let names = |list: Option<&Vec<String>>| -> BTreeSet<String> {
        let upper = list.into_iter().flatten().map(|name| name.to_ascii_uppercase());
        upper.map(|name| name.strip_prefix("CAP_").map_or(name.clone(), str::to_owned)).collect()
    };
    let mut add = names(said.and_then(|said| said.add.as_ref()));
    let mut drop = names(said.and_then(|said| said.drop.as_ref()));
    if drop.contains(ALL) {
        add.remove(ALL);
        add.retain(|name| !drop.contains(name));
        drop = [ALL.to_owned()].into();
    } else {
        add.retain(|name| !drop.contains(name));
    }
    (add, drop)
}

fn system_calls(profile: &SeccompProfile) -> Profile {
    let file = profile.localhost_profile.as_deref().unwrap_or_default();
    match profile.type_.as_str() {
        "Unconfined" => Profile::Unconfined,
        "Localhost" => Profile::Named(format!("{SECCOMP_DIRECTORY}/{file}")),
        _ => Profile::Usual,
    }
}

fn confinement(profile: &AppArmorProfile) -> Profile {
    match profile.type_.as_str() {
        "Unconfined" => Profile::Unconfined,
        "Localhost" => Profile::Named(profile.localhost_profile.clone().unwrap_or_default()),
        _ => Profile::Usual,
    }
}

/// A container's label is whole: where it says one, nothing of the pod's is left.
fn se_linux(own: Option<&SELinuxOptions>, of_pod: Option<&SELinuxOptions>) -> Vec<String> {
    let Some(label) = own.or(of_pod) else { return Vec::new() };
    let parts = [
        ("user", &label.user),
        ("role", &label.role),
        ("type", &label.type_),
        ("level", &label.level),
    ];
    let said = parts.into_iter().filter_map(|(part, value)| Some((part, value.as_ref()?)));
    said.filter(|(_, value)| !value.is_empty()).map(|(part, v)| format!("{part}:{v}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(pod: &serde_json::Value, own: &serde_json::Value) -> Privileges {
        let container = json!({"name": "c", "securityContext": own});
        let spec = json!({"securityContext": pod, "containers": [container]});
        let spec: PodSpec = serde_json::from_value(spec).unwrap();
        privileges(&spec, &spec.containers[0])
    }

    #[test]
    fn what_a_container_says_goes_before_what_its_pod_says() {
        let pod = json!({"runAsUser": 1000, "runAsGroup": 500, "runAsNonRoot": true, "fsGroup": 7,
            "supplementalGroups": [8, 9], "seccompProfile": {"type": "Unconfined"},
            "seLinuxOptions": {"type": "a", "level": "s0"}});
        let plain = of(&pod, &json!({}));
        assert_eq!((plain.user, plain.group), (Some(1000), Some(500)));
        assert_eq!(plain.groups, [7, 8, 9].into());
        assert_eq!((plain.root, plain.seccomp), (Root::Forbidden, Profile::Unconfined));
        assert_eq!(plain.se_linux, ["type:a", "level:s0"]);
        let own = of(
            &pod,
            &json!({"runAsUser": 0, "runAsNonRoot": false, "seLinuxOptions": {"type": "b"},
                "seccompProfile": {"type": "Localhost", "localhostProfile": "p/a.json"}}),
        );
        assert_eq!((own.user, own.group, own.root), (Some(0), Some(500), Root::Allowed));
        assert_eq!(own.seccomp, Profile::Named("/var/lib/kubelet/seccomp/p/a.json".to_owned()));
        assert_eq!(own.se_linux, ["type:b"]);
    }

    #[test]
    fn no_capability_is_both_added_and_dropped() {
        for (add, drop, added, dropped) in [
            (vec!["NET_ADMIN"], vec!["ALL"], vec!["NET_ADMIN"], vec!["ALL"]),
            (vec!["ALL"], vec!["ALL"], vec![], vec!["ALL"]),
            (vec!["ALL"], vec!["CAP_CHOWN"], vec!["ALL"], vec!["CHOWN"]),
            (vec!["cap_kill", "CHOWN"], vec!["KILL"], vec!["CHOWN"], vec!["KILL"]),
        ] {
            let own = of(&json!({}), &json!({"capabilities": {"add": add, "drop": drop}}));
            let set = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
            assert_eq!((own.add, own.drop), (set(added), set(dropped)), "{add:?} {drop:?}");
        }
    }
}
