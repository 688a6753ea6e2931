//! One connection to a centre: one message at a time, its answer, and what the centre wants.
//!
//! A message is marked as sent before its first byte goes out and stays open until the answer with
//! its QN comes; after the last repetition (ReCount) the line counts as unavailable and is closed.
//! Must never take an answer that fits no message for one, or wait for ever.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use siskin_model::Text;
use siskin_model::Timestamp;
use siskin_model::uplink::{UplinkDraft, UplinkMessage, UplinkState};
use siskin_wire::hj212::uplink::answer;
use siskin_wire::hj212::uplink::command::{self, Me, Refusal, Said};
use siskin_wire::hj212::{Content, Frame, Packet, Sealer, Splitter, ask, encode, moment};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::desk::DeskFault;
use super::line::{Line, off};
use super::obey;
use super::refused;
use super::standing::Standing;

/// How long the centre may take to take bytes.
const WRITE_MAX: Duration = Duration::from_secs(10);
/// Tries of a message over all connections before it may be given up.
const TRIES_MAX: u32 = 40;
/// Bytes that are read at once.
const READ_BYTES: usize = 4096;
/// Bytes of a centre without one frame: it is no centre.
const GARBAGE_BYTES_MAX: u64 = 64 * 1024;

/// How a connection ended.
pub(super) struct Ended {
    /// Why.
    pub(super) why: Text,
    /// Whether the centre has accepted anything on it.
    pub(super) accepted: bool,
}

/// Why a connection must end.
pub(super) enum End {
    Cut(Text),
    Desk(DeskFault),
}

impl From<DeskFault> for End {
    fn from(fault: DeskFault) -> Self {
        Self::Desk(fault)
    }
}

/// What waits for an answer.
struct Out {
    /// The message in the book; none for a notice.
    message: Option<UplinkMessage>,
    packet: Packet,
    /// The answer that is wanted.
    wants: u16,
    tries: u32,
    again_at: Instant,
}

/// A request whose data go out.
pub(super) struct Asked {
    pub(super) request: Packet,
    left: BTreeSet<i64>,
}

type Building = JoinHandle<Result<Option<Vec<(UplinkDraft, Timestamp)>>, DeskFault>>;

pub(super) struct Session<'a> {
    pub(super) line: &'a Arc<Line>,
    writer: OwnedWriteHalf,
    pub(super) standing: Standing,
    sealer: Option<Sealer>,
    out: Option<Out>,
    /// Notices that are still to be sent.
    notices: Vec<u16>,
    pub(super) asked: Option<Asked>,
    /// The data of a request are being made.
    pub(super) building: Option<(Building, Packet)>,
    accepted: bool,
}

/// Speaks until the connection ends or `stop`.
pub(super) async fn run(
    line: &Arc<Line>,
    stream: TcpStream,
    stop: &CancellationToken,
) -> Result<Ended, DeskFault> {
    let standing = off(line, Line::standing).await?;
    let sealer = line.uplink.sm4.as_ref().zip(standing.secrets.key.as_ref());
    let sealer = sealer.map(|(sm4, key)| Sealer::new(key, sm4.text, sm4.fill));
    let (mut reader, writer) = stream.into_split();
    let notices = if line.uplink.asks_time { vec![ask::TIME_WANTED] } else { Vec::new() };
    let mut session = Session {
        line,
        writer,
        standing,
        sealer,
        out: None,
        notices,
        asked: None,
        building: None,
        accepted: false,
    };
    let (mut splitter, mut bytes) = (Splitter::new(), [0; READ_BYTES]);
    let every = line.uplink.heartbeat_ms.and_then(|ms| u64::try_from(ms).ok());
    let every = every.map(Duration::from_millis);
    let mut beat_at = every.map(|every| Instant::now() + every);
    let why = loop {
        if let Err(end) = session.pump().await {
            break end;
        }
        let again_at = session.out.as_ref().map(|out| out.again_at);
        let went = tokio::select! {
            () = stop.cancelled() => Err(End::Cut(Text::new("本站停止", "the station stops"))),
            read = reader.read(&mut bytes) => match read {
                Ok(0) => Err(End::Cut(closed())),
                Ok(count) => {
                    splitter.push(bytes.get(..count).unwrap_or_default());
                    session.frames(&mut splitter).await
                }
                Err(error) => Err(End::Cut(broken(&error.to_string()))),
            },
            () = at(again_at) => session.again().await,
            () = at(beat_at) => {
                beat_at = every.map(|every| Instant::now() + every);
                session.notices.push(ask::HEARTBEAT);
                Ok(())
            }
            () = line.news.notified() => session.renew().await,
            built = built(&mut session.building) => session.built(built).await,
        };
        if let Err(end) = went {
            break end;
        }
    };
    let accepted = session.accepted;
    match why {
        End::Cut(why) => Ok(Ended { why, accepted }),
        End::Desk(fault) => Err(fault),
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

type Built = (Result<Option<Vec<(UplinkDraft, Timestamp)>>, DeskFault>, Packet);

async fn built(building: &mut Option<(Building, Packet)>) -> Built {
    let Some((task, _)) = building.as_mut() else {
        return std::future::pending().await;
    };
    let panicked = || Err(DeskFault("making what a centre asked for panicked".to_owned()));
    let made = task.await.unwrap_or_else(|_| panicked());
    let packet = building.take().map(|(_, packet)| packet).unwrap_or_default();
    (made, packet)
}

impl Session<'_> {
    pub(super) fn me(&self) -> Me<'_> {
        let uplink = &self.line.uplink;
        Me {
            mn: &uplink.mn,
            pw: &self.standing.secrets.password,
            st: &uplink.st,
            version: uplink.version,
            utc_offset_s: self.line.utc_offset_s,
        }
    }

    /// Sends what is next where nothing waits for an answer.
    async fn pump(&mut self) -> Result<(), End> {
        if self.out.is_some() {
            return Ok(());
        }
        if let Some(cn) = self.notices.pop() {
            let qn = off(self.line, |line| line.desk.qn(&line.uplink.id, line.now())).await?;
            let packet = answer::notice(&self.me(), cn, qn);
            return self.first(None, packet, ask::NOTICE_ANSWER).await;
        }
        let next = off(self.line, |line| line.desk.next(&line.uplink.id, line.now())).await?;
        let Some(message) = next else {
            return Ok(());
        };
        let marks = self.line.uplink.marks_resent;
        let packet = answer::data(&self.me(), &message, marks);
        self.first(Some(message), packet, ask::DATA_ANSWER).await
    }

    async fn first(
        &mut self,
        message: Option<UplinkMessage>,
        packet: Packet,
        wants: u16,
    ) -> Result<(), End> {
        let again_at = self.patience();
        self.out = Some(Out { message, packet, wants, tries: 0, again_at });
        self.go().await
    }

    fn patience(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.standing.patience.over_time_s.into())
    }

    /// The message goes out, for the first time or again: that is on disk before it does.
    async fn go(&mut self) -> Result<(), End> {
        let again_at = self.patience();
        let Some(out) = self.out.as_mut() else {
            return Ok(());
        };
        out.tries += 1;
        out.again_at = again_at;
        let packet = out.packet.clone();
        if let Some(id) = out.message.as_ref().map(|message| message.id) {
            off(self.line, move |line| line.desk.sent(id, line.now())).await?;
        }
        self.write(packet).await
    }

    /// No answer came in time.
    async fn again(&mut self) -> Result<(), End> {
        let patience = self.standing.patience;
        let Some(out) = self.out.as_mut() else {
            return Ok(());
        };
        if out.tries > patience.re_count {
            let tries = out.tries;
            if let Some(message) = out.message.clone() {
                self.give_up_if_alone(message, tries).await?;
            }
            let refused = self.line.shown().refused.clone();
            return Err(End::Cut(refused.unwrap_or_else(|| silent(tries))));
        }
        if self.line.uplink.marks_resent && out.message.is_some() {
            out.packet.is_resent = true;
        }
        self.go().await
    }

    /// A message that alone stays without an answer, while the centre has accepted others since it
    /// was tried before, would end every connection for ever.
    async fn give_up_if_alone(&mut self, message: UplinkMessage, tries: u32) -> Result<(), End> {
        let tries = message.tries.saturating_add(tries);
        let Some(before) = message.sent_at.filter(|_| tries >= TRIES_MAX) else {
            return Ok(());
        };
        off(self.line, move |line| {
            let accepted_at = line.desk.summary(&line.uplink.id)?.accepted_at;
            if accepted_at.is_none_or(|at| at <= before) {
                return Ok(());
            }
            let why = format!("given up: {tries} tries without an answer, and others had one");
            line.desk.ended(message.id, UplinkState::Failed, &why, line.now())
        })
        .await?;
        Ok(())
    }

    /// Settings may be others now.
    async fn renew(&mut self) -> Result<(), End> {
        self.standing = off(self.line, Line::standing).await?;
        Ok(())
    }

    pub(super) async fn write(&mut self, mut packet: Packet) -> Result<(), End> {
        let uplink = &self.line.uplink;
        if let Some(sealer) = self.sealer.as_ref().filter(|_| answer::is_sealed(packet.cn)) {
            packet.cp = sealer.seal(&packet.cp).ok_or_else(|| {
                DeskFault("a content cannot be encrypted; hint: compare `fill`".to_owned())
            })?;
        }
        let bytes = encode(&packet.encode(), uplink.crc)
            .ok_or_else(|| DeskFault("a message is longer than a frame may be".to_owned()))?;
        match timeout(WRITE_MAX, self.writer.write_all(&bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(End::Cut(broken(&error.to_string()))),
            Err(_) => Err(End::Cut(broken("it takes no bytes"))),
        }
    }

    async fn frames(&mut self, splitter: &mut Splitter) -> Result<(), End> {
        while let Some(found) = splitter.next_frame() {
            match found.map(|frame| self.packet(&frame)) {
                Ok(Some(packet)) => self.hear(packet).await?,
                Ok(None) | Err(_) => self.line.shown().frames_bad += 1,
            }
        }
        if splitter.skipped_bytes() > GARBAGE_BYTES_MAX {
            return Err(End::Cut(broken("what it sends is no HJ 212")));
        }
        Ok(())
    }

    /// A frame with a wrong checksum is dropped, as the standard says.
    fn packet(&self, frame: &Frame) -> Option<Packet> {
        frame.check(self.line.uplink.crc).ok()?;
        Packet::decode(frame.data()).ok()
    }

    async fn hear(&mut self, mut packet: Packet) -> Result<(), End> {
        if packet.is_encrypted() {
            let opened = self.sealer.as_ref().and_then(|sealer| sealer.open(&packet.cp));
            let Some(cp) = opened else {
                return obey::refuse(self, Refusal::NotDone, &packet).await;
            };
            packet.cp = cp;
        }
        match command::read(&packet, &self.me()) {
            Ok(Said::Received(cn)) => self.received(cn, &packet).await,
            Ok(Said::Other(cn)) => {
                self.line.shown().answers_wrong += 1;
                if refused::is_verdict(cn) && self.is_about_out(&packet) {
                    self.refused(&packet);
                }
                Ok(())
            }
            Ok(Said::Command(command)) => obey::command(self, command, packet).await,
            Err(refusal) => obey::refuse(self, refusal, &packet).await,
        }
    }

    /// Whether a packet names the message that waits for an answer.
    fn is_about_out(&self, packet: &Packet) -> bool {
        let qn = self.out.as_ref().and_then(|out| out.packet.qn.as_deref());
        qn.is_some() && qns(packet).contains(&qn)
    }

    /// The centre refuses the message that waits; it stays open.
    fn refused(&self, packet: &Packet) {
        let cn = self.out.as_ref().map_or(0, |out| out.packet.cn);
        if let Some(number) = refused::number(packet) {
            let why = refused::text(cn, &number);
            tracing::warn!(uplink = self.line.uplink.id, why = why.en, "a centre refuses");
            self.line.shown().refused = Some(why);
        }
    }

    /// The answer to what went out, to something before it, or to nothing.
    async fn received(&mut self, cn: u16, packet: &Packet) -> Result<(), End> {
        if refused::number(packet).is_some() {
            self.line.shown().answers_wrong += 1;
            if self.is_about_out(packet) {
                self.refused(packet);
            }
            return Ok(());
        }
        let qns = qns(packet);
        if self.is_about_out(packet) && self.out.as_ref().is_some_and(|out| out.wants == cn) {
            let out = self.out.take();
            self.accepted = true;
            if let Some(message) = out.and_then(|out| out.message) {
                self.accept(message.id, cn).await?;
            }
            return Ok(());
        }
        let offset_s = self.line.utc_offset_s;
        let moments = qns.iter().flatten().filter_map(|qn| moment::parse(qn, offset_s));
        for qn in moments.collect::<Vec<_>>() {
            let known = off(self.line, move |line| line.desk.of_qn(&line.uplink.id, qn)).await?;
            match known.map(|message| (message.id, message.state)) {
                // Late, but for a message that is still open.
                Some((id, UplinkState::Sent)) if cn == ask::DATA_ANSWER => {
                    return self.accept(id, cn).await;
                }
                Some((_, UplinkState::Accepted)) => {
                    self.line.shown().answers_again += 1;
                    return Ok(());
                }
                _ => {}
            }
        }
        self.line.shown().answers_wrong += 1;
        Ok(())
    }

    async fn accept(&mut self, id: i64, cn: u16) -> Result<(), End> {
        self.line.shown().refused = None;
        off(self.line, move |line| {
            line.desk.ended(id, UplinkState::Accepted, &cn.to_string(), line.now())
        })
        .await?;
        let is_done = self.asked.as_mut().is_some_and(|asked| {
            asked.left.remove(&id);
            asked.left.is_empty()
        });
        if is_done && let Some(asked) = self.asked.take() {
            let result = answer::result(&self.me(), &asked.request, answer::DONE);
            self.write(result).await?;
        }
        Ok(())
    }

    /// The data of a request are made: into the book with them.
    async fn built(&mut self, (made, request): Built) -> Result<(), End> {
        let number = match made {
            Ok(Some(drafts)) if drafts.is_empty() => answer::NO_DATA,
            Ok(None) => answer::WRONG_CONDITION,
            Err(fault) => {
                tracing::error!(uplink = self.line.uplink.id, %fault, "a request failed");
                answer::FAILED
            }
            Ok(Some(drafts)) => {
                let ids = off(self.line, move |line| {
                    line.desk.queue(&line.uplink.id, &drafts, None, line.now())
                })
                .await?;
                self.asked = Some(Asked { request, left: ids.into_iter().collect() });
                return Ok(());
            }
        };
        let result = answer::result(&self.me(), &request, number);
        self.write(result).await
    }
}

/// The QNs that an answer names. Centres of 2005 may have one of their own and name the other one
/// in the content.
fn qns(packet: &Packet) -> [Option<&str>; 2] {
    [Content::of(&packet.cp).items.get("QN").copied(), packet.qn.as_deref()]
}

fn closed() -> Text {
    Text::new("对方关闭了连接", "the centre closed the connection")
}

fn broken(why: &str) -> Text {
    Text::new(format!("连接中断（{why}）"), format!("the connection broke ({why})"))
}

fn silent(tries: u32) -> Text {
    Text::new(
        format!("发送 {tries} 次均未应答，链路视为不可用；请与对方核对 MN、密码和校验"),
        format!(
            "no answer to {tries} tries, so the line counts as unavailable; \
             hint: compare MN, password and checksum with the centre's"
        ),
    )
}
