//! The local terminal while a remote one is shown on it.

use std::io::IsTerminal as _;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A terminal whose keys go to the other side as they are pressed; dropping it gives it back as it was.
pub(super) struct RawTerminal {
    before: Termios,
    watching: JoinHandle<()>,
    /// The sizes that it gets.
    pub(super) sizes: watch::Receiver<(u32, u32)>,
}

impl RawTerminal {
    /// Takes the terminal over; `None` when standard input is none.
    pub(super) fn take() -> Option<Self> {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            return None;
        }
        let before = tcgetattr(&stdin).ok()?;
        let (sender, sizes) = watch::channel(size());
        let mut changes = signal(SignalKind::window_change()).ok()?;
        let watching = tokio::spawn(async move {
            while changes.recv().await.is_some() {
                if sender.send(size()).is_err() {
                    return;
                }
            }
        });
        let mut raw = before.clone();
        raw.make_raw();
        let taken = Self { before, watching, sizes };
        // From here on, dropping gives the terminal back.
        tcsetattr(&stdin, OptionalActions::Now, &raw).ok()?;
        Some(taken)
    }

    /// Columns and rows now.
    pub(super) fn size(&self) -> (u32, u32) {
        *self.sizes.borrow()
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        self.watching.abort();
        // If this fails, the terminal is gone, and with it whoever could be told.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// Columns and rows; the classic size where the terminal does not say.
fn size() -> (u32, u32) {
    match tcgetwinsize(std::io::stdin()) {
        Ok(size) if size.ws_col > 0 => (u32::from(size.ws_col), u32::from(size.ws_row)),
        Ok(_) | Err(_) => (80, 24),
    }
}
