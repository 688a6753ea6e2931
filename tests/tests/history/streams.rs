//! The stream of stored readings over a real socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use e2e::accounts::FIRST;
use e2e::binary;
use e2e::gateway::{CHANNEL, Gateway};
use e2e::site::Options;
use e2e::station::Station;
use serde_json::Value;

use crate::{list, stored};

/// The lines of a whole stream, of some kind.
fn lines(station: &Station, range: &str, accept: &str) -> Result<Vec<String>> {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
    let url = format!("{}/api/v1/records?{range}", station.url());
    let response = agent
        .get(&url)
        .header("authorization", station.bearer(FIRST)?)
        .header("accept", accept)
        .call()?;
    let kind = response.headers()["content-type"].to_str()?.to_owned();
    ensure!(kind.starts_with(accept), "{kind} instead of {accept}");
    let lines = BufReader::new(response.into_body().into_reader()).lines();
    lines.collect::<Result<_, _>>().context("the stream breaks")
}

#[test]
fn a_stream_is_whole_and_says_so() -> Result<()> {
    let gateway = Gateway::start(Options::default())?;
    let station = gateway.first_station()?;
    let sent: Vec<_> = (0..300).map(|second| (second, 0.1)).collect();
    stored(&station, &gateway, &sent)?;
    let (begin, end) = (gateway.moment_ms(0), gateway.moment_ms(300));
    let range = format!("from_ms={begin}&to_ms={end}");
    let mut found = lines(&station, &range, "application/x-ndjson")?;
    let last: Value = serde_json::from_str(&found.pop().context("no line")?)?;
    ensure!(last["complete"] == true && last["readings"] == 300, "{last}");
    ensure!(list(&last, "channels")?[0]["unit"] == "ppm", "{last}");
    let page = station.get(&format!("channels/{CHANNEL}/records?{range}"))?;
    for (line, record) in found.iter().zip(list(&page, "records")?) {
        let line: Value = serde_json::from_str(line)?;
        ensure!(line["channel"] == CHANNEL, "{line}");
        for key in ["measured_at_ms", "received_at_ms", "value", "quality", "origin"] {
            ensure!(line[key] == record[key], "{key}: {line} in the stream, {record} in the page");
        }
    }
    ensure!(found.len() == 300, "{} lines", found.len());
    let table = lines(&station, &range, "text/csv")?;
    ensure!(table.len() == 302, "{} lines", table.len());
    ensure!(table[1].starts_with(&format!("{CHANNEL},{begin},")), "{}", table[1]);
    ensure!(table[1].ends_with(",0.1,good,live"), "{}", table[1]);
    ensure!(table[301] == "# complete: 300 readings", "{}", table[301]);
    // Most pieces of a year hold nothing, and none of them may pass for the end.
    let year = format!("from_ms={}&to_ms={end}", end - 366 * 86_400_000);
    let found = lines(&station, &year, "application/x-ndjson")?;
    let last: Value = serde_json::from_str(found.last().context("no line")?)?;
    ensure!(last["complete"] == true, "{last}");
    ensure!(last["readings"].as_i64() > Some(300), "{last}");
    ensure!(last["readings"] == found.len() - 1, "{} lines, {last}", found.len());
    Ok(())
}

/// Answers the first request with `body` and closes, as a proxy would that has had enough.
fn cut_off(body: &str) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let body = body.to_owned();
    std::thread::spawn(move || -> Result<()> {
        let (mut tcp, _) = listener.accept()?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            tcp.read_exact(&mut byte)?;
            head.extend(byte);
        }
        write!(tcp, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}")?;
        Ok(())
    });
    Ok(url)
}

#[test]
fn the_example_never_takes_a_cut_stream_for_the_whole() -> Result<()> {
    let reading = "{\"channel\":\"a\",\"measured_at_ms\":0,\"received_at_ms\":7,\"value\":0.5,\
                   \"quality\":\"good\",\"origin\":\"live\"}\n";
    let failed =
        "{\"complete\":false,\"readings\":1,\"channels\":[],\"error\":{\"title\":\"T\"}}\n";
    let script = binary::root().join("docs/examples/history.py");
    for (body, says) in [(reading.to_owned(), "cut"), (format!("{reading}{failed}"), "not whole")] {
        let done = Command::new(binary::python()?).arg(&script).arg(cut_off(&body)?).output()?;
        let err = String::from_utf8_lossy(&done.stderr);
        ensure!(!done.status.success() && err.contains(says), "{err}");
    }
    Ok(())
}
