//! Says of every field that is present and not carried out that it is not.

use super::rule::{Rule, Support, Voice};
use super::table::of;
use super::tree::{ELEMENT, Tree};
use crate::document::{
    Document, Finding, MAX_FINDINGS, NodeId, Path, Room, Scalar, Severity, Span, Value,
};
use crate::manifest::server::of_the_server;
use crate::model::Kind;

/// Fields whose `false` asks for something.
const MEANT_FALSE: &[&str] = &["allowPrivilegeEscalation", "hostUsers"];

/// What is to be said of the fields of an object; of one whose kind is not carried out, one notice for all of it.
pub(in super::super) fn notices(kind: Kind, document: &Document) -> Vec<Finding> {
    let tree = of(kind);
    let room = Room::of(MAX_FINDINGS);
    let mut walk = Walk { document, room, findings: Vec::new() };
    match tree.rule.filter(|rule| rule.support != Support::Honoured) {
        Some(rule) => walk.say_of_all(kind, &rule),
        None => walk.visit(document.root, (Some(tree), None), &Path::Root, None),
    }
    walk.findings
}

struct Walk<'d> {
    document: &'d Document,
    room: Room,
    findings: Vec<Finding>,
}

impl Walk<'_> {
    /// Goes down until all that is below has the same rule; `above` is the rule that holds where there is no own one.
    fn visit(
        &mut self,
        node: NodeId,
        (rules, above): (Option<&Tree>, Option<Rule>),
        path: &Path<'_>,
        key: Option<(&str, Span)>,
    ) {
        if of_the_server(path) {
            return;
        }
        let rule = rules.and_then(|rules| rules.rule).or(above);
        if let Some(rule) = rule
            && rules.is_none_or(|rules| rules.agrees(rule.support))
        {
            let (key, span) = key.unwrap_or(("", self.document.tree.showing(node)));
            if !self.asks_for_nothing(&rule, key, node) {
                self.say(&rule, path, span);
            }
            return;
        }
        let tree = &self.document.tree;
        for entry in tree.entries(node) {
            let below = (rules.and_then(|rules| rules.step(&entry.key)), rule);
            let key = Some((entry.key.as_str(), entry.key_span));
            self.visit(entry.value, below, &path.key(&entry.key), key);
        }
        for (index, element) in tree.elements(node).iter().enumerate() {
            let below = (rules.and_then(|rules| rules.step(ELEMENT)), rule);
            self.visit(*element, below, &path.index(index), None);
        }
    }

    fn say_of_all(&mut self, kind: Kind, rule: &Rule) {
        let message = match rule.support {
            Support::NoEffect => format!("{kind} has no effect here: {}", rule.why),
            Support::Honoured | Support::NotYet | Support::Refused => {
                format!("{kind} is not carried out yet: {}", rule.why)
            }
        };
        let finding = self.document.finding(Severity::Notice, "not-carried-out", "kind", message);
        self.findings.push(finding.with_label("kept, without effect"));
    }

    fn say(&mut self, rule: &Rule, path: &Path<'_>, span: Span) {
        let severity = match rule.support {
            Support::Honoured => return,
            Support::NotYet | Support::NoEffect => Severity::Notice,
            Support::Refused => Severity::Error,
        };
        if self.room.is_full(severity) {
            return;
        }
        let what = match rule.support {
            Support::NoEffect => "has no effect here",
            Support::Honoured | Support::NotYet | Support::Refused => "is not carried out yet",
        };
        let label = match severity {
            Severity::Error => rule.why.to_owned(),
            Severity::Warning | Severity::Notice => format!("kept, without effect: {}", rule.why),
        };
        let message = format!("{path} {what}");
        let path = path.to_string();
        let finding = self.document.finding(severity, "not-carried-out", path, message);
        let finding = finding.at(span).with_label(label);
        if self.room.takes(&finding) {
            self.findings.push(finding);
        }
    }

    /// Whether a value is so empty, or so much what is done anyway, that nothing has to be said.
    fn asks_for_nothing(&self, rule: &Rule, key: &str, node: NodeId) -> bool {
        rule.support == Support::Honoured
            || rule.voice == Voice::Quiet
            || self.is_nothing(key, node)
            || self.is_same(rule.same, node)
    }

    fn is_nothing(&self, key: &str, node: NodeId) -> bool {
        match &self.document.tree.node(node).value {
            Value::Scalar(Scalar::Null, _) => true,
            Value::Scalar(Scalar::Bool(false), _) => !MEANT_FALSE.contains(&key),
            Value::Scalar(Scalar::Text, text) => text.is_empty(),
            Value::Scalar(..) => false,
            Value::Sequence(elements) => elements.is_empty(),
            Value::Mapping(entries) => {
                entries.iter().all(|entry| self.is_nothing(&entry.key, entry.value))
            }
        }
    }

    fn is_same(&self, same: &[&str], node: NodeId) -> bool {
        match &self.document.tree.node(node).value {
            Value::Scalar(Scalar::Bool(truth), _) => same.contains(&truth.to_string().as_str()),
            Value::Scalar(Scalar::Int(number), _) => same.contains(&number.to_string().as_str()),
            Value::Scalar(Scalar::Text, text) => same.contains(&text.as_str()),
            Value::Scalar(Scalar::Null | Scalar::Float(_), _) => false,
            Value::Sequence(elements) => elements.iter().all(|node| self.is_same(same, *node)),
            Value::Mapping(entries) => entries.iter().all(|e| self.is_same(same, e.value)),
        }
    }
}
