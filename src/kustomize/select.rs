//! Which objects a patch or a replacement is for.
//!
//! Source: `api/types/selector.go` and `resmap.Select` of kustomize 5.5.

use regex_lite::Regex;

use crate::model;

use super::resource::Resource;
use super::spec::Selector;

/// A selector, ready to be asked.
pub(super) struct Selected {
    group: Regex,
    version: Regex,
    kind: Regex,
    name: Regex,
    namespace: Regex,
    labels: model::Selector,
    annotations: model::Selector,
}

impl Selected {
    /// Takes a selector's patterns; else the field that is wrong, and why.
    pub(super) fn of(selector: &Selector) -> Result<Self, (&'static str, String)> {
        let pattern = |field, text: &str| {
            let whole = if text.is_empty() { ".*".to_owned() } else { format!("^(?:{text})$") };
            Regex::new(&whole).map_err(|error| (field, format!("{text} is no pattern: {error}")))
        };
        let labels = |field, text: &str| {
            model::Selector::parse(text).map_err(|error| (field, error.to_string()))
        };
        Ok(Self {
            group: pattern("group", &selector.group)?,
            version: pattern("version", &selector.version)?,
            kind: pattern("kind", &selector.kind)?,
            name: pattern("name", &selector.name)?,
            namespace: pattern("namespace", &selector.namespace)?,
            labels: labels("labelSelector", &selector.labels)?,
            annotations: labels("annotationSelector", &selector.annotations)?,
        })
    }

    /// Whether an object is meant, by what it is or by what it was when it was read.
    pub(super) fn is(&self, resource: &Resource) -> bool {
        let (now, first) = (resource.id(), resource.original());
        [&now, &first].iter().any(|id| self.namespace.is_match(&id.namespace))
            && [&now, &first].iter().any(|id| self.name.is_match(&id.name))
            && self.group.is_match(&now.group)
            && self.version.is_match(&now.version)
            && self.kind.is_match(&now.kind)
            && self.labels.matches(&resource.pairs("labels"))
            && self.annotations.matches(&resource.pairs("annotations"))
    }
}
