//! The API over a fake station: routes, problems, limits, live stream, pages, server, document.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy does not know that the helpers beside the tests are tests too"
)]

mod access;
mod alarm_records;
mod ask;
mod audit;
mod bureau;
mod devices;
mod drills;
mod duty;
mod fake;
mod incidents;
mod kpis;
mod life;
mod limited;
mod limits;
mod link;
mod map;
mod messages;
mod no_devices;
mod no_drills;
mod no_duty;
mod openapi;
mod page;
mod periods;
mod problems;
mod records;
mod reports;
mod resume;
mod routes;
mod rules;
mod server;
mod slow;
mod stream;
mod tls;
mod workbench;
