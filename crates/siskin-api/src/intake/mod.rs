//! Reading what a client sent: ids in paths, queries, JSON bodies, texts of people.
//!
//! Nothing passes here that the backend would have to check again, and every refusal names the
//! place. Never reads more than [`BODY_BYTES_MAX`] (of rules [`RULES_BYTES_MAX`]) or waits longer
//! than [`BODY_WAIT_MAX`].

mod fault;
mod words;

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

pub(crate) use fault::{FieldFault, IntakeFault};
pub(crate) use words::{NOTE_LEN_MAX, line_of_person, named, note_of_person, text_of_person};

/// The largest body that is read; a larger one is refused.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024;
/// The largest rule set that is read.
pub(crate) const RULES_BYTES_MAX: usize = 1024 * 1024;
/// How long a body may take to arrive.
const BODY_WAIT_MAX: Duration = Duration::from_secs(5);

/// The one id in a path.
pub(crate) struct IdOf(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for IdOf {
    type Rejection = IntakeFault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, IntakeFault> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(rejection) => Err(IntakeFault::Path { reason: rejection.body_text() }),
        }
    }
}

/// The two ids in a path.
pub(crate) struct IdsOf(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for IdsOf {
    type Rejection = IntakeFault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, IntakeFault> {
        match Path::<(String, String)>::from_request_parts(parts, state).await {
            Ok(Path((one, other))) => Ok(Self(one, other)),
            Err(rejection) => Err(IntakeFault::Path { reason: rejection.body_text() }),
        }
    }
}

/// The query of a request.
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = IntakeFault;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, IntakeFault> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => {
                let text = rejection.body_text();
                let reason =
                    text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
                Err(IntakeFault::query(reason))
            }
        }
    }
}

/// The JSON body of a request. Asking for the media type also keeps out what a page of another
/// site may send without the browser asking first.
/// Where more than [`BODY_BYTES_MAX`] is allowed, the route's layer says the same number.
pub(crate) struct BodyOf<T, const BYTES_MAX: usize = BODY_BYTES_MAX>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned, const BYTES_MAX: usize> FromRequest<S>
    for BodyOf<T, BYTES_MAX>
{
    type Rejection = IntakeFault;

    async fn from_request(request: Request, state: &S) -> Result<Self, IntakeFault> {
        if !is_json(request.headers()) {
            return Err(IntakeFault::NotJson);
        }
        let receive = Bytes::from_request(request, state);
        match tokio::time::timeout(BODY_WAIT_MAX, receive).await {
            Err(_elapsed) => Err(IntakeFault::TooSlow { seconds: BODY_WAIT_MAX.as_secs() }),
            Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(IntakeFault::TooLarge { bytes_max: BYTES_MAX })
            }
            Ok(Err(rejection)) => Err(IntakeFault::Broken { reason: rejection.body_text() }),
            Ok(Ok(bytes)) => parse(&bytes).map(Self),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next());
    media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, IntakeFault> {
    let json = |error: &serde_json::Error| IntakeFault::Json { reason: error.to_string() };
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut source).map_err(|error| {
        if error.inner().is_data() {
            let path = error.path().to_string();
            IntakeFault::Body {
                // The path of the whole body is a dot, which tells a reader nothing.
                field: if path == "." { "body".to_owned() } else { path },
                reason: error.inner().to_string(),
            }
        } else {
            json(error.inner())
        }
    })?;
    source.end().map_err(|error| json(&error))?;
    Ok(value)
}

#[cfg(test)]
mod tests;
