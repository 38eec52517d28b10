//! What is remembered of a lab between two commands, and the lock that lets one command at a time change it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{LabError, at};
use super::kind::{Flavour, Release};
use super::site::{Place, Site};

/// What a lab is meant to be. What runs is asked of the machine itself each time: a record may be older than a reboot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    /// The directory of the inventory and the keys.
    pub(super) dir: PathBuf,
    /// How the hosts run.
    pub(super) flavour: Flavour,
    /// Which Debian they are.
    pub(super) release: Release,
    /// How many there are.
    pub(super) nodes: usize,
}

impl Record {
    fn path(site: &Site) -> PathBuf {
        site.state().join("lab.json")
    }

    /// Reads the record; none means that there is no lab.
    pub(super) fn read(site: &Site) -> Result<Option<Self>, LabError> {
        let path = Self::path(site);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(at(&path)(e)),
        };
        let parsed = serde_json::from_str(&text);
        parsed.map(Some).map_err(|e| LabError::Record { path, cause: e.to_string() })
    }

    /// Reads the record of a lab that must be there.
    pub(super) fn of(site: &Site) -> Result<Self, LabError> {
        Self::read(site)?.ok_or(LabError::NoLab)
    }

    /// Writes the record in one move.
    pub(super) fn write(&self, site: &Site) -> Result<(), LabError> {
        let path = Self::path(site);
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| LabError::Record { path: path.clone(), cause: e.to_string() })?;
        let fresh = path.with_extension("new");
        fs::write(&fresh, text + "\n").map_err(at(&fresh))?;
        fs::rename(&fresh, &path).map_err(at(&path))
    }

    /// The places of the hosts.
    pub(super) fn places(&self, site: &Site) -> Vec<Place> {
        (1..=self.nodes).map(|number| site.host(number)).collect()
    }

    /// The place of the host of this name.
    pub(super) fn place(&self, site: &Site, node: &str) -> Result<Place, LabError> {
        let found = self.places(site).into_iter().find(|p| p.name == node);
        found.ok_or_else(|| LabError::UnknownNode { node: node.to_owned(), nodes: self.nodes })
    }
}

/// A lock that is held until it is dropped, or its process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a directory; says so first if another command has it, and waits.
    pub(super) fn take(dir: &Path, progress: &mut dyn FnMut(&str)) -> Result<Self, LabError> {
        fs::create_dir_all(dir).map_err(at(dir))?;
        let path = dir.join("lock");
        let file = File::create(&path).map_err(at(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                progress(&format!("waiting for another lab command ({})", path.display()));
                file.lock().map_err(at(&path))?;
            }
            Err(TryLockError::Error(e)) => return Err(at(&path)(e)),
        }
        Ok(Self { _file: file })
    }
}
