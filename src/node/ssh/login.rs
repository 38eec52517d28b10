//! Logging in by public key: which keys are offered, in which order, and what is said when none is accepted.
//!
//! Key files that the inventory names come first, as `ssh` does with `IdentitiesOnly`; what the agent holds comes before the
//! usual files. Nobody is asked for a passphrase while a key that needs none is left. Servers hang up after a few refused keys
//! (`MaxAuthTries`, six), so no more than five are offered.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use russh::client::{AuthResult, Handle};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey};
use tokio::net::UnixStream;

use super::connect::{HostCheck, Target};
use crate::node::NodeError;
use crate::node::keyring::Glance;
use crate::node::known_hosts::fingerprint;

const OFFERS: usize = 5;

/// The usual key files of `~/.ssh`, the best kind first.
const USUAL_FILES: &[&str] = &["id_ed25519", "id_ecdsa", "id_rsa"];

/// Logs in on a fresh connection.
pub(super) async fn log_in(
    target: Target<'_>,
    handle: &mut Handle<HostCheck>,
    address: &str,
) -> Result<(), NodeError> {
    let mut login = Login {
        target,
        handle,
        address,
        agent: None,
        offered: Vec::new(),
        tried: Vec::new(),
        problem: None,
    };
    if login.offer_all().await? { Ok(()) } else { Err(login.refused()) }
}

struct Login<'a> {
    target: Target<'a>,
    handle: &'a mut Handle<HostCheck>,
    address: &'a str,
    agent: Option<Agent>,
    /// What the server has seen.
    offered: Vec<KeyData>,
    /// The same for people, with what kept keys from being offered.
    tried: Vec<String>,
    /// The first key file that could not be used.
    problem: Option<NodeError>,
}

/// The agent's connection, and what it holds.
struct Agent {
    client: AgentClient<UnixStream>,
    identities: Vec<AgentIdentity>,
}

/// Whether key files may cost a question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Files that are not encrypted, or whose key the agent holds.
    Silent,
    /// The others.
    Asking,
}

impl Login<'_> {
    async fn offer_all(&mut self) -> Result<bool, NodeError> {
        let named = self.named_files();
        if named.is_empty() {
            let usual = self.usual_files();
            return Ok(self.offer_agent().await?
                || self.offer_files(&usual, Pass::Silent).await?
                || self.offer_files(&usual, Pass::Asking).await?);
        }
        Ok(self.offer_files(&named, Pass::Silent).await?
            || self.offer_files(&named, Pass::Asking).await?
            || self.offer_agent().await?)
    }

    fn named_files(&self) -> Vec<PathBuf> {
        let files = self.target.settings.identity_files.iter();
        files.map(|path| self.target.shared.expand(path)).collect()
    }

    fn usual_files(&self) -> Vec<PathBuf> {
        let Some(home) = &self.target.shared.home else {
            return Vec::new();
        };
        let files = USUAL_FILES.iter().map(|name| home.join(".ssh").join(name));
        files.filter(|path| path.exists()).collect()
    }

    async fn offer_files(&mut self, files: &[PathBuf], pass: Pass) -> Result<bool, NodeError> {
        for path in files {
            if self.is_spent() {
                break;
            }
            let accepted = match (self.target.shared.keyring.glance(path).await, pass) {
                (Err(problem), Pass::Silent) => {
                    self.tried.push(format!("{} (unreadable)", path.display()));
                    self.problem.get_or_insert(problem);
                    false
                }
                (Ok(Glance::Plain(key)), Pass::Silent) => self.offer_key(key, path).await?,
                (Ok(Glance::Encrypted(Some(public))), Pass::Silent) => {
                    self.offer_agents_key(&public).await?
                }
                (Ok(Glance::Encrypted(public)), Pass::Asking) => {
                    let is_offered = public.is_some_and(|key| self.has_offered(&key));
                    !is_offered && self.offer_locked(path).await?
                }
                (Ok(Glance::Encrypted(None)), Pass::Silent)
                | (Ok(Glance::Plain(_)) | Err(_), Pass::Asking) => false,
            };
            if accepted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn offer_locked(&mut self, path: &Path) -> Result<bool, NodeError> {
        match self.target.shared.keyring.unlock(path).await {
            Ok(key) => self.offer_key(key, path).await,
            Err(problem) => {
                self.tried.push(format!("{} (encrypted)", path.display()));
                self.problem.get_or_insert(problem);
                Ok(false)
            }
        }
    }

    async fn offer_key(&mut self, key: Arc<PrivateKey>, path: &Path) -> Result<bool, NodeError> {
        if self.has_offered(key.public_key()) {
            return Ok(false);
        }
        let Some(hash) = self.hash_for(key.public_key()).await? else {
            return Ok(false);
        };
        self.note(key.public_key(), &path.display().to_string());
        let key = PrivateKeyWithHashAlg::new(key, hash);
        let user = self.target.settings.user.clone();
        let answer = self.handle.authenticate_publickey(user, key);
        let answer = within(self.target.limits.connect, answer).await?;
        Ok(self.accepted(answer.map_err(|error| error.to_string())))
    }

    async fn offer_agent(&mut self) -> Result<bool, NodeError> {
        self.meet_agent().await;
        let identities = self.agent.as_ref().map(|a| a.identities.clone()).unwrap_or_default();
        for identity in identities {
            if self.is_spent() {
                break;
            }
            if self.offer_identity(&identity).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn offer_agents_key(&mut self, public: &PublicKey) -> Result<bool, NodeError> {
        self.meet_agent().await;
        let identities = self.agent.iter().flat_map(|agent| agent.identities.iter());
        let same = |identity: &&AgentIdentity| match identity {
            AgentIdentity::PublicKey { key, .. } => key.key_data() == public.key_data(),
            AgentIdentity::Certificate { .. } => false,
        };
        match identities.into_iter().find(same).cloned() {
            Some(identity) => self.offer_identity(&identity).await,
            None => Ok(false),
        }
    }

    async fn offer_identity(&mut self, identity: &AgentIdentity) -> Result<bool, NodeError> {
        let public = identity.public_key().into_owned();
        if self.has_offered(&public) {
            return Ok(false);
        }
        let Some(hash) = self.hash_for(&public).await? else {
            return Ok(false);
        };
        self.note(&public, "agent");
        let Some(agent) = &mut self.agent else {
            return Ok(false);
        };
        let user = self.target.settings.user.clone();
        // The agent itself may ask somebody to confirm or to touch a token, so that no time limit fits.
        let answer = match identity {
            AgentIdentity::PublicKey { key, .. } => {
                let key = key.clone();
                self.handle.authenticate_publickey_with(user, key, hash, &mut agent.client).await
            }
            AgentIdentity::Certificate { certificate, .. } => {
                let certificate = certificate.clone();
                let client = &mut agent.client;
                self.handle.authenticate_certificate_with(user, certificate, hash, client).await
            }
        };
        Ok(self.accepted(answer.map_err(|error| error.to_string())))
    }

    /// Connects to the agent, once; an agent that is not there holds no keys.
    async fn meet_agent(&mut self) {
        let Some(socket) =
            self.target.shared.agent_socket.as_ref().filter(|_| self.agent.is_none())
        else {
            return;
        };
        let met = within(self.target.limits.connect, async {
            let mut client = AgentClient::connect_uds(socket).await.ok()?;
            // Keys that are bound to certain hosts are shown to a connection that names its host; agents that do not know this
            // refuse, and show what they have.
            if let Some(binding) = self.handle.agent_session_binding() {
                let _ = client.bind_session(binding, false).await;
            }
            let identities = client.request_identities().await.ok()?;
            Some(Agent { client, identities })
        });
        self.agent = met.await.ok().flatten();
        let note = format!("the agent at {} does not answer", socket.display());
        if self.agent.is_none() && !self.tried.contains(&note) {
            self.tried.push(note);
        }
    }

    /// The hash to sign with: for RSA keys SHA-2, as far as the server knows it. `None`: the server wants SHA-1, which is not
    /// used.
    async fn hash_for(&mut self, key: &PublicKey) -> Result<Option<Option<HashAlg>>, NodeError> {
        if !key.algorithm().is_rsa() {
            return Ok(Some(None));
        }
        let hash =
            within(self.target.limits.connect, self.handle.best_supported_rsa_hash()).await?;
        match hash {
            Ok(Some(None)) => {
                self.tried
                    .push(format!("{} (the host knows RSA with SHA-1 only)", fingerprint(key)));
                Ok(None)
            }
            Ok(Some(Some(hash))) => Ok(Some(Some(hash))),
            // A server that does not say what it knows may still know SHA-2.
            Ok(None) | Err(_) => Ok(Some(Some(HashAlg::Sha512))),
        }
    }

    fn accepted(&mut self, answer: Result<AuthResult, String>) -> bool {
        match answer {
            Ok(AuthResult::Success) => true,
            Ok(AuthResult::Failure { partial_success: true, .. }) => {
                self.tried
                    .push("which was accepted, but the host wants more than a key".to_owned());
                false
            }
            Ok(AuthResult::Failure { .. }) => false,
            Err(cause) => {
                self.tried.push(format!("which could not sign: {cause}"));
                false
            }
        }
    }

    fn note(&mut self, key: &PublicKey, source: &str) {
        self.offered.push(key.key_data().clone());
        self.tried.push(format!("{} ({source})", fingerprint(key)));
    }

    fn has_offered(&self, key: &PublicKey) -> bool {
        self.offered.contains(key.key_data())
    }

    fn is_spent(&self) -> bool {
        self.offered.len() >= OFFERS || self.handle.is_closed()
    }

    fn refused(self) -> NodeError {
        if let Some(problem) = self.problem {
            return problem;
        }
        let settings = self.target.settings;
        let tried = if self.tried.is_empty() {
            "there is no agent, and no key file".to_owned()
        } else {
            self.tried.join(", ")
        };
        let files = settings.identity_files.iter().map(|path| format!("-i {} ", path.display()));
        let (files, user) = (files.collect::<String>(), settings.user.clone());
        let command = format!("ssh -v -p {} {files}{user}@{}", settings.port, settings.address);
        let address = self.address.to_owned();
        NodeError::Authentication { user, address, tried, command }
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, NodeError> {
    let timed_out = |_| NodeError::TimedOut { what: "logging in".to_owned(), limit };
    tokio::time::timeout(limit, work).await.map_err(timed_out)
}
