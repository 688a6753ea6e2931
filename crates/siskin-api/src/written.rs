//! Lists that are written as JSON before they are asked for.
//!
//! In a flood of alarms many people ask for the same long list at once: a backend that keeps its
//! parts written puts them together here, and nobody waits while they are written anew.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::backend::BackendError;

/// A JSON list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenList(Vec<u8>);

impl WrittenList {
    /// Puts elements together that are JSON already.
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut text = vec![b'['];
        for part in parts {
            if text.len() > 1 {
                text.push(b',');
            }
            text.extend_from_slice(part);
        }
        text.push(b']');
        Self(text)
    }

    /// Writes a list.
    pub fn of<T: Serialize>(items: &[T]) -> Result<Self, BackendError> {
        serde_json::to_vec(items).map(Self).map_err(|e| BackendError::Unavailable(e.to_string()))
    }
}

impl IntoResponse for WrittenList {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_list_that_they_are_parts_of() {
        let all: [&[u8]; 3] = [b"{\"a\":1}", b"2", b"[3]"];
        assert_eq!(WrittenList::of_parts(all).0, b"[{\"a\":1},2,[3]]");
        assert_eq!(WrittenList::of_parts([]).0, WrittenList::of::<u8>(&[]).unwrap().0);
        assert_eq!(WrittenList::of_parts([&b"7"[..]]), WrittenList::of(&[7]).unwrap());
    }
}
