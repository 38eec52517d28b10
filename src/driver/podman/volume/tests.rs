//! The texts, run by the shells of this machine where they need no root.
