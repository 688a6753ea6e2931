//! How the logger encrypts: SM4 in ECB, filled and written as it was told, since the standard's own
//! way is not known here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use siskin_model::site::{Hj212Sm4, Sm4Fill, Sm4Text};
use sm4::Sm4;
use sm4::cipher::{Array, BlockCipherEncrypt as _, KeyInit as _};

/// Bytes of a block.
const BLOCK: usize = 16;

/// Whether content of the command `cn` is encrypted (second-hand: data, key change, information).
pub(super) fn is_sealed(cn: &str) -> bool {
    cn.starts_with('2') || cn == "1014" || cn == "3020"
}

/// `content` as it goes out; a logger without a key sends it as it is.
pub(super) fn seal(content: &str, how: &Hj212Sm4) -> String {
    let Some(key) = &how.key else {
        return content.to_owned();
    };
    let cipher = Sm4::new(&Array(key.0));
    let mut out = Vec::new();
    for chunk in filled(content, how.fill).chunks(BLOCK) {
        let mut block = Array([0; BLOCK]);
        block.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        cipher.encrypt_block(&mut block);
        out.extend_from_slice(&block);
    }
    match how.text {
        Sm4Text::Base64 => STANDARD.encode(out),
        Sm4Text::Hex => hex(&out),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    let pairs = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    pairs.map(|digit| digit.to_ascii_uppercase()).collect()
}

fn filled(content: &str, fill: Sm4Fill) -> Vec<u8> {
    let mut bytes = content.as_bytes().to_vec();
    let missing = (BLOCK - bytes.len() % BLOCK) % BLOCK;
    let (count, byte) = match fill {
        Sm4Fill::Zero => (missing, 0),
        Sm4Fill::Space => (missing, b' '),
        // Whole by itself: items that say nothing.
        Sm4Fill::None => (missing, b';'),
        Sm4Fill::Pkcs7 if missing == 0 => (BLOCK, 16),
        Sm4Fill::Pkcs7 => (missing, u8::try_from(missing).unwrap_or(1)),
    };
    bytes.resize(bytes.len() + count, byte);
    bytes
}

#[cfg(test)]
mod tests {
    use siskin_model::site::Sm4Key;

    use super::*;

    /// Made once with another implementation (`openssl enc -sm4-ecb -nopad`) of the same cipher.
    #[test]
    fn blocks_are_filled_and_written_as_told() {
        let key = Sm4Key::parse("0123456789abcdeffedcba9876543210");
        let of = |text, fill| seal("a=1", &Hj212Sm4 { text, fill, key: key.clone() });
        let none = Hj212Sm4 { text: Sm4Text::Hex, fill: Sm4Fill::Zero, key: None };
        assert_eq!(seal("a=1", &none), "a=1");
        assert_eq!(of(Sm4Text::Hex, Sm4Fill::Zero), "6ED0D8C81EEB55F266467FF3443FB41D");
        assert_eq!(of(Sm4Text::Hex, Sm4Fill::Pkcs7), "4D84C0454E1C610EE0FCC9DB097DD0BB");
        assert_eq!(of(Sm4Text::Base64, Sm4Fill::Space), "Vt7eUcpmQd/kKX/A5k3HPg==");
        assert_eq!(filled("0123456789abcdef", Sm4Fill::Zero).len(), 16);
        assert_eq!(filled("0123456789abcdef", Sm4Fill::Pkcs7).len(), 32);
    }
}
