//! The font inside a PDF: only the characters that are used, with their widths, and the way back
//! from glyphs to characters, so that the text can be searched and copied.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, name_id};

use super::narrow;
use crate::RenderError;
use crate::font::Font;

/// The six letters that PDF wants before the name of a font of which a part is embedded.
const TAG: &str = "SISKIN+";
/// The name of a font that has none.
const NAMELESS: &str = "Report";
const CMAP: Name<'static> = Name(b"Siskin");
const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The objects of a font.
pub(super) struct Refs {
    pub(super) font: Ref,
    cid: Ref,
    descriptor: Ref,
    data: Ref,
    cmap: Ref,
}

impl Refs {
    /// How many there are.
    pub(super) const COUNT: i32 = 5;

    pub(super) fn from(first: i32) -> Self {
        Self {
            font: Ref::new(first),
            cid: Ref::new(first + 1),
            descriptor: Ref::new(first + 2),
            data: Ref::new(first + 3),
            cmap: Ref::new(first + 4),
        }
    }
}

/// The part of a font that a document uses.
pub(super) struct Embedded {
    /// Its name: programs that edit a PDF take the font of the machine with this name.
    name: String,
    /// The number of each character in the part.
    glyphs: BTreeMap<char, u16>,
    /// The width of each number, in thousandths of the size.
    widths: BTreeMap<u16, f32>,
    data: Vec<u8>,
    is_cff: bool,
    metrics: Metrics,
}

struct Metrics {
    bbox: Rect,
    ascent: f32,
    descent: f32,
    cap_height: f32,
}

impl Embedded {
    pub(super) fn new<'a>(
        font: &Font,
        texts: impl Iterator<Item = &'a str>,
    ) -> Result<Self, RenderError> {
        let face = font.face();
        let thousandths = 1000.0 / f32::from(face.units_per_em());
        let mut remapper = GlyphRemapper::new();
        let (mut glyphs, mut widths) = (BTreeMap::new(), BTreeMap::new());
        for character in texts.flat_map(str::chars) {
            if glyphs.contains_key(&character) {
                continue;
            }
            let glyph = face.glyph_index(character).unwrap_or_default();
            let number = remapper.remap(glyph.0);
            let width = face.glyph_hor_advance(glyph).unwrap_or(0);
            glyphs.insert(character, number);
            widths.insert(number, f32::from(width) * thousandths);
        }
        let data = subsetter::subset(font.bytes(), font.index(), &remapper);
        let data = data.map_err(|error| RenderError::Subset(error.to_string()))?;
        let scaled = |value: i16| f32::from(value) * thousandths;
        let bbox = face.global_bounding_box();
        let metrics = Metrics {
            bbox: Rect::new(
                scaled(bbox.x_min),
                scaled(bbox.y_min),
                scaled(bbox.x_max),
                scaled(bbox.y_max),
            ),
            ascent: scaled(face.ascender()),
            descent: scaled(face.descender()),
            cap_height: scaled(face.capital_height().unwrap_or(face.ascender())),
        };
        Ok(Self {
            name: name_of(&face),
            glyphs,
            widths,
            data,
            is_cff: face.tables().cff.is_some(),
            metrics,
        })
    }

    /// A text as the numbers of its glyphs.
    pub(super) fn encoded(&self, text: &str) -> Vec<u8> {
        let number = |character| self.glyphs.get(&character).copied().unwrap_or(0);
        text.chars().map(number).flat_map(u16::to_be_bytes).collect()
    }

    pub(super) fn write(&self, pdf: &mut Pdf, refs: &Refs) {
        let name = Name(self.name.as_bytes());
        pdf.type0_font(refs.font)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(refs.cid)
            .to_unicode(refs.cmap);
        let mut cid = pdf.cid_font(refs.cid);
        cid.subtype(if self.is_cff { CidFontType::Type0 } else { CidFontType::Type2 });
        cid.base_font(name).system_info(IDENTITY).font_descriptor(refs.descriptor);
        cid.default_width(1000.0);
        if !self.is_cff {
            cid.cid_to_gid_map_predefined(Name(b"Identity"));
        }
        let mut widths = cid.widths();
        for (number, width) in &self.widths {
            widths.same(*number, *number, *width);
        }
        widths.finish();
        cid.finish();
        let mut descriptor = pdf.font_descriptor(refs.descriptor);
        descriptor
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(self.metrics.bbox)
            .italic_angle(0.0)
            .ascent(self.metrics.ascent)
            .descent(self.metrics.descent)
            .cap_height(self.metrics.cap_height)
            .stem_v(narrow(80.0));
        if self.is_cff {
            descriptor.font_file3(refs.data);
        } else {
            descriptor.font_file2(refs.data);
        }
        descriptor.finish();
        let data = packed(&self.data);
        let mut stream = pdf.stream(refs.data, &data);
        stream.filter(Filter::FlateDecode);
        if self.is_cff {
            stream.pair(Name(b"Subtype"), Name(b"OpenType"));
        }
        stream.finish();
        let mut cmap = UnicodeCmap::new(CMAP, IDENTITY);
        for (character, number) in &self.glyphs {
            cmap.pair(*number, *character);
        }
        let cmap = packed(&cmap.finish());
        pdf.stream(refs.cmap, &cmap).filter(Filter::FlateDecode);
    }
}

/// The name that PostScript has for a font, with the tag of a part of it.
fn name_of(face: &Face<'_>) -> String {
    let is_name = |name: &ttf_parser::name::Name<'_>| name.name_id == name_id::POST_SCRIPT_NAME;
    let named = face.names().into_iter().filter(is_name).find_map(|name| name.to_string());
    let plain = |name: String| -> String {
        name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
    };
    let name = named.map(plain).filter(|name| !name.is_empty());
    format!("{TAG}{}", name.as_deref().unwrap_or(NAMELESS))
}

/// Compressed for a stream.
pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = packer.write_all(bytes);
    written.and_then(|()| packer.finish()).expect("memory takes all that is written")
}
