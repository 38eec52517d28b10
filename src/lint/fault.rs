//! The findings that are not rules: what the reader itself says, and what each means.

use crate::document::Severity;

/// A finding of the reader.
#[derive(Debug)]
pub struct Fault {
    /// Its code.
    pub code: &'static str,
    /// The least severity that it has.
    pub severity: Severity,
    /// What it means and what to do, in a sentence or two.
    pub means: &'static str,
}

/// Every finding of the reader that can be explained.
pub fn faults() -> &'static [Fault] {
    FAULTS
}

/// The finding of this code.
pub fn fault(code: &str) -> Option<&'static Fault> {
    FAULTS.iter().find(|fault| fault.code == code)
}

const fn error(code: &'static str, means: &'static str) -> Fault {
    Fault { code, severity: Severity::Error, means }
}

const fn warning(code: &'static str, means: &'static str) -> Fault {
    Fault { code, severity: Severity::Warning, means }
}

const fn notice(code: &'static str, means: &'static str) -> Fault {
    Fault { code, severity: Severity::Notice, means }
}

const FAULTS: &[Fault] = &[
    error(
        "above-limit",
        "A container asks for more of a resource than its limit allows it to use. Raise the limit or lower the request.",
    ),
    error(
        "below-limit",
        "A resource that containers cannot share is requested below its limit: the two must be equal.",
    ),
    error(
        "below-request",
        "A pod as a whole asks for less than its containers do together. Raise it, or leave it out.",
    ),
    error(
        "circular-alias",
        "A YAML alias stands inside the very value that its anchor names. Write the value out.",
    ),
    warning(
        "claim-missing",
        "Pods use a PersistentVolumeClaim that is neither in these manifests nor stored, and wait until it is there. Add it, or correct the name.",
    ),
    error(
        "cluster-ip",
        "A Service asks for an address that it cannot have. Leave `clusterIP` out and one is chosen.",
    ),
    error(
        "complex-key",
        "A key of a mapping is itself a list or a mapping, which Kubernetes does not know. Often a template that was not rendered: quote it or render it first.",
    ),
    warning(
        "configmap-key-missing",
        "Pods refer to a key that the ConfigMap does not have, and wait until it is there. Correct the key, or mark the reference `optional: true`.",
    ),
    warning(
        "configmap-missing",
        "Pods refer to a ConfigMap that is neither in these manifests nor stored, and wait until it is there. Add it, or mark the reference `optional: true`.",
    ),
    error(
        "control-character",
        "The file holds a character that YAML allows nowhere. Write it as an escape in double quotes.",
    ),
    error(
        "duplicate-key",
        "A key stands twice in one mapping, so that one of the two would be lost. Keep one.",
    ),
    error(
        "duplicate-name",
        "Two elements of a list have the same name, path or port, which must be unique. Rename one.",
    ),
    error(
        "duplicate-object",
        "The same object is there twice, so that one of the two would be lost. Rename or remove one.",
    ),
    error(
        "expansion",
        "YAML aliases of one file unfold to more than is read. Write it with fewer aliases.",
    ),
    notice(
        "folded",
        "There are so many warnings and notices in one file that further ones are only counted.",
    ),
    error(
        "forbidden",
        "The field is not allowed here, beside what else the object says. Leave it out.",
    ),
    error(
        "generate-name",
        "`generateName` would make another object each time. Give the object a `name`.",
    ),
    error(
        "immutable",
        "The update changes a field that cannot change while the object is there. Delete the object and apply again, or leave the field as it was.",
    ),
    warning(
        "ingressclass-missing",
        "An Ingress names a class that is neither in these manifests nor stored, so nobody takes it. Add the IngressClass, or correct the name.",
    ),
    error(
        "invalid-key",
        "A key is not one that Kubernetes accepts here: letters, digits, `-`, `_` and `.`.",
    ),
    error(
        "invalid-label",
        "A label or annotation is not written as Kubernetes accepts it: an optional prefix and a slash, then up to 63 letters, digits, `-`, `_` or `.`.",
    ),
    error(
        "invalid-name",
        "A name is not one that Kubernetes accepts: mostly lower-case letters, digits and `-`, beginning and ending with a letter or digit.",
    ),
    error(
        "invalid-quantity",
        "An amount is not written as Kubernetes reads it. Write a number with a suffix such as `m`, `k`, `M`, `Mi` or `Gi`.",
    ),
    error(
        "invalid-schedule",
        "A schedule is not written as cron has it: five fields, for minute, hour, day of the month, month and day of the week.",
    ),
    error(
        "invalid-time-zone",
        "A time zone is not one of the IANA database, such as `Europe/Berlin`.",
    ),
    error(
        "invalid-value",
        "A value is not one that Kubernetes accepts for this field; the message says which are.",
    ),
    error("kustomization", "A kustomization.yaml is not one that can be built."),
    error("kustomization-circle", "A kustomization is built of itself."),
    error("kustomization-conflict", "Two parts of a kustomization make the same object."),
    error("kustomization-file", "A file that a kustomization names cannot be read."),
    error(
        "kustomization-generator",
        "A ConfigMap or Secret of a kustomization cannot be generated.",
    ),
    error("kustomization-patch", "A patch of a kustomization cannot be applied."),
    error("kustomization-reference", "What a kustomization names could be more than one object."),
    error(
        "kustomization-replacement",
        "A replacement of a kustomization has no source or no place to go.",
    ),
    error(
        "kustomization-target",
        "A patch or other change of a kustomization has no object that it is for.",
    ),
    error(
        "kustomization-unsupported",
        "A kustomization asks for something that is not built here; the message says what to do instead.",
    ),
    warning(
        "limit-range",
        "Pods or a claim do not keep to a LimitRange of their namespace, or what it fills in does not go with what they say; the API server makes none of them. Ask for what it allows, or change the LimitRange.",
    ),
    error("merge", "`<<` takes a mapping or a list of mappings."),
    error(
        "namespace-mismatch",
        "The object names another namespace than `-n` does. Leave `-n` out, or the namespace of the object.",
    ),
    error(
        "namespace-missing",
        "The object stands in a namespace that is neither in these manifests nor stored. Add a Namespace object.",
    ),
    warning(
        "needless-namespace",
        "Objects of this kind stand in no namespace; the one that is written is ignored. Leave it out.",
    ),
    error(
        "not-base64",
        "What stands below `data` of a Secret or `binaryData` of a ConfigMap is not base64. Encode it, or write plain text below `stringData`.",
    ),
    notice(
        "not-carried-out",
        "The field or kind is read and kept, but bowline does not act on it. Whatever it asks for does not happen.",
    ),
    warning(
        "not-scalable",
        "A HorizontalPodAutoscaler names a kind that has no number of replicas. Name a Deployment, a StatefulSet or a ReplicaSet.",
    ),
    notice(
        "old-api-version",
        "The object is of an API version that Kubernetes has taken away; it was read as today's. Write today's.",
    ),
    error("out-of-range", "A number is smaller or larger than this field allows."),
    error("overlap", "Two ranges or values that must be apart overlap."),
    warning(
        "priorityclass-missing",
        "Pods name a PriorityClass that is neither in these manifests nor stored; the API server makes no pod without it. Add it, or correct the name.",
    ),
    error(
        "quota-exceeded",
        "There would be more in the namespace than a ResourceQuota of it allows. Raise the quota, or take something away.",
    ),
    warning(
        "quota-unsaid",
        "A ResourceQuota bounds what containers ask for or may use, and they do not say it; the API server makes no such pods. Say it, or add a LimitRange that does.",
    ),
    warning(
        "reference-missing",
        "Another object that is named is neither in these manifests nor stored. Add it, or correct the name.",
    ),
    error("required", "A field that Kubernetes needs is not there."),
    warning(
        "runtimeclass-missing",
        "Pods name a RuntimeClass that is neither in these manifests nor stored; the API server makes no pod without it. Add it, or correct the name.",
    ),
    warning(
        "secret-key-missing",
        "Pods refer to a key that the Secret does not have, and wait until it is there. Correct the key, or mark the reference `optional: true`.",
    ),
    warning(
        "secret-missing",
        "A Secret that is named is neither in these manifests nor stored. Add it, or correct the name.",
    ),
    error(
        "selector-mismatch",
        "The selector does not choose the pods of the object's own template. Repeat its labels in the template.",
    ),
    warning(
        "service-missing",
        "A Service that an Ingress or a StatefulSet names is neither in these manifests nor stored. Add it, or correct the name.",
    ),
    warning(
        "service-port-missing",
        "An Ingress leads to a port that the Service does not have. Name one of its ports, by number or by name.",
    ),
    warning(
        "serviceaccount-missing",
        "Pods name a ServiceAccount that is neither in these manifests nor stored; the API server makes no pod without it. Add it, or correct the name.",
    ),
    warning(
        "storageclass-missing",
        "A claim names a StorageClass that is neither in these manifests nor stored, and waits. Add it, or leave the name out.",
    ),
    error(
        "syntax",
        "The text is not YAML. Often an indentation, or a template that was not rendered.",
    ),
    error("tag", "A YAML tag names a type that Kubernetes does not know. Remove the tag."),
    error("template", "A template could not be rendered."),
    error("too-deep", "Values are nested more deeply than is read."),
    error(
        "too-large",
        "The file or value is larger than what is read, or than what the API server accepts.",
    ),
    error("too-many", "There are so many errors in one file that the rest of it was not read."),
    error(
        "unknown-claim",
        "A container names a resource claim that the pod does not have. Add it to `resourceClaims`, or correct the name.",
    ),
    error("unknown-container", "A name is that of no container of the pod. Correct it."),
    error(
        "unknown-field",
        "The kind has no field of this name, so what it says would be ignored. Mostly a misspelling or a wrong indentation.",
    ),
    notice(
        "unknown-kind",
        "The kind, or this version of it, is not read. With `--skip-unknown-kinds` it is left out, with a notice.",
    ),
    error(
        "unknown-volume",
        "A container mounts a volume that the pod does not have. Add it to `volumes`, or correct the name.",
    ),
    error(
        "wrong-type",
        "The value has another type than the field: mostly quotes that are missing or too many.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        let codes: Vec<&str> = FAULTS.iter().map(|fault| fault.code).collect();
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(codes, sorted);
    }
}
