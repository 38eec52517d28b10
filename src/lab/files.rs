//! The files in which a lab host differs from a plain Debian, each with the reason for it.

use super::kind::{Flavour, Release};
use super::site::{Place, Site};

/// One file, link or directory of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostFile {
    /// Its path, without the leading slash.
    pub(super) path: String,
    /// What is there.
    pub(super) content: Content,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A file of this text, which all may read.
    Text(String),
    /// A symbolic link.
    Link(&'static str),
}

/// Units that cost time or memory and do nothing here, want the internet, or would change the machine (systemd-sysctl).
const MASKED: [&str; 15] = [
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "console-getty.service",
    "dpkg-db-backup.timer",
    "ldconfig.service",
    "netavark-dhcp-proxy.service",
    "netavark-dhcp-proxy.socket",
    "podman-auto-update.timer",
    "ssh.socket",
    "systemd-firstboot.service",
    "systemd-journal-catalog-update.service",
    "systemd-logind.service",
    "systemd-modules-load.service",
    "systemd-sysctl.service",
    "systemd-update-done.service",
];

/// What starts systemd.
const INIT: &str = include_str!("scripts/init.sh");

/// Everything that makes a host of the base.
pub(super) fn files(
    site: &Site,
    place: &Place,
    (flavour, release): (Flavour, Release),
) -> Vec<HostFile> {
    let Place { name, address, .. } = place;
    let registry = site.gateway();
    let mut files = vec![
        text("etc/hostname", format!("{name}\n")),
        text("etc/hosts", format!("127.0.0.1 localhost\n{address} {name}\n")),
        // No name server: what asks for a name of the internet hears at once that there is none.
        text("etc/resolv.conf", String::new()),
        text("etc/ssh/sshd_config.d/bowline-lab.conf", sshd(release)),
        text("etc/containers/containers.conf.d/bowline-lab.conf", containers(flavour)),
        text(
            "etc/containers/registries.conf.d/bowline-lab.conf",
            registries(&registry.to_string()),
        ),
    ];
    match flavour {
        Flavour::Systemd => {
            files.push(text("usr/local/lib/bowline-lab/init", INIT.to_owned()));
            files.push(text(
                "etc/systemd/system.conf.d/bowline-lab.conf",
                format!("[Manager]\nDefaultTimeoutStopSec=10s\nDefaultEnvironment={QUIET}=1\n"),
            ));
            files.extend(
                MASKED.iter().map(|unit| link(&format!("etc/systemd/system/{unit}"), "/dev/null")),
            );
        }
        Flavour::Bare => {}
    }
    files
}

/// Silences podman 5's notice that the machine's cgroups are of version 1.
const QUIET: &str = "PODMAN_IGNORE_CGROUPSV1_WARNING";

fn text(path: &str, text: String) -> HostFile {
    HostFile { path: path.to_owned(), content: Content::Text(text) }
}

fn link(path: &str, target: &'static str) -> HostFile {
    HostFile { path: path.to_owned(), content: Content::Link(target) }
}

/// Quick logins, many at once; one host key, which the known_hosts file has.
fn sshd(release: Release) -> String {
    let penalties = match release {
        Release::Trixie => "PerSourcePenalties no\n",
        // Its sshd does not know the word.
        Release::Bookworm => "",
    };
    format!(
        "HostKey /etc/ssh/ssh_host_ed25519_key\n\
         UsePAM no\n\
         UseDNS no\n\
         PasswordAuthentication no\n\
         MaxStartups 200:30:400\n\
         MaxSessions 200\n\
         SetEnv {QUIET}=1\n\
         {penalties}"
    )
}

/// The machine may lack the right to raise limits (`CAP_SYS_RESOURCE`), and crun refuses cgroups of both versions at once.
fn containers(flavour: Flavour) -> String {
    let manager = match flavour {
        Flavour::Systemd => "systemd",
        Flavour::Bare => "cgroupfs",
    };
    format!(
        "[containers]\n\
         default_ulimits = [\"nofile=20000:20000\", \"nproc=32768:32768\"]\n\
         keyring = false\n\
         log_driver = \"k8s-file\"\n\
         \n\
         [engine]\n\
         runtime = \"runc\"\n\
         cgroup_manager = \"{manager}\"\n\
         events_logger = \"file\"\n\
         \n\
         [network]\n\
         network_backend = \"netavark\"\n"
    )
}

/// Docker Hub's names lead to the lab's registry, and only there: an unknown one is not found, with or without the internet.
fn registries(registry: &str) -> String {
    format!(
        "unqualified-search-registries = [\"docker.io\"]\n\
         \n\
         [[registry]]\n\
         prefix = \"docker.io\"\n\
         location = \"{registry}:5000\"\n\
         insecure = true\n\
         \n\
         [[registry]]\n\
         location = \"{registry}:5000\"\n\
         insecure = true\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(files: &[HostFile], path: &str) -> String {
        match files.iter().find(|f| f.path == path).map(|f| &f.content) {
            Some(Content::Text(text)) => text.clone(),
            Some(Content::Link(target)) => format!("-> {target}"),
            None => "absent".to_owned(),
        }
    }

    fn of(flavour: Flavour, release: Release) -> Vec<HostFile> {
        let site = Site::default();
        files(&site, &site.host(2), (flavour, release))
    }

    #[test]
    fn a_bare_host_has_no_units() {
        let bare = of(Flavour::Bare, Release::Trixie);
        assert!(bare.iter().all(|f| !f.path.starts_with("etc/systemd/")));
        let conf = content(&bare, "etc/containers/containers.conf.d/bowline-lab.conf");
        assert!(conf.contains("cgroup_manager = \"cgroupfs\""), "{conf}");
    }

    #[test]
    fn bookworm_is_not_told_what_its_sshd_does_not_know() {
        let path = "etc/ssh/sshd_config.d/bowline-lab.conf";
        let trixie = content(&of(Flavour::Systemd, Release::Trixie), path);
        let bookworm = content(&of(Flavour::Systemd, Release::Bookworm), path);
        assert_eq!(trixie.strip_prefix(&bookworm), Some("PerSourcePenalties no\n"));
    }

    #[test]
    fn a_host_knows_its_own_name() {
        let files = of(Flavour::Systemd, Release::Trixie);
        insta::assert_snapshot!(content(&files, "etc/hosts"), @r"
        127.0.0.1 localhost
        10.42.0.12 node-2
        ");
    }
}
