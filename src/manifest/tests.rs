//! Whole manifests, and what people see of what is wrong with them.

mod completion;
mod hostile;
mod kinds;
mod meaning;
mod messages;
mod pods;
mod rules;
mod spelling;
mod surroundings;
mod syntax;
mod unknown;
mod volumes;
mod workloads;

use super::*;

const HEAD: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
";

const REST: &str = "  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: nginx:1.14.2
";

/// A Deployment with these lines at the start of its specification and those at the end of its container.
fn deployment(spec: &str, container: &str) -> String {
    format!("{HEAD}{spec}{REST}{container}")
}

/// Reads one manifest.
fn read_text(text: &str) -> Reading {
    read(&[Source::new("web.yaml", text)], &ReadOptions::default())
}

/// What a person sees of all findings.
fn shown(text: &str) -> String {
    render(read_text(text).findings)
}

fn render(findings: Vec<Finding>) -> String {
    let mut out = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none())
        .with_width(100)
        .render_report(&mut out, &Report { findings })
        .unwrap();
    out
}

/// One line for each finding.
fn lines(text: &str) -> String {
    let line = |finding: &Finding| {
        let (line, column) = finding.source.position(finding.span.start);
        let help = finding.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        let code = finding.code;
        format!("{line}:{column} {code}: {finding}{help}\n")
    };
    read_text(text).findings.iter().map(line).collect()
}

/// Every fault and warning of each text, beside what is expected of it; what is not carried out is no fault of the text.
fn assert_faults(cases: &[(&str, String, &str)]) {
    let mut wrong = String::new();
    for (name, text, expected) in cases {
        let all = lines(text);
        let own = all.lines().filter(|line| !line.contains(" not-carried-out: "));
        let found = own.collect::<Vec<_>>().join("\n");
        if found != *expected {
            wrong.extend(["--- ", name, "\nexpected: ", expected, "\nfound:    ", &found, "\n"]);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
