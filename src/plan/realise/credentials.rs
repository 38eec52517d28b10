//! What a registry is shown for an image: the entry of a pod's pull secrets that fits it best.
//!
//! Source: <https://kubernetes.io/docs/concepts/containers/images/#config-json>

use k8s_openapi::api::core::v1::{PodSpec, Secret};
use serde_json::{Map, Value, json};

use crate::controller::Config;
use crate::model::Hidden;

/// Docker Hub's name in the files of Docker, which is not that of its images.
const HUB: &str = "index.docker.io";

/// A file of credentials as podman reads it, for the registry of an image by its full name; `None` when no pull secret speaks of
/// it, and the host shows its own.
pub(super) fn credentials(image: &str, spec: &PodSpec, config: &Config) -> Option<Hidden> {
    let (registry, path) = image.split_once('/')?;
    let named = spec.image_pull_secrets.iter().flatten();
    let secrets = named.filter_map(|secret| config.secrets.get(&secret.name));
    let mut best: Option<(usize, Value)> = None;
    for (place, entry) in secrets.flat_map(entries) {
        let Some(length) = fits(&place, registry, path) else { continue };
        // The first of those that say as much.
        if best.as_ref().is_none_or(|(have, _)| *have < length) {
            best = Some((length, entry));
        }
    }
    let (_, entry) = best?;
    Some(Hidden::new(json!({"auths": {registry: entry}}).to_string()))
}

/// The places that a pull secret speaks of, and what is shown there.
fn entries(secret: &Secret) -> Vec<(String, Value)> {
    let file = |key: &str| {
        let bytes = secret.data.as_ref()?.get(key)?;
        serde_json::from_slice::<Map<String, Value>>(&bytes.0).ok()
    };
    let auths = match secret.type_.as_deref() {
        Some("kubernetes.io/dockercfg") => file(".dockercfg"),
        _ => match file(".dockerconfigjson").and_then(|mut all| all.remove("auths")) {
            Some(Value::Object(auths)) => Some(auths),
            _ => None,
        },
    };
    auths.into_iter().flatten().map(|(place, entry)| (place, shown(&entry))).collect()
}

/// An entry with nothing but what podman reads.
fn shown(entry: &Value) -> Value {
    use base64::Engine as _;
    let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let auth = match (text("username"), text("password")) {
        (Some(user), Some(password)) => {
            let both = format!("{user}:{password}");
            Some(base64::engine::general_purpose::STANDARD.encode(both))
        }
        _ => text("auth").map(str::to_owned),
    };
    let mut shown = Map::new();
    shown.extend(auth.map(|auth| ("auth".to_owned(), Value::from(auth))));
    let token = text("identitytoken").map(Value::from);
    shown.extend(token.map(|token| ("identitytoken".to_owned(), token)));
    Value::Object(shown)
}

/// How much a place such as `https://reg.example:5000/team` or `*.example` says of an image that it fits; `None` when it
/// does not fit.
fn fits(place: &str, registry: &str, path: &str) -> Option<usize> {
    let place =
        place.strip_prefix("https://").or_else(|| place.strip_prefix("http://")).unwrap_or(place);
    let (host, below) = place.split_once('/').unwrap_or((place, ""));
    // Docker's files have a version for a path.
    let below = if matches!(below.trim_end_matches('/'), "v1" | "v2") { "" } else { below };
    let host = if host == HUB { "docker.io" } else { host };
    let below = below.trim_end_matches('/');
    let within = path.strip_prefix(below).is_some_and(|rest| {
        below.is_empty() || rest.is_empty() || rest.starts_with(['/', ':', '@'])
    });
    let parts = |name: &str| name.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (asked, have) = (parts(host), parts(registry));
    let alike = asked.iter().zip(&have).all(|(asked, have)| matches(asked, have));
    (within && alike && asked.len() == have.len()).then_some(host.len() + below.len())
}

/// Whether a part of a host's name fits one with a `*` at most.
fn matches(asked: &str, have: &str) -> bool {
    match asked.split_once('*') {
        None => asked == have,
        Some((before, after)) => {
            have.len() >= before.len() + after.len()
                && have.starts_with(before)
                && have.ends_with(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_that_says_most_of_an_image_wins() {
        for (place, image, fit) in [
            ("https://index.docker.io/v1/", "docker.io/library/nginx:1", true),
            ("reg:5000", "reg:5000/a/b:1", true),
            ("reg", "reg:5000/a/b:1", false),
            ("reg:5000/a", "reg:5000/a/b:1", true),
            ("reg:5000/a", "reg:5000/ab:1", false),
            ("*.example", "x.example/a", true),
            ("*.example", "x.y.example/a", false),
            ("*.example", "example/a", false),
        ] {
            let (registry, path) = image.split_once('/').unwrap();
            assert_eq!(fits(place, registry, path).is_some(), fit, "{place} {image}");
        }
        assert!(fits("reg:5000/a", "reg:5000", "a/b") > fits("reg:5000", "reg:5000", "a/b"));
    }

    #[test]
    fn podman_is_given_the_image_s_registry_alone() {
        let file = json!({"auths": {
            "reg:5000": {"username": "anna", "password": "p", "email": "e"}, "other": {"auth": "x"},
        }});
        let secret: Secret =
            serde_json::from_value(json!({"type": "kubernetes.io/dockerconfigjson"})).unwrap();
        let bytes = k8s_openapi::ByteString(file.to_string().into_bytes());
        let secret =
            Secret { data: Some([(".dockerconfigjson".to_owned(), bytes)].into()), ..secret };
        let mut config = Config::default();
        config.secrets.insert("s".to_owned(), secret);
        let spec = json!({"containers": [], "imagePullSecrets": [{"name": "gone"}, {"name": "s"}]});
        let spec: PodSpec = serde_json::from_value(spec).unwrap();
        let shown = credentials("reg:5000/a:1", &spec, &config).unwrap();
        let shown = String::from_utf8_lossy(shown.reveal()).into_owned();
        assert_eq!(shown, r#"{"auths":{"reg:5000":{"auth":"YW5uYTpw"}}}"#);
        assert_eq!(credentials("else/a:1", &spec, &config), None);
    }
}
