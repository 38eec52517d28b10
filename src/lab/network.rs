//! The bridge, and a network namespace and a link a host.

use std::fs;
use std::path::Path;

use super::command::{run, run_with_input};
use super::error::LabError;
use super::site::{Place, Site};

/// Makes the bridge and gives the machine its address on it; nothing changes when they are there.
pub(super) fn ensure_bridge(site: &Site) -> Result<(), LabError> {
    let bridge = site.bridge();
    refuse_taken(site, &run(&["ip", "-4", "-o", "addr", "show"])?)?;
    if run(&["ip", "link", "show", "dev", &bridge]).is_err() {
        run(&["ip", "link", "add", &bridge, "type", "bridge"])?;
    }
    let address = format!("{}/24", site.gateway());
    run(&["ip", "addr", "replace", &address, "dev", &bridge])?;
    run(&["ip", "link", "set", &bridge, "up"]).map(drop)
}

/// Removes the bridge, and what `ip netns` mounts for the first namespace if ours were the last.
pub(super) fn remove_bridge(site: &Site) -> Result<(), LabError> {
    if run(&["ip", "link", "show", "dev", &site.bridge()]).is_ok() {
        run(&["ip", "link", "del", &site.bridge()])?;
    }
    let names = Path::new("/run/netns");
    if fs::read_dir(names).is_ok_and(|mut entries| entries.next().is_none()) {
        // Not mounted, or taken by somebody in this moment: nothing is lost.
        drop(run(&["umount", "/run/netns"]));
        drop(fs::remove_dir(names));
    }
    Ok(())
}

/// Refuses when a device that is not ours has an address of the lab's range.
fn refuse_taken(site: &Site, addresses: &str) -> Result<(), LabError> {
    let prefix = site.gateway().to_string();
    let prefix = prefix.trim_end_matches('1');
    for line in addresses.lines() {
        let mut words = line.split_whitespace().skip(1);
        let (Some(device), Some("inet"), Some(address)) =
            (words.next(), words.next(), words.next())
        else {
            continue;
        };
        if address.starts_with(prefix) && device != site.bridge() {
            return Err(LabError::RangeTaken {
                range: site.range(),
                device: device.to_owned(),
                address: address.to_owned(),
            });
        }
    }
    Ok(())
}

/// Gives a host a new network: what a former boot left in the kernel (rules, routes, bridges) is gone with the old one.
pub(super) fn attach(site: &Site, place: &Place) -> Result<(), LabError> {
    detach(place)?;
    let Place { netns, link, mac, address, .. } = place;
    let (bridge, gateway) = (site.bridge(), site.gateway());
    run(&["ip", "netns", "add", netns])?;
    run_with_input(
        &["ip", "-batch", "-"],
        &format!(
            "link add {link} type veth peer name eth0 address {mac} netns {netns}\n\
             link set {link} master {bridge} up\n"
        ),
    )?;
    run_with_input(
        &["ip", "-n", netns, "-batch", "-"],
        &format!(
            "link set lo up\n\
             link set eth0 up\n\
             addr add {address}/24 dev eth0\n\
             route add default via {gateway}\n"
        ),
    )
    .map(drop)
}

/// Removes a host's link and network namespace; nothing changes when they are not there.
pub(super) fn detach(place: &Place) -> Result<(), LabError> {
    // The link goes first and by name: it would otherwise vanish at some later moment, with the namespace.
    if run(&["ip", "link", "show", "dev", &place.link]).is_ok() {
        run(&["ip", "link", "del", &place.link])?;
    }
    let listed = run(&["ip", "netns", "list"])?;
    if listed.lines().any(|l| l.split_whitespace().next() == Some(place.netns.as_str())) {
        run(&["ip", "netns", "del", &place.netns])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_device_in_the_range_is_named() {
        let shown = "1: lo    inet 127.0.0.1/8 scope host lo\n9: cni0    inet 10.42.0.1/24 scope global cni0\n";
        let error = refuse_taken(&Site::default(), shown).unwrap_err();
        insta::assert_snapshot!(error, @"the lab's range 10.42.0.0/24 is taken: cni0 has the address 10.42.0.1/24");
    }

    #[test]
    fn our_own_bridge_is_no_obstacle() {
        let shown =
            "9: bowline0    inet 10.42.0.1/24 scope global bowline0\n3: eth0 inet 10.42.1.7/24 x\n";
        refuse_taken(&Site::default(), shown).unwrap();
    }
}
