//! The environment over `site.toml`: what it sets holds, and what it sets wrongly is named.

use siskin_config::{Anonymous, Inputs, MirrorStart, Settings, load};
use siskin_model::site::{Connection, Hj212Sm4, Sm4Fill, Sm4Key, Sm4Text};

use crate::{broken, reading};

fn demo(variables: &[(&str, &str)]) -> Inputs {
    let above = reading::root().join("../../firmware-configs");
    Inputs {
        site: reading::folder(&above.join("sites/demo-park")),
        gases: reading::folder(&above.join("gases")),
        devices: reading::folder(&above.join("devices")),
        environment: variables
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect(),
        ..Inputs::default()
    }
}

fn settings(variables: &[(&str, &str)]) -> Settings {
    load(&demo(variables)).unwrap_or_else(|report| panic!("{}", report.render()))
}

fn refused(variables: &[(&str, &str)], expected: &[(&str, &str)]) {
    let report = load(&demo(variables)).unwrap_err();
    let found: Vec<_> =
        report.problems.iter().map(|p| (p.spots[0].file.as_str(), p.message.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn variables_override_the_file() {
    let settings = settings(&[
        ("SISKIN__STATION__LISTEN", "127.0.0.1:9000"),
        ("SISKIN__MQTT__HOST", "broker.park"),
        ("SISKIN__MQTT__PORT", "8883"),
        ("SISKIN__CONDITIONS__PRESSURE_HPA", "920.5"),
        ("SISKIN__NAME__EN", "Another park"),
        ("SISKIN__UTC_OFFSET", "+09:00"),
        ("PATH", "/bin"),
    ]);
    assert_eq!(settings.station.listen.to_string(), "127.0.0.1:9000");
    let broker = settings.site.broker.unwrap();
    assert_eq!((broker.host.as_str(), broker.port), ("broker.park", 8883));
    assert_eq!(broker.client_id, "siskin-demo-park");
    assert!((settings.site.conditions.pressure_hpa - 920.5).abs() < f64::EPSILON);
    assert_eq!(settings.site.name.en, "Another park");
    assert_eq!(settings.site.name.zh, "演示化工园区");
    assert_eq!(settings.site.utc_offset_s, 9 * 3600);
}

#[test]
fn a_number_that_is_meant_as_a_text_stays_one() {
    let login = settings(&[("SISKIN__MQTT__USER", "007"), ("SISKIN__MQTT__PASSWORD", "1e3")])
        .site
        .broker
        .unwrap()
        .login;
    assert_eq!(login, Some(("007".to_owned(), "1e3".to_owned())));
}

#[test]
fn what_is_wrong_in_a_variable_names_the_variable() {
    refused(
        &[("SISKIN__STATION__LISTEN", "8080")],
        &[("SISKIN__STATION__LISTEN", "`listen` must be an address with a port, found `8080`")],
    );
    refused(
        &[("SISKIN__MQTT__PORT", "many"), ("SISKIN__STATION__LISTN", "x")],
        &[
            (
                "SISKIN__MQTT__PORT",
                "`port` must be a whole number from 0 to 65535, found the text `many`",
            ),
            ("SISKIN__STATION__LISTN", "unknown key `listn` in [station]"),
        ],
    );
    refused(
        &[("SISKIN__", "x"), ("SISKIN__STATOIN__LISTEN", "x")],
        &[
            ("SISKIN__", "the variable `SISKIN__` names no key"),
            ("SISKIN__STATOIN__LISTEN", "unknown key `statoin` in site.toml"),
        ],
    );
}

#[test]
fn tiers_can_be_a_list_in_a_variable() {
    let mut inputs = broken::inputs("unknown-tier");
    inputs.environment = vec![("SISKIN__TIERS".to_owned(), "blue, red".to_owned())];
    let report = load(&inputs).unwrap_err();
    let messages: Vec<_> = report.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(messages, ["there is no area `tank-farn`"]);
}

#[test]
fn a_secret_is_never_shown() {
    let report = load(&demo(&[("SISKIN__MQTT__PASSWROD", "hunter2")])).unwrap_err();
    assert!(!report.render().contains("hunter2"));
    assert!(report.render().contains("SISKIN__MQTT__PASSWROD"));
}

#[test]
fn the_text_of_a_bad_variable() {
    let report = load(&demo(&[("SISKIN__MQTT__PORT", "many")])).unwrap_err();
    insta::with_settings!({ omit_expression => true, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!("bad-variable", report.render());
    });
}

#[test]
fn the_environment_gives_the_tokens_of_gateways() {
    let with_edges = |variables: &[(&str, &str)]| {
        let mut inputs = demo(variables);
        let site = inputs.site.iter_mut().find(|file| file.path == "site.toml").unwrap();
        site.text.push_str("\n[[edge]]\nid = \"gw-1\"\n[[edge]]\nid = \"gw-2\"\n");
        load(&inputs).unwrap_or_else(|report| panic!("{}", report.render()))
    };
    let settings = with_edges(&[("SISKIN__EDGE_TOKENS__GW_1", "sixteen-letters!")]);
    let tokens: Vec<_> =
        settings.site.edges.iter().map(|e| (e.id.as_str(), e.token.as_deref())).collect();
    assert_eq!(tokens, [("gw-1", Some("sixteen-letters!")), ("gw-2", None)]);
    assert!(!format!("{:?}", settings.site.edges).contains("sixteen"), "a token in a log");
    let noted: Vec<_> = settings.notes.iter().map(ToString::to_string).collect();
    assert!(noted.iter().any(|note| note.contains("`gw-2` has no token")), "{noted:?}");
}

const KEY: &str = "0123456789abcdeffedcba9876543210";

/// The demo with one logger that encrypts.
fn with_logger(variables: &[(&str, &str)], in_site: &str, sm4: &str) -> Result<Settings, String> {
    let mut inputs = demo(variables);
    let mut add = |path: &str, text: &str| {
        let file = inputs.site.iter_mut().find(|file| file.path == path).unwrap();
        file.text.push_str(text);
    };
    add("site.toml", &format!("\n[hj212]\nlisten = \"127.0.0.1:0\"\n{in_site}"));
    let agreed = format!("mn = \"A1\", version = \"2025\", sm4 = {{ {sm4} }}");
    add(
        "analyzers.toml",
        &format!(
            "\n[[analyzer]]\nid = \"fence-1\"\nname = {{ zh = \"数采仪\", en = \"Logger\" }}\n\
             area = \"chlor-alkali-unit\"\nposition = {{ x_m = 1, y_m = 1 }}\n\
             profile = \"hj212-air-mg\"\nhj212 = {{ {agreed} }}\n\n\
             [[analyzer.channel]]\nid = \"fence-1-cl2\"\ngas = \"chlorine\"\n\
             unit = \"mg/m3\"\npoint = \"chlorine\"\nrange = {{ low = 0, high = 500 }}\n\
             resolution = 0.01\n"
        ),
    );
    load(&inputs).map_err(|report| report.render())
}

fn logger(settings: &Settings) -> &Hj212Sm4 {
    let found = settings.site.analyzers.iter().find_map(|analyzer| match &analyzer.connection {
        Connection::Hj212(logger) => logger.sm4.as_ref(),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn the_environment_gives_the_keys_of_loggers() {
    let sm4 = "text = \"hex\", fill = \"zero\"";
    let variable = ("SISKIN__HJ212_KEYS__FENCE_1", KEY);
    for (variables, in_site, wants_key, wants_notes) in [
        (&[variable][..], String::new(), true, &["unverified"][..]),
        (&[], String::new(), false, &["unverified", "no key here"]),
        (&[], format!("[hj212_keys]\nfence-1 = \"{KEY}\""), true, &["unverified", "in a file"]),
    ] {
        let settings =
            with_logger(variables, &in_site, sm4).unwrap_or_else(|text| panic!("{text}"));
        let found = logger(&settings);
        assert_eq!((found.text, found.fill), (Sm4Text::Hex, Sm4Fill::Zero));
        assert_eq!(found.key, Sm4Key::parse(KEY).filter(|_| wants_key));
        assert!(!format!("{:?}", settings.site).contains("0123"), "a key in a log");
        let notes: Vec<_> = settings.notes.iter().map(ToString::to_string).collect();
        let ours: Vec<_> = notes.iter().filter(|note| note.contains("`fence-1`")).collect();
        assert_eq!(ours.len(), wants_notes.len(), "{notes:?}");
        for note in wants_notes {
            assert!(ours.iter().any(|ours| ours.contains(note)), "{note}: {notes:?}");
        }
        assert!(!notes.concat().contains(KEY), "a key in a note");
    }
}

#[test]
fn a_key_is_never_shown() {
    let good = "text = \"hex\", fill = \"zero\"";
    let beside = format!("{good}, key = \"{KEY}\"");
    for (variables, in_site, sm4) in [
        (&[("SISKIN__HJ212_KEYS__FENCE_1", "0123456789abcdef")][..], "", good),
        (&[("SISKIN__HJ212_KEYS__FENCE_9", KEY)], "", good),
        (&[], "[hj212_keys]\nfence-1 = \"0123456789abcdef\"", good),
        (&[], "[hj212_keys]\nfence-9 = \"0123456789abcdef0123456789abcdef\"", good),
        (&[], "", &beside),
    ] {
        let text = with_logger(variables, in_site, sm4).unwrap_err();
        assert!(!text.contains("0123456789abcdef"), "{text}");
    }
}

#[test]
fn the_environment_gives_the_tokens_of_mirrors() {
    let mut inputs = demo(&[("SISKIN__MIRROR_TOKENS__HALL_1", "secret-of-the-hall==")]);
    let site = inputs.site.iter_mut().find(|file| file.path == "site.toml").unwrap();
    site.text.push_str(
        "\n[[mirror]]\nname = \"hall-1\"\nurl = \"http://127.0.0.1:8086/\"\norg = \"park\"\n\
         bucket = \"air\"\nca_file = \"/etc/siskin/ca.pem\"\n\
         [[mirror]]\nname = \"province\"\nurl = \"https://influx.example\"\norg = \"p\"\n\
         bucket = \"air\"\ngzip = false\nstart = \"now\"\nholds_days = 30\n",
    );
    let settings = load(&inputs).unwrap_or_else(|report| panic!("{}", report.render()));
    let [hall, province] = settings.station.mirrors.as_slice() else {
        panic!("{:?}", settings.station);
    };
    assert_eq!((hall.url.as_str(), hall.gzip), ("http://127.0.0.1:8086", true));
    assert_eq!(hall.token.as_deref(), Some("secret-of-the-hall=="));
    assert_eq!(hall.ca_file.as_deref(), Some("/etc/siskin/ca.pem"));
    assert_eq!(hall.start, MirrorStart::Beginning);
    assert_eq!((province.gzip, province.start), (false, MirrorStart::Now));
    assert_eq!((hall.holds_days, province.holds_days), (400, 30));
    assert!(!format!("{settings:?}").contains("secret"), "a token in a log");
    let noted: Vec<_> = settings.notes.iter().map(ToString::to_string).collect();
    assert!(noted.iter().any(|note| note.contains("`province` has no token")), "{noted:?}");
}

#[test]
fn nobody_looks_without_signing_in_unless_the_site_says_so() {
    let access = |variables: &[(&str, &str)]| settings(variables).station.access;
    let open = access(&[]);
    assert_eq!((open.anonymous, open.session_ms), (Anonymous::Looks, 12 * 3_600_000));
    let closed = [("SISKIN__ACCESS__ANONYMOUS", "none"), ("SISKIN__ACCESS__SESSION_HOURS", "1")];
    let closed = access(&closed);
    assert_eq!((closed.anonymous, closed.session_ms), (Anonymous::Nothing, 3_600_000));
    let noted = |variables: &[(&str, &str)]| {
        let notes = settings(variables).notes;
        notes.iter().any(|note| note.message.contains("may look without signing in"))
    };
    assert!(noted(&[]) && !noted(&[("SISKIN__ACCESS__ANONYMOUS", "none")]));
}

/// What is noted of `[station]`.
fn station_notes(variables: &[(&str, &str)]) -> Vec<String> {
    let notes = settings(variables).notes;
    let reach = notes.iter().filter(|note| note.message.starts_with("the page can be reached"));
    reach.map(ToString::to_string).collect()
}

#[test]
fn the_station_is_encrypted_by_both_files_and_the_clear_is_noted() {
    let loopback = ("SISKIN__STATION__LISTEN", "127.0.0.1:9000");
    let outside = ("SISKIN__STATION__LISTEN", "0.0.0.0:9000");
    let certificate = ("SISKIN__STATION__TLS__CERTIFICATE", "tls/chain.pem");
    let key = ("SISKIN__STATION__TLS__KEY", "/etc/siskin/key.pem");
    assert_eq!(settings(&[loopback]).station.tls, None);
    let tls = settings(&[certificate, key]).station.tls.unwrap();
    assert_eq!((tls.certificate.as_str(), tls.key.as_str()), (certificate.1, key.1));
    assert_eq!(station_notes(&[loopback]), [""; 0]);
    let clear = station_notes(&[outside]);
    assert!(clear.len() == 1 && clear[0].contains("without TLS: passwords"), "{clear:?}");
    let encrypted = station_notes(&[outside, certificate, key]);
    assert!(encrypted.len() == 1 && !encrypted[0].contains("TLS"), "{encrypted:?}");
    refused(&[certificate], &[("SISKIN__STATION__TLS__CERTIFICATE", "[station.tls] has no `key`")]);
}
