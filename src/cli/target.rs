//! The pod, host and container that a command acts on.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;

use super::context::Context;
use super::global::Global;
use super::look::{Choice, Hosts, Look, namespace};
use super::what::unknown;
use super::{CliError, Talk};
use crate::driver::container_name;
use crate::model::{Kind, NodeName, Object, ObjectKey, PodKey, Selector};
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
    /// Prepares to find what a word names, and a container of it. A pod's name alone needs no host to be asked; only hosts know
    /// the containers that `debug` has added.
    pub(super) async fn for_word(
        global: &Global,
        talk: &Talk,
        context: &'a Context,
        (word, container): (&str, Option<&str>),
    ) -> Result<Self, CliError> {
        let hosts = match word.split_once('/') {
            Some((kind, _)) if Kind::parse(kind) != Ok(Kind::Pod) => Hosts::All,
            Some(_) | None => Hosts::None,
        };
        let look = Look::take(global, talk, context, hosts).await?;
        let mut finder = Self { context, look, namespace: namespace(global) };
        if let Some(container) = container.filter(|_| hosts == Hosts::None)
            && let Ok(pod) = finder.pod(word)
            && !container_names(&pod).iter().any(|name| name == container)
        {
            finder.look = Look::take(global, talk, context, Hosts::All).await?;
        }
        Ok(finder)
    }

    /// The namespace that is looked in.
    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Looks in another namespace from here on.
    pub(super) fn work_in(&mut self, namespace: &str) {
        namespace.clone_into(&mut self.namespace);
    }

    fn fleet(&self) -> Fleet<'_> {
        self.look.fleet(self.context)
    }

    /// The pod that a word names, or the first of those that it stands for; says which one it is when there are several.
    pub(super) fn pod_of(&self, talk: &Talk, word: &str) -> Result<Pod, CliError> {
        let mut pods = self.pods_of(word)?;
        if pods.len() > 1 {
            talk.say(&format!("Found {} pods, using pod/{}", pods.len(), named(&pods[0])));
        }
        Ok(pods.swap_remove(0))
    }

    /// The pod that a word names: `web-1`, `pod/web-1`, `deploy/web`, `svc/web`.
    pub(super) fn pod(&self, word: &str) -> Result<Pod, CliError> {
        self.pods_of(word).map(|mut pods| pods.swap_remove(0))
    }

    /// The pods that a word stands for, at least one; those that run come first.
    pub(super) fn pods_of(&self, word: &str) -> Result<Vec<Pod>, CliError> {
        let (kind, name) = match word.split_once('/') {
            Some((kind, name)) => (Kind::parse(kind).map_err(unknown)?, name),
            None => (Kind::Pod, word),
        };
        let missing = || CliError::NotFound { what: kind.plural(), name: name.to_owned() };
        if kind == Kind::Pod {
            let mut pods = self.fleet().pods().into_iter().filter(|pod| self.is_here(pod));
            return pods.find(|pod| named(pod) == name).map(|pod| vec![pod]).ok_or_else(|| {
                let key = ObjectKey::new("Pod", &self.namespace, name);
                let stored = self.look.snapshot.desired.objects.contains_key(&key);
                if stored { nowhere(name) } else { missing() }
            });
        }
        let object = self.object(kind, name).ok_or_else(missing)?;
        let mut pods = self.pods(&selector(&object)?);
        pods.sort_by_key(|pod| !runs(pod));
        if pods.is_empty() {
            return Err(CliError::NotFound {
                what: "a pod of".to_owned(),
                name: format!("{}/{name}", kind.qualified()),
            });
        }
        Ok(pods)
    }

    /// An object of the namespace.
    pub(super) fn object(&self, kind: Kind, name: &str) -> Option<Resource> {
        let here =
            |object: &Resource| object.namespace() == self.namespace && object.name() == name;
        self.fleet().list(kind).into_iter().find(here)
    }

    /// The pods with these labels.
    pub(super) fn pods(&self, selector: &Selector) -> Vec<Pod> {
        let choice = Choice { namespace: Some(self.namespace.clone()), selector: selector.clone() };
        let pods = choice.list(self.context, &self.fleet(), Kind::Pod).into_iter();
        pods.filter_map(|object| match object {
            Resource::Pod(pod) => Some(*pod),
            Resource::Service(_)
            | Resource::Deployment(_)
            | Resource::Claim(..)
            | Resource::Stored(_)
            | Resource::Node(_)
            | Resource::Namespace(_) => None,
        })
        .collect()
    }

    fn is_here(&self, pod: &Pod) -> bool {
        pod.metadata.namespace.as_deref() == Some(&self.namespace)
    }

    /// A pod's name on its host.
    pub(super) fn sandbox(&self, pod: &Pod) -> String {
        sandbox_name(&self.context.inventory.fleet, &PodKey::new(&self.namespace, named(pod)))
    }

    /// The one container of a pod that is meant.
    pub(super) fn container(
        &self,
        talk: &Talk,
        pod: &Pod,
        meant: Containers<'_>,
    ) -> Result<Target, CliError> {
        let found = self.containers(talk, pod, meant)?.into_iter().next();
        found.ok_or_else(|| CliError::NotFound {
            what: "containers".to_owned(),
            name: named(pod).to_owned(),
        })
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
        let all = container_names(pod);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let spec = pod.spec.iter().flat_map(|spec| &spec.containers);
        let names: Vec<&str> = spec.map(|container| container.name.as_str()).collect();
        let chosen = match meant {
            Containers::All => all,
            Containers::One(Some(name)) if all.contains(&name) => vec![name],
            Containers::One(Some(name)) => {
                return Err(CliError::Usage {
                    problem: format!("pod {} has no container called `{name}`", key.name),
                    hint: format!("its containers are: {}", all.join(", ")),
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

/// The names of all containers of a pod: those that prepare it, its own, and those that were added to look into it.
pub(super) fn container_names(pod: &Pod) -> Vec<String> {
    let Some(spec) = &pod.spec else { return Vec::new() };
    let init = spec.init_containers.iter().flatten().map(|container| &container.name);
    let own = spec.containers.iter().map(|container| &container.name);
    let added = spec.ephemeral_containers.iter().flatten().map(|container| &container.name);
    init.chain(own).chain(added).cloned().collect()
}

/// What chooses the pods of an object that has some.
fn selector(object: &Resource) -> Result<Selector, CliError> {
    let of_labels = |labels: Option<BTreeMap<String, String>>| {
        labels.filter(|labels| !labels.is_empty()).map(|labels| Selector::equal(&labels))
    };
    let found = match object {
        Resource::Deployment(deployment) => Some(Selector::from_object(&deployment.spec.selector)?),
        Resource::Service(service) => {
            of_labels(service.spec.as_ref().and_then(|spec| spec.selector.clone()))
        }
        Resource::Stored(stored) => match stored {
            Object::ReplicaSet(set) => Some(Selector::from_object(&set.spec.selector)?),
            Object::StatefulSet(set) => Some(Selector::from_object(&set.spec.selector)?),
            Object::DaemonSet(set) => Some(Selector::from_object(&set.spec.selector)?),
            Object::ReplicationController(controller) => {
                of_labels(controller.spec.as_ref().and_then(|spec| spec.selector.clone()))
            }
            Object::Job(job) => {
                let spec = job.spec.as_ref();
                let selector = spec.and_then(|spec| spec.selector.as_ref());
                selector.map(Selector::from_object).transpose()?
            }
            _ => None,
        },
        Resource::Claim(..) | Resource::Pod(_) | Resource::Node(_) | Resource::Namespace(_) => None,
    };
    found.ok_or_else(|| CliError::Usage {
        problem: format!("{}/{} chooses no pods", object.kind().word(), object.name()),
        hint: "name a pod, or what has pods, such as deployment/NAME or service/NAME".to_owned(),
    })
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
