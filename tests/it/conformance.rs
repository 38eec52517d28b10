//! `docs/conformance.md` held against the tests on real hosts: what a row names is there and says so, and nothing else does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const PAGE: &str = "docs/conformance.md";

/// The areas in the order of the page, and the numbers of their rows.
const AREAS: [(&str, std::ops::RangeInclusive<u8>); 7] = [
    ("sig-apps", 1..=27),
    ("sig-node", 28..=77),
    ("sig-network", 78..=97),
    ("sig-storage", 98..=116),
    ("sig-scheduling", 117..=122),
    ("sig-cli", 123..=125),
    ("sig-api-machinery", 126..=128),
];

/// A row of the page.
struct Row {
    area: String,
    number: u8,
    name: String,
    state: State,
}

enum State {
    /// The tests that show it, as paths of functions.
    Holds(BTreeSet<String>),
    NotYet,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    fs::read_to_string(root().join(PAGE)).unwrap()
}

/// The cells of a line of a table.
fn cells(line: &str) -> Option<Vec<&str>> {
    let cells = line.strip_prefix("| ")?.strip_suffix(" |")?;
    Some(cells.split(" | ").collect())
}

fn rows(page: &str) -> Vec<Row> {
    let (mut rows, mut area) = (Vec::new(), "");
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            area = heading;
            continue;
        }
        let Some(cells) = cells(line).filter(|_| !area.is_empty()) else { continue };
        if cells[0] == "#" {
            continue;
        }
        let [number, name, state, why] = cells.as_slice() else { panic!("no row: {line}") };
        let state = match *state {
            "holds" => {
                let tests = why.split(", ").map(|test| {
                    let test = test.strip_prefix('`').and_then(|test| test.strip_suffix('`'));
                    test.unwrap_or_else(|| panic!("not the name of a test: {line}")).to_owned()
                });
                State::Holds(tests.collect())
            }
            "not yet" => {
                assert!(why.len() > 10 && !why.starts_with('`'), "no reason: {line}");
                State::NotYet
            }
            _ => panic!("no state: {line}"),
        };
        let number = number.parse().unwrap_or_else(|_| panic!("no number: {line}"));
        rows.push(Row { area: area.to_owned(), number, name: (*name).to_owned(), state });
    }
    rows
}

/// What the tests say that holds: where, and which.
fn said() -> BTreeMap<(u8, String), BTreeSet<String>> {
    let (start, mut said) = (root().join("tests/e2e"), BTreeMap::new());
    let mut files = vec![start.clone()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let module = path.strip_prefix(&start).unwrap().with_extension("");
        let module = module.display().to_string().replace('/', "::");
        let text = fs::read_to_string(&path).unwrap();
        for (before, after) in text.match_indices(".holds(").map(|(at, _)| text.split_at(at)) {
            let words = after.strip_prefix(".holds(").unwrap().trim_start();
            let (number, words) = words.split_once(',').unwrap();
            let name = words.trim_start().strip_prefix('"').unwrap().split('"').next().unwrap();
            let key = (number.parse().unwrap(), name.to_owned());
            let test = format!("{module}::{}", function(before));
            said.entry(key).or_insert_with(BTreeSet::new).insert(test);
        }
    }
    said
}

/// The function that a text breaks off in.
fn function(text: &str) -> &str {
    let names = text.lines().rev().filter_map(|line| {
        let line = line.strip_prefix("pub(super) ").unwrap_or(line).strip_prefix("fn ")?;
        line.split(['(', '<']).next()
    });
    names.into_iter().next().unwrap()
}

#[test]
fn every_behaviour_is_there_once() {
    let rows = rows(&page());
    let listed: Vec<(&str, u8)> = rows.iter().map(|row| (row.area.as_str(), row.number)).collect();
    let all = AREAS.into_iter().flat_map(|(area, numbers)| numbers.map(move |n| (area, n)));
    assert_eq!(listed, all.collect::<Vec<_>>(), "{PAGE}");
    let names: BTreeSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names.len(), rows.len(), "a name is there twice");
}

#[test]
fn what_holds_is_said_by_the_tests_that_are_named_and_by_no_other() {
    let rows = rows(&page());
    let held = rows.iter().filter_map(|row| match &row.state {
        State::Holds(tests) => Some(((row.number, row.name.clone()), tests.clone())),
        State::NotYet => None,
    });
    let (held, said): (BTreeMap<_, _>, _) = (held.collect(), said());
    assert!(said.len() > 40, "{}", said.len());
    assert_eq!(held, said, "{PAGE} on the left, the tests on the right");
}

#[test]
fn the_counts_are_those_of_the_rows() {
    let page = page();
    let rows = rows(&page);
    let count = |area: Option<&str>| {
        let rows = rows.iter().filter(|row| area.is_none_or(|area| row.area == area));
        let (held, rest): (Vec<_>, Vec<_>) =
            rows.partition(|row| matches!(row.state, State::Holds(_)));
        let name = area.unwrap_or("all");
        format!("| {name} | {} | {} | {} |", held.len() + rest.len(), held.len(), rest.len())
    };
    let areas = AREAS.iter().map(|(area, _)| Some(*area)).chain([None]);
    let counted: Vec<String> = areas.map(count).collect();
    let head = page.split("\n## ").next().unwrap();
    let written: Vec<&str> = head.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert_eq!(written, counted, "{PAGE}");
}
