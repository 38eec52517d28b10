//! `bowline create service`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::super::CliError;
use super::Common;

/// Make a Service for the pods with the label app=NAME
#[derive(Debug, Args)]
pub(super) struct ServiceArgs {
    #[command(subcommand)]
    way: Way,
}

#[derive(Debug, Subcommand)]
enum Way {
    #[command(name = "clusterip")]
    ClusterIp(ClusterIpArgs),
    #[command(name = "nodeport")]
    NodePort(NodePortArgs),
    #[command(name = "loadbalancer")]
    LoadBalancer(LoadBalancerArgs),
    #[command(name = "externalname")]
    ExternalName(ExternalNameArgs),
}

/// Make a Service with an address of its own
///
/// `bowline create service clusterip web --tcp=80:8080`.
#[derive(Debug, Args)]
struct ClusterIpArgs {
    #[command(flatten)]
    common: Common,

    /// A port, and after a colon the port of the pods
    #[arg(long, value_name = "PORT[:TARGET]", value_parser = Port::parse)]
    tcp: Vec<Port>,

    /// Its address; None for a Service without one
    #[arg(long, value_name = "ADDRESS")]
    clusterip: Option<String>,
}

/// Make a Service that every host answers for
///
/// `bowline create service nodeport web --tcp=80:8080 --node-port=30080`.
#[derive(Debug, Args)]
struct NodePortArgs {
    #[command(flatten)]
    common: Common,

    /// A port, and after a colon the port of the pods
    #[arg(long, value_name = "PORT[:TARGET]", value_parser = Port::parse, required = true)]
    tcp: Vec<Port>,

    /// The port of the hosts
    #[arg(long, value_name = "PORT")]
    node_port: Option<u16>,
}

/// Make a Service that is reached from outside
#[derive(Debug, Args)]
struct LoadBalancerArgs {
    #[command(flatten)]
    common: Common,

    /// A port, and after a colon the port of the pods
    #[arg(long, value_name = "PORT[:TARGET]", value_parser = Port::parse, required = true)]
    tcp: Vec<Port>,
}

/// Make a Service that is another name's alias
#[derive(Debug, Args)]
struct ExternalNameArgs {
    #[command(flatten)]
    common: Common,

    /// The name that it stands for
    #[arg(long, value_name = "NAME")]
    external_name: String,

    /// A port, and after a colon the port of the pods
    #[arg(long, value_name = "PORT[:TARGET]", value_parser = Port::parse)]
    tcp: Vec<Port>,
}

/// A port and where it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Port {
    port: u16,
    target: Option<String>,
}

impl Port {
    fn parse(text: &str) -> Result<Self, String> {
        let (port, target) = match text.split_once(':') {
            Some((port, target)) => (port, Some(target.to_owned())),
            None => (text, None),
        };
        let port = port.parse().map_err(|_| format!("`{port}` is no port number"))?;
        if target.as_deref() == Some("") {
            return Err("a port of the pods has to follow the colon".to_owned());
        }
        Ok(Self { port, target })
    }

    fn json(&self, node_port: Option<u16>) -> Value {
        let Self { port, target } = self;
        let target = target.clone().unwrap_or_else(|| port.to_string());
        let number = target.parse::<u16>().map_or(Value::from(target.as_str()), Value::from);
        let name = match &self.target {
            Some(target) => format!("{port}-{target}"),
            None => port.to_string(),
        };
        let mut json = json!({"name": name, "port": port, "protocol": "TCP", "targetPort": number});
        if let Some(node_port) = node_port {
            json["nodePort"] = json!(node_port);
        }
        json
    }
}

impl ServiceArgs {
    pub(super) fn common(&self) -> &Common {
        match &self.way {
            Way::ClusterIp(args) => &args.common,
            Way::NodePort(args) => &args.common,
            Way::LoadBalancer(args) => &args.common,
            Way::ExternalName(args) => &args.common,
        }
    }

    pub(super) fn json(&self) -> Result<Value, CliError> {
        let labels = json!({"app": self.common().name});
        let ports = |ports: &[Port], node_port: Option<u16>| -> Vec<Value> {
            ports.iter().map(|port| port.json(node_port)).collect()
        };
        let spec = match &self.way {
            Way::ClusterIp(ClusterIpArgs { tcp, clusterip, .. }) => {
                let headless = clusterip.as_deref() == Some("None");
                if tcp.is_empty() && !headless {
                    return Err(CliError::Usage {
                        problem: "a Service with an address needs a port".to_owned(),
                        hint: "add --tcp=PORT[:TARGET], or --clusterip=None".to_owned(),
                    });
                }
                let mut spec = json!({"type": "ClusterIP", "selector": labels});
                if let Some(address) = clusterip {
                    spec["clusterIP"] = json!(address);
                }
                if !tcp.is_empty() {
                    spec["ports"] = ports(tcp, None).into();
                }
                spec
            }
            Way::NodePort(NodePortArgs { tcp, node_port, .. }) => {
                json!({"type": "NodePort", "selector": labels, "ports": ports(tcp, *node_port)})
            }
            Way::LoadBalancer(LoadBalancerArgs { tcp, .. }) => {
                json!({"type": "LoadBalancer", "selector": labels, "ports": ports(tcp, None)})
            }
            Way::ExternalName(ExternalNameArgs { tcp, external_name, .. }) => {
                let mut spec = json!({"type": "ExternalName", "externalName": external_name,
                    "selector": labels});
                if !tcp.is_empty() {
                    spec["ports"] = ports(tcp, None).into();
                }
                spec
            }
        };
        Ok(json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": self.common().name, "labels": labels}, "spec": spec}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_leads_to_itself_a_number_or_a_name() {
        let json = |text: &str| Port::parse(text).unwrap().json(None);
        assert_eq!(json("80")["targetPort"], 80);
        assert_eq!(json("80")["name"], "80");
        assert_eq!(json("80:8080")["targetPort"], 8080);
        assert_eq!(json("80:http")["targetPort"], "http");
        assert_eq!(json("80:http")["name"], "80-http");
        for wrong in ["", "http", "80:", "70000"] {
            assert!(Port::parse(wrong).is_err(), "{wrong}");
        }
    }
}
