//! What to do about findings whose finder could not know: fields that stand one level too high or too low, and
//! placeholders that nobody filled in.

use crate::document::Finding;

/// Fields of a container's `securityContext` alone.
const CONTAINER_SECURITY: [&str; 5] = [
    "allowPrivilegeEscalation",
    "capabilities",
    "privileged",
    "procMount",
    "readOnlyRootFilesystem",
];

/// Fields of a container that stand nowhere else.
const CONTAINER: [&str; 11] = [
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "livenessProbe",
    "ports",
    "readinessProbe",
    "volumeMounts",
    "workingDir",
];

/// Fields of a pod's specification that stand nowhere else.
const POD: [&str; 17] = [
    "affinity",
    "containers",
    "dnsPolicy",
    "hostAliases",
    "hostNetwork",
    "hostPID",
    "imagePullSecrets",
    "initContainers",
    "nodeName",
    "nodeSelector",
    "priorityClassName",
    "restartPolicy",
    "serviceAccount",
    "serviceAccountName",
    "terminationGracePeriodSeconds",
    "tolerations",
    "volumes",
];

/// Adds what to do, where there is something better to say than what is said.
pub(super) fn advise(finding: Finding) -> Finding {
    let better = match finding.code {
        "unknown-field"
            if !finding.help.as_ref().is_some_and(|help| help.starts_with("did you")) =>
        {
            misplaced(&finding.path).map(str::to_owned)
        }
        _ if finding.is_error() && finding.help.is_none() => placeholder(&finding),
        _ => None,
    };
    match better {
        Some(help) => finding.with_help(help),
        None => finding,
    }
}

/// Where a field of this path belongs.
fn misplaced(path: &str) -> Option<&'static str> {
    let (above, field) = path.rsplit_once('.').unwrap_or(("", path));
    let parent = above.rsplit('.').next().unwrap_or(above);
    let of_container = |parent: &str| {
        ["containers[", "initContainers["].iter().any(|list| parent.starts_with(list))
    };
    if CONTAINER_SECURITY.contains(&field) {
        let help = if of_container(parent) {
            "write it below `securityContext` of the container"
        } else {
            "only a container has it: write it below `securityContext` of the container"
        };
        return Some(help);
    }
    match (above, field) {
        ("", "labels" | "annotations" | "name" | "namespace") => Some("write it below `metadata`"),
        ("spec" | "spec.jobTemplate.spec", _) if POD.contains(&field) => {
            Some("it belongs to the pods: write it below `template.spec`")
        }
        _ if of_container(parent) && POD.contains(&field) => {
            Some("it belongs to the pod: write it beside `containers`")
        }
        _ if above.ends_with("spec") && CONTAINER.contains(&field) => {
            Some("it belongs to a container: write it in an element of `containers`")
        }
        (above, "replicas" | "strategy" | "selector" | "updateStrategy")
            if above.ends_with("template.spec") || above.ends_with("template") =>
        {
            Some("it belongs beside `template`, not within")
        }
        _ => None,
    }
}

/// What fills in the placeholder that stands at the place of a finding.
fn placeholder(finding: &Finding) -> Option<String> {
    let text = finding.source.text().get(finding.span.start..finding.span.end)?;
    // `$(NAME)` is no placeholder: Kubernetes itself fills it in.
    let named = |rest: &str| rest.starts_with(|c: char| c.is_ascii_uppercase());
    if text.contains("${") || text.strip_prefix('$').is_some_and(named) {
        let fill = "it is a placeholder: fill it in, for instance with `envsubst < FILE | bowline apply -f -`";
        return Some(fill.to_owned());
    }
    let inside = text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(name, _)| format!("it is a placeholder: write what <{name}> stands for"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_sent_where_they_belong() {
        for (path, words) in [
            ("spec.template.spec.containers[0].capabilities", "below `securityContext` of"),
            ("spec.securityContext.privileged", "only a container"),
            ("spec.containers[0].priorityClassName", "beside `containers`"),
            ("spec.template.spec.image", "element of `containers`"),
            ("spec.containers", "below `template.spec`"),
            ("labels", "below `metadata`"),
            ("spec.template.spec.replicas", "beside `template`"),
        ] {
            assert!(misplaced(path).is_some_and(|help| help.contains(words)), "{path}");
        }
        assert_eq!(misplaced("spec.template.spec.bananas"), None);
    }
}
