//! Blocks one below the other, on as many pages as they need. Nothing is left out: what does not
//! fit goes to the next page.

use super::lines::{Measure, SetLine, size_of};
use super::{HEIGHT, Mark, Page, WIDTH, table};
use crate::document::{Block, Document, Span, Tone};
use crate::drawing::{Anchor, Drawing, Ink, Shape};
use crate::font::Font;

/// 20 mm.
pub(super) const MARGIN: f64 = 56.7;
pub(super) const TEXT_WIDTH: f64 = WIDTH - 2.0 * MARGIN;
const BOTTOM: f64 = HEIGHT - MARGIN - 6.0;
/// The size of text.
const SIZE: f64 = 10.0;
/// The height of a line as a part of the size of its text.
pub(super) const LEADING: f64 = 1.45;

/// Pages as they fill up.
pub(super) struct Flow<'a> {
    pub(super) measure: Measure<'a>,
    pages: Vec<Page>,
    /// How far down the page is used.
    pub(super) y: f64,
}

pub(super) fn pages(document: &Document, font: &Font) -> Vec<Page> {
    let mut flow = Flow { measure: Measure::new(font), pages: vec![Vec::new()], y: MARGIN };
    for (place, block) in document.blocks.iter().enumerate() {
        flow.block(block, document.blocks.get(place + 1));
    }
    let count = flow.pages.len();
    for (number, page) in (1..).zip(&mut flow.pages) {
        let text = format!("{}　第 {number} 页，共 {count} 页", document.footer);
        let (x, y) = (WIDTH / 2.0, HEIGHT - MARGIN / 2.0);
        let (size, anchor, ink) = (8.0, Anchor::Middle, Ink::GREY);
        page.push(Mark { shape: Shape::Text { x, y, size, anchor, ink, text }, is_strong: false });
    }
    flow.pages
}

impl Flow<'_> {
    fn block(&mut self, block: &Block, next: Option<&Block>) {
        match block {
            Block::Title(text) => self.centred(text, 18.0, true),
            Block::Subtitle(text) => self.centred(text, SIZE, false),
            Block::Heading(text) => {
                // A heading goes with what it heads.
                let follows = match next {
                    Some(Block::Picture { drawing, .. }) => drawing.height + 30.0,
                    _ => 60.0,
                };
                self.need(24.0 + follows);
                self.y += 10.0;
                self.paragraph(&[Span::strong(text)], 12.5);
                self.y += 3.0;
            }
            Block::Paragraph(spans) => {
                self.y += 4.0;
                self.paragraph(spans, SIZE);
            }
            Block::Table { widths, rows } => table::put(self, widths, rows),
            Block::Picture { drawing, caption } => self.picture(drawing, caption),
        }
    }

    /// What is left of the page.
    pub(super) fn left(&self) -> f64 {
        BOTTOM - self.y
    }

    /// A new page, where less than `height` is left.
    pub(super) fn need(&mut self, height: f64) {
        if height > self.left() {
            self.turn();
        }
    }

    /// A new page.
    pub(super) fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = MARGIN;
    }

    pub(super) fn put(&mut self, shape: Shape, is_strong: bool) {
        if let Some(page) = self.pages.last_mut() {
            page.push(Mark { shape, is_strong });
        }
    }

    fn centred(&mut self, text: &str, size: f64, is_strong: bool) {
        for line in self.measure.lines(&[Span::plain(text)], size, TEXT_WIDTH) {
            self.need(size * LEADING);
            self.y += size * LEADING;
            let text: String = line.pieces.into_iter().map(|(_, span)| span.text).collect();
            let (x, y, anchor, ink) = (WIDTH / 2.0, self.y, Anchor::Middle, Ink::BLACK);
            self.put(Shape::Text { x, y, size, anchor, ink, text }, is_strong);
        }
    }

    fn paragraph(&mut self, spans: &[Span], size: f64) {
        for line in self.measure.lines(spans, size, TEXT_WIDTH) {
            self.need(size * LEADING);
            self.line(&line, MARGIN, size);
        }
    }

    /// One line at the left edge `x`, below what is there.
    pub(super) fn line(&mut self, line: &SetLine, x: f64, size: f64) {
        let (top, base) = (self.y, self.y + size * 1.08);
        for (offset, span) in &line.pieces {
            let own = size_of(span.tone, size);
            let x = x + offset;
            if span.tone == Tone::Missing {
                let width: f64 = span.text.chars().map(|c| self.measure.width(c, own)).sum();
                let (low, right) = (top + size * LEADING - 1.0, x + width);
                let points = vec![(x, top), (right, top), (right, low), (x, low)];
                self.put(Shape::Area { points, fill: Some(Ink::YELLOW), edge: None }, false);
            }
            let ink = match span.tone {
                Tone::Plain | Tone::Strong => Ink::BLACK,
                Tone::Quiet => Ink(0x5f, 0x66, 0x70),
                Tone::Missing => Ink::RED,
            };
            let is_strong = matches!(span.tone, Tone::Strong | Tone::Missing);
            let (anchor, text) = (Anchor::Start, span.text.clone());
            self.put(Shape::Text { x, y: base, size: own, anchor, ink, text }, is_strong);
        }
        self.y += size * LEADING;
    }

    fn picture(&mut self, drawing: &Drawing, caption: &str) {
        self.need(drawing.height + 30.0);
        self.y += 8.0;
        let (left, top) = (MARGIN + (TEXT_WIDTH - drawing.width) / 2.0, self.y);
        let moved = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
            points.iter().map(|(x, y)| (x + left, y + top)).collect()
        };
        for shape in &drawing.shapes {
            let shape = match shape.clone() {
                Shape::Line { points, ink, width, dashed } => {
                    Shape::Line { points: moved(&points), ink, width, dashed }
                }
                Shape::Area { points, fill, edge } => {
                    Shape::Area { points: moved(&points), fill, edge }
                }
                Shape::Text { x, y, size, anchor, ink, text } => {
                    Shape::Text { x: x + left, y: y + top, size, anchor, ink, text }
                }
            };
            self.put(shape, false);
        }
        self.y += drawing.height;
        self.centred(caption, 9.0, false);
    }
}
