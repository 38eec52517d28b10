//! The environment of a container, complete: references resolved, in Kubernetes' order.

use k8s_openapi::api::core::v1::{Container, EnvFromSource, EnvVar};

use super::Surroundings;
use super::downward;
use super::expand::expand;
use crate::model::Hidden;
use crate::plan::secret_mark;

/// The variables of a container, in the order in which they were first set.
///
/// What a Secret holds is kept apart: a mark stands for it in variables, and in whatever they are expanded into.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) variables: Vec<(String, String)>,
    pub(super) secrets: Vec<Hidden>,
}

/// The environment in Kubernetes' order: `envFrom` first, then `env`, where a later name replaces an earlier one. Of what
/// Services tell, only what is not set otherwise.
pub(super) fn environment(container: &Container, around: &Surroundings<'_>) -> Environment {
    let mut all = Environment::default();
    for from in container.env_from.iter().flatten() {
        all.set_all(from, around);
    }
    for variable in container.env.iter().flatten() {
        if let Some(value) = all.value(variable, container, around) {
            all.set(variable.name.clone(), value);
        }
    }
    for (name, value) in &around.links {
        if !all.variables.iter().any(|(have, _)| have == name) {
            all.variables.push((name.clone(), value.clone()));
        }
    }
    all
}

impl Environment {
    /// Expands a word of a command.
    pub(super) fn expand(&self, text: &str) -> String {
        expand(text, |name| find(&self.variables, name))
    }

    fn set(&mut self, name: String, value: String) {
        match self.variables.iter_mut().find(|(have, _)| *have == name) {
            Some((_, have)) => *have = value,
            None => self.variables.push((name, value)),
        }
    }

    /// Every key of a ConfigMap or a Secret. Any key is a variable's name, since Kubernetes 1.34.
    fn set_all(&mut self, from: &EnvFromSource, around: &Surroundings<'_>) {
        let prefix = from.prefix.as_deref().unwrap_or_default();
        let map = from.config_map_ref.as_ref();
        let map = map.and_then(|map| around.config.config_maps.get(&map.name));
        for (key, value) in map.iter().flat_map(|map| map.data.iter().flatten()) {
            self.set(format!("{prefix}{key}"), value.clone());
        }
        let secret = from.secret_ref.as_ref();
        let secret = secret.and_then(|secret| around.config.secrets.get(&secret.name));
        for (key, value) in secret.iter().flat_map(|secret| secret.data.iter().flatten()) {
            let mark = self.hide(&value.0);
            self.set(format!("{prefix}{key}"), mark);
        }
    }

    /// A variable's value; `None` when it is not set.
    fn value(
        &mut self,
        variable: &EnvVar,
        container: &Container,
        around: &Surroundings<'_>,
    ) -> Option<String> {
        let Some(from) = &variable.value_from else {
            let text = variable.value.as_deref().unwrap_or_default();
            let links = |name: &str| find(&around.links, name);
            return Some(expand(text, |name| find(&self.variables, name).or_else(|| links(name))));
        };
        if let Some(field) = &from.field_ref {
            return downward::field(&field.field_path, around);
        }
        if let Some(selector) = &from.resource_field_ref {
            return Some(downward::resource(selector, container, around));
        }
        if let Some(key) = &from.secret_key_ref {
            let secret = around.config.secrets.get(&key.name)?;
            let value = secret.data.as_ref()?.get(&key.key)?;
            return Some(self.hide(&value.0));
        }
        let key = from.config_map_key_ref.as_ref()?;
        around.config.config_maps.get(&key.name)?.data.as_ref()?.get(&key.key).cloned()
    }

    /// Keeps what a Secret holds apart, and returns the mark that stands for it.
    fn hide(&mut self, bytes: &[u8]) -> String {
        self.secrets.push(Hidden::new(bytes));
        secret_mark(self.secrets.len() - 1)
    }
}

fn find<'a>(all: &'a [(String, String)], name: &str) -> Option<&'a str> {
    all.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
}
