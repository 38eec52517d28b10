//! The room that hosts have: now, with the pods that are leaving, and when those are gone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::PlanInput;
use super::tags::lists;
use crate::bindings::Binding;
use crate::inventory::Profiles;
use crate::model::{Labels, NodeName, Object, PodKey};
use crate::schedule::{
    Candidate, ClassId, Decision, Fleet, Guard, Held, HostId, PodId, Rejection, Request, Score,
};

/// The room that hosts have now and will have.
pub(super) struct Room {
    /// The hosts with what stays and what is new.
    then: Fleet,
    /// The hosts with what is leaving as well.
    now: Fleet,
    /// The pods that are counted in `then`.
    pods: BTreeMap<PodId, PodKey>,
}

/// A host on which pods have to go for a pod that fits nowhere.
pub(super) struct MadeWay {
    /// The host.
    pub(super) node: NodeName,
    /// The pods.
    pub(super) victims: Vec<PodKey>,
}

impl Room {
    /// The room of hosts without pods.
    pub(super) fn of(hosts: Vec<Candidate>, input: &PlanInput<'_>, guards: Vec<Guard>) -> Self {
        let then = empty(hosts, input);
        let then = then.guarded(guards).listed(lists(input.observed));
        Self { now: then.clone(), then, pods: BTreeMap::new() }
    }

    /// The hosts, in order of their names.
    pub(super) fn hosts(&self) -> &[Candidate] {
        self.then.hosts()
    }

    /// The host of this name.
    pub(super) fn host(&self, name: &NodeName) -> Option<&Candidate> {
        let hosts = self.hosts();
        let place = hosts.binary_search_by(|host| host.name.cmp(name)).ok()?;
        hosts.get(place)
    }

    /// Counts a pod that stays where it is, and has been there since then, as far as that is known.
    pub(super) fn stays(
        &mut self,
        key: &PodKey,
        binding: &Binding,
        held: Option<Held>,
        since: Option<Timestamp>,
    ) {
        let request = Request::of(&binding.pod, binding.owner.clone());
        let classes = self.class(&request);
        self.now.expect(classes.0, 1);
        self.then.expect(classes.1, 1);
        if let Some(host) = self.then.host(&binding.node) {
            let pod = match held {
                Some(held) => self.bind_holding(key, classes, host, held),
                None => self.bind(key, classes, host),
            };
            if let Some(since) = since {
                self.then.came(pod, since.as_second());
            }
        }
    }

    /// Counts a pod for the time being that stays, is to be another or to go elsewhere: only among what will be.
    pub(super) fn lodges(&mut self, request: &Request, node: &NodeName) -> Option<PodId> {
        let class = self.then.class(request);
        let host = self.then.host(node)?;
        Some(self.then.bind(class, host))
    }

    /// Counts it no more.
    pub(super) fn checks_out(&mut self, pod: PodId) {
        self.then.unbind(pod);
    }

    /// Says that so many pods are to be placed, so that GPUs are left as they need them.
    pub(super) fn expects(&mut self, pods: u64, request: impl FnOnce() -> Option<Request>) {
        if pods > 0
            && self.then.has_gpus()
            && let Some(request) = request()
        {
            let (now, then) = self.class(&request);
            self.now.expect(now, pods);
            self.then.expect(then, pods);
        }
    }

    /// Counts a pod that is leaving; the new ones of its owner need not be apart from it.
    pub(super) fn leaves(&mut self, binding: &Binding, held: Option<Held>) {
        let request = Request::of(&binding.pod, None);
        let (class, _) = self.class(&request);
        if let Some(host) = self.now.host(&binding.node) {
            match held {
                Some(held) => self.now.bind_holding(class, host, held),
                None => self.now.bind(class, host),
            };
        }
    }

    /// Places a pod on a host that has room now if there is one, else on one that will have.
    pub(super) fn place(&mut self, key: &PodKey, request: &Request) -> Decision {
        let (now, then) = self.class(request);
        if let Some(host) = self.find_now(now, (then, request)) {
            // The GPUs that nobody has now are nobody's then.
            let pod = self.now.bind(now, host);
            let held = self.now.held(pod);
            self.pods.insert(self.then.bind_holding(then, host, held), key.clone());
            return Decision::Place(self.now.name(host).clone());
        }
        match self.then.find(then, request) {
            None => Decision::Pending(self.then.rejections(then, request)),
            Some(host) => {
                self.bind(key, (now, then), host);
                Decision::Place(self.then.name(host).clone())
            }
        }
    }

    /// The best host that takes a pod as things are and will when those are gone that are leaving: who is spread, or wants to be near
    /// others, does not count on them.
    fn find_now(&mut self, now: ClassId, (then, request): (ClassId, &Request)) -> Option<HostId> {
        let best = self.now.find(now, request)?;
        if self.then.takes(then, request, best) {
            return Some(best);
        }
        let will = &self.then;
        self.now.find_among(now, request, |host| will.takes(then, request, host))
    }

    /// Has pods of lower priority make way for a pod that fits nowhere. They count as leaving, and the pod is placed.
    pub(super) fn make_way(&mut self, key: &PodKey, request: &Request) -> Option<MadeWay> {
        let classes = self.class(request);
        let found = self.then.preempt(classes.1, request)?;
        let mut victims = Vec::new();
        for pod in found.victims {
            self.then.spend(pod);
            self.then.unbind(pod);
            victims.extend(self.pods.remove(&pod));
        }
        self.bind(key, classes, found.host);
        Some(MadeWay { node: self.then.name(found.host).clone(), victims })
    }

    /// Places a pod on this host, if it takes it.
    pub(super) fn place_at(&mut self, key: &PodKey, request: &Request, node: &NodeName) -> bool {
        let classes = self.class(request);
        let host = self.then.host(node).filter(|host| self.then.takes(classes.1, request, *host));
        if let Some(host) = host {
            self.bind(key, classes, host);
        }
        host.is_some()
    }

    /// Moves pods so that hosts are used more evenly, and returns whither. They are not counted any more afterwards.
    pub(super) fn rebalance(
        &mut self,
        movable: &BTreeSet<PodKey>,
        bound: u64,
    ) -> Vec<(PodKey, NodeName)> {
        let pods = self.pods.iter().filter(|(_, key)| movable.contains(*key));
        let pods = pods.map(|(pod, _)| *pod).collect();
        let moves = self.then.rebalance(&pods, bound);
        let named = moves.into_iter().filter_map(|step| {
            Some((self.pods.remove(&step.pod)?, self.then.name(step.to).clone()))
        });
        named.collect()
    }

    /// What every host is worth that could take a pod, and why the others cannot; the pod itself does not count.
    pub(super) fn verdicts(
        &mut self,
        key: &PodKey,
        request: &Request,
    ) -> (BTreeMap<NodeName, Score>, BTreeMap<NodeName, Rejection>) {
        let (_, class) = self.class(request);
        let itself = self.pods.iter().find(|(_, pod)| *pod == key).map(|(id, _)| *id);
        if let Some(pod) = itself {
            self.then.unbind(pod);
            self.pods.remove(&pod);
        }
        (self.then.scores(class, request), self.then.rejections(class, request))
    }

    /// Why each host that cannot take a pod cannot.
    pub(super) fn why_not(&mut self, request: &Request) -> BTreeMap<NodeName, Rejection> {
        let class = self.then.class(request);
        self.then.rejections(class, request)
    }

    /// The host that a pod would have once all is gone that is leaving.
    pub(super) fn best(&mut self, request: &Request) -> Option<NodeName> {
        let class = self.then.class(request);
        let host = self.then.find(class, request)?;
        Some(self.then.name(host).clone())
    }

    /// Whether a host could take a pod.
    pub(super) fn takes(&mut self, request: &Request, node: &NodeName) -> bool {
        let class = self.then.class(request);
        let host = self.then.host(node);
        host.is_some_and(|host| self.then.reject(class, request, host).is_none())
    }

    /// Whether a host could take a pod if it had this other one.
    pub(super) fn takes_beside(
        &mut self,
        request: &Request,
        node: &NodeName,
        other: &Request,
    ) -> bool {
        let Some(host) = self.then.host(node) else { return false };
        let class = self.then.class(other);
        let guest = self.then.bind(class, host);
        let takes = self.takes(request, node);
        self.then.unbind(guest);
        takes
    }

    /// The GPUs that pods have which are to stay or to come.
    pub(super) fn held(&self) -> BTreeMap<PodKey, Held> {
        let held = self.pods.iter().map(|(pod, key)| (key.clone(), self.then.held(*pod)));
        held.filter(|(_, held)| *held != Held::default()).collect()
    }

    fn bind(&mut self, key: &PodKey, (now, then): (ClassId, ClassId), host: HostId) -> PodId {
        let pod = self.then.bind(then, host);
        self.now.bind_holding(now, host, self.then.held(pod));
        self.pods.insert(pod, key.clone());
        pod
    }

    fn bind_holding(
        &mut self,
        key: &PodKey,
        (now, then): (ClassId, ClassId),
        host: HostId,
        held: Held,
    ) -> PodId {
        self.now.bind_holding(now, host, held.clone());
        let pod = self.then.bind_holding(then, host, held);
        self.pods.insert(pod, key.clone());
        pod
    }

    fn class(&mut self, request: &Request) -> (ClassId, ClassId) {
        (self.now.class(request), self.then.class(request))
    }
}

/// Hosts without pods, with all that the inventory and the namespaces say.
pub(super) fn empty(hosts: Vec<Candidate>, input: &PlanInput<'_>) -> Fleet {
    let Profiles { own, named } = &input.inventory.scheduling;
    Fleet::new(hosts, namespaces(input), *own).profiled(named.clone())
}

/// The labels of every namespace; its name is one of them.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name>
fn namespaces(input: &PlanInput<'_>) -> BTreeMap<String, Labels> {
    let mut all = BTreeMap::new();
    for (key, stored) in &input.desired.objects {
        let own = |name: &str| ("kubernetes.io/metadata.name".to_owned(), name.to_owned());
        if let Object::Namespace(namespace) = &stored.object {
            let mut labels = namespace.metadata.labels.clone().unwrap_or_default();
            labels.extend([own(&key.name)]);
            all.insert(key.name.clone(), labels);
        } else if !key.namespace.is_empty() && !all.contains_key(&key.namespace) {
            all.insert(key.namespace.clone(), Labels::from([own(&key.namespace)]));
        }
    }
    all
}
