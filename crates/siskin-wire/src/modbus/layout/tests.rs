//! Properties of the requests, whatever a device has and refuses.

use proptest::prelude::*;

use super::*;

fn limits(max_regs: u16, max_gap: u16) -> Limits {
    Limits { max_regs, max_gap, ..Limits::default() }
}

fn request((fc, addr, len): (u8, u16, u16)) -> Request {
    Request { fc: ReadFunction::try_from(fc).unwrap(), addr, len }
}

fn layout(spans: &[Request], groups: &[Vec<String>], holes: &[Request], limits: &Limits) -> Layout {
    let names: Vec<_> = (0..spans.len()).map(|i| i.to_string()).collect();
    let points: Vec<_> = names.iter().map(String::as_str).zip(spans.iter().copied()).collect();
    Layout {
        limits: limits.clone(),
        blocks: blocks(&points, groups, limits, holes),
        holes: holes.to_vec(),
        cuts: BTreeSet::new(),
        lost: Vec::new(),
    }
}

fn check(spans: &[(u8, u16, u16)], max_gap: u16, want: &[(u8, u16, u16)]) {
    let spans: Vec<_> = spans.iter().copied().map(request).collect();
    let want: Vec<_> = want.iter().copied().map(request).collect();
    let got = layout(&spans, &[], &[], &limits(10, max_gap)).batches();
    assert_eq!(got.iter().map(|batch| batch.request).collect::<Vec<_>>(), want);
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

/// A device: what is wanted of it, what belongs together, what is listed as never to be read,
/// what it lacks without telling, and its limits.
#[derive(Debug, Clone)]
struct Case {
    spans: Vec<Request>,
    groups: Vec<Vec<String>>,
    holes: Vec<Request>,
    missing: Vec<Request>,
    limits: Limits,
}

impl Case {
    fn layout(&self) -> Layout {
        layout(&self.spans, &self.groups, &self.holes, &self.limits)
    }

    fn has(&self, request: Request) -> bool {
        !self.missing.iter().any(|missing| meet(*missing, request))
    }

    fn span(&self, name: &str) -> Request {
        self.spans[name.parse::<usize>().unwrap()]
    }

    /// Spans of a group whose whole can be read at once.
    fn whole(&self, group: &[String]) -> Option<Request> {
        let mut spans = group.iter().map(|name| self.span(name));
        let first = spans.next()?;
        let whole = spans.try_fold(first, union)?;
        let free = !self.holes.iter().any(|hole| meet(*hole, whole));
        (free && fits(whole, &self.limits)).then_some(whole)
    }
}

fn span() -> impl Strategy<Value = Request> {
    (1..=4u8, 0..200u16, 1..=4u16).prop_map(request)
}

fn case() -> impl Strategy<Value = Case> {
    let sizes = (4..=125u16, 0..125u16);
    let spans = prop::collection::vec(span(), 1..40);
    let holes = prop::collection::vec(span(), 0..6);
    let missing = prop::collection::vec(span(), 0..6);
    let groups = prop::collection::vec(prop::collection::vec(0..40usize, 2..4), 0..4);
    (sizes, spans, holes, missing, groups).prop_map(
        |((max, gap), spans, holes, missing, groups)| {
            // A profile with a point in a hole does not pass its check.
            let free = |span: &Request| !holes.iter().any(|hole| meet(*hole, *span));
            let spans: Vec<_> = spans.into_iter().filter(free).collect();
            // Each point is in one group at most, as the check of a group's size presumes.
            let mut taken = BTreeSet::new();
            let groups = groups.into_iter().map(|group| {
                let fresh = group.into_iter().filter(|i| *i < spans.len() && taken.insert(*i));
                fresh.map(|i| i.to_string()).collect()
            });
            let groups: Vec<Vec<String>> = groups.collect();
            Case { groups, spans, holes, missing, limits: limits(max, gap.min(max - 1)) }
        },
    )
}

fn check_batches(case: &Case, batches: &[Batch], lost: &[String]) -> Result<(), TestCaseError> {
    let mut read: Vec<&String> = Vec::new();
    for batch in batches {
        prop_assert!(batch.request.len >= 1 && fits(batch.request, &case.limits));
        prop_assert!(!case.holes.iter().any(|hole| meet(*hole, batch.request)), "{batch:?}");
        let mut end = u32::from(batch.request.addr);
        for block in &batch.blocks {
            prop_assert!(u32::from(block.span.addr) <= end + u32::from(case.limits.max_gap));
            end = end.max(block.span.end());
            for name in &block.points {
                prop_assert_eq!(union(case.span(name), batch.request), Some(batch.request));
                read.push(name);
            }
        }
        prop_assert_eq!(end, batch.request.end());
    }
    read.extend(lost);
    read.sort();
    let mut all: Vec<_> = (0..case.spans.len()).map(|i| i.to_string()).collect();
    all.sort();
    prop_assert_eq!(read, all.iter().collect::<Vec<_>>());
    Ok(())
}

proptest! {
    #[test]
    fn every_point_is_read_exactly_once_within_the_limits(case in case()) {
        let batches = case.layout().batches();
        check_batches(&case, &batches, &[])?;
        prop_assert!(batches.len() <= case.spans.len());
        for group in case.groups.iter().filter(|group| case.whole(group).is_some()) {
            let with = batches.iter().filter(|batch| {
                batch.blocks.iter().flat_map(|block| &block.points).any(|p| group.contains(p))
            });
            prop_assert_eq!(with.count(), 1, "{:?}", group);
        }
    }

    #[test]
    fn refusals_end_and_lose_only_what_is_missing(case in case()) {
        let mut layout = case.layout();
        let mut lost = Vec::new();
        // Each call cuts or loses; between two losses there is at most a cut for each block.
        let calls_max = (case.spans.len() + 1) * (case.spans.len() + 1);
        let mut calls = 0;
        while let Some(batch) = layout.batches().into_iter().find(|b| !case.has(b.request)) {
            lost.extend(layout.refuse(&batch));
            calls += 1;
            prop_assert!(calls <= calls_max, "it does not end");
        }
        check_batches(&case, &layout.batches(), &lost)?;
        let told: BTreeSet<_> = layout.lost().map(str::to_owned).collect();
        prop_assert_eq!(&told, &lost.into_iter().collect::<BTreeSet<_>>());
        for block in &layout.lost {
            prop_assert!(!case.has(block.span), "{block:?} was there");
        }
        for block in layout.blocks.iter().filter(|block| case.has(block.span)) {
            prop_assert!(!layout.lost.contains(block));
        }
        layout.forgive();
        check_batches(&case, &layout.batches(), &[])?;
    }
}
