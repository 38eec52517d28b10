//! The runs of a container: podman starts the same container again, and its log goes on. Kubernetes keeps a log a run.

use jiff::Timestamp;
use serde::Deserialize;

use super::error::ReportError;

/// When a container's runs began, as far as podman remembers, and how the last one stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs {
    /// What podman calls the state, such as `running`.
    pub status: String,
    /// When the last run was started, if there was one.
    pub started: Option<Timestamp>,
    /// When the last run that has ended did.
    pub finished: Option<Timestamp>,
    /// Its exit code.
    pub exit: i32,
    /// When each run began, in order: nothing that it printed is older, nothing that the run before it printed is younger.
    begun: Vec<Timestamp>,
}

/// A part of a log, by the times of its lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Lines at this time or before it are not in it.
    pub after: Option<Timestamp>,
    /// Lines after this are not in it.
    pub until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct State {
    status: String,
    started: Option<Timestamp>,
    finished: Option<Timestamp>,
    exit: i32,
}

/// An event of podman 5, which counts nanoseconds, or of podman 4, which writes the time out.
#[derive(Deserialize)]
struct Event {
    #[serde(default, rename = "timeNano")]
    nanoseconds: Option<i64>,
    #[serde(default, rename = "Time")]
    written: Option<Timestamp>,
}

/// The most runs that are kept; older ones are forgotten.
const RUNS_MAX: usize = 10_000;

/// Reads the answer to `runs_argv`.
pub fn parse_runs(text: &[u8]) -> Result<Runs, ReportError> {
    let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let state: State = serde_json::from_slice(first)
        .map_err(|error| ReportError::unreadable("podman container inspect", &error))?;
    let mut begun: Vec<Timestamp> = Vec::new();
    for line in lines.take(RUNS_MAX) {
        // An event that cannot be read is one less: the log is cut at the others.
        let Ok(event) = serde_json::from_slice::<Event>(line) else { continue };
        let counted = event.nanoseconds.filter(|nano| *nano > 0);
        let counted = counted.and_then(|nano| Timestamp::from_nanosecond(nano.into()).ok());
        begun.extend(counted.or(event.written));
    }
    begun.sort_unstable();
    let ever = |time: &Timestamp| *time > Timestamp::UNIX_EPOCH;
    Ok(Runs {
        status: state.status,
        started: state.started.filter(ever),
        finished: state.finished.filter(ever),
        exit: state.exit,
        begun,
    })
}

impl Runs {
    /// Whether it runs now.
    pub fn is_running(&self) -> bool {
        self.status == "running"
    }

    /// The part of the log that the last run printed.
    pub fn last(&self) -> Window {
        // While it runs, what ended last is the run before it.
        let before = self.finished.filter(|_| self.is_running());
        Window { after: self.begun.last().copied().or(before), until: None }
    }

    /// The part that the run before it printed; `None` when there was none, or nobody remembers it.
    pub fn previous(&self) -> Option<Window> {
        match self.begun.as_slice() {
            [.., after, until] => Some(Window { after: Some(*after), until: Some(*until) }),
            // podman has forgotten its events: what is left is when the run before ended.
            [_] | [] => {
                let until = self.finished.filter(|_| self.is_running())?;
                Some(Window { after: None, until: Some(until) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: &str = "0001-01-01T00:00:00Z";

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn runs(status: &str, finished: &str, events: &str) -> Runs {
        let state = format!(
            r#"{{"status":"{status}","started":"1970-01-01T00:05:00.5Z","finished":"{finished}","exit":3}}"#
        );
        parse_runs(format!("{state}\n{events}").as_bytes()).unwrap()
    }

    fn event(second: i64) -> String {
        format!(r#"{{"Name":"c","Status":"init","time":{second},"timeNano":{second}000000000}}"#)
    }

    #[test]
    fn a_run_that_goes_on_began_after_the_end_of_the_one_before() {
        assert_eq!(runs("running", NEVER, "").last(), Window::default());
        let again = runs("running", "1970-01-01T00:04:00Z", "");
        assert_eq!(again.last().after, Some(time(240)));
    }

    #[test]
    fn runs_are_cut_at_podmans_events() {
        let events = [event(10), event(20), event(30)].join("\n");
        let ended = runs("exited", "1970-01-01T00:06:00Z", &events);
        assert_eq!(ended.last(), Window { after: Some(time(30)), until: None });
        let before = Window { after: Some(time(20)), until: Some(time(30)) };
        assert_eq!(ended.previous(), Some(before));
    }

    #[test]
    fn what_podman_4_writes_is_read_as_well() {
        let events = "{\"Time\":\"1970-01-01T00:00:10.5+00:00\",\"Status\":\"init\"}\nrubbish\n";
        let once = runs("exited", "1970-01-01T00:06:00Z", events);
        assert!(once.last().after > Some(time(10)));
        assert_eq!(once.previous(), None);
    }

    #[test]
    fn what_is_no_state_is_an_error() {
        assert!(parse_runs(b"").is_err());
        assert!(parse_runs(b"Error: boom\n").is_err());
    }
}
