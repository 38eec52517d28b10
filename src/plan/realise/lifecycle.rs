//! What is done when a container has been started and before it is ended, and where it leaves its last words.

use k8s_openapi::api::core::v1::{Container, LifecycleHandler};

use super::Surroundings;
use super::http::request;
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
    http_get.as_ref().map(|get| {
        let (url, headers) = request(get, container, around.address);
        Hook::Http { url, headers }
    })
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
