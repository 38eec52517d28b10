//! Whatever the bytes, the reader answers: no panic, no hang, bounded memory, and every finding has a place in the text.

#![no_main]

use bowline::manifest::{ReadOptions, Report, Source, UnknownKinds, Values, read, render};
use bowline::model::Object;
use libfuzzer_sys::fuzz_target;

/// How many findings are drawn: drawing is slow, and all are drawn alike.
const DRAWN: usize = 8;

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
    let mut reading = read(&[source], &options);
    for finding in &reading.findings {
        let text = finding.source.text();
        assert!(text.get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
    }
    for read in &reading.objects {
        // What was read is what is stored, and what is stored can be read back.
        let back = Object::try_from(read.object.to_json()).ok();
        assert_eq!(back.as_ref(), Some(&read.object));
    }
    reading.findings.truncate(DRAWN);
    draw(reading.findings);
});

fn draw(findings: Vec<bowline::manifest::Finding>) {
    let mut out = String::new();
    let handler = miette::GraphicalReportHandler::new();
    handler.render_report(&mut out, &Report { findings }).expect("a string takes all");
}
