//! Request planning: few requests, within the device's limits, every needed point in one of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::profile::{DeviceProfile, Limits, Point, ReadFunction, Transport, ValidityRule};
use crate::slot::{Slot, SlotError};

/// Bits that fit where one register does.
const BITS_PER_REG: u16 = 16;

/// One read request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The function.
    pub fc: ReadFunction,
    /// First address, counted from 0.
    pub addr: u16,
    /// Registers or bits.
    pub len: u16,
}

impl Request {
    pub(super) fn end(self) -> u32 {
        u32::from(self.addr) + u32::from(self.len)
    }

    pub(super) fn of(point: &Point) -> Self {
        Self { fc: point.fc, addr: point.addr, len: point.span() }
    }

    pub(super) fn contains(self, other: Self) -> bool {
        self.fc == other.fc && self.addr <= other.addr && other.end() <= self.end()
    }
}

/// What to ask a device for, and how to read its answers.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) slots: Vec<Slot>,
    pub(super) points: BTreeMap<String, Point>,
    pub(super) rules: Vec<ValidityRule>,
    pub(super) default: siskin_model::Quality,
    pub(super) heartbeat: Option<String>,
    pub(super) requests: Vec<Request>,
}

impl Plan {
    /// The plan that serves `slots` from a device of `profile`. The profile must have passed
    /// [`DeviceProfile::check`].
    pub fn new(profile: &DeviceProfile, slots: Vec<Slot>) -> Result<Self, SlotError> {
        if profile.transport != Transport::Modbus {
            return Err(SlotError::Transport(profile.id.clone()));
        }
        let known = profile.value_points();
        if let Some(slot) = slots.iter().find(|s| !known.contains(&s.point.as_str())) {
            return Err(SlotError::NoPoint {
                profile: profile.id.clone(),
                point: slot.point.clone(),
                known: known.join(", "),
            });
        }
        let needed = needed(profile, &slots);
        let points: BTreeMap<_, _> = profile
            .points
            .iter()
            .filter(|(name, _)| needed.contains(name.as_str()))
            .map(|(name, point)| (name.clone(), point.clone()))
            .collect();
        let spans: Vec<_> = points.values().map(Request::of).collect();
        Ok(Self {
            requests: coalesce(&spans, &profile.limits),
            slots,
            points,
            rules: profile.validity.clone(),
            default: profile.validity_default,
            heartbeat: profile.heartbeat.as_ref().map(|h| h.point.clone()),
        })
    }

    /// The requests of one poll, in order.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// How many slots the plan serves.
    pub fn slots(&self) -> usize {
        self.slots.len()
    }
}

/// The values, the points that say their units, the state words and the heartbeat.
fn needed<'a>(profile: &'a DeviceProfile, slots: &'a [Slot]) -> BTreeSet<&'a str> {
    let values: Vec<_> = slots.iter().map(|s| s.point.as_str()).collect();
    let units = values.iter().filter_map(|name| {
        let point = profile.points.get(*name)?;
        point.unit_from.as_deref()
    });
    let states = profile.validity.iter().flat_map(|rule| rule.when.keys());
    let beat = profile.heartbeat.iter().map(|h| h.point.as_str());
    let mut needed: BTreeSet<_> = units.collect();
    needed.extend(values);
    needed.extend(states.map(String::as_str));
    needed.extend(beat);
    needed
}

/// Joins `spans` of the same function whose gap is at most `max_gap` as long as the whole fits
/// into one request. A span is never split.
fn coalesce(spans: &[Request], limits: &Limits) -> Vec<Request> {
    let mut spans = spans.to_vec();
    spans.sort_by_key(|s| (s.fc, s.addr, s.len));
    let mut out: Vec<Request> = Vec::new();
    for span in spans {
        if let Some(last) = out.last_mut()
            && let Some(joined) = join(*last, span, limits)
        {
            *last = joined;
        } else {
            out.push(span);
        }
    }
    out
}

/// `a` and `b` (which does not start before `a`) as one request, where that is allowed.
fn join(a: Request, b: Request, limits: &Limits) -> Option<Request> {
    let len_max =
        if a.fc.is_bits() { limits.max_regs.saturating_mul(BITS_PER_REG) } else { limits.max_regs };
    let near = u32::from(b.addr) <= a.end() + u32::from(limits.max_gap);
    let len = u16::try_from(a.end().max(b.end()) - u32::from(a.addr)).ok()?;
    (a.fc == b.fc && near && len <= len_max).then_some(Request { len, ..a })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limits(max_regs: u16, max_gap: u16) -> Limits {
        Limits { max_regs, max_gap, ..Limits::default() }
    }

    fn check(spans: &[(u8, u16, u16)], max_gap: u16, want: &[(u8, u16, u16)]) {
        let request = |&(fc, addr, len): &(u8, u16, u16)| Request {
            fc: ReadFunction::try_from(fc).unwrap(),
            addr,
            len,
        };
        let spans: Vec<_> = spans.iter().map(request).collect();
        let want: Vec<_> = want.iter().map(request).collect();
        assert_eq!(coalesce(&spans, &limits(10, max_gap)), want);
    }

    #[test]
    fn near_spans_share_a_request() {
        check(&[(3, 4, 1), (3, 0, 2)], 2, &[(3, 0, 5)]);
        check(&[(3, 5, 1), (3, 0, 2)], 2, &[(3, 0, 2), (3, 5, 1)]);
        check(&[(3, 0, 2), (4, 2, 2)], 2, &[(3, 0, 2), (4, 2, 2)]);
        check(&[(3, 0, 8), (3, 8, 4)], 2, &[(3, 0, 8), (3, 8, 4)]);
        check(&[(2, 15, 1), (2, 19, 1)], 8, &[(2, 15, 5)]);
        check(&[(3, 0, 1), (3, 0, 1)], 0, &[(3, 0, 1)]);
        check(&[(4, 65_534, 2)], 2, &[(4, 65_534, 2)]);
    }

    fn spans() -> impl Strategy<Value = Vec<Request>> {
        let span = (1..=4u8, 0..300u16, 1..=2u16).prop_map(|(fc, addr, len)| Request {
            fc: ReadFunction::try_from(fc).unwrap(),
            addr,
            len,
        });
        proptest::collection::vec(span, 0..40)
    }

    proptest! {
        #[test]
        fn every_point_is_read_within_the_limits(
            spans in spans(),
            max_regs in 2..=125u16,
            gap in 0..125u16,
        ) {
            let limits = limits(max_regs, gap.min(max_regs - 1));
            let requests = coalesce(&spans, &limits);
            for span in &spans {
                prop_assert!(requests.iter().any(|r| r.contains(*span)), "{span:?}");
            }
            for request in &requests {
                let factor = if request.fc.is_bits() { 16 } else { 1 };
                prop_assert!(request.len >= 1 && request.len <= max_regs * factor);
                let mut addr = u32::from(request.addr);
                let mut inside: Vec<_> = spans.iter().filter(|s| request.contains(**s)).collect();
                inside.sort_by_key(|s| s.addr);
                for span in inside {
                    prop_assert!(u32::from(span.addr) <= addr + u32::from(limits.max_gap));
                    addr = addr.max(span.end());
                }
                prop_assert_eq!(addr, request.end());
            }
            prop_assert!(requests.len() <= spans.len());
        }
    }
}
