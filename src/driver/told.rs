//! How pods and containers fare, as hosts tell it in files and of containers that have ended (`lifecycle`). Hosts are not
//! trusted: what is no line of ours is left out.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::files::Files;
use super::lifecycle::TOLD;
use crate::observed::{End, Stage};

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
    told
}

/// `end NAME CODE OOM STARTED FINISHED MESSAGE`, as the text `ended` prints it.
fn end<'a>(words: &[&'a str]) -> Option<(&'a str, End)> {
    let ["end", name, code, out_of_memory, started, finished, message @ ..] = words else {
        return None;
    };
    let message = STANDARD.decode(message.first().copied().unwrap_or_default()).ok()?;
    let end = End {
        code: code.parse().ok()?,
        out_of_memory: *out_of_memory == "true",
        started: moment(started),
        finished: moment(finished),
        message: String::from_utf8_lossy(&message).into_owned(),
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
}
