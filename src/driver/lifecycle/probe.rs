//! The files by which a container's probes are asked: of what kind, how often and how long, and what.

use super::{ended_words, write};
use crate::driver::script::Command;
use crate::plan::{Ask, HttpVersion, ProbeToRun};

/// The files of one probe, of which `file` is the first.
pub(super) fn files(probe: &ProbeToRun, file: &str) -> Vec<Command> {
    let (kind, content) = match &probe.ask {
        Ask::Exec(words) => ("exec", ended_words(words)),
        Ask::Http { version, url, headers } => {
            let kind = match version {
                HttpVersion::One => "http",
                HttpVersion::Two => "http2",
            };
            let lines: Vec<&str> =
                std::iter::once(url).chain(headers).map(String::as_str).collect();
            (kind, lines.join("\n") + "\n")
        }
        Ask::Tcp { host, port } => ("tcp", format!("{host} {port}\n")),
        Ask::Grpc { url, .. } => ("grpc", format!("{url}\n")),
    };
    let ProbeToRun {
        kind: _,
        ask: _,
        delay_seconds,
        period_seconds,
        timeout_seconds,
        successes,
        failures,
        grace_seconds,
    } = probe;
    let words = format!(
        "{kind} {delay_seconds} {period_seconds} {timeout_seconds} {successes} {failures} {grace_seconds}\n"
    );
    let mut commands =
        vec![write("0600", file, words), write("0600", &format!("{file}.ask"), content)];
    if let Ask::Grpc { request, .. } = &probe.ask {
        commands.push(write("0600", &format!("{file}.ask.frame"), request.clone()));
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::script::Stdin;
    use crate::observed::ProbeKind;

    /// The files of a probe that asks so: each one's path and what is in it.
    fn written(ask: Ask) -> String {
        let probe = ProbeToRun {
            kind: ProbeKind::Liveness,
            ask,
            delay_seconds: 1,
            period_seconds: 2,
            timeout_seconds: 3,
            successes: 4,
            failures: 5,
            grace_seconds: 6,
        };
        let line = |command: Command| {
            let content = match &command.stdin {
                Stdin::Bytes(bytes) => bytes.escape_ascii().to_string(),
                Stdin::Empty | Stdin::Hidden(_) => String::new(),
            };
            format!("{} {content}\n", command.argv.last().unwrap())
        };
        files(&probe, "c.liveness").into_iter().map(line).collect()
    }

    #[test]
    fn what_is_asked_is_in_files() {
        let url = "http://10.100.0.5:80/ok".to_owned();
        let headers = vec!["Host: a".to_owned(), "X-B;".to_owned()];
        let one = Ask::Http { version: HttpVersion::One, url: url.clone(), headers };
        let two = Ask::Http { version: HttpVersion::Two, url: url.clone(), headers: Vec::new() };
        let words = ["sh", "-c", "it's"].map(str::to_owned).to_vec();
        let all = [
            Ask::Exec(words),
            one,
            two,
            Ask::Tcp { host: "10.100.0.5".to_owned(), port: 80 },
            Ask::Grpc { url, request: vec![0, 0, 0, 0, 0] },
        ];
        insta::assert_snapshot!(all.map(written).concat(), @r"
        c.liveness exec 1 2 3 4 5 6\n
        c.liveness.ask sh\x00-c\x00it\'s\x00
        c.liveness http 1 2 3 4 5 6\n
        c.liveness.ask http://10.100.0.5:80/ok\nHost: a\nX-B;\n
        c.liveness http2 1 2 3 4 5 6\n
        c.liveness.ask http://10.100.0.5:80/ok\n
        c.liveness tcp 1 2 3 4 5 6\n
        c.liveness.ask 10.100.0.5 80\n
        c.liveness grpc 1 2 3 4 5 6\n
        c.liveness.ask http://10.100.0.5:80/ok\n
        c.liveness.ask.frame \x00\x00\x00\x00\x00
        ");
    }
}
