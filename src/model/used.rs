//! How much of a host something uses.

/// CPU and memory that something uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Thousandths of a processor.
    pub cpu_milli: u64,
    /// Bytes.
    pub memory_bytes: u64,
}
