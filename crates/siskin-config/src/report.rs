//! What is wrong with the texts, and where: the only way this crate fails.
//!
//! All problems of a load are in one report. Never prints, never colours: [`Report::render`]
//! gives a text.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceSpan};

use crate::sources::{Place, Sources};

/// Problems rendered at most; the summary counts the rest.
const RENDERED_MAX: usize = 100;
/// Width of the rendered text.
const WIDTH: usize = 100;

/// One place a problem speaks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The file, or the name of the environment variable.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is there.
    pub label: String,
    span: (usize, usize),
    text: usize,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was found and what was expected.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Where, the main place first; empty only where no file is to blame.
    pub spots: Vec<Spot>,
}

/// All that is wrong with a site.
#[derive(Debug, thiserror::Error)]
pub struct Report {
    /// The problems in the order of their places.
    pub problems: Vec<Problem>,
    texts: Vec<(String, String)>,
}

/// Something to know that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What was seen.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, hint, file, line, column } = self;
        write!(f, "{file}:{line}:{column}: note: {message}; hint: {hint}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render())
    }
}

impl Report {
    /// Every problem with its place, the line underlined, and a hint; then a summary line.
    pub fn render(&self) -> String {
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_links(false)
            .with_width(WIDTH)
            .with_context_lines(0);
        let mut out = String::new();
        for problem in self.problems.iter().take(RENDERED_MAX) {
            let shown = Shown::of(problem, &self.texts);
            if handler.render_report(&mut out, &shown).is_err() {
                // A place outside its text must not swallow the message.
                out.push_str(&problem.plain());
            }
            out.push('\n');
        }
        let trimmed: Vec<&str> = out.lines().map(str::trim_end).collect();
        format!("{}\n{}\n", trimmed.join("\n").trim_end(), self.summary())
    }

    fn summary(&self) -> String {
        let count = self.problems.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        if count > RENDERED_MAX {
            return format!("\n{count} {noun}, the first {RENDERED_MAX} shown");
        }
        format!("\n{count} {noun}")
    }
}

impl Problem {
    fn plain(&self) -> String {
        let place = |spot: &Spot| format!("{}:{}:{}: ", spot.file, spot.line, spot.column);
        let places: String = self.spots.iter().map(place).collect();
        format!("{places}{}; hint: {}\n", self.message, self.hint)
    }
}

/// A problem in the form that miette draws: places in one file are one picture, each further file
/// is a related picture.
#[derive(Debug)]
struct Shown {
    message: String,
    hint: Option<String>,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    related: Vec<Shown>,
}

impl Shown {
    fn of(problem: &Problem, texts: &[(String, String)]) -> Self {
        let mut pictures: Vec<(usize, Vec<&Spot>)> = Vec::new();
        for spot in &problem.spots {
            match pictures.iter_mut().find(|(text, _)| *text == spot.text) {
                Some((_, spots)) => spots.push(spot),
                None => pictures.push((spot.text, vec![spot])),
            }
        }
        let mut pictures = pictures.into_iter().map(|(text, spots)| {
            let (name, body) = texts.get(text).cloned().unwrap_or_default();
            let labels = spots.iter().map(|spot| spot.labelled()).collect();
            (NamedSource::new(name, body), labels)
        });
        let (source, labels) = match pictures.next() {
            Some((source, labels)) => (Some(source), labels),
            None => (None, Vec::new()),
        };
        let related = pictures
            .map(|(source, labels)| Self {
                message: "see also".to_owned(),
                hint: None,
                source: Some(source),
                labels,
                related: Vec::new(),
            })
            .collect();
        Self {
            message: problem.message.clone(),
            hint: Some(problem.hint.clone()),
            source,
            labels,
            related,
        }
    }
}

impl Spot {
    fn labelled(&self) -> LabeledSpan {
        let (start, end) = self.span;
        let span = SourceSpan::new(start.into(), end.saturating_sub(start));
        LabeledSpan::new_with_span(Some(self.label.clone()), span)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        let related = self.related.iter();
        Some(Box::new(related.map(|shown| shown as &dyn miette::Diagnostic)))
    }
}

/// Problems and notes while they are being collected.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    drafts: Vec<Draft>,
    notes: Vec<Draft>,
}

/// A problem whose places are not yet lines and columns.
#[derive(Debug)]
pub(crate) struct Draft {
    message: String,
    hint: String,
    marks: Vec<(Place, String)>,
}

impl Draft {
    /// What was found and what was expected.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), marks: Vec::new() }
    }

    /// Where; the first place is the main one.
    pub(crate) fn at(mut self, place: Place, label: impl Into<String>) -> Self {
        self.marks.push((place, label.into()));
        self
    }

    fn finish(self, sources: &Sources) -> Problem {
        let spot = |(place, label): (Place, String)| {
            let (line, column) = sources.line_column(place);
            Spot {
                file: sources.get(place.file).map_or_else(String::new, |file| file.path.clone()),
                line,
                column,
                label,
                span: (place.start, place.end),
                text: place.file,
            }
        };
        Problem {
            message: self.message,
            hint: self.hint,
            spots: self.marks.into_iter().map(spot).collect(),
        }
    }
}

impl Problems {
    /// Adds a problem.
    pub(crate) fn add(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// Adds a note.
    pub(crate) fn note(&mut self, draft: Draft) {
        self.notes.push(draft);
    }

    /// How many problems there are so far.
    pub(crate) fn count(&self) -> usize {
        self.drafts.len()
    }

    /// What was made with the notes, or the report where there is a problem.
    pub(crate) fn finish<T>(
        mut self,
        made: Option<T>,
        sources: &Sources,
    ) -> Result<(T, Vec<Note>), Report> {
        let by_place = |draft: &Draft| draft.marks.first().map(|(place, _)| *place);
        if let (Some(made), true) = (made, self.drafts.is_empty()) {
            self.notes.sort_by_key(by_place);
            let note = |draft: Draft| note_of(draft.finish(sources));
            return Ok((made, self.notes.into_iter().map(note).collect()));
        }
        if self.drafts.is_empty() {
            let hint = "this is a fault of the program: report it with the site's folder";
            self.add(Draft::new("neither settings nor a problem were found", hint));
        }
        self.drafts.sort_by_key(by_place);
        let texts = (0..)
            .map_while(|file| sources.get(file))
            .map(|file| (file.path.clone(), file.text.clone()))
            .collect();
        let problems = self.drafts.into_iter().map(|d| d.finish(sources));
        Err(Report { problems: problems.collect(), texts })
    }
}

fn note_of(problem: Problem) -> Note {
    let spot = problem.spots.into_iter().next();
    let (file, line, column) = spot
        .map_or_else(|| (String::from("site"), 1, 1), |spot| (spot.file, spot.line, spot.column));
    Note { message: problem.message, hint: problem.hint, file, line, column }
}
