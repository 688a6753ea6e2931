//! How the station is reached: TCP, TLS where the address says `wss`, then the WebSocket. Must
//! never
//! send the token before the station has proved its name, and never over TLS that nobody checks.

use siskin_model::Text;
use siskin_model::site::BrokerTls;
use siskin_wire::link::FRAME_BYTES_MAX;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Uri};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::{CONNECT_PATIENCE, LinkError, LinkSettings};
use crate::mqtt::tls;

/// A line that may be encrypted.
pub(super) trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

pub(super) type Socket = WebSocketStream<Box<dyn Line>>;

/// Connects within [`CONNECT_PATIENCE`].
pub(super) async fn dial(settings: &LinkSettings) -> Result<Socket, LinkError> {
    let connecting = async {
        let request = request(settings)?;
        let line = line(settings, request.uri()).await?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(FRAME_BYTES_MAX))
            .max_frame_size(Some(FRAME_BYTES_MAX));
        let greeted = client_async_with_config(request, line, Some(config)).await;
        Ok(greeted.map_err(Box::new)?.0)
    };
    let silent = |_| LinkError::Silent(CONNECT_PATIENCE.as_secs());
    tokio::time::timeout(CONNECT_PATIENCE, connecting).await.map_err(silent)?
}

fn request(settings: &LinkSettings) -> Result<Request, LinkError> {
    let bad = || LinkError::Address(settings.station.clone());
    let address = format!("{}/api/v1/link", settings.station.trim_end_matches('/'));
    let mut request = address.into_client_request().map_err(|_| bad())?;
    let bearer = HeaderValue::from_str(&format!("Bearer {}", settings.token)).map_err(|_| bad())?;
    let edge = HeaderValue::from_str(&settings.edge).map_err(|_| bad())?;
    request.headers_mut().insert(AUTHORIZATION, bearer);
    request.headers_mut().insert("siskin-edge", edge);
    Ok(request)
}

async fn line(settings: &LinkSettings, address: &Uri) -> Result<Box<dyn Line>, LinkError> {
    let bad = || LinkError::Address(settings.station.clone());
    let is_tls = address.scheme_str() == Some("wss");
    let host = address.host().ok_or_else(bad)?;
    // An IPv6 address is written in brackets.
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = address.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    // Known before anything is sent: without it no station can be trusted.
    let trust = if is_tls { Some(connector(settings)?) } else { None };
    let broken = |error| LinkError::from(Box::new(Error::Io(error)));
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(broken)?;
    // Frames are small and wait for nothing.
    stream.set_nodelay(true).map_err(broken)?;
    let Some(trust) = trust else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(host).map_err(|_| bad())?;
    match trust.connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(LinkError::Trust(untrusted(&error.to_string()))),
    }
}

/// The file is read each time, so that a renewed certificate needs no restart.
fn connector(settings: &LinkSettings) -> Result<TlsConnector, LinkError> {
    let Some(ca_file) = settings.ca_file.clone() else {
        return Err(LinkError::Trust(Text::new(
            "wss 地址需要 CA 证书文件；请设置 ca_file 或 --ca-file",
            "a wss station needs the file of its certificate authority; \
             hint: set `ca_file` or `--ca-file`",
        )));
    };
    let client = tls::client(&BrokerTls { ca_file, identity: None });
    Ok(TlsConnector::from(client.map_err(LinkError::Trust)?))
}

fn untrusted(error: &str) -> Text {
    Text::new(
        format!("TLS 握手失败（{error}）；请检查 CA 文件、证书中的主机名与有效期、网关时钟"),
        format!(
            "TLS to the station failed: {error}; \
             hint: look at the CA file, the name and dates in the certificate, this clock"
        ),
    )
}
