//! Tables: each row as high as its highest cell. A short one that does not fit goes to the next
//! page, a long one goes on there, with the head of the table above it and its name again.

use super::flow::{Flow, LEADING, MARGIN, TEXT_WIDTH};
use super::lines::SetLine;
use crate::document::{Cell, Tone};
use crate::drawing::{Ink, Shape};

const SIZE: f64 = 9.0;
const PAD: f64 = 3.0;
const LINE: f64 = SIZE * LEADING;
/// Rows of so many lines stay on one page.
const TOGETHER_LINES_MAX: usize = 12;

/// A row as lines of its cells.
struct Row {
    cells: Vec<Vec<SetLine>>,
    widths: Vec<f64>,
    is_shaded: bool,
}

impl Row {
    fn line_count(&self) -> usize {
        self.cells.iter().map(Vec::len).max().unwrap_or(0)
    }
}

pub(super) fn put(flow: &mut Flow<'_>, widths: &[f64], rows: &[Vec<Cell>]) {
    flow.y += 4.0;
    let set: Vec<Row> =
        (0..).zip(rows).map(|(place, cells)| set(flow, widths, cells, place)).collect();
    let head = set.first().filter(|head| head.is_shaded);
    for (place, row) in set.iter().enumerate() {
        let height = height_of(row.line_count());
        // A long row that would only begin at the foot of the page goes to the next one too.
        let is_short = row.line_count() <= TOGETHER_LINES_MAX;
        if flow.left() < if is_short { height } else { height_of(3) } {
            turn(flow, head.filter(|_| place > 0));
        }
        pieces(flow, row, head.filter(|_| place > 0));
    }
    flow.y += 4.0;
}

fn height_of(lines: usize) -> f64 {
    lines as f64 * LINE + 2.0 * PAD
}

fn turn(flow: &mut Flow<'_>, head: Option<&Row>) {
    flow.turn();
    if let Some(head) = head {
        piece(flow, head, 0, head.line_count());
    }
}

fn set(flow: &mut Flow<'_>, widths: &[f64], cells: &[Cell], place: usize) -> Row {
    let is_whole = cells.len() == 1 && widths.len() > 1;
    let widths: Vec<f64> = if is_whole {
        vec![TEXT_WIDTH]
    } else {
        widths.iter().map(|part| part * TEXT_WIDTH).collect()
    };
    let is_strong = |cell: &Cell| cell.iter().flatten().all(|span| span.tone == Tone::Strong);
    let is_shaded = is_whole || (place == 0 && cells.iter().all(is_strong));
    let mut lines_of = |(width, cell): (&f64, &Cell)| -> Vec<SetLine> {
        let lines = cell.iter().map(|spans| flow.measure.lines(spans, SIZE, width - 2.0 * PAD));
        lines.flatten().collect()
    };
    let cells = widths.iter().zip(cells).map(&mut lines_of).collect();
    Row { cells, widths, is_shaded }
}

/// The row on this page and, where it is longer, on the next ones.
fn pieces(flow: &mut Flow<'_>, row: &Row, head: Option<&Row>) {
    let (mut from, count) = (0, row.line_count());
    while from < count {
        let mut fit = 0;
        while fit < count - from && height_of(fit + 1) <= flow.left() {
            fit += 1;
        }
        if fit == 0 {
            turn(flow, head);
            // A page that holds the head holds a line below it.
            fit = 1;
        }
        piece(flow, row, from, from + fit);
        from += fit;
        if from < count {
            turn(flow, head);
        }
    }
}

fn piece(flow: &mut Flow<'_>, row: &Row, from: usize, to: usize) {
    let (top, low) = (flow.y, flow.y + height_of(to - from));
    let mut left = MARGIN;
    for (place, (width, lines)) in row.widths.iter().zip(&row.cells).enumerate() {
        let right = left + width;
        let points = vec![(left, top), (right, top), (right, low), (left, low)];
        let fill = row.is_shaded.then_some(Ink::MIST);
        flow.put(Shape::Area { points, fill, edge: Some(Ink::GREY) }, false);
        flow.y = top + PAD;
        // What goes on is named again.
        let first = if place == 0 && from >= lines.len() { 0 } else { from };
        for line in lines.iter().skip(first).take(to - from) {
            flow.line(line, left + PAD, SIZE);
        }
        left = right;
    }
    flow.y = low;
}
