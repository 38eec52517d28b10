//! What sig-storage asks for.

use super::manifests::CHANGED;
use super::{comes, says};
use crate::fleet::Fleet;

pub(super) fn files(fleet: &Fleet) {
    assert_eq!(says(fleet, "config-files"), "value-1 644\nvalue-1 400\nvalue-2 644\nvalue-2 400");
    fleet.holds(99, "ConfigMap Volume, without mapping");
    fleet.holds(100, "ConfigMap Volume, without mapping, volume mode set");
    fleet.holds(101, "ConfigMap Volume, with mapping");
    fleet.holds(102, "ConfigMap Volume, with mapping, volume mode set");
    assert_eq!(says(fleet, "field-files"), "field-files");
    fleet.holds(104, "DownwardAPI volume, pod name");
    assert_eq!(says(fleet, "secret-files"), "value-1 644");
    fleet.holds(113, "Secrets Volume, default");
    // The Secret of this name in the other namespace says something else.
    let there = fleet.bowline(&["logs", "secret-files", "-n", "other"]).ends(0).stdout;
    assert_eq!(there.trim(), "elsewhere");
    fleet.holds(
        112,
        "Secrets Volume, volume mode default, secret with same name in different namespace",
    );
    assert_eq!(says(fleet, "group-files"), "value-1 440 1001");
    fleet.holds(114, "Secrets Volume, volume mode 0440, fsGroup 1001 and uid 1000");
    assert_eq!(says(fleet, "over-file"), "value-1");
    fleet.holds(
        116,
        "SubPath: Reading content from a configmap volume. (mountPath of existing file)",
    );
}

/// What is mounted follows its object: a new value, one that was not there, one that goes.
pub(super) fn changes(fleet: &Fleet, config: &str) {
    let see = |directory: &str| {
        let line =
            format!("cd {directory} && for f in *; do [ ! -e $f ] || echo $f $(cat $f); done");
        fleet.exec("optional", "main", &line).ends(0).stdout
    };
    let before = fleet.containers();
    let all = |kind: &str| {
        let seen = ["gone", "changed", "new"].map(|each| see(&format!("/{kind}/{each}")));
        seen.concat().replace('\n', " ")
    };
    comes("data-1 value-1 data-1 value-1", || all("config"));
    comes("data-1 value-1 data-1 value-1", || all("secret"));
    fleet.write("config.yaml", CHANGED);
    for (kind, name) in [("configmap", "gone"), ("secret", "gone")] {
        fleet.bowline(&["delete", kind, name, "--auto-approve"]).ends(0);
    }
    fleet.bowline(&["apply", "-f", config, "--auto-approve", "--timeout", "5s"]);
    comes("data-3 value-3 data-1 value-1", || all("config"));
    fleet.holds(98, "ConfigMap Volume, create, update and delete");
    comes("data-3 value-3 data-1 value-1", || all("secret"));
    fleet.holds(111, "Secrets Volume, create, update and delete");

    let labels = || fleet.exec("optional", "main", "cat /fields/labels").ends(0).stdout;
    assert_eq!(labels().trim(), "key=\"one\"");
    fleet.bowline(&["label", "pod", "optional", "key=two", "--overwrite", "--auto-approve"]);
    comes("key=\"two\"", labels);
    assert_eq!(fleet.containers(), before, "the same containers run");
    fleet.holds(105, "DownwardAPI volume, update label");
}
