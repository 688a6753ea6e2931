//! A JSON pointer (RFC 6901), taken apart once instead of for every message.

/// Where something stands in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// As the profile says it.
    text: String,
    /// None where it is no pointer: nothing is there.
    steps: Option<Vec<Step>>,
}

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// The key in an object.
    pub(super) key: String,
    /// The place in a list, where it can be one.
    pub(super) index: Option<usize>,
}

impl Path {
    pub(super) fn new(pointer: &str) -> Self {
        let mut parts = pointer.split('/');
        let is_pointer = parts.next() == Some("");
        Self { text: pointer.to_owned(), steps: is_pointer.then(|| parts.map(Step::new).collect()) }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn steps(&self) -> Option<&[Step]> {
        self.steps.as_deref()
    }
}

impl Step {
    fn new(token: &str) -> Self {
        let is_index = !token.starts_with('+') && (token == "0" || !token.starts_with('0'));
        Self {
            key: token.replace("~1", "/").replace("~0", "~"),
            index: token.parse().ok().filter(|_| is_index),
        }
    }
}
