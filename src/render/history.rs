//! The history as a table.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::age::age;
use super::table::table;
use crate::model::Generation;
use crate::state::Entry;

/// Who did what when, the newest last.
pub fn history_table(entries: &[(Generation, Entry)], now: Timestamp) -> String {
    let row = |(generation, entry): &(Generation, Entry)| {
        let Entry { at, who, command, summary } = entry;
        let when = at.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        vec![
            generation.to_string(),
            when,
            age(Some(&Time(*at)), now),
            who.clone(),
            command.clone(),
            summary.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    table(&["GENERATION", "WHEN", "AGE", "WHO", "COMMAND", "CHANGES"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_reads_like_this() {
        let entry = |at: i64, command: &str, summary: &str| Entry {
            at: Timestamp::from_second(at).unwrap(),
            who: "anna@laptop".to_owned(),
            command: command.to_owned(),
            summary: summary.to_owned(),
        };
        let entries = [
            (Generation(1), entry(0, "apply -f web.yaml", "5 to create")),
            (Generation(2), entry(3600, "delete deployment \u{1b}[1mweb", "3 to delete")),
        ];
        let now = Timestamp::from_second(7200).unwrap();
        insta::assert_snapshot!(history_table(&entries, now), @r"
        GENERATION   WHEN                   AGE    WHO           COMMAND                    CHANGES
        1            1970-01-01 00:00:00Z   120m   anna@laptop   apply -f web.yaml          5 to create
        2            1970-01-01 01:00:00Z   60m    anna@laptop   delete deployment [1mweb   3 to delete
        ");
    }
}
