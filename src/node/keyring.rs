//! Private key files, each read once and unlocked at most once by a whole run, however many hosts use it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use russh::keys::{Error as KeyError, PrivateKey, PublicKey, decode_secret_key};
use tokio::sync::OnceCell;

use super::NodeError;

/// Asks a person for a passphrase.
pub trait Ask: Send + Sync {
    /// Asks for the passphrase of a key file; `attempt` counts from 1. `None` ends the asking.
    ///
    /// May block: it is called on a thread of its own, never twice at a time.
    fn passphrase(&self, key: &Path, attempt: u32) -> Option<String>;
}

/// How often a person is asked for one passphrase, as `ssh` does.
const ATTEMPTS: u32 = 3;

/// All key files of a run.
pub(super) struct Keyring {
    ask: Option<Arc<dyn Ask>>,
    files: Mutex<BTreeMap<PathBuf, Arc<KeyFile>>>,
    /// Held while somebody is asked.
    asking: tokio::sync::Mutex<()>,
}

/// One key file, read at its first use.
#[derive(Default)]
pub(super) struct KeyFile {
    read: OnceCell<Result<Secret, NodeError>>,
    unlocked: OnceCell<Result<Arc<PrivateKey>, NodeError>>,
}

/// What a key file holds.
#[derive(Clone)]
enum Secret {
    Plain(Arc<PrivateKey>),
    /// The file's text, and the public key if the file shows it without the passphrase.
    Encrypted(Arc<str>, Option<Box<PublicKey>>),
}

/// What is known of a key file without asking for a passphrase.
#[derive(Clone, Debug)]
pub(super) enum Glance {
    /// The key itself.
    Plain(Arc<PrivateKey>),
    /// It needs a passphrase; the public key, if that is known.
    Encrypted(Option<Box<PublicKey>>),
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").finish_non_exhaustive()
    }
}

impl Keyring {
    pub(super) fn new(ask: Option<Arc<dyn Ask>>) -> Self {
        Self { ask, files: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    /// Reads a key file without asking anybody.
    pub(super) async fn glance(&self, path: &Path) -> Result<Glance, NodeError> {
        Ok(match self.read(path).await? {
            Secret::Plain(key) => Glance::Plain(key),
            Secret::Encrypted(_, public) => Glance::Encrypted(public),
        })
    }

    /// The private key of a file, for which a person may be asked.
    pub(super) async fn unlock(&self, path: &Path) -> Result<Arc<PrivateKey>, NodeError> {
        let text = match self.read(path).await? {
            Secret::Plain(key) => return Ok(key),
            Secret::Encrypted(text, _) => text,
        };
        let file = self.file(path);
        file.unlocked.get_or_init(|| self.ask_for(path, text)).await.clone()
    }

    fn file(&self, path: &Path) -> Arc<KeyFile> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(files.entry(path.to_owned()).or_default())
    }

    async fn read(&self, path: &Path) -> Result<Secret, NodeError> {
        let file = self.file(path);
        file.read.get_or_init(|| read(path)).await.clone()
    }

    async fn ask_for(&self, path: &Path, text: Arc<str>) -> Result<Arc<PrivateKey>, NodeError> {
        let Some(ask) = &self.ask else {
            return Err(NodeError::KeyEncrypted { path: path.to_owned() });
        };
        let _asking = self.asking.lock().await;
        for attempt in 1..=ATTEMPTS {
            let (ask, text, path) = (Arc::clone(ask), Arc::clone(&text), path.to_owned());
            // Asking blocks, and so does turning a passphrase into a key, which is slow on purpose.
            let asked = tokio::task::spawn_blocking(move || {
                let passphrase = ask.passphrase(&path, attempt)?;
                Some(decode_secret_key(&text, Some(&passphrase)))
            });
            match asked.await {
                Ok(Some(Ok(key))) => return Ok(Arc::new(key)),
                Ok(Some(Err(_))) => {}
                Ok(None) | Err(_) => break,
            }
        }
        let cause = "its passphrase was not given".to_owned();
        Err(NodeError::KeyUnreadable { path: path.to_owned(), cause })
    }
}

async fn read(path: &Path) -> Result<Secret, NodeError> {
    let unreadable = |cause: String| NodeError::KeyUnreadable { path: path.to_owned(), cause };
    let text = tokio::fs::read_to_string(path).await.map_err(|e| unreadable(e.to_string()))?;
    if let Ok(key) = PrivateKey::from_openssh(&text) {
        return Ok(if key.is_encrypted() {
            Secret::Encrypted(text.into(), Some(Box::new(key.public_key().clone())))
        } else {
            Secret::Plain(Arc::new(key))
        });
    }
    match decode_secret_key(&text, None) {
        Ok(key) => Ok(Secret::Plain(Arc::new(key))),
        Err(KeyError::KeyIsEncrypted) => Ok(Secret::Encrypted(text.into(), None)),
        // A PKCS#8 or PEM file that is encrypted is reported as unreadable in several ways.
        Err(_) if text.contains("ENCRYPTED") => Ok(Secret::Encrypted(text.into(), None)),
        Err(error) => Err(unreadable(error.to_string())),
    }
}
