//! What is done when a container has been started and before it is ended, and where it leaves its last words.

use k8s_openapi::api::core::v1::{Container, HTTPGetAction, LifecycleHandler};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::Surroundings;
use crate::plan::{Hook, MessageToKeep, Otherwise};

/// Where last words are left where nothing is said.
const MESSAGE_PATH: &str = "/dev/termination-log";

/// A moment of a container's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// It has been started.
    PostStart,
    /// It is about to be ended.
    PreStop,
}

/// What is to be done at a moment of a container's life.
pub(super) fn hook(container: &Container, around: &Surroundings<'_>, when: When) -> Option<Hook> {
    let lifecycle = container.lifecycle.as_ref()?;
    let handler = match when {
        When::PostStart => lifecycle.post_start.as_ref(),
        When::PreStop => lifecycle.pre_stop.as_ref(),
    };
    let LifecycleHandler { exec, http_get, sleep, tcp_socket: _ } = handler?;
    if let Some(exec) = exec {
        return Some(Hook::Exec(exec.command.clone().unwrap_or_default()));
    }
    if let Some(sleep) = sleep {
        return Some(Hook::Sleep(u64::try_from(sleep.seconds).unwrap_or(0)));
    }
    http_get.as_ref().map(|get| http(get, container, around))
}

fn http(get: &HTTPGetAction, container: &Container, around: &Surroundings<'_>) -> Hook {
    let scheme = get.scheme.as_deref().unwrap_or("HTTP").to_ascii_lowercase();
    let host = get.host.clone().filter(|host| !host.is_empty());
    let host = host.unwrap_or_else(|| around.address.to_string());
    let port = match &get.port {
        IntOrString::Int(number) => *number,
        IntOrString::String(name) => named_port(container, name),
    };
    let path = get.path.as_deref().unwrap_or_default();
    let slash = if path.starts_with('/') { "" } else { "/" };
    let headers = get.http_headers.iter().flatten();
    Hook::Http {
        url: format!("{scheme}://{host}:{port}{slash}{path}"),
        headers: headers.map(|header| format!("{}: {}", header.name, header.value)).collect(),
    }
}

/// A port by its name, or by its number in quotes.
fn named_port(container: &Container, name: &str) -> i32 {
    let named = |port: &&_| port_name(port) == Some(name);
    let port = container.ports.iter().flatten().find(named);
    port.map(|port| port.container_port).or_else(|| name.parse().ok()).unwrap_or(0)
}

fn port_name(port: &k8s_openapi::api::core::v1::ContainerPort) -> Option<&str> {
    port.name.as_deref()
}

/// Where a container leaves its last words.
///
/// Source: <https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/>
pub(super) fn message(container: &Container) -> MessageToKeep {
    let path = container.termination_message_path.clone().filter(|path| !path.is_empty());
    MessageToKeep {
        path: path.unwrap_or_else(|| MESSAGE_PATH.to_owned()),
        otherwise: match container.termination_message_policy.as_deref() {
            Some("FallbackToLogsOnError") => Otherwise::Log,
            _ => Otherwise::Nothing,
        },
    }
}
