//! SM4 of HJ 212-2025: what of it the standard's text at hand leaves open, as settings.
//!
//! The text form of an encrypted content and the way it is brought to whole blocks were not read in
//! the standard itself, so neither has a default. Must never show a key.

/// How a logger encrypts the content of its data (SM4-128, ECB).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hj212Sm4 {
    /// How the bytes are written between the `&&`.
    pub text: Sm4Text,
    /// How the content is brought to whole blocks.
    pub fill: Sm4Fill,
    /// None: this machine does not know it, and encrypted content is refused.
    pub key: Option<Sm4Key>,
}

/// How encrypted bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sm4Text {
    /// Two hex digits a byte; upper and lower case are the same.
    Hex,
    /// The standard alphabet with `=` at the end (RFC 4648, 4).
    Base64,
}

/// How a content is brought to blocks of 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sm4Fill {
    /// It is not: the logger sends whole blocks by itself.
    None,
    /// By zero bytes at its end.
    Zero,
    /// By spaces at its end.
    Space,
    /// By bytes that say how many they are (RFC 5652, 6.3); always at least one.
    Pkcs7,
}

/// A key of 128 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Sm4Key(pub [u8; 16]);

impl Sm4Key {
    /// Reads 32 hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<_>>>()?;
        let byte = |pair: &[u32]| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        };
        let bytes = digits.chunks(2).map(byte).collect::<Option<Vec<_>>>()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl std::fmt::Debug for Sm4Key {
    /// Without the key: it must not come into a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sm4Key").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_32_hex_digits_and_never_shown() {
        let key = Sm4Key::parse("0123456789abcdefFEDCBA9876543210").unwrap();
        assert_eq!((key.0[0], key.0[7], key.0[8], key.0[15]), (0x01, 0xEF, 0xFE, 0x10));
        assert_eq!(format!("{key:?}"), "Sm4Key { .. }");
        let short = "0123456789abcdeffedcba987654321";
        for text in ["", "00", short, &format!("{short}g"), &format!("{short}00"), "０"] {
            assert_eq!(Sm4Key::parse(text), None, "{text}");
        }
    }
}
