//! A document as a tree that borrows its texts from the payload.
//!
//! It holds and refuses what `serde_json::Value` does, the last of equal keys counts as there, and
//! a test compares the two; only the copies are left out. Must never be more lenient than that: a
//! payload that is no JSON somewhere is refused whole.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::path::Path;

/// An object with more members than this is sorted, so that finding one takes no longer in a
/// payload made to be slow.
const SCAN_MAX: usize = 32;

/// A JSON value.
#[derive(Debug, Clone, Default)]
pub(super) enum Node<'a> {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Object<'a>),
}

/// Members by key.
#[derive(Debug, Clone)]
pub(super) struct Object<'a> {
    /// In order of keys and without equal ones, if there are more than [`SCAN_MAX`].
    members: Vec<(Cow<'a, str>, Node<'a>)>,
}

impl<'a> Object<'a> {
    /// The last of equal keys counts.
    pub(super) fn new(mut members: Vec<(Cow<'a, str>, Node<'a>)>) -> Self {
        if members.len() > SCAN_MAX {
            members.sort_by(|a, b| a.0.cmp(&b.0));
            members.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(later, earlier);
                }
                is_same
            });
        }
        Self { members }
    }

    fn place(&self, key: &str) -> Option<usize> {
        if self.members.len() > SCAN_MAX {
            return self.members.binary_search_by(|(known, _)| known.as_ref().cmp(key)).ok();
        }
        self.members.iter().rposition(|(known, _)| known == key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.place(key).and_then(|place| self.members.get(place)).map(|(_, node)| node)
    }

    fn get_mut(&mut self, key: &str) -> Option<&mut Node<'a>> {
        self.place(key).and_then(|place| self.members.get_mut(place)).map(|(_, node)| node)
    }
}

impl Node<'_> {
    /// The node at `path`.
    pub(super) fn find(&self, path: &Path) -> Option<&Self> {
        path.steps()?.iter().try_fold(self, |node, step| match node {
            Self::Object(object) => object.get(&step.key),
            Self::List(nodes) => nodes.get(step.index?),
            _ => None,
        })
    }

    /// The node at `path`, to be changed.
    pub(super) fn find_mut(&mut self, path: &Path) -> Option<&mut Self> {
        path.steps()?.iter().try_fold(self, |node, step| match node {
            Self::Object(object) => object.get_mut(&step.key),
            Self::List(nodes) => nodes.get_mut(step.index?),
            _ => None,
        })
    }

    pub(super) const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// As it would be written, with keys in order.
    pub(super) fn written(&self) -> String {
        self.to_value().to_string()
    }

    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(is) => Value::Bool(*is),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone().into_owned()),
            Self::List(nodes) => Value::Array(nodes.iter().map(Self::to_value).collect()),
            Self::Object(Object { members }) => {
                let member = |(key, node): &(Cow<'_, str>, Node<'_>)| {
                    (key.clone().into_owned(), node.to_value())
                };
                Value::Object(members.iter().map(member).collect::<Map<_, _>>())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyVisitor)
    }
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Node<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, is: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(is))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node<'de>, E> {
        Ok(Node::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node<'de>, E> {
        Ok(Number::from_f64(number).map_or(Node::Null, Node::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = items.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Node<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Key(key), node)) = items.next_entry()? {
            members.push((key, node));
        }
        Ok(Node::Object(Object::new(members)))
    }
}

/// A key, borrowed where nothing in it is escaped.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The tree and `serde_json::Value` agree about `payload`: what it is, what is at `pointers`,
    /// and why it is refused.
    fn check(payload: &[u8], pointers: &[&str]) {
        let shown = String::from_utf8_lossy(payload);
        match (serde_json::from_slice::<Node>(payload), serde_json::from_slice::<Value>(payload)) {
            (Ok(mut node), Ok(value)) => {
                assert_eq!(node.to_value(), value, "{shown}");
                assert_eq!(node.written(), value.to_string());
                for pointer in pointers {
                    let path = Path::new(pointer);
                    let want = value.pointer(pointer);
                    assert_eq!(node.find(&path).map(Node::to_value).as_ref(), want, "{pointer}");
                    let found = node.find_mut(&path).map(|node| node.to_value());
                    assert_eq!(found.as_ref(), want, "{shown} at {pointer}");
                }
            }
            (Err(got), Err(want)) => assert_eq!(got.to_string(), want.to_string(), "{shown}"),
            (got, want) => panic!("{shown}: {got:?}, {want:?}"),
        }
    }

    #[test]
    fn the_last_of_equal_keys_counts_in_small_and_large_objects() {
        let many: Vec<_> = (0..SCAN_MAX).map(|n| format!("\"k{n}\":{n}")).collect();
        let many = many.join(",");
        check(br#"{"a":1,"b":{"c":2},"a":3}"#, &["/a", "/b/c", "/c", ""]);
        for twice in ["k0", "k1", "k31"] {
            check(format!("{{{many},\"{twice}\":-1}}").as_bytes(), &["/k0", "/k1", "/k31", "/z"]);
        }
    }

    #[test]
    fn pointers_are_followed_as_the_standard_says() {
        let pointers = [
            "",
            "/",
            "/a~1b",
            "/m~0n",
            "/~01",
            "/list/0",
            "/list/00",
            "/list/+1",
            "/list/-",
            "/list/9",
            "/list/1/x",
            "/list/18446744073709551616",
            "no",
            "//",
            "/list/",
        ];
        let payload =
            r#"{"":{"":1},"a/b":2,"m~n":3,"~1":4,"list":[5,{"x":"\u00e9\n"}],"no":6,"0":7}"#;
        check(payload.as_bytes(), &pointers);
    }

    /// Texts that look like JSON: tokens put together, often wrongly.
    fn nearly_json() -> impl Strategy<Value = String> {
        let tokens = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"b\"",
            "\"a\\u0062\"",
            "\"\\ud800\"",
            "1",
            "-0",
            "0.5",
            "1e400",
            "-7",
            "18446744073709551616",
            "1e5",
            "01",
            "null",
            "true",
            "false",
            "nul",
            " ",
            "\"",
            "\\",
            "\u{e9}",
        ];
        prop::collection::vec(prop::sample::select(tokens.to_vec()), 0..24)
            .prop_map(|tokens| tokens.concat())
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-c~/\"\\\\\u{e9}\n]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec(("[abc~/]{0,2}", inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn bytes_are_taken_or_refused_alike(payload in prop::collection::vec(any::<u8>(), 0..64)) {
            check(&payload, &[""]);
        }

        #[test]
        fn what_is_nearly_json_is_taken_or_refused_alike(payload in nearly_json()) {
            check(payload.as_bytes(), &["/a", "/b/a", "/0", "/ab/1"]);
        }

        #[test]
        fn documents_are_the_same_and_found_alike(
            document in json(), pointer in "(/([abc]|~0|~1|[0-2]){0,2}){0,4}",
        ) {
            check(document.to_string().as_bytes(), &[&pointer]);
        }
    }

    #[test]
    fn depth_has_the_same_limit() {
        for depth in [126, 127, 128, 129] {
            check(format!("{}{}", "[".repeat(depth), "]".repeat(depth)).as_bytes(), &["/0/0"]);
        }
    }
}
