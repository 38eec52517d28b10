//! Tables from small fleets.
