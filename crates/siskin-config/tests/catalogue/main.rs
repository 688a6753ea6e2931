//! The shipped gas catalogue, `firmware-configs/gases/`: every file is read and every limit is
//! held against what must be true of it. A wrong limit would be a warning missed or given for
//! nothing, so the rules in `sound` are tried on a bad gas too. Writes nothing.

mod sound;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use siskin_model::Gas;

use sound::{problems, value};

/// Fewest gases the catalogue may hold.
const GASES_MIN: usize = 40;

/// Every file by its name without `.toml`.
fn catalogue() -> BTreeMap<String, (String, Gas)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../firmware-configs/gases");
    let entries = fs::read_dir(&folder).expect("the catalogue's folder is there");
    entries
        .map(|entry| {
            let path = entry.expect("the folder can be listed").path();
            let shown = path.display();
            assert_eq!(path.extension(), Some("toml".as_ref()), "{shown}");
            let stem = path.file_stem().expect("a file has a name");
            let text = fs::read_to_string(&path).expect("the file is text");
            let gas: Gas = toml::from_str(&text).unwrap_or_else(|e| panic!("{shown}: {e}"));
            (stem.to_string_lossy().into_owned(), (text, gas))
        })
        .collect()
}

#[test]
fn every_gas_is_sound() {
    let gases = catalogue();
    assert!(gases.len() >= GASES_MIN, "only {} gases", gases.len());
    let found: Vec<String> = gases
        .iter()
        .flat_map(|(stem, (text, gas))| {
            let found = problems(stem, text, gas);
            found.into_iter().map(move |p| format!("{stem}: {p}"))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_two_gases_share_a_cas_number_a_code_or_a_name() {
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for (stem, (_, gas)) in catalogue() {
        let names = [Some(gas.name.zh), Some(gas.name.en), gas.cas, gas.hj_code];
        for key in names.into_iter().flatten() {
            if let Some(other) = owners.insert(key.clone(), stem.clone()) {
                panic!("`{other}` and `{stem}` share `{key}`");
            }
        }
    }
}

#[test]
fn the_rules_see_a_bad_gas() {
    let text = r#"
        id = "chlorine"
        name = { zh = "chlorine", en = "Chlorine" }
        cas = "7782-50-4"
        formula = "Cl2"
        molar_mass_g_mol = 709.06
        hj_code = "21022"
        source = "none"
        [oel]
        mac = { value = 0, unit = "ppm", source = "?", verified = true }
        pc_twa = { value = 3, unit = "mg/m3", source = "not yet read", verified = true }
        pc_stel = { value = 2, unit = "mg/m3", source = "some standard", verified = false }
        [hj169]
        endpoint_1 = { value = 5.8, unit = "mg/m3", source = "some table", verified = true }
        endpoint_2 = { value = 58, unit = "mg/m3", source = "some table", verified = true }
        [acute]
        lel = { value = 120, unit = "%vol", source = "some table", verified = true }
        aegl_status = "draft"
        aegl = [
            { level = 1, minutes = 10, ppm = 1 },
            { level = 1, minutes = 30, ppm = 2 },
            { level = 2, minutes = 10, ppm = 0.5 },
            { level = 2, minutes = 10, ppm = 0.5 },
            { level = 4, minutes = 10, ppm = 9 },
        ]
    "#;
    let gas: Gas = toml::from_str(text).expect("its form is right");
    let found = problems("cl2", text, &gas).join("\n");
    for expected in [
        "id is `chlorine`",
        "a name or the formula is missing",
        "molar_mass_g_mol is Some(709.06)",
        "cas is",
        "hj_code is",
        "oel.mac: unit is Ppm",
        "oel.mac: value is 0",
        "oel.mac: no source",
        "oel.mac stands beside",
        "oel.pc_twa: source and `verified` disagree",
        "oel.pc_stel: source and `verified` disagree",
        "oel.pc_twa is above oel.pc_stel",
        "hj169.endpoint_2: 58 is not below 5.8",
        "acute.lel: 120 is not below 100",
        "acute.aegl: level 1 rises to 30 min",
        "acute.aegl 1, 10: 1 is not below 0.5",
        "acute.aegl: 2, 10 twice",
        "acute.aegl: row 4, 10, 9",
        "acute.aegl_status is Some(\"draft\")",
        "the head does not say",
        "the head does not name `acute.aegl`",
    ] {
        assert!(found.contains(expected), "`{expected}` is not in\n{found}");
    }
}

/// Read by hand beside the reference, mg/m³: MAC, PC-TWA, PC-STEL, end-point 1, end-point 2.
const LIMITS: &str = "
    chlorine                  a21022    1      -   -       58      5.8
    hydrogen-sulfide          a21028   10      -   -       70     38
    ammonia                   a21001    -     20  30      770    110
    carbon-monoxide           a21005    -     20  30      380     95
    sulfur-dioxide            a21026    -      5  10       79      2
    benzene                   a25002    -      3   6    13000   2600
    hydrogen-chloride         a21024    7.5    -   -      150     33
    hydrogen-fluoride         a21018    2      -   -       36     20
    hydrogen-cyanide          a21017    1      -   -       17      7.8
    phosgene                  a99049    0.5    -   -        3      1.2
    nitrogen-dioxide          a21004    -      5  10       38     23
    nitric-oxide              a21003    -      -   -       25     15
    nickel-carbonyl           -         0.002  -   -        1.1    0.25
    methane                   a05002    -      -   -   260000 150000
    non-methane-hydrocarbons  a24088    -      -   -        -      -
";

/// Read by hand: IDLH ppm, LEL %vol, AEGL-2 and AEGL-3 ppm at 60 min, whether the table was read.
const ACUTE: &str = "
    chlorine             10    -     2       20    read
    hydrogen-sulfide    100    4    27       50    read
    ammonia             300   15   160     1100    read
    carbon-monoxide    1200   10.9  83      330    unread
    sulfur-dioxide      100    -     0.75    30    unread
    benzene             500    1.2 800     4000    unread
    carbon-disulfide    500    0.6 160      480    read
    methyl-isocyanate     3    5.3   0.067    0.2  read
    ozone                 5    -     -        -    unread
    methane               -    4.4   -        -    unread
    silane                -    -     -        -    unread
";

/// The words of every row of a table above, the first of them a gas of the catalogue.
fn rows(table: &'static str) -> Vec<(Gas, Vec<&'static str>)> {
    let mut gases = catalogue();
    let rows = table.lines().filter(|line| !line.trim().is_empty());
    rows.map(|line| {
        let mut words = line.split_whitespace();
        let id = words.next().unwrap_or_default();
        let (_, gas) = gases.remove(id).unwrap_or_else(|| panic!("no gas `{id}`"));
        (gas, words.collect())
    })
    .collect()
}

fn word(number: Option<f64>) -> String {
    number.map_or_else(|| "-".to_owned(), |n| n.to_string())
}

#[test]
fn limits_by_hand() {
    for (gas, wanted) in rows(LIMITS) {
        let (oel, hj169) = (&gas.oel, &gas.hj169);
        let limits = [&oel.mac, &oel.pc_twa, &oel.pc_stel, &hj169.endpoint_1, &hj169.endpoint_2];
        let mut got = vec![gas.hj_code.clone().unwrap_or_else(|| "-".to_owned())];
        got.extend(limits.map(|limit| word(value(limit.as_ref()))));
        assert_eq!(got, wanted, "{}", gas.id);
    }
}

#[test]
fn acute_toxicity_by_hand() {
    for (gas, wanted) in rows(ACUTE) {
        let acute = &gas.acute;
        let at_60 = |level| {
            let mut rows = acute.aegl.iter();
            let row = rows.find(|r| r.level == level && r.minutes == 60);
            row.map(|r| r.ppm)
        };
        let (idlh, lel) = (value(acute.idlh.as_ref()), value(acute.lel.as_ref()));
        let mut got: Vec<String> = [idlh, lel, at_60(2), at_60(3)].map(word).into();
        let read = if acute.aegl_verified { "read" } else { "unread" };
        got.push(read.to_owned());
        assert_eq!(got, wanted, "{}", gas.id);
    }
}

/// What the reference marks as unverified stays marked.
#[test]
fn unread_limits_say_so() {
    let gases = catalogue();
    let check = |id: &str, name: &str, verified: bool| {
        let limits = gases.get(id).map(|(_, gas)| gas.limits()).unwrap_or_default();
        let limit = limits.iter().find(|(n, _)| *n == name);
        assert_eq!(limit.map(|(_, l)| l.verified), Some(verified), "{id} {name}");
    };
    check("chlorine", "oel.mac", false);
    check("chlorine", "hj169.endpoint_1", true);
    check("hydrogen-sulfide", "oel.mac", false);
    check("carbon-monoxide", "oel.pc_stel", false);
    check("ammonia", "oel.pc_stel", true);
    check("benzene", "oel.pc_twa", true);
    check("sulfur-dioxide", "acute.idlh", false);
    check("nitrogen-dioxide", "acute.idlh", false);
    check("carbon-monoxide", "acute.lel", true);
    check("carbon-disulfide", "acute.lel", true);
    check("methanol", "acute.lel", true);
}
