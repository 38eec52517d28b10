//! Where things of a lab are: names, addresses and paths, derived from the lab's name and the host's number.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// The most hosts of one lab: addresses 10.x.0.11 to 10.x.0.254.
pub const MAX_NODES: usize = 244;

/// What keeps the labs of one machine apart: a name and a network.
///
/// People have one lab, [`Site::default`]. Tests take another name and octet, so that they leave a person's lab alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    name: String,
    octet: u8,
}

impl Default for Site {
    fn default() -> Self {
        Self { name: "bowline".to_owned(), octet: 42 }
    }
}

impl Site {
    /// A lab beside the default one; its addresses are 10.`octet`.0.0/24.
    ///
    /// The name begins the names of network links, which have 15 characters at most: it may have 11.
    pub fn named(name: &str, octet: u8) -> Self {
        Self { name: name.chars().take(11).collect(), octet }
    }

    /// The directory of everything that a lab keeps outside a project.
    pub(super) fn state(&self) -> PathBuf {
        PathBuf::from(format!("/var/lib/{}-lab", self.name))
    }

    /// The name of the cgroup that the hosts' cgroups are in.
    pub(super) fn cgroup(&self) -> String {
        format!("{}-lab", self.name)
    }

    /// The bridge that joins the hosts with each other and with the machine.
    pub fn bridge(&self) -> String {
        format!("{}0", self.name)
    }

    /// The machine's own address on the bridge.
    pub fn gateway(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, self.octet, 0, 1)
    }

    /// The lab's range of addresses.
    pub(super) fn range(&self) -> String {
        format!("10.{}.0.0/24", self.octet)
    }

    /// The host of this number, counted from 1.
    pub(super) fn host(&self, number: usize) -> Place {
        let name = format!("node-{number}");
        let last = u8::try_from(10 + number).unwrap_or(u8::MAX);
        Place {
            address: Ipv4Addr::new(10, self.octet, 0, last),
            mac: format!("02:42:0a:{:02x}:00:{last:02x}", self.octet),
            netns: format!("{}-{name}", self.name),
            link: format!("{}-{number}", self.name),
            cgroup: format!("{}/{name}", self.cgroup()),
            dir: self.state().join("hosts").join(&name),
            name,
        }
    }
}

/// One host's names, address and paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The host's name, `node-N`.
    pub(super) name: String,
    /// Its address on the bridge.
    pub(super) address: Ipv4Addr,
    /// Its hardware address: a fixed one, or the others would keep a stale one after a power cut.
    pub(super) mac: String,
    /// Its network namespace, and its name among the machine's containers.
    pub(super) netns: String,
    /// The machine's end of its link.
    pub(super) link: String,
    /// Its cgroup, below the root of every hierarchy.
    pub(super) cgroup: String,
    /// The directory of its disks.
    pub(super) dir: PathBuf,
}

impl Place {
    /// What the host has written over the base.
    pub(super) fn upper(&self) -> PathBuf {
        self.dir.join("upper")
    }

    /// What the host prints on its console.
    pub(super) fn console(&self) -> PathBuf {
        self.dir.join("console.log")
    }
}

/// The directory of what all labs share and what outlives them.
pub(super) fn cache() -> &'static Path {
    Path::new("/var/cache/bowline/lab")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_names_fit_for_the_last_host_of_the_longest_site() {
        let place = Site::named("a-long-name-indeed", 43).host(MAX_NODES);
        assert_eq!(place.link, "a-long-name-244");
        assert_eq!(place.link.len(), 15);
        assert_eq!(place.address, Ipv4Addr::new(10, 43, 0, 254));
    }

    #[test]
    fn addresses_begin_at_eleven() {
        let place = Site::default().host(1);
        assert_eq!(place.address, Ipv4Addr::new(10, 42, 0, 11));
        assert_eq!(place.mac, "02:42:0a:2a:00:0b");
        assert_eq!(place.netns, "bowline-node-1");
    }
}
