//! The station's key: signs checkpoints, proves nothing against whoever can read it.
//!
//! Made at the first start, readable by the service's user only. Must never leave its file: not in
//! a log, not in a backup.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use super::hex;
use crate::StoreError;

/// The key's name in the data folder (PKCS #8).
pub const KEY_FILE: &str = "audit-key.pk8";
/// The public half beside it, in hexadecimal.
pub const PUBLIC_KEY_FILE: &str = "audit-key.pub";
/// Keys that could not be used and are kept; beyond it the disk is what has to be looked at.
const KEPT_MAX: u32 = 100;
/// A larger file is no list of public keys.
const PUBLIC_BYTES_MAX: u64 = 64 * 1024;

/// The public half of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// As text.
    pub fn hex(&self) -> String {
        hex::of(&self.0)
    }

    /// The keys in a file, one a line.
    pub fn read(path: &Path) -> Result<Vec<Self>, StoreError> {
        let folder = |source| StoreError::Folder { act: "read", path: path.to_owned(), source };
        let bytes = fs::metadata(path).map_err(folder)?.len();
        let text = if bytes > PUBLIC_BYTES_MAX {
            String::new()
        } else {
            fs::read_to_string(path).map_err(folder)?
        };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Option<Vec<_>> = lines.map(|line| hex::bytes(line).map(Self)).collect();
        keys.filter(|keys| !keys.is_empty()).ok_or_else(|| StoreError::Damaged {
            what: "the list of public keys".to_owned(),
            path: path.to_owned(),
            why: "expected 64 hexadecimal digits a line".to_owned(),
        })
    }

    pub(super) fn verifies(&self, text: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(text, signature).is_ok()
    }
}

/// The key that signs.
#[derive(Debug)]
pub(super) struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// Reads the key in `dir`; where there is none, or none that can be used, a new one is made.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(KEY_FILE);
        let key = match fs::read(&path) {
            Ok(bytes) => {
                if let Some(key) = Self::of(&bytes) {
                    key
                } else {
                    put_aside(&path)?;
                    Self::make(&path)?
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self::make(&path)?,
            Err(source) => return Err(StoreError::Folder { act: "read", path, source }),
        };
        key.show(&dir.join(PUBLIC_KEY_FILE))?;
        Ok(key)
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(bytes).ok()?;
        let public = PublicKey(pair.public_key().as_ref().try_into().ok()?);
        Some(Self { pair, public })
    }

    fn make(path: &Path) -> Result<Self, StoreError> {
        let failed = |why: &str| StoreError::Folder {
            act: "make a key for",
            path: path.to_owned(),
            source: std::io::Error::other(why.to_owned()),
        };
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| failed("the system gives no random numbers"))?;
        let key = Self::of(document.as_ref()).ok_or_else(|| failed("it cannot be read back"))?;
        // Named once it is whole: a crash in between must not leave half a key.
        let begun = path.with_extension("pk8.new");
        write(&begun, document.as_ref(), 0o600)?;
        fs::rename(&begun, path).map_err(folder("write", path))?;
        sync_folder(path)?;
        Ok(key)
    }

    /// Writes the public half beside, where it is not there yet.
    fn show(&self, path: &Path) -> Result<(), StoreError> {
        let text = self.public.hex() + "\n";
        if fs::read_to_string(path).is_ok_and(|there| there == text) {
            return Ok(());
        }
        let begun = path.with_extension("pub.new");
        write(&begun, text.as_bytes(), 0o644)?;
        fs::rename(&begun, path).map_err(folder("write", path))?;
        sync_folder(path)
    }

    pub(super) fn public(&self) -> PublicKey {
        self.public
    }

    pub(super) fn sign(&self, text: &[u8]) -> [u8; 64] {
        let signature = self.pair.sign(text);
        signature.as_ref().try_into().expect("a signature of Ed25519 has 64 bytes")
    }
}

fn folder(act: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Folder { act, path, source }
}

/// Writes a file that only `mode` may read, over what a broken start left there.
fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), StoreError> {
    let done = || {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    done().map_err(folder("write", path))
}

/// A key that cannot be used is kept under another name: somebody may want to know why.
fn put_aside(path: &Path) -> Result<(), StoreError> {
    let to = free_name(path, "unusable")?;
    tracing::error!(
        key = %path.display(), kept = %to.display(),
        "the key of the audit cannot be used; a new one is made"
    );
    fs::rename(path, &to).map_err(folder("keep the unusable", path))
}

/// A name beside a file that nothing has.
pub(super) fn free_name(path: &Path, word: &str) -> Result<PathBuf, StoreError> {
    let mut names = (1..=KEPT_MAX).map(|n| {
        let name = path.file_name().unwrap_or_default().display().to_string();
        path.with_file_name(format!("{name}.{word}-{n}"))
    });
    names.find(|name| !name.exists()).ok_or_else(|| {
        folder("keep a further copy of", path)(std::io::Error::from(ErrorKind::AlreadyExists))
    })
}

/// Brings a new name to disk.
pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(folder("write to disk", dir))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let key = SigningKey::open(dir.path()).unwrap();
        let mode = fs::metadata(dir.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            PublicKey::read(&dir.path().join(PUBLIC_KEY_FILE)).unwrap(),
            [key.public()],
            "the public half is beside it"
        );
        assert_eq!(SigningKey::open(dir.path()).unwrap().public(), key.public());
        let signature = key.sign(b"text");
        assert!(key.public().verifies(b"text", &signature));
        assert!(!key.public().verifies(b"tex", &signature));
    }

    #[test]
    fn a_key_that_cannot_be_used_is_kept_and_another_one_made() {
        let dir = tempfile::tempdir().unwrap();
        let first = SigningKey::open(dir.path()).unwrap().public();
        fs::write(dir.path().join(KEY_FILE), b"no key").unwrap();
        assert_ne!(SigningKey::open(dir.path()).unwrap().public(), first);
        let kept = dir.path().join("audit-key.pk8.unusable-1");
        assert_eq!(fs::read(kept).unwrap(), b"no key");
    }

    #[test]
    fn a_list_of_keys_that_is_none_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys");
        for text in ["", "00\n", &format!("{}\nno\n", "0".repeat(64))] {
            fs::write(&path, text).unwrap();
            let error = PublicKey::read(&path).unwrap_err().to_string();
            assert!(error.contains("hint: "), "{error}");
        }
    }
}
