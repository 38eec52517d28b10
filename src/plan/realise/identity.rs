//! What a pod is called and what it knows others by: its host name, /etc/hosts, /etc/resolv.conf.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>, and `pkg/kubelet/kubelet_pods.go` and
//! `pkg/kubelet/network/dns` of Kubernetes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{HostAlias, PodDNSConfig, PodSpec};

use crate::model::PodKey;

/// The domain of the fleet's names.
const DOMAIN: &str = "cluster.local";
/// The longest that a host name may be (RFC 1123).
const HOSTNAME_MAX: usize = 63;
/// As many name servers as a resolver asks.
const SERVERS_MAX: usize = 3;
/// As many domains as are searched.
const SEARCHES_MAX: usize = 32;

/// What a pod is called.
pub(super) struct Names {
    /// Its name, without a domain.
    short: String,
    /// Its name with its domain, where it has one.
    long: Option<String>,
    /// What its processes are told.
    pub(super) hostname: String,
}

/// The pod's names. A domain comes with `subdomain`.
pub(super) fn names(key: &PodKey, spec: &PodSpec) -> Names {
    if let Some(name) = spec.hostname_override.clone().filter(|name| !name.is_empty()) {
        return Names { short: name.clone(), long: None, hostname: name };
    }
    let short = spec.hostname.clone().filter(|name| !name.is_empty());
    let short = short.unwrap_or_else(|| cut(&key.name));
    let subdomain = spec.subdomain.as_deref().filter(|name| !name.is_empty());
    let long = subdomain.map(|sub| format!("{short}.{sub}.{}.svc.{DOMAIN}", key.namespace));
    let told = long.clone().filter(|_| spec.set_hostname_as_fqdn == Some(true));
    Names { hostname: told.unwrap_or_else(|| short.clone()), short, long }
}

/// The pod's name as far as a host name may be long.
fn cut(name: &str) -> String {
    let cut: String = name.chars().take(HOSTNAME_MAX).collect();
    cut.trim_end_matches(['-', '.']).to_owned()
}

/// /etc/hosts of a pod with an address of its own. Kubernetes' conformance tests know a managed one by its first line.
pub(super) fn hosts_file(names: &Names, address: Ipv4Addr, spec: &PodSpec) -> String {
    let mut text = "# Kubernetes-managed hosts file.\n\
         # Made by bowline; changes are lost when the pod is replaced.\n\
         127.0.0.1\tlocalhost\n\
         ::1\tlocalhost ip6-localhost ip6-loopback\n\
         fe00::\tip6-localnet\n\
         fe00::\tip6-mcastprefix\n\
         fe00::1\tip6-allnodes\n\
         fe00::2\tip6-allrouters\n"
        .to_owned();
    let long = names.long.iter().fold(String::new(), |text, long| text + long + "\t");
    let _ = writeln!(text, "{address}\t{long}{}", names.short);
    for HostAlias { ip, hostnames } in spec.host_aliases.iter().flatten() {
        let _ = writeln!(
            text,
            "{ip}\t{}",
            hostnames.iter().flatten().cloned().collect::<Vec<_>>().join("\t")
        );
    }
    text
}

/// The names that podman adds to the host's own /etc/hosts for a pod on the host's network: a name and an address a word.
pub(super) fn added_hosts(spec: &PodSpec) -> Vec<String> {
    let aliases = spec.host_aliases.iter().flatten();
    let words = aliases.flat_map(|HostAlias { ip, hostnames }| {
        hostnames.iter().flatten().map(move |name| format!("{name}:{ip}"))
    });
    words.collect()
}

/// /etc/resolv.conf of a pod that asks for something of its own; `None` where the host's will do. Without a DNS of the fleet's,
/// every policy but `None` begins with what the host asks.
pub(super) fn resolver_file(spec: &PodSpec, host: Option<&str>) -> Option<String> {
    let alone = spec.dns_policy.as_deref() == Some("None");
    if !alone && spec.dns_config.is_none() {
        return None;
    }
    let mut resolver = Resolver::default();
    if !alone {
        resolver.read(host.unwrap_or_default());
    }
    if let Some(config) = &spec.dns_config {
        resolver.add(config);
    }
    Some(resolver.text())
}

/// What a resolver is told.
#[derive(Default)]
struct Resolver {
    servers: Vec<String>,
    searches: Vec<String>,
    /// Names, each with its value where it has one.
    options: Vec<(String, Option<String>)>,
}

impl Resolver {
    /// Reads a host's own file, see `man resolv.conf`. What only the host itself can ask is left out.
    fn read(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => {
                    let local = |server: &&str| !server.starts_with("127.") && *server != "::1";
                    self.servers.extend(words.next().filter(local).map(str::to_owned));
                }
                Some("search" | "domain") => self.searches = words.map(str::to_owned).collect(),
                Some("options") => {
                    for word in words {
                        let (name, value) = match word.split_once(':') {
                            Some((name, value)) => (name, Some(value.to_owned())),
                            None => (word, None),
                        };
                        self.option(name, value);
                    }
                }
                Some(_) | None => {}
            }
        }
    }

    /// Adds what a pod asks for: servers and domains come after those that are there, an option replaces one of its name.
    fn add(&mut self, config: &PodDNSConfig) {
        self.servers.extend(config.nameservers.iter().flatten().cloned());
        self.searches.extend(config.searches.iter().flatten().cloned());
        for option in config.options.iter().flatten() {
            self.option(option.name.as_deref().unwrap_or_default(), option.value.clone());
        }
    }

    fn option(&mut self, name: &str, value: Option<String>) {
        self.options.retain(|(have, _)| have != name);
        self.options.push((name.to_owned(), value.filter(|value| !value.is_empty())));
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let searches = each_once(&self.searches, SEARCHES_MAX);
        if !searches.is_empty() {
            let _ = writeln!(text, "search {}", searches.join(" "));
        }
        for server in each_once(&self.servers, SERVERS_MAX) {
            let _ = writeln!(text, "nameserver {server}");
        }
        let word = |(name, value): &(String, Option<String>)| match value {
            Some(value) => format!("{name}:{value}"),
            None => name.clone(),
        };
        if !self.options.is_empty() {
            let words: Vec<String> = self.options.iter().map(word).collect();
            let _ = writeln!(text, "options {}", words.join(" "));
        }
        text
    }
}

fn each_once(words: &[String], most: usize) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    words.iter().map(String::as_str).filter(|word| seen.insert(*word)).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use serde_json::json;

    fn spec(json: serde_json::Value) -> PodSpec {
        let mut json = json;
        json["containers"] = json!([]);
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn names_of_pods() {
        let key = PodKey::new("shop", "web-1");
        let long = "a.b.shop.svc.cluster.local";
        for (said, hostname, with_domain) in [
            (json!({}), "web-1", None),
            (json!({"hostname": "a", "subdomain": "b"}), "a", Some(long)),
            (
                json!({"hostname": "a", "subdomain": "b", "setHostnameAsFQDN": true}),
                long,
                Some(long),
            ),
            (json!({"hostname": "a", "setHostnameAsFQDN": true}), "a", None),
            (json!({"hostnameOverride": "x.y", "subdomain": "b"}), "x.y", None),
        ] {
            let names = names(&key, &spec(said.clone()));
            assert_eq!(
                (names.hostname.as_str(), names.long.as_deref()),
                (hostname, with_domain),
                "{said}"
            );
        }
        let long = names(&PodKey::new("shop", format!("{}-x", "a".repeat(62))), &spec(json!({})));
        assert_eq!(long.hostname, "a".repeat(62));
    }

    #[test]
    fn a_hosts_file() {
        let aliases = json!([{"ip": "1.2.3.4", "hostnames": ["foo", "bar"]}]);
        let spec = spec(json!({"hostname": "a", "subdomain": "b", "hostAliases": aliases}));
        let names = names(&PodKey::new("shop", "web-1"), &spec);
        assert_snapshot!(hosts_file(&names, [10, 100, 0, 5].into(), &spec).replace('\t', " "), @r"
        # Kubernetes-managed hosts file.
        # Made by bowline; changes are lost when the pod is replaced.
        127.0.0.1 localhost
        ::1 localhost ip6-localhost ip6-loopback
        fe00:: ip6-localnet
        fe00:: ip6-mcastprefix
        fe00::1 ip6-allnodes
        fe00::2 ip6-allrouters
        10.100.0.5 a.b.shop.svc.cluster.local a
        1.2.3.4 foo bar
        ");
        assert_eq!(added_hosts(&spec), ["foo:1.2.3.4", "bar:1.2.3.4"]);
    }

    #[test]
    fn what_a_pod_asks_for_comes_after_what_its_host_asks() {
        let host = "# made by somebody\nnameserver 127.0.0.53\nnameserver 10.0.0.1\nsearch lan\noptions ndots:1 rotate\n";
        let config = json!({"nameservers": ["10.0.0.1", "1.1.1.1", "1.1.1.2", "1.1.1.3"], "searches": ["lan", "a.b"],
            "options": [{"name": "ndots", "value": "5"}, {"name": "edns0"}]});
        let merged = spec(json!({"dnsPolicy": "ClusterFirst", "dnsConfig": config}));
        assert_snapshot!(resolver_file(&merged, Some(host)).unwrap(), @r"
        search lan a.b
        nameserver 10.0.0.1
        nameserver 1.1.1.1
        nameserver 1.1.1.2
        options rotate ndots:5 edns0
        ");
        let alone = spec(json!({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["9.9.9.9"]}}));
        assert_snapshot!(resolver_file(&alone, Some(host)).unwrap(), @"nameserver 9.9.9.9");
        assert_eq!(resolver_file(&spec(json!({"dnsPolicy": "Default"})), Some(host)), None);
    }
}
