//! The last frame of a device: registers with what its profile makes of them, or its text.

use siskin_api::contract::{DeviceFrameView, NoFrame, RawFieldView, RawRequestView, TextView};
use siskin_collect::{Frame, Heard, Trace};
use siskin_config::Settings;
use siskin_model::Text;
use siskin_model::site::Analyzer;
use siskin_wire::DeviceProfile;
use siskin_wire::modbus::{Answer, Look, Plan, Request, Shown};

use super::views;

/// What is shown of the last frame of `analyzer`.
pub(super) fn view(
    settings: &Settings,
    analyzer: &Analyzer,
    trace: Option<Trace>,
) -> DeviceFrameView {
    let nothing = |why| DeviceFrameView {
        device: analyzer.id.to_string(),
        none: Some(why),
        heard_at: None,
        bytes: 0,
        is_cut: false,
        topic: None,
        text: None,
        hex: None,
        requests: Vec::new(),
        fields: Vec::new(),
    };
    let Some(trace) = trace else {
        return nothing(NoFrame::AtGateway);
    };
    let Some(heard) = trace.last else {
        return nothing(NoFrame::NothingYet);
    };
    let Heard { at, bytes, .. } = *heard;
    let whole = DeviceFrameView {
        none: None,
        heard_at: Some(at.rfc3339(settings.site.utc_offset_s)),
        bytes: bytes as u64,
        is_cut: heard.is_cut(),
        ..nothing(NoFrame::NothingYet)
    };
    match &heard.frame {
        Frame::Modbus(exchanges) => {
            let profile = settings.profiles.get(&analyzer.profile);
            DeviceFrameView {
                requests: exchanges.iter().map(request).collect(),
                fields: profile.map(|profile| fields(profile, exchanges)).unwrap_or_default(),
                ..whole
            }
        }
        Frame::Message { topic, payload } => {
            let text = text_of(payload, heard.is_cut());
            let hex = text.is_none().then(|| hex(payload));
            DeviceFrameView { topic: Some(topic.clone()), text, hex, ..whole }
        }
        Frame::Hj212(text) => DeviceFrameView { text: Some(text.clone()), ..whole },
    }
}

/// A payload as text, where it is one; the cut may have gone through a character.
fn text_of(payload: &[u8], is_cut: bool) -> Option<String> {
    let text = match std::str::from_utf8(payload) {
        Ok(text) => text,
        Err(error) if is_cut && error.error_len().is_none() => {
            let whole = payload.get(..error.valid_up_to())?;
            std::str::from_utf8(whole).ok()?
        }
        Err(_) => return None,
    };
    let is_shown = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(is_shown).then(|| text.to_owned())
}

fn hex(payload: &[u8]) -> String {
    let bytes: Vec<String> = payload.iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(" ")
}

fn request((request, answer): &(Request, Answer)) -> RawRequestView {
    let (values, failure) = match answer {
        Answer::Registers(words) => (words.iter().map(|word| word_hex(*word)).collect(), None),
        Answer::Bits(bits) => (bits.iter().map(|bit| u8::from(*bit).to_string()).collect(), None),
        Answer::Nothing(why) => (Vec::new(), Some(views::text(why))),
    };
    RawRequestView {
        function: request.fc.into(),
        address: request.addr,
        count: request.len,
        values,
        failure,
    }
}

fn word_hex(word: u16) -> String {
    format!("{word:04X}")
}

fn fields(profile: &DeviceProfile, exchanges: &[(Request, Answer)]) -> Vec<RawFieldView> {
    // A profile of another transport has no registers; the sources have refused it at the start.
    let plan = Plan::whole(profile);
    plan.map(|plan| plan.looks_of(exchanges).iter().map(field).collect()).unwrap_or_default()
}

fn field(look: &Look) -> RawFieldView {
    let (shown, unit, failure) = shown(&look.shown);
    RawFieldView {
        point: look.point.clone(),
        registers: look.registers.iter().map(|word| word_hex(*word)).collect(),
        shown,
        unit,
        quality: look.quality.map(views::quality),
        failure,
    }
}

fn shown(shown: &Shown) -> (Option<String>, Option<String>, Option<TextView>) {
    match shown {
        Shown::Number { number, unit } => {
            let failure = unit.as_ref().err().map(views::text);
            let unit = unit.as_ref().ok().map(|unit| unit.as_str().to_owned());
            (Some(number.to_string()), unit, failure)
        }
        Shown::Words { words, is_unknown } => {
            let failure = is_unknown.then(|| views::text(&unknown()));
            (Some(words.join(", ")), None, failure)
        }
        Shown::Text(text) => (Some(text.clone()), None, None),
        Shown::Code(code) => (Some(code.to_string()), None, None),
        Shown::Nothing(why) => (None, None, Some(views::text(why))),
    }
}

fn unknown() -> Text {
    Text::new(
        "设备配置文件中没有该状态；请核对设备型号",
        "the profile has no word for this state; hint: compare the device's model",
    )
}
