//! Points against each other: overlaps, atomic groups, addresses that are never read.

use std::sync::Arc;

use super::{Problems, add};
use crate::profile::{DeviceProfile, NoRead, Point, ReadFunction};

pub(super) fn check(profile: &DeviceProfile, out: &mut Problems) {
    check_overlaps(profile, out);
    check_holes(profile, out);
    for (place, group) in profile.groups() {
        check_group(profile, place, &group, out);
    }
}

fn end(point: &Point) -> u32 {
    u32::from(point.addr) + u32::from(point.span())
}

/// Two points may share a register only when their masks share no bit, or one is meant as another
/// look at it: manuals that print two values at one place have one of them wrong.
fn check_overlaps(profile: &DeviceProfile, out: &mut Problems) {
    let mut points: Vec<_> = profile.points.iter().collect();
    points.sort_by_key(|(_, p)| (p.fc, p.addr));
    for (i, (name, a)) in points.iter().enumerate() {
        let after = points.iter().skip(i + 1);
        let near = after.take_while(|(_, b)| b.fc == a.fc && u32::from(b.addr) < end(a));
        for (other, b) in near {
            let same_place = a.addr == b.addr && a.kind == b.kind;
            let apart = a.mask.zip(b.mask).is_some_and(|(a, b)| a & b == 0);
            if !(same_place && apart || a.alias || b.alias) {
                let (name, other) = (a.written_name(name), b.written_name(other));
                let path = format!("points.{other}.addr");
                let message = format!("`{other}` overlaps `{name}`");
                let hint = "only masks without a common bit may share a register; \
                            a second look at it says `alias = true`";
                add(out, path, message, hint);
            }
        }
    }
}

fn meets(hole: NoRead, point: &Point) -> bool {
    hole.fc == point.fc && u32::from(hole.from) < end(point) && hole.to >= point.addr
}

fn check_holes(profile: &DeviceProfile, out: &mut Problems) {
    for (place, hole) in profile.limits.no_read.iter().enumerate() {
        let path = format!("limits.no_read[{place}]");
        if hole.from > hole.to {
            let message = format!("{} to {} is empty", hole.from, hole.to);
            add(out, path.clone(), message, "write the lower address first");
        }
        for (name, point) in profile.points.iter().filter(|(_, point)| meets(*hole, point)) {
            let message = format!("point `{}` lies in it", point.written_name(name));
            add(out, path.clone(), message, "remove the point, or shorten the hole");
        }
    }
}

/// A group must be readable with one request that touches nothing forbidden.
fn check_group(profile: &DeviceProfile, place: usize, group: &[String], out: &mut Problems) {
    let path = format!("atomic[{place}]");
    if group.len() < 2 {
        let message = "a group has at least two points";
        add(out, path.clone(), message, "name the points that are read together");
    }
    let mut points = Vec::new();
    for name in group {
        if let Some(point) = profile.points.get(name) {
            points.push(point);
        } else {
            let message = format!("there is no point `{name}`");
            add(out, path.clone(), message, "name a point of this profile");
        }
    }
    let (Some(first), Some(from), Some(to)) = (
        points.first(),
        points.iter().map(|point| point.addr).min(),
        points.iter().map(|point| end(point)).max(),
    ) else {
        return;
    };
    if points.iter().any(|point| point.fc != first.fc) {
        add(out, path, "one request has one function", "group points of one function only");
        return;
    }
    let stretch = Stretch { fc: first.fc, from, to };
    if let Some((message, hint)) = stretch.problem(profile, group) {
        add(out, path, message, hint);
    }
}

/// What one request for a group would read.
struct Stretch {
    fc: ReadFunction,
    from: u16,
    /// The address behind the last one.
    to: u32,
}

impl Stretch {
    fn problem(&self, profile: &DeviceProfile, group: &[String]) -> Option<(String, &'static str)> {
        let (len, max) = (self.to - u32::from(self.from), profile.limits.most(self.fc));
        if len > u32::from(max) {
            let message = format!("the group spans {len} of {max}");
            return Some((message, "group points that stand closer, or raise `limits.max_regs`"));
        }
        if profile.limits.no_read.iter().any(|hole| self.holds(hole.fc, hole.from, hole.to)) {
            let message = "the group spans an address that is never read".to_owned();
            return Some((message, "compare `limits.no_read`"));
        }
        let foreign = |(name, point): &(&String, &Arc<Point>)| {
            let last = point.addr.saturating_add(point.span().saturating_sub(1));
            point.read_side_effect
                && !group.contains(name)
                && self.holds(point.fc, point.addr, last)
        };
        let (name, _) = profile.points.iter().find(foreign)?;
        let message = format!("to read the group would read `{name}` and its side effect");
        Some((message, "put it into the group, or take the group apart"))
    }

    /// Whether it reads any of the addresses `from` to `last`.
    fn holds(&self, fc: ReadFunction, from: u16, last: u16) -> bool {
        self.fc == fc && u32::from(from) < self.to && last >= self.from
    }
}
