//! Reports of incidents from the stores of a station: gathers facts, finds the font, makes the
//! documents. What a report says is `siskin-report`'s; nothing here writes into the stores.

mod command;
mod font;
mod gather;

use anyhow::Context;
use siskin_model::incident::ReportKind;
use siskin_report::{Report, docx, lay_out, pdf};

pub(crate) use command::{ReportArgs, command};
pub(crate) use font::load as load_font;
pub(crate) use gather::{Gathered, Stores};

/// A form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For editing.
    Docx,
    /// For reading and sending.
    Pdf,
}

impl Format {
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Pdf => "pdf",
        }
    }
}

/// The report of an incident as it stands.
pub(crate) fn draft(gathered: &Gathered<'_>, kind: ReportKind) -> Report {
    siskin_report::fill(&gathered.facts(), kind)
}

/// The document of a report.
pub(crate) fn render(
    report: &Report,
    format: Format,
    font: &siskin_report::Font,
) -> anyhow::Result<Vec<u8>> {
    let document = lay_out(report);
    let made = match format {
        Format::Docx => docx(&document, font),
        Format::Pdf => pdf(&document, font),
    };
    made.with_context(|| format!("cannot make the {} of the report", format.extension()))
}
