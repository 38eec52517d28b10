//! Lines of several containers on one output: whole, each with its prefix, and no more than was asked for.

use std::io::{ErrorKind, Write as _};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

use crate::render::{Colour, clean, hue};

/// The pod and the container as a line begins with them; on a terminal each pod has a colour.
pub(super) fn prefix(colour: Colour, pod: &str, container: &str) -> String {
    let name = format!("[pod/{}/{}]", clean(pod), clean(container));
    format!("{} ", hue(colour, pod, &name))
}

/// How many bytes may still come.
#[derive(Clone, Debug)]
pub(super) struct Measure {
    left: Option<Arc<AtomicU64>>,
}

impl Measure {
    pub(super) fn of(limit: Option<u64>) -> Self {
        Self { left: limit.map(|limit| Arc::new(AtomicU64::new(limit))) }
    }

    /// Whether nothing more may come.
    pub(super) fn is_full(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.load(Ordering::Relaxed) == 0)
    }

    /// How many of so many bytes may come.
    fn allowed(&self, length: usize) -> usize {
        match &self.left {
            None => length,
            Some(left) => {
                length.min(usize::try_from(left.load(Ordering::Relaxed)).unwrap_or(usize::MAX))
            }
        }
    }

    fn take(&self, length: usize) {
        if let Some(left) = &self.left {
            left.fetch_sub(length as u64, Ordering::Relaxed);
        }
    }

    /// Bytes as they come, within the measure.
    pub(super) fn of_bytes<W>(&self, out: W) -> Measured<W> {
        Measured { measure: self.clone(), out }
    }
}

/// An output that ends when the measure is full.
pub(super) struct Measured<W> {
    measure: Measure,
    out: W,
}

/// As if the reader had gone away, which ends the command at the other end.
fn full() -> std::io::Error {
    ErrorKind::BrokenPipe.into()
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Measured<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        polling: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let allowed = self.measure.allowed(bytes.len());
        if allowed == 0 && !bytes.is_empty() {
            ready!(Pin::new(&mut self.out).poll_flush(polling))?;
            return Poll::Ready(Err(full()));
        }
        let written = ready!(Pin::new(&mut self.out).poll_write(polling, &bytes[..allowed]))?;
        self.measure.take(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        polling: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.out).poll_flush(polling)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        polling: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.out).poll_shutdown(polling)
    }
}

/// Writes whole lines only, each with a prefix, so that several streams can share a terminal.
pub(super) struct Lines {
    prefix: String,
    line: Vec<u8>,
    measure: Measure,
}

/// The longest that is waited for the end of a line, in bytes.
const LINE_MAX: usize = 64 * 1024;

impl Lines {
    pub(super) fn new(prefix: String, measure: Measure) -> Self {
        Self { prefix, line: Vec::new(), measure }
    }

    fn write_line(&mut self) -> std::io::Result<()> {
        let mut text = self.prefix.clone().into_bytes();
        text.append(&mut self.line);
        std::io::stdout().lock().write_all(&text)
    }

    /// Takes bytes in, and returns how many.
    fn add(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let allowed = self.measure.allowed(bytes.len());
        if allowed == 0 && !bytes.is_empty() {
            return Err(full());
        }
        for part in bytes[..allowed].split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() > LINE_MAX {
                self.write_line()?;
            }
        }
        self.measure.take(allowed);
        Ok(allowed)
    }
}

impl AsyncWrite for Lines {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(self.add(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(std::io::stdout().flush())
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.line.push(b'\n');
            // The reader may have gone away, and nobody is left to hear of it.
            let _ = self.write_line();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    #[test]
    fn a_prefix_names_the_pod_and_the_container_and_has_the_pods_colour() {
        assert_eq!(prefix(Colour::None, "web-1", "nginx"), "[pod/web-1/nginx] ");
        let (one, other) = (prefix(Colour::Ansi, "a", "x"), prefix(Colour::Ansi, "a", "y"));
        assert_eq!(one.replace('x', "y"), other);
        assert!(one.starts_with('\u{1b}') && one.ends_with("\u{1b}[0m "), "{one:?}");
    }

    #[tokio::test]
    async fn no_more_bytes_come_than_were_asked_for() {
        let measure = Measure::of(Some(5));
        let mut out = Vec::new();
        let mut measured = measure.of_bytes(&mut out);
        let error = measured.write_all(b"one\ntwo\n").await.unwrap_err();
        assert_eq!((error.kind(), measure.is_full()), (ErrorKind::BrokenPipe, true));
        assert_eq!(out, b"one\nt");
        assert!(!Measure::of(None).is_full());
    }
}
