//! Secrets that stand where everybody can read them.

use crate::document::{Place, Severity, join, quoted};
use crate::lint::found::Found;
use crate::lint::pods::Contained;
use crate::lint::rule::{Check, Rule, Usual};
use crate::lint::set::Set;
use crate::manifest::ReadObject;
use crate::model::Object;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "secret-in-env",
        usual: Usual::On(Severity::Warning),
        finds: "a password, token or key as plain text in a variable",
        why: "It stands in the repository, in plans and in `describe`, and everybody who sees one of them has it.",
        fix: "put it in a Secret: `valueFrom: {secretKeyRef: {name: NAME, key: KEY}}`",
        check: Check::Container(in_env),
    },
    Rule {
        id: "secret-in-configmap",
        usual: Usual::On(Severity::Warning),
        finds: "a password, token or key in a ConfigMap",
        why: "A ConfigMap is shown to everybody who may look, and is not sealed anywhere.",
        fix: "put it in a Secret: `envFrom: [{secretRef: {name: NAME}}]`",
        check: Check::Object(in_config_map),
    },
];

/// The places of all secrets in plain text, whether or not a rule speaks of them: no finding shows what stands there.
pub(in crate::lint) fn places(set: &Set<'_>) -> Vec<Place> {
    let in_env = set.workloads().flat_map(|workload| {
        let contained = workload.containers().flat_map(|one| {
            let at = secret_variables(&one).map(|(at, _)| one.at(&format!("env[{at}].value")));
            at.collect::<Vec<_>>()
        });
        contained.map(|path| place(workload.read, &path)).collect::<Vec<_>>()
    });
    let in_maps = set.read().iter().flat_map(|read| {
        let keys = secret_keys(&read.object).map(|key| join("data", key));
        keys.map(|path| place(read, &path)).collect::<Vec<_>>()
    });
    in_env.chain(in_maps).collect()
}

fn place(read: &ReadObject, path: &str) -> Place {
    read.document.source.place(read.document.nearest(path))
}

/// The variables of a container that hold a secret.
fn secret_variables<'a>(one: &'a Contained<'_>) -> impl Iterator<Item = (usize, &'a str)> {
    let variables = one.container.env.iter().flatten().enumerate();
    variables.filter_map(|(at, variable)| {
        let value = variable.value.as_deref()?;
        let plain = names_secret(&variable.name) && is_secret(value);
        (plain || is_private_key(value)).then_some((at, variable.name.as_str()))
    })
}

/// The keys of a ConfigMap that hold a secret.
fn secret_keys(object: &Object) -> impl Iterator<Item = &String> {
    let map = if let Object::ConfigMap(map) = object { Some(map) } else { None };
    let data = map.and_then(|map| map.data.as_ref()).into_iter().flatten();
    data.filter_map(|(key, value)| {
        // A text of many lines is a file, whose name says what it is about, not what it is.
        let plain = names_secret(key) && is_secret(value) && !value.trim_end().contains('\n');
        (plain || is_private_key(value)).then_some(key)
    })
}

fn in_env(one: &Contained<'_>, found: &mut Found) {
    for (at, name) in secret_variables(one) {
        let message = format!(
            "{} of container {} is a secret in plain text",
            quoted(name),
            quoted(&one.container.name)
        );
        let path = one.at(&format!("env[{at}].name"));
        found.say(one.workload.read, &path, "its value is here for all to read", &message);
    }
}

fn in_config_map(read: &ReadObject, found: &mut Found) {
    for key in secret_keys(&read.object) {
        let path = join("data", key);
        let finding = found.at(read, &path, &format!("{} is a secret in a ConfigMap", quoted(key)));
        let key = read.document.key_span_of(&path).unwrap_or(finding.span);
        found.push(finding.at(key).with_label("its value is here for all to read"));
    }
}

fn is_private_key(value: &str) -> bool {
    value.contains("-----BEGIN") && value.contains("PRIVATE KEY-----")
}

/// Words that make a name that of a secret wherever they stand in it.
const SECRET: [&str; 3] = ["PASSPHRASE", "SECRET", "APIKEY"];

/// Ends of words that do: `PGPASSWORD` is one word.
const ENDS: [&str; 2] = ["PASSWORD", "PASSWD"];

/// Words that do so as the last of a name.
const LAST: [&str; 4] = ["TOKEN", "CREDENTIALS", "PWD", "PASS"];

/// Words before `KEY` that make it one that must be kept.
const BEFORE_KEY: [&str; 10] = [
    "API",
    "ACCESS",
    "PRIVATE",
    "SECRET",
    "ENCRYPTION",
    "SIGNING",
    "AUTH",
    "MASTER",
    "LICENSE",
    "ACCOUNT",
];

/// Last words of names that are about a secret, but are none.
const ABOUT: [&str; 51] = [
    "ALGORITHM",
    "ALLOWED",
    "AUTH",
    "CLASS",
    "COUNT",
    "DAYS",
    "DIR",
    "DIRECTORY",
    "ENABLED",
    "ENDPOINT",
    "ENGINE",
    "EXPIRATION",
    "EXPIRES",
    "EXPIRY",
    "FILE",
    "FORMAT",
    "HASH",
    "HEADER",
    "HOST",
    "HOURS",
    "ID",
    "INTERVAL",
    "ISSUER",
    "KEYS",
    "KIND",
    "LENGTH",
    "LEVEL",
    "MAX",
    "MIN",
    "MINUTES",
    "MODE",
    "NAME",
    "NAMES",
    "NAMESPACE",
    "PATH",
    "POLICY",
    "PORT",
    "PREFIX",
    "PROVIDER",
    "REF",
    "REGION",
    "ROTATION",
    "SECONDS",
    "SIZE",
    "STORE",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "VERSION",
];

/// Whether a name is that of a secret: `DB_PASSWORD`, `apiKey`, but not `PASSWORD_FILE`.
fn names_secret(name: &str) -> bool {
    let words = words(name);
    let Some((last, before)) = words.split_last() else { return false };
    let switch = ["ALLOW", "ENABLE", "DISABLE", "REQUIRE", "USE"];
    if ABOUT.contains(&last.as_str()) || words.iter().any(|word| switch.contains(&word.as_str())) {
        return false;
    }
    let secret = |word: &String| {
        SECRET.contains(&word.as_str()) || ENDS.iter().any(|end| word.ends_with(end))
    };
    words.iter().any(secret)
        || LAST.contains(&last.as_str())
        || (last == "KEY" && before.last().is_some_and(|word| BEFORE_KEY.contains(&word.as_str())))
}

/// The words of a name in capitals, whether it is written with dashes or in camel case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        let parts = !c.is_alphanumeric();
        if (parts || (small && c.is_uppercase())) && words.last().is_some_and(|w| !w.is_empty()) {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| !parts) {
            word.extend(c.to_uppercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a value can be a secret: not empty, no switch, no path or address, and nothing that stands for another value.
fn is_secret(value: &str) -> bool {
    let value = value.trim();
    let switch = ["true", "false", "yes", "no", "on", "off", "none", "null"];
    let stands =
        ["$(", "${", "{{", "<", "/", "file:", "arn:", "vault:", "secret:", "http://", "https://"];
    !value.is_empty()
        && !switch.contains(&value.to_lowercase().as_str())
        && !stands.iter().any(|start| value.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_and_names_about_them() {
        for (name, secret) in [
            ("PASSWORD", true),
            ("MYSQL_ROOT_PASSWORD", true),
            ("db-password", true),
            ("PGPASSWORD", true),
            ("DB_PASS", true),
            ("SECRET_NAMESPACE", false),
            ("PASS_THROUGH", false),
            ("SECRET_ROTATION_DAYS", false),
            ("apiKey", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("GITHUB_TOKEN", true),
            ("SECRET_KEY_BASE", true),
            ("POSTGRES_PASSWORD_FILE", false),
            ("TOKEN_URL", false),
            ("MYSQL_ALLOW_EMPTY_PASSWORD", false),
            ("AWS_ACCESS_KEY_ID", false),
            ("PARTITION_KEY", false),
            ("secretName", false),
            ("COMPASS", false),
            ("", false),
        ] {
            assert_eq!(names_secret(name), secret, "{name}");
        }
    }

    #[test]
    fn values_that_stand_for_others_are_no_secrets() {
        for (value, secret) in [
            ("hunter2", true),
            ("123456", true),
            ("", false),
            ("yes", false),
            ("$(PASSWORD)", false),
            ("/run/secrets/token", false),
            ("<your password>", false),
        ] {
            assert_eq!(is_secret(value), secret, "{value}");
        }
    }
}
