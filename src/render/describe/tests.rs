//! Objects in full.
