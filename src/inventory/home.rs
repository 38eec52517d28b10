//! What the paths of an inventory are relative to.

use std::path::{Path, PathBuf};

/// What the paths of an inventory are relative to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The directory of the inventory file.
    pub inventory: PathBuf,
    /// The user's home directory, which `~` stands for.
    pub user: Option<PathBuf>,
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HomeError {
    /// `~` stands for nothing.
    #[error("`{path}` cannot be resolved: the home directory is not known")]
    Unknown {
        /// The path as written.
        path: String,
    },
    /// `~name` is another user's home.
    #[error("`{path}` names another user's home directory: write the path in full")]
    Other {
        /// The path as written.
        path: String,
    },
    /// The path is empty.
    #[error("a path is expected here")]
    Empty,
}

impl Home {
    /// The place that a path of the inventory leads to.
    pub fn resolve(&self, path: &str) -> Result<PathBuf, HomeError> {
        if path.is_empty() {
            return Err(HomeError::Empty);
        }
        let Some(rest) = path.strip_prefix('~') else {
            return Ok(self.inventory.join(path));
        };
        let Some(user) = &self.user else {
            return Err(HomeError::Unknown { path: path.to_owned() });
        };
        match rest.strip_prefix('/') {
            Some(rest) => Ok(user.join(Path::new(rest.trim_start_matches('/')))),
            None if rest.is_empty() => Ok(user.clone()),
            None => Err(HomeError::Other { path: path.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_to_the_inventory_and_to_the_user() {
        let home = Home { inventory: "/fleet".into(), user: Some("/home/me".into()) };
        for (path, place) in [
            ("key", "/fleet/key"),
            ("/etc/key", "/etc/key"),
            ("~/.ssh/key", "/home/me/.ssh/key"),
            ("~", "/home/me"),
        ] {
            assert_eq!(home.resolve(path).unwrap(), Path::new(place), "{path}");
        }
        assert!(home.resolve("~you/key").is_err());
        assert!(home.resolve("").is_err());
        let nobody = Home { user: None, ..home };
        assert!(nobody.resolve("~/key").is_err());
    }
}
