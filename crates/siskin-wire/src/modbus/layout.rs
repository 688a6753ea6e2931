//! Which registers are asked for together: blocks that must not be torn apart, joined to few
//! requests within the device's limits.
//!
//! Pure state: what a device refused is remembered here and never asked for again. Every refusal
//! adds a cut or loses a block, so that splitting ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::plan::Request;
use crate::profile::{DeviceProfile, Limits, Point, ReadFunction};

/// Points that come from one request: an atomic group, points that share registers, or one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) span: Request,
    pub(super) points: Vec<String>,
}

/// One request and the blocks it was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) request: Request,
    pub(super) blocks: Vec<Block>,
}

/// How the blocks of a device are cut into requests.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    limits: Limits,
    /// All blocks, lost ones too.
    blocks: Vec<Block>,
    /// What is never read to fill a gap.
    holes: Vec<Request>,
    /// Where a request must not go on: the first address of a block.
    cuts: BTreeSet<(ReadFunction, u16)>,
    /// The blocks the device does not have.
    lost: Vec<Block>,
}

impl Layout {
    /// The layout of `points`, some of the points of `profile`.
    pub(super) fn new(profile: &DeviceProfile, points: &BTreeMap<String, Arc<Point>>) -> Self {
        let limits = profile.limits.clone();
        let listed = limits.no_read.iter().map(|hole| Request {
            fc: hole.fc,
            addr: hole.from,
            len: hole.to.saturating_sub(hole.from).saturating_add(1),
        });
        let touchy = profile
            .points
            .iter()
            .filter(|(name, point)| point.read_side_effect && !points.contains_key(name.as_str()));
        let holes: Vec<_> = listed.chain(touchy.map(|(_, point)| Request::of(point))).collect();
        let named: Vec<_> =
            points.iter().map(|(name, point)| (name.as_str(), Request::of(point))).collect();
        let groups: Vec<_> = profile.groups().into_iter().map(|(_, group)| group).collect();
        let blocks = blocks(&named, &groups, &limits, &holes);
        Self { limits, blocks, holes, cuts: BTreeSet::new(), lost: Vec::new() }
    }

    /// The requests, in order of function and address.
    pub(super) fn batches(&self) -> Vec<Batch> {
        let mut out: Vec<Batch> = Vec::new();
        for block in self.blocks.iter().filter(|block| !self.lost.contains(block)) {
            if let Some(last) = out.last_mut()
                && let Some(request) = self.join(last.request, block.span)
            {
                last.request = request;
                last.blocks.push(block.clone());
            } else {
                out.push(Batch { request: block.span, blocks: vec![block.clone()] });
            }
        }
        out
    }

    /// `a` and `b` (which does not start before `a`) as one request, where that is allowed.
    fn join(&self, a: Request, b: Request) -> Option<Request> {
        let near = u32::from(b.addr) <= a.end() + u32::from(self.limits.max_gap);
        let joined = union(a, b).filter(|joined| near && fits(*joined, &self.limits))?;
        let is_cut = self.cuts.range((a.fc, a.addr)..=(a.fc, b.addr)).any(|cut| cut.1 > a.addr);
        let in_gap = |hole: &Request| {
            hole.fc == a.fc && hole.end() > a.end() && u32::from(hole.addr) < b.addr.into()
        };
        let lost = self.lost.iter().map(|block| &block.span);
        (!is_cut && !self.holes.iter().chain(lost).any(in_gap)).then_some(joined)
    }

    /// The device has no such registers as `batch` asks for. A batch of several blocks is cut in
    /// two; a single block is lost. Says which points are lost.
    pub(super) fn refuse(&mut self, batch: &Batch) -> Vec<String> {
        let first = batch.request.addr;
        let half = batch.blocks.len() / 2;
        let starts = batch.blocks.iter().map(|block| block.span.addr);
        if let Some(cut) = starts.skip(half).find(|addr| *addr > first) {
            self.cuts.insert((batch.request.fc, cut));
            return Vec::new();
        }
        let lost = batch.blocks.iter().flat_map(|block| block.points.clone()).collect();
        self.lost.extend(batch.blocks.iter().cloned());
        self.heal();
        lost
    }

    /// Cuts between registers that touch were only made to find what was lost now; where there is
    /// a gap, the gap itself may be what the device refuses.
    fn heal(&mut self) {
        let (blocks, lost) = (&self.blocks, &self.lost);
        self.cuts.retain(|&(fc, cut)| {
            let left = blocks.iter().filter(|block| !lost.contains(block));
            let left = left.filter(|block| block.span.fc == fc && block.span.addr < cut);
            left.map(|block| block.span.end()).max().is_some_and(|end| end < cut.into())
        });
    }

    /// Forgets what was refused.
    pub(super) fn forgive(&mut self) {
        self.cuts.clear();
        self.lost.clear();
    }

    pub(super) fn lost(&self) -> impl Iterator<Item = &str> {
        self.lost.iter().flat_map(|block| &block.points).map(String::as_str)
    }
}

fn fits(request: Request, limits: &Limits) -> bool {
    request.len <= limits.most(request.fc)
}

fn union(a: Request, b: Request) -> Option<Request> {
    let addr = a.addr.min(b.addr);
    let len = u16::try_from(a.end().max(b.end()) - u32::from(addr)).ok()?;
    (a.fc == b.fc).then_some(Request { fc: a.fc, addr, len })
}

fn meet(a: Request, b: Request) -> bool {
    a.fc == b.fc && u32::from(a.addr) < b.end() && u32::from(b.addr) < a.end()
}

/// The blocks of `points`: groups first, then what overlaps. A union that would break a limit or
/// touch a hole is not made; [`DeviceProfile::check`] refuses the groups where that happens.
fn blocks(
    points: &[(&str, Request)],
    groups: &[Vec<String>],
    limits: &Limits,
    holes: &[Request],
) -> Vec<Block> {
    let single =
        |(name, span): &(&str, Request)| Block { span: *span, points: vec![(*name).to_owned()] };
    let mut blocks: Vec<Block> = points.iter().map(single).collect();
    for group in groups {
        gather(&mut blocks, group, limits, holes);
    }
    blocks.sort_by_key(|block| (block.span.fc, block.span.addr, block.span.len));
    let mut out: Vec<Block> = Vec::new();
    for block in blocks {
        if let Some(last) = out.last_mut()
            && meet(last.span, block.span)
            && let Some(joined) = union(last.span, block.span).filter(|span| fits(*span, limits))
        {
            last.span = joined;
            last.points.extend(block.points);
        } else {
            out.push(block);
        }
    }
    out
}

/// Makes the blocks that hold points of `group` one.
fn gather(blocks: &mut Vec<Block>, group: &[String], limits: &Limits, holes: &[Request]) {
    let named = |block: &Block| block.points.iter().any(|point| group.contains(point));
    let mut members = blocks.iter().filter(|block| named(block)).cloned();
    let Some(mut joined) = members.next() else {
        return;
    };
    for member in members {
        let Some(span) = union(joined.span, member.span) else {
            return;
        };
        joined.span = span;
        joined.points.extend(member.points);
    }
    if !fits(joined.span, limits) || holes.iter().any(|hole| meet(*hole, joined.span)) {
        return;
    }
    blocks.retain(|block| !named(block));
    blocks.push(joined);
}

#[cfg(test)]
mod tests;
