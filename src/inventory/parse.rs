//! From the file to the fleet: settings of groups and of the whole fold into each host.
//!
//! The nearer setting wins: the host's own, then its groups', the later of them first, then the fleet's.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use super::check::Check;
use super::duration::parse_duration;
use super::file::{ConnectionFile, FleetFile, HostFile, ProfileFile, SchedulingFile, WeightsFile};
use super::home::Home;
use super::layer::{Layer, Settings};
use super::{
    Admission, Cidr, Connection, Host, Inventory, Network, Profiles, Said, Scheduling, SshSettings,
};
use crate::document::{self, Decoded, Report, Source, join};
use crate::model::{FleetName, NodeName};

pub(super) const UNREACHABLE_AFTER: Duration = Duration::from_mins(5);
const HOST_PREFIX: u8 = 24;
/// Kubernetes' own label for the name of a host.
pub(super) const HOSTNAME_LABEL: &str = "kubernetes.io/hostname";

/// Reads an inventory; the report holds every fault, each at its place.
pub fn parse(source: &Source, home: &Home) -> Result<Inventory, Report> {
    let parsed = document::parse(source);
    let mut findings = parsed.findings;
    let Some(document) = parsed.documents.first() else {
        if findings.is_empty() {
            findings.push(Check::empty_file(parsed.source));
        }
        return Err(Report { findings });
    };
    findings.extend(parsed.documents.get(1).map(Check::second_document));
    let Decoded { value, findings: mut faults, faulty } =
        document::decode::<FleetFile>(document, |_| false);
    findings.append(&mut faults);
    let mut check = Check::new(document, &faulty);
    let inventory = value.map(|file| Fold { home, check: &mut check, file: &file }.inventory());
    findings.append(&mut check.into_findings());
    findings.sort_by_key(|finding| finding.span);
    match inventory {
        Some(inventory) if findings.is_empty() => Ok(inventory),
        Some(_) | None => Err(Report { findings }),
    }
}

/// Folds a file, noting what is wrong; what cannot be read has its default in the meantime.
struct Fold<'f, 'c> {
    home: &'f Home,
    check: &'f mut Check<'c>,
    file: &'f FleetFile,
}

impl<'f> Fold<'f, '_> {
    fn inventory(&mut self) -> Inventory {
        let file = self.file;
        self.check.fleet(&file.fleet);
        let unreachable = file.unreachable_after.as_ref();
        let inventory = Inventory {
            fleet: FleetName::new(&file.fleet),
            hosts: self.hosts(),
            groups: self.groups(),
            sizes: self.sizes(),
            network: self.network(),
            unreachable_after: unreachable
                .and_then(|text| self.check.read("unreachableAfter", parse_duration(&text.0)))
                .unwrap_or(UNREACHABLE_AFTER),
            overcommit: self.settings(&[self.of_fleet()]).overcommit,
            scheduling: self.scheduling(),
        };
        self.check.fits_together(&inventory);
        inventory
    }

    fn groups(&mut self) -> BTreeMap<String, BTreeSet<NodeName>> {
        let mut groups: BTreeMap<String, BTreeSet<NodeName>> = BTreeMap::new();
        for (name, settings) in &self.file.groups {
            self.check.group(name, self.file.hosts.contains_key(name));
            // A group that no host is in shall be right as well.
            self.settings(&[Layer::of_group(name, settings)]);
            groups.insert(name.clone(), BTreeSet::new());
        }
        for (host, settings) in &self.file.hosts {
            for group in &settings.groups {
                groups.entry(group.clone()).or_default().insert(NodeName::new(host));
            }
        }
        groups
    }

    fn sizes(&mut self) -> BTreeMap<String, Said> {
        let mut sizes = BTreeMap::new();
        for (name, file) in &self.file.sizes {
            self.check.size(name, self.file.hosts.contains_key(name), &file.capacity);
            let Settings { labels, taints, capacity, reserved, overcommit, .. } =
                self.settings(&[self.of_fleet(), Layer::of_size(name, file)]);
            let path = format!("{}.reserved", join("sizes", name));
            self.check.reserved(&path, &reserved, &capacity);
            let size = Said { capacity, reserved: reserved.amounts(), overcommit, labels, taints };
            sizes.insert(name.clone(), size);
        }
        sizes
    }

    fn network(&mut self) -> Network {
        let network = &self.file.network;
        let pods = Cidr { network: Ipv4Addr::new(10, 100, 0, 0), prefix: 16 };
        let services = Cidr { network: Ipv4Addr::new(10, 96, 0, 0), prefix: 16 };
        let mut cidr = |text: Option<&String>, path, default| {
            text.and_then(|text| self.check.read(path, text.parse())).unwrap_or(default)
        };
        Network {
            pod_cidr: cidr(network.pod_cidr.as_ref(), "network.podCIDR", pods),
            host_prefix: network.host_prefix.unwrap_or(HOST_PREFIX),
            service_cidr: cidr(network.service_cidr.as_ref(), "network.serviceCIDR", services),
        }
    }

    fn scheduling(&mut self) -> Profiles {
        let SchedulingFile { profile, weights, profiles } = &self.file.scheduling;
        let own = self.profile(profile.as_deref(), weights, "scheduling");
        let mut named = BTreeMap::new();
        for (name, ProfileFile { profile, weights }) in profiles {
            let path = join("scheduling.profiles", name);
            self.check.profile_name(name, &path);
            named.insert(name.clone(), self.profile(profile.as_deref(), weights, &path));
        }
        Profiles { own, named }
    }

    /// A profile that is there already, with other weights.
    fn profile(&mut self, named: Option<&str>, weights: &WeightsFile, path: &str) -> Scheduling {
        let mut scheduling = named
            .and_then(|name| self.check.read(&format!("{path}.profile"), name.parse()))
            .unwrap_or(Scheduling::SPREAD);
        let of = &mut scheduling.weights;
        for (weight, said) in [
            (&mut of.resources, weights.resources),
            (&mut of.balance, weights.balance),
            (&mut of.gpus, weights.gpus),
            (&mut of.images, weights.images),
            (&mut of.node_affinity, weights.node_affinity),
            (&mut of.taints, weights.taints),
            (&mut of.pod_affinity, weights.pod_affinity),
            (&mut of.spread, weights.spread),
        ] {
            *weight = said.map_or(*weight, u64::from);
        }
        scheduling
    }

    fn hosts(&mut self) -> BTreeMap<NodeName, Host> {
        let mut hosts = BTreeMap::new();
        for (name, settings) in &self.file.hosts {
            let path = join("hosts", name);
            self.check.host_name(name, &path);
            let host = self.host(name, settings, &path);
            hosts.insert(host.name.clone(), host);
        }
        hosts
    }

    fn host(&mut self, name: &str, settings: &'f HostFile, path: &str) -> Host {
        let layers = self.layers(settings, path);
        let Settings { mut labels, taints, capacity, reserved, overcommit, sysctls, ssh } =
            self.settings(&layers);
        labels.insert(HOSTNAME_LABEL.to_owned(), name.to_owned());
        self.check.reserved(&format!("{path}.reserved"), &reserved, &capacity);
        let internal = settings.internal_address.as_deref();
        Host {
            name: NodeName::new(name),
            connection: self.connection(settings, ssh, path),
            internal_address: internal
                .and_then(|text| self.check.address(&format!("{path}.internalAddress"), text)),
            labels,
            taints,
            annotations: BTreeMap::new(),
            admission: Admission::Open,
            capacity,
            reserved: reserved.amounts(),
            overcommit,
            allowed_unsafe_sysctls: sysctls,
        }
    }

    fn connection(&mut self, settings: &HostFile, ssh: SshSettings, path: &str) -> Connection {
        let address = settings.address.as_deref();
        match settings.connection.unwrap_or(ConnectionFile::Ssh) {
            ConnectionFile::Local => {
                self.check.local(address.is_some(), path);
                Connection::Local(ssh.privilege)
            }
            ConnectionFile::Ssh => {
                let address = self.check.ssh_address(address, path);
                Connection::Ssh(SshSettings { address, ..ssh })
            }
        }
    }

    /// What the file says of all hosts.
    fn of_fleet(&self) -> Layer<'f> {
        Layer::of_fleet(&self.file.ssh, &self.file.overcommit)
    }

    /// What holds for a host, from the general to its own.
    fn layers(&mut self, settings: &'f HostFile, path: &str) -> Vec<Layer<'f>> {
        let mut layers = vec![self.of_fleet()];
        for (index, name) in settings.groups.iter().enumerate() {
            if let Some(group) = self.file.groups.get(name) {
                layers.push(Layer::of_group(name, group));
            } else {
                let known = self.file.groups.keys().map(String::as_str);
                self.check.unknown_group(&format!("{path}.groups[{index}]"), name, known);
            }
        }
        layers.push(Layer::of_host(path, settings));
        layers
    }

    /// Folds layers into one; the later of them wins.
    fn settings(&mut self, layers: &[Layer<'f>]) -> Settings {
        let mut settings = Settings::default();
        for layer in layers {
            layer.fold_into(&mut settings, self.home, self.check);
        }
        settings
    }
}
