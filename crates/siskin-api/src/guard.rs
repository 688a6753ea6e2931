//! What is checked before every route and put on every answer.
//!
//! Never lets a page of another site act in the name of the person who sits here, and never lets
//! an answer of the API be shown from a cache as if it were live.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::problem::Failure;

/// Scripts and data only from the station itself; the charts set styles inline.
const PAGE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Whether `path` belongs to the API and not to the dashboard.
pub(crate) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Refuses acts that a browser sends for a page of another origin.
pub(crate) async fn refuse_foreign_origin(
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    if !request.method().is_safe()
        && let Some(origin) = request.headers().get(ORIGIN)
        && !is_same_origin(origin, request.headers())
    {
        return Err(Failure::ForeignOrigin);
    }
    Ok(next.run(request).await)
}

/// Sets the headers that the kind of path asks for.
pub(crate) async fn set_headers(request: Request, next: Next) -> Response {
    let api = is_api(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if api {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    } else {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    }
    response
}

/// The scheme is not compared: behind a proxy that speaks TLS the station does not know it.
fn is_same_origin(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let (Ok(origin), Some(host)) = (origin.to_str(), host) else {
        return false;
    };
    let (default_port, authority) = match origin.split_once("://") {
        Some(("http", authority)) => (":80", authority),
        Some(("https", authority)) => (":443", authority),
        _ => return false,
    };
    let bare = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.strip_suffix(default_port).map_or_else(|| text.clone(), str::to_owned)
    };
    !authority.is_empty() && bare(authority) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origin: &str, host: Option<&str>, same: bool) {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        }
        let origin = HeaderValue::from_str(origin).unwrap();
        assert_eq!(is_same_origin(&origin, &headers), same, "{origin:?} at {host:?}");
    }

    #[test]
    fn an_origin_is_the_own_one_or_foreign() {
        check("http://127.0.0.1:8080", Some("127.0.0.1:8080"), true);
        check("http://Park:8080", Some("park:8080"), true);
        check("http://park", Some("park:80"), true);
        check("http://park:80", Some("park"), true);
        check("https://park", Some("park:443"), true);
        check("https://park", Some("park"), true);
        check("http://[::1]:8080", Some("[::1]:8080"), true);
        check("http://127.0.0.1:8081", Some("127.0.0.1:8080"), false);
        check("http://evil.example", Some("park"), false);
        check("http://park.evil.example", Some("park"), false);
        check("https://park:80", Some("park"), false);
        check("null", Some("null"), false);
        check("", Some(""), false);
        check("http://", Some(""), false);
        check("file://park", Some("park"), false);
        check("http://park", None, false);
    }

    #[test]
    fn only_whole_first_segments_are_the_api() {
        assert!(is_api("/api") && is_api("/api/") && is_api("/api/v1/site"));
        assert!(!is_api("/") && !is_api("/apiary") && !is_api("/x/api"));
    }
}
