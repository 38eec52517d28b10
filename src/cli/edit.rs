//! `bowline edit`: a stored object in the user's editor.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::change::{Change, ChangeArgs, Changed, Extent, Words};
use super::choose::{one_key, stored};
use super::global::Global;
use super::manifests::shown;
use super::what::KindWords;
use super::{CliError, Exit, Talk};
use crate::document::Source;
use crate::manifest::{ReadOptions, Reading, read};
use crate::model::ObjectKey;
use crate::render::{ObjectForm, Objects, objects_text};

/// Change a stored object in an editor
///
/// Opens it in `$KUBE_EDITOR`, else `$EDITOR`, else vi. When what was saved cannot be used, the editor opens again and says why.
/// An empty file or one without a change ends it.
#[derive(Debug, Args)]
pub(super) struct EditArgs {
    /// A kind and a name, or KIND/NAME
    #[arg(required = true, value_name = "KIND NAME", value_parser = KindWords, hide_possible_values = true)]
    what: Vec<String>,

    #[command(flatten)]
    change: ChangeArgs,
}

const HEADER: &str = "\
# Edit the object below. Lines that begin with # are left out. An empty file, or one without a
# change, ends this. If something is wrong, this file opens again and says what.
#
";

pub(super) async fn run(global: &Global, talk: &Talk, args: &EditArgs) -> Result<Exit, CliError> {
    let change = Change::open(global, talk, &args.change)?;
    let key = one_key(global, &args.what, "edit")?;
    let object = Changed::of(&key, stored(&change.before, &key)?).json;
    let yaml = objects_text(ObjectForm::Yaml, Objects::One(object));
    let file = Scratch::new(&key)?;
    let mut text = format!("{HEADER}{yaml}");
    let mut last = content(&text);
    let mut faults = Vec::new();
    let reading = loop {
        file.write(&text)?;
        edit(&file.path)?;
        text = file.read()?;
        let edited = content(&text);
        if edited == last || edited.trim().is_empty() {
            return cancelled(talk, file, &faults, &edited);
        }
        last.clone_from(&edited);
        let reading = checked(&change, &key, &edited);
        faults = found(&reading, &key);
        if faults.is_empty() {
            break reading;
        }
        text = with_faults(&key, &faults, &edited);
    };
    drop(file);
    let command = format!("edit {}", args.what.join(" "));
    let words = Words { command, done: "edited", same: "unchanged" };
    change.carry_out_reading(reading, Extent::Fields, &words).await
}

/// What was saved, read as a manifest.
fn checked(change: &Change<'_>, key: &ObjectKey, text: &str) -> Reading {
    let mut reading = read(&[Source::new(shown(key), text)], &ReadOptions::default());
    change.check(&mut reading);
    reading
}

/// What is wrong with it, a line each.
fn found(reading: &Reading, key: &ObjectKey) -> Vec<String> {
    let errors = reading.findings.iter().filter(|finding| finding.is_error());
    let line = |finding: &crate::document::Finding| {
        let (line, _) = finding.source.position(finding.span.start);
        let help = finding.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("line {line}: {}{help}", finding.message)
    };
    let mut faults: Vec<String> = errors.map(line).collect();
    if faults.is_empty() {
        match reading.objects.as_slice() {
            [one] if one.object.key() == *key => {}
            [one] => faults.push(format!(
                "this is {}: the kind, name and namespace of {key} may not change",
                one.object.key()
            )),
            objects => faults.push(format!("one object is edited, and here are {}", objects.len())),
        }
    }
    faults
}

/// The text with what is wrong above it. The lines that the faults name are those of the text below.
fn with_faults(key: &ObjectKey, faults: &[String], text: &str) -> String {
    let mut all = format!("{HEADER}# {} cannot be stored so:\n", shown(key));
    for fault in faults {
        for line in fault.lines() {
            all.push_str("# * ");
            all.push_str(line);
            all.push('\n');
        }
    }
    all.push_str("#\n");
    all + text
}

/// A text without the lines that begin with `#`.
fn content(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Ends without a change. What could not be used is kept, so that the work is not lost.
fn cancelled(
    talk: &Talk,
    file: Scratch,
    faults: &[String],
    edited: &str,
) -> Result<Exit, CliError> {
    if edited.trim().is_empty() {
        talk.say("Edit cancelled, the saved file was empty.");
        return Ok(Exit::Done);
    }
    if faults.is_empty() {
        talk.say("Edit cancelled, no changes made.");
        return Ok(Exit::Done);
    }
    let path = file.keep();
    Err(CliError::Usage {
        problem: format!("nothing that can be stored was saved: {}", faults.join("; ")),
        hint: format!("what you wrote is in {}", path.display()),
    })
}

/// Opens the user's editor and waits for it.
fn edit(path: &Path) -> Result<(), CliError> {
    let editor = ["KUBE_EDITOR", "EDITOR"].iter().find_map(|name| std::env::var(name).ok());
    let editor = editor.filter(|editor| !editor.trim().is_empty());
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let failed = |cause: String| CliError::System {
        what: format!("the editor `{editor}` (from $KUBE_EDITOR or $EDITOR)"),
        cause,
    };
    let status = Command::new(program).args(words).arg(path).status();
    match status.map_err(|error| failed(error.to_string()))? {
        status if status.success() => Ok(()),
        status => Err(failed(format!("ended with {status}"))),
    }
}

/// A file that only its owner can read, since the object may be a Secret; it goes when this is dropped.
struct Scratch {
    path: PathBuf,
}

/// How many names are tried for the file: others may be editing as well.
const NAMES_MAX: u32 = 1000;

impl Scratch {
    fn new(key: &ObjectKey) -> Result<Self, CliError> {
        let mut cause = "all names are taken".to_owned();
        for number in 0..NAMES_MAX {
            let name = format!("bowline-edit-{}-{number}.yaml", key.kind.to_lowercase());
            let path = std::env::temp_dir().join(name);
            let mut new = std::fs::OpenOptions::new();
            match new.write(true).create_new(true).mode(0o600).open(&path) {
                Ok(_) => return Ok(Self { path }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    cause = error.to_string();
                    break;
                }
            }
        }
        Err(CliError::Write { path: std::env::temp_dir(), cause })
    }

    fn write(&self, text: &str) -> Result<(), CliError> {
        let file = std::fs::OpenOptions::new().write(true).truncate(true).open(&self.path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written
            .map_err(|error| CliError::Write { path: self.path.clone(), cause: error.to_string() })
    }

    fn read(&self) -> Result<String, CliError> {
        std::fs::read_to_string(&self.path).map_err(|error| CliError::Read {
            path: self.path.clone(),
            cause: error.to_string(),
            hint: "save the file as text, in its place".to_owned(),
        })
    }

    /// Leaves the file where it is.
    fn keep(self) -> PathBuf {
        let path = self.path.clone();
        std::mem::forget(self);
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // If it cannot be removed, it is as private as it was.
        let _ = std::fs::remove_file(&self.path);
    }
}
