//! Renewals step by step, with files of the shipped script; no clock, no watcher.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::*;

const DAY_MS: i64 = 86_400_000;

/// Two certificates of one authority and a folder where one of them is in use.
struct Bench {
    folder: tempfile::TempDir,
    certificate: StationCertificate,
    now: Timestamp,
}

fn tls() -> StationTls {
    StationTls { certificate: "used.crt".to_owned(), key: "used.key".to_owned() }
}

/// A certificate `<name>.crt` with its key in `folder`, from today on.
fn make(folder: &Path, name: &str) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/mosquitto/make-certs.sh");
    let done = Command::new("sh").arg(script).arg(folder).arg("127.0.0.1").output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for end in ["crt", "key"] {
        fs::rename(folder.join(format!("server.{end}")), folder.join(format!("{name}.{end}")))
            .unwrap();
    }
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), "first");
        make(folder.path(), "second");
        for end in ["crt", "key"] {
            fs::copy(
                folder.path().join(format!("first.{end}")),
                folder.path().join(format!("used.{end}")),
            )
            .unwrap();
        }
        // A day into the life of what was just made, whatever the clock says.
        let certificate = StationCertificate::open(&tls(), folder.path()).unwrap();
        let now = certificate.state().validity.not_before.plus_ms(DAY_MS);
        Self { folder, certificate, now }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, end: &str) {
        fs::copy(self.path(&format!("{name}.{end}")), self.path(&format!("used.{end}"))).unwrap();
    }

    fn look(&self, haste: Haste) {
        self.certificate.look(haste, self.now);
    }

    /// What is shown is that of `name`, and the refusal says `why`.
    fn check(&self, name: &str, why: &str) {
        let named = |end: &str| format!("{name}.{end}");
        let named = StationTls { certificate: named("crt"), key: named("key") };
        let wanted = Files::new(&named, self.folder.path()).read().unwrap();
        let state = self.certificate.state();
        assert!(state.taken == wanted, "not {name} is shown");
        let refused = state.refused.as_ref().map(|(_, why)| why.en.clone()).unwrap_or_default();
        assert!(
            if why.is_empty() { refused.is_empty() } else { refused.contains(why) },
            "{refused}"
        );
    }
}

#[test]
fn a_renewal_is_taken_once_it_has_settled() {
    let bench = Bench::new();
    bench.put("second", "crt");
    bench.look(Haste::WhenSettled);
    bench.check("first", "");
    // The key came after the first look.
    bench.put("second", "key");
    bench.look(Haste::WhenSettled);
    bench.check("first", "");
    bench.look(Haste::WhenSettled);
    bench.check("second", "");
    bench.put("first", "crt");
    bench.put("first", "key");
    bench.look(Haste::Now);
    bench.check("first", "");
}

#[test]
fn what_cannot_be_used_is_refused_and_the_old_one_goes_on() {
    let bench = Bench::new();
    bench.put("second", "crt");
    bench.look(Haste::Now);
    bench.check("first", "used.key` cannot be used: not the key of the first certificate");
    fs::write(bench.path("used.crt"), "renewed, said the script").unwrap();
    bench.look(Haste::Now);
    bench.check("first", "used.crt` cannot be used: no certificate in it; hint: PEM is expected");
    fs::remove_file(bench.path("used.crt")).unwrap();
    bench.look(Haste::WhenSettled);
    bench.look(Haste::WhenSettled);
    bench.check("first", "used.crt` cannot be used: cannot be read: ");
    let view = bench.certificate.view(bench.now, 0);
    assert!(!is_well(&view) && view.standing == "good", "{view:?}");
    assert!(view.refused.unwrap().text.zh.contains("读不了"));
    // Back to what is shown: nothing is refused any more.
    bench.put("first", "crt");
    bench.look(Haste::WhenSettled);
    bench.check("first", "");
    assert!(is_well(&bench.certificate.view(bench.now, 0)));
}

#[test]
fn a_certificate_out_of_its_time_is_shown_at_the_start_and_refused_as_a_renewal() {
    let mut bench = Bench::new();
    bench.now = bench.certificate.state().validity.not_after.plus_ms(DAY_MS);
    let opened = StationCertificate::open(&tls(), bench.folder.path()).unwrap();
    assert_eq!(opened.view(bench.now, 0).standing, "expired");
    bench.put("second", "crt");
    bench.put("second", "key");
    bench.look(Haste::Now);
    bench.check("first", "not valid now, only from ");
    // The clock is set right.
    bench.now = bench.now.plus_ms(-10 * DAY_MS);
    bench.look(Haste::WhenSettled);
    bench.check("second", "");
    assert_eq!(bench.certificate.view(bench.now, 0).standing, "expires-soon");
}

/// A few bytes that say they are something.
fn armoured(what: &str) -> String {
    format!("-----BEGIN {what}-----\nMAAA\n-----END {what}-----\n")
}

/// With this in the two files the station does not start.
fn check_start(chain: &str, key: &str, want: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("used.crt"), chain).unwrap();
    fs::write(folder.path().join("used.key"), key).unwrap();
    let opened = StationCertificate::open(&tls(), folder.path());
    let why = opened.err().unwrap();
    assert!(why.en.contains(want) && why.en.contains("; hint: "), "{}", why.en);
    assert!(why.zh.starts_with("监测站的证书文件 `"), "{}", why.zh);
}

#[test]
fn files_that_hold_something_else_are_named_at_the_start() {
    let bench = Bench::new();
    let text = |name: &str| fs::read_to_string(bench.path(name)).unwrap();
    let (chain, key, authority) = (text("first.crt"), text("first.key"), text("ca.crt"));
    check_start("", &key, "used.crt` cannot be used: no certificate in it");
    check_start(&key, &key, "used.crt` cannot be used: no certificate in it");
    let cut = &chain[..chain.len() / 2];
    check_start(cut, &key, "used.crt` cannot be used: not a certificate in PEM");
    check_start(
        &armoured("CERTIFICATE"),
        &key,
        "used.crt` cannot be used: not a certificate in PEM",
    );
    check_start(&chain, "", "used.key` cannot be used: no private key without a password");
    let locked = armoured("ENCRYPTED PRIVATE KEY");
    check_start(&chain, &locked, "no private key without a password");
    let bad = armoured("PRIVATE KEY");
    check_start(&chain, &bad, "used.key` cannot be used: not a private key that can be used");
    check_start(&chain, &text("second.key"), "not the key of the first certificate");
    check_start(&format!("{authority}{chain}"), &key, "put that certificate first");
    let huge = " ".repeat(1 << 20) + "  ";
    check_start(&huge, &key, "more than 1048576 bytes");
}
