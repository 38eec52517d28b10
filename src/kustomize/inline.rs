//! Text within a kustomization file that is YAML itself, with its places in that file.

use crate::document::{
    Chunk, Document, Finding, Parsed, Place, Placed, Scalars, Source, parse_as, parse_part,
};

/// Reads a text that stands at a place of a file; each value gets its own place where that can be told (in a block or
/// between quotes, without escapes), and the place of the text otherwise.
pub(super) fn read(
    text: &str,
    place: &Place,
    scalars: Scalars,
) -> Result<Vec<Placed>, Vec<Finding>> {
    let plain = parse_as(&Source::new(place.source.name(), text), scalars);
    let values = |parsed: &Parsed| -> Vec<_> { parsed.documents.iter().map(Placed::of).collect() };
    let json = |parsed: &Parsed| -> Vec<_> { values(parsed).iter().map(Placed::to_json).collect() };
    if let Some(there) = in_place(place, scalars)
        && json(&there) == json(&plain)
        && there.findings.len() == plain.findings.len()
    {
        return if there.findings.is_empty() { Ok(values(&there)) } else { Err(there.findings) };
    }
    if !plain.findings.is_empty() {
        let moved = |finding: Finding| {
            let (severity, code) = (finding.severity, finding.code);
            let mut new = Finding::new(severity, code, finding.message, place.clone());
            new.help = finding.help;
            new
        };
        return Err(plain.findings.into_iter().map(moved).collect());
    }
    let mut values = values(&plain);
    for value in &mut values {
        value.stand_at(place);
    }
    Ok(values)
}

/// Reads the text where it stands in the file.
fn in_place(place: &Place, scalars: Scalars) -> Option<Parsed> {
    let written = place.source.text().get(place.span.start..place.span.end)?;
    // A block begins at its first character, and its lines with what they are indented by.
    let line = place.source.text().get(..place.span.start)?.rsplit('\n').next()?;
    let indent = if line.trim().is_empty() { line.len() } else { 0 };
    let (start, end) = match written.chars().next()? {
        '|' | '>' => (written.find('\n')? + 1, written.len()),
        '\'' | '"' => (1, written.len().checked_sub(1)?),
        _ => (0, written.len()),
    };
    let (start, end) = (place.span.start + start, place.span.start + end);
    let start = if written.starts_with(['|', '>', '\'', '"']) { start } else { start - indent };
    let part = Chunk { text: place.source.text().get(start..end)?, start };
    Some(parse_part(part, &place.source, scalars))
}

/// The documents of a file.
pub(super) fn documents(parsed: Parsed) -> Result<Vec<Document>, Vec<Finding>> {
    if parsed.findings.is_empty() { Ok(parsed.documents) } else { Err(parsed.findings) }
}
