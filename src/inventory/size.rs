//! Hosts as they are said on a command line, for questions about hosts that nobody has: `3xcpu=8,memory=32Gi`.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::str::FromStr;

use super::parse::{HOSTNAME_LABEL, UNREACHABLE_AFTER};
use super::resource::{is_in_parts, meant};
use super::{
    Admission, CapacityOverride, Cidr, Connection, Host, Inventory, Network, Overcommit, Privilege,
    Profiles, Taint, TaintError,
};
use crate::model::{
    FleetName, GPU, GPU_MILLI, Labels, NodeName, QuantityError, Resources, names,
    parse_quantity_bytes, parse_quantity_milli,
};

/// The most hosts that one such text says.
const COUNT_MAX: usize = 1000;

/// A size that can be typed, for hints.
const EXAMPLE: &str = "cpu=8,memory=32Gi";

/// Some hosts of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizedHosts {
    /// How many.
    pub count: usize,
    /// Their size.
    pub size: Size,
}

/// What a host is to a scheduler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    /// What the inventory says of a size of this name, or what its host of this name is.
    Named(String),
    /// What is said.
    Said(Box<Said>),
}

/// A host that is said part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub(super) capacity: CapacityOverride,
    pub(super) reserved: Resources,
    pub(super) overcommit: Overcommit,
    pub(super) labels: Labels,
    pub(super) taints: Vec<Taint>,
}

/// Why a text says no hosts.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// Too few or too many.
    #[error("`{text}` says {count} hosts: 1 to {COUNT_MAX} can be said at once")]
    Count {
        /// The text as written.
        text: String,
        /// The number as written.
        count: String,
    },
    /// A part is no name with a value.
    #[error("`{part}` is not a part of a host's size")]
    Part {
        /// The part as written.
        part: String,
    },
    /// No host has an amount of this name.
    #[error("`{name}` is nothing that a host has")]
    Name {
        /// The name as written.
        name: String,
        /// What was probably meant.
        meant: Option<String>,
    },
    /// A name is there twice.
    #[error("`{name}` is said twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// An amount is none.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// It is had as a whole only.
    #[error("`{text}` is not a whole number")]
    Parts {
        /// The amount as written.
        text: String,
    },
    /// A taint is none.
    #[error(transparent)]
    Taint(#[from] TaintError),
    /// A label cannot be one.
    #[error("the label `{label}` {why}")]
    Label {
        /// The label as written.
        label: String,
        /// What is wrong with it.
        why: String,
    },
    /// Without both of these nobody knows what fits.
    #[error("`{text}` does not say how much {missing} the host has")]
    Missing {
        /// The text as written.
        text: String,
        /// What is not said.
        missing: &'static str,
    },
}

impl SizeError {
    /// What to type instead.
    pub fn hint(&self) -> String {
        match self {
            Self::Count { .. } => format!("type for instance: 3x{EXAMPLE}"),
            Self::Name { meant: Some(meant), .. } => format!("did you mean `{meant}`?"),
            Self::Twice { name } => format!("say `{name}` once"),
            Self::Missing { text, missing: "CPU" } => format!("type for instance: {text},cpu=8"),
            Self::Missing { text, .. } => format!("type for instance: {text},memory=32Gi"),
            Self::Label { .. } => format!("type for instance: {EXAMPLE},label:zone=a"),
            Self::Taint(_) => format!("type for instance: {EXAMPLE},taint:gpu=yes:NoSchedule"),
            Self::Part { .. }
            | Self::Name { meant: None, .. }
            | Self::Quantity(_)
            | Self::Parts { .. } => {
                format!("type for instance: {EXAMPLE},nvidia.com/gpu=2,label:zone=a")
            }
        }
    }
}

/// A number before an `x`, and what follows; `None` where a text does not begin so.
pub(super) fn counted(text: &str) -> Option<(&str, &str)> {
    let (count, size) = text.split_once('x')?;
    let is_count = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    is_count.then_some((count, size))
}

impl FromStr for SizedHosts {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let (count, size) = match counted(text) {
            Some((count, size)) => {
                let wrong = || SizeError::Count { text: text.to_owned(), count: count.to_owned() };
                let number: usize = count.parse().map_err(|_| wrong())?;
                if !(1..=COUNT_MAX).contains(&number) {
                    return Err(wrong());
                }
                (number, size)
            }
            None => (1, text),
        };
        let is_name = !size.is_empty() && !size.contains(['=', ',', ':']);
        let size = if is_name {
            Size::Named(size.to_owned())
        } else {
            Size::Said(Box::new(size.parse()?))
        };
        Ok(Self { count, size })
    }
}

impl FromStr for Said {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        let mut said = Self::default();
        for part in text.split(',') {
            said.add(part)?;
        }
        let missing = |missing| SizeError::Missing { text: text.to_owned(), missing };
        said.capacity.cpu_milli.ok_or_else(|| missing("CPU"))?;
        said.capacity.memory_bytes.ok_or_else(|| missing("memory"))?;
        Ok(said)
    }
}

impl Said {
    fn add(&mut self, part: &str) -> Result<(), SizeError> {
        if let Some(taint) = part.strip_prefix("taint:") {
            self.taints.push(taint.parse()?);
            return Ok(());
        }
        let (name, value) =
            part.split_once('=').ok_or_else(|| SizeError::Part { part: part.to_owned() })?;
        let twice = || SizeError::Twice { name: name.to_owned() };
        if let Some(label) = name.strip_prefix("label:") {
            let wrong = |why| SizeError::Label { label: format!("{label}={value}"), why };
            names::label_key(label).map_err(wrong)?;
            names::label_value(value).map_err(wrong)?;
            let before = self.labels.insert(label.to_owned(), value.to_owned());
            return before.map_or(Ok(()), |_| Err(twice()));
        }
        if is_in_parts(name, value) {
            return Err(SizeError::Parts { text: value.to_owned() });
        }
        let amounts = &mut self.capacity;
        let before = match name {
            "cpu" => amounts.cpu_milli.replace(parse_quantity_milli(value)?),
            "memory" => amounts.memory_bytes.replace(parse_quantity_bytes(value)?),
            "pods" => amounts.pods.replace(parse_quantity_bytes(value)?),
            "ephemeral-storage" => insert(amounts, name, value)?,
            _ if name.contains('/') && name != GPU_MILLI && names::label_key(name).is_ok() => {
                insert(amounts, name, value)?
            }
            GPU_MILLI => {
                return Err(SizeError::Name { name: name.to_owned(), meant: Some(GPU.to_owned()) });
            }
            _ => {
                let meant = meant(name).map(str::to_owned);
                return Err(SizeError::Name { name: name.to_owned(), meant });
            }
        };
        before.map_or(Ok(()), |_| Err(twice()))
    }

    /// A host of this size; nobody can get there.
    pub fn host(&self, name: NodeName) -> Host {
        let mut labels = self.labels.clone();
        labels.insert(HOSTNAME_LABEL.to_owned(), name.to_string());
        Host {
            name,
            connection: Connection::Local(Privilege::Direct),
            internal_address: None,
            labels,
            taints: self.taints.clone(),
            annotations: BTreeMap::new(),
            admission: Admission::Open,
            capacity: self.capacity.clone(),
            reserved: self.reserved,
            overcommit: self.overcommit,
            allowed_unsafe_sysctls: Vec::new(),
        }
    }
}

fn insert(
    amounts: &mut CapacityOverride,
    name: &str,
    value: &str,
) -> Result<Option<u64>, QuantityError> {
    Ok(amounts.further.insert(name.to_owned(), parse_quantity_bytes(value)?))
}

impl Host {
    /// Another host that is like this one and takes new pods.
    #[must_use]
    pub fn twin(&self, name: NodeName) -> Self {
        let mut labels = self.labels.clone();
        labels.insert(HOSTNAME_LABEL.to_owned(), name.to_string());
        let (internal_address, admission) = (None, Admission::Open);
        Self { name, internal_address, labels, admission, ..self.clone() }
    }
}

impl Inventory {
    /// A fleet of hosts that nobody has. Its ranges are wide, so that nothing but the hosts themselves bounds what fits.
    pub fn made_up() -> Self {
        Self {
            fleet: FleetName::new("simulated"),
            hosts: BTreeMap::new(),
            groups: BTreeMap::new(),
            sizes: BTreeMap::new(),
            network: Network {
                pod_cidr: Cidr { network: Ipv4Addr::new(10, 0, 0, 0), prefix: 8 },
                host_prefix: 22,
                service_cidr: Cidr { network: Ipv4Addr::new(172, 16, 0, 0), prefix: 12 },
            },
            unreachable_after: UNREACHABLE_AFTER,
            overcommit: Overcommit::default(),
            scheduling: Profiles::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_said_by_a_name_or_part_by_part() {
        let like: SizedHosts = "2xweb-1".parse().unwrap();
        assert_eq!(like, SizedHosts { count: 2, size: Size::Named("web-1".into()) });
        let named: SizedHosts = "xlarge".parse().unwrap();
        assert_eq!(named, SizedHosts { count: 1, size: Size::Named("xlarge".into()) });
        let text = "3xcpu=7500m,memory=32Gi,pods=50,nvidia.com/gpu=2,label:zone=a,taint:gpu=yes:NoSchedule";
        let hosts: SizedHosts = text.parse().unwrap();
        let Size::Said(said) = hosts.size else { panic!("{hosts:?}") };
        let host = said.host("new-1".into());
        assert_eq!(hosts.count, 3);
        let CapacityOverride { cpu_milli, memory_bytes, pods, further } = host.capacity;
        assert_eq!((cpu_milli, memory_bytes, pods), (Some(7500), Some(32 << 30), Some(50)));
        assert_eq!(further, BTreeMap::from([("nvidia.com/gpu".to_owned(), 2)]));
        assert_eq!(host.labels["zone"], "a");
        assert_eq!(host.labels[HOSTNAME_LABEL], "new-1");
        assert_eq!(host.taints[0].to_string(), "gpu=yes:NoSchedule");
    }

    #[test]
    fn what_is_wrong_is_named_with_what_to_type() {
        for (text, problem, hint) in [
            ("0xa", "`0xa` says 0 hosts: 1 to 1000 can be said at once", "3xcpu=8,memory=32Gi"),
            ("99999999999999999999xa", "says 99999999999999999999 hosts", "3xcpu=8,memory=32Gi"),
            ("", "`` is not a part of a host's size", "cpu=8,memory=32Gi,nvidia.com/gpu=2"),
            ("3x", "`` is not a part of a host's size", "cpu=8,memory=32Gi,nvidia.com/gpu=2"),
            ("cpu=8", "`cpu=8` does not say how much memory", "cpu=8,memory=32Gi"),
            ("memory=8Gi", "does not say how much CPU", "memory=8Gi,cpu=8"),
            ("cpu=8,memroy=8Gi", "`memroy` is nothing that a host has", "did you mean `memory`?"),
            ("cpu=8,memory=8GB", "`8GB` is not a quantity", "cpu=8,memory=32Gi"),
            ("cpu=8,cpu=9,memory=1Gi", "`cpu` is said twice", "say `cpu` once"),
            ("cpu=8,memory=1Gi,label:a b=c", "the label `a b=c`", "label:zone=a"),
            ("cpu=8,memory=1Gi,taint:x:Never", "Never", "taint:gpu=yes:NoSchedule"),
        ] {
            let error = text.parse::<SizedHosts>().unwrap_err();
            assert!(error.to_string().contains(problem), "{text}: {error}");
            assert!(error.hint().contains(hint), "{text}: {}", error.hint());
        }
    }
}
