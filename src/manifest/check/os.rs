//! What a pod of one system cannot ask for, because only another system has it.

use k8s_openapi::api::core::v1::{Container, PodSpec, SecurityContext};

use super::Check;

pub(super) fn check(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    check_host_process(spec, path, check);
    let Some(os) = &spec.os else { return };
    check.choice(&format!("{path}.os.name"), &os.name, &["linux", "windows"]);
    match os.name.as_str() {
        "linux" => refuse_windows(spec, path, check),
        "windows" => refuse_linux(spec, path, check),
        _ => {}
    }
}

/// The containers of a pod, each with its path.
fn containers<'s>(spec: &'s PodSpec, path: &str) -> Vec<(String, &'s Container)> {
    let init = spec.init_containers.iter().flatten().enumerate();
    let init = init.map(|(index, one)| (format!("{path}.initContainers[{index}]"), one));
    let own = spec.containers.iter().enumerate();
    init.chain(own.map(|(index, one)| (format!("{path}.containers[{index}]"), one))).collect()
}

fn refuse_windows(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let message = "has no place in a pod of Linux";
    if spec.security_context.as_ref().is_some_and(|context| context.windows_options.is_some()) {
        check.forbidden(&format!("{path}.securityContext.windowsOptions"), message);
    }
    for (path, container) in containers(spec, path) {
        let context = container.security_context.as_ref();
        if context.is_some_and(|context| context.windows_options.is_some()) {
            check.forbidden(&format!("{path}.securityContext.windowsOptions"), message);
        }
    }
}

const NOT_OF_WINDOWS: &str = "has no place in a pod of Windows";

fn refuse_linux(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let context = spec.security_context.clone().unwrap_or_default();
    for (field, is_there) in [
        ("hostUsers", spec.host_users.is_some()),
        ("hostPID", spec.host_pid == Some(true)),
        ("hostIPC", spec.host_ipc == Some(true)),
        ("shareProcessNamespace", spec.share_process_namespace.is_some()),
        ("resources", spec.resources.is_some()),
        ("securityContext.appArmorProfile", context.app_armor_profile.is_some()),
        ("securityContext.seLinuxOptions", context.se_linux_options.is_some()),
        ("securityContext.seccompProfile", context.seccomp_profile.is_some()),
        ("securityContext.fsGroup", context.fs_group.is_some()),
        ("securityContext.fsGroupChangePolicy", context.fs_group_change_policy.is_some()),
        ("securityContext.sysctls", context.sysctls.is_some()),
        ("securityContext.runAsUser", context.run_as_user.is_some()),
        ("securityContext.runAsGroup", context.run_as_group.is_some()),
        ("securityContext.supplementalGroups", context.supplemental_groups.is_some()),
        ("securityContext.supplementalGroupsPolicy", context.supplemental_groups_policy.is_some()),
        ("securityContext.seLinuxChangePolicy", context.se_linux_change_policy.is_some()),
    ] {
        if is_there {
            check.forbidden(&format!("{path}.{field}"), NOT_OF_WINDOWS);
        }
    }
    for (path, container) in containers(spec, path) {
        if let Some(context) = &container.security_context {
            refuse_linux_of(context, &format!("{path}.securityContext"), check);
        }
    }
}

fn refuse_linux_of(context: &SecurityContext, path: &str, check: &mut Check<'_>) {
    for (field, is_there) in [
        ("appArmorProfile", context.app_armor_profile.is_some()),
        ("seLinuxOptions", context.se_linux_options.is_some()),
        ("seccompProfile", context.seccomp_profile.is_some()),
        ("capabilities", context.capabilities.is_some()),
        ("readOnlyRootFilesystem", context.read_only_root_filesystem.is_some()),
        ("privileged", context.privileged.is_some()),
        ("allowPrivilegeEscalation", context.allow_privilege_escalation.is_some()),
        ("procMount", context.proc_mount.is_some()),
        ("runAsUser", context.run_as_user.is_some()),
        ("runAsGroup", context.run_as_group.is_some()),
    ] {
        if is_there {
            check.forbidden(&format!("{path}.{field}"), NOT_OF_WINDOWS);
        }
    }
}

/// A Windows pod runs on the host with all of its containers or with none.
fn check_host_process(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let of_pod =
        spec.security_context.as_ref().and_then(|context| context.windows_options.as_ref());
    let of_pod = of_pod.and_then(|options| options.host_process);
    let mut on_host = 0;
    let all = containers(spec, path);
    for (path, container) in &all {
        let options = container.security_context.as_ref().and_then(|c| c.windows_options.as_ref());
        let own = options.and_then(|options| options.host_process);
        let path = format!("{path}.securityContext.windowsOptions.hostProcess");
        if let (Some(own), Some(of_pod)) = (own, of_pod)
            && own != of_pod
        {
            let message = format!("must be {of_pod} as in the pod's securityContext");
            check.error("invalid-value", &path, &message);
        }
        on_host += usize::from(own.or(of_pod) == Some(true));
    }
    if on_host == 0 {
        return;
    }
    if on_host < all.len() {
        let message = "a pod runs on the host with all of its containers or with none";
        check.error("invalid-value", path, message);
    }
    if spec.host_network != Some(true) {
        let message = "must be true where `hostProcess` is";
        check.error("invalid-value", &format!("{path}.hostNetwork"), message);
    }
}
