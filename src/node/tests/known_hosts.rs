use super::*;

const ONE: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKmiqeZavrB0OV1IGLmgKAvm+RTUHlJ1b76ubkzkFOnQ";
const TWO: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMi/obusQsansArm36jF6lkkGFuWmG0v7ePpa0twdYCz";
const EC: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBK//OoNjk8eyzJqvBintlOoWpNRd4eULMt18XNUOaZLvjEsfiINySAShyYys9peoNmdIuSnN99TIrS5XszjzEgA=";

/// What `ssh-keygen -H` made of `web.example.com` and `[web]:2222`.
const HASHED: &str = "|1|KiiSkMIpuV+0H1PHDc79cZWL5o8=|vaVvScGbQKSiIOqf4F3UBgsKwWI=";
const HASHED_PORT: &str = "|1|X3i8Y1G2CICSo2484Lg4lGeqS00=|mBqF4ZztLNiE8e8GbhiSHfOTfZA=";

fn key(line: &str) -> PublicKey {
    parse_public_key_base64(line.split(' ').nth(1).unwrap()).unwrap()
}

fn known(text: &str) -> KnownHosts {
    KnownHosts::parse(&[("kh".into(), text.to_owned())])
}

fn check(text: &str, address: &str, port: u16, offered: &str) -> Result<(), NodeError> {
    known(text).check(&HostName::new(address, port), &key(offered))
}

fn is_known(names: &str, address: &str, port: u16) -> bool {
    check(&format!("{names} {ONE}\n"), address, port, ONE).is_ok()
}

#[test]
fn names_are_matched_as_openssh_does() {
    assert!(is_known("web", "web", 22));
    assert!(is_known("WEB", "Web", 22));
    assert!(is_known("a,web,b", "web", 22));
    assert!(is_known("*.example.com", "web.example.com", 22));
    assert!(is_known("w?b", "web", 22));
    assert!(is_known("*b*b*", "abcbd", 22));
    assert!(is_known("[web]:2222", "web", 2222));
    assert!(is_known("[*]:2222", "web", 2222));
    assert!(is_known("web", "web", 2222));
    assert!(is_known("[::1]:2222", "::1", 2222));
    assert!(is_known(HASHED, "web.example.com", 22));
    assert!(is_known(HASHED_PORT, "web", 2222));

    assert!(!is_known("*.example.com", "example.com", 22));
    assert!(!is_known("w?b", "weeb", 22));
    assert!(!is_known("*,!web", "web", 22));
    assert!(!is_known("!web", "other", 22));
    assert!(!is_known("[web]:2222", "web", 22));
    assert!(!is_known("[web]:2222", "web", 2223));
    assert!(!is_known(HASHED, "web", 22));
    assert!(!is_known("|1|x|y", "web", 22));
    assert!(!is_known("#web", "web", 22));
}

#[test]
fn lines_that_say_nothing_of_a_key_are_passed_over() {
    let text = format!(
        "\n# web {ONE}\nweb\nweb ssh-ed25519 ????\nweb ssh-rsa {}\n@cert-authority web {ONE}\n",
        &ONE[12..]
    );
    assert!(matches!(check(&text, "web", 22, ONE), Err(NodeError::HostKeyUnknown { .. })));
    assert!(check(&format!("{text}\tweb \t {ONE} a comment\r\n"), "web", 22, ONE).is_ok());
}

#[test]
fn an_unknown_key_is_shown_with_what_adds_it() {
    let error = check(&format!("other {ONE}"), "web", 2222, ONE).unwrap_err();
    insta::assert_snapshot!(shown(&error), @"
    the host key of web:2222 is not known: it offers ssh-ed25519 SHA256:wIT7Bc60YHjLj5tdIipMq/pPNlK7aDTT2fEAY3PaRxU, and kh has no key for it
    if this is the host's true fingerprint, run: echo '[web]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKmiqeZavrB0OV1IGLmgKAvm+RTUHlJ1b76ubkzkFOnQ' >> kh
    ");
}

#[test]
fn a_changed_key_is_shown_with_both_fingerprints() {
    let error = check(&format!("a {TWO}\nweb {ONE}\nweb {EC}\n"), "web", 22, TWO).unwrap_err();
    insta::assert_snapshot!(shown(&error), @"
    the host key of web:22 has changed: kh:2 has ssh-ed25519 SHA256:wIT7Bc60YHjLj5tdIipMq/pPNlK7aDTT2fEAY3PaRxU, the host offers ssh-ed25519 SHA256:Qu4UEDQArUYsoWoFilfecazkUKrLElWyz0s4I7Mf2OY
    if the host was reinstalled, remove the old key with: ssh-keygen -R 'web' -f kh; if not, somebody may be listening in between
    ");
}

#[test]
fn a_key_of_another_type_than_is_known_counts_as_changed() {
    let error = check(&format!("web {EC}\n"), "web", 22, ONE).unwrap_err();
    assert!(matches!(error, NodeError::HostKeyChanged { known, .. } if known.starts_with("ecdsa")));
}

#[test]
fn a_line_without_the_port_does_not_make_another_key_a_changed_one() {
    let error = check(&format!("web {ONE}\n"), "web", 2222, TWO).unwrap_err();
    assert!(matches!(error, NodeError::HostKeyUnknown { .. }));
}

#[test]
fn one_of_several_keys_is_enough() {
    assert_eq!(check(&format!("web {ONE}\nweb {TWO}\n"), "web", 22, TWO), Ok(()));
}

#[test]
fn a_revoked_key_is_refused_though_another_line_trusts_it() {
    let error = check(&format!("web {ONE}\n@revoked * {ONE}\n"), "web", 22, ONE).unwrap_err();
    insta::assert_snapshot!(shown(&error), @"
    the host key of web:22 is revoked: kh:2 says so of ssh-ed25519 SHA256:wIT7Bc60YHjLj5tdIipMq/pPNlK7aDTT2fEAY3PaRxU, which the host offers
    do not connect until the host has a new key: whoever holds the revoked one can pass for it
    ");
}

#[test]
fn the_types_of_known_keys_are_asked_for_first() {
    let first = |text: &str| known(text).algorithms(&HostName::new("web", 22))[0].to_string();
    assert_eq!(first(""), "ssh-ed25519");
    assert_eq!(first(&format!("web {EC}\n")), "ecdsa-sha2-nistp256");
    assert_eq!(first(&format!("other {EC}\n")), "ssh-ed25519");
    assert_eq!(known(&format!("web {EC}\n")).algorithms(&HostName::new("web", 22)).len(), 6);
}

fn shown(error: &NodeError) -> String {
    let help = miette::Diagnostic::help(error).map(|help| help.to_string()).unwrap_or_default();
    format!("{error}\n{help}")
}
