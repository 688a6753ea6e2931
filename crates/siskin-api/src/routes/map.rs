//! The map's file: one range of it after the other, as a page asks that reads PMTiles.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE,
    RANGE,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::map::{Asked, Map, MapFault, asked, sending};
use crate::problem::Failure;

/// The file with the ground of the world below the park, or the range of it that is asked for.
///
/// PMTiles, version 3, with vector tiles. One range of bytes a request (RFC 9110); what is no such
/// range is passed over. `If-Range` and `If-None-Match` are compared with the `ETag`.
#[utoipa::path(
    get,
    path = "/map/tiles",
    params(("Range" = Option<String>, Header, description = "For example `bytes=0-16383`")),
    responses(
        (status = 200, description = "The file", content_type = "application/vnd.pmtiles"),
        (status = 206, description = "A range of it", content_type = "application/vnd.pmtiles"),
        (status = 304, description = "It has the tag of `If-None-Match`"),
        (status = 404, description = "The site has no map file"),
        (status = 416, description = "The range lies behind the end"),
        (status = 503, description = "The file cannot be used")
    )
)]
pub(super) async fn tiles(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    let file = app.call(Map::map_file).await?;
    let tag = format!("\"{}\"", file.tag);
    let common = [(ETAG, tag.clone()), (ACCEPT_RANGES, "bytes".to_owned())];
    if text(&headers, &IF_NONE_MATCH) == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let is_same = text(&headers, &IF_RANGE).is_none_or(|known| known == tag);
    let range = text(&headers, &RANGE).filter(|_| is_same);
    let (status, from, len) = match range.map_or(Asked::Whole, |range| asked(range, file.bytes)) {
        Asked::Whole => (StatusCode::OK, 0, file.bytes),
        Asked::Part { from, len } => (StatusCode::PARTIAL_CONTENT, from, len),
        Asked::Beyond => {
            let refused = Failure::from(MapFault::Beyond { bytes: file.bytes });
            let said = [(CONTENT_RANGE, format!("bytes */{}", file.bytes))];
            return Ok((said, refused).into_response());
        }
    };
    let place = app.map_transfer().await?;
    let mut headers = vec![
        (CONTENT_TYPE, "application/vnd.pmtiles".to_owned()),
        (CONTENT_LENGTH, len.to_string()),
    ];
    if status == StatusCode::PARTIAL_CONTENT {
        let last = from + len - 1;
        headers.push((CONTENT_RANGE, format!("bytes {from}-{last}/{}", file.bytes)));
    }
    let body = Body::from_stream(sending(app, &file, (from, len), place));
    let mut answer = (status, common, body).into_response();
    for (name, value) in headers {
        answer.headers_mut().insert(name, value.try_into().map_err(|_| Failure::Internal)?);
    }
    Ok(answer)
}

/// A header that stands there once, as text.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
