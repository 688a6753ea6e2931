//! Who a line trusts: the named certificate authority and nobody else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use siskin_model::notify::Tls;

/// Why nobody can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// No authority is named.
    #[error("no certificate authority is named; hint: set `ca_file`, a PEM file")]
    NoAuthority,
    /// A file cannot be used.
    #[error(
        "the TLS file `{}` cannot be used: {why}; \
         hint: check its path, that Siskin may read it, and that it is PEM", file.display()
    )]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        why: String,
    },
}

/// A client that trusts `tls`; its files stand in `folder` or where they say.
pub(crate) fn client(tls: &Tls, folder: &Path) -> Result<Arc<ClientConfig>, TrustError> {
    let ca_file = folder.join(tls.ca_file.as_ref().ok_or(TrustError::NoAuthority)?);
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&ca_file)? {
        roots.add(certificate).map_err(|why| broken(&ca_file, &why))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| broken(&ca_file, &why))?
        .with_root_certificates(roots);
    let Some((certificate, key)) = &tls.identity else {
        return Ok(Arc::new(builder.with_no_client_auth()));
    };
    let (own, key_file) = (folder.join(certificate), folder.join(key));
    let key = PrivateKeyDer::from_pem_file(&key_file).map_err(|why| broken(&key_file, &why))?;
    let config = builder.with_client_auth_cert(certificates(&own)?, key);
    Ok(Arc::new(config.map_err(|why| broken(&own, &why))?))
}

/// Whether the files of `tls` can be used.
pub fn check(tls: &Tls, folder: &Path) -> Result<(), TrustError> {
    client(tls, folder).map(drop)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = read.map_err(|why| broken(file, &why))?;
    if found.is_empty() {
        return Err(broken(file, &"no certificate in it"));
    }
    Ok(found)
}

fn broken(file: &Path, why: &impl ToString) -> TrustError {
    TrustError::File { file: file.to_owned(), why: why.to_string() }
}
