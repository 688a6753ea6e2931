//! A document as DOCX: the few parts of Office Open XML (ECMA-376) that a report needs, written as
//! text. The same document gives the same bytes: entries of the archive have a fixed date.

mod body;

use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use crate::RenderError;
use crate::document::{Block, Document};
use crate::drawing::png;
use crate::font::Font;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// The document as a DOCX; `font` draws the words of its pictures.
pub fn docx(document: &Document, font: &Font) -> Result<Vec<u8>, RenderError> {
    let mut pictures = Vec::new();
    for block in &document.blocks {
        if let Block::Picture { drawing, .. } = block {
            pictures.push(png(drawing, font)?);
        }
    }
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", package_relations()),
        ("docProps/core.xml", core(&document.title)),
        ("word/document.xml", body::document(document)),
        ("word/_rels/document.xml.rels", relations(pictures.len())),
        ("word/styles.xml", styles()),
        ("word/footer1.xml", body::footer(&document.footer)),
    ];
    for (name, text) in parts {
        put(&mut archive, name, text.as_bytes())?;
    }
    for (number, bytes) in (1..).zip(&pictures) {
        put(&mut archive, &format!("word/media/image{number}.png"), bytes)?;
    }
    let done = archive.finish().map_err(|error| RenderError::Pack(error.to_string()))?;
    Ok(done.into_inner())
}

fn put(
    archive: &mut ZipWriter<Cursor<Vec<u8>>>,
    name: &str,
    bytes: &[u8],
) -> Result<(), RenderError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    archive.start_file(name, options).map_err(|error| RenderError::Pack(error.to_string()))?;
    archive.write_all(bytes).map_err(|error| RenderError::Pack(error.to_string()))
}

/// A text for XML: its marks escaped, and what XML 1.0 has no character for replaced.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            control if control < ' ' || matches!(control, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}');
            }
            other => out.push(other),
        }
    }
    out
}

fn content_types() -> String {
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Default Extension=\"png\" ContentType=\"image/png\"/>\
         <Override PartName=\"/word/document.xml\" ContentType=\"{word}.document.main+xml\"/>\
         <Override PartName=\"/word/styles.xml\" ContentType=\"{word}.styles+xml\"/>\
         <Override PartName=\"/word/footer1.xml\" ContentType=\"{word}.footer+xml\"/>\
         <Override PartName=\"/docProps/core.xml\" \
         ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>"
    )
}

fn package_relations() -> String {
    format!(
        "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" \
         Target=\"word/document.xml\"/>\
         <Relationship Id=\"rId2\" \
         Type=\"{PACKAGE}/relationships/metadata/core-properties\" \
         Target=\"docProps/core.xml\"/></Relationships>"
    )
}

fn core(title: &str) -> String {
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title>\
         <dc:creator>黄雀 Siskin</dc:creator><dc:language>zh-CN</dc:language>\
         </cp:coreProperties>",
        escaped(title)
    )
}

fn relations(pictures: usize) -> String {
    let picture = |number: usize| {
        format!(
            "<Relationship Id=\"image{number}\" Type=\"{OFFICE}/image\" \
             Target=\"media/image{number}.png\"/>"
        )
    };
    let pictures = (1..=pictures).map(picture).collect::<Vec<_>>().concat();
    format!(
        "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">\
         <Relationship Id=\"styles\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/>\
         <Relationship Id=\"footer\" Type=\"{OFFICE}/footer\" Target=\"footer1.xml\"/>\
         {pictures}</Relationships>"
    )
}

/// 宋体 for text and 黑体 for headings are on every machine of an office in China; another one takes
/// what it has.
fn styles() -> String {
    let fonts = |name: &str| {
        format!("<w:rFonts w:ascii=\"{name}\" w:hAnsi=\"{name}\" w:eastAsia=\"{name}\"/>")
    };
    let (song, hei) = (fonts("宋体"), fonts("黑体"));
    let style = |id: &str, name: &str, paragraph: &str, half_points: u32| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/>\
             <w:basedOn w:val=\"Normal\"/><w:pPr>{paragraph}</w:pPr><w:rPr>{hei}<w:b/>\
             <w:sz w:val=\"{half_points}\"/></w:rPr></w:style>"
        )
    };
    let title = style("Title", "Title", "<w:spacing w:after=\"120\"/><w:jc w:val=\"center\"/>", 36);
    let heading = style(
        "Heading1",
        "heading 1",
        "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"120\"/><w:outlineLvl w:val=\"0\"/>",
        26,
    );
    format!(
        "{HEAD}<w:styles xmlns:w=\"{WORD}\"><w:docDefaults><w:rPrDefault><w:rPr>{song}\
         <w:sz w:val=\"21\"/><w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr>\
         </w:rPrDefault></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" \
         w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>{title}{heading}</w:styles>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_breaks_the_xml() {
        let check = |text, expected| assert_eq!(escaped(text), expected);
        check("a<b> & \"c\"", "a&lt;b&gt; &amp; &quot;c&quot;");
        check("一\u{1}二\n三", "一\u{fffd}二 三");
    }
}
