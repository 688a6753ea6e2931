//! Reports: what is known of an incident in the words that the law asks for, with what is not
//! known marked, as DOCX and PDF in Chinese; and reports of shifts, days and months.
//!
//! The same facts give the same bytes: no file, clock or network is used, `made_at` and the font
//! are arguments. Must never fill a gap by itself: a field has a value with its source, or it says
//! that the value is missing, or that a person said that it does not apply. Start at [`fill()`].

mod document;
mod docx;
mod drawing;
mod facts;
pub mod fields;
mod fill;
mod font;
mod lay_out;
mod pdf;
mod periodic;
mod report;
mod seen;
mod table;
mod words;

pub use document::{Block, Cell, Document, Paragraph, Span, Tone};
pub use docx::docx;
pub use drawing::{Anchor, Drawing, Ink, Shape, chart, map, png, svg};
pub use facts::{ChannelTally, Facts, LimitLine, Office, Sum, TallySpan, Wind};
pub use fields::{FieldSpec, Part};
pub use fill::fill;
pub use font::{Font, FontError};
pub use lay_out::lay_out;
pub use pdf::pdf;
pub use periodic::{Completeness, Count, Line, Periodic, Share, lay_out_periodic};
pub use report::{
    Chart, ChartPoint, Field, FieldValue, MapArea, MapSketch, MapSpot, MonitoringRow, Report,
    Signed, Source,
};
pub use seen::Seen;
pub use table::{Column, Table, Value, csv, xlsx, zone};

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The font cannot be used.
    #[error(transparent)]
    Font(#[from] FontError),
    /// The font cannot be embedded.
    #[error("the font cannot be embedded: {0}; hint: use another font with Chinese characters")]
    Subset(String),
    /// A picture could not be drawn.
    #[error("a picture could not be drawn: {0}; hint: report this with the incident")]
    Picture(String),
    /// The archive of a DOCX could not be written.
    #[error("the document could not be packed: {0}; hint: report this with the incident")]
    Pack(String),
}
