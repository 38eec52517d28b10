//! Sealing and opening, with the right key and with wrong ones.

use proptest::prelude::*;

use super::*;

fn sealer(byte: u8) -> Sealer {
    Sealer::new(&[byte; KEY_BYTES])
}

proptest! {
    #[test]
    fn what_is_sealed_is_opened_and_says_nothing(what in ".{0,20}", text in proptest::collection::vec(any::<u8>(), 8..200)) {
        let sealed = sealer(1).seal(&what, &text);
        prop_assert!(!sealed.windows(8).any(|part| text.windows(8).any(|plain| plain == part)));
        prop_assert_eq!(&sealer(1).seal(&what, &text), &sealed);
        prop_assert_eq!(sealer(1).open(&what, &sealed), Ok(text));
    }

    #[test]
    fn nothing_but_the_sealed_bytes_is_opened(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        prop_assert!(sealer(1).open("a", &bytes).is_err());
    }
}

#[test]
fn another_key_another_name_or_a_changed_byte_is_refused() {
    let sealed = sealer(1).seal("Secret a/b", b"hunter2");
    assert!(sealer(2).open("Secret a/b", &sealed).is_err());
    assert!(sealer(1).open("Secret a/c", &sealed).is_err());
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(sealer(1).open("Secret a/b", &changed).is_err(), "{at}");
    }
}

#[test]
fn the_key_is_made_once_and_only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let place = KeyPlace::beside(&directory.path().join("state.redb"));
    let path = directory.path().join("state.redb.key");
    assert_eq!(place.find().unwrap_err(), SealError::NoKey { path: path.clone() });
    let sealed = place.find_or_make().unwrap().seal("a", b"text");
    assert_eq!(place.find_or_make().unwrap().open("a", &sealed).unwrap(), b"text");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&path, "not a key").unwrap();
    assert!(matches!(place.find(), Err(SealError::NotAKey { .. })));
}

#[test]
fn a_sealed_value_stands_in_place_of_the_clear_one() {
    let clear = serde_json::json!({"data": {"k": "aHVudGVyMg=="}});
    let row = Sealed::new(&sealer(1), "Secret a/b", &clear).into_value();
    assert!(!row.to_string().contains("aHVudGVyMg"));
    assert_eq!(Sealed::of(&row).unwrap().open(&sealer(1), "Secret a/b"), Ok(clear.clone()));
    assert_eq!(Sealed::of(&clear), None);
}
