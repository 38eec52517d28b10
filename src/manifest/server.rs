//! What the API server and kubectl write into objects: in exported ones it is nobody's wish.
//!
//! It is told by its path and not by its node: an alias is the very node that its anchor names, and a field of the user's
//! may share one with what the server wrote.

use crate::document::{Path, Step};

/// The metadata that the API server writes.
pub(super) const SERVER_METADATA: [&str; 8] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Where kubectl keeps what it applied last, in exported objects: it speaks of another fleet.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether the API server or kubectl writes what stands at a path of an object.
pub(super) fn of_the_server(path: &Path<'_>) -> bool {
    let Path::Below(above, Step::Key(key)) = path else { return false };
    match above {
        Path::Root => *key == "status",
        Path::Below(Path::Root, Step::Key("metadata")) => SERVER_METADATA.contains(key),
        Path::Below(Path::Below(Path::Root, Step::Key("metadata")), Step::Key("annotations")) => {
            *key == LAST_APPLIED
        }
        Path::Below(..) => false,
    }
}
