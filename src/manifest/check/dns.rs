//! How the names of other hosts are found from within a pod.

use k8s_openapi::api::core::v1::{PodDNSConfig, PodSpec};

use super::Check;
use crate::document::quoted;
use crate::model::names::Rule;

/// How many servers of names and how many search domains libc reads, and how long their list may be.
const NAMESERVERS_MAX: usize = 3;
const SEARCHES_MAX: usize = 32;
const SEARCH_CHARACTERS_MAX: usize = 2048;

pub(super) fn check(spec: &PodSpec, path: &str, check: &mut Check<'_>) {
    let policy = spec.dns_policy.as_deref();
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    check.one_of(&format!("{path}.dnsPolicy"), policy, &policies);
    let config_path = format!("{path}.dnsConfig");
    let servers = spec.dns_config.as_ref().and_then(|config| config.nameservers.as_ref());
    if policy == Some("None") && servers.is_none_or(Vec::is_empty) {
        let help = "write for instance `nameservers: [192.0.2.1]`";
        let message = "one at least is required with `dnsPolicy: None`";
        check.error_with("required", &format!("{config_path}.nameservers"), message, help);
    }
    if let Some(config) = &spec.dns_config {
        check_config(config, &config_path, check);
    }
    for (index, alias) in spec.host_aliases.iter().flatten().enumerate() {
        let path = format!("{path}.hostAliases[{index}]");
        check.address(&format!("{path}.ip"), &alias.ip);
        for (index, name) in alias.hostnames.iter().flatten().enumerate() {
            check.name(&format!("{path}.hostnames[{index}]"), name, Rule::Subdomain);
        }
    }
}

fn check_config(config: &PodDNSConfig, path: &str, check: &mut Check<'_>) {
    let servers = config.nameservers.as_deref().unwrap_or_default();
    let servers_path = format!("{path}.nameservers");
    check.at_most(&servers_path, servers.len(), NAMESERVERS_MAX);
    for (index, server) in servers.iter().enumerate() {
        check.address(&format!("{servers_path}[{index}]"), server);
    }
    let searches = config.searches.as_deref().unwrap_or_default();
    let searches_path = format!("{path}.searches");
    check.at_most(&searches_path, searches.len(), SEARCHES_MAX);
    let characters = searches.join(" ").len();
    if characters > SEARCH_CHARACTERS_MAX {
        let message =
            format!("has {characters} characters; at most {SEARCH_CHARACTERS_MAX} are allowed");
        check.error("too-large", &searches_path, &message);
    }
    for (index, search) in searches.iter().enumerate() {
        check_search(search, &format!("{searches_path}[{index}]"), check);
    }
    for (index, option) in config.options.iter().flatten().enumerate() {
        let name = option.name.as_deref().unwrap_or_default();
        check.filled(&format!("{path}.options[{index}].name"), name);
    }
}

/// Checks a search domain; unlike names of objects it may have `_`, and end with a dot.
fn check_search(search: &str, path: &str, check: &mut Check<'_>) {
    let name = search.strip_suffix('.').unwrap_or(search);
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(inner)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    if search != "." && !(name.len() <= 253 && name.split('.').all(is_part)) {
        let message = format!("{} is not a DNS name", quoted(search));
        check.error("invalid-name", path, &message);
    }
}
