//! A device whose unit changes while it runs: somebody works on it, or its registers are read
//! wrongly. Its values are not taken until the unit is back.

use siskin_model::{Text, Unit};

use super::decode::Decoded;
use super::plan::Plan;
use crate::slot::Refusal;
use siskin_model::Quality;

/// Watches the units of one device. A change of the line does not make it forget.
#[derive(Debug, Clone)]
pub struct UnitWatch {
    points: Vec<String>,
    first: Vec<Option<Unit>>,
}

impl UnitWatch {
    /// A watch over the slots of `plan` that has not seen anything.
    pub fn new(plan: &Plan) -> Self {
        let points: Vec<_> = plan.slots.iter().map(|slot| slot.point.clone()).collect();
        Self { first: vec![None; points.len()], points }
    }

    /// Takes the values out of `decoded` whose unit is not the one first seen, and says so.
    pub fn observe(&mut self, decoded: &mut Decoded) {
        let seen = decoded.values.iter_mut().zip(&decoded.units);
        let known = self.points.iter().zip(&mut self.first);
        for ((reading, unit), (point, first)) in seen.zip(known) {
            let Some(unit) = *unit else {
                continue;
            };
            let first = *first.get_or_insert(unit);
            if first == unit {
                continue;
            }
            reading.value = None;
            if reading.quality.is_judged() {
                reading.quality = Quality::Fault;
            }
            let refusal = Refusal { point: point.clone(), reason: changed(first, unit) };
            if !decoded.refused.iter().any(|refusal| refusal.point == *point) {
                decoded.refused.push(refusal);
            }
        }
    }
}

fn changed(first: Unit, now: Unit) -> Text {
    let (first, now) = (first.as_str(), now.as_str());
    Text::new(
        format!("设备单位在运行中由 {first} 变为 {now}；请改回，或确认后重启本站"),
        format!(
            "the device's unit changed from {first} to {now} while it was running; \
             hint: set it back, or restart the station to take the new one"
        ),
    )
}

#[cfg(test)]
mod tests;
