//! Rules that hold for values in many places.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::Check;
use crate::document::{Severity, join, quoted};
use crate::model::names::{Rule, label_key, label_value};

/// The largest mode of a file: `rwxrwxrwx`.
const MODE_MAX: i32 = 0o777;

impl<'d> Check<'d> {
    /// Whether the user wrote this field, or it was filled in.
    pub(super) fn is_written(&self, path: &str) -> bool {
        self.document.span_of(path).is_some()
    }

    /// The keys of a mapping that the user wrote: of many, asking for each by its path would take too long.
    pub(super) fn written_keys(&self, path: &str) -> BTreeSet<&'d str> {
        self.document.keys_of(path).collect()
    }

    /// Whether a field of an object was written and could not be read.
    pub(super) fn is_unread(&self, path: &str, field: &str) -> bool {
        self.faulty.contains(&join(path, field))
    }

    /// Refuses a field that has no place where it stands.
    pub(super) fn forbidden(&mut self, path: &str, message: &str) {
        if self.is_full() {
            return;
        }
        self.error_with("forbidden", path, message, "leave it out");
    }

    /// Refuses the key at a path, which stands in the user's own mapping, perhaps with what was meant.
    pub(super) fn key_error_with(
        &mut self,
        code: &'static str,
        path: &str,
        message: &str,
        help: Option<String>,
    ) {
        if self.is_full() {
            return;
        }
        let finding = self.found(Severity::Error, code, path, message);
        let span = self.document.key_span_of(path).unwrap_or(finding.span);
        let finding = finding.at(span);
        self.push(match help {
            Some(help) => finding.with_help(help),
            None => finding,
        });
    }

    /// Refuses a value that is none of the known ones, and none at all.
    pub(super) fn choice(&mut self, path: &str, value: &str, known: &[&str]) {
        if value.is_empty() {
            self.required_one_of(path, known);
        } else {
            self.one_of(path, Some(value), known);
        }
    }

    /// Asks for one of the known values.
    pub(super) fn required_one_of(&mut self, path: &str, known: &[&str]) {
        let message = format!("is required: one of {}", known.join(", "));
        self.error("required", path, &message);
    }

    /// Refuses a number outside of a range.
    pub(super) fn range(&mut self, path: &str, value: Option<i64>, least: i64, most: i64) {
        if value.is_some_and(|value| !(least..=most).contains(&value)) {
            self.error("out-of-range", path, &format!("must be a number from {least} to {most}"));
        }
    }

    /// Refuses a list that is longer than allowed.
    pub(super) fn at_most(&mut self, path: &str, count: usize, most: usize) {
        if count > most {
            let message = format!("has {count} entries; at most {most} are allowed");
            self.error("too-many", path, &message);
        }
    }

    /// Asks for a text that is not empty.
    pub(super) fn filled(&mut self, path: &str, value: &str) {
        if value.is_empty() {
            self.required(path);
        }
    }

    /// Checks a name that may be absent or empty.
    pub(super) fn name_if_any(&mut self, path: &str, name: Option<&str>, rule: Rule) {
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            self.name(path, name, rule);
        }
    }

    /// Checks the key of a label.
    pub(super) fn label_key(&mut self, path: &str, key: &str) {
        if key.is_empty() {
            self.required(path);
        } else if let Err(why) = label_key(key) {
            self.error("invalid-label", path, &format!("{} {why}", quoted(key)));
        }
    }

    /// Checks the value of a label.
    pub(super) fn label_value(&mut self, path: &str, value: &str) {
        if let Err(why) = label_value(value) {
            self.error("invalid-label", path, &format!("{} {why}", quoted(value)));
        }
    }

    /// Checks the permissions of a file.
    pub(super) fn mode(&mut self, path: &str, mode: Option<i32>) {
        if mode.is_some_and(|mode| !(0..=MODE_MAX).contains(&mode)) {
            let help = "write it in octal, such as 0644";
            self.error_with("out-of-range", path, "must be a mode from 0 to 0777", help);
        }
    }

    /// Refuses `..` in a path.
    pub(super) fn no_steps_back(&mut self, path: &str, file: &str) {
        if file.split('/').any(|part| part == "..") {
            self.error("invalid-value", path, "must not contain `..`");
        }
    }

    /// Checks a path below another directory.
    pub(super) fn relative(&mut self, path: &str, file: &str) {
        if file.starts_with('/') || file.split('/').any(|part| part == "..") {
            self.error("invalid-value", path, "must be relative, without `..`");
        }
    }

    /// Checks the path of a file in a volume that is made of objects: names with `..` in front are the kubelet's own.
    pub(super) fn file(&mut self, path: &str, file: &str) {
        if file.is_empty() {
            self.required(path);
        } else if file.starts_with("..") && !file.starts_with("../") && file != ".." {
            self.error("invalid-value", path, "must not begin with `..`");
        } else {
            self.relative(path, file);
        }
    }

    /// Checks a port that is given by its number or by its name.
    pub(super) fn port_or_name(&mut self, path: &str, port: &IntOrString) {
        match port {
            IntOrString::Int(0) if !self.is_written(path) => self.required(path),
            IntOrString::Int(number) => self.port(path, *number),
            IntOrString::String(name) if name.is_empty() => self.required(path),
            IntOrString::String(name) if name.bytes().all(|b| b.is_ascii_digit()) => {
                let help = format!("write it without quotes: {name}");
                self.error_with("invalid-name", path, "a port's name has letters", &help);
            }
            IntOrString::String(name) => self.name(path, name, Rule::Port),
        }
    }

    /// Refuses a count of alternatives that is not one.
    pub(super) fn exactly_one(&mut self, path: &str, count: usize, of: &str) {
        match count {
            1 => {}
            0 => self.error("required", path, &format!("must have one of {of}")),
            _ => self.error("invalid-value", path, &format!("must have only one of {of}")),
        }
    }
}
