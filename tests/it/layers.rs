//! The layers of the design, read from the sources: pure modules stay pure, nothing points upwards, files stay readable.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Pure modules, each with the modules that it may name. A module that is not in this table does IO.
const PURE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("document", &["model"]),
    ("schema", &["model"]),
    ("manifest", &["document", "model"]),
    ("patch", &["document"]),
    ("kustomize", &["document", "model", "patch"]),
    ("inventory", &["document", "model"]),
    ("observed", &["inventory", "model"]),
    ("bindings", &["model"]),
    ("schedule", &["inventory", "model"]),
    ("network", &["bindings", "inventory", "model", "observed"]),
    ("desired", &["document", "inventory", "manifest", "model", "patch"]),
    ("admission", &["desired", "document", "model"]),
    ("controller", &["admission", "desired", "model"]),
    ("immutable", &["controller", "desired", "document", "manifest", "model"]),
    (
        "references",
        &["admission", "controller", "desired", "document", "inventory", "manifest", "model"],
    ),
    ("lint", &["desired", "document", "manifest", "model"]),
    (
        "plan",
        &[
            "admission",
            "bindings",
            "controller",
            "desired",
            "inventory",
            "model",
            "network",
            "observed",
            "schedule",
        ],
    ),
    ("events", &["model", "plan"]),
    ("driver", &["document", "inventory", "model", "network", "observed", "plan"]),
    (
        "status",
        &[
            "admission",
            "bindings",
            "controller",
            "desired",
            "document",
            "events",
            "inventory",
            "model",
            "network",
            "observed",
            "plan",
            "schedule",
        ],
    ),
    // What the executor tells of its work and what the state remembers of it are values, rendered like any others.
    (
        "render",
        &[
            "desired", "document", "events", "execute", "lint", "manifest", "model", "plan",
            "schedule", "schema", "state", "status",
        ],
    ),
];

/// What no pure module may name.
const IMPURE: [&str; 9] = [
    "tokio",
    "async ",
    "russh",
    "redb::",
    "std::fs",
    "std::net::Tcp",
    "std::process",
    "std::env",
    "Instant",
];

/// What IO modules may name of each other: the order in which they stand on each other.
const ORDER: [&str; 10] =
    ["node", "clock", "secrets", "state", "observe", "execute", "converge", "lab", "cli", "main"];

/// The most lines that a file may have.
const LINES_MAX: usize = 500;

/// The module of the crate that each source file belongs to, with the file's path and text.
fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut left = vec![root.clone()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let inner = path.strip_prefix(&root).unwrap();
            let first = inner.iter().next().unwrap().to_str().unwrap();
            let module = first.trim_end_matches(".rs").to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((module, inner.to_owned(), text));
        }
    }
    found.sort();
    assert!(found.len() > 50, "these are not the sources: {found:?}");
    found
}

/// The text without its comments, which may name anything.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules of the crate that a text names.
fn named(code: &str) -> BTreeSet<String> {
    let after = code.split("crate::").skip(1);
    after
        .flat_map(|rest| {
            let (list, one) = (rest.strip_prefix('{'), rest);
            let text = list.and_then(|list| list.split_once('}')).map_or(one, |(inner, _)| inner);
            let parts = text.split(if list.is_some() { ',' } else { '\0' });
            let word = |part: &str| {
                let part = part.trim();
                let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                part[..end.unwrap_or(part.len())].to_owned()
            };
            parts.map(word).collect::<Vec<_>>()
        })
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect()
}

#[test]
fn pure_modules_are_pure_and_nothing_points_upwards() {
    let pure: BTreeMap<&str, &[&str]> = PURE.iter().copied().collect();
    let mut faults = Vec::new();
    for (module, path, text) in sources() {
        // What tests stand on is theirs to say.
        if path.iter().any(|part| part == "tests" || part == "tests.rs") {
            continue;
        }
        let code = code(&text);
        let path = path.display();
        let names = named(&code);
        if let Some(allowed) = pure.get(module.as_str()) {
            let impure = IMPURE.iter().filter(|word| code.contains(**word));
            faults.extend(impure.map(|word| format!("{path} is pure and names {word}")));
            let upwards = names.iter().filter(|name| **name != module);
            let upwards = upwards.filter(|name| !allowed.contains(&name.as_str()));
            faults.extend(upwards.map(|name| format!("{path} may not name crate::{name}")));
        } else if let Some(own) = ORDER.iter().position(|name| *name == module) {
            let above = names.iter().filter(|name| ORDER[own + 1..].contains(&name.as_str()));
            faults.extend(above.map(|name| format!("{path} points upwards to crate::{name}")));
        } else if module != "lib" {
            faults.push(format!("{path}: the module {module} has no place among the layers"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_can_be_read_at_a_sitting() {
    let long = sources().into_iter().filter(|(_, _, text)| text.lines().count() > LINES_MAX);
    let long: Vec<String> = long.map(|(_, path, _)| path.display().to_string()).collect();
    assert_eq!(long, [""; 0], "more than {LINES_MAX} lines");
}

#[test]
fn names_are_found_however_they_are_imported() {
    let code = "use crate::model::A;\nuse crate::{node, state::B};\nfn f() { crate::cli::run() }";
    let found: Vec<String> = named(code).into_iter().collect();
    assert_eq!(found, ["cli", "model", "node", "state"]);
}
