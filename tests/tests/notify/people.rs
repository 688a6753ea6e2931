//! Mail and text messages: a mail server by other hands that greylists, cuts lines and refuses, and
//! a gateway behind it. One accepted message for each transition, or a failure that is seen.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::process::Process;
use e2e::site::RED_PPM;
use e2e::station::Station;
use e2e::{binary, wait};
use serde_json::Value;

use crate::park::{Park, SOON};

/// As the servers know them; both must never be shown.
const SECRETS: [(&str, &str); 2] = [("mail", "s3cret-of-mail"), ("sms", "s3cret-of-sms")];

/// A server beside the park, and what it took.
pub(crate) struct Server {
    _process: Process,
    pub(crate) port: u16,
}

impl Server {
    pub(crate) fn start(park: &Park, script: &str, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(binary::python()?);
        command.arg(binary::root().join("tests/python").join(script));
        let certificates = park.path().join("certs");
        command.arg(certificates.join("server.crt")).arg(certificates.join("server.key"));
        let process = Process::start(script, command.arg(park.path()).args(arguments))?;
        let port = process.line(Duration::from_secs(20))?.trim().parse()?;
        Ok(Self { _process: process, port })
    }
}

/// The lines of JSON that a server wrote.
pub(crate) fn lines(park: &Park, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(park.path().join(name)).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn mail_way(port: u16, encryption: &str, ca_file: &str) -> String {
    format!(
        "\n[[recipient.way]]\ntype = \"mail\"\nhost = \"127.0.0.1\"\nport = {port}\n\
         encryption = \"{encryption}\"\nca_file = \"{ca_file}\"\nuser = \"siskin\"\n\
         password_file = \"mail\"\nfrom = \"黄雀 <siskin@park.example>\"\n\
         to = [\"li@park.example\", \"han@park.example\"]\n"
    )
}

pub(crate) fn sms_way(port: u16) -> String {
    format!(
        "\n[[recipient.way]]\ntype = \"sms\"\nurl = \"https://127.0.0.1:{port}/send\"\n\
         ca_file = \"../certs/ca.crt\"\nheaders = {{ Authorization = \"Bearer {{token}}\" }}\n\
         body = '{{\"to\":[\"{{to}}\"],\"text\":\"{{headline_zh}} {{value}} {{unit}}\"}}'\n\
         to = [\"13800000001\"]\nsecrets = {{ token = \"sms\" }}\n\
         accept_pointer = \"/code\"\naccept_value = \"0\"\n"
    )
}

pub(crate) fn tell(park: &Park, ways: &str) -> Result<()> {
    let text = "[[recipient]]\nid = \"li\"\nname = { zh = \"李\", en = \"Li\" }\n\
                kind = \"person\"\ntier_min = \"yellow\"\n";
    park.tell_text(&format!("{text}{ways}"))?;
    for (name, secret) in SECRETS {
        let path = park.site().join(name);
        fs::write(&path, secret)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// What happened to the first message, in order, and its answer, once it is at its end.
pub(crate) fn story(station: &Station, state: &str) -> Result<(Vec<String>, Value)> {
    let detail = station.until("the first message's end", SOON, |station| {
        let answer = station.get("messages?recipient=li")?;
        let first = answer["deliveries"].as_array().and_then(|all| all.last()).cloned();
        let Some(first) = first.filter(|one| one["state"] == state) else { return Ok(None) };
        station.get(&format!("messages/{}", first["number"])).map(Some)
    })?;
    let receipts = detail["receipts"].as_array().cloned().unwrap_or_default();
    let word = |one: &Value| one["happened"].as_str().unwrap_or_default().to_owned();
    Ok((receipts.iter().map(word).collect(), detail))
}

pub(crate) fn notify_test(park: &Park, more: &[&str]) -> Result<(Output, String)> {
    let mut command = Command::new(binary::siskin()?);
    let output = command.args(["notify", "test"]).arg(park.site()).arg("li").args(more).output()?;
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let is_shown = SECRETS.iter().any(|(_, secret)| text.contains(secret));
    ensure!(!is_shown, "a secret is shown: {text}");
    Ok((output, text))
}

#[test]
fn a_mail_outlives_greylisting_and_cut_lines_and_keeps_its_id() -> Result<()> {
    let mut park = Park::new()?;
    let server = Server::start(&park, "mail_server.py", &["starttls", "450,drop,cut"])?;
    tell(&park, &mail_way(server.port, "starttls", "../certs/ca.crt"))?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let (happened, detail) = story(&station, "accepted")?;
    let retried = ["try", "retry", "try", "retry", "try", "retry", "try", "accept"];
    ensure!(happened == retried, "{detail}");
    let receipts = detail["receipts"].as_array().cloned().unwrap_or_default();
    let answers: Vec<_> = receipts.iter().filter_map(|one| one["answer"].as_str()).collect();
    ensure!(answers.iter().any(|text| text.contains("450")), "{answers:?}");
    ensure!(answers.last().is_some_and(|text| text.contains("250")), "{answers:?}");

    // The mail whose answer was lost came twice, and both are one to who reads the id.
    let mails = wait::poll("the mails", SOON, || {
        let mails = lines(&park, "mails");
        Ok((mails.len() >= 2).then_some(mails))
    })?;
    ensure!(mails[0]["id"] == mails[1]["id"], "{mails:?}");
    let (id, mail) = (mails[0]["id"].as_str().unwrap_or_default(), &mails[1]);
    ensure!(id.ends_with(".1.li@park.example>"), "{id}");
    ensure!(mail["tls"] == true && mail["signed_in"] == true, "{mail}");
    ensure!(mail["to"] == serde_json::json!(["li@park.example", "han@park.example"]), "{mail}");
    let (subject, body) = (mail["subject"].as_str(), mail["body"].as_str());
    for word in ["氯", "hlorine"] {
        ensure!(subject.is_some_and(|text| text.contains(word)), "{mail}");
        ensure!(body.is_some_and(|text| text.contains(word)), "{mail}");
    }
    ensure!(mail["auto"] == "auto-generated", "{mail}");
    station.stop()
}

#[test]
fn a_mail_server_that_refuses_gives_way_to_a_text_message() -> Result<()> {
    let mut park = Park::new()?;
    // It refuses the messages after the first one, too: they may come before the test looks.
    let refusals = ["554"; 20].join(",");
    let mail = Server::start(&park, "mail_server.py", &["starttls", &refusals])?;
    let sms = Server::start(&park, "sms_gateway.py", &["503,no,half"])?;
    let ways = mail_way(mail.port, "starttls", "../certs/ca.crt") + &sms_way(sms.port);
    tell(&park, &ways)?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let (happened, detail) = story(&station, "accepted")?;
    let (first, rest) = happened.split_at(2);
    ensure!(first[0] == "try" && first[1].contains("way"), "{detail}");
    let retried = ["try", "retry", "try", "retry", "try", "retry", "try", "accept"];
    ensure!(rest == retried, "{detail}");
    ensure!(lines(&park, "mails").is_empty(), "a mail was taken that was refused");
    let texts = lines(&park, "texts");
    let tries: Vec<_> = texts.iter().take(4).map(|one| &one["key"]).collect();
    ensure!(tries == [tries[0]; 4], "{texts:?}");
    let body = &texts[0]["body"];
    ensure!(body["to"] == serde_json::json!(["13800000001"]), "{body}");
    let text = body["text"].as_str().unwrap_or_default();
    ensure!(text.contains('氯') && text.contains("ppm"), "{body}");
    station.stop()
}

#[test]
fn a_test_by_hand_is_marked_and_shows_no_secret() -> Result<()> {
    let park = Park::new()?;
    let mail = Server::start(&park, "mail_server.py", &["tls"])?;
    let sms = Server::start(&park, "sms_gateway.py", &[])?;
    let ways = |ca: &str| mail_way(mail.port, "tls", ca) + &sms_way(sms.port);
    tell(&park, &ways("../certs/ca.crt"))?;
    let (output, text) = notify_test(&park, &["--dry-run"])?;
    ensure!(output.status.success() && text.contains("【测试】"), "{text}");
    ensure!(lines(&park, "mails").is_empty() && lines(&park, "texts").is_empty(), "{text}");

    let (output, text) = notify_test(&park, &[])?;
    ensure!(output.status.success() && text.contains("250"), "{text}");
    let (mails, texts) = (lines(&park, "mails"), lines(&park, "texts"));
    ensure!(mails.len() == 1 && texts.len() == 1, "{mails:?} {texts:?}");
    let subject = mails[0]["subject"].as_str().unwrap_or_default();
    ensure!(subject.starts_with("【测试】") && subject.contains("[TEST]"), "{subject}");
    let said = texts[0]["body"]["text"].as_str().unwrap_or_default();
    ensure!(said.starts_with("【测试】"), "{said}");

    // Another authority: nothing is said to a server that cannot prove who it is.
    e2e::certificates::make(&park.path().join("others"), &["127.0.0.1"])?;
    tell(&park, &ways("../others/ca.crt"))?;
    let (output, text) = notify_test(&park, &[])?;
    ensure!(!output.status.success() && text.contains("failed"), "{text}");
    ensure!(lines(&park, "mails").len() == 1, "{text}");

    // A wrong password is refused by the server, and seen.
    tell(&park, &ways("../certs/ca.crt"))?;
    fs::write(park.site().join("mail"), "wrong")?;
    let (output, text) = notify_test(&park, &[])?;
    ensure!(!output.status.success() && text.contains("535"), "{text}");
    ensure!(lines(&park, "mails").len() == 1, "{text}");
    Ok(())
}
