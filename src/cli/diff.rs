//! `bowline diff`: what is stored against what applying manifests would make of it, as a unified diff.

use clap::Args;
use serde_json::Value;

use super::carry::now;
use super::context::Context;
use super::global::Global;
use super::manifests::{ManifestArgs, aim};
use super::{CliError, Exit, Talk};
use crate::desired::{Stored, without_stamp};
use crate::model::{Kind, ObjectKey};
use crate::render::{ObjectForm, Objects, Paint, objects_text, unified_diff};

/// Show how applying manifests would change the stored objects, line by line
///
/// Exits with 0 when nothing differs, 1 when something does, and more on an error. Hosts are not asked: what would happen on
/// them is shown by `bowline plan`.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
}

pub(super) fn run(global: &Global, talk: &Talk, args: &DiffArgs) -> Result<Exit, CliError> {
    // An exit code of 1 means that something differs.
    compare(global, talk, args).map_err(|error| CliError::Comparing(Box::new(error)))
}

fn compare(global: &Global, talk: &Talk, args: &DiffArgs) -> Result<Exit, CliError> {
    if !args.manifests.given() {
        return Err(CliError::Usage {
            problem: "no manifests are named".to_owned(),
            hint: "name them with -f PATH".to_owned(),
        });
    }
    let context = Context::open(global, talk)?;
    let before = context.state.load()?;
    let manifests = args.manifests.read(global, &context, &before.desired, talk)?;
    let aim = aim(manifests.as_ref(), &context, before, now());
    let mut text = String::new();
    for change in &aim.object_changes {
        let key = &change.key;
        let (live, merged) = (aim.before.desired.objects.get(key), aim.desired.objects.get(key));
        text.push_str(&object_diff(key, live, merged));
    }
    if text.is_empty() {
        return Ok(Exit::Done);
    }
    talk.data(&painted(talk, &text));
    Ok(Exit::Error)
}

fn object_diff(key: &ObjectKey, live: Option<&Stored>, merged: Option<&Stored>) -> String {
    let json = |stored: Option<&Stored>| {
        stored.map_or(Value::Null, |stored| without_stamp(&stored.object).to_json())
    };
    let (mut live, mut merged) = (json(live), json(merged));
    if key.kind == Kind::Secret.object() {
        hide(&mut live, &mut merged);
    }
    let yaml = |json: Value| match json {
        Value::Null => String::new(),
        object => objects_text(ObjectForm::Yaml, Objects::One(object)),
    };
    let version = Kind::named(&key.kind).map_or("", Kind::api_version).replace('/', ".");
    let parts = [version.as_str(), &key.kind, &key.namespace, &key.name];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let name = parts.join(".");
    let (old, new) = (format!("live/{name}"), format!("merged/{name}"));
    unified_diff((&old, &yaml(live)), (&new, &yaml(merged)))
}

/// Takes the values of a Secret out of both sides; which of them differ can still be seen.
fn hide(live: &mut Value, merged: &mut Value) {
    for field in ["data", "stringData"] {
        let (before, after) = (live[field].clone(), merged[field].clone());
        for (side, other, word) in
            [(&mut *live, &after, "before"), (&mut *merged, &before, "after")]
        {
            let Some(map) = side.get_mut(field).and_then(Value::as_object_mut) else { continue };
            for (key, value) in map {
                let same = other.get(key) == Some(value);
                let said = if same { "(sensitive)".into() } else { format!("(sensitive, {word})") };
                *value = Value::from(said);
            }
        }
    }
}

/// The lines that go and come, in their colours.
fn painted(talk: &Talk, text: &str) -> String {
    let line = |line: &str| match line.as_bytes().first() {
        Some(b'-') => talk.colour().paint(Paint::Bad, line),
        Some(b'+') => talk.colour().paint(Paint::Good, line),
        Some(b'@') => talk.colour().paint(Paint::Faint, line),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Object;
    use serde_json::json;

    #[test]
    fn a_secret_is_compared_without_its_values() {
        let secret = |data: Value| {
            let json = json!({"apiVersion": "v1", "kind": "Secret",
                "metadata": {"name": "s", "namespace": "default"}, "data": data});
            Stored::new(Object::try_from(json).unwrap())
        };
        let key = ObjectKey::new("Secret", "default", "s");
        let live = secret(json!({"a": "b25l", "b": "b25l"}));
        let merged = secret(json!({"a": "b25l", "b": "dHdv"}));
        insta::assert_snapshot!(object_diff(&key, Some(&live), Some(&merged)), @r#"
        --- live/v1.Secret.default.s
        +++ merged/v1.Secret.default.s
        @@ -1,7 +1,7 @@
         apiVersion: v1
         data:
           a: (sensitive)
        -  b: (sensitive, before)
        +  b: (sensitive, after)
         kind: Secret
         metadata:
           name: s
        "#);
    }
}
