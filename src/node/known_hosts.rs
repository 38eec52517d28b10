//! The keys that hosts are known by, as OpenSSH's known_hosts files list them.
//!
//! Source: the section on the file format in sshd(8). Host certificates are not asked for, so lines of authorities
//! (`@cert-authority`) say nothing here. A line that cannot be read is passed over, as OpenSSH does: a host is then at most
//! unknown, never trusted.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use russh::keys::ssh_key::{Algorithm, EcdsaCurve, HashAlg};
use russh::keys::{PublicKey, parse_public_key_base64};

use super::NodeError;

/// The lines of one or more known_hosts files.
#[derive(Debug, Default)]
pub(super) struct KnownHosts {
    files: Vec<PathBuf>,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    /// The position of its file.
    file: usize,
    /// Counted from 1.
    number: usize,
    status: Status,
    /// Patterns, or hashed names, separated by commas.
    names: String,
    key: PublicKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Trusted,
    Revoked,
}

/// A host as known_hosts files name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostName {
    address: String,
    port: u16,
}

impl HostName {
    pub(super) fn new(address: &str, port: u16) -> Self {
        Self { address: address.to_ascii_lowercase(), port }
    }

    /// The name that a line must have.
    pub(super) fn listed(&self) -> String {
        let Self { address, port } = self;
        if *port == 22 { address.clone() } else { format!("[{address}]:{port}") }
    }

    /// Address and port, for people.
    pub(super) fn shown(&self) -> String {
        let Self { address, port } = self;
        if address.contains(':') {
            format!("[{address}]:{port}")
        } else {
            format!("{address}:{port}")
        }
    }
}

impl KnownHosts {
    /// Reads the texts of files, in the order in which they are searched.
    pub(super) fn parse(files: &[(PathBuf, String)]) -> Self {
        let mut known = Self::default();
        for (file, (path, text)) in files.iter().enumerate() {
            known.files.push(path.clone());
            let lines = text.lines().enumerate();
            known.lines.extend(lines.filter_map(|(n, line)| parse_line(file, n + 1, line)));
        }
        known
    }

    /// Host key algorithms in the order to ask for: those of the keys that are known come first, since a server shows
    /// only one of its keys.
    pub(super) fn algorithms(&self, host: &HostName) -> Vec<Algorithm> {
        let known = self.trusted(host);
        let is_known = |algorithm: &Algorithm| {
            known.iter().any(|line| same_type(&line.key.algorithm(), algorithm))
        };
        let (mut first, then): (Vec<_>, Vec<_>) = ALGORITHMS.iter().cloned().partition(is_known);
        first.extend(then);
        first
    }

    /// Accepts the key that a host shows, or says why not.
    pub(super) fn check(&self, host: &HostName, offered: &PublicKey) -> Result<(), NodeError> {
        let address = host.shown();
        let is_offered = |line: &Line| line.key.key_data() == offered.key_data();
        let revoked = |line: &&Line| line.status == Status::Revoked && line.names_host(host);
        if let Some(line) = self.lines.iter().filter(revoked).find(|line| is_offered(line)) {
            return Err(NodeError::HostKeyRevoked {
                address,
                offered: fingerprint(offered),
                place: self.place(line),
            });
        }
        let known = self.trusted(host);
        if known.iter().any(|line| is_offered(line)) {
            return Ok(());
        }
        let of_type = |line: &&&Line| same_type(&line.key.algorithm(), &offered.algorithm());
        // A line without the port vouches for a key, as for OpenSSH, but does not make another one a changed one.
        let exact: Vec<&Line> =
            known.into_iter().filter(|line| line.lists(&host.listed())).collect();
        match exact.iter().find(of_type).or(exact.first()) {
            Some(line) => Err(NodeError::HostKeyChanged {
                address,
                known: fingerprint(&line.key),
                offered: fingerprint(offered),
                place: self.place(line),
                command: format!("ssh-keygen -R '{}' -f {}", host.listed(), self.file(line.file)),
            }),
            None => Err(NodeError::HostKeyUnknown {
                address,
                offered: fingerprint(offered),
                known_hosts: self.searched(),
                command: self.command_to_add(host, offered),
            }),
        }
    }

    fn trusted(&self, host: &HostName) -> Vec<&Line> {
        let trusted = |line: &&Line| line.status == Status::Trusted && line.names_host(host);
        self.lines.iter().filter(trusted).collect()
    }

    fn file(&self, position: usize) -> String {
        self.files.get(position).map(|path| path.display().to_string()).unwrap_or_default()
    }

    fn place(&self, line: &Line) -> String {
        format!("{}:{}", self.file(line.file), line.number)
    }

    fn searched(&self) -> String {
        let names: Vec<String> = self.files.iter().map(|path| path.display().to_string()).collect();
        if names.is_empty() { "no known_hosts file".to_owned() } else { names.join(" or ") }
    }

    fn command_to_add(&self, host: &HostName, key: &PublicKey) -> String {
        let file = self
            .files
            .first()
            .map_or("~/.ssh/known_hosts".to_owned(), |path| path.display().to_string());
        let (name, blob) = (host.listed(), STANDARD.encode(key.to_bytes().unwrap_or_default()));
        format!("echo '{name} {} {blob}' >> {file}", key.algorithm())
    }
}

impl Line {
    /// Whether the line is about a host, by its name with the port or, as OpenSSH also accepts, without.
    fn names_host(&self, host: &HostName) -> bool {
        self.lists(&host.listed()) || (host.port != 22 && self.lists(&host.address))
    }

    fn lists(&self, name: &str) -> bool {
        let mut listed = false;
        for entry in self.names.split(',') {
            match entry.strip_prefix('!') {
                Some(refused) if matches(refused, name) => return false,
                Some(_) => {}
                None => listed |= matches_hash(entry, name) || matches(entry, name),
            }
        }
        listed
    }
}

/// Algorithm and SHA256 fingerprint, as `ssh-keygen -l` shows them.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    format!("{} {}", key.algorithm(), key.fingerprint(HashAlg::Sha256))
}

/// What hosts may sign with, the cheapest to verify first. RSA with SHA-1 (`ssh-rsa`) is left out: OpenSSH dropped it in 8.8.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::Ed25519,
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
    Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
    Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
];

fn same_type(one: &Algorithm, other: &Algorithm) -> bool {
    match (one, other) {
        (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }) => true,
        (one, other) => one == other,
    }
}

fn parse_line(file: usize, number: usize, text: &str) -> Option<Line> {
    let mut words = text.split_ascii_whitespace();
    let first = words.next()?;
    let (status, names) = match first {
        "@revoked" => (Status::Revoked, words.next()?),
        _ if first.starts_with('@') || first.starts_with('#') => return None,
        names => (Status::Trusted, names),
    };
    let kind = words.next()?;
    let key = parse_public_key_base64(words.next()?).ok()?;
    let names =
        if names.starts_with("|1|") { names.to_owned() } else { names.to_ascii_lowercase() };
    (key.algorithm().as_str() == kind).then_some(Line { file, number, status, names, key })
}

/// Matches a name that ssh hashed: `|1|SALT|HMAC-SHA1 of the name`.
fn matches_hash(entry: &str, name: &str) -> bool {
    let Some((salt, hash)) = entry.strip_prefix("|1|").and_then(|rest| rest.split_once('|')) else {
        return false;
    };
    let (Ok(salt), Ok(hash)) = (STANDARD.decode(salt), STANDARD.decode(hash)) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &salt);
    hmac::verify(&key, name.as_bytes(), &hash).is_ok()
}

/// Matches a pattern with `*` and `?` in time that grows with the product of the lengths at most.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    // Where the last star was, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == name[n] => {
                p += 1;
                n += 1;
            }
            Some(_) | None => {
                let Some((at, taken)) = star else {
                    return false;
                };
                star = Some((at, taken + 1));
                p = at + 1;
                n = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
#[path = "tests/known_hosts.rs"]
mod tests;
