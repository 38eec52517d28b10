//! Two texts compared line by line.

use std::fmt::Write as _;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

/// How many lines may differ before the comparison is not worth its time, which grows with their square: then the old ones go
/// and the new ones come.
const LINES_MAX: usize = 4000;

/// How many lines around a change are shown with it, as `diff -u` does.
const CONTEXT: usize = 3;

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    Goes,
    Comes,
}

impl Fate {
    pub(super) fn sign(self) -> char {
        match self {
            Self::Stays => ' ',
            Self::Goes => '-',
            Self::Comes => '+',
        }
    }
}

/// A stretch of lines that change, with those around them.
pub(super) struct Hunk<'t> {
    /// First line and count, before and after.
    before: (usize, usize),
    after: (usize, usize),
    pub(super) lines: Vec<(Fate, &'t str)>,
}

/// The lines that differ, with so many equal ones around them.
pub(super) fn hunks<'t>(before: &'t str, after: &'t str, context: usize) -> Vec<Hunk<'t>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let groups = group_diff_ops(operations(&old, &new), context);
    groups.iter().filter_map(|group| hunk(group, &old, &new)).collect()
}

fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let front = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (rest_old, rest_new) = (&old[front..], &new[front..]);
    let back = rest_old.iter().rev().zip(rest_new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_len, new_len) = (rest_old.len() - back, rest_new.len() - back);
    if old_len + new_len <= LINES_MAX {
        return capture_diff_slices(Algorithm::Myers, old, new);
    }
    let equal = |old_index, new_index, len| DiffOp::Equal { old_index, new_index, len };
    vec![
        equal(0, 0, front),
        DiffOp::Replace { old_index: front, old_len, new_index: front, new_len },
        equal(front + old_len, front + new_len, back),
    ]
}

fn hunk<'t>(group: &[DiffOp], old: &[&'t str], new: &[&'t str]) -> Option<Hunk<'t>> {
    let (first, last) = (group.first()?, group.last()?);
    let span = |start: usize, end: usize| (start, end - start);
    let mut lines = Vec::new();
    for operation in group {
        let (tag, before, after) = operation.as_tag_tuple();
        if tag == DiffTag::Equal {
            lines.extend(old[before].iter().map(|line| (Fate::Stays, *line)));
            continue;
        }
        lines.extend(old[before].iter().map(|line| (Fate::Goes, *line)));
        lines.extend(new[after].iter().map(|line| (Fate::Comes, *line)));
    }
    Some(Hunk {
        before: span(first.old_range().start, last.old_range().end),
        after: span(first.new_range().start, last.new_range().end),
        lines,
    })
}

/// A unified diff of two texts under these names; nothing when they are equal.
///
/// Source: <https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html>
pub fn unified_diff((old_name, before): (&str, &str), (new_name, after): (&str, &str)) -> String {
    let mut text = String::new();
    for hunk in hunks(before, after, CONTEXT) {
        if text.is_empty() {
            let _ = writeln!(text, "--- {old_name}\n+++ {new_name}");
        }
        let _ = writeln!(text, "@@ -{} +{} @@", range(hunk.before), range(hunk.after));
        for (fate, line) in hunk.lines {
            let _ = writeln!(text, "{}{line}", fate.sign());
        }
    }
    text
}

/// A range as `diff` writes it: from one, the count left out when it is one, the line before when it is none.
fn range((start, count): (usize, usize)) -> String {
    match count {
        0 => format!("{start},0"),
        1 => (start + 1).to_string(),
        _ => format!("{},{count}", start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_unified_diff_is_that_of_diff() {
        let before = "a\nb\nc\nd\ne\nf\ng\n";
        let after = "a\nb\nc\nD\ne\nf\ng\nh\n";
        insta::assert_snapshot!(unified_diff(("live/web", before), ("merged/web", after)), @"
        --- live/web
        +++ merged/web
        @@ -1,7 +1,8 @@
         a
         b
         c
        -d
        +D
         e
         f
         g
        +h
        ");
        insta::assert_snapshot!(unified_diff(("none", ""), ("one", "a\n")), @"
        --- none
        +++ one
        @@ -0,0 +1 @@
        +a
        ");
        assert_eq!(unified_diff(("a", before), ("b", before)), "");
    }

    /// What the lines of a diff say the text was, and is.
    fn told(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for hunk in hunks(before, after, usize::MAX / 4) {
            for (fate, line) in hunk.lines {
                if fate != Fate::Comes {
                    old.push(line.to_owned());
                }
                if fate != Fate::Goes {
                    new.push(line.to_owned());
                }
            }
        }
        (old, new)
    }

    fn text() -> impl Strategy<Value = String> {
        proptest::collection::vec("[ab]{0,1}", 0..12).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_from_a_diff(before in text(), after in text()) {
            prop_assume!(before.lines().ne(after.lines()));
            let (old, new) = told(&before, &after);
            prop_assert_eq!(old, before.lines().map(str::to_owned).collect::<Vec<_>>());
            prop_assert_eq!(new, after.lines().map(str::to_owned).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_text_that_differs_everywhere_is_not_pondered() {
        let many = |word: &str| {
            let lines: Vec<String> = (0..200_000).map(|n| format!("{word}{n}")).collect();
            lines.join("\n")
        };
        let (before, after) =
            (format!("same\n{}\nend", many("a")), format!("same\n{}\nend", many("b")));
        let (old, new) = told(&before, &after);
        assert_eq!((old.len(), new.len()), (200_002, 200_002));
    }
}
