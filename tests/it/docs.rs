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

#[test]
fn the_page_calls_pure_what_the_layers_hold_pure() {
    let page = text("docs/architecture.md");
    let table = text("tests/it/layers.rs");
    let table = table.split_once("const PURE").unwrap().1.split_once("\n];").unwrap().0;
    let all = modules();
    let held = all.iter().filter(|name| {
        table.contains(&format!("(\"{name}\","))
            || table.contains(&format!("\n        \"{name}\",\n        &["))
    });
    let held: Vec<&String> = held.collect();
    assert!(held.len() > 10, "{held:?}");
    for name in held {
        assert!(page.contains(&format!("| `{name}` | pure |")), "{name} is pure");
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

#[test]
fn every_command_has_its_line() {
    let page = text("docs/cli.md");
    let help = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bowline"));
        let output = command.args(words).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let commands = |text: &str| -> Vec<String> {
        let lines = text.lines().skip_while(|line| *line != "Commands:").skip(1);
        let lines = lines.take_while(|line| !line.is_empty());
        let words = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
        words.filter(|word| !word.is_empty() && *word != "help").map(str::to_owned).collect()
    };
    let all = commands(&help(&[]));
    assert!(all.len() > 20, "{all:?}");
    let missing = |line: &String| !page.contains(&format!("`{line}"));
    let mut unsaid: Vec<String> = all.iter().filter(|line| missing(line)).cloned().collect();
    for of in ["set", "create"] {
        let lines = commands(&help(&[of])).into_iter().map(|word| format!("{of} {word}"));
        unsaid.extend(lines.filter(missing));
    }
    assert_eq!(unsaid, Vec::<String>::new(), "docs/cli.md");
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
