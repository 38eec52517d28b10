//! The table against the schema of every kind: no field is forgotten, and none is made up.

use std::fmt::Write as _;

use super::rule::{Rule, Support, Voice};
use super::table::of;
use super::tree::{ELEMENT, steps, text};
use super::{notices, rulings, support_of};
use crate::document::{Finding, Source, parse};
use crate::model::{Effect, Kind};
use crate::schema::{Field, Place, Schema, Shape, Type};

/// A field of a kind: its path, and a value that it could have, in YAML's flow style.
struct Example {
    path: String,
    value: String,
    /// Whether it has fields of its own.
    inner: bool,
}

/// Every field of a kind, to any depth; a type within itself is gone into once.
fn examples(kind: Kind) -> Vec<Example> {
    fn walk(at: &Place<'_>, within: &[&str], found: &mut Vec<Example>) {
        for field in at.content.element().fields() {
            let place = at.below(&field);
            let element = place.content.element();
            let name = element.short_name();
            let inner = !element.fields().is_empty() && !within.contains(&name);
            found.push(Example { path: place.path.clone(), value: value(&place.content), inner });
            if inner {
                walk(&place, &[within, &[name]].concat(), found);
            }
        }
    }
    let schema = Schema::of(kind);
    let mut found = Vec::new();
    walk(&schema.place(&[]).unwrap(), &[], &mut found);
    found
}

fn value(of: &Type<'_>) -> String {
    match of.shape() {
        Shape::List(inner) => format!("[{}]", value(&inner)),
        Shape::Map(inner) => format!("{{some: {}}}", value(&inner)),
        Shape::Single if !of.fields().is_empty() => "{unlikely: text}".to_owned(),
        Shape::Single => match of.label().as_str() {
            "boolean" => "true".to_owned(),
            "integer" | "number" => "7".to_owned(),
            _ => "text".to_owned(),
        },
    }
}

#[test]
fn every_field_of_every_kind_has_a_rule() {
    let mut count = 0;
    for kind in Kind::read() {
        for place in examples(kind) {
            count += 1;
            let ruled = support_of(kind, &place.path).is_some();
            // A field may be left to the fields that it holds; these are looked at one by one.
            assert!(ruled || place.inner, "{kind} {}: no rule", place.path);
        }
    }
    assert!(count > 5000, "{count}");
}

/// Two rules of one path stop `Tree::add` in every build with debug assertions, so the longest path is one rule.
#[test]
fn every_rule_names_a_field() {
    fn named<'s>(fields: &[Field<'s>], name: &str) -> Option<Type<'s>> {
        fields.iter().find(|field| field.name == name).map(|field| field.content.clone())
    }
    for kind in Kind::read() {
        let schema = Schema::of(kind);
        for ruling in rulings(kind) {
            let mut place = schema.root();
            for step in steps(&ruling.path) {
                let below = match (place.shape(), step) {
                    (Shape::List(inner), ELEMENT) | (Shape::Map(inner), _) => Some(inner),
                    (Shape::Single, name) => named(&place.fields(), name),
                    (Shape::List(_), _) => None,
                };
                place = below.unwrap_or_else(|| panic!("{kind} has no {}", ruling.path));
            }
        }
    }
}

#[test]
fn no_rule_repeats_the_one_above() {
    for kind in Kind::read() {
        let whole = of(kind).rule.is_some();
        for ruling in rulings(kind).into_iter().filter(|ruling| !ruling.path.is_empty()) {
            let path: Vec<&str> = steps(&ruling.path).collect();
            let above = support_of(kind, &text(&path[..path.len() - 1]));
            let same =
                |above: &Rule| (above.support, above.why) == (ruling.rule.support, ruling.rule.why);
            assert!(!above.is_some_and(|above| same(&above.rule)), "{kind} {}", ruling.path);
            assert!(!whole || !ruling.path.starts_with("spec"), "{kind} {}", ruling.path);
        }
    }
}

#[test]
fn reasons_are_short_and_fit_a_table() {
    for kind in Kind::read() {
        for Rule { path, why, .. } in rulings(kind).into_iter().map(|ruling| ruling.rule) {
            assert!((8..=160).contains(&why.len()), "{kind} {path}: {} letters", why.len());
            assert!(!why.ends_with('.') && !why.contains(['|', '\n']), "{kind} {path}: {why}");
        }
    }
}

#[test]
fn kinds_are_ruled_as_their_effect_says() {
    for kind in Kind::read() {
        let whole = of(kind).rule.map(|rule| rule.support);
        let expected = match kind.effect() {
            Effect::CarriedOut => None,
            Effect::NotYet => Some(Support::NotYet),
            Effect::NoneHere => Some(Support::NoEffect),
        };
        assert_eq!(whole, expected, "{kind}");
        let reason = of(kind).rule.map_or("", |rule| rule.why);
        assert_ne!(reason, "it is kept", "{kind}: say what is missing");
        let status = Schema::of(kind).place(&["status"]).is_ok();
        let ruled = rulings(kind).iter().any(|ruling| ruling.path == "status");
        assert_eq!(ruled, status, "{kind}: whether it has a status");
    }
}

fn said(kind: Kind, path: &str, value: &str) -> Vec<Finding> {
    let (mut before, mut after) = (String::new(), String::new());
    for step in steps(path) {
        if step == ELEMENT {
            before.push('[');
            after.insert(0, ']');
        } else {
            let _ = write!(before, "{{{step}: ");
            after.insert(0, '}');
        }
    }
    let parsed = parse(&Source::new("a.yaml", format!("{before}{value}{after}\n")));
    assert!(parsed.findings.is_empty(), "{before}{value}{after}: {:?}", parsed.findings);
    notices(kind, &parsed.documents[0])
}

#[test]
fn no_field_is_passed_over_in_silence() {
    let mut spoken = 0;
    for kind in Kind::read().filter(|kind| kind.effect() == Effect::CarriedOut) {
        for place in examples(kind).iter().filter(|place| !place.inner) {
            let rule = support_of(kind, &place.path).unwrap().rule;
            let found = said(kind, &place.path, &place.value);
            let silent = rule.support == Support::Honoured
                || rule.voice == Voice::Quiet
                || rule.same.contains(&place.value.as_str());
            assert_eq!(found.is_empty(), silent, "{kind} {}: {found:?}", place.path);
            assert!(found.len() <= 1, "{kind} {}: {found:?}", place.path);
            let error = rule.support == Support::Refused;
            assert_eq!(found.iter().any(Finding::is_error), error, "{kind} {}", place.path);
            spoken += found.len();
        }
    }
    // The fewer, the more is carried out; none would mean that nothing was looked at.
    assert!(spoken > 500, "{spoken}");
}

fn words(kind: Kind, path: &str, value: &str) -> Vec<String> {
    let found = said(kind, path, value).into_iter();
    found.map(|finding| format!("{}: {}", finding.severity, finding.message)).collect()
}

#[test]
fn a_kind_that_is_not_carried_out_gets_one_notice() {
    let job = words(Kind::Job, "spec", "{template: {spec: {hostNetwork: true}}, backoffLimit: 3}");
    assert_eq!(job, ["notice: Job is not carried out yet: no pods are made for it"]);
    let role = words(Kind::Role, "rules", "[]");
    assert_eq!(
        role,
        ["notice: Role has no effect here: there is no API server that it could speak to"]
    );
}

#[test]
fn notices_stand_where_the_difference_begins() {
    let container = "spec.containers[]";
    let at = |field: &str| format!("{container}.{field}");
    let rules = "[{action: Restart, exitCodes: {operator: In, values: [3]}}]";
    assert_eq!(
        words(Kind::Pod, &at("restartPolicyRules"), rules),
        ["notice: spec.containers[0].restartPolicyRules is not carried out yet"]
    );
    assert_eq!(
        words(Kind::Pod, &at("resources"), "{limits: {cpu: 1, ephemeral-storage: 2}}"),
        ["notice: spec.containers[0].resources.limits.ephemeral-storage is not carried out yet"]
    );
    assert_eq!(
        words(
            Kind::Pod,
            &at("volumeMounts[]"),
            "{name: a, mountPath: /a, bindMountOptions: [noexec]}"
        ),
        ["error: spec.containers[0].volumeMounts[0].bindMountOptions is not carried out yet"]
    );
    assert_eq!(
        words(Kind::Pod, "spec.securityContext", "{runAsUser: 1, seLinuxChangePolicy: Recursive}"),
        ["notice: spec.securityContext.seLinuxChangePolicy is not carried out yet"]
    );
}

#[test]
fn what_asks_for_nothing_is_not_spoken_of() {
    for (kind, path, value) in [
        (Kind::Pod, "spec.dnsPolicy", "ClusterFirst"),
        (Kind::Pod, "spec.os", "{name: linux}"),
        (Kind::Pod, "spec.schedulerName", "default-scheduler"),
        (Kind::Pod, "spec.hostNetwork", "false"),
        (Kind::Pod, "spec.securityContext", "{}"),
        (Kind::Pod, "spec.initContainers", "[]"),
        (Kind::Pod, "spec.affinity", ""),
        (Kind::Service, "spec.ipFamilies", "[IPv4]"),
        (Kind::Namespace, "spec", "{finalizers: [kubernetes]}"),
    ] {
        assert_eq!(words(kind, path, value), [""; 0], "{path}");
    }
    assert_eq!(words(Kind::Service, "spec.ipFamilies", "[IPv4, IPv6]").len(), 1);
}

#[test]
fn what_the_reader_drops_is_what_the_server_writes() {
    for kind in Kind::read() {
        let quiet = rulings(kind).into_iter().filter(|ruling| ruling.rule.voice == Voice::Quiet);
        let quiet = quiet.map(|ruling| ruling.path).filter(|path| path.starts_with("metadata."));
        let dropped =
            crate::manifest::server::SERVER_METADATA.map(|name| format!("metadata.{name}"));
        assert_eq!(quiet.collect::<Vec<_>>(), dropped, "{kind}");
    }
}
