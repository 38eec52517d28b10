//! What the machine must have before a lab can be raised: Linux, root's rights, and a few Debian packages.

use std::path::Path;

use super::command::{run, run_logged};
use super::error::LabError;
use super::kind::Flavour;
use super::site::cache;

/// What to do about Debian packages that the machine lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packages {
    /// Install them by apt-get.
    #[default]
    Install,
    /// Only name them.
    Name,
}

/// Programs that a lab needs, each with the Debian package that brings it.
const PROGRAMS: [(&str, &str); 8] = [
    ("debootstrap", "debootstrap"),
    ("ip", "iproute2"),
    ("mount", "mount"),
    ("nsenter", "util-linux"),
    ("setsid", "util-linux"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("unshare", "util-linux"),
];

/// Refuses when this is not Linux or not root.
pub(super) fn require_root(command: &'static str) -> Result<(), LabError> {
    if !cfg!(target_os = "linux") {
        return Err(LabError::NotLinux { system: std::env::consts::OS });
    }
    if !rustix::process::geteuid().is_root() {
        return Err(LabError::NotRoot { command });
    }
    Ok(())
}

/// Finds the programs that hosts of this flavour need, and installs what is missing.
pub(super) fn ensure(
    flavour: Flavour,
    packages: Packages,
    progress: &mut dyn FnMut(&str),
) -> Result<(), LabError> {
    let lacking = missing(flavour);
    if lacking.is_empty() {
        return Ok(());
    }
    match packages {
        Packages::Install if exists("apt-get") => {
            let names = names(&lacking);
            progress(&format!("installing {} by apt-get", names.join(", ")));
            install(&names)?;
        }
        Packages::Install | Packages::Name => return Err(refusal(&lacking)),
    }
    let lacking = missing(flavour);
    if lacking.is_empty() { Ok(()) } else { Err(refusal(&lacking)) }
}

fn install(packages: &[String]) -> Result<(), LabError> {
    let log = cache().join("apt-get.log");
    let mut argv = vec!["apt-get", "install", "--yes", "--no-install-recommends"];
    // A machine that has just been started often updates itself.
    argv.extend(["-o", "DPkg::Lock::Timeout=120"]);
    argv.extend(packages.iter().map(String::as_str));
    // A new machine has no package lists, or old ones: only then is the update needed.
    if run_logged(&argv, &log).is_err() {
        run_logged(&["apt-get", "update"], &log)?;
        run_logged(&argv, &log)?;
    }
    Ok(())
}

type Program = (&'static str, &'static str);

fn missing(flavour: Flavour) -> Vec<Program> {
    let mut programs = PROGRAMS.to_vec();
    match flavour {
        Flavour::Systemd => programs.push(("systemd-nspawn", "systemd-container")),
        Flavour::Bare => {}
    }
    programs.retain(|(program, _)| !exists(program));
    programs
}

fn names(programs: &[Program]) -> Vec<String> {
    let mut names: Vec<String> = programs.iter().map(|(_, p)| (*p).to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

fn refusal(lacking: &[Program]) -> LabError {
    LabError::Packages {
        programs: lacking.iter().map(|(p, _)| (*p).to_owned()).collect(),
        packages: names(lacking),
    }
}

/// Whether a program is where programs are.
fn exists(program: &str) -> bool {
    let found = run(&["sh", "-c", "command -v \"$1\"", "sh", program]);
    found.is_ok_and(|path| Path::new(path.trim()).is_absolute())
}

#[cfg(test)]
mod tests {
    use miette::Diagnostic as _;

    use super::*;

    #[test]
    fn a_refusal_names_each_package_once() {
        let refusal = refusal(&[("ssh", "openssh-client"), ("ssh-keygen", "openssh-client")]);
        insta::assert_snapshot!(refusal, @"a lab needs programs that are not installed: ssh, ssh-keygen");
        insta::assert_snapshot!(refusal.help().unwrap(), @"install the Debian packages: apt-get install openssh-client");
    }

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(exists("sh"));
        assert!(!exists("no-such-program-here"));
    }
}
