//! The sides of a copy, as they are written.

use std::path::PathBuf;
use std::str::FromStr;

/// One side of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// A path on this machine.
    Local(PathBuf),
    /// A path in a container.
    Pod {
        /// The namespace, if it is said.
        namespace: Option<String>,
        /// The pod.
        pod: String,
        /// The path; relative ones count from the container's working directory.
        path: String,
    },
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let local = || Ok(Self::Local(PathBuf::from(text)));
        let Some((place, path)) = text.split_once(':') else {
            return if text.is_empty() { Err("a path is missing".to_owned()) } else { local() };
        };
        if place.starts_with(['.', '/']) {
            return local();
        }
        let (namespace, pod) = match place.split_once('/') {
            Some((namespace, pod)) => (Some(namespace.to_owned()), pod),
            None => (None, place),
        };
        if pod.is_empty() || pod.contains('/') || namespace.as_deref() == Some("") {
            return Err(
                "write [NAMESPACE/]POD:PATH, and ./PATH for a local path with a colon".to_owned()
            );
        }
        if path.is_empty() {
            return Err("filepath can not be empty".to_owned());
        }
        Ok(Self::Pod { namespace, pod: pod.to_owned(), path: path.to_owned() })
    }
}

/// The last part of a path in a container.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The directory of a path in a container; the working directory for a name alone.
pub(super) fn parent(path: &str) -> String {
    match path.rsplit_once('/') {
        None => ".".to_owned(),
        Some(("", _)) => "/".to_owned(),
        Some((parent, _)) => parent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_written_as_for_kubectl() {
        let pod = |namespace: Option<&str>, pod: &str, path: &str| {
            let namespace = namespace.map(str::to_owned);
            Ok(Side::Pod { namespace, pod: pod.to_owned(), path: path.to_owned() })
        };
        assert_eq!("web-1:/etc/x".parse(), pod(None, "web-1", "/etc/x"));
        assert_eq!("shop/web-1:a:b".parse(), pod(Some("shop"), "web-1", "a:b"));
        for local in ["x", "./a:b", "/a:b", "../c:/d"] {
            assert_eq!(local.parse(), Ok(Side::Local(local.into())));
        }
        for wrong in ["", ":x", "web:", "/", "a/b/c:/d", "a/:x"] {
            let parsed: Result<Side, String> = wrong.parse();
            assert_eq!(parsed.is_err(), wrong != "/", "{wrong}");
        }
    }

    #[test]
    fn a_path_has_a_directory_and_a_name() {
        let cut = |path| (parent(path), base_name(path));
        assert_eq!(cut("/etc/app/x"), ("/etc/app".to_owned(), "x"));
        assert_eq!(cut("/x"), ("/".to_owned(), "x"));
        assert_eq!(cut("x"), (".".to_owned(), "x"));
    }
}
