//! The link over TLS: a station that proves its name gets the greeting and the token, one of
//! another authority or another name gets nothing.

#![allow(clippy::unwrap_used, clippy::result_large_err, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use siskin_collect::link::{self, LinkSettings, SharedAlarms, SharedSiren, SharedStatus};
use siskin_collect::spool::{Policy, SharedSpool, Spool, SpoolSettings};
use siskin_model::Timestamp;
use siskin_wire::link::Frame;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(30);

/// An authority and a certificate for `name` in `folder`.
fn certificates(folder: &Path, name: &str) -> Arc<ServerConfig> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/mosquitto/make-certs.sh");
    let done = Command::new("sh").arg(script).arg(folder).arg(name).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let chain = CertificateDer::pem_file_iter(folder.join("server.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key);
    Arc::new(config.unwrap())
}

/// Starts a link to `port` that trusts the authority in `ca`; gives its status.
fn start(folder: &Path, port: u16, ca: Option<&Path>, stop: &CancellationToken) -> SharedStatus {
    let settings = SpoolSettings {
        folder: folder.join("spool"),
        bytes_max: 1 << 20,
        policy: Policy::DropOldest,
        channels: Vec::new(),
        highs: BTreeMap::new(),
        entropy: 7,
    };
    let spool = SharedSpool::new(Spool::open(settings).unwrap());
    let settings = LinkSettings {
        station: format!("wss://localhost:{port}"),
        ca_file: ca.map(|ca| ca.join("ca.crt").display().to_string()),
        edge: "gw-1".into(),
        token: "secret".into(),
        site: "park".into(),
        boot_id: "boot".into(),
        analyzers: Vec::new(),
        alarms: SharedAlarms::default(),
        siren: SharedSiren::default(),
    };
    let status = SharedStatus::default();
    let clock: siskin_collect::Clock = Arc::new(|| Timestamp::from_millis(1_000));
    tokio::spawn(link::run(settings, spool, status.clone(), clock, stop.clone()));
    status
}

#[tokio::test]
async fn a_station_that_proves_its_name_is_greeted() {
    let folder = tempfile::tempdir().unwrap();
    let server = certificates(folder.path(), "localhost");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stop = CancellationToken::new();
    start(folder.path(), port, Some(folder.path()), &stop);
    let greeted = async {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = TlsAcceptor::from(server).accept(stream).await.unwrap();
        let look = |request: &Request, response: Response| {
            assert_eq!(request.headers()["authorization"], "Bearer secret");
            Ok(response)
        };
        let mut socket = tokio_tungstenite::accept_hdr_async(stream, look).await.unwrap();
        Frame::decode(&socket.next().await.unwrap().unwrap().into_data()).unwrap()
    };
    let greeting = tokio::time::timeout(PATIENCE, greeted).await.unwrap();
    assert!(matches!(greeting, Frame::Hello(hello) if hello.edge == "gw-1"));
    stop.cancel();
}

/// The handshake fails on the station's side, and the edge says why with `want`.
async fn check_refused(name: &str, has_other_authority: bool, want: &str) {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = certificates(folder.path(), name);
    certificates(other.path(), "localhost");
    let trusted = if has_other_authority { other.path() } else { folder.path() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stop = CancellationToken::new();
    let status = start(folder.path(), port, Some(trusted), &stop);
    // The second attempt comes after the first one has been told.
    for _ in 0..2 {
        let (stream, _) = tokio::time::timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
        let accepted = TlsAcceptor::from(Arc::clone(&server)).accept(stream).await;
        assert!(accepted.is_err(), "{name} was trusted");
    }
    let error = status.get().last_error.unwrap();
    assert!(
        error.contains(want) && error.contains("hint:") && error.contains("TLS 握手失败"),
        "{error}"
    );
    stop.cancel();
}

#[tokio::test]
async fn another_authority_or_another_name_is_not_trusted() {
    check_refused("localhost", true, "invalid peer certificate: BadSignature").await;
    check_refused("elsewhere.example", false, "not valid for").await;
}
