//! What is wrong with the texts, and where: the only way this crate fails.
//!
//! All problems of a load are in one report. Never prints, never colours: [`Report::render`]
//! gives a text.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::SourceFile;
use crate::drawing::Shown;

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
    /// The bytes of the place.
    pub(crate) span: (usize, usize),
    /// The number of the text.
    pub(crate) text: usize,
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
    pub(crate) texts: Vec<SourceFile>,
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
            .with_context_lines(1);
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

    /// Where a place ends: line and column as in [`Spot`], behind its last character. A place of no
    /// length ends where it begins.
    pub fn end_of(&self, spot: &Spot) -> (usize, usize) {
        let text = self.texts.get(spot.text).map_or("", |file| file.text.as_str());
        let (start, end) = spot.span;
        // A table is named by its first line: what follows is not what is wrong.
        let marked = text.get(start..end).unwrap_or("").lines().next().unwrap_or("");
        (spot.line, spot.column + marked.chars().count())
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
