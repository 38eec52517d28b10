//! Labels, and the selectors that choose by them.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// Labels of an object or a host, in order of their keys.
pub type Labels = BTreeMap<String, String>;

/// A label selector, as Kubernetes defines it: every requirement must hold.
///
/// Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

/// Why a selector could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SelectorError {
    /// A term of the text form is none of the known ones.
    #[error("`{term}` is not a label requirement")]
    Term {
        /// The term as typed.
        term: String,
    },
    /// `matchExpressions` names an operator that does not exist.
    #[error("`{operator}` is not an operator: use In, NotIn, Exists or DoesNotExist")]
    Operator {
        /// The operator as written.
        operator: String,
    },
}

impl Selector {
    /// Selects by equality with every given label, as a Service's `spec.selector` does.
    pub fn equal(labels: &Labels) -> Self {
        let requirements =
            labels.iter().map(|(k, v)| Requirement::In(k.clone(), vec![v.clone()])).collect();
        Self { requirements }
    }

    /// Reads a Kubernetes `LabelSelector`.
    pub fn from_object(selector: &LabelSelector) -> Result<Self, SelectorError> {
        let mut all = Self::equal(&selector.match_labels.clone().unwrap_or_default());
        for term in selector.match_expressions.iter().flatten() {
            let values = term.values.clone().unwrap_or_default();
            all.requirements.push(match term.operator.as_str() {
                "In" => Requirement::In(term.key.clone(), values),
                "NotIn" => Requirement::NotIn(term.key.clone(), values),
                "Exists" => Requirement::Exists(term.key.clone()),
                "DoesNotExist" => Requirement::Absent(term.key.clone()),
                other => return Err(SelectorError::Operator { operator: other.to_owned() }),
            });
        }
        Ok(all)
    }

    /// Reads the text form of `kubectl -l`: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let mut requirements = Vec::new();
        for term in split_outside_brackets(text) {
            requirements.push(parse_term(term.trim())?);
        }
        Ok(Self { requirements })
    }

    /// Whether these labels satisfy every requirement; an empty selector accepts all.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements.iter().all(|requirement| match requirement {
            Requirement::In(key, values) => labels.get(key).is_some_and(|v| values.contains(v)),
            Requirement::NotIn(key, values) => labels.get(key).is_none_or(|v| !values.contains(v)),
            Requirement::Exists(key) => labels.contains_key(key),
            Requirement::Absent(key) => !labels.contains_key(key),
        })
    }

    /// Whether there is no requirement at all.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let (mut terms, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                terms.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms.retain(|term| !term.trim().is_empty());
    terms
}

fn parse_term(term: &str) -> Result<Requirement, SelectorError> {
    let wrong = || SelectorError::Term { term: term.to_owned() };
    let key = |text: &str| {
        let text = text.trim();
        let fits =
            !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || "=!()".contains(c));
        fits.then(|| text.to_owned()).ok_or_else(wrong)
    };
    if let Some((name, value)) = term.split_once("!=") {
        return Ok(Requirement::NotIn(key(name)?, vec![value.trim().to_owned()]));
    }
    if let Some((name, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        return Ok(Requirement::In(key(name)?, vec![value.trim().to_owned()]));
    }
    if let Some(list) = term.strip_suffix(')') {
        let (head, values) = list.split_once('(').ok_or_else(wrong)?;
        let values = values.split(',').map(|v| v.trim().to_owned()).collect();
        let head = head.trim();
        if let Some(name) = head.strip_suffix(" notin") {
            return Ok(Requirement::NotIn(key(name)?, values));
        }
        if let Some(name) = head.strip_suffix(" in") {
            return Ok(Requirement::In(key(name)?, values));
        }
        return Err(wrong());
    }
    match term.strip_prefix('!') {
        Some(name) => Ok(Requirement::Absent(key(name)?)),
        None => Ok(Requirement::Exists(key(term)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn text_form_as_kubectl_reads_it() {
        let web = labels(&[("app", "web"), ("tier", "front")]);
        for (text, expected) in [
            ("app=web", true),
            ("app==web,tier=front", true),
            ("app!=web", false),
            ("other!=x", true),
            ("app in (web, api),tier", true),
            ("app notin (web)", false),
            ("!tier", false),
            ("", true),
        ] {
            assert_eq!(Selector::parse(text).unwrap().matches(&web), expected, "{text}");
        }
    }

    #[test]
    fn nonsense_is_named() {
        let error = Selector::parse("app in web").unwrap_err();
        assert_eq!(error, SelectorError::Term { term: "app in web".into() });
    }
}
