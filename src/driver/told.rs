//! How pods and containers fare, as hosts tell it in files and of containers that have ended (`lifecycle`). Hosts are not
//! trusted: what is no line of ours is left out.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::files::Files;
use super::lifecycle::{PROBED, TOLD};
use crate::observed::{Asked, End, ObservedProbe, ProbeKind, Stage, Times, Unwell, Verdict};

/// Everything that is told.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// How far pods were brought up, by the names of their sandboxes.
    pub(super) stages: BTreeMap<String, Stage>,
    /// What became of containers before, by their names.
    pub(super) lives: BTreeMap<String, Life>,
    /// How containers ended that do not run now, by their names.
    pub(super) ends: BTreeMap<String, End>,
}

/// What became of a container before.
#[derive(Clone, Debug, Default)]
pub(super) struct Life {
    /// How often it was started again.
    pub(super) restarts: u64,
    /// How it ended last.
    pub(super) last: Option<End>,
    /// When it is started again, if that waits.
    pub(super) again: Option<Timestamp>,
    /// How its probes stand.
    pub(super) probes: BTreeMap<ProbeKind, ObservedProbe>,
}

impl Told {
    fn life(&mut self, name: &str) -> &mut Life {
        self.lives.entry(name.to_owned()).or_default()
    }
}

/// Reads lines about containers that have ended, and the files.
pub(super) fn read(ended: &str, files: Files<'_>) -> Told {
    let mut told = Told::default();
    for line in ended.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        if let Some((name, end)) = end(&words) {
            told.ends.insert(name.to_owned(), end);
        }
    }
    for (name, line) in files.within(TOLD) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["made" | "starting", at] => {
                let at = moment(at).unwrap_or(Timestamp::UNIX_EPOCH);
                told.stages.insert(name.to_owned(), Stage::Starting(at));
            }
            ["failed", _] => drop(told.stages.insert(name.to_owned(), Stage::Failed)),
            ["expired", _] => drop(told.stages.insert(name.to_owned(), Stage::Expired)),
            ["started", _] => drop(told.stages.insert(name.to_owned(), Stage::Started)),
            ["restarts", count] => told.life(name).restarts = count.parse().unwrap_or(0),
            ["until", at] => told.life(name).again = moment(at),
            ["end", ..] => told.life(name).last = end(&words).map(|(_, end)| end),
            _ => {}
        }
    }
    for (path, line) in files.within(PROBED) {
        let Some((name, kind)) = path.rsplit_once('.') else { continue };
        let Some(kind) = ProbeKind::of_word(kind) else { continue };
        let words: Vec<&str> = line.split(' ').collect();
        probe(&mut told.life(name).probes, kind, &words);
    }
    told
}

/// A line of how a probe stands; the first of its file is the one that begins with `is`.
fn probe(probes: &mut BTreeMap<ProbeKind, ObservedProbe>, kind: ProbeKind, words: &[&str]) {
    match words {
        ["is", verdict, run, since] => {
            let verdict = match *verdict {
                "success" => Verdict::Success,
                "failure" => Verdict::Failure,
                _ => Verdict::Unknown,
            };
            let (Some(run), Some(since)) = (moment(run), moment(since)) else { return };
            let probe = ObservedProbe { verdict, run, since, unwell: None, killed: None };
            probes.insert(kind, probe);
        }
        [asked @ ("failed" | "errored"), count, first, last, message] => {
            let Some(probe) = probes.get_mut(&kind) else { return };
            let last_asked = if *asked == "failed" { Asked::Failed } else { Asked::Errored };
            probe.unwell = times(count, first, last)
                .zip(decoded(message))
                .map(|(times, message)| Unwell { times, last: last_asked, message });
        }
        ["killed", count, first, last] => {
            let Some(probe) = probes.get_mut(&kind) else { return };
            probe.killed = times(count, first, last);
        }
        _ => {}
    }
}

fn times(count: &str, first: &str, last: &str) -> Option<Times> {
    Some(Times { count: count.parse().ok()?, first: moment(first)?, last: moment(last)? })
}

fn decoded(message: &str) -> Option<String> {
    let message = STANDARD.decode(message).ok()?;
    Some(String::from_utf8_lossy(&message).into_owned())
}

/// `end NAME CODE OOM STARTED FINISHED MESSAGE`, as the text `ended` prints it.
fn end<'a>(words: &[&'a str]) -> Option<(&'a str, End)> {
    let ["end", name, code, out_of_memory, started, finished, message @ ..] = words else {
        return None;
    };
    let message = decoded(message.first().copied().unwrap_or_default())?;
    let end = End {
        code: code.parse().ok()?,
        out_of_memory: *out_of_memory == "true",
        started: moment(started),
        finished: moment(finished),
        message,
    };
    Some((name, end))
}

/// Seconds since 1970; podman writes the year 1 for never.
fn moment(seconds: &str) -> Option<Timestamp> {
    let seconds = seconds.parse().ok().filter(|seconds| *seconds > 0)?;
    Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hosts_tell() {
        let files = Files(
            "/var/lib/bowline/told/lab_d_p:starting 1795235002\n\
             /var/lib/bowline/told/lab_d_p_a:restarts 3\n\
             /var/lib/bowline/told/lab_d_p_a:end lab_d_p_a 137 true 1795235000 1795235001 aGk6IHlvdQ==\n\
             /var/lib/bowline/told/lab_d_p_a:until 1795235041\n\
             /var/lib/bowline/told/lab_d_p_b:restarts of nothing\n",
        );
        let told = read("end lab_d_p_a 1 false -62135596800 -62135596800 \nend x\nodd\n", files);
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(told.stages["lab_d_p"], Stage::Starting(at(1_795_235_002)));
        let life = &told.lives["lab_d_p_a"];
        assert_eq!((life.restarts, life.again), (3, Some(at(1_795_235_041))));
        let last = life.last.clone().unwrap();
        assert_eq!((last.code, last.out_of_memory, last.message.as_str()), (137, true, "hi: you"));
        let end = &told.ends["lab_d_p_a"];
        assert_eq!((end.code, end.started, end.message.as_str()), (1, None, ""));
        assert_eq!((told.ends.len(), told.lives.len()), (1, 1));
    }

    #[test]
    fn what_hosts_tell_of_probes() {
        let files = Files(
            "/run/bowline-life/probed/lab_d_p.q_a.liveness:is failure 1795235000 1795235030\n\
             /run/bowline-life/probed/lab_d_p.q_a.liveness:failed 3 1795235010 1795235030 aGk6IHlvdQ==\n\
             /run/bowline-life/probed/lab_d_p.q_a.liveness:killed 1 1795235030 1795235030\n\
             /run/bowline-life/probed/lab_d_p.q_a.readiness:is odd 1795235000 1795235000\n\
             /run/bowline-life/probed/lab_d_p.q_a.readiness:errored 1 1795235000 1795235000 \n\
             /run/bowline-life/probed/lab_d_p.q_a.readiness.new:is success 1795235000 1795235000\n\
             /run/bowline-life/probed/lab_d_p.q_a.startup:killed 1 1795235030 1795235030\n",
        );
        let told = read("", files);
        let at = |second| Timestamp::from_second(second).unwrap();
        let probes = &told.lives["lab_d_p.q_a"].probes;
        let liveness = &probes[&ProbeKind::Liveness];
        assert_eq!((liveness.verdict, liveness.run), (Verdict::Failure, at(1_795_235_000)));
        let unwell = liveness.unwell.clone().unwrap();
        assert_eq!((unwell.times.count, unwell.message.as_str()), (3, "hi: you"));
        assert_eq!(liveness.killed.unwrap().last, at(1_795_235_030));
        let readiness = &probes[&ProbeKind::Readiness];
        assert_eq!(readiness.verdict, Verdict::Unknown);
        assert_eq!(readiness.unwell.as_ref().unwrap().last, Asked::Errored);
        assert_eq!(probes.len(), 2);
    }
}
