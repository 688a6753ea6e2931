//! Problems and notes while they are being collected, before their places become lines.

use crate::report::{Note, Problem, Report, Spot};
use crate::sources::{Place, Sources};

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
            // A limit that raises and clears is one thing to look up, told where it first stands.
            self.notes.dedup_by(|later, first| later.message == first.message);
            let note = |draft: Draft| note_of(draft.finish(sources));
            return Ok((made, self.notes.into_iter().map(note).collect()));
        }
        if self.drafts.is_empty() {
            let hint = "this is a fault of the program: report it with the site's folder";
            self.add(Draft::new("neither settings nor a problem were found", hint));
        }
        self.drafts.sort_by_key(by_place);
        let texts = (0..).map_while(|file| sources.get(file)).cloned().collect();
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
