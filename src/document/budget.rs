//! What one source may ask for, all of its documents together: each of them is kept until the last one is read.

/// How many values aliases may add to what is written: enough for any manifests, small enough to walk at once.
pub(super) const MAX_EXPANSION: usize = 1_000_000;
/// How many bytes of keys and texts aliases may add: sixteen of the largest ConfigMaps.
pub(super) const MAX_EXPANSION_BYTES: usize = 16 << 20;

/// How much there is of something.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weight {
    values: usize,
    /// Of keys and texts.
    bytes: usize,
}

impl Weight {
    /// One value with so many bytes.
    pub(super) fn of(bytes: usize) -> Self {
        Self { values: 1, bytes }
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            values: self.values.saturating_add(other.values),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    /// What is more than that.
    pub(super) fn beyond(self, other: Self) -> Self {
        Self {
            values: self.values.saturating_sub(other.values),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

/// What is left to a source.
#[derive(Debug)]
pub(super) struct Budget {
    /// How many values may still be written.
    values: usize,
    /// What aliases and `<<` may still add to them.
    expansion: Weight,
}

impl Budget {
    /// So many values, and as much by aliases as any source may have.
    pub(super) fn new(values: usize) -> Self {
        let expansion = Weight { values: MAX_EXPANSION, bytes: MAX_EXPANSION_BYTES };
        Self { values, expansion }
    }

    /// Takes a written value; tells whether there was one.
    pub(super) fn takes_value(&mut self) -> bool {
        let left = self.values.checked_sub(1);
        self.values = left.unwrap_or_default();
        left.is_some()
    }

    /// Whether aliases may add so much.
    pub(super) fn has(&self, weight: Weight) -> bool {
        weight.values <= self.expansion.values && weight.bytes <= self.expansion.bytes
    }

    /// Takes what aliases add; tells whether there was so much.
    pub(super) fn takes(&mut self, weight: Weight) -> bool {
        let has = self.has(weight);
        self.expansion = self.expansion.beyond(weight);
        has
    }
}
