//! What every command did, one line each: for `--trace` and for tests that count.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::driver::Effect;
use crate::model::NodeName;

/// Hears of every command that ended on a host.
pub trait Trace: Send + Sync {
    /// Takes one line; called from the tasks of all hosts.
    fn record(&self, line: &TraceLine<'_>);
}

/// One command that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine<'a> {
    /// Where it ran.
    pub host: &'a NodeName,
    /// What it was a part of: the name of the script's operation, or `stream`.
    pub op: &'a str,
    /// Whether it might change the host.
    pub effect: Effect,
    /// The program and its arguments.
    pub argv: &'a [String],
    /// How long it took, seen from here: since the command before it, or since the script was sent.
    pub ms: u64,
    /// The exit code.
    pub exit: i32,
}

/// Writes each line as JSON, at once, so that a killed run leaves what it did.
///
/// The keys are `host`, `op`, `mutating`, `argv`, `ms` and `exit`.
pub struct TraceWriter<W> {
    inner: Mutex<(W, Option<std::io::Error>)>,
}

impl<W: Write> TraceWriter<W> {
    /// Writes to `writer`.
    pub fn new(writer: W) -> Self {
        Self { inner: Mutex::new((writer, None)) }
    }

    /// Gives back the writer, or the first error that it met; after an error nothing more was written.
    pub fn finish(self) -> std::io::Result<W> {
        let (writer, error) = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        error.map_or(Ok(writer), Err)
    }
}

impl<W: Write + Send> Trace for TraceWriter<W> {
    fn record(&self, line: &TraceLine<'_>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (writer, error) = &mut *inner;
        if error.is_none() {
            *error = write_line(writer, line).err();
        }
    }
}

fn write_line(writer: &mut impl Write, line: &TraceLine<'_>) -> std::io::Result<()> {
    #[derive(Serialize)]
    struct Row<'a> {
        host: &'a str,
        op: &'a str,
        mutating: bool,
        argv: &'a [String],
        ms: u64,
        exit: i32,
    }
    let TraceLine { host, op, effect, argv, ms, exit } = line;
    let mutating = match effect {
        Effect::Reads => false,
        Effect::Mutates => true,
    };
    let row = Row { host: host.as_str(), op, mutating, argv, ms: *ms, exit: *exit };
    let mut text = serde_json::to_vec(&row)?;
    text.push(b'\n');
    writer.write_all(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object() {
        let writer = TraceWriter::new(Vec::new());
        let host = NodeName::from("a");
        let argv = ["podman".to_owned(), "a\nb".to_owned()];
        let effect = Effect::Mutates;
        writer.record(&TraceLine { host: &host, op: "ping", effect, argv: &argv, ms: 7, exit: 1 });
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        insta::assert_snapshot!(text, @r#"{"host":"a","op":"ping","mutating":true,"argv":["podman","a\nb"],"ms":7,"exit":1}"#);
    }

    #[test]
    fn a_write_error_is_kept() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let writer = TraceWriter::new(Full);
        let (host, effect) = (NodeName::from("a"), Effect::Reads);
        writer.record(&TraceLine { host: &host, op: "ping", effect, argv: &[], ms: 0, exit: 0 });
        assert_eq!(writer.finish().err().unwrap().kind(), std::io::ErrorKind::StorageFull);
    }
}
