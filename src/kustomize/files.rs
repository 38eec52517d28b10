//! The files that a kustomization may read: its own directory and below, other kustomizations, nothing else.

use std::path::{Component, Path, PathBuf};

/// How the outside world gives files: the one thing that building a kustomization needs of it.
pub trait Files {
    /// What stands at a path, symbolic links followed; else what the system said.
    fn look(&self, path: &Path) -> Result<Found, String>;
    /// The content of a file.
    fn read(&self, path: &Path) -> Result<Vec<u8>, String>;
}

/// What stands at a path, and the path without symbolic links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file.
    File(PathBuf),
    /// A directory.
    Directory(PathBuf),
}

/// The directory of a kustomization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Root {
    /// Its path without symbolic links.
    pub(super) real: PathBuf,
    /// Its path as the user would call it.
    pub(super) shown: PathBuf,
}

/// A file of a kustomization.
pub(super) struct Content {
    /// The file as the user would call it.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Root {
    /// The path of something named in the kustomization.
    pub(super) fn shown(&self, path: &str) -> PathBuf {
        tidy(&self.shown.join(path))
    }

    /// What stands at a path that the kustomization names.
    pub(super) fn look(&self, files: &dyn Files, path: &str) -> Result<Found, String> {
        files.look(&self.real.join(path))
    }

    /// Reads a file that the kustomization names; it has to stand in its directory or below.
    ///
    /// Source: kustomize's load restrictor, `api/internal/loader/loadrestrictions.go`.
    pub(super) fn read(&self, files: &dyn Files, path: &str) -> Result<Content, String> {
        let name = self.shown(path).display().to_string();
        match self.look(files, path) {
            Err(cause) => Err(format!("cannot read {name}: {cause}")),
            Ok(Found::Directory(_)) => Err(format!("{name} is a directory, and a file is needed")),
            Ok(Found::File(real)) if !real.starts_with(&self.real) => Err(format!(
                "{name} stands outside of {}, and a kustomization may read only files beside or below it",
                if self.shown.as_os_str().is_empty() {
                    ".".into()
                } else {
                    self.shown.display().to_string()
                }
            )),
            Ok(Found::File(real)) => match files.read(&real) {
                Ok(bytes) => Ok(Content { name, bytes }),
                Err(cause) => Err(format!("cannot read {name}: {cause}")),
            },
        }
    }
}

/// A path without `.` and, where it can be told without looking, `..`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(tidied.components().next_back(), Some(Component::Normal(_))) =>
            {
                tidied.pop();
            }
            other => tidied.push(other),
        }
    }
    tidied
}
