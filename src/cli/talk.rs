//! How the user is spoken to: data on stdout, talk on stderr, decided once.

#![expect(clippy::print_stderr, reason = "this is where the program speaks")]

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, ReportHandler as _};
use tokio::signal::unix::{SignalKind, signal};

use super::error::CliError;
use super::global::{Global, When};
use crate::render::Colour;

/// How the user is spoken to.
#[derive(Clone, Debug)]
pub struct Talk {
    colour: Colour,
    aside: Colour,
    failed: Arc<AtomicBool>,
    loudness: Loudness,
    asking: Asking,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loudness {
    Quiet,
    Normal,
    Verbose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asking {
    Allowed,
    Never,
}

/// The longest that it takes until a signal is heard of that was sent before a line was read.
const SIGNALS_TAKE: Duration = Duration::from_millis(50);

impl Talk {
    pub(super) fn new(global: &Global) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let on = |terminal: bool| match global.color {
            When::Always => Colour::Ansi,
            When::Auto if terminal && !plain => Colour::Ansi,
            When::Auto | When::Never => Colour::None,
        };
        let colour = on(std::io::stdout().is_terminal());
        let aside = on(std::io::stderr().is_terminal());
        let loudness = match (global.quiet, global.verbose) {
            (true, _) => Loudness::Quiet,
            (_, true) => Loudness::Verbose,
            _ => Loudness::Normal,
        };
        let may_ask = !global.no_input && std::io::stdin().is_terminal();
        let asking = if may_ask { Asking::Allowed } else { Asking::Never };
        Self { colour, aside, failed: Arc::default(), loudness, asking }
    }

    /// Which colours to use on stdout.
    pub(super) fn colour(&self) -> Colour {
        self.colour
    }

    /// Which colours to use on stderr.
    pub(super) fn aside(&self) -> Colour {
        self.aside
    }

    /// Prints data, with a line's end after it.
    pub(super) fn data(&self, text: &str) {
        self.text(text);
        if !text.ends_with('\n') && !text.is_empty() {
            self.text("\n");
        }
    }

    /// Prints data as it is, without a line's end.
    pub(super) fn text(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => {}
            // A reader that has gone away wants no more data.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            Err(error) => {
                eprintln!("cannot write to standard output: {error}");
                self.failed.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Whether all data could be written.
    pub fn wrote_all(&self) -> bool {
        !self.failed.load(Ordering::Relaxed)
    }

    /// Says something that is good to know.
    pub(super) fn say(&self, text: &str) {
        if self.loudness != Loudness::Quiet {
            eprintln!("{text}");
        }
    }

    /// Says something that only the curious want to know.
    pub(super) fn detail(&self, text: &str) {
        if self.loudness == Loudness::Verbose {
            eprintln!("{text}");
        }
    }

    /// Whether somebody is curious.
    pub(super) fn tells_all(&self) -> bool {
        self.loudness == Loudness::Verbose
    }

    /// Says something that is wrong and ends nothing.
    #[expect(clippy::unused_self, reason = "how loud the program is stays one decision")]
    pub(super) fn warn(&self, text: &str) {
        eprintln!("{text}");
    }

    /// Whether bars may be drawn on stderr.
    pub(super) fn draws(&self) -> bool {
        self.loudness != Loudness::Quiet && std::io::stderr().is_terminal()
    }

    /// Asks for a `yes`; anything else is a no, and Ctrl-C ends it.
    ///
    /// Whoever has once waited for Ctrl-C has to go on doing so: what the signal does by itself does not come back.
    pub(super) async fn confirm(&self, question: &str) -> Result<(), CliError> {
        if self.asking == Asking::Never {
            return Err(CliError::NotAsked);
        }
        // Heard from before the question on: it may be answered with Ctrl-C at once.
        let mut interrupted =
            signal(SignalKind::interrupt()).map_err(|error| CliError::System {
                what: "cannot listen for Ctrl-C".to_owned(),
                cause: error.to_string(),
            })?;
        eprint!("{question} Only `yes` is accepted: ");
        let (heard, answer) = tokio::sync::oneshot::channel();
        // A thread of its own, which nobody waits for at the end: a read of the terminal cannot be called off.
        std::thread::spawn(move || {
            let mut answer = String::new();
            let read = std::io::stdin().read_line(&mut answer);
            // A Ctrl-C that was typed before the answer is heard of by then.
            std::thread::sleep(SIGNALS_TAKE);
            let _ = heard.send(read.is_ok() && answer.trim() == "yes");
        });
        tokio::select! {
            // What was typed after Ctrl-C is no answer.
            biased;
            _ = interrupted.recv() => {
                eprintln!();
                Err(CliError::CalledOff)
            }
            yes = answer => match yes {
                Ok(true) => Ok(()),
                Ok(false) | Err(_) => Err(CliError::NotApproved),
            },
        }
    }

    /// Asks for a secret, if anybody can be asked.
    pub(super) fn may_ask(&self) -> bool {
        self.asking == Asking::Allowed
    }

    /// Shows a diagnostic with its labels and hints.
    pub fn diagnostic(&self, diagnostic: &dyn Diagnostic) {
        struct Shown<'a>(&'a GraphicalReportHandler, &'a dyn Diagnostic);
        impl std::fmt::Debug for Shown<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.debug(self.1, f)
            }
        }
        let theme = match self.aside {
            Colour::Ansi => GraphicalTheme::unicode(),
            Colour::None => GraphicalTheme::unicode_nocolor(),
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(100);
        eprintln!("{:?}", Shown(&handler, diagnostic));
    }
}

/// Asks for a secret at the terminal without showing what is typed; `None` when nobody answers.
pub(super) fn ask_secret(question: &str) -> Option<String> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let stdin = std::io::stdin();
    let before = tcgetattr(&stdin).ok()?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden).ok()?;
    eprint!("{question}");
    let mut answer = String::new();
    let read = stdin.read_line(&mut answer);
    let _ = tcsetattr(&stdin, OptionalActions::Flush, &before);
    eprintln!();
    let answer = answer.trim_end_matches(['\n', '\r']).to_owned();
    (read.is_ok() && !answer.is_empty()).then_some(answer)
}
