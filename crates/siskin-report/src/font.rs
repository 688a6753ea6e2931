//! A font with Chinese characters, as bytes that the caller has read: which glyph a character has,
//! how wide it is. None is built in, because none is ours to give away.

use ttf_parser::Face;

/// What a font must have to write a report.
const NEEDED: [char; 4] = ['初', '报', '补', 'A'];

/// Why bytes are no font for reports.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    /// It is no font.
    #[error("the font cannot be read: {0}; hint: name a TrueType or OpenType file")]
    Unreadable(String),
    /// It lacks characters.
    #[error("the font has no character `{0}`; hint: use one with Chinese characters")]
    Lacks(char),
}

/// A font.
pub struct Font {
    bytes: Vec<u8>,
    index: u32,
}

impl std::fmt::Debug for Font {
    /// Without its bytes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Font").field("index", &self.index).finish_non_exhaustive()
    }
}

impl Font {
    /// The first font of a file or collection; it must have Chinese characters.
    pub fn new(bytes: Vec<u8>) -> Result<Self, FontError> {
        let index = 0;
        let face = Face::parse(&bytes, index);
        let face = face.map_err(|error| FontError::Unreadable(error.to_string()))?;
        let lacking = NEEDED.into_iter().find(|needed| face.glyph_index(*needed).is_none());
        if let Some(lacking) = lacking {
            return Err(FontError::Lacks(lacking));
        }
        Ok(Self { bytes, index })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) const fn index(&self) -> u32 {
        self.index
    }

    pub(crate) fn face(&self) -> Face<'_> {
        Face::parse(&self.bytes, self.index).expect("it was parsed when it was made")
    }

    /// How wide a text is at a size.
    pub(crate) fn width(&self, text: &str, size: f64) -> f64 {
        let face = self.face();
        let scale = size / f64::from(face.units_per_em());
        let width = |character| {
            let glyph = face.glyph_index(character).unwrap_or_default();
            f64::from(face.glyph_hor_advance(glyph).unwrap_or(0))
        };
        text.chars().map(width).sum::<f64>() * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_font_say_so() {
        let error = Font::new(b"not a font".to_vec()).unwrap_err();
        assert!(error.to_string().contains("hint: "), "{error}");
    }
}
