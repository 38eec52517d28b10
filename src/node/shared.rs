//! What all connections of a run share: keys, known hosts, settings.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Mutex;

use super::keyring::Keyring;
use super::known_hosts::KnownHosts;
use super::shell::Locking;
use super::{Limits, NodeError, Trace};

/// The system's list, after the user's own.
const SYSTEM_KNOWN_HOSTS: &str = "/etc/ssh/ssh_known_hosts";

/// What all connections of a run share.
pub(super) struct Shared {
    pub limits: Limits,
    pub locking: Locking,
    pub agent_socket: Option<PathBuf>,
    pub home: Option<PathBuf>,
    pub keyring: Keyring,
    pub trace: Option<Arc<dyn Trace>>,
    /// By the file that an inventory names, or `None` for the usual ones.
    pub known_hosts: Mutex<BTreeMap<Option<PathBuf>, Arc<KnownHosts>>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Shared {
    /// A path as the inventory has it, with a leading `~/` replaced.
    pub(super) fn expand(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            (Ok(_), None) | (Err(_), _) => path.to_owned(),
        }
    }

    /// The known hosts of a file, or of the usual ones; each file is read once a run.
    pub(super) async fn known_hosts(
        &self,
        file: Option<&Path>,
    ) -> Result<Arc<KnownHosts>, NodeError> {
        let mut read = self.known_hosts.lock().await;
        let key = file.map(Path::to_owned);
        if let Some(known) = read.get(&key) {
            return Ok(Arc::clone(known));
        }
        let usual = || {
            let own = self.home.iter().map(|home| home.join(".ssh/known_hosts"));
            own.chain([PathBuf::from(SYSTEM_KNOWN_HOSTS)]).collect()
        };
        let paths = file.map_or_else(usual, |file| vec![self.expand(file)]);
        let mut texts = Vec::new();
        for path in paths {
            let text = match tokio::fs::read(&path).await {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                // A file that is not there yet knows no host, and is the one to add to.
                Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
                Err(error) => {
                    return Err(NodeError::KnownHosts { path, cause: error.to_string() });
                }
            };
            texts.push((path, text));
        }
        let known = Arc::new(KnownHosts::parse(&texts));
        read.insert(key, Arc::clone(&known));
        Ok(known)
    }
}
