//! The pod, host and container that `logs` and `exec` are about.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{Pod, PodSpec};

use super::context::Context;
use super::global::Global;
use super::look::{Choice, Hosts, Look, namespace};
use super::what::unknown;
use super::{CliError, Talk};
use crate::driver::container_name;
use crate::model::Kind;
use crate::model::{NodeName, ObjectKey, PodKey, Selector};
use crate::node::Node;
use crate::plan::sandbox_name;
use crate::status::{Fleet, Resource};

/// A container on a host.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) host: NodeName,
    pub(super) node: Arc<dyn Node>,
    /// The Pod's name.
    pub(super) pod: String,
    /// The container's name in the Pod.
    pub(super) container: String,
    /// Its name on the host.
    pub(super) on_host: String,
}

/// Which containers of a pod are meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Containers<'a> {
    /// The one of this name; without a name, the first.
    One(Option<&'a str>),
    /// All of them.
    All,
}

/// Finds pods by name, or those behind a Deployment or Service.
pub(super) struct Finder<'a> {
    context: &'a Context,
    look: Look,
    namespace: String,
}

impl<'a> Finder<'a> {
    /// Prepares to find what a word names. A pod's name alone needs no host to be asked.
    pub(super) async fn for_word(
        global: &Global,
        talk: &Talk,
        context: &'a Context,
        word: &str,
    ) -> Result<Self, CliError> {
        let hosts = match word.split_once('/') {
            Some((kind, _)) if Kind::parse(kind) != Ok(Kind::Pod) => Hosts::All,
            Some(_) | None => Hosts::None,
        };
        let look = Look::take(global, talk, context, hosts).await?;
        Ok(Self { context, look, namespace: namespace(global) })
    }

    fn fleet(&self) -> Fleet<'_> {
        self.look.fleet(self.context)
    }

    /// The pod that a word names: `web-1`, `pod/web-1`, `deploy/web`, `svc/web`.
    pub(super) fn pod(&self, word: &str) -> Result<Pod, CliError> {
        let (kind, name) = match word.split_once('/') {
            Some((kind, name)) => (Kind::parse(kind).map_err(unknown)?, name),
            None => (Kind::Pod, word),
        };
        let missing = || CliError::NotFound { what: kind.plural(), name: name.to_owned() };
        if kind == Kind::Pod {
            let mut pods = self.fleet().pods().into_iter().filter(|pod| self.is_here(pod));
            return pods.find(|pod| named(pod) == name).ok_or_else(|| {
                let key = ObjectKey::new("Pod", &self.namespace, name);
                let stored = self.look.snapshot.desired.objects.contains_key(&key);
                if stored { nowhere(name) } else { missing() }
            });
        }
        let objects = self.fleet().list(kind);
        let here =
            |object: &&Resource| object.namespace() == self.namespace && object.name() == name;
        let selector = match objects.iter().find(here).ok_or_else(missing)? {
            Resource::Deployment(deployment) => Selector::from_object(&deployment.spec.selector)?,
            Resource::Service(service) => {
                let labels = service.spec.as_ref().and_then(|spec| spec.selector.clone());
                Selector::equal(&labels.unwrap_or_default())
            }
            Resource::Pod(_) | Resource::Node(_) | Resource::Stored(_) | Resource::Namespace(_) => {
                return Err(CliError::Usage {
                    problem: format!("{} have no containers", kind.word()),
                    hint: "name a pod, deploy/NAME or svc/NAME".to_owned(),
                });
            }
        };
        let mut pods = self.pods(&selector);
        pods.sort_by_key(|pod| !runs(pod));
        pods.into_iter().next().ok_or_else(|| CliError::NotFound {
            what: "a pod of".to_owned(),
            name: format!("{}/{name}", kind.qualified()),
        })
    }

    /// The pods with these labels.
    pub(super) fn pods(&self, selector: &Selector) -> Vec<Pod> {
        let choice = Choice { namespace: Some(self.namespace.clone()), selector: selector.clone() };
        let pods = choice.list(self.context, &self.fleet(), Kind::Pod).into_iter();
        pods.filter_map(|object| match object {
            Resource::Pod(pod) => Some(*pod),
            Resource::Service(_)
            | Resource::Deployment(_)
            | Resource::Stored(_)
            | Resource::Node(_)
            | Resource::Namespace(_) => None,
        })
        .collect()
    }

    fn is_here(&self, pod: &Pod) -> bool {
        pod.metadata.namespace.as_deref() == Some(&self.namespace)
    }

    /// The containers of a pod that are meant; which one was taken is said when there was a choice.
    pub(super) fn containers(
        &self,
        talk: &Talk,
        pod: &Pod,
        meant: Containers<'_>,
    ) -> Result<Vec<Target>, CliError> {
        let key = PodKey::new(&self.namespace, named(pod));
        let fleet = self.fleet();
        let host = fleet.place(&key).ok_or_else(|| nowhere(&key.name))?;
        let node = self.context.nodes.get(host).ok_or_else(|| CliError::Usage {
            problem: format!("pod {} is on {host}, which is not in the inventory", key.name),
            hint: "put the host back into the inventory".to_owned(),
        })?;
        let empty = PodSpec::default();
        let spec = pod.spec.as_ref().unwrap_or(&empty);
        let names: Vec<&str> = spec.containers.iter().map(|c| c.name.as_str()).collect();
        let chosen = match meant {
            Containers::All => names,
            Containers::One(Some(name)) if names.contains(&name) => vec![name],
            Containers::One(Some(name)) => {
                return Err(CliError::Usage {
                    problem: format!("pod {} has no container called `{name}`", key.name),
                    hint: format!("its containers are: {}", names.join(", ")),
                });
            }
            Containers::One(None) => vec![default_container(talk, pod, &names)],
        };
        let sandbox = sandbox_name(&self.context.inventory.fleet, &key);
        let target = |container: &str| Target {
            host: host.clone(),
            node: Arc::clone(node),
            pod: key.name.clone(),
            container: container.to_owned(),
            on_host: container_name(&sandbox, container),
        };
        Ok(chosen.into_iter().map(target).collect())
    }
}

/// A pod that no host has.
fn nowhere(name: &str) -> CliError {
    CliError::Usage {
        problem: format!("pod {name} is on no host yet"),
        hint: format!("see why with: bowline describe pod {name}"),
    }
}

/// The annotation that names the container to take where none is named.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

fn default_container<'a>(talk: &Talk, pod: &Pod, names: &[&'a str]) -> &'a str {
    let annotations = pod.metadata.annotations.as_ref();
    let wish = annotations.and_then(|annotations| annotations.get(DEFAULT_CONTAINER));
    let wished = names.iter().find(|name| wish.is_some_and(|wish| wish == *name));
    let chosen = wished.or(names.first()).copied().unwrap_or_default();
    if wished.is_none() && names.len() > 1 {
        talk.say(&format!("Defaulted container \"{chosen}\" out of: {}", names.join(", ")));
    }
    chosen
}

fn named(pod: &Pod) -> &str {
    pod.metadata.name.as_deref().unwrap_or_default()
}

fn runs(pod: &Pod) -> bool {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Running")
}
