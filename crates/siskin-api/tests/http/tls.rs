//! The server over TLS: both versions, renewal without a cut, and clients that do not speak it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use siskin_api::{Certificate, ShownCertificate, Transport, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::fake::Station;

/// An authority, and a server that shows a certificate of it.
struct Bench {
    folder: tempfile::TempDir,
    shown: Arc<ShownCertificate>,
    address: SocketAddr,
    station: Station,
    server: JoinHandle<std::io::Result<()>>,
}

/// A new certificate for `localhost` by the authority in `folder`.
fn certificate(folder: &Path) -> Certificate {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/mosquitto/make-certs.sh");
    let done = Command::new("sh").arg(script).arg(folder).arg("localhost").output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let made = Certificate::from_pem(&read("server.crt"), &read("server.key")).unwrap();
    std::fs::remove_file(folder.join("server.key")).unwrap();
    made
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shown = Arc::new(ShownCertificate::new(certificate(folder.path())));
        let station = Station::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let transport = Transport::Tls(Arc::clone(&shown));
        let serving = serve(listener, transport, station.router.clone(), station.stop.clone());
        let server = tokio::spawn(serving);
        Self { folder, shown, address, station, server }
    }

    async fn connect(&self, version: &'static SupportedProtocolVersion) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_file(self.folder.path().join("ca.crt")).unwrap();
        roots.add(authority).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let tcp = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap()
    }

    async fn stop(self) {
        self.station.stop.cancel();
        self.server.await.unwrap().unwrap();
    }
}

/// Asks for the health and reads until its end.
async fn ask(line: &mut TlsStream<TcpStream>) -> String {
    line.write_all(
        b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer viewer\r\n\r\n",
    )
    .await
    .unwrap();
    let mut text = String::new();
    while !is_whole(&text) {
        let mut piece = [0; 1024];
        let count = line.read(&mut piece).await.unwrap();
        assert_ne!(count, 0, "ended after {text}");
        text.push_str(std::str::from_utf8(&piece[..count]).unwrap());
    }
    text
}

/// Whether an answer is there with all of its body.
fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.unwrap().parse().unwrap()
}

/// The certificate that was shown.
fn seen(line: &TlsStream<TcpStream>) -> Vec<u8> {
    line.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn both_versions_are_spoken_and_http_1_1_is_agreed_on() {
    let bench = Bench::new().await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut line = bench.connect(version).await;
        assert_eq!(line.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
        assert_eq!(line.get_ref().1.protocol_version(), Some(version.version));
        for _ in 0..2 {
            assert!(ask(&mut line).await.starts_with("HTTP/1.1 200 OK\r\n"));
        }
    }
    bench.stop().await;
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_new_clients_and_cuts_no_other() {
    let bench = Bench::new().await;
    let mut old = bench.connect(&rustls::version::TLS13).await;
    ask(&mut old).await;
    bench.shown.replace(certificate(bench.folder.path()));
    let mut new = bench.connect(&rustls::version::TLS13).await;
    assert_ne!(seen(&old), seen(&new));
    ask(&mut old).await;
    ask(&mut new).await;
    bench.stop().await;
}

#[tokio::test]
async fn a_client_that_speaks_in_the_clear_is_hung_up_on() {
    let bench = Bench::new().await;
    let mut tcp = TcpStream::connect(bench.address).await.unwrap();
    tcp.write_all(
        b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer viewer\r\n\r\n",
    )
    .await
    .unwrap();
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ended = tcp.read_to_end(&mut answer).await;
    assert!(!answer.windows(4).any(|part| part == b"HTTP"), "{answer:?}");
    ask(&mut bench.connect(&rustls::version::TLS13).await).await;
    bench.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_finishes_its_handshake_is_left() {
    let bench = Bench::new().await;
    let begun = tokio::time::Instant::now();
    let mut silent = TcpStream::connect(bench.address).await.unwrap();
    assert_eq!(silent.read(&mut [0; 1]).await.unwrap(), 0);
    assert_eq!(begun.elapsed().as_secs(), 10);
    bench.stop().await;
}

#[tokio::test]
async fn clients_that_say_nothing_hold_up_neither_others_nor_the_stop() {
    let bench = Bench::new().await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(bench.address).await.unwrap());
    }
    ask(&mut bench.connect(&rustls::version::TLS13).await).await;
    bench.stop().await;
    for mut tcp in silent {
        assert_eq!(tcp.read(&mut [0; 1]).await.unwrap(), 0);
    }
}
