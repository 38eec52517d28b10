//! Where one pod goes, or why it goes nowhere.

use std::collections::BTreeMap;

use super::company::Company;
use super::interned::{at, number_of};
use super::load::{Load, Share};
use super::spread::Spread;
use super::{Candidate, ClassId, Fleet, HostId, Pin, Readiness, Rejection, Request};
use crate::model::NodeName;

/// Where a pod goes, or why it goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// To this host.
    Place(NodeName),
    /// Nowhere now: every host with the reason.
    Pending(BTreeMap<NodeName, Rejection>),
}

/// The filters that a pod has to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filters {
    /// All of the scheduler's.
    All,
    /// Those that a kubelet has too: the scheduler never sees a pod that names its host.
    ///
    /// Source: `generalFilter` of Kubernetes' `pkg/kubelet/lifecycle/predicate.go`.
    Kubelet,
}

impl Filters {
    /// Those for a pod.
    pub(super) fn of(request: &Request) -> Self {
        match request.pin {
            Pin::Named(_) => Self::Kubelet,
            Pin::Nowhere | Pin::Chosen(_) => Self::All,
        }
    }
}

impl Fleet {
    /// Decides for one pod of a class, and binds nothing.
    pub fn decide(&mut self, class: ClassId, request: &Request) -> Decision {
        match self.find(class, request) {
            Some(host) => Decision::Place(self.name(host).clone()),
            None => Decision::Pending(self.rejections(class, request)),
        }
    }

    /// The host for one pod of a class: the one that it names, the best that its volumes let it have, or the best of all.
    pub fn find(&mut self, class: ClassId, request: &Request) -> Option<HostId> {
        self.demand.settle();
        self.census.classes[at(class.0)].profile?;
        if let Some(pinned) = request.pin.host() {
            let host = self.host(pinned)?;
            let takes = self.takes(class, request, host);
            return (takes && !request.volumes.contains_key(pinned)).then_some(host);
        }
        if request.volumes.is_empty() {
            return self.best(class);
        }
        self.find_among(class, request, |_| true)
    }

    /// The same of a pod that names no host, among the hosts for which `keeps` is true.
    pub fn find_among(
        &self,
        class: ClassId,
        request: &Request,
        keeps: impl Fn(HostId) -> bool,
    ) -> Option<HostId> {
        let hosts = &self.census.hosts;
        self.best_of(class, |host| {
            let lets = request.pin.host().is_none_or(|pinned| *pinned == hosts[host].name);
            lets && !request.volumes.contains_key(&hosts[host].name)
                && keeps(HostId(number_of(host)))
        })
    }

    /// Whether the host takes a pod of the class, which does not name another.
    pub fn takes(&self, class: ClassId, request: &Request, host: HostId) -> bool {
        self.passes(class, host, Filters::of(request))
    }

    /// The same of a pod that has to pass these filters.
    pub(super) fn passes(&self, class: ClassId, host: HostId, filters: Filters) -> bool {
        let of = &self.census.classes[at(class.0)];
        let fits = of.profile.is_some() && self.loads[at(host.0)].fits(&of.share);
        fits && match filters {
            Filters::All => {
                of.rules.kind[at(host.0)] != super::host_rules::BARRED
                    && self.rejects_by_pods(class, host).is_none()
            }
            Filters::Kubelet => {
                let candidate = &self.census.hosts[at(host.0)];
                of.rules.reject(host.0, candidate, filters).is_none()
            }
        }
    }

    /// Whether a host has the resources and the ports that a pod asks for, whatever else is against it.
    pub fn has_room(&self, class: ClassId, host: HostId) -> bool {
        self.loads[at(host.0)].fits(&self.census.classes[at(class.0)].share)
    }

    /// Whether the pods that are there have nothing against a pod of a class on a host.
    pub fn is_welcome(&self, class: ClassId, host: HostId) -> bool {
        self.rejects_by_pods(class, host).is_none()
    }

    /// Why each host cannot take the pod.
    pub fn rejections(&self, class: ClassId, request: &Request) -> BTreeMap<NodeName, Rejection> {
        let hosts = self.census.hosts.iter().enumerate();
        hosts
            .filter_map(|(number, host)| {
                let number = HostId(number_of(number));
                Some((host.name.clone(), self.reject(class, request, number)?))
            })
            .collect()
    }

    /// The first reason why the host cannot take the pod, in kube-scheduler's order but for volumes.
    pub fn reject(&self, class: ClassId, request: &Request, host: HostId) -> Option<Rejection> {
        let (of, load) = (&self.census.classes[at(class.0)], &self.loads[at(host.0)]);
        let candidate = &self.census.hosts[at(host.0)];
        if of.profile.is_none() {
            let (name, known) = (request.scheduler.clone(), self.profiles.names().join(", "));
            return Some(Rejection::Scheduler { name, known });
        }
        if load.readiness == Readiness::Unreachable {
            return Some(Rejection::Unreachable);
        }
        match &request.pin {
            Pin::Named(name) if *name != candidate.name => return Some(Rejection::NodeName),
            Pin::Chosen(name) if *name != candidate.name => return Some(Rejection::NodeSelector),
            Pin::Nowhere | Pin::Named(_) | Pin::Chosen(_) => {}
        }
        let name = |resource| self.resources.value(resource).as_str();
        let filters = Filters::of(request);
        of.rules
            .reject(host.0, candidate, filters)
            .or_else(|| taken_port(candidate, load, &of.share))
            .or_else(|| request.volumes.get(&candidate.name).cloned())
            .or_else(|| load.lacks(&of.share, name))
            .or_else(|| match filters {
                Filters::All => self.rejects_by_pods(class, host),
                Filters::Kubelet => None,
            })
    }

    /// What the pods that there are say against it.
    fn rejects_by_pods(&self, class: ClassId, host: HostId) -> Option<Rejection> {
        let (of, counters) = (&self.census.classes[at(class.0)], &self.census.counters);
        let count = |read: u32| {
            let counter = of.reads[at(read)];
            counters[at(counter)].of(self.census.domain(counter, host.0))
        };
        Spread::reject(of, counters, &count).or_else(|| Company::reject(of, counters, &count))
    }
}

/// Why a host has not all ports that a pod asks for.
fn taken_port(host: &Candidate, load: &Load, share: &Share) -> Option<Rejection> {
    let ssh = host.ssh_port.filter(|ssh| share.ports.iter().any(|port| port.collides(ssh)));
    let ssh = ssh.map(|ssh| Rejection::SshPort { port: ssh.port });
    ssh.or_else(|| load.collides(share).then_some(Rejection::Ports))
}
