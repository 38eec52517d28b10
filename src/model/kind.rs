//! The kinds of objects, in one table: what each is called, where it stands, and what becomes of it here.

use k8s_openapi::Resource as _;

/// Whether the objects of a kind stand in namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// They do.
    Namespaced,
    /// They stand for themselves.
    Cluster,
}

/// What becomes of the objects of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Hosts are made to be as they say.
    CarriedOut,
    /// They are kept, and used by others or by commands; the hosts do not follow them yet.
    NotYet,
    /// They speak to Kubernetes' own API server, which is not there: they are kept.
    NoneHere,
}

/// Hands the table of all kinds to a macro: a row is the type, scope, effect and the short names that kubectl knows.
///
/// Sources: <https://kubernetes.io/docs/reference/kubectl/#resource-types> for the names,
/// <https://kubernetes.io/docs/reference/kubernetes-api/> for the rest.
macro_rules! each_kind {
    ($with:ident) => {
        $with! {
            Pod: api::core::v1, Namespaced, CarriedOut, ["po"];
            Service: api::core::v1, Namespaced, CarriedOut, ["svc"];
            Deployment: api::apps::v1, Namespaced, CarriedOut, ["deploy"];
            ConfigMap: api::core::v1, Namespaced, CarriedOut, ["cm"];
            Namespace: api::core::v1, Cluster, CarriedOut, ["ns"];
            ReplicaSet: api::apps::v1, Namespaced, NotYet, ["rs"];
            ReplicationController: api::core::v1, Namespaced, NotYet, ["rc"];
            StatefulSet: api::apps::v1, Namespaced, NotYet, ["sts"];
            DaemonSet: api::apps::v1, Namespaced, NotYet, ["ds"];
            Job: api::batch::v1, Namespaced, NotYet, [];
            CronJob: api::batch::v1, Namespaced, NotYet, ["cj"];
            Endpoints: api::core::v1, Namespaced, NotYet, ["ep"];
            EndpointSlice: api::discovery::v1, Namespaced, NotYet, [];
            Ingress: api::networking::v1, Namespaced, NotYet, ["ing"];
            IngressClass: api::networking::v1, Cluster, NotYet, [];
            Secret: api::core::v1, Namespaced, CarriedOut, [];
            PersistentVolume: api::core::v1, Cluster, CarriedOut, ["pv"];
            PersistentVolumeClaim: api::core::v1, Namespaced, CarriedOut, ["pvc"];
            StorageClass: api::storage::v1, Cluster, CarriedOut, ["sc"];
            NetworkPolicy: api::networking::v1, Namespaced, NotYet, ["netpol"];
            HorizontalPodAutoscaler: api::autoscaling::v2, Namespaced, NotYet, ["hpa"];
            PodDisruptionBudget: api::policy::v1, Namespaced, CarriedOut, ["pdb"];
            PriorityClass: api::scheduling::v1, Cluster, CarriedOut, ["pc"];
            ResourceQuota: api::core::v1, Namespaced, CarriedOut, ["quota"];
            LimitRange: api::core::v1, Namespaced, CarriedOut, ["limits"];
            ServiceAccount: api::core::v1, Namespaced, NotYet, ["sa"];
            RuntimeClass: api::node::v1, Cluster, CarriedOut, [];
            Event: api::core::v1, Namespaced, NotYet, ["ev"];
            Role: api::rbac::v1, Namespaced, NoneHere, [];
            RoleBinding: api::rbac::v1, Namespaced, NoneHere, [];
            ClusterRole: api::rbac::v1, Cluster, NoneHere, [];
            ClusterRoleBinding: api::rbac::v1, Cluster, NoneHere, [];
            MutatingWebhookConfiguration: api::admissionregistration::v1, Cluster, NoneHere, [];
            ValidatingWebhookConfiguration: api::admissionregistration::v1, Cluster, NoneHere, [];
            MutatingAdmissionPolicy: api::admissionregistration::v1, Cluster, NoneHere, [];
            MutatingAdmissionPolicyBinding: api::admissionregistration::v1, Cluster, NoneHere, [];
            ValidatingAdmissionPolicy: api::admissionregistration::v1, Cluster, NoneHere, [];
            ValidatingAdmissionPolicyBinding: api::admissionregistration::v1, Cluster, NoneHere, [];
            CustomResourceDefinition: apiextensions_apiserver::pkg::apis::apiextensions::v1, Cluster, NoneHere, ["crd", "crds"];
            APIService: kube_aggregator::pkg::apis::apiregistration::v1, Cluster, NoneHere, [];
            FlowSchema: api::flowcontrol::v1, Cluster, NoneHere, [];
            PriorityLevelConfiguration: api::flowcontrol::v1, Cluster, NoneHere, [];
        }
    };
}
pub(crate) use each_kind;

macro_rules! kind_enum {
    ($($kind:ident: $($part:ident)::+, $scope:ident, $effect:ident, [$($short:literal),*];)+) => {
        /// A kind of objects.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "a kind is called as Kubernetes calls it")]
        pub enum Kind {
            $($kind,)+
            /// A host of the inventory; the only kind whose objects are never read from manifests.
            Node,
        }

        impl Kind {
    /// The kind that a reference names, whose version may be left out; `None` for one that is not read.
    pub fn referred(api_version: Option<&str>, kind: &str) -> Option<Self> {
        match api_version.filter(|version| !version.is_empty()) {
            None => Self::named(kind),
            Some(version) => Self::of(version, kind),
        }
    }

            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+ Self::Node];

            fn row(self) -> &'static Row {
                match self {
                    $(Self::$kind => &Row {
                        group: k8s_openapi::$($part)::+::$kind::GROUP,
                        api_version: k8s_openapi::$($part)::+::$kind::API_VERSION,
                        name: k8s_openapi::$($part)::+::$kind::KIND,
                        plural: k8s_openapi::$($part)::+::$kind::URL_PATH_SEGMENT,
                        short: &[$($short),*],
                        scope: Scope::$scope,
                        effect: Effect::$effect,
                    },)+
                    Self::Node => &NODE,
                }
            }
        }

        #[cfg(test)]
        mod table {
            use super::*;

            #[test]
            fn scopes_are_those_of_kubernetes() {
                use std::any::TypeId;
                $(
                    let scope = TypeId::of::<<k8s_openapi::$($part)::+::$kind as k8s_openapi::Resource>::Scope>();
                    let namespaced = scope == TypeId::of::<k8s_openapi::NamespaceResourceScope>();
                    assert_eq!(Kind::$kind.is_namespaced(), namespaced, "{}", stringify!($kind));
                )+
            }
        }
    };
}
each_kind!(kind_enum);

/// What the table says of a kind.
struct Row {
    group: &'static str,
    api_version: &'static str,
    name: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    scope: Scope,
    effect: Effect,
}

const NODE: Row = Row {
    group: "",
    api_version: "v1",
    name: "Node",
    plural: "nodes",
    short: &["no"],
    scope: Scope::Cluster,
    effect: Effect::NoneHere,
};

/// A word that is the name of no kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKind {
    /// The word.
    pub word: String,
}

impl Kind {
    /// What `get all` shows.
    pub const WORKLOADS: [Self; 9] = [
        Self::Pod,
        Self::Service,
        Self::Deployment,
        Self::ReplicaSet,
        Self::ReplicationController,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::CronJob,
    ];

    /// The kinds that manifests may hold.
    pub fn read() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|kind| *kind != Self::Node)
    }

    /// The kind that manifests name by this version and kind.
    pub fn of(api_version: &str, name: &str) -> Option<Self> {
        Self::read().find(|kind| kind.api_version() == api_version && kind.object() == name)
    }

    /// The kind of this name, as objects have it in `kind`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.object() == name)
    }

    /// Reads any of a kind's names that kubectl knows, in any case.
    pub fn parse(word: &str) -> Result<Self, UnknownKind> {
        let lower = word.to_lowercase();
        let is = |kind: &Self| {
            let row = kind.row();
            let named = [row.plural, &row.name.to_lowercase()].contains(&lower.as_str());
            named
                || row.short.contains(&lower.as_str())
                || kind.plural() == lower
                || kind.qualified() == lower
        };
        let unknown = || UnknownKind { word: word.to_owned() };
        Self::ALL.iter().copied().find(is).ok_or_else(unknown)
    }

    /// The names that a person may type for this kind, without its group.
    pub fn words(self) -> impl Iterator<Item = String> {
        let row = self.row();
        let short = row.short.iter().map(|short| (*short).to_owned());
        [row.plural.to_owned(), row.name.to_lowercase()].into_iter().chain(short)
    }

    /// The short names that kubectl knows.
    pub fn short_names(self) -> &'static [&'static str] {
        self.row().short
    }

    /// The plural with the group, as in `deployments.apps "web" not found`.
    pub fn plural(self) -> String {
        self.with_group(self.word().to_owned())
    }

    /// The plural without a group, as a person types it.
    pub fn word(self) -> &'static str {
        self.row().plural
    }

    /// The name that stands before a slash, as in `deployment.apps/web`.
    pub fn qualified(self) -> String {
        self.with_group(self.row().name.to_lowercase())
    }

    fn with_group(self, word: String) -> String {
        match self.row().group {
            "" => word,
            group => format!("{word}.{group}"),
        }
    }

    /// The `kind` of its objects.
    pub fn object(self) -> &'static str {
        self.row().name
    }

    /// The `apiVersion` of its objects.
    pub fn api_version(self) -> &'static str {
        self.row().api_version
    }

    /// Whether its objects stand in namespaces.
    pub fn is_namespaced(self) -> bool {
        self.row().scope == Scope::Namespaced
    }

    /// What becomes of its objects.
    pub fn effect(self) -> Effect {
        self.row().effect
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.object())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_kubectl_is_known() {
        for (word, kind) in [
            ("po", Kind::Pod),
            ("Pods", Kind::Pod),
            ("deploy", Kind::Deployment),
            ("deployment.apps", Kind::Deployment),
            ("deployments.apps", Kind::Deployment),
            ("Deployment", Kind::Deployment),
            ("svc", Kind::Service),
            ("cm", Kind::ConfigMap),
            ("no", Kind::Node),
            ("ns", Kind::Namespace),
            ("sts", Kind::StatefulSet),
            ("endpoints", Kind::Endpoints),
            ("ing", Kind::Ingress),
            ("pvc", Kind::PersistentVolumeClaim),
            ("horizontalpodautoscalers.autoscaling", Kind::HorizontalPodAutoscaler),
        ] {
            assert_eq!(Kind::parse(word), Ok(kind), "{word}");
        }
        assert_eq!(Kind::parse("bananas"), Err(UnknownKind { word: "bananas".to_owned() }));
    }

    #[test]
    fn no_two_kinds_share_a_name() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in Kind::ALL {
            let row = kind.row();
            for name in row.short.iter().chain([&row.plural]) {
                assert!(seen.insert(*name), "{name} twice");
            }
        }
    }
}
