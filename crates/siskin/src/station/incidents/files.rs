//! Files of incidents: kept by their sum in a folder of the incident, on disk before the ledger
//! names them. Must never write over a file, nor follow a name that a person gave.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use siskin_model::incident::{FILE_BYTES_MAX, IncidentId};

/// SHA-256 of bytes, hexadecimal.
pub(crate) fn sum(bytes: &[u8]) -> String {
    crate::evidence::hex(&Sha256::digest(bytes))
}

/// Where the file with this sum is. Only an incident and a sum of the ledger may be given here.
pub(crate) fn path(folder: &Path, id: &IncidentId, sha256: &str) -> PathBuf {
    folder.join(id.as_str()).join(sha256)
}

/// Writes the bytes to disk under their sum, name and folder included; they may be there already.
pub(super) fn keep(folder: &Path, id: &IncidentId, bytes: &[u8]) -> io::Result<String> {
    let sha256 = sum(bytes);
    let path = path(folder, id, &sha256);
    let own = folder.join(id.as_str());
    fs::create_dir_all(&own)?;
    if fs::read(&path).is_ok_and(|kept| sum(&kept) == sha256) {
        return Ok(sha256);
    }
    // A name that ends so is never in the ledger; what a crash left is written over.
    let begun = own.join(format!("{sha256}.partial"));
    let mut file = File::create(&begun)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&begun, &path)?;
    for folder in [own.as_path(), folder] {
        File::open(folder)?.sync_all()?;
    }
    Ok(sha256)
}

/// The bytes with this sum; other bytes are an error.
pub(super) fn read(folder: &Path, id: &IncidentId, sha256: &str) -> io::Result<Vec<u8>> {
    let path = path(folder, id, sha256);
    let is_large = fs::metadata(&path)?.len() > FILE_BYTES_MAX as u64;
    let bytes = if is_large { Vec::new() } else { fs::read(&path)? };
    if sum(&bytes) == sha256 {
        return Ok(bytes);
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "the file is not what was attached"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_once_and_a_changed_one_is_not_given() {
        let folder = tempfile::tempdir().unwrap();
        let id = IncidentId::from_text("park-20260101-1");
        let kept = keep(folder.path(), &id, b"photo").unwrap();
        assert_eq!(keep(folder.path(), &id, b"photo").unwrap(), kept);
        assert_eq!(fs::read_dir(folder.path().join(id.as_str())).unwrap().count(), 1);
        assert_eq!(read(folder.path(), &id, &kept).unwrap(), b"photo");
        fs::write(path(folder.path(), &id, &kept), b"other").unwrap();
        let error = read(folder.path(), &id, &kept).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        // Attached again, it is whole again.
        keep(folder.path(), &id, b"photo").unwrap();
        assert_eq!(read(folder.path(), &id, &kept).unwrap(), b"photo");
    }
}
