//! Pictures as shapes: drawn once, shown as SVG, as PNG and in a PDF.
//!
//! Coordinates are points (1/72 inch) from the top left corner.

mod chart;
mod map;
mod png;
mod svg;

pub use chart::chart;
pub use map::map;
pub use png::png;
pub use svg::svg;

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink(pub u8, pub u8, pub u8);

impl Ink {
    /// Text and axes.
    pub const BLACK: Self = Self(0x22, 0x22, 0x22);
    /// Grids and notes.
    pub const GREY: Self = Self(0x8a, 0x8f, 0x98);
    /// Grids.
    pub const PALE: Self = Self(0xdd, 0xe0, 0xe4);
    /// Readings.
    pub const BLUE: Self = Self(0x1f, 0x5f, 0xa8);
    /// Limits and what is wrong.
    pub const RED: Self = Self(0xc0, 0x28, 0x28);
    /// What is to be protected.
    pub const GREEN: Self = Self(0x2e, 0x7d, 0x4f);
    /// Behind what is missing.
    pub const YELLOW: Self = Self(0xff, 0xf2, 0x9b);
    /// Behind the heads of tables.
    pub const MIST: Self = Self(0xee, 0xf1, 0xf5);
    /// Behind affected areas.
    pub const ROSE: Self = Self(0xf8, 0xd9, 0xd9);
    /// Behind sensitive areas.
    pub const MINT: Self = Self(0xdc, 0xf0, 0xe3);
}

/// Which point of a text its coordinates are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its begin.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A line through points.
    Line {
        /// The points.
        points: Vec<(f64, f64)>,
        /// Its colour.
        ink: Ink,
        /// Its width.
        width: f64,
        /// Whether it is dashed.
        dashed: bool,
    },
    /// A closed shape.
    Area {
        /// Its corners.
        points: Vec<(f64, f64)>,
        /// Its colour.
        fill: Option<Ink>,
        /// The colour of its edge.
        edge: Option<Ink>,
    },
    /// A text.
    Text {
        /// Where its anchor is.
        x: f64,
        /// Where its base line is.
        y: f64,
        /// Its size.
        size: f64,
        /// Which point of it stands there.
        anchor: Anchor,
        /// Its colour.
        ink: Ink,
        /// The text.
        text: String,
    },
}

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Its shapes, the lowest first.
    pub shapes: Vec<Shape>,
}

impl Drawing {
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    pub(crate) fn line(&mut self, points: Vec<(f64, f64)>, ink: Ink, width: f64) {
        self.shapes.push(Shape::Line { points, ink, width, dashed: false });
    }

    pub(crate) fn dashed(&mut self, points: Vec<(f64, f64)>, ink: Ink) {
        self.shapes.push(Shape::Line { points, ink, width: 0.8, dashed: true });
    }

    pub(crate) fn area(&mut self, points: Vec<(f64, f64)>, fill: Option<Ink>, edge: Option<Ink>) {
        self.shapes.push(Shape::Area { points, fill, edge });
    }

    /// A rhombus around a point.
    pub(crate) fn spot(&mut self, (x, y): (f64, f64), half: f64, ink: Ink) {
        let corners = vec![(x - half, y), (x, y - half), (x + half, y), (x, y + half)];
        self.area(corners, Some(ink), None);
    }

    pub(crate) fn text(&mut self, (x, y): (f64, f64), size: f64, anchor: Anchor, text: &str) {
        self.coloured((x, y), size, anchor, Ink::BLACK, text);
    }

    pub(crate) fn coloured(
        &mut self,
        (x, y): (f64, f64),
        size: f64,
        anchor: Anchor,
        ink: Ink,
        text: &str,
    ) {
        self.shapes.push(Shape::Text { x, y, size, anchor, ink, text: text.to_owned() });
    }
}
