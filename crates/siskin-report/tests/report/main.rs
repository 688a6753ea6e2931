//! Reports as clerks read them: what the order asks for, and the documents.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy does not know that the helpers beside the tests are tests too"
)]

mod checklist;
mod documents;
mod park;
mod seen;
