//! Work that ends, and work that comes again.

use crate::document::Severity;
use crate::lint::found::Found;
use crate::lint::rule::{Check, Rule, Usual};
use crate::lint::set::is_written;
use crate::manifest::ReadObject;
use crate::model::Kind;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "cron-concurrency",
        usual: Usual::On(Severity::Notice),
        finds: "a CronJob that does not say what happens when the last run still goes on",
        why: "They then run side by side, which few programs are written for.",
        fix: "`concurrencyPolicy: Forbid`, or `Allow` if they may",
        check: Check::Object(concurrency),
    },
    Rule {
        id: "cron-deadline",
        usual: Usual::Off("it matters only after a long time without anybody who starts runs"),
        finds: "a CronJob whose runs may begin long after their time",
        why: "After an interruption a run begins late, perhaps at the very hour that it was meant to keep clear of.",
        fix: "`startingDeadlineSeconds: 300`",
        check: Check::Object(deadline),
    },
    Rule {
        id: "job-ttl",
        usual: Usual::On(Severity::Notice),
        finds: "a Job that stays for ever after it has ended",
        why: "Its pods stay on their hosts, and the next apply of another version is refused: a Job's template cannot change.",
        fix: "`ttlSecondsAfterFinished: 86400`",
        check: Check::Object(ttl),
    },
    Rule {
        id: "job-backoff",
        usual: Usual::Off("six tries, as it is without, is right for most"),
        finds: "a Job that does not say how often it is tried",
        why: "Work that must not be done twice is tried up to seven times.",
        fix: "`backoffLimit: 2`",
        check: Check::Object(backoff),
    },
];

/// Says of an object of a kind that a field is not written in it.
fn lacks(read: &ReadObject, kind: Kind, field: &str, message: &str, found: &mut Found) {
    let path = format!("spec.{field}");
    if read.object.kind() == kind && !is_written(read, &path) {
        found.say(read, &path, &format!("no {field}"), message);
    }
}

fn concurrency(read: &ReadObject, found: &mut Found) {
    let message = "a run begins while the last one still goes on";
    lacks(read, Kind::CronJob, "concurrencyPolicy", message, found);
}

fn deadline(read: &ReadObject, found: &mut Found) {
    let message = "a run may begin any time after it was due";
    lacks(read, Kind::CronJob, "startingDeadlineSeconds", message, found);
}

fn ttl(read: &ReadObject, found: &mut Found) {
    let message = "the Job and its pods stay for ever after it has ended";
    lacks(read, Kind::Job, "ttlSecondsAfterFinished", message, found);
}

fn backoff(read: &ReadObject, found: &mut Found) {
    let message = "it is not said how often this is tried: 6 times after the first";
    lacks(read, Kind::Job, "backoffLimit", message, found);
}
