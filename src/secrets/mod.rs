//! Secrets at rest: sealed with a key that lies beside the state file, or comes from the environment.
//!
//! The state file may be copied, kept by a CI system or read by a backup; what a Secret holds is worth nothing there
//! without the key. Sealing is `ChaCha20-Poly1305` (RFC 8439). Its nonce is derived from the text under a key of its
//! own, as a synthetic one is in RFC 8452: equal text gives equal bytes, so an unchanged row stays unchanged, and no
//! nonce meets two texts.

#![expect(clippy::disallowed_methods, reason = "the key is a file, or comes from the environment")]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miette::Diagnostic;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{hkdf, hmac};
use thiserror::Error;

mod sealed;

#[cfg(test)]
mod tests;

pub use sealed::Sealed;

/// The variable that may hold the key, in base64: for CI, where the state file comes without its neighbours.
pub const KEY_VARIABLE: &str = "BOWLINE_STATE_KEY";

/// The length of a key in bytes.
const KEY_BYTES: usize = 32;

/// Why something cannot be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum SealError {
    /// There is no key, and there is something that was sealed with one.
    #[error("the state file holds Secrets, and their key is not at {}", path.display())]
    #[diagnostic(help(
        "put the key file back, or set {KEY_VARIABLE} to what it holds; without it the Secrets are lost: then \
         start with a new state file, `bowline apply -f ... --take-over`"
    ))]
    NoKey {
        /// Where it should be.
        path: PathBuf,
    },
    /// The key is no key.
    #[error("{whence} does not hold a key: {KEY_BYTES} bytes in base64")]
    NotAKey {
        /// The file or variable.
        whence: String,
    },
    /// The key file cannot be read or written.
    #[error("the key file {} cannot be used: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The key is another one, or the bytes were changed.
    #[error("{what} cannot be opened: it was sealed with another key, or is damaged")]
    #[diagnostic(help("the key belongs to the state file that it was made for"))]
    Unopened {
        /// What was to be opened.
        what: String,
    },
}

/// Where the key of a state file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPlace {
    path: PathBuf,
}

impl KeyPlace {
    /// Beside a state file: the same name with `.key` after it.
    pub fn beside(state: &Path) -> Self {
        let mut name = state.file_name().unwrap_or_default().to_owned();
        name.push(".key");
        Self { path: state.with_file_name(name) }
    }

    /// The key, which must be there.
    pub fn find(&self) -> Result<Sealer, SealError> {
        self.read()?.ok_or_else(|| SealError::NoKey { path: self.path.clone() })
    }

    /// The key; a new one is made and kept when there is none.
    pub fn find_or_make(&self) -> Result<Sealer, SealError> {
        if let Some(sealer) = self.read()? {
            return Ok(sealer);
        }
        let mut key = [0; KEY_BYTES];
        let random = SystemRandom::new().fill(&mut key);
        random.map_err(|_| self.unusable("the system has no randomness"))?;
        match self.write(&key) {
            // Another run has just made one: that is the key.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => self.find(),
            Err(error) => Err(self.unusable(&error.to_string())),
            Ok(()) => Ok(Sealer::new(&key)),
        }
    }

    fn read(&self) -> Result<Option<Sealer>, SealError> {
        if let Ok(text) = std::env::var(KEY_VARIABLE) {
            return parse(&text, KEY_VARIABLE).map(Some);
        }
        match std::fs::read_to_string(&self.path) {
            Ok(text) => parse(&text, &self.path.display().to_string()).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.unusable(&error.to_string())),
        }
    }

    fn write(&self, key: &[u8]) -> std::io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&self.path)?;
        file.write_all(format!("{}\n", STANDARD.encode(key)).as_bytes())?;
        file.sync_all()
    }

    fn unusable(&self, cause: &str) -> SealError {
        SealError::File { path: self.path.clone(), cause: cause.to_owned() }
    }
}

fn parse(text: &str, whence: &str) -> Result<Sealer, SealError> {
    match STANDARD.decode(text.trim()) {
        Ok(key) if key.len() == KEY_BYTES => Ok(Sealer::new(&key)),
        _ => Err(SealError::NotAKey { whence: whence.to_owned() }),
    }
}

/// Seals and opens.
pub struct Sealer {
    text: LessSafeKey,
    nonce: hmac::Key,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(..)")
    }
}

impl Sealer {
    /// # Panics
    /// Never: what is derived has the lengths that the algorithms ask for.
    fn new(key: &[u8]) -> Self {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"bowline state 1").extract(key);
        let derive = |purpose: &[u8]| {
            let mut derived = [0; KEY_BYTES];
            root.expand(&[purpose], hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(&mut derived))
                .expect("32 bytes are what the algorithm gives");
            derived
        };
        let text = UnboundKey::new(&CHACHA20_POLY1305, &derive(b"text"));
        Self {
            text: LessSafeKey::new(text.expect("the key has the algorithm's length")),
            nonce: hmac::Key::new(hmac::HMAC_SHA256, &derive(b"nonce")),
        }
    }

    /// Seals a text. `what` names it, and only by that name it can be opened again: bytes cannot change places.
    ///
    /// # Panics
    /// Never: a text of memory's size is far below the algorithm's 256 GiB.
    pub fn seal(&self, what: &str, text: &[u8]) -> Vec<u8> {
        let mut tag = hmac::Context::with_key(&self.nonce);
        tag.update(&(what.len() as u64).to_le_bytes());
        tag.update(what.as_bytes());
        tag.update(text);
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&tag.sign().as_ref()[..NONCE_LEN]);
        let mut sealed = text.to_vec();
        self.text
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(what),
                &mut sealed,
            )
            .expect("the text is not too long");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed under this name.
    pub fn open(&self, what: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let unopened = || SealError::Unopened { what: what.to_owned() };
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or_else(unopened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unopened())?;
        let mut text = sealed.to_vec();
        let length = match self.text.open_in_place(nonce, Aad::from(what), &mut text) {
            Ok(opened) => opened.len(),
            Err(_) => return Err(unopened()),
        };
        text.truncate(length);
        Ok(text)
    }
}
