//! What runs to an end.

use jiff::Timestamp;
use k8s_openapi::api::batch::v1::{CronJob, Job, JobStatus};

use super::row::{Row, count, or_none, or_unset};
use super::workload::selector;
use crate::render::age::age;

pub(super) fn job(job: &Job, now: Timestamp) -> Row {
    let (spec, status) =
        (job.spec.clone().unwrap_or_default(), job.status.clone().unwrap_or_default());
    let done = count(status.succeeded);
    let completions = match (spec.completions, spec.parallelism.unwrap_or(0)) {
        (Some(wanted), _) => format!("{done}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{done}/1 of {parallel}"),
        (None, _) => format!("{done}/1"),
    };
    let ended = status.completion_time.as_ref().map_or(now, |time| time.0);
    let duration = status.start_time.as_ref().map(|start| age(Some(start), ended));
    let leaving = job.metadata.deletion_timestamp.is_some();
    Row::default()
        .cell("STATUS", if leaving { "Terminating" } else { state(&status) })
        .cell("COMPLETIONS", completions)
        .cell("DURATION", duration.unwrap_or_default())
        .age(&job.metadata, now)
        .containers(Some(&spec.template))
        .wide("SELECTOR", or_none(spec.selector.as_ref().map(selector)))
}

/// How a Job stands: the first of its conditions, in the order in which kubectl looks for them.
fn state(status: &JobStatus) -> &'static str {
    let has = |name: &str| {
        let mut conditions = status.conditions.iter().flatten();
        conditions.any(|condition| condition.type_ == name && condition.status == "True")
    };
    let states = ["Complete", "Failed", "Suspended", "FailureTarget"];
    states.into_iter().find(|name| has(name)).unwrap_or("Running")
}

pub(super) fn cron_job(job: &CronJob, now: Timestamp) -> Row {
    let (spec, status) = (job.spec.clone(), job.status.clone().unwrap_or_default());
    let last = status.last_schedule_time.map(|time| age(Some(&time), now));
    let suspended = spec.suspend.map(|yes| if yes { "True" } else { "False" }.to_owned());
    let template = spec.job_template.spec.unwrap_or_default();
    Row::default()
        .cell("SCHEDULE", spec.schedule)
        .cell("TIMEZONE", or_none(spec.time_zone))
        .cell("SUSPEND", or_unset(suspended))
        .cell("ACTIVE", status.active.map_or(0, |jobs| jobs.len()))
        .cell("LAST SCHEDULE", or_none(last))
        .age(&job.metadata, now)
        .containers(Some(&template.template))
        .wide("SELECTOR", or_none(template.selector.as_ref().map(selector)))
}
