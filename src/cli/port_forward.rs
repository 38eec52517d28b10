//! `bowline port-forward`: local ports that lead to a pod, by channels of the host's SSH connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::context::Context;
use super::global::Global;
use super::hear::hear;
use super::target::{Containers, Finder, Target};
use super::{CliError, Exit, Talk};
use crate::driver::pod_exists_argv;
use crate::model::Kind;
use crate::node::NodeError;
use crate::status::Resource;

/// Let local ports lead to a pod
///
/// `bowline port-forward web-1 8080:80`, `bowline port-forward service/web :80`. Programs that listen on the pod's address are
/// reached; those that listen on its loopback alone are not. Nothing runs on the host for it.
#[derive(Debug, Args)]
pub(super) struct PortForwardArgs {
    /// A pod, or TYPE/NAME such as deployment/web or service/web
    #[arg(value_name = "POD")]
    pod: String,

    /// REMOTE, LOCAL:REMOTE, or :REMOTE for a local port that is free; a number or a port's name
    #[arg(required = true, value_name = "PORT")]
    ports: Vec<Wish>,

    /// The local addresses to listen on: localhost or IP addresses, separated by commas
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',', default_value = "localhost")]
    address: Vec<Listen>,
}

/// A pair of ports as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wish {
    /// `None` for the same as the remote one.
    local: Option<u16>,
    remote: String,
}

impl std::str::FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.parse::<u16>().map_err(|_| format!("`{text}` is no port, which is 1 to 65535"))
        };
        let (local, remote) = match text.split_once(':') {
            Some(("", remote)) => (Some(0), remote),
            Some((local, remote)) => (Some(number(local)?), remote),
            None => (None, text),
        };
        let is_number = remote.bytes().all(|byte| byte.is_ascii_digit());
        if remote.is_empty() || remote.contains(':') || (is_number && number(remote)? == 0) {
            return Err("write REMOTE, LOCAL:REMOTE or :REMOTE".to_owned());
        }
        Ok(Self { local, remote: remote.to_owned() })
    }
}

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listen {
    /// On 127.0.0.1 and `::1`, of which one is enough.
    Localhost,
    /// On this address.
    At(IpAddr),
}

impl std::str::FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "localhost" => Ok(Self::Localhost),
            _ => text.parse().map(Self::At).map_err(|_| format!("`{text}` is no IP address")),
        }
    }
}

pub(super) async fn run(
    global: &Global,
    talk: &Talk,
    args: &PortForwardArgs,
) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let finder = Finder::for_word(global, talk, &context, (&args.pod, None)).await?;
    let pod = finder.pod(&args.pod)?;
    let service = match args.pod.split_once('/') {
        Some((kind, name)) if Kind::parse(kind) == Ok(Kind::Service) => {
            finder.object(Kind::Service, name)
        }
        Some(_) | None => None,
    };
    let service = match &service {
        Some(Resource::Service(service)) => Some(&**service),
        _ => None,
    };
    let address = pod.status.as_ref().and_then(|status| status.pod_ip.as_deref());
    let address: IpAddr =
        address.and_then(|text| text.parse().ok()).ok_or_else(|| CliError::NotThere {
            problem: format!("pod {} has no address", args.pod),
            hint: "see why with: bowline describe pod".to_owned(),
        })?;
    let any = finder.containers(talk, &pod, Containers::All)?.into_iter().next();
    let target = any.ok_or_else(|| CliError::NotFound {
        what: "containers".to_owned(),
        name: args.pod.clone(),
    })?;
    let mut listening = JoinSet::new();
    let lost = Arc::new(tokio::sync::Notify::new());
    for wish in &args.ports {
        let (asked, remote) = remote_port(&pod, service, &wish.remote)?;
        let local = wish.local.unwrap_or(asked);
        for listener in listen(&args.address, local).await? {
            let from = listener.local_addr().map_err(|error| cannot_listen(local, &error))?;
            talk.data(&format!("Forwarding from {from} -> {remote}"));
            let way = Way {
                talk: talk.clone(),
                target: target.clone(),
                to: SocketAddr::new(address, remote),
                lost: Arc::clone(&lost),
            };
            listening.spawn(way.serve(listener));
        }
    }
    let sandbox = finder.sandbox(&pod);
    tokio::select! {
        gone = watch(&sandbox, &target, &lost) => Err(gone),
        _ = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
    }
}

/// How often it is asked whether the pod is still there; a connection that fails is asked about at once.
const ASK: Duration = Duration::from_secs(10);

/// Returns when the pod has gone.
async fn watch(sandbox: &str, target: &Target, lost: &tokio::sync::Notify) -> CliError {
    loop {
        let _ = tokio::time::timeout(ASK, lost.notified()).await;
        let asked = hear(target, pod_exists_argv(sandbox)).await;
        match asked {
            Ok(heard) if heard.exit == 0 => {}
            Ok(_) => {
                return CliError::NotThere {
                    problem: format!("lost connection to pod {}: it is gone", target.pod),
                    hint: "see what runs in its place with: bowline get pods".to_owned(),
                };
            }
            Err(error) => return error,
        }
    }
}

/// The port that was asked for by number, and the one of the pod that it stands for. A Service's is translated to its target's.
fn remote_port(pod: &Pod, service: Option<&Service>, word: &str) -> Result<(u16, u16), CliError> {
    let number: Option<u16> = word.parse().ok();
    let found = match service {
        None => number.or_else(|| pod_port(pod, word)).map(|port| (port, port)),
        Some(service) => {
            let ports = service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
            let mut matching = ports.filter(|port| match number {
                Some(number) => port.port == i32::from(number),
                None => port.name.as_deref() == Some(word),
            });
            matching.next().and_then(|port| {
                let own = u16::try_from(port.port).ok()?;
                let target = match &port.target_port {
                    None => own,
                    Some(IntOrString::Int(target)) => u16::try_from(*target).ok()?,
                    Some(IntOrString::String(name)) => {
                        name.parse().ok().or_else(|| pod_port(pod, name))?
                    }
                };
                Some((own, target))
            })
        }
    };
    found.ok_or_else(|| {
        let (what, name) = match service {
            Some(service) => ("Service", service.metadata.name.as_deref()),
            None => ("Pod", pod.metadata.name.as_deref()),
        };
        CliError::Usage {
            problem: format!("{what} {} does not have a port {word}", name.unwrap_or_default()),
            hint: "a port is one that it declares, or for a pod any number".to_owned(),
        }
    })
}

/// The number of a port that a container declares by name.
fn pod_port(pod: &Pod, name: &str) -> Option<u16> {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
    let port = ports.find(|port| port.name.as_deref() == Some(name))?;
    u16::try_from(port.container_port).ok()
}

fn cannot_listen(port: u16, error: &std::io::Error) -> CliError {
    CliError::System { what: format!("unable to listen on port {port}"), cause: error.to_string() }
}

/// Listens on a port of all addresses; port 0 is any that is free, the same on all of them.
async fn listen(addresses: &[Listen], port: u16) -> Result<Vec<TcpListener>, CliError> {
    let (mut listeners, mut port) = (Vec::new(), port);
    for address in addresses {
        let all = match address {
            Listen::Localhost => {
                vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
            }
            Listen::At(address) => vec![*address],
        };
        let (mut bound, mut last) = (false, None);
        for address in all {
            match TcpListener::bind((address, port)).await {
                Ok(listener) => {
                    bound = true;
                    port = listener.local_addr().map_or(port, |address| address.port());
                    listeners.push(listener);
                }
                Err(error) => last = Some(error),
            }
        }
        if let Some(error) = last.filter(|_| !bound) {
            return Err(cannot_listen(port, &error));
        }
    }
    Ok(listeners)
}

/// The way from a local port to the pod's.
struct Way {
    talk: Talk,
    target: Target,
    to: SocketAddr,
    lost: Arc<tokio::sync::Notify>,
}

impl Way {
    async fn serve(self, listener: TcpListener) {
        let way = Arc::new(self);
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((local, _)) => {
                        let way = Arc::clone(&way);
                        open.spawn(async move { way.pass(local).await });
                    }
                    // Too many files are open, or the like: those that are there may end.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                },
                Some(_) = open.join_next() => {}
            }
        }
    }

    async fn pass(&self, mut local: TcpStream) {
        if let Ok(address) = local.local_addr() {
            self.talk.data(&format!("Handling connection for {}", address.port()));
        }
        match self.target.node.dial(self.to).await {
            // A side that breaks off ends its own connection, and that is all.
            Ok(mut remote) => drop(tokio::io::copy_bidirectional(&mut local, &mut remote).await),
            Err(error) => {
                self.said(&error);
                self.lost.notify_one();
            }
        }
    }

    fn said(&self, error: &NodeError) {
        let (pod, host) = (&self.target.pod, &self.target.host);
        self.talk.warn(&format!("error: pod {pod} on {host}: {error}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wish(text: &str) -> Result<(Option<u16>, String), String> {
        text.parse::<Wish>().map(|wish| (wish.local, wish.remote))
    }

    #[test]
    fn pairs_of_ports_are_written_as_for_kubectl() {
        assert_eq!(wish("80"), Ok((None, "80".to_owned())));
        assert_eq!(wish("8080:80"), Ok((Some(8080), "80".to_owned())));
        assert_eq!(wish(":http"), Ok((Some(0), "http".to_owned())));
        for wrong in ["", ":", "80:", "0", "70000", "x:80", "1:2:3", "8080:0"] {
            assert!(wish(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_services_port_leads_to_its_target() {
        let pod: Pod = serde_json::from_value(json!({"spec": {"containers": [
            {"name": "c", "ports": [{"name": "http", "containerPort": 8080}]}]}}))
        .unwrap();
        let service: Service = serde_json::from_value(json!({"metadata": {"name": "web"},
            "spec": {"ports": [{"name": "a", "port": 80, "targetPort": "http"}, {"name": "b", "port": 81}]}}))
        .unwrap();
        assert_eq!(remote_port(&pod, None, "9000").unwrap(), (9000, 9000));
        assert_eq!(remote_port(&pod, None, "http").unwrap(), (8080, 8080));
        assert_eq!(remote_port(&pod, Some(&service), "80").unwrap(), (80, 8080));
        assert_eq!(remote_port(&pod, Some(&service), "b").unwrap(), (81, 81));
        let missing = remote_port(&pod, Some(&service), "82").unwrap_err().to_string();
        insta::assert_snapshot!(missing, @"Service web does not have a port 82");
    }
}
