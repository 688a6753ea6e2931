//! Passwords, keys of sessions and tokens, and what is kept of them.
//!
//! Randomness comes from the system only. What is compared is compared in constant time.

use std::fmt::Write as _;
use std::net::IpAddr;

use anyhow::Context;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};
use siskin_api::people::Secret;
use subtle::ConstantTimeEq;

/// OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
/// See [`MEMORY_KIB`].
const PASSES: u32 = 2;
/// See [`MEMORY_KIB`].
const LANES: u32 = 1;
/// What begins every token, so that one that leaked is found in logs and files.
const TOKEN_PREFIX: &str = "siskin_";
/// Letters of generated passwords and of the code: none that looks like another one.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// Letters of a group; four groups are 100 bits.
const GROUP_LETTERS: usize = 5;
const GROUPS: usize = 4;

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let params = params.expect("the parameters are within what argon2 allows");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Random bytes of the system.
fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(bytes)
}

/// What is kept of a password. Takes long by design.
pub(super) fn hash_password(password: &Secret) -> anyhow::Result<String> {
    let salt = SaltString::encode_b64(&random::<16>()?)
        .map_err(|error| anyhow::anyhow!("no salt: {error}"))?;
    let hash = hasher().hash_password(password.0.as_bytes(), &salt);
    Ok(hash.map_err(|error| anyhow::anyhow!("no hash: {error}"))?.to_string())
}

/// Whether `password` is the one of which `kept` was made. Takes long by design. What is kept and
/// cannot be read lets nobody in.
pub(super) fn is_password(password: &Secret, kept: &str) -> bool {
    let Ok(kept) = PasswordHash::new(kept) else {
        tracing::error!("the kept hash of a password cannot be read; hint: siskin people password");
        return false;
    };
    hasher().verify_password(password.0.as_bytes(), &kept).is_ok()
}

/// The two halves of what a session or a token is shown by.
pub(super) struct Key {
    /// By which it is found.
    pub(super) id: String,
    secret: String,
}

impl Key {
    /// A new one.
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { id: hex(&random::<16>()?), secret: hex(&random::<32>()?) })
    }

    /// The one that a cookie shows.
    pub(super) fn of_cookie(text: &str) -> Option<Self> {
        Self::of(text, '.')
    }

    /// The one that a token shows.
    pub(super) fn of_token(text: &str) -> Option<Self> {
        Self::of(text.strip_prefix(TOKEN_PREFIX)?, '_')
    }

    fn of(text: &str, between: char) -> Option<Self> {
        let (id, secret) = text.split_once(between)?;
        Some(Self { id: id.to_owned(), secret: secret.to_owned() })
    }

    /// As a cookie shows it.
    pub(super) fn cookie(&self) -> Secret {
        Secret(format!("{}.{}", self.id, self.secret))
    }

    /// As a token shows it.
    pub(super) fn token(&self) -> Secret {
        Secret(format!("{TOKEN_PREFIX}{}_{}", self.id, self.secret))
    }

    /// What is kept of the secret half. 256 random bits need no slow hash.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret.as_bytes()).into()
    }

    /// Whether `kept` was made of it.
    pub(super) fn is_of(&self, kept: &[u8; 32]) -> bool {
        self.hash().ct_eq(kept).into()
    }

    /// What a page shows together with the cookie. It follows from the secret, which no script of
    /// the page can read, and tells nothing of it.
    pub(super) fn csrf(&self) -> Secret {
        let text = Sha256::new().chain_update(b"siskin-csrf-1").chain_update(&self.secret);
        Secret(hex(&text.finalize()))
    }
}

/// What is kept of a name that somebody typed, wherever that was.
pub(super) fn name_anywhere(typed: &Secret) -> [u8; 32] {
    Sha256::new().chain_update(b"anywhere\n").chain_update(&typed.0).finalize().into()
}

/// What is kept of a name that somebody typed at an address. No name that is typed elsewhere may
/// count for it: the kind comes first, and an address has no line break.
pub(super) fn name_here(typed: &Secret, network: IpAddr) -> [u8; 32] {
    let origin = format!("here\n{network}\n");
    Sha256::new().chain_update(origin).chain_update(&typed.0).finalize().into()
}

/// Whether two texts are the same.
pub(super) fn is_same(own: &Secret, given: &Secret) -> bool {
    own.0.as_bytes().ct_eq(given.0.trim().as_bytes()).into()
}

/// A password, or a code, that can be read out and typed.
pub(crate) fn random_password() -> anyhow::Result<Secret> {
    let mut text = String::new();
    for (n, byte) in random::<{ GROUPS * GROUP_LETTERS }>()?.into_iter().enumerate() {
        if n > 0 && n % GROUP_LETTERS == 0 {
            text.push('-');
        }
        // 32 letters divide 256 evenly: none is likelier than another.
        let letter = LETTERS.get(usize::from(byte) % LETTERS.len()).copied();
        text.push(char::from(letter.expect("a remainder of the length is within it")));
    }
    Ok(Secret(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret(text.to_owned())
    }

    #[test]
    fn a_password_is_kept_as_argon2id_with_its_own_salt() {
        let password = secret("correct horse battery");
        let (one, two) = (hash_password(&password).unwrap(), hash_password(&password).unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two);
        assert!(is_password(&password, &one) && is_password(&password, &two));
        assert!(!is_password(&secret("correct horse batterx"), &one));
        assert!(!is_password(&password, "plain") && !is_password(&password, ""));
    }

    #[test]
    fn a_key_comes_back_from_what_is_shown_and_only_from_that() {
        let key = Key::new().unwrap();
        let kept = key.hash();
        let (cookie, token) = (key.cookie().0, key.token().0);
        assert!(Key::of_cookie(&cookie).unwrap().is_of(&kept));
        let back = Key::of_token(&token).unwrap();
        assert!(back.is_of(&kept) && back.id == key.id && back.csrf() == key.csrf());
        assert!(!Key::new().unwrap().is_of(&kept));
        for wrong in ["", ".", "x", "siskin_", &token, &cookie.replace('.', "_")] {
            assert!(Key::of_cookie(wrong).is_none_or(|key| !key.is_of(&kept)), "{wrong}");
        }
        assert!(Key::of_token(&cookie).is_none());
        assert!(!key.csrf().0.contains(&key.secret) && !cookie.contains(&key.csrf().0));
    }

    #[test]
    fn generated_passwords_can_be_typed_and_differ() {
        let (one, two) = (random_password().unwrap().0, random_password().unwrap().0);
        assert_eq!((one.len(), one.split('-').count()), (23, 4), "{one}");
        assert_ne!(one, two);
        assert!(is_same(&secret("ab"), &secret(" ab\n")) && !is_same(&secret("ab"), &secret("a")));
    }
}
