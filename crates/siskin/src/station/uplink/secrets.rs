//! Files that hold what a bureau gave: passwords and keys. Their content is never shown, and a file
//! that others may read is refused.

use std::path::{Path, PathBuf};

use siskin_config::Settings;
use siskin_model::site::Sm4Key;
use siskin_model::uplink::Uplink;
use siskin_notify::hj212::Secrets;
use siskin_wire::hj212::uplink::command::is_password;

/// The largest file of a secret.
const BYTES_MAX: u64 = 4096;

/// Where relative paths begin: the site's folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// That of a site, or the working folder.
    pub(crate) fn of(site: Option<&Path>) -> Self {
        Self(site.unwrap_or(Path::new(".")).to_owned())
    }

    /// The secrets of an uplink.
    pub(super) fn secrets(&self, uplink: &Uplink) -> anyhow::Result<Secrets> {
        let password = self.read(&uplink.password_file)?;
        anyhow::ensure!(
            is_password(&password),
            "`{}` holds no PW; hint: 1 to 6 letters and digits, alone in the file",
            uplink.password_file
        );
        let key = uplink.sm4.as_ref().map(|sm4| {
            let key = Sm4Key::parse(&self.read(&sm4.key_file)?);
            key.ok_or_else(|| {
                anyhow::anyhow!(
                    "`{}` holds no key of SM4; hint: 32 hex digits, alone in the file",
                    sm4.key_file
                )
            })
        });
        Ok(Secrets { password, key: key.transpose()? })
    }

    fn read(&self, file: &str) -> anyhow::Result<String> {
        let path = self.0.join(file);
        let about = std::fs::metadata(&path).map_err(|error| {
            anyhow::anyhow!(
                "cannot read `{}` ({error}); hint: write the secret alone into this file",
                path.display()
            )
        })?;
        anyhow::ensure!(
            about.len() <= BYTES_MAX,
            "`{}` is too large for a secret; hint: it holds nothing else",
            path.display()
        );
        anyhow::ensure!(
            is_private(&about),
            "`{0}` may be read by others; hint: chmod 600 `{0}`",
            path.display()
        );
        let text = std::fs::read_to_string(&path).map_err(|error| {
            anyhow::anyhow!("cannot read `{}` ({error}); hint: check its owner", path.display())
        })?;
        Ok(text.trim().to_owned())
    }
}

/// What is wrong with the secrets of a site's uplinks, for `siskin check`.
pub(crate) fn check(settings: &Settings, site: &Path) -> Vec<String> {
    let folder = Folder::of(Some(site));
    let wrong = settings.uplinks.iter().filter_map(|uplink| {
        let error = folder.secrets(uplink).err()?;
        Some(format!("uplinks.toml: the uplink `{}`: {error}", uplink.id))
    });
    wrong.collect()
}

#[cfg(unix)]
fn is_private(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode().trailing_zeros() >= 6
}

#[cfg(not(unix))]
fn is_private(_: &std::fs::Metadata) -> bool {
    true
}

/// A centre may set a password, which is kept in the book.
#[cfg(unix)]
pub(super) fn only_ours(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
pub(super) fn only_ours(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_secret_that_others_may_read_is_refused_and_none_is_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pw");
        let folder = Folder::of(Some(dir.path()));
        let check = |mode: u32, want: Option<&str>| {
            std::fs::write(&path, "123456\n").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = folder.read("pw").err().map(|error| error.to_string());
            assert_eq!(error.is_some(), want.is_some(), "{mode:o} {error:?}");
            let error = error.unwrap_or_default();
            assert!(error.contains(want.unwrap_or_default()) && !error.contains("123456"));
        };
        check(0o600, None);
        check(0o400, None);
        check(0o640, Some("chmod 600"));
        check(0o604, Some("chmod 600"));
        assert_eq!(folder.read("pw").map_err(|_| ()), Err(()));
        assert!(folder.read("none").unwrap_err().to_string().contains("hint:"));
    }
}
