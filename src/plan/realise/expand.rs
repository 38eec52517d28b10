//! References to variables in values, commands and arguments: `$(NAME)`.

/// Expands `$(NAME)` by what is set, leaves an unknown name as it is, and reads `$$` as `$`.
///
/// What follows a `$(` up to the next `)` is one name, whatever is in it, and what a value holds is not read again.
/// Source: `third_party/forked/golang/expansion` of Kubernetes, and
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
pub(super) fn expand<'a>(text: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(escaped) = after.strip_prefix('$') {
            out.push('$');
            rest = escaped;
            continue;
        }
        let name = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        rest = after;
        match name {
            None => out.push('$'),
            Some((name, after)) => {
                match value(name) {
                    Some(value) => out.push_str(value),
                    None => out.extend(["$(", name, ")"]),
                }
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_expand_as_kubernetes_expands_them() {
        let value = |name: &str| match name {
            "A" => Some("1"),
            "B" => Some("$(A)"),
            "E" => Some(""),
            _ => None,
        };
        for (text, expected) in [
            ("$(A)$(B)", "1$(A)"),
            ("$$(A)", "$(A)"),
            ("$$$(A)", "$1"),
            ("$$$$(A)", "$$(A)"),
            ("$(C) $A $(A", "$(C) $A $(A"),
            ("cost: 5$", "cost: 5$"),
            ("$(E)|$()|$(", "|$()|$("),
            ("$(C$(A))", "$(C$(A))"),
            ("$($(A)", "$($(A)"),
            ("$é$(A)", "$é1"),
            ("$(A)$", "1$"),
        ] {
            assert_eq!(expand(text, value), expected, "{text}");
        }
    }
}
