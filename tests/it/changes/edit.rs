//! `edit`, with an editor that runs scripts.

use insta::assert_snapshot;

use super::stored;
use crate::cli::Fleet;

/// An editor that runs a `sed` script over the file, the next one each time it is called.
fn editor(fleet: &Fleet, scripts: &[&str]) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    for (number, script) in scripts.iter().enumerate() {
        fleet.write(&format!("edits/{number}"), script);
    }
    let directory = fleet.path("edits").display().to_string();
    let text = format!(
        "#!/bin/sh\nset -e\ncd {directory}\nn=$(cat n 2>/dev/null || echo 0)\ncp \"$1\" seen-$n\n\
         test ! -e $n || sed -i -f $n \"$1\"\necho $((n + 1)) > n\n"
    );
    fleet.write("editor", &text);
    let path = fleet.path("editor");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

#[test]
fn an_object_is_edited() {
    let fleet = stored();
    let editor = editor(&fleet, &["s/replicas: 3/replicas: 4/"]);
    let variables = [("EDITOR", editor.as_str()), ("PATH", "/usr/bin:/bin")];
    let said = fleet.run_with("edit deploy web --auto-approve", &variables);
    assert!(said.contains("deployment.apps/web edited"), "{said}");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "4");
    assert_snapshot!(fleet.run_with("edit deploy web", &variables), @"
    --- stderr, exit 0
    Edit cancelled, no changes made.
    ");
}

#[test]
fn an_edit_that_is_wrong_opens_again_and_says_why() {
    let fleet = stored();
    let editor = editor(&fleet, &["s/replicas: 3/replicas: -4/", "s/replicas: -4/replicas: 4/"]);
    let variables = [("KUBE_EDITOR", editor.as_str()), ("PATH", "/usr/bin:/bin")];
    let said = fleet.run_with("edit deploy web --auto-approve", &variables);
    assert!(said.contains("deployment.apps/web edited"), "{said}");
    assert_eq!(fleet.get("deploy/web", "{.spec.replicas}"), "4");
    let again = std::fs::read_to_string(fleet.path("edits/seen-1")).unwrap();
    let comments: Vec<&str> = again.lines().take_while(|line| line.starts_with('#')).collect();
    assert_snapshot!(comments.join("\n"), @"
    # Edit the object below. Lines that begin with # are left out. An empty file, or one without a
    # change, ends this. If something is wrong, this file opens again and says what.
    #
    # deployment/web cannot be stored so:
    # * line 8: spec.replicas: must be 0 or more
    #
    ");
}

#[test]
fn an_edit_that_stays_wrong_is_kept_and_changes_nothing() {
    let fleet = stored();
    let editor = editor(&fleet, &["s/name: web$/name: other/"]);
    let temp = fleet.path("tmp").display().to_string();
    std::fs::create_dir(&temp).unwrap();
    let variables =
        [("EDITOR", editor.as_str()), ("PATH", "/usr/bin:/bin"), ("TMPDIR", temp.as_str())];
    assert_snapshot!(fleet.run_with("edit svc web", &variables), @"
    --- stderr, exit 2
      × nothing that can be stored was saved: this is Service default/other: the kind, name and
      │ namespace of Service default/web may not change
      help: what you wrote is in <fleet>/tmp/bowline-edit-service-0.yaml
    ");
    let kept = std::fs::read_to_string(fleet.path("tmp/bowline-edit-service-0.yaml")).unwrap();
    assert!(kept.contains("name: other"), "{kept}");
}
