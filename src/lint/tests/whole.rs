//! What holds for all rules.

use super::samples::{GOOD, SAMPLES};
use super::*;

#[test]
fn a_good_set_is_left_alone_by_every_rule() {
    for rule in rules() {
        // Of the others the set holds one good part for each of the rules, and many that it would mind.
        let on = if GOOD_FOR_ALL.contains(&rule.id) { rule.id } else { "" };
        assert_eq!(codes(GOOD, on), [""; 0], "{}", rule.id);
    }
}

/// The rules that are off and have nothing to say about any object of the set.
const GOOD_FOR_ALL: [&str; 3] = ["cron-deadline", "job-backoff", "recommended-labels"];

#[test]
fn every_rule_minds_its_sample_and_no_other_rule_does() {
    let ids: Vec<&str> = rules().map(|rule| rule.id).collect();
    for id in &ids {
        let sample = SAMPLES.iter().find(|sample| sample.rule == *id);
        let sample = sample.unwrap_or_else(|| panic!("there is no sample for {id}"));
        assert_eq!(codes(&sample.text(), id), [*id], "{id}");
    }
    assert_eq!(SAMPLES.len(), ids.len(), "a sample for a rule that does not exist");
}

#[test]
fn every_finding_has_its_object_its_field_and_something_to_type() {
    for sample in SAMPLES {
        let linted = linted(&sample.text(), sample.rule);
        for finding in found(&linted).iter().filter(|finding| finding.code == sample.rule) {
            assert!(finding.object.is_some(), "{}", sample.rule);
            assert!(!finding.path.is_empty(), "{}", sample.rule);
            assert!(finding.help.is_some(), "{}", sample.rule);
            assert_ne!(finding.label, "here", "{}", sample.rule);
            assert!(finding.span.end > finding.span.start, "{}", sample.rule);
        }
    }
}

#[test]
fn every_rule_is_silenced_by_the_annotation_and_by_the_flag() {
    for sample in SAMPLES.iter().filter(|sample| sample.rule != "unknown-rule") {
        let text = sample.text();
        let mut levels = Levels::default();
        levels.set(sample.rule, Level::Off).unwrap();
        let left = linted_at(&text, &levels);
        assert!(found(&left).is_empty(), "{}", sample.rule);

        let mut reading = read(&[Source::new("shop.yaml", &*text)], &ReadOptions::default());
        for read in &mut reading.objects {
            let annotations = read.object.metadata_mut().annotations.get_or_insert_default();
            let all = annotations.entry(ANNOTATION.to_owned()).or_default();
            all.push_str(", ");
            all.push_str(sample.rule);
        }
        let mut levels = Levels::default();
        levels.set(sample.rule, Level::Report(Severity::Warning)).unwrap();
        let left = lint(&reading, &Desired::default(), &levels);
        let left: Vec<&str> = found(&left).iter().map(|finding| finding.code).collect();
        assert_eq!(left, [""; 0], "{}", sample.rule);
    }
}

#[test]
fn rules_are_told_in_whole_sentences_of_few_words() {
    for rule in rules() {
        assert!(rule.why.ends_with('.') && !rule.why.contains(". "), "{}: {}", rule.id, rule.why);
        assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.id);
        assert!(rule.fix.contains('`'), "nothing to type: {}", rule.id);
        assert!(fault(rule.id).is_none(), "{} is a fault too", rule.id);
    }
    let mut ids: Vec<&str> = rules().map(|rule| rule.id).collect();
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
}
