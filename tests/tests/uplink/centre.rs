//! A bureau's centre, written from the text of HJ 212-2017 and from nothing of Siskin's: it takes
//! frames, answers them as it is told to, and gives commands.
//!
//! Every frame that comes is compared with the standard's own rules: length, checksum with all its
//! zeros, order of the fields, at most 1,024 characters.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use e2e::wait::poll;

/// Longest wait for a frame: the rarest come once a minute.
const PATIENCE: Duration = Duration::from_secs(150);
/// Longest wait for a connection.
const CALL_MAX: Duration = Duration::from_secs(30);
/// The order of the fields (HJ 212-2017, 6.3.3); RF is the newer edition's.
const ORDER: [&str; 9] = ["QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF"];

/// Appendix A of the standard.
pub(crate) fn sum(data: &[u8]) -> u16 {
    let mut register = 0xFFFF_u16;
    for byte in data {
        register = (register >> 8) ^ u16::from(*byte);
        for _ in 0..8 {
            let falls_out = register & 1;
            register >>= 1;
            if falls_out == 1 {
                register ^= 0xA001;
            }
        }
    }
    register
}

/// The frame of a data segment.
pub(crate) fn line(data: &str) -> String {
    format!("##{:04}{data}{:04X}\r\n", data.len(), sum(data.as_bytes()))
}

/// The data segment of an answer.
pub(crate) fn answer(qn: &str, cn: &str, mn: &str, cp: &str) -> String {
    format!("QN={qn};ST=91;CN={cn};PW=123456;MN={mn};Flag=4;CP=&&{cp}&&")
}

/// The data segment that accepts what was said.
pub(crate) fn accepted(said: &Said) -> String {
    let cn = if ["1013", "9015"].contains(&said.cn()) { "9013" } else { "9014" };
    answer(said.field("QN"), cn, said.field("MN"), "")
}

/// A centre with a port that stays its own.
#[derive(Debug)]
pub(crate) struct Centre {
    listener: TcpListener,
    /// Every line that came, for others to look at.
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
}

impl Centre {
    pub(crate) fn new() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, lines: Arc::default() })
    }

    pub(crate) fn port(&self) -> Result<u16> {
        Ok(self.listener.local_addr()?.port())
    }

    /// Ends the calls that were made and not taken.
    pub(crate) fn hang_up(&self) {
        while self.listener.accept().is_ok() {}
    }

    /// The station's next call.
    pub(crate) fn call(&self) -> Result<Call> {
        let (stream, _) =
            poll("a call of the station", CALL_MAX, || Ok(self.listener.accept().ok()))?;
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let reader = BufReader::new(stream.try_clone()?);
        Ok(Call { stream, reader, lines: Arc::clone(&self.lines) })
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Call {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    lines: Arc<Mutex<Vec<String>>>,
}

/// A data segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) data: String,
}

impl Said {
    pub(crate) fn field(&self, name: &str) -> &str {
        let head = self.data.split(";CP=&&").next().unwrap_or_default();
        let mut fields = head.split(';').filter_map(|field| field.split_once('='));
        fields.find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn cn(&self) -> &str {
        self.field("CN")
    }

    pub(crate) fn cp(&self) -> &str {
        let content = self.data.split_once("CP=&&").map_or("", |(_, content)| content);
        content.strip_suffix("&&").unwrap_or_default()
    }
}

impl Call {
    /// The next frame, which must be one by the standard.
    pub(crate) fn hear(&mut self) -> Result<Said> {
        let mut line = Vec::new();
        let count = self.reader.read_until(b'\n', &mut line).context("no frame came")?;
        ensure!(count > 0, "the station closed the connection");
        let line = String::from_utf8(line)?;
        self.lines.lock().expect("nobody panics with it").push(line.clone());
        let data = line.get(6..line.len().saturating_sub(6)).context("too short")?;
        let want = format!("##{:04}{data}{:04X}\r\n", data.len(), sum(data.as_bytes()));
        ensure!(line == want, "not a frame: {line} instead of {want}");
        ensure!(data.len() <= 1024, "{} characters", data.len());
        let keys = data.split(";CP=").next().unwrap_or_default().split(';');
        let keys: Vec<_> = keys.filter_map(|field| field.split('=').next()).collect();
        let places: Vec<_> =
            keys.iter().map(|key| ORDER.iter().position(|one| one == key)).collect();
        ensure!(places.iter().all(Option::is_some) && places.is_sorted(), "the order: {data}");
        Ok(Said { data: data.to_owned() })
    }

    /// The next frame but repetitions of what was accepted: they may be on their way.
    pub(crate) fn hear_new(&mut self, accepted: &BTreeSet<String>) -> Result<Said> {
        loop {
            let said = self.hear()?;
            if !accepted.contains(said.field("QN")) {
                return Ok(said);
            }
        }
    }

    /// The next frame with this command; real-time data in between are answered.
    pub(crate) fn hear_only(&mut self, cn: &str) -> Result<Said> {
        loop {
            let said = self.hear()?;
            if said.cn() == cn {
                return Ok(said);
            }
            let is_usual = ["2011", "1013", "9015"].contains(&said.cn());
            ensure!(is_usual, "{cn} was awaited, and this came: {}", said.data);
            self.accept(&said)?;
        }
    }

    /// Says bytes as they are.
    pub(crate) fn say_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes)?)
    }

    pub(crate) fn say(&mut self, data: &str) -> Result<()> {
        self.say_bytes(line(data).as_bytes())
    }

    /// The answer to data (9014) or to a notice (9013), as the standard's appendix C has it.
    pub(crate) fn accept(&mut self, said: &Said) -> Result<()> {
        self.say(&accepted(said))
    }

    pub(crate) fn answer(&mut self, qn: &str, cn: &str, mn: &str) -> Result<()> {
        self.say(&answer(qn, cn, mn, ""))
    }

    /// Accepts everything from now on, until the line ends.
    pub(crate) fn answer_all(mut self) {
        std::thread::spawn(move || {
            while let Ok(said) = self.hear() {
                if self.accept(&said).is_err() {
                    break;
                }
            }
        });
    }

    /// Asks something and gives the answers: QnRtn, what came between, ExeRtn.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> Result<(String, Vec<Said>, String)> {
        self.say(&request.text())?;
        let ready = self.answer_to(request, "9011")?;
        let ready = ready.cp().replace("QnRtn=", "");
        if ready != "1" {
            return Ok((ready, Vec::new(), String::new()));
        }
        let mut between = Vec::new();
        loop {
            let said = self.hear()?;
            match said.cn() {
                "9012" => {
                    ensure!(said.field("QN") == request.qn, "of another request: {}", said.data);
                    return Ok((ready, between, said.cp().replace("ExeRtn=", "")));
                }
                "9011" => bail!("twice ready: {}", said.data),
                _ => {
                    // Answers to data only: what is read (1061 …) wants none.
                    if said.field("Flag").parse::<u8>()? & 1 == 1 {
                        self.accept(&said)?;
                    }
                    between.push(said);
                }
            }
        }
    }

    pub(crate) fn answer_to(&mut self, request: &Request<'_>, cn: &str) -> Result<Said> {
        let said = self.hear_only(cn)?;
        ensure!(said.field("QN") == request.qn && said.field("ST") == "91", "{}", said.data);
        Ok(said)
    }
}

/// A command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) qn: &'a str,
    pub(crate) cn: &'a str,
    pub(crate) pw: &'a str,
    pub(crate) mn: &'a str,
    pub(crate) cp: &'a str,
}

impl Request<'_> {
    pub(crate) fn text(&self) -> String {
        let Self { qn, cn, pw, mn, cp } = self;
        format!("QN={qn};ST=22;CN={cn};PW={pw};MN={mn};Flag=5;CP=&&{cp}&&")
    }
}
