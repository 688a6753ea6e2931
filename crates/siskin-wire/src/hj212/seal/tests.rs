//! The cipher against the published vectors, the forms against each other, wrong settings against
//! everything.

use std::fmt::Write as _;

use proptest::prelude::*;
use siskin_model::site::{Hj212Crc, Hj212Version, Sm4Key};
use sm4::cipher::BlockCipherEncrypt as _;

use super::*;
use crate::hj212::Part;
use crate::languages::check_text;

const KEY: &str = "0123456789abcdeffedcba9876543210";
const OTHER_KEY: &str = "0123456789abcdeffedcba9876543211";
const CONTENT: &str = "DataTime=20260706103000;a21022-Rtd=0.31,a21022-Flag=N";
const FILLS: [Sm4Fill; 4] = [Sm4Fill::None, Sm4Fill::Zero, Sm4Fill::Space, Sm4Fill::Pkcs7];
const TEXTS: [Sm4Text; 2] = [Sm4Text::Hex, Sm4Text::Base64];

fn logger(sm4: Option<(Sm4Text, Sm4Fill, Option<&str>)>) -> Hj212Logger {
    Hj212Logger {
        mn: "A1".into(),
        password: None,
        version: Hj212Version::V2025,
        crc: Hj212Crc::Standard,
        sets_clock: false,
        sm4: sm4.map(|(text, fill, key)| Hj212Sm4 {
            text,
            fill,
            key: key.map(|key| Sm4Key::parse(key).unwrap()),
        }),
    }
}

fn opener(text: Sm4Text, fill: Sm4Fill, key: &str) -> Opener {
    Opener::new(&logger(Some((text, fill, Some(key)))))
}

fn cipher(key: &str) -> Sm4 {
    Sm4::new(&Array(Sm4Key::parse(key).unwrap().0))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02X}").unwrap();
    }
    text
}

/// What a logger does, for these tests.
fn sealed(content: &str, text: Sm4Text, fill: Sm4Fill) -> String {
    let mut bytes = content.as_bytes().to_vec();
    let missing = BLOCK_BYTES - bytes.len() % BLOCK_BYTES;
    match fill {
        Sm4Fill::Pkcs7 => bytes.extend(vec![u8::try_from(missing).unwrap(); missing]),
        Sm4Fill::None => assert_eq!(missing, BLOCK_BYTES, "`{content}` is no whole blocks"),
        Sm4Fill::Zero => bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), 0),
        Sm4Fill::Space => bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), b' '),
    }
    for block in bytes.chunks_exact_mut(BLOCK_BYTES) {
        cipher(KEY).encrypt_block(block.try_into().unwrap());
    }
    match text {
        Sm4Text::Hex => hex(&bytes),
        Sm4Text::Base64 => STANDARD.encode(bytes),
    }
}

fn packet(cp: &str) -> Packet {
    Packet { cn: 2011, mn: "A1".into(), cp: cp.to_owned(), ..Packet::default() }
}

/// GB/T 32907-2016, annex A.
#[test]
fn the_published_vectors() {
    let mut block = Array(Sm4Key::parse(KEY).unwrap().0);
    let cipher = cipher(KEY);
    cipher.encrypt_block(&mut block);
    let want = Sm4Key::parse("681edf34d206965e86b3e94f536e4246").unwrap();
    assert_eq!(block.0, want.0);
    for _ in 1..1_000_000 {
        cipher.encrypt_block(&mut block);
    }
    assert_eq!(block.0, Sm4Key::parse("595298c7c6fd271f0402f804c33d3f66").unwrap().0);
}

#[test]
fn every_form_and_fill_is_opened_by_its_own_setting() {
    // 53 letters fill a part of a block, 64 a whole one.
    let even = format!("{CONTENT};a1-Rtd=10");
    assert_eq!(even.len() % BLOCK_BYTES, 15);
    let even = format!("{even}0");
    for text in TEXTS {
        for fill in FILLS {
            let contents: &[&str] =
                if fill == Sm4Fill::None { &[&even] } else { &[CONTENT, &even] };
            for content in contents {
                let packet = packet(&sealed(content, text, fill));
                assert!(packet.is_encrypted(), "{}", packet.cp);
                let opened = opener(text, fill, KEY).open(&packet).unwrap();
                assert_eq!((opened.cp.as_str(), opened.cn), (*content, 2011));
                let lower = self::packet(&packet.cp.to_lowercase());
                if text == Sm4Text::Hex {
                    assert_eq!(opener(text, fill, KEY).open(&lower).unwrap().cp, *content);
                }
            }
        }
    }
}

#[test]
fn a_wrong_setting_is_a_refusal_that_names_the_logger() {
    use Sm4Fill::{None, Pkcs7, Space, Zero};
    use Sm4Text::{Base64, Hex};
    let hex = sealed(CONTENT, Hex, Zero);
    let short = hex.get(..hex.len() - 2).unwrap();
    let mn = || "A1".to_owned();
    let nonsense = || SealError::Nonsense { mn: mn() };
    for (cp, agreed, want) in [
        (hex.as_str(), Option::None, SealError::NotAgreed { mn: mn() }),
        (&hex, Some((Hex, Zero, Option::None)), SealError::NoKey { mn: mn() }),
        (&hex, Some((Hex, Zero, Some(OTHER_KEY))), nonsense()),
        (&hex, Some((Hex, Pkcs7, Some(KEY))), nonsense()),
        (&hex, Some((Hex, Space, Some(KEY))), nonsense()),
        (&hex, Some((Hex, None, Some(KEY))), nonsense()),
        (&hex, Some((Base64, Zero, Some(KEY))), nonsense()),
        (short, Some((Hex, Zero, Some(KEY))), SealError::Blocks { mn: mn(), bytes: 63 }),
        ("0g", Some((Hex, Zero, Some(KEY))), SealError::Form { mn: mn(), form: "hex" }),
        ("012", Some((Hex, Zero, Some(KEY))), SealError::Form { mn: mn(), form: "hex" }),
        ("!?", Some((Base64, Zero, Some(KEY))), SealError::Form { mn: mn(), form: "base64" }),
    ] {
        let error = Opener::new(&logger(agreed)).open(&packet(cp)).unwrap_err();
        check_text(&error.text());
        assert!(error.text().zh.contains("A1"), "{error}");
        assert_eq!(error, want, "{cp}");
    }
}

#[test]
fn what_is_decrypted_must_read_as_a_content() {
    let (text, fill) = (Sm4Text::Hex, Sm4Fill::Zero);
    let open = |content: &str, part| {
        let packet = Packet { part, ..packet(&sealed(content, text, fill)) };
        opener(text, fill, KEY).open(&packet).is_ok()
    };
    let part = |number| Some(Part { total: 2, number });
    for (content, part, want) in [
        ("DataTime=20260706103000", None, true),
        ("a21022-Rtd=0.31", None, false),
        ("a21022-Rtd=0.31", part(1), false),
        ("a21022-Rtd=0.31", part(2), true),
        ("X=1", part(2), false),
        ("DataTime=20260706103000;x", None, false),
        ("DataTime=20260706103000;a\n=1", None, false),
        ("DataTime=20260706103000;a\u{7F}-Rtd=1", None, false),
        ("DataTime=20260706103000;氯-Rtd=1", None, false),
        ("DataTime=20260706103000;a-Info=正常", None, true),
    ] {
        assert_eq!(open(content, part), want, "{content:?} {part:?}");
    }
}

#[test]
fn plain_content_stays_as_it_is_and_is_known_as_such() {
    let plain = packet(CONTENT);
    for agreed in [None, Some((Sm4Text::Hex, Sm4Fill::Zero, None))] {
        let opener = Opener::new(&logger(agreed));
        assert_eq!(opener.open(&plain).unwrap().cp, CONTENT);
        assert_eq!(opener.is_unsealed(&plain), agreed.is_some());
        assert!(!opener.is_unsealed(&packet(&sealed(CONTENT, Sm4Text::Hex, Sm4Fill::Zero))));
    }
}

proptest! {
    /// Nothing that is not encrypted with the key is ever read.
    #[test]
    fn random_blocks_are_never_a_content(
        bytes in proptest::collection::vec(any::<u8>(), 16..128),
        (text, fill) in (0..2usize, 0..4usize),
        number in proptest::option::of(1..3u16),
    ) {
        let (text, fill) = (TEXTS[text], FILLS[fill]);
        let whole = &bytes[..bytes.len() - bytes.len() % BLOCK_BYTES];
        let cp = match text {
            Sm4Text::Hex => hex(whole),
            Sm4Text::Base64 => STANDARD.encode(whole),
        };
        let part = number.map(|number| Part { total: 2, number });
        let packet = Packet { part, ..packet(&cp) };
        prop_assert!(packet.is_encrypted());
        let error = opener(text, fill, KEY).open(&packet).unwrap_err();
        prop_assert_eq!(error, SealError::Nonsense { mn: "A1".into() });
    }

    /// Whatever stands between the `&&` is opened, refused or left as it is.
    #[test]
    fn random_text_never_panics(cp in "[ -~]{0,70}", text in 0..2usize, fill in 0..4usize) {
        let packet = packet(&cp);
        if let Ok(opened) = opener(TEXTS[text], FILLS[fill], KEY).open(&packet) {
            prop_assert_eq!(opened.as_ref(), &packet);
        }
    }
}

/// What is sealed for a bureau is opened by the other half, and is what the vector says.
#[test]
fn what_is_sealed_is_opened() {
    for fill in FILLS {
        for text in TEXTS {
            let sealer = Sealer::new(&Sm4Key::parse(KEY).unwrap(), text, fill);
            for more in 0..17 {
                let content = format!("{CONTENT};b-Rtd={}", "1".repeat(more + 1));
                let Some(cp) = sealer.seal(&content) else {
                    assert_eq!(fill, Sm4Fill::None);
                    assert_ne!(content.len() % BLOCK_BYTES, 0);
                    continue;
                };
                let packet = Packet { mn: "A1".into(), cn: 2011, cp, ..Packet::default() };
                let opened = opener(text, fill, KEY).open(&packet).unwrap().cp.clone();
                assert_eq!(opened, content);
                assert_eq!(packet.cp, sealed(&content, text, fill));
            }
        }
    }
}

/// What a centre encrypted is read; what only looks encrypted is none, and never an empty wish.
#[test]
fn the_command_of_a_centre_is_opened_or_refused() {
    let sealer = |key| Sealer::new(&Sm4Key::parse(key).unwrap(), Sm4Text::Hex, Sm4Fill::Zero);
    let wish = "BeginTime=20261129000000,EndTime=20261129010000";
    let cp = sealer(KEY).seal(wish).unwrap();
    assert_eq!(sealer(KEY).open(&cp).as_deref(), Some(wish));
    assert_eq!(sealer("00000000000000000000000000000000").open(&cp), None);
    for wrong in ["", "12", "not hex", "0123456789ABCDEF", &cp[2..]] {
        assert_eq!(sealer(KEY).open(wrong), None, "{wrong}");
    }
}
