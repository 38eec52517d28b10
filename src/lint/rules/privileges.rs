//! What a process may do once it has broken out of the program that it is.

use crate::document::{Severity, quoted};
use crate::lint::found::Found;
use crate::lint::pods::{Contained, Workload};
use crate::lint::rule::{Check, Rule, Usual};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "privileged",
        usual: Usual::On(Severity::Warning),
        finds: "a privileged container",
        why: "It is root on its host: whoever gets into it has the host and all that runs there.",
        fix: "take `privileged: true` out, and add the one capability or device that is needed",
        check: Check::Container(privileged),
    },
    Rule {
        id: "dangerous-capability",
        usual: Usual::On(Severity::Warning),
        finds: "a capability by which a container can take over its host",
        why: "With it the container's walls are a habit, not a boundary.",
        fix: "take it out of `capabilities.add`, or put a narrower one in its place",
        check: Check::Container(capabilities),
    },
    Rule {
        id: "runs-as-root",
        usual: Usual::On(Severity::Warning),
        finds: "a container that is told to run as root",
        why: "Root in a container is root of the host as soon as there is a way out.",
        fix: "if the image can do without: `securityContext: {runAsNonRoot: true, runAsUser: 1000}`",
        check: Check::Container(root),
    },
    Rule {
        id: "may-run-as-root",
        usual: Usual::Off(
            "most public images begin as root and few manifests say otherwise; turn it on where the images are your own",
        ),
        finds: "containers that nothing keeps from running as root",
        why: "Whether they do is up to each image, and root in a container is root of the host as soon as there is a way out.",
        fix: "if the image can do without: `securityContext: {runAsNonRoot: true, runAsUser: 1000}`",
        check: Check::Pods(maybe_root),
    },
    Rule {
        id: "privilege-escalation",
        usual: Usual::Off(
            "Kubernetes allows it unless every container says otherwise, which few manifests do; it matters only where containers do not run as root",
        ),
        finds: "a container whose processes may gain privileges that it was not started with",
        why: "A setuid program in the image makes root of a user that was meant to be none.",
        fix: "`securityContext: {allowPrivilegeEscalation: false}`",
        check: Check::Container(escalation),
    },
];

/// Capabilities that give power over the host itself: its memory, devices, network, modules or files.
///
/// Source: capabilities(7)
const DANGEROUS: [&str; 14] = [
    "ALL",
    "BPF",
    "DAC_READ_SEARCH",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "NET_ADMIN",
    "PERFMON",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_TIME",
];

fn privileged(one: &Contained<'_>, found: &mut Found) {
    if one.is_privileged() {
        let message = format!(
            "container {} is privileged: it is root on its host",
            quoted(&one.container.name)
        );
        let path = one.at("securityContext.privileged");
        found.say(one.workload.read, &path, "root on the host", &message);
    }
}

fn capabilities(one: &Contained<'_>, found: &mut Found) {
    let added = one.security().and_then(|security| security.capabilities.as_ref());
    let added = added.and_then(|capabilities| capabilities.add.as_ref());
    for (at, capability) in added.into_iter().flatten().enumerate() {
        let upper = capability.to_uppercase();
        let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
        if one.is_privileged() || !DANGEROUS.contains(&name) {
            continue;
        }
        let message = format!(
            "container {} can take over its host by {}",
            quoted(&one.container.name),
            quoted(capability)
        );
        let path = one.at(&format!("securityContext.capabilities.add[{at}]"));
        found.say(one.workload.read, &path, "power over the host", &message);
    }
}

/// The user that a container runs as, if that is said.
fn user(one: &Contained<'_>) -> Option<i64> {
    let pod = one.workload.template.spec.security_context.as_ref();
    let own = one.security().and_then(|own| own.run_as_user);
    own.or(pod.and_then(|pod| pod.run_as_user))
}

/// Whether root in a container is somebody outside of it too, and the container is not told of as privileged already.
fn matters(one: &Contained<'_>) -> bool {
    one.workload.template.spec.host_users != Some(false) && !one.is_privileged()
}

fn root(one: &Contained<'_>, found: &mut Found) {
    if user(one) != Some(0) || !matters(one) {
        return;
    }
    let own = one.security().is_some_and(|own| own.run_as_user.is_some());
    let field = "securityContext.runAsUser";
    let path = if own { one.at(field) } else { one.workload.at(field) };
    let message = format!("container {} runs as root", quoted(&one.container.name));
    found.say(one.workload.read, &path, "root", &message);
}

fn maybe_root(workload: &Workload<'_>, found: &mut Found) {
    let pod = workload.template.spec.security_context.as_ref();
    let is_free = |one: &Contained<'_>| {
        let own = one.security().and_then(|own| own.run_as_non_root);
        let not_root = own.or(pod.and_then(|pod| pod.run_as_non_root)) == Some(true);
        matters(one) && !not_root && user(one).is_none()
    };
    let free: Vec<Contained<'_>> = workload.containers().filter(is_free).collect();
    let Some(first) = free.first() else { return };
    let names: Vec<String> = free.iter().map(|one| quoted(&one.container.name)).collect();
    let message = format!("nothing keeps {} from running as root", names.join(", "));
    found.say(workload.read, &first.at("securityContext"), "may be root", &message);
}

fn escalation(one: &Contained<'_>, found: &mut Found) {
    let allowed = one.security().and_then(|security| security.allow_privilege_escalation);
    if allowed != Some(false) && !one.is_privileged() {
        let message =
            format!("processes of container {} may gain privileges", quoted(&one.container.name));
        let path = one.at("securityContext.allowPrivilegeEscalation");
        found.say(one.workload.read, &path, "not ruled out", &message);
    }
}
