//! `bowline lint`: what is wrong with manifests, and what people come to regret.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap::{ArgGroup, Args, ValueEnum};

use super::context::read_inventory;
use super::given::Given;
use super::global::Global;
use super::reading::ReadingArgs;
use super::{CliError, Exit, Talk};
use crate::desired::Desired;
use crate::document::{Finding, Severity};
use crate::inventory::Inventory;
use crate::lint::{ANNOTATION, Level, LevelError, Levels, Linted, fault, lint, rule};
use crate::manifest::Reading;
use crate::references::check_references;
use crate::render::{
    Explained, Notices, explanation, findings_json, findings_text, rule_table, rules_json, sarif,
};
use crate::state::State;

/// Find what is wrong with manifests, and what people come to regret
///
/// Needs no hosts. Where there is a state file, what is stored counts as being there too. Exits with 1 when there is an
/// error.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("needed").args(["filename", "kustomize", "list_rules", "explain"]).multiple(true).required(true)))]
pub(super) struct LintArgs {
    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    reading: ReadingArgs,

    /// How to print what is found
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Format,

    /// How loud a rule is: off, notice, warning or error
    #[arg(long = "rule", value_name = "ID=LEVEL", value_parser = rule_level)]
    rules: Vec<(String, Level)>,

    /// Rules to leave out
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    ignore: Vec<String>,

    /// What is grave enough for exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    fail_on: FailOn,

    /// Show all rules and their levels
    #[arg(long, conflicts_with = "explain")]
    list_rules: bool,

    /// Say why a rule is there, what mends it and how to silence it
    #[arg(long, value_name = "ID")]
    explain: Option<String>,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// In the manifests' own text
    Text,
    /// As JSON
    Json,
    /// As SARIF 2.1.0, for code scanning
    Sarif,
}

/// What is grave enough for an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Everything
    Notice,
}

impl FailOn {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Notice => Severity::Notice,
        }
    }
}

fn rule_level(text: &str) -> Result<(String, Level), String> {
    let (id, level) = text.split_once('=').ok_or("write ID=LEVEL, such as no-digest=warning")?;
    Ok((id.to_owned(), level.parse()?))
}

pub(super) fn run(global: &Global, talk: &Talk, args: &LintArgs) -> Result<Exit, CliError> {
    if args.list_rules {
        match args.output {
            Format::Text => talk.data(&rule_table()),
            Format::Json | Format::Sarif => talk.data(&format!("{:#}", rules_json())),
        }
        return Ok(Exit::Done);
    }
    if let Some(id) = &args.explain {
        talk.data(&explanation(explained(id)?));
        return Ok(Exit::Done);
    }
    let levels = levels(args)?;
    let mut reading = args.given.read(&args.reading, global)?;
    let stored = Stored::of(global, talk)?;
    let objects = reading.objects.len();
    reading.findings.extend(stored.references(&reading));
    let linted = lint(&reading, &stored.desired, &levels);
    match args.output {
        Format::Text => show(talk, &linted, objects),
        Format::Json => talk.data(&format!("{:#}", findings_json(&linted.report))),
        Format::Sarif => {
            let directory = std::env::current_dir().unwrap_or_default();
            let sarif = sarif(&linted.report, &directory.to_string_lossy());
            talk.data(&format!("{sarif:#}"));
        }
    }
    let fails = |finding: &Finding| finding.severity <= args.fail_on.severity();
    let failed = linted.report.iter().any(fails);
    Ok(if failed { Exit::Error } else { Exit::Done })
}

fn explained(id: &str) -> Result<Explained, CliError> {
    let known = rule(id).map(Explained::Rule).or_else(|| fault(id).map(Explained::Fault));
    known.ok_or_else(|| usage(&LevelError::unknown(id)))
}

fn levels(args: &LintArgs) -> Result<Levels, CliError> {
    let mut levels = Levels::default();
    let ignored = args.ignore.iter().map(|id| (id, Level::Off));
    for (id, level) in args.rules.iter().map(|(id, level)| (id, *level)).chain(ignored) {
        levels.set(id, level).map_err(|error| usage(&error))?;
    }
    Ok(levels)
}

fn usage(error: &LevelError) -> CliError {
    let hint = match error {
        LevelError::Unknown { meant: Some(meant), .. } => format!("did you mean `{meant}`?"),
        LevelError::Unknown { meant: None, .. } => {
            "to see all rules, type: bowline lint --list-rules".to_owned()
        }
        LevelError::Fault { id } => {
            format!("to read what it means, type: bowline lint --explain {id}")
        }
    };
    CliError::Usage { problem: error.to_string(), hint }
}

/// What there is beside the manifests.
struct Stored {
    desired: Desired,
    inventory: Option<Inventory>,
    known: Known,
}

/// Whether it is known what is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// There is a state file.
    Yes,
    /// There is none here, which says nothing about the fleet.
    No,
}

impl Stored {
    fn of(global: &Global, talk: &Talk) -> Result<Self, CliError> {
        let inventory = if global.inventory.exists() {
            read_inventory(&global.inventory)
                .inspect_err(|error| talk.warn(&format!("{error}: it is left out of account")))
                .ok()
        } else {
            None
        };
        if !global.state.exists() {
            return Ok(Self { desired: Desired::default(), inventory, known: Known::No });
        }
        let desired = State::at(&global.state).load()?.desired;
        Ok(Self { desired, inventory, known: Known::Yes })
    }

    /// References that lead nowhere. Without a state file they may still lead to what is stored elsewhere, so that none of
    /// them is an error.
    fn references(&self, reading: &Reading) -> Vec<Finding> {
        let inventory = self.inventory.as_ref();
        let mut findings = check_references(&reading.objects, &self.desired, inventory);
        // What a rule asks too is the rule's: it knows better how sure it is, and can be turned off.
        findings.retain(|finding| rule(finding.code).is_none());
        if self.known == Known::No {
            // A namespace is made by others more often than not: one quiet word for all that stands in it.
            let mut namespaces = BTreeSet::new();
            findings.retain(|finding| {
                finding.code != "namespace-missing" || namespaces.insert(finding.message.clone())
            });
            for finding in &mut findings {
                let namespace = finding.code == "namespace-missing";
                let most = if namespace { Severity::Notice } else { Severity::Warning };
                finding.severity = finding.severity.max(most);
            }
        }
        findings
    }
}

fn show(talk: &Talk, linted: &Linted, objects: usize) {
    let Linted { report, silenced } = linted;
    let notices = if talk.tells_all() { Notices::Full } else { Notices::Brief };
    let mut text = findings_text(report, notices, talk.colour());
    let plural = if objects == 1 { "" } else { "s" };
    let _ = write!(text, "{report} in {objects} object{plural}");
    if *silenced > 0 {
        let _ = write!(text, "; {silenced} silenced by annotations");
    }
    text.push('.');
    talk.data(&text);
    if report.iter().any(|finding| rule(finding.code).is_some()) {
        talk.say("Why, and what to do: bowline lint --explain RULE");
        talk.say(&format!(
            "To silence a rule: --ignore RULE, or the annotation {ANNOTATION}: RULE on the object"
        ));
    }
}
