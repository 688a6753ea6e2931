//! Who asks: every act is done in somebody's name.
//!
//! Until there are accounts everybody who reaches the port is `local`, with every right.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use siskin_model::{AreaScope, Role, Who};

/// The person or program that sent a request.
#[derive(Debug, Clone)]
pub(crate) struct Asker(pub(crate) Who);

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(Who { name: "local".to_owned(), role: Role::Admin, areas: AreaScope::All }))
    }
}
