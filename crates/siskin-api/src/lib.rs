//! HTTP and live stream of a station, and the dashboard's assets.
//!
//! Sees the rest through [`Backend`]; never touches the engine, a store or a device. Nothing goes
//! out on the live stream that the backend has not put on disk first (invariant 4).

pub mod backend;
pub mod types;

pub use backend::{Backend, BackendError, LiveEvent};
