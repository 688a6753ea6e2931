//! The contract: what the API gives and takes. `openapi.json` and the page's types come from it.
//!
//! Fields are added, never re-meant. Moments are RFC 3339 texts with milliseconds in park-local
//! time with its offset. Words (`tier`, `state`, `quality` …) are those of `siskin-model`.

mod alarm_records;
mod audit;
mod bureau;
mod devices;
mod drills;
mod duty;
mod edges;
mod health;
mod history;
mod incidents;
mod kpi;
mod life;
mod messages;
mod people;
mod periods;
mod proof;
mod recipients;
mod reports;
mod rules;
mod site;
mod uplinks;
mod values;
mod warnings;
mod words;
mod workbench;

pub use alarm_records::*;
pub use audit::*;
pub use bureau::*;
pub use devices::*;
pub use drills::*;
pub use duty::*;
pub use edges::*;
pub use health::*;
pub use history::*;
pub use incidents::*;
pub use kpi::*;
pub use life::*;
pub use messages::*;
pub use people::*;
pub use periods::*;
pub use proof::*;
pub use recipients::*;
pub use reports::*;
pub use rules::*;
pub use site::*;
pub use uplinks::*;
pub use values::*;
pub use warnings::*;
pub use words::*;
pub use workbench::*;
