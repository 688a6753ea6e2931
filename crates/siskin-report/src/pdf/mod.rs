//! A document as PDF on A4 with its font embedded, so that it looks the same everywhere and its
//! text can be searched. The same document gives the same bytes: no date and no random id stand in
//! it.

mod embed;
mod flow;
mod lines;
mod table;

use pdf_writer::types::TextRenderingMode;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use crate::RenderError;
use crate::document::Document;
use crate::drawing::{Anchor, Ink, Shape};
use crate::font::Font;
use embed::Embedded;

/// A4 in points.
const WIDTH: f64 = 595.28;
const HEIGHT: f64 = 841.89;
const FONT: Name<'static> = Name(b"F");

/// A shape on a page and whether it is bold.
struct Mark {
    shape: Shape,
    is_strong: bool,
}

/// The marks of a page, the lowest first.
type Page = Vec<Mark>;

/// The document as a PDF.
pub fn pdf(document: &Document, font: &Font) -> Result<Vec<u8>, RenderError> {
    let pages = flow::pages(document, font);
    let embedded = Embedded::new(font, pages.iter().flatten().filter_map(text_of))?;
    let mut pdf = Pdf::new();
    let (catalog, tree, info) = (Ref::new(1), Ref::new(2), Ref::new(3));
    let fonts = embed::Refs::from(4);
    let first = 4 + embed::Refs::COUNT;
    let page_refs: Vec<(Ref, Ref)> = (0_i32..)
        .take(pages.len())
        .map(|place| (Ref::new(first + 2 * place), Ref::new(first + 2 * place + 1)))
        .collect();
    pdf.catalog(catalog).pages(tree).lang(TextStr("zh-CN"));
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(page_refs.iter().map(|(page, _)| *page)).count(count);
    pdf.document_info(info)
        .title(TextStr(&document.title))
        .creator(TextStr("黄雀 Siskin"))
        .producer(TextStr("siskin-report"));
    for (marks, (page_ref, content_ref)) in pages.iter().zip(&page_refs) {
        let mut page = pdf.page(*page_ref);
        page.media_box(Rect::new(0.0, 0.0, narrow(WIDTH), narrow(HEIGHT)));
        page.parent(tree).contents(*content_ref);
        page.resources().fonts().pair(FONT, fonts.font);
        page.finish();
        let content = embed::packed(&content(marks, font, &embedded));
        pdf.stream(*content_ref, &content).filter(Filter::FlateDecode);
    }
    embedded.write(&mut pdf, &fonts);
    Ok(pdf.finish())
}

fn text_of(mark: &Mark) -> Option<&str> {
    match &mark.shape {
        Shape::Text { text, .. } => Some(text),
        _ => None,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "points of a page, of which f32 has plenty")]
fn narrow(value: f64) -> f32 {
    value as f32
}

fn part(colour: u8) -> f32 {
    f32::from(colour) / 255.0
}

fn content(marks: &[Mark], font: &Font, embedded: &Embedded) -> Vec<u8> {
    let mut content = Content::new();
    for mark in marks {
        put(&mut content, mark, font, embedded);
    }
    content.finish().to_vec()
}

/// From the top left corner to that of PDF.
fn at((x, y): (f64, f64)) -> (f32, f32) {
    (narrow(x), narrow(HEIGHT - y))
}

fn path(content: &mut Content, points: &[(f64, f64)]) {
    for (place, point) in points.iter().enumerate() {
        let (x, y) = at(*point);
        if place == 0 {
            content.move_to(x, y)
        } else {
            content.line_to(x, y)
        };
    }
}

fn put(content: &mut Content, mark: &Mark, font: &Font, embedded: &Embedded) {
    let stroke = |content: &mut Content, Ink(r, g, b): Ink| {
        content.set_stroke_rgb(part(r), part(g), part(b));
    };
    let fill = |content: &mut Content, Ink(r, g, b): Ink| {
        content.set_fill_rgb(part(r), part(g), part(b));
    };
    match &mark.shape {
        Shape::Line { points, ink, width, dashed } => {
            stroke(content, *ink);
            content.set_line_width(narrow(*width));
            let dash: &[f32] = if *dashed { &[4.0, 3.0] } else { &[] };
            content.set_dash_pattern(dash.iter().copied(), 0.0);
            path(content, points);
            content.stroke();
        }
        Shape::Area { points, fill: inside, edge } => {
            content.set_line_width(0.8);
            content.set_dash_pattern([], 0.0);
            if let Some(ink) = inside {
                fill(content, *ink);
                path(content, points);
                content.close_path().fill_nonzero();
            }
            if let Some(ink) = edge {
                stroke(content, *ink);
                path(content, points);
                content.close_and_stroke();
            }
        }
        Shape::Text { x, y, size, anchor, ink, text } => {
            let x = match anchor {
                Anchor::Start => *x,
                Anchor::Middle => x - font.width(text, *size) / 2.0,
                Anchor::End => x - font.width(text, *size),
            };
            fill(content, *ink);
            stroke(content, *ink);
            let (x, y) = at((x, *y));
            content.begin_text().set_font(FONT, narrow(*size));
            // One weight of the font: a thin line around the characters makes them bold.
            let mode = if mark.is_strong {
                TextRenderingMode::FillStroke
            } else {
                TextRenderingMode::Fill
            };
            content.set_line_width(0.25).set_text_rendering_mode(mode);
            content.set_dash_pattern([], 0.0);
            content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, y]);
            content.show(Str(&embedded.encoded(text))).end_text();
        }
    }
}
