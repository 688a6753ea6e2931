//! Carries out what a centre wants.
//!
//! What it sets is kept and in the audit before it is told so. The clock is never set: how far it
//! is off is answered, shown and in the audit. Must never write a password anywhere but into the
//! book's settings.

use siskin_model::uplink::UplinkKind;
use siskin_model::{Text, Timestamp};
use siskin_wire::hj212::uplink::answer;
use siskin_wire::hj212::uplink::command::{Command, Refusal};
use siskin_wire::hj212::uplink::figure::Flag;
use siskin_wire::hj212::{Packet, moment};

use super::desk::DeskFault;
use super::line::{Line, off};
use super::session::{End, Session};
use super::standing as key;
use super::status::CLOCK_OFF_MAX_MS;

/// What a command comes to.
enum Done {
    /// Its number (ExeRtn), after the values it asked for.
    Now(Option<String>, u16),
    /// Its data are being made.
    Later,
}

/// Answers a command that is refused, if it wants an answer.
pub(super) async fn refuse(
    session: &mut Session<'_>,
    refusal: Refusal,
    packet: &Packet,
) -> Result<(), End> {
    let (cn, number) = (packet.cn, refusal.qn_rtn());
    tracing::warn!(uplink = session.line.uplink.id, cn, number, "a centre's command is refused");
    {
        let mut shown = session.line.shown();
        shown.commands_refused += 1;
        shown.last_refused = Some(Text::new(
            format!("拒绝了命令 {cn}（QnRtn={number}）"),
            format!("the command {cn} was refused (QnRtn={number})"),
        ));
    }
    if !packet.wants_answer() {
        return Ok(());
    }
    let answer = answer::request_answer(&session.me(), packet, number);
    session.write(answer).await
}

/// Answers a command, carries it out, and says how it went.
pub(super) async fn command(
    session: &mut Session<'_>,
    command: Command,
    packet: Packet,
) -> Result<(), End> {
    session.line.shown().commands += 1;
    let is_notice = command.is_notice();
    if packet.wants_answer() && !is_notice {
        let ready = answer::request_answer(&session.me(), &packet, answer::READY);
        session.write(ready).await?;
    }
    let done = match carry_out(session, command, &packet).await {
        Ok(done) => done,
        Err(End::Desk(fault)) => {
            tracing::error!(uplink = session.line.uplink.id, %fault, "a command failed");
            Done::Now(None, answer::FAILED)
        }
        Err(cut) => return Err(cut),
    };
    if is_notice {
        // A notice that could not be kept is not confirmed: the centre says it again.
        let is_kept = matches!(done, Done::Now(_, answer::DONE));
        if packet.wants_answer() && is_kept {
            let heard = answer::notice_answer(&session.me(), &packet);
            session.write(heard).await?;
        }
        return Ok(());
    }
    if let Done::Now(values, number) = done {
        if let Some(values) = values {
            let values = answer::value(&session.me(), &packet, values);
            session.write(values).await?;
        }
        let result = answer::result(&session.me(), &packet, number);
        session.write(result).await?;
    }
    Ok(())
}

async fn carry_out(
    session: &mut Session<'_>,
    command: Command,
    packet: &Packet,
) -> Result<Done, End> {
    let done = |number| Ok(Done::Now(None, number));
    let said = |values: String| Ok(Done::Now(Some(values), answer::DONE));
    let offset_s = session.line.utc_offset_s;
    match command {
        Command::Wrong(_) => done(answer::WRONG_CONDITION),
        Command::NothingOfTheKind => done(answer::NO_DATA),
        Command::StopEquipment => done(answer::DONE),
        Command::ReadTime => {
            let now = moment::to_second(session.line.now(), offset_s);
            said(format!("SystemTime={now}"))
        }
        Command::SetTime(to) => set_time(session, to).await,
        Command::ReadRealTimeInterval => {
            said(format!("RtdInterval={}", session.standing.intervals.real_time_s))
        }
        Command::ReadMinuteInterval => {
            said(format!("MinInterval={}", session.standing.intervals.minute_min))
        }
        Command::SetRealTimeInterval(s) => set(session, &[(key::REAL_TIME_S, s.to_string())]).await,
        Command::SetMinuteInterval(m) => set(session, &[(key::MINUTE_MIN, m.to_string())]).await,
        Command::SetPassword(new) => set(session, &[(key::PASSWORD, new)]).await,
        Command::SetPatience { over_time_s, re_count } => {
            let over = over_time_s.map(|s| (key::OVER_TIME_S, s.to_string()));
            let count = re_count.map(|n| (key::RE_COUNT, n.to_string()));
            set(session, &over.into_iter().chain(count).collect::<Vec<_>>()).await
        }
        Command::StopRealTime => set(session, &[(key::REAL_TIME, key::STOPPED.into())]).await,
        Command::StartRealTime => {
            set(session, &[(key::REAL_TIME, key::STARTED.into())]).await?;
            Ok(history(session, packet, None))
        }
        Command::History { kind, from, to } => Ok(history(session, packet, Some((kind, from, to)))),
        Command::DeviceId(factor) => Ok(serials(session.line, factor.as_deref())),
        Command::Information(factor) => {
            let state = off(session.line, move |line| information(line, factor.as_deref())).await?;
            Ok(state)
        }
    }
}

/// Keeps what a centre sets; it counts from now on.
async fn set(session: &mut Session<'_>, all: &[(&'static str, String)]) -> Result<Done, End> {
    let all = all.to_vec();
    session.standing = off(session.line, move |line| {
        let id = line.uplink.id.as_str();
        for (name, value) in &all {
            let shown = if *name == key::PASSWORD { "***".to_owned() } else { value.clone() };
            line.desk.audit(id, "uplink.set", &[(name, shown)])?;
            line.desk.set(id, name, value)?;
        }
        line.standing()
    })
    .await?;
    Ok(Done::Now(None, answer::DONE))
}

/// How far the clock is off; nobody sets it.
async fn set_time(session: &mut Session<'_>, to: Timestamp) -> Result<Done, End> {
    let off_ms = to.since_ms(session.line.now());
    session.line.shown().clock_off_ms = Some(off_ms);
    off(session.line, move |line| {
        let told = [("centre_minus_station_ms", off_ms.to_string())];
        line.desk.audit(&line.uplink.id, "uplink.set-time", &told)
    })
    .await?;
    let agrees = off_ms.abs() <= CLOCK_OFF_MAX_MS;
    Ok(Done::Now(None, if agrees { answer::DONE } else { answer::WRONG_CONDITION }))
}

/// Makes what was asked for beside the session, one request at a time.
fn history(
    session: &mut Session<'_>,
    packet: &Packet,
    span: Option<(UplinkKind, Timestamp, Timestamp)>,
) -> Done {
    if session.asked.is_some() || session.building.is_some() {
        return Done::Now(None, answer::BUSY);
    }
    let (line, standing) = (std::sync::Arc::clone(session.line), session.standing.clone());
    let task = tokio::task::spawn_blocking(move || {
        let (maker, now) = (line.maker(&standing), line.now());
        match span {
            None => maker.now(now).map(Some),
            Some((kind, from, to)) => maker.asked(kind, (from, to), now),
        }
    });
    session.building = Some((task, packet.clone()));
    Done::Later
}

fn serials(line: &Line, factor: Option<&str>) -> Done {
    let wanted = line.uplink.factors.iter();
    let wanted = wanted.filter(|one| factor.is_none_or(|code| one.code == code));
    let said = wanted.filter_map(|one| {
        let (code, serial) = (&one.code, one.serial.as_ref()?);
        Some(format!("PolId={code},{code}-SN={serial}"))
    });
    let said: Vec<_> = said.collect();
    if said.is_empty() {
        return Done::Now(None, answer::NO_DATA);
    }
    Done::Now(Some(said.join(";")), answer::DONE)
}

/// Working states (i12001). Only `0`, running, was seen in a packet; the numbers of other states
/// are not known here, so an instrument in one of them is left out.
fn information(line: &Line, factor: Option<&str>) -> Result<Done, DeskFault> {
    let (now, standing) = (line.now(), line.standing()?);
    let mut said = vec![format!("DataTime={}", moment::to_second(now, line.utc_offset_s))];
    for one in &line.uplink.factors {
        if factor.is_some_and(|code| one.code != code) {
            continue;
        }
        let (spot, _) = line.maker(&standing).spot(one, now)?;
        if spot.flag == Flag::Normal {
            said.push(format!("PolId={},i12001-Info=0", one.code));
        }
    }
    if said.len() == 1 {
        return Ok(Done::Now(None, answer::NO_DATA));
    }
    Ok(Done::Now(Some(said.join(";")), answer::DONE))
}
