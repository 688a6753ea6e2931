//! A document before it is a DOCX or a PDF: headings, paragraphs, tables and pictures. Both are
//! made from it, so that they say the same.

use crate::drawing::Drawing;

/// How a piece of text stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It does not.
    Plain,
    /// Bold.
    Strong,
    /// Small and grey.
    Quiet,
    /// Red on yellow: somebody must say this yet.
    Missing,
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text, without line breaks.
    pub text: String,
    /// How it stands out.
    pub tone: Tone,
}

impl Span {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    pub(crate) fn strong(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Strong }
    }

    pub(crate) fn quiet(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Quiet }
    }

    pub(crate) fn missing(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Missing }
    }
}

/// A paragraph: pieces one after the other.
pub type Paragraph = Vec<Span>;
/// A cell: paragraphs one below the other.
pub type Cell = Vec<Paragraph>;

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// The title of the document, in the middle.
    Title(String),
    /// A line below the title, in the middle.
    Subtitle(String),
    /// The heading of a part.
    Heading(String),
    /// A paragraph.
    Paragraph(Paragraph),
    /// A table; its first row stands on every page.
    Table {
        /// The parts of the width, which sum up to 1.
        widths: Vec<f64>,
        /// The rows, the head first.
        rows: Vec<Vec<Cell>>,
    },
    /// A picture with what it shows.
    Picture {
        /// The picture.
        drawing: Drawing,
        /// What it shows.
        caption: String,
    },
}

/// A document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its title, for the list of files.
    pub title: String,
    /// What stands at the foot of every page.
    pub footer: String,
    /// Its parts.
    pub blocks: Vec<Block>,
}
