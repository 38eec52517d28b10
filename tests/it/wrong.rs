//! Mistakes that people make, and the reports that they get: a manifest or a directory of them in `wrong`, and beside
//! it what is said of it. `UPDATE_GOLDEN=1` writes the reports; read each as the person who gets it.

use std::path::{Path, PathBuf};

use bowline::manifest::{ReadOptions, Report, Source, read};

/// The sources of a case, under their names within the folder.
fn sources(folder: &Path, path: &Path) -> Vec<Source> {
    if path.is_dir() {
        let mut inner: Vec<PathBuf> =
            std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        inner.sort();
        return inner.iter().flat_map(|path| sources(folder, path)).collect();
    }
    let name = path.strip_prefix(folder).unwrap().display().to_string();
    vec![Source::new(name, std::fs::read_to_string(path).unwrap())]
}

fn report(sources: &[Source]) -> String {
    let reading = read(sources, &ReadOptions::default());
    let mut out = String::new();
    let theme = miette::GraphicalTheme::none();
    let handler = miette::GraphicalReportHandler::new_themed(theme).with_width(100);
    handler.render_report(&mut out, &Report { findings: reading.findings }).unwrap();
    // Padding at the end of lines is nothing that a person sees.
    out.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

#[test]
fn mistakes_are_shown_in_their_place_with_what_to_do() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/wrong");
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let is_case = |path: &PathBuf| path.extension().is_none_or(|extension| extension == "yaml");
    let mut cases: Vec<PathBuf> = entries.filter(is_case).collect();
    cases.sort();
    assert!(cases.len() >= 30, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let report = report(&sources(&folder, &case));
        let golden = case.with_extension("report");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &report).unwrap();
        }
        if std::fs::read_to_string(&golden).unwrap_or_default() != report {
            wrong.push(format!("{}\n{report}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
