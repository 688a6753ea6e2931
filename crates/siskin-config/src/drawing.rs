//! A problem as miette draws it: whole lines, the place underlined, further files as related ones.
//!
//! Only form; what is said is decided where the problem is found.

use std::fmt;

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, Severity, SourceCode, SourceSpan,
    SpanContents,
};

use crate::SourceFile;
use crate::report::{Problem, Spot};

/// One picture: the places of one file; each further file is a related picture.
#[derive(Debug)]
pub(crate) struct Shown {
    message: String,
    hint: Option<String>,
    text: Option<Lines>,
    labels: Vec<LabeledSpan>,
    related: Vec<Shown>,
}

impl Shown {
    /// The pictures of a problem; `texts` are numbered as its spots say.
    pub(crate) fn of(problem: &Problem, texts: &[SourceFile]) -> Self {
        let mut pictures: Vec<(usize, Vec<&Spot>)> = Vec::new();
        for spot in &problem.spots {
            match pictures.iter_mut().find(|(text, _)| *text == spot.text) {
                Some((_, spots)) => spots.push(spot),
                None => pictures.push((spot.text, vec![spot])),
            }
        }
        let mut pictures = pictures.into_iter().map(|(text, spots)| {
            let labels: Vec<_> = spots.into_iter().map(labelled).collect();
            (texts.get(text).cloned().map(Lines), labels)
        });
        let (text, labels) = pictures.next().unwrap_or_default();
        let related = pictures.map(|(text, labels)| Self {
            message: "see also".to_owned(),
            hint: None,
            text,
            labels,
            related: Vec::new(),
        });
        Self {
            message: problem.message.clone(),
            hint: Some(problem.hint.clone()),
            text,
            labels,
            related: related.collect(),
        }
    }
}

fn labelled(spot: &Spot) -> LabeledSpan {
    let (start, end) = spot.span;
    let span = SourceSpan::new(start.into(), end.saturating_sub(start));
    LabeledSpan::new_with_span(Some(spot.label.clone()), span)
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn severity(&self) -> Option<Severity> {
        // A related picture has no hint of its own.
        self.hint.is_none().then_some(Severity::Advice)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let hint = self.hint.as_ref();
        hint.map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.as_ref().map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        let related = self.related.iter();
        Some(Box::new(related.map(|shown| shown as &dyn Diagnostic)))
    }
}

/// A text of which only the lines with a place are shown: a neighbouring line may hold a password.
#[derive(Debug)]
struct Lines(SourceFile);

impl SourceCode for Lines {
    /// Without context lines the place itself, for its line and column; with any, its whole lines.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.0.text.as_str();
        let (start, end) = (span.offset(), span.offset() + span.len());
        let above = text.get(..start).ok_or(MietteError::OutOfBounds)?;
        let below = text.get(end..).ok_or(MietteError::OutOfBounds)?;
        let line_start = above.rfind('\n').map_or(0, |at| at + 1);
        let line_end = below.find('\n').map_or(text.len(), |at| end + at);
        let whole = before > 0;
        let (from, to) = if whole { (line_start, line_end) } else { (start, end) };
        let data = text.get(from..to).ok_or(MietteError::OutOfBounds)?;
        let column = text.get(line_start..from).unwrap_or_default().chars().count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.path.clone(),
            data.as_bytes(),
            SourceSpan::new(from.into(), to - from),
            above.matches('\n').count(),
            column,
            // The drawing joins places up to this many lines below: the same and the next line.
            data.matches('\n').count() + 1,
        )))
    }
}
