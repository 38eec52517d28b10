//! `CronJobs`.

use jiff::tz::TimeZoneDatabase;
use k8s_openapi::api::batch::v1::CronJob;

use super::{Check, job, metadata, schedule};
use crate::document::{closest, quoted};

/// The longest name: its Jobs get eleven characters more, and a label holds 63.
const NAME_MAX: usize = 52;

pub(super) fn check(job: &CronJob, check: &mut Check<'_>) {
    let name = job.metadata.name.as_deref().unwrap_or_default();
    if name.len() > NAME_MAX {
        let message = format!("is too long a name: at most {NAME_MAX} characters are allowed");
        check.error("invalid-name", "metadata.name", &message);
    }
    let spec = &job.spec;
    check_schedule(&spec.schedule, check);
    if let Some(zone) = &spec.time_zone {
        check_zone(zone, check);
    }
    let policy = spec.concurrency_policy.as_deref();
    check.one_of("spec.concurrencyPolicy", policy, &["Allow", "Forbid", "Replace"]);
    check.at_least("spec.startingDeadlineSeconds", spec.starting_deadline_seconds, 0);
    let kept = spec.successful_jobs_history_limit.map(i64::from);
    check.at_least("spec.successfulJobsHistoryLimit", kept, 0);
    let kept = spec.failed_jobs_history_limit.map(i64::from);
    check.at_least("spec.failedJobsHistoryLimit", kept, 0);
    if let Some(own) = &spec.job_template.metadata {
        metadata::check_maps(own, "spec.jobTemplate.metadata", check);
    }
    let Some(template) = &spec.job_template.spec else { return };
    job::check_spec(template, "spec.jobTemplate.spec", check);
    let path = "spec.jobTemplate.spec";
    if template.selector.is_some() {
        check.forbidden(&format!("{path}.selector"), "is made for each Job when it is created");
    }
    if template.manual_selector == Some(true) {
        let message = "a CronJob's Jobs get selectors of their own";
        check.forbidden(&format!("{path}.manualSelector"), message);
    }
}

fn check_schedule(text: &str, check: &mut Check<'_>) {
    let path = "spec.schedule";
    if text.is_empty() {
        return check.required(path);
    }
    if text.contains("TZ") {
        let zone = text.split_once("TZ=").and_then(|(_, rest)| rest.split_once(' '));
        let help = zone.map_or_else(
            || "name the zone in `timeZone`".to_owned(),
            |(zone, rest)| format!("write `schedule: \"{}\"` and `timeZone: {zone}`", rest.trim()),
        );
        let message = "a time zone has no place in a schedule";
        return check.error_with("invalid-schedule", path, message, &help);
    }
    if let Err(fault) = schedule::check(text) {
        match &fault.help {
            Some(help) => check.error_with("invalid-schedule", path, &fault.message, help),
            None => check.error("invalid-schedule", path, &fault.message),
        }
    }
}

fn check_zone(zone: &str, check: &mut Check<'_>) {
    let path = "spec.timeZone";
    if zone.is_empty() || zone.eq_ignore_ascii_case("local") {
        let message = "must be the name of a time zone, such as Europe/Rome";
        return check.error("invalid-time-zone", path, message);
    }
    let database = TimeZoneDatabase::bundled();
    let known = database.get(zone).ok();
    if known.as_ref().and_then(|known| known.iana_name()) == Some(zone) {
        return;
    }
    let message = format!("{} is not a time zone", quoted(zone));
    let names: Vec<String> = database.available().map(|name| name.as_str().to_owned()).collect();
    let same = names.iter().find(|name| name.eq_ignore_ascii_case(zone)).map(String::as_str);
    match same.or_else(|| closest(zone, names.iter().map(String::as_str))) {
        Some(meant) => {
            let help = format!("did you mean `{meant}`?");
            check.error_with("invalid-time-zone", path, &message, &help);
        }
        None => {
            let help = "names are those of https://www.iana.org/time-zones, such as Europe/Rome";
            check.error_with("invalid-time-zone", path, &message, help);
        }
    }
}
