//! The figures as one table: a line a figure, a bucket or a source.
//!
//! `position,part,item,value,unit,limit,acceptable,manageable,standing,source`. Numbers have a
//! point and no grouping. What has no value has an empty field, never a zero.

use crate::contract::{KpiFigureView, KpiPositionView, KpiSourceView, KpisView};

const HEAD: &str = "position,part,item,value,unit,limit,acceptable,manageable,standing,source\n";
/// The word for the whole site in the first column; no position's id has a `*`.
const SITE: &str = "*";

/// The table of a span.
pub fn kpis_csv(kpis: &KpisView) -> String {
    let mut table = Table { text: HEAD.to_owned(), position: SITE.to_owned() };
    table.plain("span", "from", &kpis.from, "");
    table.plain("span", "to", &kpis.to, "");
    table.plain("span", "is-short", &kpis.is_short.to_string(), "");
    table.plain("span", "drill-events-left-out", &kpis.drill_events.to_string(), "count");
    for one in kpis.positions.iter().chain(&kpis.site) {
        table.position = one.position.clone().unwrap_or_else(|| SITE.to_owned());
        table.position(one);
    }
    table.text
}

struct Table {
    text: String,
    position: String,
}

impl Table {
    fn line(&mut self, fields: [&str; 9]) {
        self.text.push_str(&field(&self.position));
        for one in fields {
            self.text.push(',');
            self.text.push_str(&field(one));
        }
        self.text.push('\n');
    }

    fn plain(&mut self, part: &str, item: &str, value: &str, unit: &str) {
        self.line([part, item, value, unit, "", "", "", "", ""]);
    }

    fn position(&mut self, one: &KpiPositionView) {
        one.figures.iter().for_each(|figure| self.figure(figure));
        self.plain("calls", "all", &one.calls.to_string(), "count");
        for of in &one.tiers {
            let tier = of.tier.map_or("equipment", crate::backend::tier_word);
            self.plain("calls", tier, &of.calls.to_string(), "count");
        }
        for of in &one.periods {
            let (calls, periods) = (of.calls.to_string(), of.periods.to_string());
            self.plain("ten-minutes-with", &calls, &periods, "count");
        }
        for of in &one.frequent {
            let source = of.source.as_deref().unwrap_or("others");
            self.plain("frequent", source, &of.calls.to_string(), "count");
        }
        self.sources("chattering", &one.chattering);
        self.sources("fleeting", &one.fleeting);
        self.sources("stale", &one.stale);
        for flood in &one.floods {
            let item = format!("{} {}/{}", flood.position, flood.from, flood.to);
            self.plain("flood", &item, &flood.length_ms.to_string(), "ms");
        }
        self.response(one);
    }

    fn figure(&mut self, figure: &KpiFigureView) {
        let number = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
        let target = figure.target.as_ref();
        self.line([
            "figure",
            &figure.measure,
            &number(figure.value),
            &figure.unit,
            target.map_or("", |target| &target.limit),
            &number(target.map(|target| target.acceptable)),
            &number(target.and_then(|target| target.manageable)),
            &figure.standing,
            target.map_or("", |target| &target.source),
        ]);
    }

    fn sources(&mut self, part: &str, sources: &[KpiSourceView]) {
        for one in sources {
            self.plain(part, &one.source, &one.calls.to_string(), "count");
        }
    }

    fn response(&mut self, one: &KpiPositionView) {
        let response = &one.response;
        self.plain("response", "acknowledged", &response.acknowledged.to_string(), "count");
        self.plain("response", "open", &response.open.to_string(), "count");
        for within in &response.within {
            let bound = within.up_to_ms.map_or("longer".to_owned(), |ms| format!("up to {ms} ms"));
            self.plain("response", &bound, &within.calls.to_string(), "count");
        }
        let times = [
            ("half", response.half_ms),
            ("nine-tenths", response.nine_tenths_ms),
            ("longest", response.longest_ms),
        ];
        for (item, ms) in times {
            self.plain("response", item, &ms.map(|ms| ms.to_string()).unwrap_or_default(), "ms");
        }
    }
}

/// A field, in quotes where it needs them.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_a_table_needs_it() {
        let check = |text: &str, expected: &str| assert_eq!(field(text), expected);
        check("yard.chlorine", "yard.chlorine");
        check("a, b", "\"a, b\"");
        check("say \"a\"", "\"say \"\"a\"\"\"");
        check("", "");
    }
}
