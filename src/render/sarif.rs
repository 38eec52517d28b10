//! Findings as SARIF 2.1.0, which code scanning of GitHub and others reads.
//!
//! Sources: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>,
//! <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning>

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::document::{Finding, Report, Severity};
use crate::lint::{ANNOTATION, Rule, Usual, faults, rules};
use crate::model::Digest;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// The findings of one run. Paths below `directory` are told relative to it, as code scanning wants them.
pub fn sarif(report: &Report, directory: &str) -> Value {
    let mut rules = known_rules();
    for finding in report {
        rules.entry(finding.code).or_insert_with(|| unknown_rule(finding));
    }
    let index: BTreeMap<&str, usize> =
        rules.keys().enumerate().map(|(at, code)| (*code, at)).collect();
    let results: Vec<Value> = report
        .iter()
        .map(|finding| {
            let mut result = result(finding, directory);
            result["ruleIndex"] = json!(index.get(finding.code));
            result
        })
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "bowline",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_values().collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": true}],
            "results": results,
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "note",
    }
}

fn known_rules() -> BTreeMap<&'static str, Value> {
    let good = rules().map(|rule| (rule.id, of_rule(rule)));
    let faults = faults().iter().map(|fault| {
        let described = json!({
            "id": fault.code,
            "shortDescription": {"text": title(fault.code)},
            "fullDescription": {"text": fault.means},
            "help": {"text": fault.means, "markdown": fault.means},
            "defaultConfiguration": {"level": level(fault.severity)},
            "properties": {"tags": ["validity"]},
        });
        (fault.code, described)
    });
    good.chain(faults).collect()
}

fn of_rule(rule: &Rule) -> Value {
    let Rule { id, usual, finds, why, fix, .. } = rule;
    let configuration = match usual {
        Usual::On(severity) => json!({"level": level(*severity)}),
        Usual::Off(_) => json!({"level": "warning", "enabled": false}),
    };
    let silence = format!("metadata.annotations: {ANNOTATION}: {id}");
    json!({
        "id": id,
        "shortDescription": {"text": capital(finds)},
        "fullDescription": {"text": why},
        "help": {
            "text": format!("{why}\n\nFix: {fix}\n\nTo silence it for an object: {silence}"),
            "markdown": format!("{why}\n\n**Fix:** {fix}\n\n**To silence it for an object:** `{silence}`"),
        },
        "defaultConfiguration": configuration,
        "properties": {"tags": ["good-practice"]},
    })
}

/// A finding whose code nobody has described.
fn unknown_rule(finding: &Finding) -> Value {
    let title = title(finding.code);
    json!({
        "id": finding.code,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": title, "markdown": title},
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": {"tags": ["validity"]},
    })
}

fn title(code: &str) -> String {
    capital(&code.replace('-', " "))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn result(finding: &Finding, directory: &str) -> Value {
    let (start, column) = finding.source.position(finding.span.start);
    let (end, end_column) = finding.source.position(finding.span.end);
    let mut region = json!({"startLine": start, "startColumn": column});
    if finding.span.end > finding.span.start {
        region["endLine"] = json!(end);
        region["endColumn"] = json!(end_column);
    }
    let message = match &finding.help {
        Some(help) => format!("{}. Help: {help}", finding.message),
        None => finding.message.clone(),
    };
    let object = finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = [object.as_str(), &finding.path].join(" ");
    let uri = uri(finding.source.name(), directory);
    let same = Digest::of_text(&[finding.code, &uri, name.trim(), &finding.message].join("\n"));
    let mut location = json!({
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": region},
    });
    if !name.trim().is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": name.trim()}]);
    }
    json!({
        "ruleId": finding.code,
        "level": level(finding.severity),
        "message": {"text": message},
        "locations": [location],
        "partialFingerprints": {"bowline/v1": same.as_str()},
    })
}

/// A path as a reference that is relative where it can be, without `.` and `..` where they can be resolved.
fn uri(path: &str, directory: &str) -> String {
    let below = path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/'));
    let below = below.filter(|_| !directory.is_empty()).unwrap_or(path);
    let mut parts: Vec<&str> = Vec::new();
    for part in below.split('/') {
        match (part, parts.last()) {
            ("." | "", Some(_)) | (".", None) => {}
            ("..", Some(last)) if !last.is_empty() && *last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let absolute = below.starts_with('/');
    let mut uri = if absolute { "file://".to_owned() } else { String::new() };
    for byte in parts.join("/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_where_they_can_be() {
        for (path, expected) in [
            ("a.yaml", "a.yaml"),
            ("./a.yaml", "a.yaml"),
            ("x/./y/../a b.yaml", "x/a%20b.yaml"),
            ("../a.yaml", "../a.yaml"),
            ("/repo/x/a.yaml", "x/a.yaml"),
            ("/repository/a.yaml", "file:///repository/a.yaml"),
            ("dir//a.yaml", "dir/a.yaml"),
            ("-", "-"),
        ] {
            assert_eq!(uri(path, "/repo"), expected, "{path}");
        }
    }
}
