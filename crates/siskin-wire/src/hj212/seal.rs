//! The encrypted content of HJ 212-2025 (SM4-128, ECB), as far as it is known.
//!
//! The text form and the fill of blocks were not read in the standard: the site says them. ECB
//! proves nothing about who wrote a block, so what is decrypted must also read as a content before
//! anything is taken of it: a wrong key, text form or fill gives a refusal, never a number.
//! [`Sealer`] is the way up, to a bureau that wants it.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use siskin_model::Text;
use siskin_model::site::{Hj212Logger, Hj212Sm4, Sm4Fill, Sm4Key, Sm4Text};
use sm4::Sm4;
use sm4::cipher::{Array, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};

use super::{Content, Packet};

const BLOCK_BYTES: usize = 16;

/// Why an encrypted content was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Nobody said that it is encrypted.
    #[error(
        "the logger `{mn}` sends encrypted content (SM4), which was not agreed; hint: write \
         `version = \"2025\"` and `sm4 = {{ text = …, fill = … }}` for it, or switch it off there"
    )]
    NotAgreed {
        /// The logger.
        mn: String,
    },
    /// Nobody gave the key.
    #[error(
        "the logger `{mn}` sends encrypted content and its key is not known here; hint: set \
         `SISKIN__HJ212_KEYS__…` as `siskin check` names it"
    )]
    NoKey {
        /// The logger.
        mn: String,
    },
    /// Not in the agreed text form.
    #[error(
        "the encrypted content of the logger `{mn}` is not {form}; \
         hint: try the other `text` of `sm4`"
    )]
    Form {
        /// The logger.
        mn: String,
        /// The agreed form.
        form: &'static str,
    },
    /// Not whole blocks.
    #[error(
        "the encrypted content of the logger `{mn}` has {bytes} bytes, which are no whole blocks \
         of 16; hint: try the other `text` of `sm4`, and ask its maker how blocks are filled"
    )]
    Blocks {
        /// The logger.
        mn: String,
        /// How many bytes.
        bytes: usize,
    },
    /// What came out is none.
    #[error(
        "the content of the logger `{mn}` makes no sense after decryption; \
         hint: compare the key, then `text` and `fill` of `sm4`, with those set at the logger"
    )]
    Nonsense {
        /// The logger.
        mn: String,
    },
}

impl SealError {
    /// The same in both languages.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::NotAgreed { mn } => format!(
                "数采仪“{mn}”发送加密内容（SM4），但站点未约定加密；请为其设置 version = \"2025\" 和 \
                 sm4 = {{ text = …, fill = … }}，或在数采仪上关闭加密"
            ),
            Self::NoKey { mn } => format!(
                "数采仪“{mn}”发送加密内容，但本机没有其密钥；请按 siskin check 的提示设置 \
                 SISKIN__HJ212_KEYS__…"
            ),
            Self::Form { mn, form } => {
                format!("数采仪“{mn}”的加密内容不是 {form}；请改用 sm4 的另一种 text")
            }
            Self::Blocks { mn, bytes } => format!(
                "数采仪“{mn}”的加密内容为 {bytes} 字节，不是 16 字节分组的整数倍；\
                 请改用 sm4 的另一种 text，并向厂家核实填充方式"
            ),
            Self::Nonsense { mn } => format!(
                "数采仪“{mn}”的内容解密后无法识别；请依次核对密钥及 sm4 的 text、fill 与数采仪设置"
            ),
        };
        Text::new(zh, self.to_string())
    }
}

/// Reads the contents of one logger, encrypted or not.
#[derive(Debug, Clone)]
pub struct Opener {
    mn: String,
    agreed: Agreed,
}

#[derive(Debug, Clone)]
enum Agreed {
    Plain,
    NoKey,
    Sealed(Box<Seal>),
}

#[derive(Debug, Clone)]
struct Seal {
    sm4: Sm4,
    text: Sm4Text,
    fill: Sm4Fill,
}

impl Opener {
    /// The opener of what was agreed with a logger.
    pub fn new(logger: &Hj212Logger) -> Self {
        let agreed = match &logger.sm4 {
            None => Agreed::Plain,
            Some(Hj212Sm4 { key: None, .. }) => Agreed::NoKey,
            Some(Hj212Sm4 { text, fill, key: Some(key) }) => {
                let sm4 = Sm4::new(&Array(key.0));
                Agreed::Sealed(Box::new(Seal { sm4, text: *text, fill: *fill }))
            }
        };
        Self { mn: logger.mn.clone(), agreed }
    }

    /// Whether `packet` is in the open though encryption was agreed.
    pub fn is_unsealed(&self, packet: &Packet) -> bool {
        !packet.is_encrypted() && !matches!(self.agreed, Agreed::Plain)
    }

    /// `packet` with a content that can be read: a plain one is as it came.
    pub fn open<'a>(&self, packet: &'a Packet) -> Result<Cow<'a, Packet>, SealError> {
        if !packet.is_encrypted() {
            return Ok(Cow::Borrowed(packet));
        }
        let mn = self.mn.clone();
        let seal = match &self.agreed {
            Agreed::Plain => return Err(SealError::NotAgreed { mn }),
            Agreed::NoKey => return Err(SealError::NoKey { mn }),
            Agreed::Sealed(seal) => seal,
        };
        let Some(mut bytes) = seal.bytes(&packet.cp) else {
            return Err(SealError::Form { mn, form: seal.form() });
        };
        if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK_BYTES) {
            return Err(SealError::Blocks { mn, bytes: bytes.len() });
        }
        seal.decrypt(&mut bytes);
        let content = seal.unfilled(&bytes).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let is_first = packet.part.is_none_or(|part| part.number == 1);
        match content.filter(|content| makes_sense(content, is_first)) {
            Some(content) => Ok(Cow::Owned(Packet { cp: content.to_owned(), ..packet.clone() })),
            None => Err(SealError::Nonsense { mn }),
        }
    }
}

/// Encrypts contents for one bureau.
#[derive(Debug, Clone)]
pub struct Sealer(Seal);

impl Sealer {
    /// As it was agreed with the bureau.
    pub fn new(key: &Sm4Key, text: Sm4Text, fill: Sm4Fill) -> Self {
        Self(Seal { sm4: Sm4::new(&Array(key.0)), text, fill })
    }

    /// The content encrypted; none where blocks are not to be filled and it is no whole ones.
    pub fn seal(&self, cp: &str) -> Option<String> {
        let mut bytes = cp.as_bytes().to_vec();
        let missing = (BLOCK_BYTES - bytes.len() % BLOCK_BYTES) % BLOCK_BYTES;
        let (count, fill) = match self.0.fill {
            Sm4Fill::None if missing > 0 => return None,
            Sm4Fill::None | Sm4Fill::Zero => (missing, 0),
            Sm4Fill::Space => (missing, b' '),
            Sm4Fill::Pkcs7 => {
                let count = if missing == 0 { BLOCK_BYTES } else { missing };
                (count, u8::try_from(count).ok()?)
            }
        };
        bytes.resize(bytes.len() + count, fill);
        for block in bytes.chunks_exact_mut(BLOCK_BYTES) {
            if let Ok(block) = <&mut Array<u8, _>>::try_from(block) {
                self.0.sm4.encrypt_block(block);
            }
        }
        Some(match self.0.text {
            Sm4Text::Base64 => STANDARD.encode(&bytes),
            Sm4Text::Hex => bytes.iter().fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02X}").expect("a string takes what is written");
                text
            }),
        })
    }
}

impl Sealer {
    /// A content that the bureau encrypted; none where it cannot be one: another key, another
    /// form. Must never give a text that only looks like an empty wish.
    pub fn open(&self, cp: &str) -> Option<String> {
        let mut bytes = self.0.bytes(cp)?;
        if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK_BYTES) {
            return None;
        }
        self.0.decrypt(&mut bytes);
        let text = std::str::from_utf8(self.0.unfilled(&bytes)?).ok()?;
        let content = Content::of(text);
        let is_one = has_plain_names(text, &content) && !content.items.is_empty();
        is_one.then(|| text.to_owned())
    }
}

impl Seal {
    fn form(&self) -> &'static str {
        match self.text {
            Sm4Text::Hex => "hex",
            Sm4Text::Base64 => "base64",
        }
    }

    fn bytes(&self, text: &str) -> Option<Vec<u8>> {
        match self.text {
            Sm4Text::Base64 => STANDARD.decode(text).ok(),
            Sm4Text::Hex => {
                let digits = text.chars().map(|c| c.to_digit(16)).collect::<Option<Vec<_>>>()?;
                let byte = |pair: &[u32]| match pair {
                    [high, low] => u8::try_from(high * 16 + low).ok(),
                    _ => None,
                };
                digits.chunks(2).map(byte).collect()
            }
        }
    }

    fn decrypt(&self, bytes: &mut [u8]) {
        for block in bytes.chunks_exact_mut(BLOCK_BYTES) {
            if let Ok(block) = <&mut Array<u8, _>>::try_from(block) {
                self.sm4.decrypt_block(block);
            }
        }
    }

    /// Without what was added to fill the last block; none: it was filled in another way.
    fn unfilled<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let without = |fill: u8| {
            let kept = bytes.iter().rposition(|byte| *byte != fill).map_or(0, |last| last + 1);
            bytes.get(..kept)
        };
        match self.fill {
            Sm4Fill::None => Some(bytes),
            Sm4Fill::Zero => without(0),
            Sm4Fill::Space => without(b' '),
            Sm4Fill::Pkcs7 => {
                let count = *bytes.last()?;
                let size = usize::from(count);
                let (kept, fill) = bytes.split_at_checked(bytes.len().checked_sub(size)?)?;
                let fits = (1..=BLOCK_BYTES).contains(&size) && fill.iter().all(|b| *b == count);
                fits.then_some(kept)
            }
        }
    }
}

/// Whether a decrypted text is a content: fields with plain names, and the time of the data where
/// only a later part may lack it.
fn makes_sense(text: &str, is_first: bool) -> bool {
    let content = Content::of(text);
    let has_time = content.data_time().is_some();
    has_plain_names(text, &content) && (has_time || (!is_first && !content.factors.is_empty()))
}

fn has_plain_names(text: &str, content: &Content<'_>) -> bool {
    let is_plain = |name: &&str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        !name.is_empty() && name.chars().all(fits)
    };
    let names = content.items.keys().chain(content.factors.keys());
    content.broken == 0
        && !text.chars().any(char::is_control)
        && names.copied().all(|name| is_plain(&name))
}

#[cfg(test)]
mod tests;
