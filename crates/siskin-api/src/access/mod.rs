//! Who asks: every request is let in by name or not at all, and every act is done in somebody's
//! name.
//!
//! [`gate`] stands before every route. It must never let in what the table of [`permissions`] does
//! not know, take the name of who acts from anywhere but the credential, or log a secret.

mod cookie;
pub(crate) mod discreet;
mod fault;
pub(crate) mod permissions;
mod rate;
mod reach;
pub(crate) mod sight;

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use siskin_model::{AreaScope, WarningId, Who};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::backend::{Backend, BackendError};
use crate::people::{Credential, Known};
use crate::problem::Failure;

pub(crate) use cookie::{ended, set};
pub(crate) use fault::{AccessFault, days as token_days};
pub(crate) use rate::Rate;

use permissions::Permission;

/// The header of the text that a page shows together with its cookie: a page of another site
/// makes the browser send the cookie, but cannot know the text.
const CSRF_HEADER: &str = "x-siskin-csrf";

/// The line over which a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    /// Who is at its other end.
    pub(crate) remote: IpAddr,
    /// Whether it is encrypted.
    pub(crate) is_tls: bool,
}

/// Without a socket, as in tests, a request came from this machine in the clear.
impl Default for Line {
    fn default() -> Self {
        Self { remote: IpAddr::V4(Ipv4Addr::LOCALHOST), is_tls: false }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Line {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or_default())
    }
}

/// The person or program that sent a request.
#[derive(Debug, Clone)]
pub(crate) struct Asker(pub(crate) Who);

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let pass = parts.extensions.get::<Pass>();
        Ok(Self(pass.ok_or(AccessFault::NotSignedIn)?.known.who.clone()))
    }
}

/// How somebody came in: what they show, or that everybody may look.
#[derive(Debug, Clone)]
pub(crate) struct Pass {
    pub(crate) known: Known,
    pub(crate) credential: Option<Credential>,
}

impl Pass {
    /// Whether they would be let in again now, as the same. What lasts has to ask, every second or
    /// so: whose areas or role have changed must not go on with what they saw before.
    pub(crate) fn holds(&self, backend: &dyn Backend) -> bool {
        let now = match &self.credential {
            Some(credential) => backend.who(credential).map(|known| known.who),
            None => backend.anonymous(),
        };
        now.as_ref() == Some(&self.known.who)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Pass {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        Ok(parts.extensions.get::<Self>().cloned().ok_or(AccessFault::NotSignedIn)?)
    }
}

/// Lets a request through to its route, or refuses it.
pub(crate) async fn gate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("", MatchedPath::as_str);
    let Some(asked) = permissions::asked(request.method(), path) else {
        tracing::error!(path, method = %request.method(), "a route is not in the permissions");
        return Failure::from(AccessFault::NoRule).into_response();
    };
    if asked == Permission::Open {
        return next.run(request).await;
    }
    let line = request.extensions().get::<Line>().copied().unwrap_or_default();
    match enter(app.backend.as_ref(), asked, request.method(), request.headers(), line) {
        Ok(pass) => {
            if let Err(failure) = reach::admit(&app, &pass.known.who, path, &mut request).await {
                return failure.into_response();
            }
            request.extensions_mut().insert(pass);
            next.run(request).await
        }
        Err(fault) => {
            let is_over = fault == AccessFault::SessionOver;
            let mut response = Failure::from(fault).into_response();
            if is_over {
                ended(response.headers_mut(), line);
            }
            response
        }
    }
}

/// Who it is, and whether they may.
fn enter(
    backend: &dyn Backend,
    asked: Permission,
    method: &Method,
    headers: &HeaderMap,
    line: Line,
) -> Result<Pass, AccessFault> {
    let Some(credential) = shown(headers, line) else {
        return stranger(backend, asked);
    };
    let Some(known) = backend.who(&credential) else {
        return Err(match credential {
            Credential::Session(_) => AccessFault::SessionOver,
            Credential::Token(_) => AccessFault::TokenRefused,
        });
    };
    if !method.is_safe() && matches!(credential, Credential::Session(_)) {
        let given = headers.get(CSRF_HEADER).map_or(&[][..], |value| value.as_bytes());
        let own = known.csrf.as_ref().map_or("", |own| &own.0).as_bytes();
        if own.is_empty() || !bool::from(own.ct_eq(given)) {
            return Err(AccessFault::Csrf);
        }
    }
    if asked == Permission::Own && matches!(credential, Credential::Token(_)) {
        return Err(AccessFault::SessionOnly);
    }
    if !asked.is_of(known.who.role) {
        return Err(AccessFault::NotAllowed { role: known.who.role });
    }
    if asked.is_of_the_whole_site() && known.who.areas != AreaScope::All {
        return Err(AccessFault::WholeSite);
    }
    Ok(Pass { known, credential: Some(credential) })
}

/// Somebody who shows nothing may look where the site says so, and never do anything.
fn stranger(backend: &dyn Backend, asked: Permission) -> Result<Pass, AccessFault> {
    match backend.anonymous() {
        Some(who) if asked == Permission::Look => {
            Ok(Pass { known: Known { who, csrf: None }, credential: None })
        }
        _ if backend.setup_needed() => Err(AccessFault::SetupNeeded),
        _ => Err(AccessFault::NotSignedIn),
    }
}

/// What a request shows; a token comes before a cookie.
fn shown(headers: &HeaderMap, line: Line) -> Option<Credential> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return cookie::session(headers, line).map(Credential::Session);
    };
    // What is no token is a wrong one: it must not fall back to the cookie in silence.
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    Some(Credential::Token(token.unwrap_or_default()))
}

/// Whether `who` may act on a warning: its area must be one of theirs.
pub(crate) fn may_act_on(
    backend: &dyn Backend,
    who: &Who,
    id: &WarningId,
) -> Result<(), BackendError> {
    let area = backend.area_of_warning(id)?;
    if who.may_act_in(&area) {
        return Ok(());
    }
    Err(BackendError::OtherArea(area.to_string()))
}
