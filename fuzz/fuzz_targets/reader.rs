//! Whatever the bytes, the reader answers: no panic, no hang, bounded memory, and every finding has a place in the text.

#![no_main]

use bowline::manifest::{ReadOptions, Report, Source, UnknownKinds, Values, read, render};
use bowline::model::Object;
use libfuzzer_sys::fuzz_target;

/// How many findings are drawn, from the first to the last: drawing is slow.
const DRAWN: usize = 16;
/// More findings than one source can have: a thousand of each severity, those of the text, and those of the object that
/// was too much.
const MOST: usize = 4000;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let source = Source::new("fuzz.yaml", text);
    // A first byte that no manifest begins with asks for a template.
    let source = match bytes.first() {
        Some(b'{') if bytes.get(1) == Some(&b'#') => match render(&source, &Values::default()) {
            Ok(rendered) => rendered,
            Err(finding) => return draw(vec![*finding]),
        },
        _ => source,
    };
    let options = ReadOptions { unknown: UnknownKinds::Skip, ..ReadOptions::default() };
    let reading = read(&[source], &options);
    assert!(reading.findings.len() < MOST, "{} findings", reading.findings.len());
    for finding in &reading.findings {
        let text = finding.source.text();
        assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
    }
    for read in &reading.objects {
        // What was read is what is stored, and what is stored can be read back.
        let back = Object::try_from(read.object.to_json()).ok();
        assert_eq!(back.as_ref(), Some(&read.object));
    }
    // The last ones stand furthest from the beginning.
    let step = reading.findings.len().div_ceil(DRAWN).max(1);
    let drawn = reading.findings.into_iter().rev().step_by(step);
    draw(drawn.collect());
});

fn draw(findings: Vec<bowline::manifest::Finding>) {
    let mut out = String::new();
    let handler = miette::GraphicalReportHandler::new();
    handler.render_report(&mut out, &Report { findings }).expect("a string takes all");
}
