//! `LimitRanges`: what containers get that ask for nothing, and what containers, pods and claims must keep to.
//!
//! Source: <https://kubernetes.io/docs/concepts/policy/limit-range/>, and `plugin/pkg/admission/limitranger` of Kubernetes.

use k8s_openapi::api::core::v1::{
    Container, LimitRange, LimitRangeItem, PersistentVolumeClaimSpec, PodSpec,
};

use super::of_namespace;
use super::resources::{Amounts, Asked, read};
use crate::desired::Desired;
use crate::document::join;
use crate::model::{Amount, Kind, Object};

/// Something that a `LimitRange` does not let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Where, below the specification: `containers[0].resources.limits.cpu`.
    pub path: String,
    /// What, in the API server's words.
    pub what: String,
}

/// The annotation in which the API server says what it has filled in.
pub const FILLED: &str = "kubernetes.io/limit-ranger";

/// Billionths in a whole one, and millionths.
const BILLION: i128 = 1_000_000_000;
const MILLION: i128 = 1_000_000;

/// Several breaches in one sentence.
pub fn words(breaches: &[Breach]) -> String {
    match breaches {
        [one] => one.what.clone(),
        many => {
            let mut said: Vec<&str> = Vec::new();
            for breach in many {
                if !said.contains(&breach.what.as_str()) {
                    said.push(&breach.what);
                }
            }
            if let [one] = said[..] { one.to_owned() } else { format!("[{}]", said.join(", ")) }
        }
    }
}

/// Gives containers the limits and requests that they lack and that a `LimitRange` of the namespace has for such, and returns what
/// the annotation [`FILLED`] says of it; `None` where nothing was filled in.
pub fn fill(desired: &Desired, namespace: &str, spec: &mut PodSpec) -> Option<String> {
    let mut said = None;
    for range in ranges(desired, namespace) {
        let mut told = Vec::new();
        for container in &mut spec.containers {
            fill_container(range, container, "container", &mut told);
        }
        for container in spec.init_containers.iter_mut().flatten() {
            fill_container(range, container, "init container", &mut told);
        }
        if !told.is_empty() {
            said = Some(format!("LimitRanger plugin set: {}", told.join("; ")));
        }
    }
    said
}

fn fill_container(
    range: &LimitRange,
    container: &mut Container,
    what: &str,
    told: &mut Vec<String>,
) {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    // The last item of the type wins, as in Kubernetes, which refuses a second one anyway.
    for item in items(range).filter(|item| item.type_ == "Container").rev() {
        for (name, amount) in item.default.iter().flatten() {
            let all = container.resources.get_or_insert_default().limits.get_or_insert_default();
            if !all.contains_key(name) {
                all.insert(name.clone(), amount.clone());
                limits.push(name.as_str());
            }
        }
        for (name, amount) in item.default_request.iter().flatten() {
            let all = container.resources.get_or_insert_default().requests.get_or_insert_default();
            if !all.contains_key(name) {
                all.insert(name.clone(), amount.clone());
                requests.push(name.as_str());
            }
        }
    }
    for (word, mut names) in [("request", requests), ("limit", limits)] {
        if !names.is_empty() {
            names.sort_unstable();
            told.push(format!("{} {word} for {what} {}", names.join(", "), container.name));
        }
    }
}

/// What a pod does that the first `LimitRange` which minds does not let pass.
pub fn pod_breaches(desired: &Desired, namespace: &str, spec: &PodSpec) -> Vec<Breach> {
    let mut all = ranges(desired, namespace).map(|range| broken_by_pod(range, spec));
    all.find(|breaches| !breaches.is_empty()).unwrap_or_default()
}

/// What a claim does that the first `LimitRange` which minds does not let pass.
pub fn claim_breaches(
    desired: &Desired,
    namespace: &str,
    spec: &PersistentVolumeClaimSpec,
) -> Vec<Breach> {
    let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let asked = Asked { requests: read(requests), limits: Amounts::new() };
    let of_range = |range| {
        let mut found = Vec::new();
        for item in items(range).filter(|item| item.type_ == "PersistentVolumeClaim") {
            let rule = Rule { of: &item.type_, at: "resources", asked: &asked };
            found.extend(each(&read(item.min.as_ref()), |name, bound| rule.least(name, bound)));
            found.extend(each(&read(item.max.as_ref()), |name, bound| {
                rule.most_requested(name, bound)
            }));
        }
        found
    };
    let mut all = ranges(desired, namespace).map(of_range);
    all.find(|breaches: &Vec<Breach>| !breaches.is_empty()).unwrap_or_default()
}

fn ranges<'a>(desired: &'a Desired, namespace: &'a str) -> impl Iterator<Item = &'a LimitRange> {
    of_namespace(desired, Kind::LimitRange, namespace).filter_map(|object| match object {
        Object::LimitRange(range) => Some(&**range),
        _ => None,
    })
}

fn items(range: &LimitRange) -> impl DoubleEndedIterator<Item = &LimitRangeItem> {
    range.spec.as_ref().map(|spec| spec.limits.as_slice()).unwrap_or_default().iter()
}

fn broken_by_pod(range: &LimitRange, spec: &PodSpec) -> Vec<Breach> {
    let mut found = Vec::new();
    for item in items(range) {
        match item.type_.as_str() {
            "Container" => {
                let lists = [
                    ("containers", spec.containers.as_slice()),
                    ("initContainers", spec.init_containers.as_deref().unwrap_or_default()),
                ];
                for (list, containers) in lists {
                    for (index, container) in containers.iter().enumerate() {
                        let at = format!("{list}[{index}].resources");
                        let asked = Asked::by_container(container);
                        found.extend(broken(
                            item,
                            &Rule { of: &item.type_, at: &at, asked: &asked },
                        ));
                    }
                }
            }
            "Pod" => {
                let asked = Asked::by_pod(spec);
                // Where only containers say something, their sum stands nowhere in particular.
                let at = if spec.resources.is_some() { "resources" } else { "containers" };
                let rule = Rule { of: &item.type_, at, asked: &asked };
                let summed = broken(item, &rule).into_iter().map(|breach| match at {
                    "containers" => Breach { path: at.to_owned(), ..breach },
                    _ => breach,
                });
                found.extend(summed);
            }
            _ => {}
        }
    }
    found
}

fn broken(item: &LimitRangeItem, rule: &Rule<'_>) -> Vec<Breach> {
    let mut found = each(&read(item.min.as_ref()), |name, bound| rule.least(name, bound));
    found.extend(each(&read(item.max.as_ref()), |name, bound| rule.most(name, bound)));
    let ratios = read(item.max_limit_request_ratio.as_ref());
    found.extend(each(&ratios, |name, bound| rule.ratio(name, bound)));
    found
}

fn each(bounds: &Amounts, check: impl Fn(&str, Amount) -> Option<Breach>) -> Vec<Breach> {
    bounds.iter().filter_map(|(name, bound)| check(name, *bound)).collect()
}

/// What is held against the bounds of one item.
struct Rule<'a> {
    /// The item's type.
    of: &'a str,
    /// Where the amounts stand.
    at: &'a str,
    asked: &'a Asked,
}

impl Rule<'_> {
    fn breach(&self, list: &str, name: &str, what: String) -> Breach {
        Breach { path: join(&join(self.at, list), name), what }
    }

    fn least(&self, name: &str, bound: Amount) -> Option<Breach> {
        let (request, limit) = (self.asked.requests.get(name), self.asked.limits.get(name));
        let rule = format!("minimum {name} usage per {} is {bound}", self.of);
        match (request, limit) {
            (None, _) => {
                Some(self.breach("requests", name, format!("{rule}.  No request is specified")))
            }
            (Some(asked), _) if *asked < bound => {
                Some(self.breach("requests", name, format!("{rule}, but request is {asked}")))
            }
            (_, Some(limit)) if *limit < bound => {
                Some(self.breach("limits", name, format!("{rule}, but limit is {limit}")))
            }
            _ => None,
        }
    }

    fn most(&self, name: &str, bound: Amount) -> Option<Breach> {
        let (request, limit) = (self.asked.requests.get(name), self.asked.limits.get(name));
        let rule = format!("maximum {name} usage per {} is {bound}", self.of);
        match (request, limit) {
            (_, None) => {
                Some(self.breach("limits", name, format!("{rule}.  No limit is specified")))
            }
            (_, Some(limit)) if *limit > bound => {
                Some(self.breach("limits", name, format!("{rule}, but limit is {limit}")))
            }
            (Some(asked), _) if *asked > bound => {
                Some(self.breach("requests", name, format!("{rule}, but request is {asked}")))
            }
            _ => None,
        }
    }

    /// The most of what has no limits: a claim.
    fn most_requested(&self, name: &str, bound: Amount) -> Option<Breach> {
        let rule = format!("maximum {name} usage per {} is {bound}", self.of);
        match self.asked.requests.get(name) {
            None => {
                Some(self.breach("requests", name, format!("{rule}.  No request is specified")))
            }
            Some(asked) if *asked > bound => {
                Some(self.breach("requests", name, format!("{rule}, but request is {asked}")))
            }
            Some(_) => None,
        }
    }

    fn ratio(&self, name: &str, bound: Amount) -> Option<Breach> {
        let set = |amounts: &Amounts| amounts.get(name).copied().filter(|a| *a != Amount::ZERO);
        let rule = format!("{name} max limit to request ratio per {} is {bound}", self.of);
        let Some(request) = set(&self.asked.requests) else {
            let what = format!("{rule}, but no request is specified or request is 0");
            return Some(self.breach("requests", name, what));
        };
        let Some(limit) = set(&self.asked.limits) else {
            let what = format!("{rule}, but no limit is specified or limit is 0");
            return Some(self.breach("limits", name, what));
        };
        // What is too large to be multiplied is beyond every limit.
        let most = bound.nano().checked_mul(request.nano())?;
        (limit.nano().saturating_mul(BILLION) > most).then(|| {
            let ratio = (limit.nano() * MILLION + request.nano() / 2) / request.nano();
            let ratio = format!("{}.{:06}", ratio / MILLION, ratio % MILLION);
            self.breach("limits", name, format!("{rule}, but provided ratio is {ratio}"))
        })
    }
}
