//! The body of a DOCX: blocks as WordprocessingML.

use super::{HEAD, OFFICE, WORD, escaped};
use crate::document::{Block, Cell, Document, Span, Tone};
use crate::drawing::Drawing;

/// Twentieths of a point: the width of the text on A4 with margins of 20 mm.
const TEXT_WIDTH: f64 = 9638.0;
/// Rows whose cells have so many paragraphs stay on one page.
const TOGETHER_PARAGRAPHS_MAX: usize = 6;
/// English metric units of a point.
const EMU_PER_POINT: f64 = 12_700.0;

pub(super) fn document(document: &Document) -> String {
    let mut picture = 0;
    let mut text = format!(
        "{HEAD}<w:document xmlns:w=\"{WORD}\" xmlns:r=\"{OFFICE}\" \
         xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
         xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
         xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><w:body>"
    );
    for one in &document.blocks {
        text.push_str(&block(one, &mut picture));
    }
    text.push_str(
        "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"footer\"/>\
         <w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1134\" w:right=\"1134\" \
         w:bottom=\"1134\" w:left=\"1134\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/>\
         </w:sectPr></w:body></w:document>",
    );
    text
}

pub(super) fn footer(line: &str) -> String {
    let field = |name: &str| {
        format!(
            "<w:r><w:rPr><w:sz w:val=\"16\"/></w:rPr><w:fldChar w:fldCharType=\"begin\"/></w:r>\
             <w:r><w:rPr><w:sz w:val=\"16\"/></w:rPr><w:instrText xml:space=\"preserve\"> {name} \
             </w:instrText></w:r><w:r><w:rPr><w:sz w:val=\"16\"/></w:rPr>\
             <w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    let words = |text: &str| run(&Span::quiet(text));
    format!(
        "{HEAD}<w:ftr xmlns:w=\"{WORD}\"><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr>{}{}{}{}{}\
         </w:p></w:ftr>",
        words(&format!("{line}　第 ")),
        field("PAGE"),
        words(" 页，共 "),
        field("NUMPAGES"),
        words(" 页")
    )
}

fn block(block: &Block, picture: &mut usize) -> String {
    match block {
        Block::Title(text) => paragraph("<w:pStyle w:val=\"Title\"/>", &[styled(text)]),
        Block::Subtitle(text) => paragraph("<w:jc w:val=\"center\"/>", &[Span::plain(text)]),
        Block::Heading(text) => paragraph("<w:pStyle w:val=\"Heading1\"/>", &[styled(text)]),
        Block::Paragraph(spans) => paragraph("<w:spacing w:before=\"80\"/>", spans),
        Block::Table { widths, rows } => table(widths, rows),
        Block::Picture { drawing, caption } => {
            *picture += 1;
            format!(
                "<w:p><w:pPr><w:keepNext/><w:spacing w:before=\"120\"/><w:jc w:val=\"center\"/>\
                 </w:pPr><w:r>{}</w:r></w:p>{}",
                drawing_of(*picture, drawing, caption),
                paragraph("<w:jc w:val=\"center\"/>", &[Span::quiet(caption)])
            )
        }
    }
}

/// What the style of its paragraph makes bold.
fn styled(text: &str) -> Span {
    Span::plain(text)
}

fn paragraph(properties: &str, spans: &[Span]) -> String {
    let runs: String = spans.iter().map(run).collect();
    format!("<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>")
}

fn run(span: &Span) -> String {
    let properties = match span.tone {
        Tone::Plain => "",
        Tone::Strong => "<w:rPr><w:b/></w:rPr>",
        Tone::Quiet => "<w:rPr><w:color w:val=\"5F6670\"/><w:sz w:val=\"17\"/></w:rPr>",
        Tone::Missing => {
            "<w:rPr><w:b/><w:color w:val=\"C02828\"/><w:highlight w:val=\"yellow\"/></w:rPr>"
        }
    };
    let text = escaped(&span.text);
    format!("<w:r>{properties}<w:t xml:space=\"preserve\">{text}</w:t></w:r>")
}

fn twips(part: f64) -> String {
    format!("{:.0}", part * TEXT_WIDTH)
}

fn table(widths: &[f64], rows: &[Vec<Cell>]) -> String {
    let edge = |side: &str| {
        format!("<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"8A8F98\"/>")
    };
    let edges: String = ["top", "left", "bottom", "right", "insideH", "insideV"].map(edge).concat();
    let column = |part: &f64| format!("<w:gridCol w:w=\"{}\"/>", twips(*part));
    let columns = widths.iter().map(column).collect::<Vec<_>>().concat();
    let rows: String = (0..).zip(rows).map(|(place, cells)| row(widths, cells, place)).collect();
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{TEXT_WIDTH}\" w:type=\"dxa\"/><w:tblBorders>{edges}\
         </w:tblBorders><w:tblLayout w:type=\"fixed\"/><w:tblCellMar>\
         <w:top w:w=\"40\" w:type=\"dxa\"/><w:left w:w=\"85\" w:type=\"dxa\"/>\
         <w:bottom w:w=\"40\" w:type=\"dxa\"/><w:right w:w=\"85\" w:type=\"dxa\"/>\
         </w:tblCellMar></w:tblPr><w:tblGrid>{columns}</w:tblGrid>\
         {rows}</w:tbl>"
    )
}

/// A row; one with a single cell goes over the whole width.
fn row(widths: &[f64], cells: &[Cell], place: usize) -> String {
    let is_head = place == 0 && cells.iter().all(is_strong);
    let head = if is_head { "<w:tblHeader/>" } else { "" };
    let is_whole = cells.len() == 1 && widths.len() > 1;
    let cell = |(part, cell): (&f64, &Cell)| {
        let shade = if is_head || is_whole {
            "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"EEF1F5\"/>"
        } else {
            ""
        };
        let (width, merged) = if is_whole {
            (twips(1.0), format!("<w:gridSpan w:val=\"{}\"/>", widths.len()))
        } else {
            (twips(*part), String::new())
        };
        let paragraphs: String = cell.iter().map(|spans| paragraph("", spans)).collect();
        format!(
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{merged}{shade}</w:tcPr>\
             {paragraphs}</w:tc>"
        )
    };
    // A short row stays on one page; a long one goes on over it.
    let is_short = cells.iter().all(|cell| cell.len() <= TOGETHER_PARAGRAPHS_MAX);
    let whole = if is_short { "<w:cantSplit/>" } else { "" };
    let cells: String = widths.iter().zip(cells).map(cell).collect();
    format!("<w:tr><w:trPr>{whole}{head}</w:trPr>{cells}</w:tr>")
}

fn is_strong(cell: &Cell) -> bool {
    cell.iter().flatten().all(|span| span.tone == Tone::Strong)
}

fn drawing_of(number: usize, drawing: &Drawing, caption: &str) -> String {
    let emu = |points: f64| format!("{:.0}", points * EMU_PER_POINT);
    let (width, height) = (emu(drawing.width), emu(drawing.height));
    let caption = escaped(caption);
    format!(
        "<w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\">\
         <wp:extent cx=\"{width}\" cy=\"{height}\"/>\
         <wp:docPr id=\"{number}\" name=\"image{number}\" descr=\"{caption}\"/><a:graphic>\
         <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
         <pic:pic><pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"image{number}.png\"/>\
         <pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"image{number}\"/>\
         <a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>\
         <a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm>\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData>\
         </a:graphic></wp:inline></w:drawing>"
    )
}
