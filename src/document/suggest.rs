//! "Did you mean": the known name nearest to a misspelt one.

/// The known name nearest to what was written, if one is near enough to be meant.
///
/// Near enough is one slip in three letters: a wrong, missing, added or swapped letter, or another case.
pub fn closest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // Longer than any name we know; the distance of hostile input would only cost time.
    const LONGEST: usize = 64;
    // More than anybody names; hostile input has as many names as there is room for.
    const CANDIDATES: usize = 1000;
    if written.len() > LONGEST {
        return None;
    }
    let lower = written.to_lowercase();
    known
        .into_iter()
        .filter(|name| name.len().abs_diff(written.len()) * 3 <= name.len().max(3))
        .take(CANDIDATES)
        .map(|name| (distance(&lower, &name.to_lowercase()), name))
        .filter(|(slips, name)| *slips * 3 <= name.chars().count().max(3))
        .min()
        .map(|(_, name)| name)
}

/// Counts the slips between two words; two swapped neighbours are one slip (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut slips = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                slips = slips.min(before[j - 1] + 1);
            }
            row.push(slips);
        }
        before = last;
        last = row;
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_forgiven_and_other_words_are_not() {
        let known = ["image", "imagePullPolicy", "ports", "name", "env"];
        for (written, meant) in [
            ("iamge", Some("image")),
            ("imagepullpolicy", Some("imagePullPolicy")),
            ("port", Some("ports")),
            ("evn", Some("env")),
            ("volumes", None),
            ("", None),
        ] {
            assert_eq!(closest(written, known), meant, "{written}");
        }
    }
}
