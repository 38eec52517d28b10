//! Probes of containers, so fully said that nothing is left to decide when they are asked.

use crate::observed::ProbeKind;

/// What a container is asked, and what is made of the answers.
///
/// Source: <https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeToRun {
    /// What for.
    pub kind: ProbeKind,
    /// How.
    pub ask: Ask,
    /// How long after the container's start it is asked first, in seconds.
    pub delay_seconds: u32,
    /// How long it is from one question to the next, in seconds; at least 1.
    pub period_seconds: u32,
    /// How long an answer may take, in seconds; at least 1.
    pub timeout_seconds: u32,
    /// How many good answers in a row count; at least 1.
    pub successes: u32,
    /// How many bad answers in a row count; at least 1.
    pub failures: u32,
    /// How long the container may take to end by itself when it is ended for bad answers, in seconds.
    pub grace_seconds: u32,
}

/// How a container is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// By a command in it.
    Exec(Vec<String>),
    /// By a request from the host.
    Http {
        /// What protocol it speaks.
        version: HttpVersion,
        /// Whom to ask.
        url: String,
        /// Header lines.
        headers: Vec<String>,
    },
    /// By a connection from the host.
    Tcp {
        /// To whom.
        host: String,
        /// The port.
        port: i32,
    },
    /// By a call of gRPC's own health service from the host.
    ///
    /// Source: <https://github.com/grpc/grpc/blob/master/doc/health-checking.md>
    Grpc {
        /// Whom to ask.
        url: String,
        /// The request, framed.
        request: Vec<u8>,
    },
}

/// What a request speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.1.
    One,
    /// HTTP/2 from the first byte.
    Two,
}
