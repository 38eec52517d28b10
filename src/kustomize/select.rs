//! Which objects a patch or a replacement is for.
//!
//! Source: `api/types/selector.go` and `resmap.Select` of kustomize 5.5.

use regex_lite::Regex;

use crate::document::Placed;
use crate::model;

use super::resource::Resource;
use super::spec::Selector;

/// A selector, ready to be asked.
pub(super) struct Selected {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    labels: Option<model::Selector>,
    annotations: Option<model::Selector>,
}

/// What a text has to be.
enum Pattern {
    Any,
    Text(String),
    Regex(Regex),
}

impl Pattern {
    fn of(text: &str) -> Result<Self, regex_lite::Error> {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/');
        match text {
            "" => Ok(Self::Any),
            plain if plain.chars().all(is_plain) => Ok(Self::Text(plain.to_owned())),
            regex => Regex::new(&format!("^(?:{regex})$")).map(Self::Regex),
        }
    }

    fn fits(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Text(plain) => plain == text,
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

impl Selected {
    /// Takes a selector's patterns; else the field that is wrong, and why.
    pub(super) fn of(selector: &Selector) -> Result<Self, (&'static str, String)> {
        let pattern = |field, text: &str| {
            Pattern::of(text).map_err(|error| (field, format!("{text} is no pattern: {error}")))
        };
        let labels = |field, text: &str| {
            let parsed = (!text.is_empty()).then(|| model::Selector::parse(text));
            parsed.transpose().map_err(|error| (field, error.to_string()))
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
    ///
    /// The cheap questions come first: most objects are not meant.
    pub(super) fn is(&self, resource: &Resource) -> bool {
        let kind = resource.value.get("kind").and_then(Placed::as_scalar).unwrap_or_default();
        self.kind.fits(kind) && self.is_called(resource) && self.is_marked(resource)
    }

    fn is_called(&self, resource: &Resource) -> bool {
        let (now, first) = (resource.id(), resource.original());
        [&now, &first].iter().any(|id| self.name.fits(&id.name))
            && [&now, &first].iter().any(|id| self.namespace.fits(&id.namespace))
            && self.group.fits(&now.group)
            && self.version.fits(&now.version)
    }

    fn is_marked(&self, resource: &Resource) -> bool {
        let fits = |selector: &Option<model::Selector>, field| {
            selector.as_ref().is_none_or(|selector| selector.matches(&resource.pairs(field)))
        };
        fits(&self.labels, "labels") && fits(&self.annotations, "annotations")
    }
}
