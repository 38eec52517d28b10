//! What is written down, held against what it is about.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names on the left of `=` in a table of Cargo.toml; each of our dependencies is one line.
fn table(manifest: &str, name: &str) -> BTreeSet<String> {
    let lines = manifest.lines().skip_while(|line| *line != format!("[{name}]")).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()));
    names.collect()
}

/// The first cells of a page's tables below a heading, where they are code.
fn cells(page: &str, heading: &str) -> Vec<String> {
    let lines = page.lines().skip_while(|line| *line != format!("## {heading}")).skip(1);
    let lines = lines.take_while(|line| !line.starts_with("## "));
    lines.filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned())).collect()
}

#[test]
fn every_dependency_has_its_line() {
    let (manifest, page) = (text("Cargo.toml"), text("docs/dependencies.md"));
    for (section, heading) in [("dependencies", "In the program"), ("dev-dependencies", "In tests")]
    {
        let listed = cells(&page, heading);
        let named = table(&manifest, section);
        assert!(!named.is_empty(), "no [{section}] found");
        assert_eq!(
            listed,
            named.into_iter().collect::<Vec<_>>(),
            "docs/dependencies.md: {heading}"
        );
    }
}

/// `pub mod` lines of lib.rs.
fn modules() -> Vec<String> {
    let library = text("src/lib.rs");
    let names = library.lines().filter_map(|line| line.strip_prefix("pub mod "));
    names.map(|name| name.trim_end_matches(';').to_owned()).collect()
}

#[test]
fn every_module_has_its_line() {
    let page = text("docs/architecture.md");
    let mut listed = cells(&page, "Modules");
    listed.sort();
    assert_eq!(listed, modules(), "docs/architecture.md: Modules");
}

/// The modules that the table calls this.
fn modules_of_kind(kind: &str) -> Vec<String> {
    let page = text("docs/architecture.md");
    let is = |name: &String| page.contains(&format!("| `{name}` | {kind} |"));
    modules().into_iter().filter(is).collect()
}

/// The Rust files of a module.
fn sources(module: &str) -> Vec<PathBuf> {
    let (mut files, mut open) = (Vec::new(), vec![root().join("src").join(module)]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.push(root().join("src").join(format!("{module}.rs")));
    files.retain(|file| file.extension().is_some_and(|e| e == "rs") && file.exists());
    files
}

/// Lines of a module's code that hold one of these.
fn lines_with(module: &str, words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for file in sources(module) {
        let code = fs::read_to_string(&file).unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let lines = lines.filter(|line| words.iter().any(|word| line.contains(word.as_str())));
        found.extend(lines.map(|line| format!("{}: {line}", file.display())));
    }
    found
}

#[test]
fn layers_hold() {
    let uses = |kind| modules_of_kind(kind).into_iter().map(|name| format!("crate::{name}::"));
    let reach = ["tokio::", "redb::", "russh::", "rustix::", "async fn ", "disallowed_methods"];
    let reach = reach.map(str::to_owned);
    let impure: Vec<String> = uses("io").chain(uses("drives")).collect();
    let pure = modules_of_kind("pure");
    assert!(pure.contains(&"plan".to_owned()) && impure.contains(&"crate::node::".to_owned()));
    let none = Vec::<String>::new();
    for module in &pure {
        assert_eq!(lines_with(module, &reach), none, "{module} is pure");
        // It words what others hold, such as events of a run and entries of the history.
        if module != "render" {
            assert_eq!(lines_with(module, &impure), none, "{module} is pure");
        }
    }
    for module in modules_of_kind("drives") {
        let outer = ["crate::cli::".to_owned(), "crate::lab::".to_owned()];
        assert_eq!(lines_with(&module, &outer), none, "{module} is below the commands");
    }
}

#[test]
fn exit_codes_are_those_of_the_code() {
    let source = text("src/cli/exit.rs");
    let arms = source.lines().filter_map(|line| {
        let (name, code) = line.trim().strip_prefix("Self::")?.split_once(" => ")?;
        let code: u8 = code.trim_end_matches(',').parse().ok()?;
        Some((name.to_owned(), code))
    });
    let coded: Vec<String> = arms.map(|(_, code)| code.to_string()).collect();
    assert!(coded.len() > 5, "{coded:?}");
    assert_eq!(cells(&text("docs/cli.md"), "Exit codes"), coded);
}

/// The lines of the fenced blocks of this kind.
fn fenced<'a>(page: &'a str, kind: &str) -> Vec<&'a str> {
    let (mut lines, mut inside) = (Vec::new(), false);
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(word) => inside = !inside && word == kind,
            None if inside => lines.push(line),
            None => {}
        }
    }
    lines
}

#[test]
fn the_readme_promises_two_commands_and_ci_runs_what_it_promises() {
    let promised = ["cargo run --release -- demo", "cargo test --release"];
    assert_eq!(fenced(&text("README.md"), "sh"), promised);
    // CI reads the same blocks, so there is no second list to keep.
    assert!(text(".ci/run").contains("README.md"));
}

#[test]
fn links_lead_somewhere() {
    let pages = ["README.md", "CONTRIBUTING.md"].map(PathBuf::from).into_iter();
    let more = fs::read_dir(root().join("docs")).unwrap();
    let more = more.map(|entry| Path::new("docs").join(entry.unwrap().file_name()));
    let mut broken = Vec::new();
    for page in pages.chain(more).filter(|page| page.extension().is_some_and(|e| e == "md")) {
        let body = text(&page.display().to_string());
        for target in body.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            let here = root().join(&page);
            let there = here.parent().unwrap().join(path);
            if !target.contains("://") && !path.is_empty() && !there.exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}
