//! What people read of kinds and fields. The texts of Kubernetes are cut: they are its own.

use insta::assert_snapshot;

use super::*;

/// The answer without what Kubernetes says: the lines of its texts are left out.
fn shown(kind: Kind, names: &[&str], fields: Fields) -> String {
    let text = explain(kind, names, fields).unwrap();
    let (mut lines, mut in_description) = (Vec::new(), false);
    for line in text.lines() {
        in_description = match line {
            "DESCRIPTION:" => true,
            "BOWLINE:" | "FIELDS:" => false,
            _ => in_description,
        };
        let of_a_field =
            line.starts_with("    ") && lines.contains(&"FIELDS:") && !line.contains('\t');
        if line == "DESCRIPTION:" || !(in_description || of_a_field || line.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

#[test]
fn a_field_with_values_and_a_default() {
    assert_snapshot!(shown(Kind::Pod, &["spec", "dnsPolicy"], Fields::Described), @r#"
    KIND:       Pod
    VERSION:    v1
    FIELD: dnsPolicy <string>
    ENUM:
        ClusterFirst
        ClusterFirstWithHostNet
        Default
        None
    DESCRIPTION:
    BOWLINE:
        honoured: None and Default; as long as there is no DNS of the fleet's own,
        ClusterFirst and ClusterFirstWithHostNet are as Default
    DEFAULT:
        ClusterFirst
    "#);
}

#[test]
fn a_field_that_is_refused() {
    let path = ["spec", "template", "spec", "containers", "volumeMounts"];
    assert_snapshot!(shown(Kind::Deployment, &path, Fields::Described), @r"
    GROUP:      apps
    KIND:       Deployment
    VERSION:    v1
    FIELD: volumeMounts <[]VolumeMount>
    DESCRIPTION:
    BOWLINE:
        honoured: volumes of the pod, at their places
    FIELDS:
      bindMountOptions	<[]string> (refused)
      mountPath	<string> -required-
      mountPropagation	<string>
      enum: Bidirectional, HostToContainer, None
      name	<string> -required-
      readOnly	<boolean>
      recursiveReadOnly	<string>
      subPath	<string>
      subPathExpr	<string>
    ");
}

#[test]
fn a_kind_that_is_not_carried_out() {
    assert_snapshot!(shown(Kind::CronJob, &[], Fields::Described), @r"
    GROUP:      batch
    KIND:       CronJob
    VERSION:    v1
    DESCRIPTION:
    BOWLINE:
        not yet: no pods are made for it
    FIELDS:
      apiVersion	<string>
      kind	<string>
      metadata	<ObjectMeta> -required-
      spec	<CronJobSpec> -required-
      status	<CronJobStatus> (no effect here)
    ");
    assert_snapshot!(shown(Kind::CronJob, &["spec", "schedule"], Fields::Described), @r"
    GROUP:      batch
    KIND:       CronJob
    VERSION:    v1
    FIELD: schedule <string>
    DESCRIPTION:
    BOWLINE:
        not yet (CronJob): no pods are made for it
    ");
}

#[test]
fn all_that_a_field_holds() {
    let path = ["spec", "strategy"];
    assert_snapshot!(shown(Kind::Deployment, &path, Fields::Recursive), @r"
    GROUP:      apps
    KIND:       Deployment
    VERSION:    v1
    FIELD: strategy <DeploymentStrategy>
    DESCRIPTION:
    BOWLINE:
        honoured: how one revision gives way to the next, with maxSurge and
        maxUnavailable
    FIELDS:
      rollingUpdate	<RollingUpdateDeployment>
        maxSurge	<IntOrString>
        maxUnavailable	<IntOrString>
      type	<string>
      enum: Recreate, RollingUpdate
    ");
    // Schemas of custom resources hold themselves.
    assert!(shown(Kind::CustomResourceDefinition, &[], Fields::Recursive).lines().count() < 400);
}

#[test]
fn every_field_of_every_kind_can_be_explained() {
    for kind in Kind::ALL {
        let schema = Schema::of(*kind);
        let all = explain(*kind, &[], Fields::Recursive).unwrap();
        assert!(all.contains("metadata\t<ObjectMeta>"), "{kind}");
        for field in schema.root().fields() {
            let text = explain(*kind, &[field.name], Fields::Described).unwrap();
            assert!(text.contains("\nBOWLINE:\n    "), "{kind} {}", field.name);
            assert!(text.lines().all(|line| line.trim_end() == line), "{kind} {}", field.name);
        }
    }
}
