//! How long reading the whole corpus takes, and in how much memory. Worth asking of a release build only.

use std::time::Instant;

use bowline::manifest::{ReadOptions, Source, read};

use super::{corpus, files};

#[test]
#[ignore = "a measurement: cargo test --release --test corpus -- --ignored --nocapture"]
fn the_whole_corpus_in_one_go() {
    let Some(folder) = corpus() else { return };
    let sources: Vec<Source> =
        files(&folder).into_iter().map(|(name, text)| Source::new(name, text)).collect();
    let before = peak_kib();
    let begin = Instant::now();
    let reading = read(&sources, &ReadOptions::default());
    let took = begin.elapsed();
    let (objects, findings) = (reading.objects.len(), reading.findings.len());
    println!(
        "{} files, {objects} objects, {findings} findings: {took:.2?}, peak memory {} MiB ({} MiB before)",
        sources.len(),
        peak_kib() / 1024,
        before / 1024,
    );
}

/// The most memory that this process has had at a time: `VmHWM` of proc(5).
fn peak_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}
