//! The base that all hosts of a release share: a Debian by debootstrap, made once and kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::command::{run, run_watched};
use super::error::{LabError, at};
use super::kind::Release;
use super::mirror::mirror;
use super::site::cache;
use crate::model::Digest;

/// Where the base of a release is, once it is whole.
///
/// The name changes with the list of packages: a newer bowline makes its own, and a lab that stands keeps the one below it.
pub(super) fn dir(release: Release) -> PathBuf {
    let recipe = Digest::of_text(&release.packages().join(","));
    cache().join(format!("base-{}-{:.6}", release.word(), recipe))
}

/// Makes the base of a release, unless it is there.
pub(super) fn ensure(release: Release, progress: &mut dyn FnMut(&str)) -> Result<(), LabError> {
    let base = dir(release);
    if base.exists() {
        return Ok(());
    }
    let mirror = mirror();
    progress(&format!(
        "making the base of Debian {} from {mirror} (once; about a minute)",
        release.word()
    ));
    let started = Instant::now();
    let partial = base.with_extension("partial");
    remove_tree(&partial)?;
    fs::create_dir_all(&partial).map_err(at(&partial))?;
    let include = format!("--include={}", release.packages().join(","));
    let target = partial.to_string_lossy();
    // In a mount namespace of its own: a run that is killed leaves no mount in the half-made base.
    let debootstrap = ["unshare", "--mount", "debootstrap", "--variant=minbase"];
    let arguments = [include.as_str(), release.word(), &target, &mirror];
    let log = cache().join(format!("debootstrap-{}.log", release.word()));
    let mut shown = None;
    run_watched(&[&debootstrap[..], &arguments[..]].concat(), &log, &mut |line| {
        let phase = phase(line);
        if phase.is_some() && phase > shown {
            progress(&format!("base: {}", phase.map_or("", Phase::words)));
            shown = phase;
        }
    })?;
    remove_tree(&partial.join("var/cache/apt/archives"))?;
    fs::rename(&partial, &base).map_err(at(&base))?;
    progress(&format!("the base is made ({} s)", started.elapsed().as_secs()));
    Ok(())
}

/// What debootstrap is at, in the order in which it gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Downloading,
    Unpacking,
    Configuring,
}

impl Phase {
    fn words(self) -> &'static str {
        match self {
            Self::Downloading => "downloading packages",
            Self::Unpacking => "unpacking packages",
            Self::Configuring => "configuring packages",
        }
    }
}

fn phase(line: &str) -> Option<Phase> {
    let told = [
        ("I: Retrieving", Phase::Downloading),
        ("I: Unpacking", Phase::Unpacking),
        ("I: Configuring", Phase::Configuring),
    ];
    told.into_iter().find(|(start, _)| line.starts_with(start)).map(|(_, phase)| phase)
}

/// Removes a directory's tree, but nothing that is mounted in it.
pub(super) fn remove_tree(dir: &Path) -> Result<(), LabError> {
    run(&["rm", "-rf", "--one-file-system", "--", &dir.to_string_lossy()]).map(drop)
}
