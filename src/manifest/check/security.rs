//! Who a pod's processes are, and what they may do.

use k8s_openapi::api::core::v1::{
    AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext, Sysctl,
    WindowsSecurityContextOptions,
};

use super::{Check, Seen};
use crate::document::quoted;
use crate::model::names::Rule;

/// The largest id of a user or a group.
const ID_MAX: i64 = i32::MAX as i64;
/// The longest path that Linux takes, without its end.
const PROFILE_BYTES: usize = 4095;
/// The longest name of a kernel setting.
const SYSCTL_BYTES: usize = 253;
/// The most that a description of a Windows account may hold.
const ACCOUNT_BYTES: usize = 64 << 10;

const PROFILES: [&str; 3] = ["RuntimeDefault", "Unconfined", "Localhost"];

/// Checks what holds for a pod as a whole, and how it shares the host's namespaces.
pub(super) fn check_pod(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let empty = PodSecurityContext::default();
    let context = spec.security_context.as_ref().unwrap_or(&empty);
    let own = format!("{path}.securityContext");
    check.range(&format!("{own}.fsGroup"), context.fs_group, 0, ID_MAX);
    check.range(&format!("{own}.runAsUser"), context.run_as_user, 0, ID_MAX);
    check.range(&format!("{own}.runAsGroup"), context.run_as_group, 0, ID_MAX);
    for (index, group) in context.supplemental_groups.iter().flatten().enumerate() {
        check.range(&format!("{own}.supplementalGroups[{index}]"), Some(*group), 0, ID_MAX);
    }
    for (field, value, known) in [
        ("fsGroupChangePolicy", &context.fs_group_change_policy, ["OnRootMismatch", "Always"]),
        ("supplementalGroupsPolicy", &context.supplemental_groups_policy, ["Merge", "Strict"]),
        ("seLinuxChangePolicy", &context.se_linux_change_policy, ["Recursive", "MountOption"]),
    ] {
        check.one_of(&format!("{own}.{field}"), value.as_deref(), &known);
    }
    check_profiles(
        context.seccomp_profile.as_ref(),
        context.app_armor_profile.as_ref(),
        &own,
        check,
    );
    if let Some(windows) = &context.windows_options {
        check_windows(windows, &format!("{own}.windowsOptions"), check);
    }
    let sysctls = context.sysctls.as_deref().unwrap_or_default();
    check_sysctls(sysctls, spec, &format!("{own}.sysctls"), check);
    check_shared(spec, path, check);
}

/// Refuses what cannot be shared with the host at once.
fn check_shared(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let (host_pid, own_users) = (spec.host_pid == Some(true), spec.host_users == Some(false));
    if spec.share_process_namespace == Some(true) && host_pid {
        let message = "cannot be true beside `hostPID: true`";
        check.error("invalid-value", &format!("{path}.shareProcessNamespace"), message);
    }
    for (field, shared) in [
        ("hostNetwork", spec.host_network == Some(true)),
        ("hostPID", host_pid),
        ("hostIPC", spec.host_ipc == Some(true)),
    ] {
        if shared && own_users {
            check.forbidden(&format!("{path}.{field}"), "cannot be true with `hostUsers: false`");
        }
    }
}

/// Checks what holds for one container.
pub(super) fn check_container(
    context: &SecurityContext,
    spec: &PodSpec,
    path: &str,
    check: &mut Check<'_>,
) {
    check.range(&format!("{path}.runAsUser"), context.run_as_user, 0, ID_MAX);
    check.range(&format!("{path}.runAsGroup"), context.run_as_group, 0, ID_MAX);
    let proc_path = format!("{path}.procMount");
    let proc_mount = context.proc_mount.as_deref();
    check.one_of(&proc_path, proc_mount, &["Default", "Unmasked"]);
    if proc_mount == Some("Unmasked") && spec.host_users != Some(false) {
        let message = "`Unmasked` is allowed only with the pod's `hostUsers: false`";
        check.error("invalid-value", &proc_path, message);
    }
    check_profiles(
        context.seccomp_profile.as_ref(),
        context.app_armor_profile.as_ref(),
        path,
        check,
    );
    if context.allow_privilege_escalation == Some(false) {
        let escalation = format!("{path}.allowPrivilegeEscalation");
        if context.privileged == Some(true) {
            let message = "cannot be false beside `privileged: true`";
            check.error("invalid-value", &escalation, message);
        }
        let added = context.capabilities.as_ref().and_then(|all| all.add.as_deref());
        if added.unwrap_or_default().iter().any(|name| name == "CAP_SYS_ADMIN") {
            let message = "cannot be false where the capability CAP_SYS_ADMIN is added";
            check.error("invalid-value", &escalation, message);
        }
    }
    if let Some(windows) = &context.windows_options {
        check_windows(windows, &format!("{path}.windowsOptions"), check);
    }
}

fn check_profiles(
    seccomp: Option<&SeccompProfile>,
    app_armor: Option<&AppArmorProfile>,
    path: &str,
    check: &mut Check<'_>,
) {
    if let Some(profile) = seccomp {
        let path = format!("{path}.seccompProfile");
        let file = profile.localhost_profile.as_deref();
        check_profile(&profile.type_, file, &path, check);
        check.relative(&format!("{path}.localhostProfile"), file.unwrap_or_default());
    }
    if let Some(profile) = app_armor {
        let path = format!("{path}.appArmorProfile");
        let name = profile.localhost_profile.as_deref();
        check_profile(&profile.type_, name, &path, check);
        let (name, path) = (name.unwrap_or_default(), format!("{path}.localhostProfile"));
        if name.trim() != name {
            check.error("invalid-value", &path, "must not begin or end with white space");
        } else if name.is_empty() && profile.localhost_profile.is_some() {
            check.required(&path);
        }
        if name.len() > PROFILE_BYTES {
            let message = format!("must not be longer than {PROFILE_BYTES} bytes");
            check.error("too-large", &path, &message);
        }
    }
}

/// Checks that a profile of the host is named where the type asks for one, and only there.
fn check_profile(kind: &str, profile: Option<&str>, path: &str, check: &mut Check<'_>) {
    check.choice(&format!("{path}.type"), kind, &PROFILES);
    let path = format!("{path}.localhostProfile");
    match (kind, profile) {
        ("Localhost", None) => check.required(&path),
        ("RuntimeDefault" | "Unconfined", Some(_)) => {
            check.error("invalid-value", &path, "is allowed only with `type: Localhost`");
        }
        _ => {}
    }
}

fn check_sysctls(sysctls: &[Sysctl], spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let mut seen = Seen::default();
    for (index, sysctl) in sysctls.iter().enumerate() {
        let path = format!("{path}[{index}].name");
        let name = sysctl.name.as_str();
        if name.is_empty() {
            check.required(&path);
            continue;
        }
        if name.len() > SYSCTL_BYTES || !name.split(['.', '/']).all(is_sysctl_part) {
            let message = format!("{} is not the name of a kernel setting", quoted(name));
            check.error("invalid-name", &path, &message);
        } else if let Some(first) = seen.before(name, &path) {
            check.twice(&path, &first, &format!("the setting {}", quoted(name)));
        }
        let dotted = name.replace('/', ".");
        let of_ipc = ["kernel.shm", "kernel.msg", "fs.mqueue."];
        if dotted.starts_with("net.") && spec.host_network == Some(true) {
            check.error("invalid-value", &path, "is the host's own with `hostNetwork: true`");
        }
        let is_ipc = dotted == "kernel.sem" || of_ipc.iter().any(|of| dotted.starts_with(of));
        if is_ipc && spec.host_ipc == Some(true) {
            check.error("invalid-value", &path, "is the host's own with `hostIPC: true`");
        }
    }
}

fn is_sysctl_part(part: &str) -> bool {
    let end = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    part.bytes().all(|b| end(b) || matches!(b, b'-' | b'_'))
        && part.bytes().next().is_some_and(end)
        && part.bytes().last().is_some_and(end)
}

fn check_windows(options: &WindowsSecurityContextOptions, path: &str, check: &mut Check<'_>) {
    let name = options.gmsa_credential_spec_name.as_deref();
    check.name_if_any(&format!("{path}.gmsaCredentialSpecName"), name, Rule::Subdomain);
    if options.gmsa_credential_spec.as_ref().is_some_and(|text| text.len() > ACCOUNT_BYTES) {
        let message = format!("must not be longer than {ACCOUNT_BYTES} bytes");
        check.error("too-large", &format!("{path}.gmsaCredentialSpec"), &message);
    }
    let Some(user) = options.run_as_user_name.as_deref() else { return };
    let path = format!("{path}.runAsUserName");
    let (domain, name) = user.split_once('\\').map_or(("", user), |(domain, name)| (domain, name));
    let forbidden = |c: char| c.is_control() || "\"/\\[]:;|=,+*?<>@".contains(c);
    if name.is_empty() || (domain.is_empty() && user.contains('\\')) {
        check.error("invalid-value", &path, "must be a user's name, or `DOMAIN\\name`");
    } else if name.contains(forbidden) || domain.contains(char::is_control) {
        let message = format!("{} is not the name of a Windows user", quoted(user));
        check.error("invalid-name", &path, &message);
    } else if name.chars().count() > 104 || domain.len() > 255 {
        check.error("too-large", &path, "is too long a name: 104 characters after a domain of 255");
    }
}
