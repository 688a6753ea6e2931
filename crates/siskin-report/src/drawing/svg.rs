//! A picture as SVG, for pages.

use std::fmt::Write as _;

use super::{Anchor, Drawing, Ink, Shape};

fn colour(ink: Option<Ink>) -> String {
    ink.map_or("none".to_owned(), |Ink(r, g, b)| format!("#{r:02x}{g:02x}{b:02x}"))
}

fn points(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

/// The picture as an SVG document.
pub fn svg(drawing: &Drawing) -> String {
    let Drawing { width, height, shapes } = drawing;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\">"
    );
    for shape in shapes {
        let _infallible = match shape {
            Shape::Line { points: through, ink, width, dashed } => write!(
                text,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"{}/>",
                points(through),
                colour(Some(*ink)),
                if *dashed { " stroke-dasharray=\"4 3\"" } else { "" }
            ),
            Shape::Area { points: corners, fill, edge } => write!(
                text,
                "<polygon points=\"{}\" fill=\"{}\" stroke=\"{}\"/>",
                points(corners),
                colour(*fill),
                colour(*edge)
            ),
            Shape::Text { x, y, size, anchor, ink, text: words } => write!(
                text,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{}\" \
                 fill=\"{}\">{}</text>",
                match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                },
                colour(Some(*ink)),
                crate::docx::escaped(words)
            ),
        };
    }
    text.push_str("</svg>");
    text
}
