//! Tables to readings, and what the store makes of them.

use siskin_model::{ChannelId, Quality, Unit};

use super::rows::Refused;
use super::table::Cell;
use super::*;
use crate::files;

/// A moment after all that the tests have.
const NOW: Timestamp = Timestamp::from_millis(1_796_000_000_000);

fn site() -> Site {
    siskin_config::load(&files::demo_park()).unwrap_or_else(|r| panic!("{}", r.render())).site
}

fn chlorine(site: &Site) -> (String, ChannelIndex) {
    let is_chlorine = |c: &siskin_model::site::Channel| {
        c.quantity.gas().is_some_and(|gas| gas.to_string() == "chlorine") && c.unit == Unit::Ppm
    };
    let (index, channel) = site.indexed().find(|(_, c)| is_chlorine(c)).unwrap();
    (channel.id.to_string(), index)
}

/// Readings and refusals of a table of texts.
fn rows(mapping: &str, columns: &[&str], cells: &[&[&str]]) -> (Vec<Reading>, Refused, u64) {
    let site = site();
    let mapping = Mapping::read("m.toml", mapping).unwrap();
    let columns = columns.iter().map(|&name| name.to_owned()).collect();
    let mut rows = Rows::new(&site, &mapping, columns, NOW).unwrap();
    let mut out = Vec::new();
    for (line, cells) in (2..).zip(cells) {
        let cells: Vec<_> = cells.iter().map(|&text| Cell::Text(text.to_owned())).collect();
        rows.take(line, &cells, &mut out);
    }
    (out, rows.refused, rows.empty)
}

#[test]
fn a_wide_table_with_local_time_and_another_unit() {
    let (id, index) = chlorine(&site());
    let mapping = format!(
        "no_value = ['', '--']\n[time]\ncolumn = '时间'\nformat = '%Y/%m/%d %H:%M:%S'\n\
         utc_offset = '+08:00'\n[[wide]]\ncolumn = '氯气'\nchannel = '{id}'\nunit = 'mg/m3'\n"
    );
    let cells: [&[&str]; 5] = [
        &["2026/11/20 08:00:00", "2.9"],
        &["2026/11/20 08:00:10", "--"],
        &["2026/11/20 08:00:20", "高"],
        &["20 Nov", "1"],
        &[],
    ];
    let (out, refused, empty) = rows(&mapping, &["时间", "氯气"], &cells);
    // 2026-11-20T00:00:00Z.
    let at = Timestamp::from_millis(1_795_132_800_000);
    assert_eq!((out.len(), empty, refused.count), (1, 1, 3));
    assert_eq!((out[0].channel, out[0].measured_at, out[0].quality), (index, at, Quality::Good));
    // 2.9 mg/m3 of chlorine (70.906 g/mol) at 25 degC and 1013.25 hPa.
    assert!((out[0].value.unwrap() - 1.0).abs() < 0.001, "{:?}", out[0].value);
    let words = [
        "line 4, 列 / column `氯气`: `高` is no number; hint: ",
        "`20 Nov` is no moment",
        "expected 2 fields; hint: ",
    ];
    for (line, word) in refused.listed.iter().zip(words) {
        assert!(line.contains(word), "{line}");
    }
}

#[test]
fn a_long_table_with_words_for_quality() {
    let (id, index) = chlorine(&site());
    let mapping = "[time]\ncolumn = 't'\nformat = 'unix-s'\n\
                   [long]\nchannel = 'tag'\nvalue = 'v'\nchannels = { 'AT-1' = 'ID' }\n\
                   [quality]\ncolumn = 'q'\nwords = { N = 'good', D = 'fault' }\n";
    let mapping = mapping.replace("ID", &id);
    let cells: [&[&str]; 6] = [
        &["1780000000.25", "AT-1", "0.1", "N"],
        &["1780000001", &id, "", "D"],
        &["1780000002", "AT-9", "0.1", "N"],
        &["1780000003", "AT-1", "0.1", "?"],
        &["178", "AT-1", "0.1", "N"],
        &["1999999999", "AT-1", "0.1", "N"],
    ];
    let (out, refused, _) = rows(&mapping, &["t", "tag", "v", "q"], &cells);
    let at = Timestamp::from_millis;
    let first =
        Reading::new(index, at(1_780_000_000_250), at(1_780_000_000_250), Some(0.1), Quality::Good);
    let second =
        Reading::new(index, at(1_780_000_001_000), at(1_780_000_001_000), None, Quality::Fault);
    assert_eq!(out, [first, second]);
    let words = ["no channel `AT-9`", "`?` is no quality", "before 2000", "in the future"];
    assert_eq!(refused.count, 4);
    for (line, word) in refused.listed.iter().zip(words) {
        assert!(line.contains(word) && line.contains("hint: "), "{line}");
    }
}

#[test]
fn a_mapping_that_does_not_fit_is_refused() {
    let check = |text: &str, word: &str| {
        let mapping = Mapping::read("m.toml", text);
        let site = site();
        let columns = vec!["t".to_owned(), "v".to_owned()];
        let error = mapping.and_then(|m| Rows::new(&site, &m, columns, NOW).map(|_| ()));
        let error = format!("{:#}", error.unwrap_err());
        assert!(error.contains(word), "{error}");
    };
    let (id, _) = chlorine(&site());
    check("[time]\ncolumn = 't'\n", "either [long] or [[wide]]; hint: ");
    check("[time]\ncolumn = 't'\nzone = 1\n", "unknown field `zone`");
    let wide = |more: &str| format!("[time]\ncolumn = 't'\n[[wide]]\ncolumn = 'v'\n{more}");
    check(&wide("channel = 'nobody'"), "no channel `nobody`");
    check(&wide(&format!("channel = '{id}'\nunit = 'degC'")), "cannot be turned into `ppm`");
    check(&wide(&format!("channel = '{id}'\nunit = 'furlong'")), "is no unit");
    check(&wide(&format!("channel = '{id}'\n[quality]\ncolumn = 'q'")), "no column `q`");
}

#[test]
fn what_the_station_heard_is_kept_unless_it_is_told_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let key = siskin_store::ChannelKey {
        id: ChannelId::new("a").unwrap(),
        quantity: "chlorine".to_owned(),
        unit: Unit::Ppm,
    };
    let series = Series::open(dir.path(), &[key]).unwrap();
    let reading = |second: i64, value: f64| {
        let at = Timestamp::from_millis(second * 1000);
        Reading::new(ChannelIndex(0), at, at, Some(value), Quality::Good)
    };
    series.append(&[reading(1, 1.0), reading(2, 2.0), reading(3600, 3.0)]).unwrap();
    let piece = || {
        vec![reading(3600, 3.0), reading(1, 9.0), reading(2, 2.0), reading(5, 5.0), reading(5, 6.0)]
    };
    let mut counts = Counts::default();
    let new = new_ones(&series, piece(), false, &mut counts).unwrap();
    assert_eq!(new, [reading(5, 6.0)]);
    assert_eq!((counts.duplicates, counts.kept), (3, 1));
    let new = new_ones(&series, piece(), true, &mut counts).unwrap();
    assert_eq!(new, [reading(1, 9.0), reading(5, 6.0)]);
}
