//! `bowline lab`: real hosts on this machine, for trying out and for tests.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::lab::{
    Flavour, HostState, LabError, LabReport, LabSpec, LabStatus, Packages, PowerOff, Release, Site,
    down, power_off, power_on, size, ssh, status, up,
};

/// Raise real hosts on this machine, for trying out and for tests
#[derive(Debug, Args)]
pub(super) struct LabArgs {
    #[command(subcommand)]
    command: LabCommand,
    /// Another lab beside the machine's own, for tests: its name and the second number of its addresses
    #[arg(long, global = true, hide = true, value_name = "NAME:NUMBER", value_parser = site)]
    site: Option<Site>,
}

#[derive(Debug, Subcommand)]
enum LabCommand {
    /// Raise a lab, or complete the one that stands
    Up(UpArgs),
    /// Take the lab down and remove everything of it but the cached base and images
    Down,
    /// Show the lab's hosts
    Status,
    /// Log in to a host, or run one command there and give its exit code
    Ssh {
        /// The host, such as node-1
        node: String,
        /// The command: one word is a line for the host's shell, several arrive as they are
        #[arg(last = true)]
        argv: Vec<String>,
    },
    /// Shut a host down; its disks stay
    Stop {
        /// The host, such as node-1
        node: String,
        /// Cut it off at once, as a power cut does
        #[arg(long)]
        cut: bool,
    },
    /// Turn a host on again
    Start {
        /// The host, such as node-1
        node: String,
    },
}

#[derive(Debug, Args)]
struct UpArgs {
    /// How many hosts; those that stand already stay [default: 3, or as many as stand]
    #[arg(long, value_name = "N")]
    nodes: Option<usize>,
    /// Run sshd alone on each host, without systemd: for fleets of 100
    #[arg(long)]
    bare: bool,
    /// Debian's release on the hosts
    #[arg(long, value_enum, default_value_t = ReleaseName::Trixie)]
    release: ReleaseName,
    /// Where the inventory and the keys go
    #[arg(long, value_name = "DIR", default_value = ".bowline/lab")]
    dir: PathBuf,
    /// Name the Debian packages that this machine lacks, instead of installing them
    #[arg(long)]
    no_install: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReleaseName {
    /// Debian 13
    Trixie,
    /// Debian 12
    Bookworm,
}

fn site(text: &str) -> Result<Site, String> {
    let wrong = || format!("`{text}` is not NAME:NUMBER, such as test:43");
    let (name, octet) = text.split_once(':').ok_or_else(wrong)?;
    Ok(Site::named(name, octet.parse().map_err(|_| wrong())?))
}

/// How many hosts a lab has where nobody says.
const NODES: usize = 3;

/// Runs the command and returns the exit code; data goes to `out`, progress to `err`.
pub(super) fn run(
    args: LabArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<i32, LabError> {
    let site = args.site.unwrap_or_default();
    // Who closed the terminal does not want to hear more, but the lab should be whole.
    let mut progress = |line: &str| drop(writeln!(err, "{line}"));
    match args.command {
        LabCommand::Up(args) => {
            let report = up(&args.spec(site), &mut progress)?;
            print(out, &raised(&report))
        }
        LabCommand::Down => {
            if down(&site, &mut progress)? {
                return Ok(0);
            }
            progress("there is no lab on this machine: nothing to do");
            Ok(0)
        }
        LabCommand::Status => {
            let status = status(&site)?;
            print(out, &table(&status))?;
            let whole =
                status.registry && status.hosts.iter().all(|h| h.state == HostState::Answering);
            Ok(i32::from(!whole))
        }
        LabCommand::Ssh { node, argv } => ssh(&site, &node, &argv),
        LabCommand::Stop { node, cut } => {
            power_off(&site, &node, if cut { PowerOff::Cut } else { PowerOff::Clean })?;
            progress(&format!("{node} is off"));
            Ok(0)
        }
        LabCommand::Start { node } => {
            power_on(&site, &node)?;
            progress(&format!("{node} answers"));
            Ok(0)
        }
    }
}

impl UpArgs {
    fn spec(self, site: Site) -> LabSpec {
        // A damaged record is an error for `up` itself to report.
        let standing = || size(&site).ok().flatten();
        LabSpec {
            nodes: self.nodes.or_else(standing).unwrap_or(NODES),
            flavour: if self.bare { Flavour::Bare } else { Flavour::Systemd },
            release: match self.release {
                ReleaseName::Trixie => Release::Trixie,
                ReleaseName::Bookworm => Release::Bookworm,
            },
            dir: self.dir,
            packages: if self.no_install { Packages::Name } else { Packages::Install },
            site,
        }
    }
}

fn print(out: &mut dyn Write, text: &str) -> Result<i32, LabError> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
            Err(LabError::File { path: "standard output".into(), source })
        }
        Ok(()) | Err(_) => Ok(0),
    }
}

fn raised(report: &LabReport) -> String {
    let LabReport { inventory, nodes, started, took } = report;
    format!(
        "{nodes} hosts up, {} of them started now ({:.1} s)\ninventory: {}\n",
        started.len(),
        took.as_secs_f64(),
        inventory.display()
    )
}

fn table(status: &LabStatus) -> String {
    let LabStatus { dir, flavour, release, registry, hosts } = status;
    let release = match release {
        Release::Trixie => "Debian 13",
        Release::Bookworm => "Debian 12",
    };
    let flavour = match flavour {
        Flavour::Systemd => "systemd",
        Flavour::Bare => "bare",
    };
    let mut text = format!("{:<10} {:<12} {:<10} {}\n", "NAME", "ADDRESS", "STATE", "MEMORY");
    for host in hosts {
        let state = match host.state {
            HostState::Answering => "up",
            HostState::Starting => "starting",
            HostState::Off => "off",
        };
        let memory = host.memory.map_or("-".to_owned(), |b| format!("{:.1} MiB", mebibytes(b)));
        let (name, address) = (&host.name, host.address.to_string());
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<10} {address:<12} {state:<10} {memory}");
    }
    let registry = if *registry { "up" } else { "off" };
    text + &format!("\n{flavour} hosts of {release}, registry {registry}, {}\n", dir.display())
}

/// Bytes in MiB, to a tenth.
fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes.saturating_mul(10) >> 20).unwrap_or(u32::MAX)) / 10.0
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::lab::HostStatus;

    #[test]
    fn a_status_is_a_table() {
        let host = |n: u8, state, memory| HostStatus {
            name: format!("node-{n}"),
            address: Ipv4Addr::new(10, 42, 0, 10 + n),
            state,
            memory,
        };
        let status = LabStatus {
            dir: "/home/ada/shop/.bowline/lab".into(),
            flavour: Flavour::Systemd,
            release: Release::Trixie,
            registry: true,
            hosts: vec![
                host(1, HostState::Answering, Some(31_000_000)),
                host(2, HostState::Off, None),
            ],
        };
        insta::assert_snapshot!(table(&status), @r"
        NAME       ADDRESS      STATE      MEMORY
        node-1     10.42.0.11   up         29.5 MiB
        node-2     10.42.0.12   off        -

        systemd hosts of Debian 13, registry up, /home/ada/shop/.bowline/lab
        ");
    }
}
