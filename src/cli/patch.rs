//! `bowline patch`: a stored object changed by a patch, in one of Kubernetes' three ways.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::change::{Change, ChangeArgs, Changed, Words};
use super::choose::{one_key, stored};
use super::global::Global;
use super::what::KindWords;
use super::{CliError, Exit, Talk};
use crate::document::{self, Placed, Report, Source};
use crate::patch::{PatchError, json};

/// Change fields of a stored object by a patch
///
/// `bowline patch deploy web -p '{"spec": {"replicas": 3}}'`, `bowline patch deploy/web --type=json -p '[{"op": "remove", "path":
/// "/spec/minReadySeconds"}]'`.
#[derive(Debug, Args)]
pub(super) struct PatchArgs {
    /// A kind and a name, or KIND/NAME
    #[arg(required = true, value_name = "KIND NAME", value_parser = KindWords, hide_possible_values = true)]
    what: Vec<String>,

    /// The patch, as JSON or YAML
    #[arg(
        short,
        long,
        value_name = "PATCH",
        allow_hyphen_values = true,
        required_unless_present = "patch_file"
    )]
    patch: Option<String>,

    /// A file that holds the patch, or - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "patch")]
    patch_file: Option<PathBuf>,

    /// How the patch is meant
    #[arg(long = "type", value_name = "TYPE", value_enum, default_value = "strategic")]
    way: Way,

    #[command(flatten)]
    change: ChangeArgs,
}

/// How a patch is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Way {
    /// Fields are merged, lists by what tells their elements apart
    Strategic,
    /// Fields are merged, lists replaced; null removes (RFC 7386)
    Merge,
    /// A list of operations (RFC 6902)
    Json,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &PatchArgs) -> Result<Exit, CliError> {
    let change = Change::open(global, talk, &args.change)?;
    let key = one_key(global, &args.what, "patch")?;
    let mut one = Changed::of(&key, stored(&change.before, &key)?);
    let source = source(args)?;
    let patch = value(&source)?;
    let patched = match args.way {
        Way::Strategic => json::strategic(&one.json, &patch),
        Way::Merge => Ok(json::merge(&one.json, &patch)),
        Way::Json => json::operations(&one.json, &patch),
    };
    one.json = patched.map_err(|error| refused(&error))?;
    let command = format!("patch {}", args.what.join(" "));
    let words = Words { command, done: "patched", same: "patched (no change)" };
    change.carry_out(&[one], &words).await
}

fn refused(error: &PatchError) -> CliError {
    CliError::Usage {
        problem: format!("the patch does not fit: {error}"),
        hint: "strategic and merge patches are objects, a patch of --type=json is a list of operations"
            .to_owned(),
    }
}

/// The text of the patch.
fn source(args: &PatchArgs) -> Result<Source, CliError> {
    let Some(path) = &args.patch_file else {
        return Ok(Source::new("--patch", args.patch.clone().unwrap_or_default()));
    };
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(|error| CliError::Read {
        path: path.clone(),
        cause: error.to_string(),
        hint: "--patch-file names a file, or - for standard input".to_owned(),
    })?;
    Ok(Source::new(path.display().to_string(), text))
}

/// The patch as a value; YAML is read as manifests are.
fn value(source: &Source) -> Result<Value, CliError> {
    let parsed = document::parse(source);
    let what = "the patch".to_owned();
    if parsed.findings.iter().any(document::Finding::is_error) {
        return Err(CliError::Findings { what, report: Report { findings: parsed.findings } });
    }
    match parsed.documents.as_slice() {
        [one] => Ok(Placed::of(one).to_json()),
        documents => Err(CliError::Usage {
            problem: format!("a patch is one document, and here are {}", documents.len()),
            hint: "patch one object after the other".to_owned(),
        }),
    }
}
