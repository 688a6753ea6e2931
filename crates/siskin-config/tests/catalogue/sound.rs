//! What must be true of every gas of the catalogue: identity, limits, AEGL table, and what the
//! head of its file says. Each rule answers with what it found wrong; none of them repairs.

use std::collections::BTreeMap;

use siskin_model::gas::AeglRow;
use siskin_model::{Gas, Limit, Unit};

/// The exposure times of every AEGL table.
const AEGL_MINUTES: [u16; 5] = [10, 30, 60, 240, 480];

pub(crate) fn value(limit: Option<&Limit>) -> Option<f64> {
    limit.map(|l| l.value)
}

/// `lower` must be below `upper` where both are known.
fn below(problems: &mut Vec<String>, what: &str, lower: Option<f64>, upper: Option<f64>) {
    if let (Some(lower), Some(upper)) = (lower, upper)
        && lower >= upper
    {
        problems.push(format!("{what}: {lower} is not below {upper}"));
    }
}

fn limit_problems(gas: &Gas) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, limit) in gas.limits() {
        let unit = match name {
            "acute.idlh" => Unit::Ppm,
            "acute.lel" => Unit::PercentVolume,
            _ => Unit::MilligramPerM3,
        };
        if limit.unit != unit {
            problems.push(format!("{name}: unit is {:?}", limit.unit));
        }
        if !(limit.value > 0.0 && limit.value.is_finite()) {
            problems.push(format!("{name}: value is {}", limit.value));
        }
        if limit.source.len() < 8 {
            problems.push(format!("{name}: no source"));
        }
        let (unread, doubted) = ("not yet read", "unverified");
        let says_so = limit.source.contains(unread) || limit.source.contains(doubted);
        if limit.verified && limit.source.contains(unread) || !limit.verified && !says_so {
            problems.push(format!("{name}: source and `verified` disagree"));
        }
    }
    let (oel, hj169) = (&gas.oel, &gas.hj169);
    if value(oel.pc_twa.as_ref()) > value(oel.pc_stel.as_ref()) && oel.pc_stel.is_some() {
        problems.push("oel.pc_twa is above oel.pc_stel".to_owned());
    }
    if oel.mac.is_some() && (oel.pc_twa.is_some() || oel.pc_stel.is_some()) {
        problems.push("oel.mac stands beside oel.pc_twa or oel.pc_stel".to_owned());
    }
    if hj169.endpoint_1.is_some() != hj169.endpoint_2.is_some() {
        problems.push("hj169 has one end-point only".to_owned());
    }
    let (two, one) = (value(hj169.endpoint_2.as_ref()), value(hj169.endpoint_1.as_ref()));
    below(&mut problems, "hj169.endpoint_2", two, one);
    below(&mut problems, "acute.lel", value(gas.acute.lel.as_ref()), Some(100.0));
    problems
}

fn aegl_problems(gas: &Gas) -> Vec<String> {
    let acute = &gas.acute;
    let mut problems = Vec::new();
    let mut table: BTreeMap<(u8, u16), f64> = BTreeMap::new();
    for &AeglRow { level, minutes, ppm } in &acute.aegl {
        let known = (1..=3).contains(&level) && AEGL_MINUTES.contains(&minutes);
        if !(known && ppm > 0.0 && ppm.is_finite()) {
            problems.push(format!("acute.aegl: row {level}, {minutes}, {ppm}"));
        }
        if table.insert((level, minutes), ppm).is_some() {
            problems.push(format!("acute.aegl: {level}, {minutes} twice"));
        }
    }
    for (&(level, minutes), &ppm) in &table {
        let earlier = table.range((level, 0)..(level, minutes)).next_back();
        if let Some((_, &earlier)) = earlier
            && earlier < ppm
        {
            problems.push(format!("acute.aegl: level {level} rises to {minutes} min"));
        }
        let next = table.get(&(level + 1, minutes)).copied();
        below(&mut problems, &format!("acute.aegl {level}, {minutes}"), Some(ppm), next);
    }
    let has_table = matches!(acute.aegl_status.as_deref(), Some("final" | "interim"));
    let none = matches!(acute.aegl_status.as_deref(), None | Some("none"));
    if has_table == table.is_empty() || !(has_table || none) {
        problems.push(format!("acute.aegl_status is {:?}", acute.aegl_status));
    }
    if has_table && acute.aegl_source.is_none() {
        problems.push("acute.aegl_source is missing".to_owned());
    }
    if acute.aegl_verified && (table.is_empty() || acute.aegl_source.as_deref() == Some("")) {
        problems.push("acute.aegl_verified without a table and its source".to_owned());
    }
    problems
}

fn identity_problems(stem: &str, gas: &Gas) -> Vec<String> {
    let mut problems = Vec::new();
    if gas.id.as_str() != stem {
        problems.push(format!("id is `{}`", gas.id));
    }
    if gas.name.zh.is_ascii() || gas.name.en.is_empty() || gas.formula.is_empty() {
        problems.push("a name or the formula is missing".to_owned());
    }
    if gas.molar_mass_g_mol.is_some_and(|m| !(2.0..=400.0).contains(&m)) {
        problems.push(format!("molar_mass_g_mol is {:?}", gas.molar_mass_g_mol));
    }
    if gas.molar_mass_g_mol.is_some() != gas.cas.is_some() {
        problems.push("a substance has both a CAS number and a molar mass".to_owned());
    }
    if gas.cas.as_deref().is_some_and(|cas| !cas_is_sound(cas)) {
        problems.push(format!("cas is {:?}", gas.cas));
    }
    let code_is_sound = |code: &str| {
        code.len() == 6 && code.starts_with('a') && code.bytes().skip(1).all(|b| b.is_ascii_digit())
    };
    if gas.hj_code.as_deref().is_some_and(|code| !code_is_sound(code)) {
        problems.push(format!("hj_code is {:?}", gas.hj_code));
    }
    problems
}

/// The last digit of a CAS number checks the others.
fn cas_is_sound(cas: &str) -> bool {
    let parts: Vec<&str> = cas.split('-').collect();
    let [_, second, check] = parts.as_slice() else {
        return false;
    };
    let digits: Option<Vec<u32>> =
        cas.chars().filter(|&c| c != '-').map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits else { return false };
    let weighted = digits.iter().rev().zip(0u32..);
    let sum: u32 = weighted.map(|(digit, weight)| digit * weight).sum();
    second.len() == 2 && check.len() == 1 && digits.last() == Some(&(sum % 10))
}

/// What a reader of the file must see at its head.
fn text_problems(text: &str, gas: &Gas) -> Vec<String> {
    let head: String = text.lines().take_while(|l| l.starts_with('#')).collect();
    let mut problems = Vec::new();
    if !head.contains("as of 20") {
        problems.push("the head does not say of which day the data are".to_owned());
    }
    let unread_aegl = !gas.acute.aegl.is_empty() && !gas.acute.aegl_verified;
    let unread = gas.limits().into_iter().filter(|(_, limit)| !limit.verified);
    let names = unread.map(|(name, _)| name).chain(unread_aegl.then_some("acute.aegl"));
    for name in names {
        if !head.contains(name) {
            problems.push(format!("the head does not name `{name}` as unverified"));
        }
    }
    problems
}

pub(crate) fn problems(stem: &str, text: &str, gas: &Gas) -> Vec<String> {
    let mut all = identity_problems(stem, gas);
    all.extend(limit_problems(gas));
    all.extend(aegl_problems(gas));
    all.extend(text_problems(text, gas));
    all
}
