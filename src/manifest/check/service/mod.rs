//! Services.

mod address;
mod ports;
mod traffic;

use k8s_openapi::api::core::v1::{Service, ServiceSpec};

use super::{Check, Seen, metadata};
use crate::model::names::Rule;

/// What `spec.type` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ClusterIp,
    NodePort,
    LoadBalancer,
    ExternalName,
}

impl Kind {
    const NAMES: [&str; 4] = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];

    /// The type of a Service; one that there is not is refused elsewhere.
    fn of(spec: &ServiceSpec) -> Self {
        match spec.type_.as_deref() {
            Some("NodePort") => Self::NodePort,
            Some("LoadBalancer") => Self::LoadBalancer,
            Some("ExternalName") => Self::ExternalName,
            Some(_) | None => Self::ClusterIp,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::ClusterIp => "ClusterIP",
            Self::NodePort => "NodePort",
            Self::LoadBalancer => "LoadBalancer",
            Self::ExternalName => "ExternalName",
        }
    }
}

pub(super) fn check(service: &Service, check: &mut Check<'_>) {
    let Some(spec) = &service.spec else { return check.required("spec.ports") };
    let kind = Kind::of(spec);
    let headless = spec.cluster_ip.as_deref() == Some("None");
    check.one_of("spec.type", spec.type_.as_deref(), &Kind::NAMES);
    check_kind(spec, kind, check);
    if headless {
        let message = "a headless Service is not carried out yet: it is kept, and has no effect";
        check.notice("spec.clusterIP", message);
    }
    address::check(spec, kind, check);
    if let Some(selector) = &spec.selector {
        metadata::labels(selector, "spec.selector", check);
    }
    traffic::check(service, spec, check);
    let ports = spec.ports.as_deref().unwrap_or_default();
    if ports.is_empty() && !headless && kind != Kind::ExternalName {
        check.required("spec.ports");
    }
    ports::check(ports, kind, check);
}

fn check_kind(spec: &ServiceSpec, kind: Kind, check: &mut Check<'_>) {
    match kind {
        Kind::ClusterIp => {}
        Kind::NodePort | Kind::LoadBalancer => {
            let name = kind.name();
            let message = format!("{name} is not carried out yet: it is treated as ClusterIP");
            check.notice("spec.type", &message);
            if spec.cluster_ip.as_deref() == Some("None") {
                let message = format!("must not be `None` with `type: {name}`");
                check.error("invalid-value", "spec.clusterIP", &message);
            }
        }
        Kind::ExternalName => {
            let message = "ExternalName is not carried out yet: it is kept, and has no effect";
            check.notice("spec.type", message);
            let name = spec.external_name.as_deref().unwrap_or_default();
            // A dot at the end says that the name is complete.
            let name = name.strip_suffix('.').unwrap_or(name);
            check.name("spec.externalName", name, Rule::Subdomain);
        }
    }
}
