//! The shape of a payload: which records it holds, and lists read as objects. Takes a document
//! apart and never looks at what it says.

use serde_json::{Map, Value};
use siskin_model::Text;

use crate::profile::{JsonList, JsonMapping};
use crate::slot::Refusal;

/// Records of one message; what a gateway buffered beyond that is refused and counted.
pub(super) const RECORDS_MAX: usize = 2_000;

/// The records of `document`, in its order, and what was not taken.
pub(super) fn records(
    json: &JsonMapping,
    document: Value,
) -> Result<(Vec<Value>, Option<Refusal>), Refusal> {
    let Some(pointer) = &json.records else {
        return if document.is_object() { Ok((vec![document], None)) } else { Err(no_object()) };
    };
    let mut document = document;
    let found = document.pointer_mut(pointer).map(Value::take);
    let mut found = match found {
        Some(Value::Array(records)) => records,
        Some(record @ Value::Object(_)) => vec![record],
        _ => return Err(no_records(pointer)),
    };
    let (all, objects) = (found.len(), found.iter().filter(|record| record.is_object()).count());
    if objects < all {
        return Err(no_object());
    }
    found.truncate(RECORDS_MAX);
    Ok((found, (all > RECORDS_MAX).then(|| too_many(all))))
}

/// Reads the lists of `record` as objects by name. Entries that share a name say two things about
/// one value, so neither counts.
pub(super) fn by_name(lists: &[JsonList], record: &mut Value) {
    for list in lists {
        let Some(found) = record.pointer_mut(&list.pointer) else {
            continue;
        };
        let Value::Array(entries) = found.take() else {
            continue;
        };
        let mut named = Map::new();
        for entry in entries {
            let Some(name) = entry.get(&list.name).and_then(Value::as_str) else {
                continue;
            };
            let name = name.to_owned();
            let twice = named.contains_key(&name);
            named.insert(name, if twice { Value::Null } else { entry });
        }
        *found = Value::Object(named);
    }
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
