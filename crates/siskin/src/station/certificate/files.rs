//! The two files of a certificate: read within a limit, with errors that name the file.
//!
//! Must never put a key into a log or a message.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use siskin_api::{Certificate, TlsError, Validity};
use siskin_config::StationTls;
use siskin_model::Text;

/// The largest file that is read; a long chain has some tens of kilobytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where they are.
#[derive(Debug)]
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// What they hold. Not shown anywhere: one of them is secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pems {
    chain: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    /// Relative paths count from `folder`.
    pub(super) fn new(tls: &StationTls, folder: &Path) -> Self {
        Self { certificate: folder.join(&tls.certificate), key: folder.join(&tls.key) }
    }

    pub(super) fn read(&self) -> Result<Pems, Text> {
        Ok(Pems { chain: read(&self.certificate)?, key: read(&self.key)? })
    }

    /// The certificate that `pems` make.
    pub(super) fn certificate(&self, pems: &Pems) -> Result<Certificate, Text> {
        Certificate::from_pem(&pems.chain, &pems.key).map_err(|error| {
            let (file, zh) = match &error {
                TlsError::NoCertificate => (&self.certificate, "其中没有证书；应为 PEM 格式"),
                TlsError::BadCertificate(_) => (&self.certificate, "不是可用的 PEM 证书"),
                TlsError::NoKey => (&self.key, "其中没有未加密的私钥；应为 PEM 格式"),
                TlsError::BadKey(_) => (&self.key, "不是可用的私钥"),
                TlsError::OtherKey => {
                    (&self.key, "私钥与证书不配对；证书文件中监测站自己的证书应排在最前")
                }
            };
            unusable(file, zh, &error.to_string())
        })
    }

    /// What a renewed certificate that is not valid now is refused with.
    pub(super) fn not_valid(&self, validity: Validity) -> Text {
        let Validity { not_before, not_after } = validity;
        unusable(
            &self.certificate,
            &format!("现在不在有效期内（{not_before} 至 {not_after}）"),
            &format!(
                "not valid now, only from {not_before} to {not_after}; \
                 hint: look at the dates of the new certificate and at this machine's clock"
            ),
        )
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Text> {
    let mut bytes = Vec::new();
    let taken = File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(|error| {
            unusable(
                path,
                &format!("读不了（{error}）；请检查路径和读取权限"),
                &format!("cannot be read: {error}; hint: check its path and rights"),
            )
        })?;
    if taken as u64 > FILE_BYTES_MAX {
        let hint = "hint: is it the right file?";
        let en = format!("more than {FILE_BYTES_MAX} bytes; {hint}");
        return Err(unusable(path, "文件太大；请检查路径", &en));
    }
    Ok(bytes)
}

fn unusable(file: &Path, zh: &str, en: &str) -> Text {
    let file = file.display();
    Text::new(
        format!("监测站的证书文件 `{file}` 无法使用：{zh}"),
        format!("the station's certificate file `{file}` cannot be used: {en}"),
    )
}
