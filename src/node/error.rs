//! Why a host could not be reached or did not finish a script.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use miette::Diagnostic;
use thiserror::Error;

/// Why a host could not be reached or did not finish a script. Display leaves the host out: whoever shows it names the host.
#[derive(Clone, Debug, Error, Diagnostic, PartialEq, Eq)]
pub enum NodeError {
    /// No connection could be made.
    #[error("cannot connect to {address}: {cause}")]
    Unreachable {
        /// Host and port that were tried.
        address: String,
        /// What the system said.
        cause: String,
    },
    /// The host's key is not in the known_hosts file.
    #[error(
        "the host key of {address} is not known: it offers {offered}, and {known_hosts} has no key for it"
    )]
    #[diagnostic(help("if this is the host's true fingerprint, run: {command}"))]
    HostKeyUnknown {
        /// Host and port.
        address: String,
        /// Algorithm and SHA256 fingerprint of the key that was offered.
        offered: String,
        /// The file that was searched.
        known_hosts: String,
        /// A command line that adds the key.
        command: String,
    },
    /// The host's key is another one than the known_hosts file has.
    #[error(
        "the host key of {address} has changed: {place} has {known}, the host offers {offered}"
    )]
    #[diagnostic(help(
        "if the host was reinstalled, remove the old key with: {command}; if not, somebody may be listening in between"
    ))]
    HostKeyChanged {
        /// Host and port.
        address: String,
        /// Algorithm and SHA256 fingerprint of the key that is on file.
        known: String,
        /// Algorithm and SHA256 fingerprint of the key that was offered.
        offered: String,
        /// The known_hosts file and the line in it that says so.
        place: String,
        /// A command line that removes the old key.
        command: String,
    },
    /// The host shows a key that the known_hosts file marks as revoked.
    #[error(
        "the host key of {address} is revoked: {place} says so of {offered}, which the host offers"
    )]
    #[diagnostic(help(
        "do not connect until the host has a new key: whoever holds the revoked one can pass for it"
    ))]
    HostKeyRevoked {
        /// Host and port.
        address: String,
        /// Algorithm and SHA256 fingerprint of the key that was offered.
        offered: String,
        /// The known_hosts file and the line in it that says so.
        place: String,
    },
    /// The host accepted none of our keys.
    #[error("{user}@{address} accepts none of our keys (tried: {tried})")]
    #[diagnostic(help("try: {command}"))]
    Authentication {
        /// The remote user.
        user: String,
        /// Host and port.
        address: String,
        /// The keys that were offered, or what kept them from being offered.
        tried: String,
        /// The same login by OpenSSH, for comparison.
        command: String,
    },
    /// A key file is encrypted and nobody could be asked for its passphrase.
    #[error("the key {} is encrypted, and there is no terminal to ask for its passphrase", path.display())]
    #[diagnostic(help("add it to the agent first: ssh-add {}", path.display()))]
    KeyEncrypted {
        /// The key file.
        path: PathBuf,
    },
    /// A key file cannot be read.
    #[error("cannot read the key {}: {cause}", path.display())]
    KeyUnreadable {
        /// The key file.
        path: PathBuf,
        /// What the system or the parser said.
        cause: String,
    },
    /// The known_hosts file cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    KnownHosts {
        /// The file.
        path: PathBuf,
        /// What the system or the parser said.
        cause: String,
    },
    /// The connection ended while a script ran: what had not been reported may or may not have happened.
    #[error("the connection to {address} was lost: {cause}")]
    Lost {
        /// Host and port.
        address: String,
        /// What ended it.
        cause: String,
    },
    /// A time limit passed.
    #[error("{what} took longer than {} s", limit.as_secs())]
    TimedOut {
        /// What was waited for.
        what: String,
        /// The limit.
        limit: Duration,
    },
    /// Another run kept the host's lock for too long.
    #[error("another run is changing this host: its lock was not free within {} s", waited.as_secs())]
    Busy {
        /// How long was waited.
        waited: Duration,
    },
    /// The host could not connect to an address on our behalf.
    #[error("the host cannot connect to {to}: {cause}")]
    Dial {
        /// The address.
        to: SocketAddr,
        /// What the system or the host's SSH server said.
        cause: String,
    },
    /// A command has an argument that no program can be given.
    #[error("an argument of `{program}` holds a zero byte, which no program can be given")]
    Argument {
        /// The program.
        program: String,
    },
    /// The remote shell could not be started (no sudo right, no shell, no flock).
    #[error("the host cannot run scripts: {cause}")]
    Shell {
        /// What it said.
        cause: String,
    },
}
