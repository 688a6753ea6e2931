//! The one module that speaks to InfluxDB: `POST /api/v2/write`, precision ms, by the crate
//! influxdb2.
//!
//! The crate takes the address's host and port only (a path is replaced), shows neither headers nor
//! a `Retry-After` of an answer, and compresses only what it is given as a stream of points. So a
//! body that is written already goes in as a stream of one point that is the whole body.
//! Must never take anything but 204 for accepted.

use std::io;
use std::time::Duration;

use futures_util::stream;
use influxdb2::api::write::TimestampPrecision;
use influxdb2::models::WriteDataPoint;
use influxdb2::{Client, ClientBuilder, RequestError};

use super::deliver::{Answer, Writer};
use super::{MirrorError, MirrorTarget};

/// How long connecting may take.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long one request may take from its first byte to the answer.
const REQUEST_MAX: Duration = Duration::from_secs(20);
/// How much of an answer's text is kept.
const TEXT_LETTERS_MAX: usize = 500;

/// A client of one target.
#[derive(Debug)]
pub(crate) struct Influx {
    client: Client,
    bucket: String,
}

/// A whole request's lines.
struct Body(String);

impl WriteDataPoint for Body {
    fn write_data_point_to<W: io::Write>(&self, mut to: W) -> io::Result<()> {
        to.write_all(self.0.as_bytes())
    }
}

impl Influx {
    pub(crate) fn new(target: &MirrorTarget) -> Result<Self, MirrorError> {
        let about = |source: &dyn std::fmt::Display| MirrorError::Client {
            name: target.name.clone(),
            why: source.to_string(),
        };
        // influxdb2 panics on an address that is none.
        reqwest::Url::parse(&target.url).map_err(|error| about(&error))?;
        // A proxy of the environment is not where this goes: the target is named in the site.
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_MAX)
            .timeout(REQUEST_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        if let Some(pem) = &target.ca_pem {
            let authority = reqwest::Certificate::from_pem(pem).map_err(|error| about(&error))?;
            http = http.add_root_certificate(authority);
        }
        let token = target.token.clone().unwrap_or_default();
        let mut builder = ClientBuilder::with_builder(http, &target.url, &target.org, token);
        if target.gzip {
            builder = builder.gzip(true);
        }
        let client = builder.build().map_err(|error| about(&chain(&error)))?;
        Ok(Self { client, bucket: target.bucket.clone() })
    }
}

impl Writer for Influx {
    async fn write(&mut self, body: &str) -> Answer {
        let body = stream::iter([Body(body.to_owned())]);
        let precision = TimestampPrecision::Milliseconds;
        match self.client.write_with_precision(&self.bucket, body, precision).await {
            Ok(()) => Answer::Accepted,
            Err(RequestError::Http { status, text }) => {
                let short: String = text.chars().take(TEXT_LETTERS_MAX).collect();
                Answer::of_status(status.as_u16(), short.trim())
            }
            Err(error) => Answer::Later(chain(&error)),
        }
    }
}

/// An error and its causes in one line. Addresses in them have no token: it goes in a header.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        let words = one.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = one.source();
    }
    text.chars().take(TEXT_LETTERS_MAX).collect()
}
