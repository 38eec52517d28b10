//! Bytes that nobody may read by accident: what a Secret holds, on its way to a host.

use std::fmt;

/// Bytes of a Secret. They are compared and sent like any others, but show themselves to no log, panic or snapshot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hidden(Vec<u8>);

impl Hidden {
    /// Hides bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, for whoever sends them.
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_bytes_do_not_show() {
        assert_eq!(format!("{:?}", Some(Hidden::new("pa55"))), "Some((hidden))");
    }
}
