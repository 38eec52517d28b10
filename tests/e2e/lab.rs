//! The lab itself: up, completed, cut off, healed and taken down, with nothing left.

use std::fs;
use std::process::Command;

use bowline::lab::{
    Flavour, HostState, LabError, LabSpec, PowerOff, Release, down, power_off, power_on, ssh, up,
};

use crate::trial::{Trial, runnable};

const ALL_UP: [HostState; 3] = [HostState::Answering; 3];

/// A pod with an address of its own, of an image under a public name and a tag that nobody made.
const POD: &str = "podman network create --subnet 10.100.1.0/24 t >/dev/null && \
    podman pod create --name p --network t:ip=10.100.1.5 >/dev/null && \
    podman run -d --pod p docker.io/library/nginx:1.14.2 >/dev/null && \
    curl -s --retry 20 --retry-connrefused --retry-delay 1 10.100.1.5 | grep -q 'Answered by p'";

fn lives(name: &'static str, octet: u8, flavour: Flavour, release: Release) {
    if !runnable() {
        return;
    }
    let mut lab = Trial::new(name, octet, flavour, release);
    assert_eq!(lab.up().unwrap(), ["node-1", "node-2"]);
    assert_eq!(lab.up().unwrap(), [""; 0], "a second up has nothing to do");
    lab.spec.nodes = 3;
    assert_eq!(lab.up().unwrap(), ["node-3"]);
    assert_eq!(lab.states(), ALL_UP);

    assert_eq!(lab.run("node-2", "exit 7"), 7);
    assert_eq!(lab.run("node-2", "hostname | grep -qx node-2"), 0);
    assert_eq!(lab.run("node-1", POD), 0);
    let unknown = "podman pull docker.io/library/nginx-typo:1 2>&1 | grep -q 'manifest unknown'";
    assert_eq!(lab.run("node-1", unknown), 0);
    refusals(&lab);
    power(&lab);

    assert_ne!(lab.traces(), [""; 0], "the traces that are looked for below exist");
    assert!(down(&lab.spec.site, &mut |_| {}).unwrap());
    assert_eq!(lab.traces(), [""; 0]);
    assert!(!lab.spec.dir.exists());
    assert!(!down(&lab.spec.site, &mut |_| {}).unwrap(), "a second down has nothing to do");
}

/// What stands is neither taken over by another directory nor changed into another kind.
fn refusals(lab: &Trial) {
    let elsewhere = LabSpec { dir: "/tmp/another-place".into(), ..lab.spec.clone() };
    assert!(matches!(up(&elsewhere, &mut |_| {}), Err(LabError::OtherOwner { .. })));
    let flavour = match lab.spec.flavour {
        Flavour::Systemd => Flavour::Bare,
        Flavour::Bare => Flavour::Systemd,
    };
    let other = LabSpec { flavour, ..lab.spec.clone() };
    assert!(matches!(up(&other, &mut |_| {}), Err(LabError::OtherKind { .. })));
    let unknown = ssh(&lab.spec.site, "node-9", &[]);
    assert!(matches!(unknown, Err(LabError::UnknownNode { nodes: 3, .. })));
}

/// Power cuts and shutdowns: a host that is off is off, disks outlive it, and what runs comes from the disks.
fn power(lab: &Trial) {
    let site = &lab.spec.site;
    let off_and_on = [PowerOff::Cut, PowerOff::Clean];
    for how in off_and_on {
        assert_eq!(lab.run("node-2", "echo kept >/root/kept; echo lost >/run/lost; sync"), 0);
        power_off(site, "node-2", how).unwrap();
        assert_eq!(lab.states(), [ALL_UP[0], HostState::Off, ALL_UP[2]]);
        assert_eq!(lab.run("node-2", "true"), 255, "nobody answers for a host that is off");
        power_on(site, "node-2").unwrap();
        assert_eq!(lab.run("node-2", "test -e /root/kept && test ! -e /run/lost"), 0);
    }
    // As after a reboot of the machine: nothing runs, and no link is there.
    for node in ["node-1", "node-2", "node-3"] {
        power_off(site, node, PowerOff::Cut).unwrap();
    }
    let gone = Command::new("ip").args(["link", "del", &site.bridge()]).status().unwrap();
    assert!(gone.success());
    assert_eq!(lab.up().unwrap().len(), 3);
    assert_eq!(lab.states(), ALL_UP);
    assert_eq!(lab.run("node-1", "podman pod start p >/dev/null && curl -s --retry 20 --retry-connrefused --retry-delay 1 10.100.1.5 >/dev/null"), 0);
}

#[test]
fn systemd_hosts_live_and_leave_nothing() {
    lives("labsys", 44, Flavour::Systemd, Release::Trixie);
}

#[test]
fn bare_hosts_live_and_leave_nothing() {
    lives("labbare", 45, Flavour::Bare, Release::Trixie);
}

#[test]
fn down_is_safe_when_half_up() {
    if !runnable() {
        return;
    }
    let lab = Trial::new("labhalf", 46, Flavour::Bare, Release::Trixie);
    lab.up().unwrap();
    // The record is damaged, a link and the keys are gone, a process is dead.
    fs::write("/var/lib/labhalf-lab/lab.json", "{").unwrap();
    assert!(Command::new("ip").args(["link", "del", "labhalf-1"]).status().unwrap().success());
    fs::remove_dir_all(&lab.spec.dir).unwrap();
    assert!(matches!(lab.up(), Err(LabError::Record { .. })));
    assert!(down(&lab.spec.site, &mut |_| {}).unwrap());
    assert_eq!(lab.traces(), [""; 0]);
}

#[test]
#[ignore = "makes a second base, which takes a minute the first time"]
fn bookworm_hosts_live_and_leave_nothing() {
    lives("labold", 47, Flavour::Systemd, Release::Bookworm);
    lives("labold", 47, Flavour::Bare, Release::Bookworm);
}
