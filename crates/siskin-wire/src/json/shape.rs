//! The shape of a payload: which records it holds, and lists read as objects. Takes a document
//! apart and never looks at what it says.

use std::borrow::Cow;

use siskin_model::Text;

use super::node::{Node, Object};
use super::path::Path;
use crate::profile::JsonMapping;
use crate::slot::Refusal;

/// Records of one message; what a gateway buffered beyond that is refused and counted.
pub(super) const RECORDS_MAX: usize = 2_000;

/// Where records and lists are.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    records: Option<Path>,
    /// Each with the key that holds the name.
    lists: Vec<(Path, String)>,
}

impl Shape {
    pub(super) fn new(json: &JsonMapping) -> Self {
        let lists = json.lists.iter().map(|list| (Path::new(&list.pointer), list.name.clone()));
        Self { records: json.records.as_deref().map(Path::new), lists: lists.collect() }
    }

    /// The records of `document`, in its order, and what was not taken.
    pub(super) fn records<'a>(
        &self,
        document: Node<'a>,
    ) -> Result<(Vec<Node<'a>>, Option<Refusal>), Refusal> {
        let Some(path) = &self.records else {
            return if document.is_object() {
                Ok((vec![document], None))
            } else {
                Err(no_object())
            };
        };
        let mut document = document;
        let found = document.find_mut(path).map(std::mem::take);
        let mut found = match found {
            Some(Node::List(records)) => records,
            Some(record @ Node::Object(_)) => vec![record],
            _ => return Err(no_records(path.text())),
        };
        let (all, objects) = (found.len(), found.iter().filter(|node| node.is_object()).count());
        if objects < all {
            return Err(no_object());
        }
        found.truncate(RECORDS_MAX);
        Ok((found, (all > RECORDS_MAX).then(|| too_many(all))))
    }

    /// Reads the lists of `record` as objects by name.
    pub(super) fn by_name(&self, record: &mut Node<'_>) {
        for (path, key) in &self.lists {
            let Some(found) = record.find_mut(path) else {
                continue;
            };
            if let Node::List(entries) = std::mem::take(found) {
                *found = named(key, entries);
            }
        }
    }
}

/// Entries by the name under `key`. Those that share a name say two things about one value, so
/// neither counts.
fn named<'a>(key: &str, entries: Vec<Node<'a>>) -> Node<'a> {
    let name = |entry: &Node<'a>| match entry {
        Node::Object(object) => match object.get(key) {
            Some(Node::Text(name)) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    };
    let members = entries.into_iter().filter_map(|entry| Some((name(&entry)?, entry)));
    let mut members: Vec<(Cow<'a, str>, Node<'a>)> = members.collect();
    members.sort_by(|a, b| a.0.cmp(&b.0));
    members.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            earlier.1 = Node::Null;
        }
        is_same
    });
    Node::Object(Object::new(members))
}

fn no_object() -> Refusal {
    refusal(
        "报文是 JSON，但不是对象；请发送 {\"value\": ...}",
        "the payload is JSON but no object; hint: send `{\"value\": ...}`",
    )
}

fn no_records(pointer: &str) -> Refusal {
    refusal(
        &format!("报文的“{pointer}”处没有记录；请检查设备的报文模板"),
        &format!("the payload has no records at `{pointer}`; hint: look at the device's template"),
    )
}

fn too_many(found: usize) -> Refusal {
    refusal(
        &format!("报文有 {found} 条记录，只读取前 {RECORDS_MAX} 条；请减小网关每条报文的记录数"),
        &format!(
            "the payload has {found} records, the first {RECORDS_MAX} are read; \
             hint: let the gateway send fewer in one message"
        ),
    )
}

fn refusal(zh: &str, en: &str) -> Refusal {
    Refusal { point: "payload".into(), reason: Text::new(zh, en) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `record` with the list at `/tags` read by `name`.
    fn check(record: &str, want: &str) {
        let shape = Shape { records: None, lists: vec![(Path::new("/tags"), "name".to_owned())] };
        let mut record: Node<'_> = serde_json::from_str(record).unwrap();
        shape.by_name(&mut record);
        assert_eq!(record.written(), want);
    }

    #[test]
    fn lists_are_read_by_name_and_names_that_come_twice_say_nothing() {
        check(
            r#"{"tags":[{"name":"b","v":1},{"name":"a","v":2}]}"#,
            r#"{"tags":{"a":{"name":"a","v":2},"b":{"name":"b","v":1}}}"#,
        );
        check(
            r#"{"tags":[{"name":"a","v":1},{"name":"b"},{"name":"a","v":2},{"name":"a","v":3}]}"#,
            r#"{"tags":{"a":null,"b":{"name":"b"}}}"#,
        );
        check(r#"{"tags":[7,{"v":5},{"name":4}]}"#, r#"{"tags":{}}"#);
        check(r#"{"tags":{"a":1}}"#, r#"{"tags":null}"#);
        check(r#"{"other":1}"#, r#"{"other":1}"#);
    }
}
