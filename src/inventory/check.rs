//! What an inventory may not say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::file::CapacityFile;
use super::resource::{OFFERED, is_in_parts, meant};
use super::size::counted;
use super::{
    CapacityOverride, Connection, DEFAULT_SCHEDULER, Inventory, Network, Ratio, RatioError,
    Scheduling,
};
use crate::document::{
    Document, Finding, Place, Severity, SourceText, Span, closest, join, quoted,
};
use crate::model::names::{Rule, label_key, label_value};
use crate::model::{GPU, GPU_MILLI, Labels};

/// The smallest part of the pod range that a host can use: 8 addresses.
const HOST_PREFIX_MAX: u8 = 29;

/// Collects what is wrong with an inventory.
pub(super) struct Check<'d> {
    document: &'d Document,
    /// Paths that could not be read: what stands in for them is nobody's fault.
    faulty: &'d BTreeSet<String>,
    findings: Vec<Finding>,
}

impl<'d> Check<'d> {
    pub(super) fn new(document: &'d Document, faulty: &'d BTreeSet<String>) -> Self {
        Self { document, faulty, findings: Vec::new() }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    pub(super) fn empty_file(source: SourceText) -> Finding {
        let place = Place { source, span: Span::default() };
        Finding::new(Severity::Error, "required", "the inventory is empty", place)
            .with_help("begin with `fleet: NAME` and `hosts:`")
    }

    pub(super) fn second_document(document: &Document) -> Finding {
        let message = "an inventory is one document; this is a second";
        document.finding(Severity::Error, "second-document", "", message)
    }

    fn error(
        &mut self,
        code: &'static str,
        path: &str,
        message: impl fmt::Display,
    ) -> Option<&mut Finding> {
        let finding =
            self.document.finding(Severity::Error, code, path, format!("{path}: {message}"));
        // What a group says is looked at once for each of its hosts.
        let told = |old: &Finding| old.span == finding.span && old.message == finding.message;
        if self.faulty.contains(path) || self.findings.iter().any(told) {
            return None;
        }
        self.findings.push(finding);
        self.findings.last_mut()
    }

    fn help(finding: Option<&mut Finding>, help: impl Into<String>) {
        if let Some(finding) = finding {
            finding.help = Some(help.into());
        }
    }

    /// Takes what was read, or notes why it could not be.
    pub(super) fn read<T, E: fmt::Display>(&mut self, path: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.error("invalid-value", path, error)).ok()
    }

    /// Takes a time limit, which cannot be zero.
    pub(super) fn timeout<E: fmt::Display>(
        &mut self,
        path: &str,
        read: Result<Duration, E>,
    ) -> Option<Duration> {
        let timeout = self.read(path, read)?;
        if timeout.is_zero() {
            self.error("out-of-range", path, "must be more than 0");
        }
        Some(timeout)
    }

    /// Takes how many times something may be asked for.
    pub(super) fn ratio(&mut self, path: &str, text: &str) -> Option<Ratio> {
        let error = match text.parse() {
            Ok(ratio) => return Some(ratio),
            Err(error) => error,
        };
        let code = match error {
            RatioError::Number { .. } => "invalid-value",
            RatioError::Small { .. } | RatioError::Large { .. } => "out-of-range",
        };
        let finding = self.error(code, path, &error);
        if let Some(hint) = error.hint() {
            Self::help(finding, hint);
        }
        None
    }

    pub(super) fn fleet(&mut self, name: &str) {
        if name.is_empty() {
            let finding = self.error("required", "fleet", "is required");
            Self::help(finding, "name the fleet: everything on the hosts is labelled with it");
        } else {
            self.name("fleet", name);
        }
    }

    fn name(&mut self, path: &str, name: &str) {
        if let Err(why) = Rule::Label.check(name) {
            self.error("invalid-name", path, format!("{} {why}", quoted(name)));
        }
    }

    /// Checks the name of something that is a key.
    fn key_name(&mut self, path: &str, name: &str) {
        let span = self.document.key_span_of(path);
        if let Err(why) = Rule::Label.check(name)
            && let Some(finding) =
                self.error("invalid-name", path, format!("{} {why}", quoted(name)))
        {
            finding.span = span.unwrap_or(finding.span);
        }
    }

    pub(super) fn host_name(&mut self, name: &str, path: &str) {
        self.key_name(path, name);
    }

    /// Checks what a profile is called that pods can name.
    pub(super) fn profile_name(&mut self, name: &str, path: &str) {
        self.key_name(path, name);
        let is_built_in = name.parse::<Scheduling>().is_ok();
        let (message, help) = if name == DEFAULT_SCHEDULER {
            ("is the profile that `scheduling` itself says", "say it there")
        } else if is_built_in {
            ("is there without being defined", "give yours a name of its own")
        } else {
            return;
        };
        let span = self.document.key_span_of(path);
        if let Some(finding) =
            self.error("duplicate-name", path, format!("{} {message}", quoted(name)))
        {
            finding.span = span.unwrap_or(finding.span);
            finding.help = Some(help.to_owned());
        }
    }

    pub(super) fn group(&mut self, name: &str, is_host: bool) {
        let path = join("groups", name);
        self.key_name(&path, name);
        if is_host {
            self.error("duplicate-name", &path, "a host has this name too");
        }
    }

    /// Checks a size that `simulate` can name.
    pub(super) fn size(&mut self, name: &str, is_host: bool, capacity: &CapacityFile) {
        let path = join("sizes", name);
        self.key_name(&path, name);
        if is_host {
            self.error("duplicate-name", &path, "a host has this name too");
        }
        if let Some((count, of)) = counted(name) {
            let message = format!("{} would be {count} hosts of the size `{of}`", quoted(name));
            self.error("invalid-name", &path, message);
        }
        for amount in ["cpu", "memory"] {
            if !capacity.contains_key(amount) {
                let path = format!("{path}.capacity");
                let finding =
                    self.error("required", &path, format!("does not say how much {amount}"));
                Self::help(finding, "say for instance `capacity: {cpu: 8, memory: 32Gi}`");
            }
        }
    }

    pub(super) fn unknown_group<'k>(
        &mut self,
        path: &str,
        name: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        let finding =
            self.error("unknown-group", path, format!("there is no group {}", quoted(name)));
        let help = match closest(name, known.clone()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => match known.collect::<Vec<_>>().as_slice() {
                [] => "the inventory has no groups: describe it under `groups`".to_owned(),
                known => format!("the groups are {}", known.join(", ")),
            },
        };
        Self::help(finding, help);
    }

    /// Checks the name of a resource that a host offers.
    pub(super) fn resource(&mut self, name: &str, path: &str) {
        let span = self.document.key_span_of(path);
        let (message, help) = if OFFERED.contains(&name) {
            return;
        } else if name == GPU_MILLI {
            let message = format!("{} is had by all that have {GPU}", quoted(name));
            (message, Some(format!("say how many whole ones there are: {GPU}: 1")))
        } else if !name.contains('/') {
            let names = OFFERED.join(", ");
            let message = format!(
                "{} is no resource of hosts: these are {names} and names with a `/`",
                quoted(name)
            );
            (message, meant(name).map(|meant| format!("did you mean `{meant}`?")))
        } else if let Err(why) = label_key(name) {
            (format!("{} {why}", quoted(name)), None)
        } else {
            return;
        };
        if let Some(finding) = self.error("invalid-name", path, message) {
            finding.span = span.unwrap_or(finding.span);
            finding.help = help;
        }
    }

    /// Checks that there are no parts of what is had in whole ones only.
    pub(super) fn whole(&mut self, name: &str, path: &str, text: &str) {
        if is_in_parts(name, text) {
            self.error("out-of-range", path, format!("{} is not a whole number", quoted(text)));
        }
    }

    /// Checks that no more is kept back than the inventory says that there is.
    pub(super) fn reserved(
        &mut self,
        path: &str,
        reserved: &CapacityOverride,
        capacity: &CapacityOverride,
    ) {
        for (field, reserved, capacity) in [
            ("cpu", reserved.cpu_milli, capacity.cpu_milli),
            ("memory", reserved.memory_bytes, capacity.memory_bytes),
            ("pods", reserved.pods, capacity.pods),
        ] {
            if let (Some(kept), Some(all)) = (reserved, capacity)
                && kept > all
            {
                let path = format!("{path}.{field}");
                self.error("out-of-range", &path, "is more than the capacity");
            }
        }
    }

    pub(super) fn labels(&mut self, labels: &Labels, path: &str) {
        for (key, value) in labels {
            let path = join(path, key);
            if let Err(why) = label_key(key) {
                self.error("invalid-label", &path, format!("{} {why}", quoted(key)));
            }
            if let Err(why) = label_value(value) {
                self.error("invalid-label", &path, format!("{} {why}", quoted(value)));
            }
        }
    }

    pub(super) fn user(&mut self, user: &str, path: &str) {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '\\');
        if user.is_empty() || user.starts_with('-') || !user.chars().all(fits) {
            self.error("invalid-value", path, format!("{} is not a user's name", quoted(user)));
        }
    }

    pub(super) fn port(&mut self, port: u16, path: &str) {
        if port == 0 {
            self.error("out-of-range", path, "must be a port number from 1 to 65535");
        }
    }

    /// Refuses two settings that mean the same.
    pub(super) fn both(&mut self, path: &str, other: &str) {
        self.error("invalid-value", path, format!("stands beside `{other}`: use one of them"));
    }

    /// A host's own IPv4 address.
    pub(super) fn address(&mut self, path: &str, text: &str) -> Option<Ipv4Addr> {
        let read = text.parse().map_err(|_| format!("{} is not an IPv4 address", quoted(text)));
        self.read(path, read)
    }

    /// The address to log in at: an IP address or a host name.
    pub(super) fn ssh_address(&mut self, text: Option<&str>, host: &str) -> String {
        let path = format!("{host}.address");
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            if self.faulty.contains(&format!("{host}.connection")) {
                return String::new();
            }
            let finding = self.error("required", &path, "is required");
            Self::help(finding, "give an address, or `connection: local` for this machine");
            return String::new();
        };
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if text.parse::<IpAddr>().is_err() && Rule::Subdomain.check(&name).is_err() {
            let message = format!("{} is neither an IP address nor a host name", quoted(text));
            let finding = self.error("invalid-value", &path, message);
            if text.contains(['@', ':']) {
                Self::help(finding, "the user and the port have keys of their own, under `ssh`");
            }
        }
        text.to_owned()
    }

    pub(super) fn local(&mut self, has_address: bool, host: &str) {
        if has_address {
            let path = format!("{host}.address");
            let message = "a local host is not logged in to";
            let finding = self.error("invalid-value", &path, message);
            Self::help(finding, "say how others reach it with `internalAddress`");
        }
    }

    /// Checks what no setting can be blamed for alone.
    pub(super) fn fits_together(&mut self, inventory: &Inventory) {
        self.check_network(&inventory.network, inventory.hosts.len());
        let mut connections: BTreeMap<(&str, u16), String> = BTreeMap::new();
        let mut addresses: BTreeMap<Ipv4Addr, String> = BTreeMap::new();
        let mut local: Option<String> = None;
        for (name, host) in &inventory.hosts {
            let path = join("hosts", name.as_str());
            match &host.connection {
                Connection::Ssh(ssh) => {
                    let path = format!("{path}.address");
                    if let Ok(address) = ssh.address.parse() {
                        self.outside(&inventory.network, address, &path);
                    }
                    let first = connections.insert((&ssh.address, ssh.port), path.clone());
                    if let Some(first) = first.filter(|_| !ssh.address.is_empty()) {
                        self.twice(&path, &first, &format!("address {}", quoted(&ssh.address)));
                    }
                }
                Connection::Local(_) => {
                    let path = format!("{path}.connection");
                    if let Some(first) = local.replace(path.clone()) {
                        self.twice(&path, &first, "local connection");
                    }
                }
            }
            if let Some(address) = host.internal_address {
                let path = format!("{path}.internalAddress");
                self.outside(&inventory.network, address, &path);
                if let Some(first) = addresses.insert(address, path.clone()) {
                    self.twice(&path, &first, &format!("address `{address}`"));
                }
            }
        }
    }

    fn twice(&mut self, path: &str, first: &str, what: &str) {
        let also = self.document.nearest(first);
        if let Some(finding) =
            self.error("duplicate-address", path, format!("another host has the {what}"))
        {
            finding.also = Some((also, "first here".to_owned()));
        }
    }

    fn outside(&mut self, network: &Network, address: Ipv4Addr, path: &str) {
        for (range, whose) in [(network.pod_cidr, "pods"), (network.service_cidr, "Services")] {
            if range.contains(address) {
                let message = format!("`{address}` is in {range}, the range of the {whose}");
                self.error("overlap", path, message);
            }
        }
    }

    fn check_network(&mut self, network: &Network, hosts: usize) {
        let Network { pod_cidr, host_prefix, service_cidr } = network;
        if pod_cidr.overlaps(*service_cidr) {
            let message = format!("{service_cidr} overlaps with {pod_cidr}, the range of the pods");
            self.error("overlap", "network.serviceCIDR", message);
        }
        let path = "network.hostPrefix";
        if !(pod_cidr.prefix..=HOST_PREFIX_MAX).contains(host_prefix) {
            let message =
                format!("must be from {} (that of podCIDR) to {HOST_PREFIX_MAX}", pod_cidr.prefix);
            self.error("out-of-range", path, message);
            return;
        }
        let parts = 1_u64 << (host_prefix - pod_cidr.prefix);
        if u64::try_from(hosts).is_ok_and(|hosts| hosts > parts) {
            let message = format!(
                "{pod_cidr} has {parts} parts of prefix {host_prefix}, too few for {hosts} hosts"
            );
            let finding = self.error("too-few-subnets", path, message);
            Self::help(finding, "widen podCIDR, or raise hostPrefix so that each host gets less");
        }
    }
}
