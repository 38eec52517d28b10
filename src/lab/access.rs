//! What the rest of bowline needs to use a lab: an ordinary inventory, the hosts' keys, and a key to log in with.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::{LabError, at};
use super::host::{ensure_key, host_key};
use super::site::Place;
use crate::node::quote;

/// The settings of every lab's fleet. The ranges of pods and services lead nowhere on the machine itself.
const FLEET: &str = "\
# Written by `bowline lab up`.
fleet: lab
ssh:
  user: root
  identityFile: key
  knownHosts: known_hosts
network:
  podCIDR: 10.100.0.0/16
  hostPrefix: 24
  serviceCIDR: 10.96.0.0/16
hosts:
";

/// Makes the key pair that people log in with, and returns the public half.
pub(super) fn login_key(dir: &Path) -> Result<String, LabError> {
    fs::create_dir_all(dir).map_err(at(dir))?;
    ensure_key(&dir.join("key"), "bowline-lab")
}

/// Writes the inventory and the known_hosts file, and gives all to whom the directory around them belongs.
pub(super) fn write(dir: &Path, places: &[Place]) -> Result<(), LabError> {
    let mut known = String::new();
    for place in places {
        known.push_str(&known_line(place, &host_key(place)?));
    }
    for (name, text) in [("known_hosts", known), ("inventory.yaml", inventory(places))] {
        let path = dir.join(name);
        fs::write(&path, text).map_err(at(&path))?;
    }
    hand_over(dir)
}

/// Removes what was written; other files that somebody put there stay.
pub(super) fn remove(dir: &Path) {
    for name in ["inventory.yaml", "known_hosts", "key", "key.pub"] {
        drop(fs::remove_file(dir.join(name)));
    }
    drop(fs::remove_dir(dir));
}

fn known_line(place: &Place, key: &str) -> String {
    let key: Vec<&str> = key.split_whitespace().take(2).collect();
    format!("{},{} {}\n", place.address, place.name, key.join(" "))
}

fn inventory(places: &[Place]) -> String {
    let mut text = FLEET.to_owned();
    for Place { name, address, .. } in places {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name}:\n    address: {address}");
    }
    text
}

/// Root made the files, often by sudo: without this their owner could neither use the key nor remove them.
fn hand_over(dir: &Path) -> Result<(), LabError> {
    let Some(project) = dir.ancestors().skip(1).find(|d| !d.ends_with(".bowline")) else {
        return Ok(());
    };
    let owner = fs::metadata(project).map_err(at(project))?;
    let between = dir.ancestors().take_while(|d| *d != project).map(Path::to_owned);
    let files = ["inventory.yaml", "known_hosts", "key", "key.pub"].map(|f| dir.join(f));
    for path in between.chain(files) {
        chown(&path, Some(owner.uid()), Some(owner.gid())).map_err(at(&path))?;
    }
    Ok(())
}

/// Logs in to a host by the system's own client; without a command it is an interactive shell. Returns the exit code.
pub(super) fn log_in(dir: &Path, place: &Place, argv: &[String]) -> Result<i32, LabError> {
    let failed = |said: String| LabError::Command { command: format!("ssh {}", place.name), said };
    let option = |name: &str, path: PathBuf| format!("{name}={}", path.display());
    let status = Command::new("ssh")
        .args(["-F", "none", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes"])
        .args(["-o", "LogLevel=ERROR", "-o", "ConnectTimeout=5"])
        .args(["-o", &option("IdentityFile", dir.join("key"))])
        .args(["-o", &option("UserKnownHostsFile", dir.join("known_hosts"))])
        .arg(format!("root@{}", place.address))
        .arg("--")
        .args(remote_words(argv))
        .status()
        .map_err(|e| failed(e.to_string()))?;
    Ok(status.code().unwrap_or(255))
}

/// One word is a line for the host's shell, as with ssh. Several are a program and its arguments, and arrive as they are.
fn remote_words(argv: &[String]) -> Vec<String> {
    match argv {
        [] | [_] => argv.to_vec(),
        [..] => argv.iter().map(|word| quote(word)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::site::Site;

    #[test]
    fn the_inventory_names_every_host() {
        let site = Site::default();
        insta::assert_snapshot!(inventory(&[site.host(1), site.host(2)]), @r"
        # Written by `bowline lab up`.
        fleet: lab
        ssh:
          user: root
          identityFile: key
          knownHosts: known_hosts
        network:
          podCIDR: 10.100.0.0/16
          hostPrefix: 24
          serviceCIDR: 10.96.0.0/16
        hosts:
          node-1:
            address: 10.42.0.11
          node-2:
            address: 10.42.0.12
        ");
    }

    #[test]
    fn a_known_host_is_known_by_address_and_name() {
        let line = known_line(&Site::default().host(1), "ssh-ed25519 AAAA root@node-1\n");
        assert_eq!(line, "10.42.0.11,node-1 ssh-ed25519 AAAA\n");
    }

    #[test]
    fn several_words_keep_their_blanks_and_one_is_a_line() {
        let words =
            |argv: &[&str]| remote_words(&argv.iter().map(|&w| w.to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&["a | b"]), ["a | b"]);
        assert_eq!(words(&["echo", "a  b", "it's"]), ["echo", "'a  b'", r"'it'\''s'"]);
    }
}
