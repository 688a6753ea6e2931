//! The dashboard's files, inside the binary in release builds and read from disk in debug builds.
//!
//! Never answers a path of the API with a page, and never lets a browser keep an old page.

use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

use crate::guard;
use crate::problem::Failure;

/// The page that reads the path itself.
const INDEX: &str = "index.html";
/// Files in here have a hash of their contents in their names.
const HASHED: &str = "assets/";
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

#[derive(Embed)]
#[folder = "../../dashboards/web/dist"]
struct Dist;

/// Answers every path that no route of the API has.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if guard::is_api(path) {
        return Failure::PathNotFound { path: path.to_owned() }.into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let refused = Failure::MethodNotAllowed { path: path.to_owned() };
        return ([(ALLOW, "GET,HEAD")], refused).into_response();
    }
    let name = path.trim_start_matches('/');
    match Dist::get(name) {
        Some(file) if !name.is_empty() => answer(name, file, &headers),
        // A page for a missing script would only hide that the dashboard was updated.
        _ if name.starts_with(HASHED) => {
            Failure::AssetNotFound { path: path.to_owned() }.into_response()
        }
        _ => match Dist::get(INDEX) {
            Some(file) => answer(INDEX, file, &headers),
            None => Failure::AssetNotFound { path: format!("/{INDEX}") }.into_response(),
        },
    }
}

fn answer(name: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let tag = etag(&file);
    let cache = if name.starts_with(HASHED) { KEEP } else { ASK_AGAIN };
    let known = asked.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let common = [(CACHE_CONTROL, cache), (ETAG, tag)];
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = media_type(&file);
    (common, [(CONTENT_TYPE, kind)], Body::from(file.data)).into_response()
}

fn etag(file: &EmbeddedFile) -> HeaderValue {
    let mut text = String::from("\"");
    for byte in file.metadata.sha256_hash() {
        text.extend(
            [byte >> 4, byte & 0xF]
                .map(|half| char::from_digit(u32::from(half), 16).unwrap_or('0')),
        );
    }
    text.push('"');
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"\""))
}

fn media_type(file: &EmbeddedFile) -> HeaderValue {
    let kind = file.metadata.mimetype();
    let full =
        if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() };
    HeaderValue::from_str(&full).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}
