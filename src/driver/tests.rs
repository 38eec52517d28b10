//! Steps to scripts, as text to read.
