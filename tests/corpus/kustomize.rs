//! Kustomizations, built by bowline and by `kubectl kustomize`, compared document by document and in their order.
//!
//! What both refuse is agreement only where a person has read both reasons: `refusals.tsv` lists each with a part of
//! either's words.
//!
//! `BOWLINE_CORPUS` names a folder to look for kustomizations in, besides those of this repository; `BOWLINE_KUBECTL` is the
//! kubectl (1.32) that judges. Without a kubectl nothing is compared, and that is said.

#![expect(clippy::disallowed_methods, reason = "a test reads files and runs programs")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The directories below one that hold a kustomization.
fn kustomizations(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut left) = (Vec::new(), vec![root.to_owned()]);
    while let Some(directory) = left.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() && !path.is_symlink() {
                left.push(path);
            } else if NAMES.contains(&entry.file_name().to_string_lossy().as_ref()) {
                found.push(directory.clone());
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// An object and what it calls itself.
type Named = (String, Value);

/// What a program makes of a kustomization: its objects in their order, or what it says instead.
fn built(program: &str, directory: &Path) -> Result<Vec<Named>, String> {
    let directory = directory.display().to_string();
    let output = Command::new(program)
        .args(["kustomize", &directory])
        .env("PATH", "/nonexistent")
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
    let values = bowline::document::values(&bowline::document::Source::new("-", text))
        .map_err(|report| format!("{program} printed what cannot be read: {report}"))?;
    let mut objects: Vec<Named> = Vec::new();
    for mut value in values.into_iter().filter(|value| !value.is_null()) {
        drop_nulls(&mut value);
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or("");
        let names = ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"].map(text);
        let name = names.join(" ");
        if objects.iter().any(|(other, _)| *other == name) {
            return Err(format!("{program} printed {name} twice"));
        }
        objects.push((name, value));
    }
    Ok(objects)
}

/// To Kubernetes null is absence.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|_, value| !value.is_null());
            entries.values_mut().for_each(drop_nulls);
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Where two values differ.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let keys: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
            for key in keys {
                let of = |map: &serde_json::Map<_, _>| map.get(key).cloned().unwrap_or_default();
                differences(&format!("{path}.{key}"), &of(ours), &of(theirs), found);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                differences(&format!("{path}[{index}]"), ours, theirs, found);
            }
        }
        _ if ours == theirs => {}
        _ => found.push(format!("{path}: ours {ours}, kubectl's {theirs}")),
    }
}

#[derive(Default)]
struct Count {
    /// Built by both, and equal.
    equal: usize,
    /// Refused by both, for reasons that a person has compared.
    refused: usize,
    /// Those that need what is not there: another machine, a chart, a plugin.
    foreign: usize,
    wrong: Vec<String>,
}

impl Count {
    fn compare(&mut self, kubectl: &str, directory: &Path, refusals: &[Refusal]) {
        let shown = directory.display();
        let ours = built(env!("CARGO_BIN_EXE_bowline"), directory);
        let theirs = built(kubectl, directory);
        match (ours, theirs) {
            (Err(ours), _) if ours.contains("kustomization-unsupported") => self.foreign += 1,
            (Err(ours), Err(theirs)) => {
                let at = directory.to_string_lossy();
                let known = |refusal: &&Refusal| at.ends_with(&refusal.directory);
                match refusals.iter().find(known) {
                    Some(known) if ours.contains(&known.ours) && theirs.contains(&known.theirs) => {
                        self.refused += 1;
                    }
                    Some(_) | None => self.wrong.push(format!(
                        "{shown}: refused by both, and not so in refusals.tsv:\n  ours: {ours}\n  kubectl's: {theirs}"
                    )),
                }
            }
            (Ok(_), Err(said)) => self.wrong.push(format!("{shown}: only kubectl refuses: {said}")),
            (Err(said), Ok(_)) => self.wrong.push(format!("{shown}: only we refuse: {said}")),
            (Ok(ours), Ok(theirs)) => {
                let mut found = Vec::new();
                for (name, own) in &ours {
                    match theirs.iter().find(|(other, _)| other == name) {
                        Some((_, their)) => differences(name, own, their, &mut found),
                        None => found.push(format!("{name}: only ours")),
                    }
                }
                let only =
                    theirs.iter().filter(|(name, _)| ours.iter().all(|(own, _)| own != name));
                found.extend(only.map(|(name, _)| format!("{name}: only kubectl's")));
                let order = |objects: &[Named]| -> Vec<String> {
                    objects.iter().map(|(name, _)| name.clone()).collect()
                };
                if found.is_empty() && order(&ours) != order(&theirs) {
                    let (ours, theirs) = (order(&ours).join(", "), order(&theirs).join(", "));
                    found.push(format!("another order: ours {ours}; kubectl's {theirs}"));
                }
                if found.is_empty() {
                    self.equal += 1;
                } else {
                    found.truncate(12);
                    self.wrong.push(format!("{shown}:\n    {}", found.join("\n    ")));
                }
            }
        }
    }
}

/// A kustomization that both refuse, and what each has to say of it.
struct Refusal {
    /// The end of its directory's path.
    directory: String,
    ours: String,
    theirs: String,
}

fn refusals() -> Vec<Refusal> {
    let lines = include_str!("refusals.tsv").lines().filter(|line| !line.starts_with('#'));
    let refusal = |line: &str| match line.split('\t').collect::<Vec<_>>()[..] {
        [directory, ours, theirs] => Refusal {
            directory: directory.to_owned(),
            ours: ours.to_owned(),
            theirs: theirs.to_owned(),
        },
        _ => panic!("refusals.tsv: not three columns: {line}"),
    };
    lines.map(refusal).collect()
}

#[test]
fn as_kubectl_builds_them() {
    let Ok(kubectl) = std::env::var("BOWLINE_KUBECTL") else {
        eprintln!("SKIPPED: BOWLINE_KUBECTL names no kubectl, so no kustomization was compared");
        return;
    };
    let mut roots = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/kustomize")];
    match std::env::var("BOWLINE_CORPUS") {
        Ok(corpus) => roots.push(PathBuf::from(corpus)),
        Err(_) => eprintln!(
            "SKIPPED: BOWLINE_CORPUS names no folder; only our own kustomizations are compared"
        ),
    }
    let (mut all, refusals) = (Count::default(), refusals());
    for root in roots {
        let mut count = Count::default();
        let found = kustomizations(&root);
        for directory in &found {
            count.compare(&kubectl, directory, &refusals);
        }
        let Count { equal, refused, foreign, wrong } = count;
        println!(
            "{}: {equal} of {} kustomizations come to the same objects; {refused} are refused by both, {foreign} need what is not built, {} differ",
            root.display(),
            found.len(),
            wrong.len(),
        );
        all.equal += equal;
        all.wrong.extend(wrong);
    }
    assert!(all.wrong.is_empty(), "{}", all.wrong.join("\n"));
    assert!(all.equal > 0, "nothing was compared");
}
