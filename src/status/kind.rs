//! The kinds that can be looked at, by all the names that kubectl knows them by.

use crate::document::closest;

/// A kind of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A pod.
    Pod,
    /// An address for a set of pods.
    Service,
    /// A number of like pods.
    Deployment,
    /// A set of settings.
    ConfigMap,
    /// A host of the inventory.
    Node,
    /// A namespace.
    Namespace,
}

/// A word that is the name of no kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind {
    /// The word.
    pub word: String,
    /// The name that may be meant.
    pub meant: Option<&'static str>,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Pod, Self::Service, Self::Deployment, Self::ConfigMap, Self::Node, Self::Namespace];

    /// What `get all` shows.
    pub const WORKLOADS: [Self; 3] = [Self::Pod, Self::Service, Self::Deployment];

    /// The names: plural, singular, short, with group.
    fn names(self) -> [&'static str; 4] {
        match self {
            Self::Pod => ["pods", "pod", "po", "pods"],
            Self::Service => ["services", "service", "svc", "services"],
            Self::Deployment => ["deployments", "deployment", "deploy", "deployments.apps"],
            Self::ConfigMap => ["configmaps", "configmap", "cm", "configmaps"],
            Self::Node => ["nodes", "node", "no", "nodes"],
            Self::Namespace => ["namespaces", "namespace", "ns", "namespaces"],
        }
    }

    /// Reads any of a kind's names, in any case.
    pub fn parse(word: &str) -> Result<Self, UnknownKind> {
        let lower = word.to_lowercase();
        let named =
            |kind: &Self| kind.names().contains(&lower.as_str()) || kind.qualified() == lower;
        Self::ALL.into_iter().find(named).ok_or_else(|| {
            let known = Self::ALL.into_iter().flat_map(|kind| {
                let [plural, singular, short, _] = kind.names();
                [plural, singular, short]
            });
            UnknownKind { word: word.to_owned(), meant: closest(word, known.chain(["all"])) }
        })
    }

    /// The plural, as in `pods "web" not found`; kubectl adds the group to those that have one.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Deployment => "deployments.apps",
            Self::Pod | Self::Service | Self::ConfigMap | Self::Node | Self::Namespace => {
                self.word()
            }
        }
    }

    /// The plural without a group, as a person types it.
    pub fn word(self) -> &'static str {
        let [plural, ..] = self.names();
        plural
    }

    /// The name that stands before a slash, as in `deployment.apps/web`.
    pub fn qualified(self) -> &'static str {
        match self {
            Self::Deployment => "deployment.apps",
            Self::Pod | Self::Service | Self::ConfigMap | Self::Node | Self::Namespace => {
                let [_, singular, ..] = self.names();
                singular
            }
        }
    }

    /// The `kind` of its objects.
    pub fn object(self) -> &'static str {
        match self {
            Self::Pod => "Pod",
            Self::Service => "Service",
            Self::Deployment => "Deployment",
            Self::ConfigMap => "ConfigMap",
            Self::Node => "Node",
            Self::Namespace => "Namespace",
        }
    }

    /// Whether its objects live in namespaces.
    pub fn is_namespaced(self) -> bool {
        match self {
            Self::Pod | Self::Service | Self::Deployment | Self::ConfigMap => true,
            Self::Node | Self::Namespace => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_kubectl_is_known_and_slips_are_answered() {
        for (word, kind) in [
            ("po", Kind::Pod),
            ("Pods", Kind::Pod),
            ("deploy", Kind::Deployment),
            ("deployment.apps", Kind::Deployment),
            ("deployments.apps", Kind::Deployment),
            ("svc", Kind::Service),
            ("no", Kind::Node),
            ("cm", Kind::ConfigMap),
            ("ns", Kind::Namespace),
        ] {
            assert_eq!(Kind::parse(word), Ok(kind), "{word}");
        }
        assert_eq!(Kind::parse("pdos").unwrap_err().meant, Some("pods"));
        assert_eq!(Kind::parse("deploymets").unwrap_err().meant, Some("deployments"));
        assert_eq!(Kind::parse("cronjobs").unwrap_err().meant, None);
    }
}
