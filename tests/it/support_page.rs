//! `docs/kubernetes-support.md`, made from the table of the code: a row a field of every kind.
//!
//! `UPDATE_GOLDEN=1 cargo test --test it support_page` writes the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use bowline::manifest::{Support, rulings, support_of};
use bowline::model::{Effect, Kind};
use bowline::schema::{Place, Schema, Shape};

const PAGE: &str = "docs/kubernetes-support.md";

#[test]
fn the_page_says_what_the_table_says() {
    let page = page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = page.lines().zip(written.lines()).position(|(one, other)| one != other);
    assert!(
        page == written,
        "{PAGE} is out of date from line {} on; UPDATE_GOLDEN=1 cargo test --test it support_page",
        differs.map_or(page.lines().count().min(written.lines().count()), |line| line) + 1
    );
}

#[test]
fn no_description_of_kubernetes_is_copied() {
    let page = page();
    for kind in Kind::read() {
        let schema = Schema::of(kind);
        let sentence = schema.root().description().split(". ").next().unwrap();
        assert!(sentence.len() < 30 || !page.contains(sentence), "{kind}: {sentence}");
    }
}

/// A part of the page: the fields of one type where it stands in one kind.
struct Section {
    title: &'static str,
    kind: Kind,
    /// The field whose fields are shown; empty for the object.
    at: &'static [&'static str],
}

/// Types with a section of their own; where they stand elsewhere, a link takes the place of their fields.
const SHARED: [(&str, Section); 3] = [
    ("meta.v1.ObjectMeta", Section { title: "Object", kind: Kind::Pod, at: &["metadata"] }),
    ("core.v1.PodSpec", Section { title: "Pod", kind: Kind::Pod, at: &[] }),
    (
        "core.v1.Container",
        Section { title: "Container", kind: Kind::Pod, at: &["spec", "containers"] },
    ),
];

/// The kinds that podman's own page has, in its order; the others follow in theirs.
const FIRST: [Kind; 3] = [Kind::PersistentVolumeClaim, Kind::ConfigMap, Kind::Deployment];

fn anchor(title: &str) -> String {
    format!("[{title} fields](#{}-fields)", title.to_lowercase())
}

fn page() -> String {
    let mut sections: Vec<(String, Counts, String)> = Vec::new();
    for (_, section) in &SHARED {
        sections.push(rows(section.title, section.kind, section.at));
    }
    let rest = Kind::read().filter(|kind| *kind != Kind::Pod && !FIRST.contains(kind));
    for kind in FIRST.into_iter().chain(rest) {
        sections.push(rows(kind.object(), kind, &[]));
    }
    let mut page = HEAD.to_owned();
    page.push_str("| Section | What becomes of its objects | Fields |");
    for support in Support::ALL {
        let _ = write!(page, " {support} |");
    }
    page.push_str("\n|---|---|--:|--:|--:|--:|--:|\n");
    for (title, counts, _) in &sections {
        let becomes = Kind::named(title).map_or("", |kind| match kind.effect() {
            Effect::CarriedOut => "carried out",
            Effect::NotYet => "kept, not yet carried out",
            Effect::NoneHere => "kept, no effect here",
        });
        let _ =
            write!(page, "| {} | {becomes} | {} |", anchor(title), counts.values().sum::<usize>());
        for support in Support::ALL {
            let _ = write!(page, " {} |", counts.get(&support).copied().unwrap_or(0));
        }
        page.push('\n');
    }
    for (_, _, text) in sections {
        page.push_str(&text);
    }
    page
}

const HEAD: &str = "# Kubernetes support

What bowline does with every field of every kind that it reads. `bowline explain KIND.FIELD` says the same of one field,
beside what Kubernetes says of it. This page is made from the table in `src/manifest/support/table` by a test; do not edit it.

- **honoured**: hosts are made to be as it says, or the planner goes by it.
- **not yet**: accepted and kept; what it asks for is not built. A notice names it.
- **no effect here**: accepted and kept; there is nothing here that it could speak of. A notice names it, unless the API
  server is who writes it.
- **refused**: passing it over would do harm, so the manifest is not taken.

`[]` stands for each element of a list, `.*` for any key. A field *by its fields* has no answer of its own. Defaults, values
and rules that hold between fields are not on this page: what the API server would refuse is refused here, too.

";

type Counts = BTreeMap<Support, usize>;

/// A section: its title, its counts, its text.
fn rows(title: &str, kind: Kind, at: &[&str]) -> (String, Counts, String) {
    let schema = Schema::of(kind);
    let start = schema.place(at).unwrap();
    let (mut counts, mut table) = (Counts::new(), String::new());
    let prefix = match start.content.shape() {
        Shape::List(_) => format!("{}[].", start.path),
        _ if start.path.is_empty() => String::new(),
        _ => format!("{}.", start.path),
    };
    let mut rows = Rows { kind, title, prefix: &prefix, counts: &mut counts, table: &mut table };
    rows.fields(&start, &[]);
    let total: usize = counts.values().sum();
    let each: Vec<String> =
        counts.iter().map(|(support, count)| format!("{count} {support}")).collect();
    let mut text = format!("\n## {title} fields\n\n{total} fields: {}.\n", each.join(", "));
    if let Some(whole) = support_of(kind, "").filter(|_| at.is_empty()) {
        let _ = writeln!(text, "{kind} as a whole: {}; {}.", whole.rule.support, whole.rule.why);
    }
    let _ = write!(text, "\n| Field | Support | How, or why not |\n|---|---|---|\n{table}");
    (title.to_owned(), counts, text)
}

struct Rows<'a> {
    kind: Kind,
    title: &'a str,
    prefix: &'a str,
    counts: &'a mut Counts,
    table: &'a mut String,
}

impl Rows<'_> {
    fn fields(&mut self, at: &Place<'_>, within: &[&str]) {
        let element = at.content.element();
        let name = element.short_name();
        for field in element.fields() {
            let place = at.below(&field);
            let inner = place.content.element();
            let shared = SHARED
                .iter()
                .find(|(name, section)| *name == inner.short_name() && section.title != self.title);
            let again = within.contains(&inner.short_name()) || inner.short_name() == name;
            let open = shared.is_none() && !again && !inner.fields().is_empty();
            let see = match shared {
                Some((_, section)) => format!("see {}", anchor(section.title)),
                None if again && !inner.fields().is_empty() => {
                    "its fields are those above".to_owned()
                }
                None => String::new(),
            };
            self.row(&place.path, &see, !open);
            if open {
                self.fields(&place, &[within, &[name]].concat());
            } else if shared.is_none() {
                // Keys of a map that have rules of their own.
                let below = format!("{}.", place.path);
                let keys = rulings(self.kind).into_iter().filter(|r| r.path.starts_with(&below));
                keys.for_each(|ruling| self.row(&ruling.path, "", true));
            }
        }
    }

    fn row(&mut self, path: &str, see: &str, leaf: bool) {
        let name = path.strip_prefix(self.prefix).unwrap_or(path);
        let ruling = support_of(self.kind, path);
        let (support, why) = match &ruling {
            Some(ruling) => {
                *self.counts.entry(ruling.rule.support).or_default() += 1;
                (ruling.rule.support.to_string(), reason(&ruling.rule))
            }
            None => {
                assert!(!leaf || !see.is_empty(), "{} {path} has no rule", self.kind);
                ("by its fields".to_owned(), String::new())
            }
        };
        let why = [why.as_str(), see].into_iter().filter(|part| !part.is_empty());
        let why = why.collect::<Vec<_>>().join("; ");
        let _ = writeln!(self.table, "| `{name}` | {support} | {why} |");
    }
}

fn reason(rule: &bowline::manifest::Rule) -> String {
    let same: Vec<String> = rule.same.iter().map(|value| format!("`{value}`")).collect();
    if same.is_empty() {
        rule.why.to_owned()
    } else {
        format!("{}; {} asks for nothing else", rule.why, same.join(" or "))
    }
}

/// What stands behind a link must be the same wherever the link stands, or it must be said on the spot.
#[test]
fn links_lead_to_the_same_answers() {
    let below = |kind: Kind, at: &str| -> Vec<_> {
        let under = rulings(kind).into_iter().filter(|ruling| ruling.path.starts_with(at));
        under.map(|ruling| (ruling.path[at.len()..].to_owned(), ruling.rule.support)).collect()
    };
    let pod = below(Kind::Pod, "spec.");
    assert!(pod.len() > 50, "{pod:?}");
    assert_eq!(below(Kind::Deployment, "spec.template.spec."), pod);
    let metadata = below(Kind::Pod, "metadata.");
    for kind in Kind::read() {
        assert_eq!(below(kind, "metadata."), metadata, "{kind}");
    }
}
