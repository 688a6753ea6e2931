//! TLS to the broker and to the station: rustls with ring, and only the certificate authority that
//! is named. Must never trust anybody else, and never goes on without a check of the other's name.

use std::sync::Arc;

use rumqttc::{TlsConfiguration, Transport};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use siskin_model::Text;
use siskin_model::site::BrokerTls;

/// The transport that trusts `tls`. Its files are read each time, so that renewed certificates
/// need no restart.
pub(crate) fn transport(tls: &BrokerTls) -> Result<Transport, Text> {
    Ok(Transport::tls_with_config(TlsConfiguration::Rustls(client(tls)?)))
}

/// A client that trusts `tls` and nobody else.
pub(crate) fn client(tls: &BrokerTls) -> Result<Arc<ClientConfig>, Text> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&tls.ca_file)? {
        roots.add(certificate).map_err(|error| broken(&tls.ca_file, &error.to_string()))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| broken(&tls.ca_file, &error.to_string()))?
        .with_root_certificates(roots);
    let config = match &tls.identity {
        None => builder.with_no_client_auth(),
        Some((cert_file, key_file)) => {
            let key = PrivateKeyDer::from_pem_file(key_file)
                .map_err(|error| broken(key_file, &error.to_string()))?;
            builder
                .with_client_auth_cert(certificates(cert_file)?, key)
                .map_err(|error| broken(cert_file, &error.to_string()))?
        }
    };
    Ok(Arc::new(config))
}

fn certificates(file: &str) -> Result<Vec<CertificateDer<'static>>, Text> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = read.map_err(|error| broken(file, &error.to_string()))?;
    if found.is_empty() {
        return Err(broken(file, "no certificate in it"));
    }
    Ok(found)
}

fn broken(file: &str, error: &str) -> Text {
    Text::new(
        format!("无法使用 TLS 文件 {file}（{error}）；请检查路径、读取权限以及是否为 PEM 格式"),
        format!(
            "the TLS file {file} cannot be used: {error}; \
             hint: check its path, that Siskin may read it, and that it is PEM"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::check_text;

    fn check(text: &str, want: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, text).unwrap();
        let ca_file = path.to_str().unwrap().to_owned();
        let Err(why) = transport(&BrokerTls { ca_file: ca_file.clone(), identity: None }) else {
            panic!("`{text}` was taken");
        };
        assert!(why.en.contains(&ca_file) && why.en.contains(want), "{why:?}");
        check_text(&why);
    }

    #[test]
    fn files_that_are_no_certificates_are_named() {
        check("", "no certificate in it");
        check("not PEM at all", "no certificate in it");
        check("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "BadEncoding");
        check("-----BEGIN CERTIFICATE-----\nAAAA\n", "cannot be used");
        let ca_file = "/nowhere/ca.pem".to_owned();
        let why = transport(&BrokerTls { ca_file, identity: None }).map(|_| ()).unwrap_err();
        assert!(why.en.starts_with("the TLS file /nowhere/ca.pem cannot be used"), "{why:?}");
    }
}
