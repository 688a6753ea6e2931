//! A picture as PNG, for a DOCX: every program that opens one shows PNG, older ones no SVG.

use tiny_skia::{FillRule, Paint, Path, PathBuilder, Pixmap, Stroke, StrokeDash, Transform};
use ttf_parser::OutlineBuilder;

use super::{Anchor, Drawing, Ink, Shape};
use crate::RenderError;
use crate::font::Font;

/// Dots of a point: 216 dots an inch.
const DOTS: f32 = 3.0;

/// The picture as a PNG.
pub fn png(drawing: &Drawing, font: &Font) -> Result<Vec<u8>, RenderError> {
    let failed = |what: &str| RenderError::Picture(what.to_owned());
    let dots = |length: f64| narrow(length).mul_add(DOTS, 0.0).ceil();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a page's size")]
    let size = (dots(drawing.width) as u32, dots(drawing.height) as u32);
    let mut map = Pixmap::new(size.0, size.1).ok_or_else(|| failed("it has no size"))?;
    map.fill(tiny_skia::Color::WHITE);
    for shape in &drawing.shapes {
        draw(&mut map, shape, font);
    }
    map.encode_png().map_err(|error| failed(&error.to_string()))
}

#[allow(clippy::cast_possible_truncation, reason = "points of a page, of which f32 has plenty")]
fn narrow(value: f64) -> f32 {
    value as f32
}

fn paint(Ink(r, g, b): Ink) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, 255);
    paint
}

fn path(points: &[(f64, f64)], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (place, (x, y)) in points.iter().enumerate() {
        let (x, y) = (narrow(*x), narrow(*y));
        if place == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    if closed {
        path.close();
    }
    path.finish()
}

fn draw(map: &mut Pixmap, shape: &Shape, font: &Font) {
    let scale = Transform::from_scale(DOTS, DOTS);
    match shape {
        Shape::Line { points, ink, width, dashed } => {
            let dash = dashed.then(|| StrokeDash::new(vec![4.0, 3.0], 0.0)).flatten();
            let stroke = Stroke { width: narrow(*width), dash, ..Stroke::default() };
            if let Some(path) = path(points, false) {
                map.stroke_path(&path, &paint(*ink), &stroke, scale, None);
            }
        }
        Shape::Area { points, fill, edge } => {
            let Some(path) = path(points, true) else { return };
            if let Some(ink) = fill {
                map.fill_path(&path, &paint(*ink), FillRule::Winding, scale, None);
            }
            if let Some(ink) = edge {
                map.stroke_path(&path, &paint(*ink), &Stroke::default(), scale, None);
            }
        }
        Shape::Text { x, y, size, anchor, ink, text } => {
            let x = match anchor {
                Anchor::Start => *x,
                Anchor::Middle => x - font.width(text, *size) / 2.0,
                Anchor::End => x - font.width(text, *size),
            };
            if let Some(path) = outline(font, text, (narrow(x), narrow(*y)), narrow(*size)) {
                map.fill_path(&path, &paint(*ink), FillRule::Winding, scale, None);
            }
        }
    }
}

/// The outlines of a text, its base line beginning at a point.
fn outline(font: &Font, text: &str, (x, y): (f32, f32), size: f32) -> Option<Path> {
    let face = font.face();
    let scale = size / f32::from(face.units_per_em());
    let mut pen = Pen { path: PathBuilder::new(), x, y, scale };
    for character in text.chars() {
        let glyph = face.glyph_index(character).unwrap_or_default();
        let _blank = face.outline_glyph(glyph, &mut pen);
        pen.x += f32::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
    }
    pen.path.finish()
}

struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (x.mul_add(self.scale, self.x), (-y).mul_add(self.scale, self.y))
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
