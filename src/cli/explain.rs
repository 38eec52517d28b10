//! `bowline explain`: what a field is, and what becomes of it.

use clap::Args;

use super::what::unknown;
use super::{CliError, Exit, Talk};
use crate::document::closest;
use crate::model::{Kind, UnknownKind};
use crate::render::{Fields, explain};
use crate::schema::NoField;

/// Say what a kind or a field of it is, and what bowline does with it
///
/// `bowline explain pod`, `bowline explain deploy.spec.strategy`, `bowline explain pod.spec.containers --recursive`.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A kind, and the names of fields after it: pods.spec.containers
    #[arg(value_name = "KIND[.FIELD]...")]
    what: String,

    /// List the fields of all that it holds, by name and type
    #[arg(long, num_args = 0..=1, require_equals = true, default_value = "false", default_missing_value = "true", value_name = "WHETHER", hide_default_value = true, hide_possible_values = true, action = clap::ArgAction::Set)]
    recursive: bool,

    /// The version of the kind, such as apps/v1
    #[arg(long, value_name = "VERSION")]
    api_version: Option<String>,
}

pub(super) fn run(talk: &Talk, args: &ExplainArgs) -> Result<Exit, CliError> {
    let (kind, names) = parsed(&args.what).map_err(unknown)?;
    if let Some(version) =
        args.api_version.as_deref().filter(|version| *version != kind.api_version())
    {
        return Err(CliError::Usage {
            problem: format!("{kind} of {version} is not known"),
            hint: format!(
                "{kind} is read as {}, older versions are lifted to it",
                kind.api_version()
            ),
        });
    }
    let fields = if args.recursive { Fields::Recursive } else { Fields::Described };
    let text = explain(kind, &names, fields).map_err(|error| missing(kind, error))?;
    talk.data(&text);
    Ok(Exit::Done)
}

/// The kind and the names of fields; an index after a name is passed over, a kind may have its group.
fn parsed(what: &str) -> Result<(Kind, Vec<&str>), UnknownKind> {
    let parts: Vec<&str> =
        what.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect();
    let with_group = (2..=parts.len()).rev().find_map(|count| {
        Kind::parse(&parts[..count].join(".")).ok().map(|kind| (kind, parts[count..].to_vec()))
    });
    with_group.map_or_else(|| Ok((Kind::parse(parts[0])?, parts[1..].to_vec())), Ok)
}

fn missing(kind: Kind, error: NoField) -> CliError {
    let NoField { name, parent, known } = error;
    let word = kind.object().to_lowercase();
    let path = |name: &str| match parent.as_str() {
        "" => format!("{word}.{name}"),
        parent => format!("{word}.{parent}.{name}"),
    };
    let hint = match closest(&name, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{}`?", path(meant)),
        None if known.is_empty() => format!("`{parent}` has no fields"),
        None => format!("its fields are: {}", known.join(", ")),
    };
    CliError::Usage { problem: format!("there is no field `{}`", path(&name)), hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_paths_are_told_apart() {
        for (what, kind, names) in [
            ("pods", Kind::Pod, &[][..]),
            ("deploy.spec.replicas", Kind::Deployment, &["spec", "replicas"]),
            ("deployments.apps.spec", Kind::Deployment, &["spec"]),
            ("ingresses.networking.k8s.io.spec", Kind::Ingress, &["spec"]),
            ("po.spec.containers[0].image", Kind::Pod, &["spec", "containers", "image"]),
        ] {
            assert_eq!(parsed(what), Ok((kind, names.to_vec())), "{what}");
        }
        assert_eq!(parsed("pdo.spec"), Err(UnknownKind { word: "pdo".to_owned() }));
    }

    #[test]
    fn a_wrong_path_is_answered_with_the_right_one() {
        let said = |names: &[&str]| {
            let error = explain(Kind::Pod, names, Fields::Described).unwrap_err();
            let CliError::Usage { problem, hint } = missing(Kind::Pod, error) else { panic!() };
            format!("{problem}; {hint}")
        };
        assert_eq!(
            said(&["spec", "containers", "imgae"]),
            "there is no field `pod.spec.containers.imgae`; did you mean `pod.spec.containers.image`?"
        );
        assert_eq!(
            said(&["metadata", "labels", "app"]),
            "there is no field `pod.metadata.labels.app`; `metadata.labels` has no fields"
        );
        assert_eq!(
            said(&["bananas"]),
            "there is no field `pod.bananas`; its fields are: apiVersion, kind, metadata, spec, status"
        );
    }
}
