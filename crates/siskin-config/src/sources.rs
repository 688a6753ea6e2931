//! The texts that were read, and places in them.
//!
//! A place is a range of bytes in one text; lines and columns are made from it only when somebody
//! is told. An environment variable is a text of its own, called by its name.

use crate::SourceFile;

/// A range of bytes in one of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A value and where it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// Every text of one load.
#[derive(Debug, Default)]
pub(crate) struct Sources(Vec<SourceFile>);

impl Sources {
    /// Adds a text and gives its number.
    pub(crate) fn add(&mut self, path: &str, text: &str) -> usize {
        self.0.push(SourceFile { path: path.to_owned(), text: text.to_owned() });
        self.0.len() - 1
    }

    /// The text called `file`.
    pub(crate) fn get(&self, file: usize) -> Option<&SourceFile> {
        self.0.get(file)
    }

    /// Line and column of the start of a place, both counted from 1 and in characters.
    pub(crate) fn line_column(&self, place: Place) -> (usize, usize) {
        let text = self.get(place.file).map_or("", |file| file.text.as_str());
        let before = text.get(..place.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).map_or(0, |line| line.chars().count()) + 1;
        (line, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let mut sources = Sources::default();
        let file = sources.add("a.toml", "id = 1\nname = \"罐区\" # x\n");
        let check = |start, line, column| {
            let place = Place { file, start, end: start };
            assert_eq!(sources.line_column(place), (line, column));
        };
        check(0, 1, 1);
        check(5, 1, 6);
        check(7, 2, 1);
        check(23, 2, 13);
        check(10_000, 3, 1);
    }
}
