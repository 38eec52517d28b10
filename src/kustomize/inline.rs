//! Text within a kustomization file that is YAML itself, with its places in that file.

use crate::document::{Document, Finding, Parsed, Place, Placed, Source, parse, parse_within};

/// Larger files are not read a second time to find places: every inline text would cost the whole file.
const MAX_BYTES: usize = 1 << 20;

/// Reads a text that stands at a place of a file; each value gets its own place where that can be told (in a block or
/// between quotes, without escapes), and the place of the text otherwise.
pub(super) fn read(text: &str, place: &Place) -> Result<Vec<Placed>, Vec<Finding>> {
    let plain = parse(&Source::new(place.source.name(), text));
    let values = |parsed: &Parsed| -> Vec<_> { parsed.documents.iter().map(Placed::of).collect() };
    let json = |parsed: &Parsed| -> Vec<_> { values(parsed).iter().map(Placed::to_json).collect() };
    if let Some(there) = in_place(place)
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

/// Reads the file from the place on as if nothing stood before it.
fn in_place(place: &Place) -> Option<Parsed> {
    let whole = place.source.text();
    let written =
        whole.get(place.span.start..place.span.end).filter(|_| whole.len() <= MAX_BYTES)?;
    let (start, end) = match written.chars().next()? {
        '|' | '>' => (place.span.start + written.find('\n')? + 1, place.span.end),
        '\'' | '"' => (place.span.start + 1, place.span.end.checked_sub(1)?),
        _ => (place.span.start, place.span.end),
    };
    let before = whole.get(..start)?.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' });
    let text: String = before.chain(whole.get(start..end)?.chars()).collect();
    Some(parse_within(&text, &place.source))
}

/// The documents of a file.
pub(super) fn documents(parsed: Parsed) -> Result<Vec<Document>, Vec<Finding>> {
    if parsed.findings.is_empty() { Ok(parsed.documents) } else { Err(parsed.findings) }
}
