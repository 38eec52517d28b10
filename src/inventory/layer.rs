//! One place that says how hosts are: the fleet, a group, or the host itself.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::check::Check;
use super::duration::{DurationText, parse_duration};
use super::file::{
    AmountsFile, CapacityFile, GroupFile, HostFile, OvercommitFile, SizeFile, SshFile,
};
use super::home::Home;
use super::{CapacityOverride, Overcommit, Privilege, SshSettings, SysctlPattern, Taint};
use crate::document::join;
use crate::model::{Labels, QuantityError, parse_quantity_bytes, parse_quantity_milli};

/// What layers fold into; the address of the connection is the host's own and is not among it.
pub(super) struct Settings {
    pub(super) labels: Labels,
    pub(super) taints: Vec<Taint>,
    pub(super) capacity: CapacityOverride,
    pub(super) reserved: CapacityOverride,
    pub(super) overcommit: Overcommit,
    pub(super) sysctls: Vec<SysctlPattern>,
    pub(super) ssh: SshSettings,
}

impl Default for Settings {
    /// What holds where nothing is said.
    fn default() -> Self {
        Self {
            labels: Labels::new(),
            taints: Vec::new(),
            capacity: CapacityOverride::default(),
            reserved: CapacityOverride::default(),
            overcommit: Overcommit::default(),
            sysctls: Vec::new(),
            ssh: SshSettings {
                address: String::new(),
                port: 22,
                user: "root".to_owned(),
                identity_files: Vec::new(),
                known_hosts: None,
                privilege: Privilege::Direct,
                connect_timeout: Duration::from_secs(10),
                command_timeout: Duration::from_mins(10),
            },
        }
    }
}

/// A place that says how hosts are.
pub(super) struct Layer<'f> {
    /// The path at which it stands; empty for the fleet.
    path: String,
    /// What a size does not say: nobody logs in there.
    ssh: Option<&'f SshFile>,
    overcommit: &'f OvercommitFile,
    own: Option<Own<'f>>,
}

/// What the fleet as a whole does not say.
struct Own<'f> {
    labels: &'f Labels,
    taints: &'f [String],
    capacity: &'f CapacityFile,
    reserved: &'f AmountsFile,
    sysctls: &'f [String],
}

impl<'f> Layer<'f> {
    pub(super) fn of_fleet(ssh: &'f SshFile, overcommit: &'f OvercommitFile) -> Self {
        Self { path: String::new(), ssh: Some(ssh), overcommit, own: None }
    }

    pub(super) fn of_group(name: &str, group: &'f GroupFile) -> Self {
        let GroupFile {
            ssh,
            labels,
            taints,
            capacity,
            reserved,
            overcommit,
            allowed_unsafe_sysctls: sysctls,
        } = group;
        let own = Some(Own { labels, taints, capacity, reserved, sysctls });
        Self { path: join("groups", name), ssh: Some(ssh), overcommit, own }
    }

    pub(super) fn of_size(name: &str, size: &'f SizeFile) -> Self {
        let SizeFile { labels, taints, capacity, reserved, overcommit } = size;
        let own = Some(Own { labels, taints, capacity, reserved, sysctls: &[] });
        Self { path: join("sizes", name), ssh: None, overcommit, own }
    }

    pub(super) fn of_host(path: &str, host: &'f HostFile) -> Self {
        let HostFile {
            ssh,
            labels,
            taints,
            capacity,
            reserved,
            overcommit,
            allowed_unsafe_sysctls: sysctls,
            ..
        } = host;
        let own = Some(Own { labels, taints, capacity, reserved, sysctls });
        Self { path: path.to_owned(), ssh: Some(ssh), overcommit, own }
    }

    fn at(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    /// Lets what this layer says win over what was said before.
    pub(super) fn fold_into(&self, settings: &mut Settings, home: &Home, check: &mut Check<'_>) {
        self.fold_ssh(&mut settings.ssh, home, check);
        self.fold_overcommit(&mut settings.overcommit, check);
        let Some(own) = &self.own else { return };
        check.labels(own.labels, &self.at("labels"));
        settings.labels.extend(own.labels.clone());
        for (index, text) in own.taints.iter().enumerate() {
            let Some(taint) =
                check.read::<Taint, _>(&self.at(&format!("taints[{index}]")), text.parse())
            else {
                continue;
            };
            settings.taints.retain(|old| old.key != taint.key || old.effect != taint.effect);
            settings.taints.push(taint);
        }
        fold_capacity(own.capacity, &mut settings.capacity, &self.at("capacity"), check);
        fold_amounts(own.reserved, &mut settings.reserved, &self.at("reserved"), check);
        for (index, text) in own.sysctls.iter().enumerate() {
            let path = self.at(&format!("allowedUnsafeSysctls[{index}]"));
            settings.sysctls.extend(check.read::<SysctlPattern, _>(&path, text.parse()));
        }
    }

    fn fold_ssh(&self, ssh: &mut SshSettings, home: &Home, check: &mut Check<'_>) {
        let Some(said) = self.ssh else { return };
        if let Some(user) = &said.user {
            check.user(user, &self.at("ssh.user"));
            ssh.user.clone_from(user);
        }
        if let Some(port) = said.port {
            check.port(port, &self.at("ssh.port"));
            ssh.port = port;
        }
        self.fold_files(ssh, home, check);
        if let Some(sudo) = said.sudo {
            ssh.privilege = if sudo { Privilege::Sudo } else { Privilege::Direct };
        }
        for (text, field, timeout) in [
            (&said.connect_timeout, "ssh.connectTimeout", &mut ssh.connect_timeout),
            (&said.command_timeout, "ssh.commandTimeout", &mut ssh.command_timeout),
        ] {
            if let Some(DurationText(text)) = text {
                *timeout = check.timeout(&self.at(field), parse_duration(text)).unwrap_or(*timeout);
            }
        }
    }

    fn fold_overcommit(&self, overcommit: &mut Overcommit, check: &mut Check<'_>) {
        for (said, field, ratio) in [
            (&self.overcommit.cpu, "overcommit.cpu", &mut overcommit.cpu),
            (&self.overcommit.memory, "overcommit.memory", &mut overcommit.memory),
        ] {
            if let Some(Quantity(text)) = said {
                *ratio = check.ratio(&self.at(field), text).unwrap_or(*ratio);
            }
        }
    }

    fn fold_files(&self, ssh: &mut SshSettings, home: &Home, check: &mut Check<'_>) {
        let Some(said) = self.ssh else { return };
        if said.identity_file.is_some() && said.identity_files.is_some() {
            check.both(&self.at("ssh.identityFile"), "identityFiles");
        }
        if let Some(files) = &said.identity_files {
            let read = files.iter().enumerate().filter_map(|(index, file)| {
                check.read(&self.at(&format!("ssh.identityFiles[{index}]")), home.resolve(file))
            });
            ssh.identity_files = read.collect();
        } else if let Some(file) = &said.identity_file {
            let read = check.read(&self.at("ssh.identityFile"), home.resolve(file));
            ssh.identity_files = read.into_iter().collect();
        }
        if let Some(file) = &said.known_hosts {
            ssh.known_hosts = check.read(&self.at("ssh.knownHosts"), home.resolve(file));
        }
    }
}

fn fold_amounts(
    said: &AmountsFile,
    amounts: &mut CapacityOverride,
    path: &str,
    check: &mut Check<'_>,
) {
    let mut fold =
        |said: &Option<Quantity>, amount: &mut Option<u64>, field: &str, read: ReadQuantity| {
            if let Some(quantity) = said {
                *amount = check.read(&format!("{path}.{field}"), read(&quantity.0)).or(*amount);
            }
        };
    fold(&said.cpu, &mut amounts.cpu_milli, "cpu", parse_quantity_milli);
    fold(&said.memory, &mut amounts.memory_bytes, "memory", parse_quantity_bytes);
    amounts.pods = said.pods.or(amounts.pods);
}

fn fold_capacity(
    said: &CapacityFile,
    amounts: &mut CapacityOverride,
    path: &str,
    check: &mut Check<'_>,
) {
    for (name, quantity) in said {
        let path = join(path, name);
        let read: ReadQuantity =
            if name == "cpu" { parse_quantity_milli } else { parse_quantity_bytes };
        check.resource(name, &path);
        let Some(amount) = check.read(&path, read(&quantity.0)) else { continue };
        check.whole(name, &path, &quantity.0);
        match name.as_str() {
            "cpu" => amounts.cpu_milli = Some(amount),
            "memory" => amounts.memory_bytes = Some(amount),
            "pods" => amounts.pods = Some(amount),
            _ => {
                amounts.further.insert(name.clone(), amount);
            }
        }
    }
}

type ReadQuantity = fn(&str) -> Result<u64, QuantityError>;
