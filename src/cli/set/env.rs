//! `bowline set env`.

use clap::Args;
use serde_json::{Value, json};

use super::super::change::{Change, Words};
use super::super::choose::stored;
use super::super::global::Global;
use super::super::manifests::shown;
use super::super::pairs::Pairs;
use super::super::{CliError, Exit, Talk};
use super::env_source::{EnvSource, Naming};
use super::{SetFlags, change_pods, containers, matches, name, no_container, pod_spec};
use crate::model::ObjectKey;
use crate::render::clean;

/// Change the variables of containers
///
/// `bowline set env deploy/web LEVEL=debug OLD-`, `bowline set env deploy web --from=configmap/web --prefix=WEB_`,
/// `bowline set env deploy/web --list`.
#[derive(Debug, Args)]
pub(super) struct EnvArgs {
    /// A kind and names, or KIND/NAME; then NAME=VALUE to set, NAME- to remove
    #[arg(required = true, value_name = "KIND NAME... NAME=VALUE|NAME-")]
    words: Vec<String>,

    /// A variable to set
    #[arg(short, long = "env", value_name = "NAME=VALUE")]
    env: Vec<String>,

    /// Only these containers; * stands for any text
    #[arg(short, long, value_name = "NAME", default_value = "*")]
    containers: String,

    /// Variables for the keys of this ConfigMap or Secret, such as configmap/web
    #[arg(long, value_name = "KIND/NAME")]
    from: Option<String>,

    /// Only these keys of it, separated by commas
    #[arg(long, value_name = "KEYS", requires = "from", value_delimiter = ',')]
    keys: Vec<String>,

    /// What the names of its variables begin with
    #[arg(long, value_name = "TEXT", requires = "from")]
    prefix: Option<String>,

    /// Show the variables, change nothing
    #[arg(long, conflicts_with_all = ["from"], num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    list: bool,

    /// Whether a variable that is there gets another value
    #[arg(long, value_name = "WHETHER", default_value = "true", num_args = 0..=1, default_missing_value = "true", action = clap::ArgAction::Set)]
    overwrite: bool,

    #[command(flatten)]
    flags: SetFlags,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &EnvArgs) -> Result<Exit, CliError> {
    let (words, pairs) = Pairs::split(&args.words);
    let pairs = [pairs, &args.env].concat();
    let pairs = match pairs.as_slice() {
        [] if args.list || args.from.is_some() => Pairs::default(),
        pairs => Pairs::parse(pairs)?,
    };
    let change = Change::open(global, talk, &args.flags.change)?;
    let keys = args.flags.choosing.keys(global, words, change.stored())?;
    if args.list {
        return list(talk, args, &change, &keys);
    }
    let naming = Naming { keys: &args.keys, prefix: args.prefix.as_deref().unwrap_or_default() };
    let source = args.from.as_deref().map(EnvSource::parse).transpose()?;
    let mut command = vec!["set env".to_owned()];
    command.extend(args.words.iter().chain(&args.env).map(|word| told(word)));
    command.extend(args.flags.choosing.words());
    command.extend(args.from.iter().map(|from| format!("--from={from}")));
    let (done, same) = ("env updated", "env unchanged");
    let said = Words { command: command.join(" "), done, same };
    let before = change.before.desired.clone();
    change_pods(change, &keys, &said, |key, spec| {
        let mut set: Vec<(String, Value)> = Vec::new();
        if let Some(source) = &source {
            set.extend(source.variables(&key.namespace, &before, &naming)?);
        }
        set.extend(
            pairs
                .set
                .iter()
                .map(|(name, value)| (name.clone(), json!({"name": name, "value": value}))),
        );
        let mut found = false;
        for one in containers(spec).filter(|one| matches(&args.containers, name(one))) {
            found = true;
            for (name, variable) in &set {
                put(key, one, (name, variable), args)?;
            }
            if let Some(list) = one["env"].as_array_mut() {
                list.retain(|old| !pairs.remove.iter().any(|name| old["name"] == name.as_str()));
            }
            drop_empty(one);
        }
        if found { Ok(()) } else { Err(no_container(key, &args.containers, spec)) }
    })
    .await
}

/// A word of the command as the history keeps it: a variable's value may be nobody's business.
fn told(word: &str) -> String {
    word.split_once('=').map_or_else(|| word.to_owned(), |(name, _)| format!("{name}=..."))
}

/// Sets one variable, in its place if it is there already.
fn put(
    key: &ObjectKey,
    container: &mut Value,
    (name, variable): (&str, &Value),
    args: &EnvArgs,
) -> Result<(), CliError> {
    if !container["env"].is_array() {
        container["env"] = json!([]);
    }
    let Some(list) = container["env"].as_array_mut() else { return Ok(()) };
    match list.iter_mut().find(|old| old["name"] == name) {
        Some(old) if old == variable => {}
        Some(_) if !args.overwrite => {
            return Err(CliError::Usage {
                problem: format!("{}: variable `{name}` is there already", shown(key)),
                hint: "leave --overwrite=false out to give it another value".to_owned(),
            });
        }
        Some(old) => old.clone_from(variable),
        None => list.push(variable.clone()),
    }
    Ok(())
}

fn drop_empty(container: &mut Value) {
    let none = container["env"].as_array().is_none_or(Vec::is_empty);
    if let (true, Some(fields)) = (none, container.as_object_mut()) {
        fields.remove("env");
    }
}

/// Shows the variables of the containers that are meant.
fn list(
    talk: &Talk,
    args: &EnvArgs,
    change: &Change<'_>,
    keys: &[ObjectKey],
) -> Result<Exit, CliError> {
    let mut lines = Vec::new();
    for key in keys {
        let mut json = stored(&change.before, key)?.object.to_json();
        for one in containers(pod_spec(key, &mut json)?) {
            if !matches(&args.containers, name(one)) {
                continue;
            }
            lines.push(format!("# {}, container {}", shown(key), clean(name(one))));
            for variable in one["env"].as_array().into_iter().flatten() {
                lines.push(line(variable));
            }
        }
    }
    talk.data(&lines.join("\n"));
    Ok(Exit::Done)
}

fn line(variable: &Value) -> String {
    let text = |value: &Value| clean(value.as_str().unwrap_or_default());
    let name = text(&variable["name"]);
    let from = &variable["valueFrom"];
    let sources = [("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")];
    for (field, kind) in sources {
        if let Some(source) = from.get(field) {
            let (object, key) = (text(&source["name"]), text(&source["key"]));
            return format!("# {name} from {kind}/{object}, key {key}");
        }
    }
    match from {
        Value::Null => format!("{name}={}", text(&variable["value"])),
        other => format!("# {name} from {}", clean(&other.to_string())),
    }
}
