//! The station's own TLS: the gateway links by `wss` directly, page and API by `https`; renewal and
//! a wrong authority (invariants 1, 5 and 8).

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use e2e::certificates;
use e2e::edge::Edge;
use e2e::moment;
use e2e::process::Process;
use e2e::station::Station;
use e2e::wait::poll;

use crate::feed::Feed;
use crate::park::{LATER, Park, view};

/// A park whose station shows a certificate for 127.0.0.1.
struct Secured {
    park: Park,
    /// The authority that signed it, and one that did not.
    own: PathBuf,
    other: PathBuf,
    /// Of the folder of all of it.
    files: tempfile::TempDir,
}

impl Secured {
    fn new() -> Result<Self> {
        let park = Park::new(1)?;
        let files = tempfile::tempdir()?;
        let path = park.site().join("site.toml");
        let tls = "[station.tls]\ncertificate = \"tls/server.crt\"\nkey = \"tls/server.key\"\n";
        let text = fs::read_to_string(&path)?;
        fs::write(&path, format!("{text}\n{tls}"))?;
        certificates::make(&park.site().join("tls"), &["127.0.0.1"])?;
        certificates::make(&files.path().join("other"), &["127.0.0.1"])?;
        let own = park.site().join("tls/ca.crt");
        Ok(Self { park, own, other: files.path().join("other/ca.crt"), files })
    }

    /// The station, with the line led to it.
    fn station(&self) -> Result<Station> {
        let station = Station::run_tls(
            &self.park.site(),
            &self.park.data(),
            &self.park.configs(),
            &self.own,
        )?;
        self.park.proxy.lead(port(&station)?);
        Ok(station)
    }

    fn edge(&self, authority: &Path) -> Result<Edge> {
        let ca = authority.to_str().context("no path")?;
        let data = self.park.data().with_file_name("edge");
        let address = format!("wss://127.0.0.1:{}", self.park.proxy.port());
        let configs = self.park.configs().display().to_string();
        let more = ["--ca-file", ca, "--firmware-configs", &configs];
        Edge::run_to(&address, &self.park.site(), &data, &more)
    }

    /// Makes a new certificate by the same authority and puts it in place.
    fn renew(&self) -> Result<()> {
        let folder = self.files.path().join("renewed");
        fs::create_dir(&folder)?;
        for name in ["ca.crt", "ca.key"] {
            fs::copy(self.park.site().join("tls").join(name), folder.join(name))?;
        }
        certificates::make(&folder, &["127.0.0.1"])?;
        for name in ["server.crt", "server.key"] {
            fs::copy(folder.join(name), self.park.site().join("tls").join(name))?;
        }
        Ok(())
    }
}

fn port(station: &Station) -> Result<u16> {
    Ok(station.url().rsplit(':').next().context("no port")?.parse()?)
}

/// What the station shows a client that looks at nothing else.
fn shown(station: &Station) -> Result<String> {
    let address = format!("127.0.0.1:{}", port(station)?);
    let script = "openssl s_client -connect \"$0\" </dev/null 2>/dev/null \
                  | openssl x509 -noout -serial";
    let output = std::process::Command::new("sh").args(["-c", script, &address]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn the_gateway_links_by_wss_and_a_renewal_loses_nothing() -> Result<()> {
    let secured = Secured::new()?;
    let mut station = secured.station()?;
    let edge = secured.edge(&secured.own)?;
    secured.park.heard(&station)?;
    let feed = Feed::start(&secured.park.broker, &secured.park.analyzers)?;
    feed.more(20)?;
    let before = shown(&station)?;
    let linked = view(&station)?["since"].clone();
    secured.renew()?;
    poll("the renewed certificate is shown", LATER, || {
        Ok((shown(&station)? != before).then_some(()))
    })?;
    feed.more(20)?;
    let seen = view(&station)?;
    ensure!(seen["connected"] == true && seen["since"] == linked, "cut by a renewal: {seen}");
    // A cut line is linked again under the renewed certificate, in the middle of the readings.
    secured.park.proxy.cut();
    feed.more(20)?;
    secured.park.proxy.mend();
    feed.more(20)?;
    let sent = feed.stop()?;
    secured.park.has_exactly(&station, &sent)?;
    let seen = view(&station)?;
    ensure!(seen["gaps"] == 0 && seen["readings_lost"] == 0, "{seen}");
    // A broken renewal is told at once on SIGHUP; the good one goes on.
    fs::write(secured.park.site().join("tls/server.crt"), "nothing")?;
    station.process().signal("HUP")?;
    let told = poll("the refusal is told", LATER, || {
        let told = station.get("health")?["certificate"].clone();
        Ok((!told["refused"].is_null()).then_some(told))
    })?;
    let text = told["refused"]["text"]["en"].as_str().unwrap_or_default();
    ensure!(text.contains("server.crt` cannot be used: no certificate in it; hint:"), "{told}");
    ensure!(told["standing"] == "good", "{told}");
    edge.stop()?;
    station.stop()
}

#[test]
fn a_gateway_that_trusts_another_authority_says_so_and_keeps_its_readings() -> Result<()> {
    let secured = Secured::new()?;
    let station = secured.station()?;
    let edge = secured.edge(&secured.other)?;
    let why = poll("the gateway says why", LATER, || {
        // The first one is written a moment after the start.
        let status = secured.park.status().unwrap_or_default();
        Ok(status["link"]["last_error"].as_str().map(str::to_owned))
    })?;
    ensure!(why.contains("invalid peer certificate") && why.contains("TLS 握手失败"), "{why}");
    let at_ms = moment::now_ms();
    poll("the gateway keeps a reading", LATER, || {
        secured.park.broker.publish("at-1", &[(moment::now_ms(), 0.4)])?;
        Ok((secured.park.status()?["spool"]["next_seq"].as_u64() > Some(0)).then_some(()))
    })?;
    ensure!(view(&station)?["connected"] == false, "linked under another authority");
    edge.stop()?;
    let edge = secured.edge(&secured.own)?;
    let channel = "at-1-cl2";
    poll("what it kept arrives", LATER, || {
        let kept = station.readings(channel, at_ms, moment::now_ms())?;
        Ok(kept.iter().any(|point| point["mean"] == 0.4).then_some(()))
    })?;
    edge.stop()?;
    station.stop()
}

#[test]
fn page_api_and_stream_are_served_by_https_and_nothing_in_the_clear() -> Result<()> {
    let secured = Secured::new()?;
    let station = secured.station()?;
    let health = station.get("health")?;
    ensure!(health["certificate"]["standing"] == "good", "{health}");
    station.until("the stream lives", LATER, |_| Ok(Some(())))?;
    let page = |ca: &Path| -> Result<Process> {
        let mut curl = std::process::Command::new("curl");
        curl.args(["--silent", "--show-error", "--noproxy", "*", "--cacert"]).arg(ca);
        Process::start("curl", curl.arg(format!("{}/", station.url())))
    };
    let mut trusting = page(&secured.own)?;
    ensure!(trusting.ended(LATER)?.success(), "curl: {}", trusting.log());
    // What it wrote is read beside it.
    poll("the page is there", LATER, || Ok(trusting.log().contains("<title>").then_some(())))?;
    let mut doubting = page(&secured.other)?;
    ensure!(doubting.ended(LATER)?.code() == Some(60), "curl: {}", doubting.log());
    let mut clear = TcpStream::connect(("127.0.0.1", port(&station)?))?;
    clear.write_all(b"GET /api/v1/health HTTP/1.1\r\nHost: park\r\n\r\n")?;
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ended = clear.read_to_end(&mut answer);
    ensure!(!answer.windows(4).any(|part| part == b"HTTP"), "answered in the clear");
    station.stop()
}
