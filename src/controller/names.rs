//! Names of the pods that controllers make.

use crate::model::{Digest, PodKey};

/// The letters that Kubernetes uses in generated names: no vowels, so that no word comes about.
///
/// Source: k8s.io/apimachinery/pkg/util/rand
const SAFE: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// The longest that a pod's name may be, so that it also fits a host name (RFC 1123 label).
const NAME_MAX: usize = 63;

/// Writes a digest in letters that are safe in a name; each hex digit becomes one letter.
pub fn safe_encode(digest: &Digest, length: usize) -> String {
    let digits = digest.as_str().chars().filter_map(|c| c.to_digit(16));
    digits.take(length).map(|digit| SAFE[digit as usize] as char).collect()
}

/// Names the n-th pod that was ever made for an owner: `web-6d4cf56db6-x7k2p`, as a ReplicaSet's pods are named.
pub fn pod_name(owner: &str, revision: &Digest, nth: u64) -> String {
    let suffix = Digest::of_text(&format!("{owner} {revision} {nth}"));
    let tail = format!("-{}-{}", safe_encode(revision, 10), safe_encode(&suffix, 5));
    let head: String = owner.chars().take(NAME_MAX - tail.len()).collect();
    format!("{}{tail}", head.trim_end_matches(['-', '.']))
}

/// The uid of a pod that was made for an owner, in the form of RFC 9562, version 8: derived, so that planning twice gives the
/// same one. An owner of the same name that comes later has another uid, and so have its pods.
pub(super) fn pod_uid(owner: &str, key: &PodKey) -> String {
    let one = Digest::of_text(&format!("{owner} {key}"));
    let two = Digest::of_text(&format!("{key} {owner}"));
    let (a, b) = (one.as_str(), two.as_str());
    format!("{}-{}-8{}-8{}-{}{}", &a[..8], &a[8..12], &a[13..16], &b[1..4], &b[4..12], &b[12..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_look_like_those_of_kubernetes_and_fit() {
        let revision = Digest::of_text("one");
        let name = pod_name("web", &revision, 0);
        let (head, suffix) = name.rsplit_once('-').unwrap();
        assert_eq!((head.len(), suffix.len()), (14, 5), "{name}");
        assert_ne!(name, pod_name("web", &revision, 1));
        assert_eq!(pod_name(&"x".repeat(80), &revision, 0).len(), 63);
    }

    #[test]
    fn each_hex_digit_has_its_own_letter() {
        let letters = safe_encode(&Digest::from_label("0123456789abcdef"), 16);
        let distinct: std::collections::BTreeSet<char> = letters.chars().collect();
        assert_eq!(distinct.len(), 16, "{letters}");
    }
}
