//! `ResourceQuotas`: what there may be of a namespace's objects together, what there is, and what may still be made.
//!
//! What was there before a quota stays, however much it is.
//! Source: <https://kubernetes.io/docs/concepts/policy/resource-quotas/>

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{PodSpec, ResourceQuota, ScopedResourceSelectorRequirement};

use super::resources::{Amounts, read};
use super::scope::{meets, terms};
use super::usage::{self, Life};
use crate::desired::Desired;
use crate::model::{Amount, Object, ObjectKey};

/// The quotas of all namespaces, and what is used of them.
#[derive(Clone, Debug, Default)]
pub struct Quotas {
    by_namespace: BTreeMap<String, Vec<Quota>>,
    /// The storage class of claims that name none.
    default_class: String,
}

#[derive(Clone, Debug)]
struct Quota {
    name: String,
    hard: Amounts,
    terms: Vec<ScopedResourceSelectorRequirement>,
    used: Amounts,
}

impl Quotas {
    /// The quotas among some objects, of which nothing is used. Claims that name no storage class have this one, which the API
    /// server fills in before it counts.
    pub fn among<'o>(objects: impl IntoIterator<Item = &'o Object>, default_class: String) -> Self {
        let mut quotas = Self { by_namespace: BTreeMap::new(), default_class };
        for object in objects {
            if let Object::ResourceQuota(quota) = object {
                let all = quotas.by_namespace.entry(object.namespace().to_owned()).or_default();
                all.retain(|other| other.name != object.name());
                all.push(Quota::of(quota));
                all.sort_by(|one, other| one.name.cmp(&other.name));
            }
        }
        quotas
    }

    /// The quotas that are stored, with every stored object counted but pods.
    pub fn of(desired: &Desired, default_class: String) -> Self {
        let objects = || desired.objects.values().map(|stored| &stored.object);
        let mut quotas = Self::among(objects(), default_class);
        quotas.charge_objects(objects());
        quotas
    }

    /// Counts objects that are there; pods are counted by themselves.
    pub fn charge_objects<'o>(&mut self, objects: impl Iterator<Item = &'o Object>) {
        for object in objects.filter(|object| !matches!(object, Object::Pod(_))) {
            if !self.bounds(object.namespace()) {
                continue;
            }
            let usage = usage::of_object(object, &self.default_class);
            for quota in self.all(object.namespace()).iter_mut().filter(|q| q.terms.is_empty()) {
                quota.charge(&usage);
            }
        }
    }

    /// Whether a namespace has any.
    pub fn bounds(&self, namespace: &str) -> bool {
        self.by_namespace.contains_key(namespace)
    }

    /// Counts a pod that is there.
    pub fn charge(&mut self, namespace: &str, spec: &PodSpec, life: Life) {
        for quota in self.all(namespace).iter_mut().filter(|quota| quota.is_for(spec)) {
            quota.charge(&usage::of_pod(spec, life));
        }
    }

    /// Counts a pod no more that was counted so.
    pub fn release(&mut self, namespace: &str, spec: &PodSpec, life: Life) {
        for quota in self.all(namespace).iter_mut().filter(|quota| quota.is_for(spec)) {
            for (name, amount) in usage::of_pod(spec, life) {
                if let Some(used) = quota.used.get_mut(&name) {
                    *used = used.minus(amount).max(Amount::ZERO);
                }
            }
        }
    }

    /// Takes a new pod in and counts it.
    ///
    /// # Errors
    ///
    /// What the first quota says that does not let it in.
    pub fn admit(&mut self, namespace: &str, spec: &PodSpec) -> Result<(), String> {
        let Some(quotas) = self.by_namespace.get(namespace) else { return Ok(()) };
        if let Some(unsaid) = self.unsaid(namespace, spec) {
            return Err(unsaid);
        }
        let usage = usage::of_pod(spec, Life::Lasting);
        let mut minding = quotas.iter().filter(|quota| quota.is_for(spec));
        minding.try_for_each(|quota| quota.allows(&usage))?;
        self.charge(namespace, spec, Life::Lasting);
        Ok(())
    }

    /// The one bound that keeps a new pod out, and how high it would have to be; `None` where none does, or more than one.
    pub fn raised(&self, namespace: &str, spec: &PodSpec) -> Option<(String, String, Amount)> {
        let usage = usage::of_pod(spec, Life::Lasting);
        let minding = self.by_namespace.get(namespace)?.iter().filter(|quota| quota.is_for(spec));
        let beyond = minding.flat_map(|quota| {
            let beyond = quota.beyond(&usage);
            beyond.into_iter().map(move |(name, asked)| (quota, name, *asked))
        });
        let beyond: Vec<(&Quota, &String, Amount)> = beyond.collect();
        let [(quota, name, asked)] = beyond.as_slice() else { return None };
        let to = quota.used(name).plus(*asked);
        let mut raised = self.clone();
        for other in raised.all(namespace).iter_mut().filter(|other| other.name == quota.name) {
            other.hard.insert((*name).clone(), to);
        }
        raised.admit(namespace, spec).ok()?;
        Some((quota.name.clone(), (*name).clone(), to))
    }

    /// Takes in as many more of a pod that was taken in as there may be, at most so many, counts them and says how many.
    pub fn admit_more(&mut self, namespace: &str, spec: &PodSpec, most: u64) -> u64 {
        let usage = usage::of_pod(spec, Life::Lasting);
        let minding = self.all(namespace).iter_mut().filter(|quota| quota.is_for(spec));
        let minding: Vec<&mut Quota> = minding.collect();
        let count = minding.iter().map(|quota| quota.room(&usage)).fold(most, u64::min);
        let more = usage.into_iter().map(|(name, amount)| (name, amount.times(count))).collect();
        for quota in minding {
            quota.charge(&more);
        }
        count
    }

    /// Takes a new or changed object in that is no pod, and counts what it adds.
    ///
    /// # Errors
    ///
    /// What the first quota says that does not let it in.
    pub fn admit_object(&mut self, object: &Object, before: Option<&Object>) -> Result<(), String> {
        let of = |object| usage::of_object(object, &self.default_class);
        let was = before.map(of).unwrap_or_default();
        let mut added = of(object);
        for (name, amount) in &mut added {
            let was = was.get(name).copied().unwrap_or(Amount::ZERO);
            *amount = amount.minus(was).max(Amount::ZERO);
        }
        let quotas = self.all(object.namespace());
        let minding: Vec<&mut Quota> =
            quotas.iter_mut().filter(|quota| quota.terms.is_empty()).collect();
        minding.iter().try_for_each(|quota| quota.allows(&added))?;
        for quota in minding {
            quota.charge(&added);
        }
        Ok(())
    }

    /// What a pod would have to say of its containers and does not, in the API server's words.
    pub fn unsaid(&self, namespace: &str, spec: &PodSpec) -> Option<String> {
        let quotas = self.by_namespace.get(namespace)?;
        quotas.iter().filter(|quota| quota.is_for(spec)).find_map(|quota| {
            let unsaid = usage::unsaid(spec, &quota.hard)?;
            Some(format!("failed quota: {}: {unsaid}", quota.name))
        })
    }

    /// What is used of each bounded thing of a quota, and how much there may be, by name.
    pub fn standing(&self, quota: &ObjectKey) -> BTreeMap<String, (Amount, Amount)> {
        let all = self.by_namespace.get(&quota.namespace).into_iter().flatten();
        let of_name = all.filter(|one| one.name == quota.name);
        of_name.flat_map(Quota::standing).collect()
    }

    fn all(&mut self, namespace: &str) -> &mut [Quota] {
        self.by_namespace.get_mut(namespace).map(Vec::as_mut_slice).unwrap_or_default()
    }
}

impl Quota {
    fn of(quota: &ResourceQuota) -> Self {
        let spec = quota.spec.clone().unwrap_or_default();
        Self {
            name: quota.metadata.name.clone().unwrap_or_default(),
            hard: read(spec.hard.as_ref()),
            terms: terms(&spec),
            used: Amounts::new(),
        }
    }

    fn is_for(&self, spec: &PodSpec) -> bool {
        self.terms.iter().all(|term| meets(term, spec))
    }

    fn used(&self, name: &str) -> Amount {
        self.used.get(name).copied().unwrap_or(Amount::ZERO)
    }

    fn charge(&mut self, usage: &Amounts) {
        for (name, amount) in usage.iter().filter(|(name, _)| self.hard.contains_key(*name)) {
            let used = self.used.entry(name.clone()).or_insert(Amount::ZERO);
            *used = used.plus(*amount);
        }
    }

    /// How many more there may be that count for so much each.
    fn room(&self, usage: &Amounts) -> u64 {
        let each = usage.iter().filter(|(_, amount)| **amount > Amount::ZERO);
        let rooms = each.filter_map(|(name, amount)| {
            let left = self.hard.get(name)?.minus(self.used(name)).max(Amount::ZERO);
            Some(u64::try_from(left.nano() / amount.nano()).unwrap_or(u64::MAX))
        });
        rooms.min().unwrap_or(u64::MAX)
    }

    /// What of this would be more than there may be.
    fn beyond<'u>(&self, usage: &'u Amounts) -> Vec<(&'u String, &'u Amount)> {
        let beyond = |(name, asked): &(&String, &Amount)| {
            let hard = self.hard.get(*name);
            **asked > Amount::ZERO && hard.is_some_and(|hard| self.used(name).plus(**asked) > *hard)
        };
        usage.iter().filter(beyond).collect()
    }

    /// Whether there may be so much more; the error says of what there may not.
    fn allows(&self, usage: &Amounts) -> Result<(), String> {
        let beyond = self.beyond(usage);
        if beyond.is_empty() {
            return Ok(());
        }
        let listed = |amount: &dyn Fn(&str) -> Amount| {
            let names = beyond.iter().map(|(name, _)| name.as_str());
            names.map(|name| format!("{name}={}", amount(name))).collect::<Vec<_>>().join(",")
        };
        Err(format!(
            "exceeded quota: {}, requested: {}, used: {}, limited: {}",
            self.name,
            listed(&|name| usage[name]),
            listed(&|name| self.used(name)),
            listed(&|name| self.hard[name]),
        ))
    }

    fn standing(&self) -> impl Iterator<Item = (String, (Amount, Amount))> {
        self.hard.iter().map(|(name, hard)| (name.clone(), (self.used(name), *hard)))
    }
}
