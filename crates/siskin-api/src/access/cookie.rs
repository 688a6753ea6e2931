//! The cookie of a session. Scripts cannot read it, and no page of another site makes the browser
//! send it.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

use super::Line;
use crate::people::Secret;

/// By TLS: the prefix keeps the browser from taking it from anybody else.
const NAME_TLS: &str = "__Host-siskin";
/// In the clear the browser would not keep the other one.
const NAME_PLAIN: &str = "siskin";

fn name(line: Line) -> &'static str {
    if line.is_tls { NAME_TLS } else { NAME_PLAIN }
}

/// The session that a request shows.
pub(super) fn session(headers: &HeaderMap, line: Line) -> Option<String> {
    let values = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|text| text.split(';')).filter_map(|one| one.split_once('='));
    let own = pairs.find(|(key, _)| key.trim() == name(line));
    own.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Gives the browser the cookie of a session; it forgets it when it is closed.
pub(crate) fn set(headers: &mut HeaderMap, line: Line, cookie: &Secret) {
    put(headers, line, &cookie.0, "");
}

/// Takes the cookie back.
pub(crate) fn ended(headers: &mut HeaderMap, line: Line) {
    put(headers, line, "", "; Max-Age=0");
}

fn put(headers: &mut HeaderMap, line: Line, value: &str, more: &str) {
    let secure = if line.is_tls { "; Secure" } else { "" };
    let name = name(line);
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}");
    if let Ok(mut value) = HeaderValue::from_str(&text) {
        value.set_sensitive(true);
        headers.append(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TLS: Line =
        Line { remote: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), is_tls: true };

    fn check(cookies: &[&'static str], line: Line, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        for text in cookies {
            headers.append(COOKIE, HeaderValue::from_static(text));
        }
        assert_eq!(session(&headers, line).as_deref(), expected, "{cookies:?}");
    }

    #[test]
    fn the_own_cookie_is_found_among_others() {
        let plain = Line::default();
        check(&["siskin=a.b"], plain, Some("a.b"));
        check(&["lang=zh; siskin=a.b; x"], plain, Some("a.b"));
        check(&["lang=zh", "siskin=a.b"], plain, Some("a.b"));
        check(&["siskin2=a", "siskin="], plain, None);
        check(&[], plain, None);
        check(&["siskin=a.b; __Host-siskin=c.d"], TLS, Some("c.d"));
        check(&["siskin=a.b"], TLS, None);
    }

    #[test]
    fn a_cookie_is_for_this_site_and_for_no_script() {
        let mut headers = HeaderMap::new();
        set(&mut headers, TLS, &Secret("a.b".to_owned()));
        ended(&mut headers, Line::default());
        let texts: Vec<_> =
            headers.get_all(SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
        assert_eq!(
            texts,
            [
                "__Host-siskin=a.b; Path=/; HttpOnly; SameSite=Strict; Secure",
                "siskin=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"
            ]
        );
    }
}
