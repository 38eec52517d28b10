//! What ends a pass: a value of the right type that its type refuses.

use std::collections::BTreeSet;
use std::fmt;

use serde::de;

use crate::document::finding::{Finding, Severity};
use crate::document::source::{printable, quoted};
use crate::document::suggest::closest;
use crate::document::tree::{Document, NodeId};

/// The code of what is not base64.
pub(super) const NOT_BASE64: &str = "not-base64";

/// A refusal, and the node that it is about once it has passed it.
#[derive(Debug)]
pub(super) struct Refusal {
    place: Option<(NodeId, String)>,
    code: &'static str,
    message: String,
    help: Option<String>,
}

impl Refusal {
    /// Names the node; the innermost one that the refusal passes is the one it is about.
    pub(super) fn in_node(mut self, node: NodeId, path: impl fmt::Display) -> Self {
        self.place.get_or_insert_with(|| (node, path.to_string()));
        self
    }

    /// The finding, and the node that it is about; of what is hidden, the words that types have for it are left out.
    pub(super) fn into_finding(
        self,
        document: &Document,
        hidden: &BTreeSet<NodeId>,
    ) -> (NodeId, Finding) {
        let Self { place, code, message, help } = self;
        let (node, path) = place.unwrap_or((document.root, String::new()));
        let (message, help) = match (hidden.contains(&node), code) {
            (false, _) => (message, help),
            (true, NOT_BASE64) => ("not base64".to_owned(), help),
            (true, _) => ("not a value that is read here".to_owned(), None),
        };
        let message = if path.is_empty() { message } else { format!("{path}: {message}") };
        let mut finding = document.finding(Severity::Error, code, path, message);
        finding.span = document.tree.showing(node);
        finding.help = help;
        (node, finding)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = printable(&message.to_string());
        // base64's own words do not say what they are about.
        let about_base64 =
            ["Invalid symbol", "Invalid last symbol", "Invalid input length", "Invalid padding"];
        if about_base64.iter().any(|words| message.starts_with(words)) {
            let message = format!("not base64: {message}");
            let help = "encode it: printf %s 'TEXT' | base64; plain text of a Secret may stand below `stringData` instead";
            return Self { place: None, code: NOT_BASE64, message, help: Some(help.to_owned()) };
        }
        Self { place: None, code: "invalid-value", message, help: None }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let message = format!("expected {}, found {found}", in_words(&expected.to_string()));
        Self { code: "wrong-type", ..Self::custom(message) }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let known: Vec<String> = expected.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("{} is none of {}", quoted(variant), known.join(", "));
        let help = closest(variant, expected.iter().copied());
        Self { help: help.map(|name| format!("did you mean `{name}`?")), ..Self::custom(message) }
    }
}

/// The names that types give themselves, in words of the user.
fn in_words(expected: &str) -> &str {
    match expected {
        "IntOrString" => "a number or a string",
        "Quantity" => "a quantity such as 100m or 64Mi",
        other => other,
    }
}
