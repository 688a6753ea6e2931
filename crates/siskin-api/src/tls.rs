//! TLS of the station's own port: texts of a certificate and its key to what clients are shown.
//!
//! Reads no file and no clock. Never serves in the clear what should be encrypted: a client that
//! does not speak TLS to this port is hung up on. Read [`crate::serve`] for who uses it.

mod dates;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub use dates::Validity;

/// How long a client may take for the handshake; it holds one of the server's places meanwhile.
const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(10);
/// The one protocol that is spoken.
const ALPN: &[u8] = b"http/1.1";

/// Why texts are no certificate with its key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// The first text holds no certificate.
    #[error(
        "no certificate in it; \
         hint: PEM is expected, the station's own certificate first, then those that signed it"
    )]
    NoCertificate,
    /// The first text holds something else or is damaged.
    #[error("not a certificate in PEM: {0}; hint: compare it with what was issued")]
    BadCertificate(String),
    /// The second text holds no key.
    #[error(
        "no private key without a password in it; \
         hint: PEM is expected, PKCS#8, PKCS#1 or SEC1 (`openssl pkey -in KEY -out PLAIN`)"
    )]
    NoKey,
    /// The second text holds a key that cannot be used.
    #[error("not a private key that can be used: {0}; hint: RSA from 2048 bits, P-256 or Ed25519")]
    BadKey(String),
    /// Both are sound and do not belong together.
    #[error(
        "not the key of the first certificate; \
         hint: take the key the certificate was asked for with, and put that certificate first"
    )]
    OtherKey,
}

/// A certificate with its key, ready to be shown.
#[derive(Debug, Clone)]
pub struct Certificate {
    config: Arc<ServerConfig>,
    /// When its whole chain is valid.
    pub validity: Validity,
}

impl Certificate {
    /// From a chain, the station's own certificate first, and its key, both PEM. TLS 1.2 and 1.3.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = certificates(chain)?;
        let validity = validity(&chain)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::BadKey(error.to_string()))?
            .with_no_client_auth();
        let mut config = builder.with_single_cert(chain, key).map_err(refused)?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self { config: Arc::new(config), validity })
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| TlsError::BadCertificate(error.to_string()))?;
    if found.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    Ok(found)
}

fn validity(chain: &[CertificateDer<'_>]) -> Result<Validity, TlsError> {
    let dates: Option<Vec<_>> = chain.iter().map(|certificate| dates::of(certificate)).collect();
    let whole = dates.and_then(|dates| dates.into_iter().reduce(Validity::and));
    whole.ok_or_else(|| TlsError::BadCertificate("its dates cannot be read".to_owned()))
}

fn refused(error: rustls::Error) -> TlsError {
    match error {
        rustls::Error::InconsistentKeys(_) => TlsError::OtherKey,
        rustls::Error::InvalidCertificate(error) => TlsError::BadCertificate(error.to_string()),
        error => TlsError::BadKey(error.to_string()),
    }
}

/// The certificate that new clients are shown. Those that are connected keep theirs, so that a
/// renewal cuts nobody.
#[derive(Debug)]
pub struct ShownCertificate(RwLock<Arc<ServerConfig>>);

impl ShownCertificate {
    /// Shows `certificate`.
    pub fn new(certificate: Certificate) -> Self {
        Self(RwLock::new(certificate.config))
    }

    /// From now on shows another one.
    pub fn replace(&self, certificate: Certificate) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = certificate.config;
    }

    /// The handshake with a client, within [`HANDSHAKE_WAIT_MAX`]; none where it fails.
    pub(crate) async fn greet(&self, tcp: TcpStream) -> Option<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        let greeting = TlsAcceptor::from(config).accept(tcp);
        match tokio::time::timeout(HANDSHAKE_WAIT_MAX, greeting).await {
            Ok(Ok(line)) => Some(line),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a client that does not speak TLS as it should is left");
                None
            }
            Err(_) => {
                tracing::debug!("a client that did not finish its TLS handshake is left");
                None
            }
        }
    }
}

/// How clients speak to the port.
#[derive(Debug, Clone)]
pub enum Transport {
    /// In the clear: on loopback, or behind a proxy.
    Plain,
    /// TLS with this certificate, and nothing else.
    Tls(Arc<ShownCertificate>),
}
