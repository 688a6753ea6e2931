//! HMAC-SHA256.

use std::fmt::Write as _;

use ring::hmac;

/// The sum of `data` under `key`.
pub(crate) fn sum(key: &[u8], data: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, data).as_ref().to_vec()
}

/// The same in hexadecimal letters.
pub(crate) fn hex_hmac(key: &[u8], data: &[u8]) -> String {
    let mut out = String::with_capacity(64);
    for byte in sum(key, data) {
        let _written = write!(out, "{byte:02x}");
    }
    out
}

/// The signature of a body at a moment: the moment is signed with it, so that an old message
/// cannot be sent again by somebody else for long.
pub(crate) fn signed(secret: &str, at_s: i64, body: &[u8]) -> String {
    let mut data = format!("{at_s}.").into_bytes();
    data.extend_from_slice(body);
    format!("t={at_s},v1={}", hex_hmac(secret.as_bytes(), &data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_case_of_rfc_4231() {
        assert_eq!(
            hex_hmac(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
