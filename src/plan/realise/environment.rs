//! The environment of a container, complete: references resolved, in Kubernetes' order.

use k8s_openapi::api::core::v1::{Container, EnvVar};

use super::Surroundings;

/// The environment in Kubernetes' order: `envFrom` first, then `env`, where a later name replaces an earlier one.
pub(super) fn environment(
    container: &Container,
    around: &Surroundings<'_>,
) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for from in container.env_from.iter().flatten() {
        let map =
            from.config_map_ref.as_ref().and_then(|map| around.config.config_maps.get(&map.name));
        let prefix = from.prefix.as_deref().unwrap_or_default();
        for (key, value) in map.iter().flat_map(|map| map.data.iter().flatten()) {
            set(&mut all, format!("{prefix}{key}"), value.clone());
        }
    }
    for variable in container.env.iter().flatten() {
        if let Some(value) = value(variable, around, &all) {
            set(&mut all, variable.name.clone(), value);
        }
    }
    all
}

fn set(all: &mut Vec<(String, String)>, name: String, value: String) {
    match all.iter_mut().find(|(have, _)| *have == name) {
        Some((_, have)) => *have = value,
        None => all.push((name, value)),
    }
}

fn value(
    variable: &EnvVar,
    around: &Surroundings<'_>,
    so_far: &[(String, String)],
) -> Option<String> {
    let Some(from) = &variable.value_from else {
        return Some(expand(variable.value.as_deref().unwrap_or_default(), so_far));
    };
    if let Some(field) = &from.field_ref {
        return field_value(&field.field_path, around);
    }
    let key = from.config_map_key_ref.as_ref()?;
    around.config.config_maps.get(&key.name)?.data.as_ref()?.get(&key.key).cloned()
}

fn field_value(path: &str, around: &Surroundings<'_>) -> Option<String> {
    let metadata = &around.pod.metadata;
    match path {
        "metadata.name" => metadata.name.clone(),
        "metadata.namespace" => metadata.namespace.clone(),
        "spec.nodeName" => Some(around.node.to_string()),
        "status.podIP" => Some(around.address.to_string()),
        "status.hostIP" => around.host_address.map(|address| address.to_string()),
        _ => None,
    }
}

/// Expands `$(NAME)` by what is set, leaves an unknown name as it is, and reads `$$` as `$`.
///
/// Source: <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
pub(super) fn expand(text: &str, env: &[(String, String)]) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            out.push('$');
            rest = after;
            continue;
        }
        let name = rest.strip_prefix("$(").and_then(|r| r.split_once(')'));
        match name.and_then(|(name, after)| Some((env.iter().find(|(n, _)| n == name)?, after))) {
            Some(((_, value), after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('$');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_expand_as_kubernetes_expands_them() {
        let env = [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "$(A)".to_owned())];
        for (text, expected) in [
            ("$(A)$(B)", "1$(A)"),
            ("$$(A)", "$(A)"),
            ("$(C) $A $(A", "$(C) $A $(A"),
            ("cost: 5$", "cost: 5$"),
            ("$$$(A)", "$1"),
        ] {
            assert_eq!(expand(text, &env), expected, "{text}");
        }
    }
}
