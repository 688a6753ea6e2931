//! Messages as files in a folder: each written whole beside its place and then renamed, so that who
//! reads the folder never sees half of one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// The largest secret or address that is read from a file.
const SECRET_BYTES_MAX: u64 = 4096;

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("cannot read the secret `{file}`: {why}; hint: check its path and owner")]
    Read {
        /// Which.
        file: String,
        /// Why.
        why: String,
    },
    /// Others may read it.
    #[error("others may read the secret `{file}`; hint: chmod 600 {file}")]
    Open {
        /// Which.
        file: String,
    },
    /// It has nothing in it, or too much.
    #[error("`{file}` holds no secret; hint: one line of at most {SECRET_BYTES_MAX} bytes")]
    Form {
        /// Which.
        file: String,
    },
}

/// The secret in `file` of `folder`, without the end of its line.
pub fn secret(folder: &Path, file: &str) -> Result<String, SecretError> {
    let path = folder.join(file);
    let read = |why: io::Error| SecretError::Read { file: file.to_owned(), why: why.to_string() };
    let about = fs::metadata(&path).map_err(read)?;
    if is_open(&about) {
        return Err(SecretError::Open { file: file.to_owned() });
    }
    let form = || SecretError::Form { file: file.to_owned() };
    if about.len() > SECRET_BYTES_MAX {
        return Err(form());
    }
    let text = fs::read_to_string(&path).map_err(read)?;
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_whitespace) {
        Err(form())
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(unix)]
fn is_open(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o077 != 0
}

/// Other systems have no such mode.
#[cfg(not(unix))]
fn is_open(_: &fs::Metadata) -> bool {
    false
}

/// Writes `<name>.xml` whole; what is there already under this name is the same message.
pub fn write_whole(folder: &Path, name: &str, body: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let whole = folder.join(format!("{name}.xml"));
    let part = folder.join(format!(".{name}.part"));
    let mut file = File::create(&part)?;
    file.write_all(body)?;
    file.sync_all()?;
    fs::rename(&part, &whole)?;
    // The name is on disk only with its folder.
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_file_however_often_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("out");
        for _ in 0..2 {
            write_whole(&folder, "w.1.bureau", b"<alert/>").unwrap();
        }
        let names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["w.1.bureau.xml"]);
        assert_eq!(fs::read(folder.join("w.1.bureau.xml")).unwrap(), b"<alert/>");
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let check = |text: &str, mode: u32, expected: Result<&str, &str>| {
            let path = dir.path().join("key");
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let found = secret(dir.path(), "key").map_err(|error| error.to_string());
            match expected {
                Ok(text) => assert_eq!(found.as_deref(), Ok(text)),
                Err(part) => assert!(found.clone().unwrap_err().contains(part), "{found:?}"),
            }
        };
        check("s3cret\n", 0o600, Ok("s3cret"));
        check("s3cret", 0o640, Err("chmod 600"));
        check(" \n", 0o600, Err("holds no secret"));
        check("two words", 0o600, Err("holds no secret"));
        fs::remove_file(dir.path().join("key")).unwrap();
        assert!(secret(dir.path(), "key").unwrap_err().to_string().contains("cannot read"));
    }
}
