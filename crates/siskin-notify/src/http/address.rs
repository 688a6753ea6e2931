//! Where a receiver is.

use std::net::IpAddr;

use hyper::Uri;

/// The address of a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Host name or address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the line is encrypted.
    pub is_tls: bool,
    /// Path and query.
    pub path: String,
    /// As the `Host` header says it.
    pub authority: String,
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not `https://host…`. The text is not shown: robots have their secret in it.
    #[error("the address is not one; hint: write https://host/path")]
    Form,
    /// Plain HTTP to another machine.
    #[error("the address is not encrypted; hint: write https, plain http goes to loopback only")]
    Plain,
}

impl Address {
    /// Reads an address. Plain HTTP is for receivers on this machine only.
    pub fn of(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.trim().parse().map_err(|_| AddressError::Form)?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(AddressError::Form),
        };
        let authority = uri.authority().ok_or(AddressError::Form)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || authority.as_str().contains('@') {
            return Err(AddressError::Form);
        }
        let is_here = host == "localhost"
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if !is_tls && !is_here {
            return Err(AddressError::Plain);
        }
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { host, port, is_tls, path, authority: authority.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |text: &str, expected: Result<(&str, u16, &str), AddressError>| {
            let found = Address::of(text);
            let shown = found.as_ref().map(|one| (one.host.as_str(), one.port, one.path.as_str()));
            assert_eq!(shown.map_err(Clone::clone), expected, "{text}");
        };
        check("https://bureau.cn/cap?x=1", Ok(("bureau.cn", 443, "/cap?x=1")));
        check("https://[::1]:8443", Ok(("::1", 8443, "/")));
        check("http://127.0.0.1:80/a", Ok(("127.0.0.1", 80, "/a")));
        check("http://bureau.cn/", Err(AddressError::Plain));
        check("ftp://bureau.cn/", Err(AddressError::Form));
        check("https://a:b@bureau.cn/", Err(AddressError::Form));
        check("bureau", Err(AddressError::Form));
        check("", Err(AddressError::Form));
    }
}
