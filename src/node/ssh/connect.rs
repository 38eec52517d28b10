//! From an address to a connection that is logged in: TCP, key exchange, host key, login.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use russh::client::{self, DisconnectReason, Handle};
use russh::keys::PublicKeyOrCertificate;
use russh::{Preferred, SshId, cipher, compression, kex, mac};
use tokio::net::TcpStream;

use super::link::{Ending, EndingCell, Link};
use super::login;
use crate::inventory::SshSettings;
use crate::node::known_hosts::{HostName, KnownHosts};
use crate::node::shared::Shared;
use crate::node::{Limits, NodeError};

/// What to connect to, and by which rules.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub settings: &'a SshSettings,
    pub limits: &'a Limits,
    pub shared: &'a Shared,
}

/// Why a connection did not come about.
#[derive(Debug)]
pub(in crate::node) enum LinkError {
    /// The protocol or the network.
    Ssh(russh::Error),
    /// The host's key.
    Refused(Box<NodeError>),
}

impl From<russh::Error> for LinkError {
    fn from(error: russh::Error) -> Self {
        Self::Ssh(error)
    }
}

/// Judges the host's key, and notes why the connection ended.
pub(in crate::node) struct HostCheck {
    host: HostName,
    known: Arc<KnownHosts>,
    idle: Duration,
    ending: EndingCell,
}

impl client::Handler for HostCheck {
    type Error = LinkError;

    async fn check_server_key(
        &mut self,
        offered: &PublicKeyOrCertificate,
    ) -> Result<bool, LinkError> {
        match offered {
            PublicKeyOrCertificate::PublicKey { key, .. } => {
                let checked = self.known.check(&self.host, key);
                checked.map(|()| true).map_err(|error| LinkError::Refused(Box::new(error)))
            }
            // None was asked for.
            PublicKeyOrCertificate::Certificate(_) => Ok(false),
        }
    }

    async fn disconnected(&mut self, reason: DisconnectReason<LinkError>) -> Result<(), LinkError> {
        let ending = match &reason {
            DisconnectReason::ReceivedDisconnect(said) => {
                Ending::Cause(crate::node::conversation::printable(said.message.as_bytes()))
            }
            DisconnectReason::Error(LinkError::Ssh(russh::Error::KeepaliveTimeout)) => {
                Ending::Silence(self.idle)
            }
            DisconnectReason::Error(LinkError::Ssh(error)) => Ending::Cause(describe(error)),
            DisconnectReason::Error(LinkError::Refused(error)) => Ending::Cause(error.to_string()),
        };
        *self.ending.lock().unwrap_or_else(PoisonError::into_inner) = Some(ending);
        Ok(())
    }
}

/// Connects and logs in.
pub(super) async fn connect(target: Target<'_>) -> Result<Link, NodeError> {
    let Target { settings, limits, shared } = target;
    let host = HostName::new(&settings.address, settings.port);
    let address = host.shown();
    let known = shared.known_hosts(settings.known_hosts.as_deref()).await?;
    let config = Arc::new(config(limits, &known, &host));
    let ending = EndingCell::default();
    let check = HostCheck { host, known, idle: limits.idle, ending: Arc::clone(&ending) };
    let meeting = tokio::time::timeout(limits.connect, meet(settings, config, check));
    let mut handle = match meeting.await {
        Ok(Ok(handle)) => handle,
        Ok(Err(LinkError::Refused(error))) => return Err(*error),
        Ok(Err(LinkError::Ssh(error))) => {
            return Err(NodeError::Unreachable { address, cause: describe(&error) });
        }
        Err(_) => {
            let what = format!("connecting to {address}");
            return Err(NodeError::TimedOut { what, limit: limits.connect });
        }
    };
    login::log_in(target, &mut handle, &address).await?;
    Ok(Link::new(handle, address, ending))
}

async fn meet(
    settings: &SshSettings,
    config: Arc<client::Config>,
    check: HostCheck,
) -> Result<Handle<HostCheck>, LinkError> {
    let socket = TcpStream::connect((settings.address.as_str(), settings.port))
        .await
        .map_err(|error| LinkError::Ssh(error.into()))?;
    // Every message waits for the one before it: without this, each may wait for a delayed acknowledgement.
    socket.set_nodelay(true).map_err(|error| LinkError::Ssh(error.into()))?;
    client::connect_stream(config, socket, check).await
}

/// Three keepalives without an answer make up the idle limit.
const KEEPALIVES: u32 = 3;

fn config(limits: &Limits, known: &KnownHosts, host: &HostName) -> client::Config {
    client::Config {
        client_id: SshId::Standard(Cow::Borrowed(concat!(
            "SSH-2.0-bowline_",
            env!("CARGO_PKG_VERSION")
        ))),
        keepalive_interval: Some(limits.idle / KEEPALIVES),
        keepalive_max: KEEPALIVES as usize - 1,
        nodelay: true,
        preferred: Preferred {
            kex: Cow::Borrowed(KEX),
            key: Cow::Owned(known.algorithms(host)),
            host_key_certificates: Cow::Borrowed(&[]),
            cipher: Cow::Borrowed(CIPHERS),
            mac: Cow::Borrowed(MACS),
            compression: Cow::Borrowed(&[compression::NONE]),
        },
        ..client::Config::default()
    }
}

/// Key exchanges, the cheapest first: the many connections of a fleet are made anew by every run.
const KEX: &[kex::Name] = &[
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::MLKEM768X25519_SHA256,
    kex::ECDH_SHA2_NISTP256,
    kex::ECDH_SHA2_NISTP384,
    kex::ECDH_SHA2_NISTP521,
    kex::DH_GEX_SHA256,
    kex::DH_G16_SHA512,
    kex::DH_G18_SHA512,
    kex::DH_G14_SHA256,
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];

/// Ciphers, the fastest first where processors know AES; all of them authenticate, or go with a MAC over the ciphertext.
const CIPHERS: &[cipher::Name] = &[
    cipher::AES_128_GCM,
    cipher::AES_256_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];

const MACS: &[mac::Name] =
    &[mac::HMAC_SHA256_ETM, mac::HMAC_SHA512_ETM, mac::HMAC_SHA256, mac::HMAC_SHA512];

/// A protocol error in words for people.
fn describe(error: &russh::Error) -> String {
    match error {
        russh::Error::IO(error) => error.to_string(),
        russh::Error::HUP | russh::Error::Disconnect => "the host closed the connection".to_owned(),
        russh::Error::Version => "what answers there is no SSH server".to_owned(),
        russh::Error::NoCommonAlgo { theirs, .. } => {
            format!("the host offers only algorithms that are not used here: {}", theirs.join(", "))
        }
        other => other.to_string(),
    }
}
