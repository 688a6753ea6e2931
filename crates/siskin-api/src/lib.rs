//! HTTP and live stream of a station, and the dashboard's assets.
//!
//! Sees the rest through [`Backend`]; never touches the engine, a store or a device. Nothing goes
//! out on the live stream that the backend has not put on disk first (invariant 4). Every failure
//! is a problem document in two languages (invariant 1), and every queue and wait has a named limit
//! (invariant 11). Read [`contract`] for what goes over the wire, then [`backend`].

mod access;
pub mod alarm_records;
mod app;
mod assets;
pub mod audit;
pub mod backend;
pub mod bureau;
pub mod contract;
pub mod devices;
pub mod drills;
pub mod duty;
mod guard;
pub mod history;
pub mod incidents;
mod intake;
pub mod kpi;
pub mod life;
mod link;
pub mod map;
pub mod messages;
mod metrics;
mod openapi;
pub mod people;
pub mod periods;
mod places;
mod problem;
mod records;
pub mod reports;
mod routes;
mod serve;
mod stream;
mod tls;
pub mod workbench;
mod written;

pub use access::discreet::warning as without_people;
pub use alarm_records::{AlarmCursor, AlarmRecords, AlarmRecordsFault, AlarmsAsked};
pub use app::router;
pub use audit::{Audit, AuditExport};
pub use backend::{Backend, BackendError, LinkEnds, LiveEvent, RulesAct};
pub use bureau::{Bureau, BureauCursor, BureauFault};
pub use contract::*;
pub use devices::{DeviceFault, Devices};
pub use drills::{DrillFault, Drills};
pub use duty::{Duty, DutyFault};
pub use history::History;
pub use incidents::{IncidentAct, IncidentFault, Incidents};
pub use kpi::{Kpi, KpiFault, kpis_csv};
pub use life::{About, ActFault, Life, LifeAct};
pub use map::{Map, MapContent, MapFault, MapFile};
pub use messages::Messages;
pub use openapi::openapi_json;
pub use people::People;
pub use periods::{PeriodFault, Periods};
pub use reports::{MissingField, ReportFault, Reports};
pub use serve::serve;
pub use tls::{Certificate, ShownCertificate, TlsError, Transport, Validity};
pub use workbench::{WhichSet, Workbench, WorkbenchFault};
pub use written::WrittenList;
