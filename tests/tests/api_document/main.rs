//! The API held against its own document: schemathesis asks every operation of a running station
//! with what fits and what does not, and every answer must be one that the document describes.
//! Nothing may be an error of the server.
//!
//! Left out of its checks, with the reason: those that judge whether a value should have been
//! refused (`negative_data_rejection`, `positive_data_acceptance`), since much depends on what the
//! site has, which a document cannot say; `ignored_auth`, since `attacks` walks every route with
//! and without credentials; `unsupported_method`, since it asks for TRACE, which proxies answer.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod park;

use anyhow::{Result, ensure};
use e2e::accounts::SECOND;
use park::{Asks, Park};

/// Examples of each operation and phase; `make soak-api` takes more.
const EXAMPLES: u64 = 5;
/// Where the examples come from; printed, so that a failure can be had again.
const SEED: u64 = 20_261_129;

fn number(variable: &str, otherwise: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn every_answer_is_one_that_the_document_describes() -> Result<()> {
    let (examples, seed) = (number("API_EXAMPLES", EXAMPLES), number("API_SEED", SEED));
    let park = Park::start()?;
    let asks = [
        Asks { who: "nobody", headers: Vec::new(), leave_out: &[], real_ids: false },
        Asks { who: "token", headers: park.token()?, leave_out: &[], real_ids: false },
        Asks {
            who: "session",
            headers: park.session()?,
            leave_out: &["sign_out", "change_password"],
            real_ids: true,
        },
    ];
    let found = asks.iter().map(|asks| park.held_to_its_document(asks, examples, seed));
    let found: Vec<_> = found.filter_map(Result::err).map(|error| error.to_string()).collect();
    ensure!(found.is_empty(), "{}", found.join("\n"));
    // The session named what there is, so it must have acted: else all of this was refusals.
    let acts = park.acts_of(SECOND)?;
    for act in ["incident.note", "incident.open", "person.change", "token.add"] {
        ensure!(acts.contains(act), "no {act}: {acts:?}");
    }
    park.stop()
}
