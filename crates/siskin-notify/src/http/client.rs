//! One POST after the other on one line.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use siskin_model::notify::Tls;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;

use super::address::Address;
use super::trust::{self, TrustError};

/// How long a line may take to open, with TLS.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// How long a receiver may take from the request to the end of its answer.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// What is posted.
#[derive(Debug, Clone)]
pub struct Post {
    /// How; a request without a body is one, too.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Further headers.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Post {
    /// Nothing yet, of this media type.
    pub fn of(media_type: &'static str) -> Self {
        let (path, headers, body) = (String::new(), Vec::new(), Vec::new());
        Self { method: Method::POST, path, media_type, headers, body }
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// A certificate or key cannot be used.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The line could not be opened.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// The line was closed before the request was on it.
    #[error("the line was closed before anything was sent")]
    Unsent,
    /// The line broke before the answer was whole.
    #[error("the line broke: {0}")]
    Broken(String),
    /// Nothing came in time.
    #[error("no answer within {} s", ANSWER_PATIENCE.as_secs())]
    Silent,
}

/// A line to one receiver.
#[derive(Debug)]
pub struct Client {
    address: Address,
    tls: Tls,
    folder: PathBuf,
    line: Option<Line>,
}

/// An open line and the task that drives it; the task ends with the line.
#[derive(Debug)]
struct Line {
    sender: SendRequest<Full<Bytes>>,
    driver: AbortHandle,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Client {
    /// A client whose line is not open yet. Files of `tls` stand in `folder`.
    pub fn new(address: Address, tls: Tls, folder: PathBuf) -> Self {
        Self { address, tls, folder, line: None }
    }

    /// Where it sends to.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Posts and waits for the whole answer. A line that was kept open and closed while nobody
    /// spoke is opened anew; a request that may have reached the receiver is never made again
    /// here, for every try must stand in the book.
    pub async fn post(&mut self, post: &Post) -> Result<Answer, HttpError> {
        if let Some(mut kept) = self.line.take().filter(|line| !line.sender.is_closed()) {
            match self.on(&mut kept, post).await {
                Err(HttpError::Unsent) => {}
                Err(error) => return Err(error),
                Ok(answer) => {
                    self.line = Some(kept);
                    return Ok(answer);
                }
            }
        }
        let mut line = self.open().await?;
        let answer = self.on(&mut line, post).await?;
        self.line = Some(line);
        Ok(answer)
    }

    async fn open(&self) -> Result<Line, HttpError> {
        let opening = tokio::time::timeout(CONNECT_PATIENCE, self.dial());
        let late = |_| HttpError::Connect(format!("nothing in {} s", CONNECT_PATIENCE.as_secs()));
        opening.await.map_err(late)?
    }

    async fn dial(&self) -> Result<Line, HttpError> {
        let failed = |why: &dyn std::fmt::Display| HttpError::Connect(why.to_string());
        // Known before anything is sent: without it no receiver can be trusted.
        let trust =
            if self.address.is_tls { Some(trust::client(&self.tls, &self.folder)?) } else { None };
        let place = (self.address.host.as_str(), self.address.port);
        let stream = TcpStream::connect(place).await.map_err(|why| failed(&why))?;
        stream.set_nodelay(true).map_err(|why| failed(&why))?;
        let Some(trust) = trust else {
            let (sender, driver) =
                handshake(TokioIo::new(stream)).await.map_err(|why| failed(&why))?;
            return Ok(Line { sender, driver: driven(driver) });
        };
        let name = ServerName::try_from(self.address.host.clone()).map_err(|why| failed(&why))?;
        let stream = TlsConnector::from(trust).connect(name, stream).await;
        let stream = stream.map_err(|why| failed(&why))?;
        let (sender, driver) = handshake(TokioIo::new(stream)).await.map_err(|why| failed(&why))?;
        Ok(Line { sender, driver: driven(driver) })
    }

    async fn on(&self, line: &mut Line, post: &Post) -> Result<Answer, HttpError> {
        let request = self.request(post)?;
        let asking = async {
            line.sender.ready().await.map_err(|_| HttpError::Unsent)?;
            let broken = |why: hyper::Error| {
                if why.is_canceled() {
                    HttpError::Unsent
                } else {
                    HttpError::Broken(why.to_string())
                }
            };
            let response = line.sender.send_request(request).await.map_err(broken)?;
            whole(response).await
        };
        tokio::time::timeout(ANSWER_PATIENCE, asking).await.map_err(|_| HttpError::Silent)?
    }

    fn request(&self, post: &Post) -> Result<Request<Full<Bytes>>, HttpError> {
        let mut request = Request::builder()
            .method(&post.method)
            .uri(&post.path)
            .header(HOST, &self.address.authority)
            .header(USER_AGENT, concat!("siskin/", env!("CARGO_PKG_VERSION")));
        if !post.body.is_empty() {
            request = request.header(CONTENT_TYPE, post.media_type);
        }
        for (name, value) in &post.headers {
            request = request.header(name.as_ref(), value);
        }
        let body = Full::new(Bytes::from(post.body.clone()));
        request.body(body).map_err(|why| HttpError::Broken(why.to_string()))
    }
}

fn driven<F>(driver: F) -> AbortHandle
where
    F: Future<Output = Result<(), hyper::Error>> + Send + 'static,
{
    let drive = async {
        // What breaks the line is told by the request that was on it.
        let _ended = driver.await;
    };
    tokio::spawn(drive).abort_handle()
}

/// The answer, if all of it came.
async fn whole(response: Response<hyper::body::Incoming>) -> Result<Answer, HttpError> {
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
    let body = body.map_err(|why| HttpError::Broken(why.to_string()))?;
    Ok(Answer { status, body: body.to_bytes().to_vec() })
}
