//! Secrets in plain text are pointed at, not repeated: a report ends up in the logs of CI.

use crate::document::{Finding, Place, SourceText};

/// Takes secrets out of the text that the findings show.
pub(super) fn hide(findings: &mut [Finding], secrets: &[Place]) {
    let mut masked: Vec<(SourceText, SourceText)> = Vec::new();
    for place in secrets {
        if masked.iter().all(|(source, _)| !source.is(&place.source)) {
            let here = secrets.iter().filter(|other| other.source.is(&place.source));
            let spans = here.map(|other| other.span).collect::<Vec<_>>();
            masked.push((place.source.clone(), place.source.masked(&spans)));
        }
    }
    for finding in findings {
        if let Some((_, shown)) = masked.iter().find(|(source, _)| source.is(&finding.source)) {
            finding.source = shown.clone();
        }
    }
}
