//! What a look at a device tells a person: registers, values with unit, quality and why, and what
//! disagrees with the profile. Chinese and English side by side.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use siskin_collect::probe::Heard;
use siskin_model::{Text, Unit};
use siskin_wire::DeviceProfile;
use siskin_wire::modbus::{Answer, Look, Shown};
use siskin_wire::profile::{Evidence, ValidityRule};

use super::look::Seen;

/// Registers on one line.
const REGISTERS_A_LINE: usize = 8;

/// The sheet, and how many things disagree.
pub(crate) fn sheet(
    profile: &DeviceProfile,
    seen: &Seen,
    wanted: &BTreeMap<String, Unit>,
) -> (String, usize) {
    let mut out = head(profile);
    requests(seen, &mut out);
    let _always = writeln!(out, "\n测点 · points");
    for look in &seen.looks {
        let _always = writeln!(out, "  {}", line(profile, seen, look));
    }
    let problems = problems(seen, wanted);
    if problems.is_empty() {
        let _always = writeln!(out, "\n没有发现不符之处 · nothing disagrees with the profile");
    } else {
        let _always = writeln!(out, "\n不符之处 · what disagrees ({})", problems.len());
    }
    for (point, why) in &problems {
        let _always = writeln!(out, "  {point}: {}\n    {}", why.zh, why.en);
    }
    if !profile.unverified.is_empty() {
        let _always = writeln!(out, "\n尚未核实 · not verified in this profile");
    }
    for fact in &profile.unverified {
        let _always = writeln!(out, "  - {fact}");
    }
    (out, problems.len())
}

fn head(profile: &DeviceProfile) -> String {
    let status = match profile.status {
        Evidence::Documented => "仅依据资料 · from documents only",
        Evidence::Interop => "与第三方实现对过 · tried against another implementation",
        Evidence::Hardware => "在实物上试过 · tried on the device",
    };
    format!("{}: {} {} ({status})\n", profile.id, profile.vendor, profile.model)
}

fn requests(seen: &Seen, out: &mut String) {
    let _always = writeln!(out, "\n寄存器 · registers");
    for (request, heard) in &seen.heard {
        let fc = u8::from(request.fc);
        let _always = writeln!(out, "  fc {fc}, addr {}, len {}", request.addr, request.len);
        let words = match heard {
            Heard::Answer(Answer::Registers(words)) => {
                words.iter().map(|word| format!("{word:04X}")).collect()
            }
            Heard::Answer(Answer::Bits(bits)) => {
                bits.iter().map(|bit| u8::from(*bit).to_string()).collect()
            }
            Heard::Answer(Answer::Nothing(why)) | Heard::Nothing { why } => vec![both(why)],
            Heard::Exception { code, why } => vec![format!("exception {code}: {}", both(why))],
        };
        for (part, words) in words.chunks(REGISTERS_A_LINE).enumerate() {
            let addr = usize::from(request.addr) + part * REGISTERS_A_LINE;
            let _always = writeln!(out, "    {addr:>5}  {}", words.join(" "));
        }
    }
}

fn line(profile: &DeviceProfile, seen: &Seen, look: &Look) -> String {
    let hex: Vec<_> = look.registers.iter().map(|word| format!("{word:04X}")).collect();
    let shown = match &look.shown {
        Shown::Number { number, unit: Ok(unit) } => format!("{number} {}", unit.as_str()),
        Shown::Number { number, unit: Err(_) } => format!("{number} (?)"),
        Shown::Words { words, is_unknown: true } => format!("? {}", words.join(", ")),
        Shown::Words { words, .. } if words.is_empty() => "-".to_owned(),
        Shown::Words { words, .. } => words.join(", "),
        Shown::Text(text) => format!("\"{text}\""),
        Shown::Code(code) => code.to_string(),
        Shown::Nothing(_) => "-".to_owned(),
    };
    let mut line = format!("{:<26} {:<20} {shown}", look.point, hex.join(" "));
    if let Some(quality) = look.quality {
        let why = why(profile, seen, &look.point);
        let _always = write!(line, "  [{}] {why}", quality.as_str());
    }
    line.trim_end().to_owned()
}

/// The state words by which the quality of the value `point` was chosen.
fn why(profile: &DeviceProfile, seen: &Seen, point: &str) -> String {
    let number = point.rsplit('-').next().unwrap_or_default();
    let numbered = |name: &String| name.replace("{n}", number);
    let says = |name: &str, word: &String| {
        let look = seen.looks.iter().find(|look| look.point == name);
        let words = look.and_then(|look| match &look.shown {
            Shown::Words { words, .. } => Some(words),
            _ => None,
        });
        words.is_some_and(|words| words.contains(word))
    };
    let holds = |rule: &&Arc<ValidityRule>| {
        let ours = rule.values.is_empty() || rule.values.iter().any(|v| numbered(v) == point);
        let mut when = rule.when.iter();
        ours && when.all(|(name, words)| words.iter().any(|word| says(&numbered(name), word)))
    };
    let Some(rule) = profile.validity.iter().find(holds) else {
        return "没有状态字说明 · no state word speaks for it".to_owned();
    };
    let words = rule.when.iter().map(|(name, words)| {
        let name = numbered(name);
        let shown: Vec<_> =
            words.iter().filter(|word| says(&name, word)).map(String::as_str).collect();
        format!("{name} = {}", shown.join(", "))
    });
    words.collect::<Vec<_>>().join("; ")
}

fn problems(seen: &Seen, wanted: &BTreeMap<String, Unit>) -> Vec<(String, Text)> {
    let mut found: Vec<(String, Text)> = Vec::new();
    found.extend(seen.stranger.iter().map(|why| ("identity".to_owned(), why.clone())));
    for point in &seen.lost {
        let zh = "设备没有这个地址；请核对型号与设备配置文件";
        let en = "the device has no such address; hint: compare model and profile";
        found.push((point.clone(), Text::new(zh, en)));
    }
    for look in seen.looks.iter().filter(|look| !seen.lost.contains(&look.point)) {
        found.extend(problem(look, wanted).map(|why| (look.point.clone(), why)));
    }
    found
}

fn problem(look: &Look, wanted: &BTreeMap<String, Unit>) -> Option<Text> {
    match &look.shown {
        Shown::Nothing(why) | Shown::Number { unit: Err(why), .. } => Some(why.clone()),
        Shown::Number { unit: Ok(unit), .. } => {
            let wanted = wanted.get(&look.point).filter(|wanted| *wanted != unit)?;
            let (said, wanted) = (unit.as_str(), wanted.as_str());
            Some(Text::new(
                format!("设备单位是 {said}，通道单位是 {wanted}；不同单位要靠气体参数换算"),
                format!(
                    "the device says {said}, the channel is in {wanted}; \
                     hint: they are converted only where the gas allows it"
                ),
            ))
        }
        Shown::Words { is_unknown: true, .. } => {
            let hex: Vec<_> = look.registers.iter().map(|word| format!("{word:04X}")).collect();
            let hex = hex.join(" ");
            Some(Text::new(
                format!("状态 {hex} 不在手册的表中；请核对型号与固件版本"),
                format!("state {hex} is in no table; hint: compare model and firmware"),
            ))
        }
        _ => None,
    }
}

/// Both languages on one line.
pub(crate) fn both(text: &Text) -> String {
    format!("{} · {}", text.zh, text.en)
}
