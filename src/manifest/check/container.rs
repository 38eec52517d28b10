//! Containers: those that run, those that prepare, and sidecars.

use k8s_openapi::api::core::v1::{Container, ContainerPort};

use super::pod::{Inside, Owner};
use super::{Check, Seen, env, mount, probe, resources, security};
use crate::document::quoted;
use crate::model::is_sidecar;
use crate::model::names::Rule;

/// How many rules a container may have for when it is started again.
const RULES_MAX: usize = 20;
/// How many exit codes one rule may name.
const EXIT_CODES_MAX: usize = 255;

/// Checks all containers of a pod.
pub(super) fn check_all(inside: &Inside<'_>, path: &str, check: &mut Check<'_>) {
    let spec = inside.spec;
    if spec.containers.is_empty() {
        check.required(&format!("{path}.containers"));
    }
    if spec.ephemeral_containers.as_ref().is_some_and(|all| !all.is_empty()) {
        let message = "ephemeral containers are added to a pod that runs, never by a manifest";
        check.forbidden(&format!("{path}.ephemeralContainers"), message);
    }
    let mut names = Seen::default();
    for (field, containers) in [
        ("initContainers", spec.init_containers.as_deref().unwrap_or_default()),
        ("containers", &spec.containers),
    ] {
        for (index, one) in containers.iter().enumerate() {
            let path = format!("{path}.{field}[{index}]");
            let name_path = format!("{path}.name");
            if !one.name.is_empty()
                && let Some(first) = names.before(one.name.as_str(), &name_path)
            {
                check.twice(&name_path, &first, &format!("the container {}", quoted(&one.name)));
            }
            check_one(one, inside, &path, check);
            if field == "initContainers" && !is_sidecar(one) {
                probe::refuse(one, &path, check);
            } else {
                probe::check(one, spec, &path, check);
            }
        }
    }
    check_host_ports(inside, path, check);
}

fn check_one(container: &Container, inside: &Inside<'_>, path: &str, check: &mut Check<'_>) {
    check.name(&format!("{path}.name"), &container.name, Rule::Label);
    check_image(container, inside.owner, path, check);
    let policy = container.image_pull_policy.as_deref();
    let policies = ["Always", "IfNotPresent", "Never"];
    check.one_of(&format!("{path}.imagePullPolicy"), policy, &policies);
    let said = container.termination_message_policy.as_deref();
    let says = ["File", "FallbackToLogsOnError"];
    check.one_of(&format!("{path}.terminationMessagePolicy"), said, &says);
    check_ports(container.ports.as_deref().unwrap_or_default(), path, check);
    env::check_all(container, path, &inside.volumes, check);
    mount::check(container, path, &inside.volumes, check);
    if let Some(own) = &container.resources {
        resources::check(own, &inside.claims, &format!("{path}.resources"), check);
    }
    check_resizing(container, inside, path, check);
    if let Some(context) = &container.security_context {
        let path = format!("{path}.securityContext");
        security::check_container(context, inside.spec, &path, check);
    }
    check_restart(container, path, check);
}

/// Checks the image; in templates white space around it is let pass, as old objects have it.
fn check_image(container: &Container, owner: Owner, path: &str, check: &mut Check<'_>) {
    let path = format!("{path}.image");
    match container.image.as_deref().unwrap_or_default() {
        "" => check.required(&path),
        image if owner == Owner::Pod && image.trim() != image => {
            let help = format!("write it without: {}", image.trim());
            let message = "must not begin or end with white space";
            check.error_with("invalid-value", &path, message, &help);
        }
        _ => {}
    }
}

fn check_ports(ports: &[ContainerPort], path: &str, check: &mut Check<'_>) {
    let mut names = Seen::default();
    for (index, port) in ports.iter().enumerate() {
        let path = format!("{path}.ports[{index}]");
        let number_path = format!("{path}.containerPort");
        if port.container_port == 0 {
            check.required(&number_path);
        } else {
            check.port(&number_path, port.container_port);
        }
        // Zero is how exported objects say that there is none.
        if let Some(host_port) = port.host_port.filter(|port| *port != 0) {
            check.port(&format!("{path}.hostPort"), host_port);
        }
        if let Some(address) = port.host_ip.as_deref().filter(|address| !address.is_empty()) {
            check.address(&format!("{path}.hostIP"), address);
        }
        let protocol = port.protocol.as_deref();
        check.one_of(&format!("{path}.protocol"), protocol, &["TCP", "UDP", "SCTP"]);
        if protocol == Some("SCTP") {
            check.notice(&format!("{path}.protocol"), "SCTP is not carried yet");
        }
        let Some(name) = port.name.as_deref().filter(|name| !name.is_empty()) else { continue };
        let name_path = format!("{path}.name");
        check.name(&name_path, name, Rule::Port);
        if let Some(first) = names.before(name, &name_path) {
            check.twice(&name_path, &first, &format!("the port {}", quoted(name)));
        }
    }
}

/// Checks ports of the host: containers that run at once cannot share one, and on the host's network each is its own.
fn check_host_ports(inside: &Inside<'_>, path: &str, check: &mut Check<'_>) {
    let spec = inside.spec;
    for (index, container) in spec.init_containers.iter().flatten().enumerate() {
        let path = format!("{path}.initContainers[{index}]");
        check_taken(container, &path, &mut Seen::default(), check);
    }
    let mut taken = Seen::default();
    for (index, container) in spec.containers.iter().enumerate() {
        let path = format!("{path}.containers[{index}]");
        check_taken(container, &path, &mut taken, check);
        if spec.host_network == Some(true) {
            check_same(container, &path, check);
        }
    }
}

fn check_taken<'s>(
    container: &'s Container,
    path: &str,
    taken: &mut Seen<(i32, &'s str, &'s str)>,
    check: &mut Check<'_>,
) {
    for (index, port) in container.ports.iter().flatten().enumerate() {
        let Some(number) = port.host_port.filter(|port| *port != 0) else { continue };
        // A host's port that was made up from the container's is shown there.
        let own = format!("{path}.ports[{index}].hostPort");
        let shown = format!("{path}.ports[{index}].containerPort");
        let path = if check.is_written(&own) { own } else { shown };
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        let address = port.host_ip.as_deref().unwrap_or_default();
        if let Some(first) = taken.before((number, protocol, address), &path) {
            check.twice(&path, &first, &format!("the host's port {number} of {protocol}"));
        }
    }
}

fn check_same(container: &Container, path: &str, check: &mut Check<'_>) {
    for (index, port) in container.ports.iter().flatten().enumerate() {
        if port.host_port.is_some_and(|host| host != 0 && host != port.container_port) {
            let path = format!("{path}.ports[{index}].hostPort");
            let message = format!("must be {} with `hostNetwork: true`", port.container_port);
            check.error("invalid-value", &path, &message);
        }
    }
}

fn check_resizing(container: &Container, inside: &Inside<'_>, path: &str, check: &mut Check<'_>) {
    let mut seen = Seen::default();
    for (index, policy) in container.resize_policy.iter().flatten().enumerate() {
        let path = format!("{path}.resizePolicy[{index}]");
        let (name_path, restart) =
            (format!("{path}.resourceName"), format!("{path}.restartPolicy"));
        check.choice(&name_path, &policy.resource_name, &["cpu", "memory"]);
        check.choice(&restart, &policy.restart_policy, &["NotRequired", "RestartContainer"]);
        if let Some(first) = seen.before(policy.resource_name.as_str(), &name_path) {
            check.twice(&name_path, &first, &format!("the policy of {}", policy.resource_name));
        }
        let never = inside.spec.restart_policy.as_deref() == Some("Never");
        if never && policy.restart_policy == "RestartContainer" {
            let message = "must be NotRequired where the pod's restartPolicy is Never";
            check.error("invalid-value", &restart, message);
        }
    }
}

/// Checks when a container is started again by a policy of its own.
fn check_restart(container: &Container, path: &str, check: &mut Check<'_>) {
    let policy = container.restart_policy.as_deref();
    check.one_of(&format!("{path}.restartPolicy"), policy, &["Always", "OnFailure", "Never"]);
    let rules = container.restart_policy_rules.as_deref().unwrap_or_default();
    let path_of_rules = format!("{path}.restartPolicyRules");
    check.at_most(&path_of_rules, rules.len(), RULES_MAX);
    if policy.is_none() && !rules.is_empty() {
        check.required(&format!("{path}.restartPolicy"));
    }
    for (index, rule) in rules.iter().enumerate() {
        let path = format!("{path_of_rules}[{index}]");
        check.choice(&format!("{path}.action"), &rule.action, &["Restart", "RestartAllContainers"]);
        let path = format!("{path}.exitCodes");
        let Some(codes) = &rule.exit_codes else {
            check.required(&path);
            continue;
        };
        check.choice(&format!("{path}.operator"), &codes.operator, &["In", "NotIn"]);
        let values = codes.values.as_deref().unwrap_or_default();
        let path = format!("{path}.values");
        if values.is_empty() {
            check.required(&path);
        }
        check.at_most(&path, values.len(), EXIT_CODES_MAX);
    }
}
