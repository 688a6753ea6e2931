//! A TOML text as a tree whose every part knows its place.
//!
//! Tables keep the order of the text. Never judges: that is the readers' business.

use toml_edit::{Document, Item, TableLike, Value as EditValue};

use crate::problems::{Draft, Problems};
use crate::sources::{At, Place, Sources};

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
    /// Whether it came as the text of an environment variable: numbers are then written as text.
    pub(crate) from_environment: bool,
}

/// What can stand in a TOML text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Moment(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// One `key = value`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: At<String>,
    pub(crate) node: Node,
}

impl Node {
    /// The value of `key`, where this is a table that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Table(entries) = &self.value else {
            return None;
        };
        entries.iter().find(|entry| entry.key.value == key).map(|entry| &entry.node)
    }

    /// What was found, for messages.
    pub(crate) fn found(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("the text `{text}`"),
            Value::Integer(number) => format!("the number `{number}`"),
            Value::Float(number) => format!("the number `{number}`"),
            Value::Boolean(truth) => format!("`{truth}`"),
            Value::Moment(moment) => format!("the date `{moment}`"),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }
}

/// Reads `text`; a syntax error is a problem and gives nothing.
pub(crate) fn parse(
    path: &str,
    text: &str,
    sources: &mut Sources,
    problems: &mut Problems,
) -> Option<Node> {
    let file = sources.add(path, text);
    match Document::parse(text) {
        Ok(document) => {
            let whole = Place { file, start: 0, end: 0 };
            Some(table(document.as_table(), whole))
        }
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let place = place_of(file, Some(span));
            let message = format!("not valid TOML: {}", one_line(error.message()));
            let hint = "a text stands in quotes, a list in [ ], a table begins with [name]";
            problems.add(Draft::new(message, hint).at(place, "here"));
            None
        }
    }
}

fn one_line(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join(", ")
}

fn place_of(file: usize, span: Option<std::ops::Range<usize>>) -> Place {
    let span = span.unwrap_or(0..0);
    Place { file, start: span.start, end: span.end }
}

fn table(table: &dyn TableLike, place: Place) -> Node {
    let file = place.file;
    let mut entries = Vec::new();
    for (name, _) in table.iter() {
        let Some((key, item)) = table.get_key_value(name) else {
            continue;
        };
        let key_place = key.span().map_or(place, |span| place_of(file, Some(span)));
        let key = At { value: name.to_owned(), place: key_place };
        if let Some(node) = item_node(item, key_place) {
            entries.push(Entry { key, node });
        }
    }
    Node { value: Value::Table(entries), place, from_environment: false }
}

fn item_node(item: &Item, near: Place) -> Option<Node> {
    let place = item.span().map_or(near, |span| place_of(near.file, Some(span)));
    match item {
        Item::None => None,
        Item::Value(value) => Some(value_node(value, place)),
        Item::Table(inner) => Some(table(inner, place)),
        Item::ArrayOfTables(tables) => {
            let of_table = |inner: &toml_edit::Table| {
                let place = inner.span().map_or(near, |span| place_of(near.file, Some(span)));
                table(inner, place)
            };
            Some(Node {
                value: Value::List(tables.iter().map(of_table).collect()),
                place,
                from_environment: false,
            })
        }
    }
}

fn value_node(value: &EditValue, place: Place) -> Node {
    let inside = |value: &EditValue| {
        let span = value.span();
        value_node(value, span.map_or(place, |span| place_of(place.file, Some(span))))
    };
    let value = match value {
        EditValue::String(text) => Value::Text(text.value().clone()),
        EditValue::Integer(number) => Value::Integer(*number.value()),
        EditValue::Float(number) => Value::Float(*number.value()),
        EditValue::Boolean(truth) => Value::Boolean(*truth.value()),
        EditValue::Datetime(moment) => Value::Moment(moment.value().to_string()),
        EditValue::Array(list) => Value::List(list.iter().map(inside).collect()),
        EditValue::InlineTable(inner) => return table(inner, place),
    };
    Node { value, place, from_environment: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_knows_its_place() {
        let text = "id = 'a'\n[[area]]\nname = { zh = 'x' }\nat = [1, 2.5]\n";
        let mut sources = Sources::default();
        let mut problems = Problems::default();
        let root = parse("a.toml", text, &mut sources, &mut problems).unwrap();
        let check = |node: &Node, expected: &str| {
            let found = text.get(node.place.start..node.place.end).unwrap();
            assert_eq!(found, expected);
        };
        check(root.get("id").unwrap(), "'a'");
        let Value::List(areas) = &root.get("area").unwrap().value else {
            panic!("not a list");
        };
        check(&areas[0], "[[area]]");
        let name = areas[0].get("name").unwrap();
        check(name, "{ zh = 'x' }");
        check(name.get("zh").unwrap(), "'x'");
        let Value::List(numbers) = &areas[0].get("at").unwrap().value else {
            panic!("not a list");
        };
        check(&numbers[1], "2.5");
        assert_eq!(problems.count(), 0);
    }

    #[test]
    fn a_syntax_error_is_a_problem() {
        let mut sources = Sources::default();
        let mut problems = Problems::default();
        assert!(parse("a.toml", "id = \n", &mut sources, &mut problems).is_none());
        assert_eq!(problems.count(), 1);
    }
}
