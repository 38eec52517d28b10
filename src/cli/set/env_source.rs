//! `--from=configmap/NAME`: a variable for each key.

use serde_json::{Value, json};

use super::super::CliError;
use super::super::choose::not_found;
use crate::desired::Desired;
use crate::model::{Kind, Object, ObjectKey};

/// A ConfigMap or Secret that variables are taken from.
pub(super) struct EnvSource {
    kind: Kind,
    name: String,
}

/// What the variables are called.
pub(super) struct Naming<'a> {
    /// The keys that are taken; all when none is named.
    pub(super) keys: &'a [String],
    /// What the names begin with.
    pub(super) prefix: &'a str,
}

impl EnvSource {
    /// Reads `configmap/web`.
    pub(super) fn parse(text: &str) -> Result<Self, CliError> {
        let source = text.split_once('/').and_then(|(kind, name)| {
            let kind = Kind::parse(kind).ok()?;
            let known = matches!(kind, Kind::ConfigMap | Kind::Secret) && !name.is_empty();
            known.then(|| Self { kind, name: name.to_owned() })
        });
        source.ok_or_else(|| CliError::Usage {
            problem: format!("`{text}` names no ConfigMap and no Secret"),
            hint: "write --from=configmap/NAME or --from=secret/NAME".to_owned(),
        })
    }

    /// The variables, each with its name. The values stay where they are: the variables refer to them.
    pub(super) fn variables(
        &self,
        namespace: &str,
        stored: &Desired,
        naming: &Naming<'_>,
    ) -> Result<Vec<(String, Value)>, CliError> {
        let key = ObjectKey::new(self.kind.object(), namespace, &self.name);
        let object = &stored.objects.get(&key).ok_or_else(|| not_found(&key))?.object;
        let all: Vec<&String> = match object {
            Object::ConfigMap(map) => map.data.iter().flat_map(|data| data.keys()).collect(),
            Object::Secret(secret) => secret.data.iter().flat_map(|data| data.keys()).collect(),
            _ => Vec::new(),
        };
        if let Some(none) = naming.keys.iter().find(|key| !all.contains(key)) {
            let hint = all.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ");
            return Err(CliError::Usage {
                problem: format!("{key} has no key `{none}`"),
                hint: format!("its keys are: {hint}"),
            });
        }
        let meant =
            all.into_iter().filter(|key| naming.keys.is_empty() || naming.keys.contains(key));
        let field = if self.kind == Kind::Secret { "secretKeyRef" } else { "configMapKeyRef" };
        let variable = |key: &String| {
            let name = format!("{}{}", naming.prefix, variable_name(key));
            let source = json!({field: {"name": self.name, "key": key}});
            (name.clone(), json!({"name": name, "valueFrom": source}))
        };
        Ok(meant.map(variable).collect())
    }
}

/// A key as the name of a variable, as kubectl makes it: capitals, and `_` for what no name has.
fn variable_name(key: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    key.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_names_of_variables() {
        assert_eq!(variable_name("nginx.worker-count"), "NGINX_WORKER_COUNT");
        assert!(EnvSource::parse("cm/web").is_ok());
        for wrong in ["web", "cm/", "pod/web", "bananas/web"] {
            assert!(EnvSource::parse(wrong).is_err(), "{wrong}");
        }
    }
}
