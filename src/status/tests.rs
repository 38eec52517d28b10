//! Objects with their status, from small fleets.
