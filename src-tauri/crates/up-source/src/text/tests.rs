//! Tests: searches compared with the crate `regex`, and texts in many charsets.

use futures_util::FutureExt as _;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn headers(content_type: Option<&str>) -> HeaderMap {
    let value = |text: &str| HeaderValue::from_str(text).expect("a value");
    content_type
        .map(|text| (CONTENT_TYPE, value(text)))
        .into_iter()
        .collect()
}

fn at_once<T>(job: impl Future<Output = T>) -> T {
    job.now_or_never().expect("nobody else waits")
}

fn whole(text: &DecodedText<'_>) -> String {
    let mut whole = Vec::new();
    let mut blocks = text.blocks();
    while let Some(block) = blocks.next() {
        assert!(!block.is_empty());
        whole.extend_from_slice(block);
    }
    let mut read = Vec::new();
    std::io::copy(&mut text.reader(), &mut read).expect("memory");
    assert_eq!(read, whole, "the reader reads the same");
    String::from_utf8(whole).expect("blocks are UTF-8")
}

#[test]
fn bodies_are_decoded_by_what_they_say_of_themselves() {
    let check = |body: &[u8], content_type: Option<&str>, expected: &str| {
        let text = DecodedText::read(body, &headers(content_type));
        assert_eq!(whole(&text), expected, "{body:?} of {content_type:?}");
        assert_eq!(text.size(), body.len());
    };
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let bytes = |unit: u16| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        text.encode_utf16().flat_map(bytes).collect()
    };
    check(b"fine", None, "fine");
    check("größe".as_bytes(), Some("text/plain"), "größe");
    check(
        b"gr\xf6\xdfe",
        Some("text/html; charset=ISO-8859-1"),
        "größe",
    );
    check(
        b"gr\xf6\xdfe",
        Some("text/html;charset=\"latin1\""),
        "größe",
    );
    check(
        b"gr\xf6\xdfe",
        Some("text/html; Charset='l1'; x=y"),
        "größe",
    );
    check(b"\xd5\xfd\xb3\xa3", Some("text/plain; charset=GBK"), "正常");
    check(
        b"\xd5\xfd\xb3\xa3",
        Some("text/plain; charset=gb2312"),
        "正常",
    );
    check(
        b"\x90\xb3\x8f\xed",
        Some("text/plain; charset=Shift_JIS"),
        "正常",
    );
    check(b"\xf0\xd2\xc9", Some("text/plain; charset=koi8-r"), "При");
    check(
        &utf16("größe", false),
        Some("text/plain; charset=utf-16le"),
        "größe",
    );
    check(
        &utf16("größe", true),
        Some("text/plain; charset=utf-16be"),
        "größe",
    );
    check(&utf16("\u{feff}größe", false), None, "größe");
    check(&utf16("\u{feff}größe", true), None, "größe");
    // A byte order mark outranks the head.
    check(
        "\u{feff}größe".as_bytes(),
        Some("text/plain; charset=gbk"),
        "größe",
    );
    // An unknown charset counts as none.
    check(
        "größe".as_bytes(),
        Some("text/plain; charset=klingon"),
        "größe",
    );
    check("größe".as_bytes(), Some("text/plain; charset="), "größe");
    check(
        b"\xff fine",
        Some("text/plain; charset=utf-8"),
        "\u{fffd} fine",
    );
    check(b"fine \xe2\x82", None, "fine \u{fffd}");
    check(b"", None, "");
    check(b"\xff\xfe", None, "");
    check(b"\xff\xfea", None, "\u{fffd}\u{fffd}a");
}

#[test]
fn html_and_xml_name_their_charset_within() {
    let check = |head: &str, content_type: Option<&str>, decoded: bool| {
        let body = [head.as_bytes(), b"gr\xf6\xdfe"].concat();
        let text = whole(&DecodedText::read(&body, &headers(content_type)));
        assert_eq!(
            text.ends_with("größe"),
            decoded,
            "{head} of {content_type:?}"
        );
    };
    let html = Some("text/html");
    check("<html><meta charset=latin1>", html, true);
    check("<META CharSet = \"ISO-8859-1\" />", html, true);
    check("<meta\ncharset='latin1'>", None, true);
    let equiv = "<meta http-equiv=Content-Type content=\"text/html; charset=iso-8859-1\">";
    check(equiv, Some("application/xhtml+xml"), true);
    check(
        "<meta content='text/html; charset=latin1' http-equiv='x'>",
        html,
        true,
    );
    check("<meta name=a content='charset=latin1'>", html, false);
    check(
        "<meta name=a content='charset=koi8-r'><meta charset=latin1>",
        html,
        true,
    );
    check("<!-- <meta charset=latin1> -->", html, false);
    check("<!-- x --><meta charset=latin1>", html, true);
    check("<meta charset=klingon><meta charset=latin1>", html, true);
    check("<meta charset=utf-16>", html, false);
    check("<metacharset=latin1>", html, false);
    check("<meta charset=latin1>", Some("text/plain"), false);
    check(
        "<meta charset=latin1>",
        Some("text/html; charset=utf-8"),
        false,
    );
    check(
        &format!("{}<meta charset=latin1>", " ".repeat(900)),
        html,
        true,
    );
    check(
        &format!("{}<meta charset=latin1>", " ".repeat(1100)),
        html,
        false,
    );
    check(
        "<?xml version='1.0' encoding='iso-8859-1'?>",
        Some("text/xml"),
        true,
    );
    check(
        "<?xml version=\"1.0\" encoding=\"latin1\"?>",
        Some("application/rss+xml"),
        true,
    );
    check("<?xml version='1.0'?>", Some("text/xml"), false);
}

#[test]
fn a_part_and_a_line_are_found_in_any_charset() {
    let text = "a\nb größe\n".repeat(5_000) + "last größe of all";
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let type_ = headers(Some("text/plain; charset=latin1"));
    for body in [DecodedText::from(&*text), DecodedText::read(&latin, &type_)] {
        let line = |wanted| at_once(body.line_of(wanted, &mut Pace::undivided()));
        assert_eq!(line("größe"), Some(2));
        assert_eq!(line("last größe"), Some(10_001));
        assert_eq!(line("größe\na"), Some(2));
        assert_eq!(line("größe\nlast"), Some(10_000));
        assert_eq!(line("größer"), None);
        assert_eq!(line(&text), Some(1));
        assert_eq!(line(&format!("{text}x")), None);
        let pattern = |text| Pattern::parse(text).expect("a pattern");
        let first = |text| at_once(pattern(text).first(&body, &mut Pace::undivided()));
        assert_eq!(first("last (gr..e)").as_deref(), Some("größe"));
        assert_eq!(first("last gr..e").as_deref(), Some("last größe"));
        assert_eq!(first("last (x)?gr").as_deref(), Some("last gr"));
        assert_eq!(first("lost (.)"), None);
        let long = first("(?s)(.*)").expect("a match");
        assert!(
            text.starts_with(long.trim_end_matches('\u{fffd}')),
            "{}",
            long.len()
        );
    }
}

#[test]
fn json_is_read_in_any_charset() {
    let json = "{\"state\":\"größe\"}";
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(json.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let text = DecodedText::read(&utf16, &headers(Some("application/json")));
    let value: Value = serde_json::from_reader(text.reader()).expect("JSON");
    assert_eq!(value["state"], "größe");
}

/// Patterns of all kinds: anchors, word boundaries, classes, repetitions, alternatives, groups.
const PATTERNS: &[&str] = &[
    "",
    "a",
    "^a",
    "a$",
    "^$",
    "(?m)^a$",
    "(?m)a$",
    "(?m)^",
    "(?R)(?m)^a$",
    "(?R)(?m)a$",
    r"\ba\b",
    r"\Ba",
    r"a\B",
    r"(?-u:\b)a",
    r"\b{start}a",
    r"a\b{end}",
    r"\b{start-half}ä",
    r"ä\b{end-half}",
    r"\A\w+\z",
    r"\w\W\w",
    "a|ab",
    "(a|ab)(c|bcd)?",
    "(?:a+)+b",
    "a*?b",
    "[^a]b",
    "(?i)Ä",
    "(?s)a.b",
    "a.b",
    r"\d{2,3}",
    "b{2}|^b|\n$",
    "(a)?b",
    "(?:)|a",
    "x*",
    r"(\w+)\s(\w+)",
    "[a-c]{0,50}[ä]",
    "(^|b)a",
    "a(?:$|b)",
    r"(?m)^\s*(\S+)$",
];

/// Checks that each engine finds what the crate `regex` finds, if the text arrives in pieces of
/// `length` bytes.
fn agree(pattern: &str, text: &str, length: usize) {
    let known = regex::Regex::new(pattern).expect("a pattern");
    let ours = Pattern::parse(pattern).expect("a pattern");
    let pace = &mut Pace::undivided();
    let expected = known.is_match(text);
    let mut search = at_once(ours.search(pace));
    let fed = text.as_bytes().chunks(length).any(|piece| {
        let (fed, ends) = at_once(async {
            let fed = search.feed(piece, pace).await;
            // Asking for the end in between must not change the search.
            (fed, search.clone().end(pace).await)
        });
        assert!(
            !fed || expected,
            "{pattern:?} in {text:?} by {length}: found too much"
        );
        let _ = ends;
        fed
    });
    let found = fed || at_once(search.end(pace));
    assert_eq!(found, expected, "{pattern:?} in {text:?} by {length}");
    assert_eq!(
        at_once(search.is_in(&text.into(), pace)),
        expected,
        "{pattern:?} anew"
    );
    let groups = known.captures(text);
    let first = groups.and_then(|groups| groups.get(1).or(groups.get(0)));
    let captured = at_once(async {
        let mut capture = capture::Capture::of(&ours).expect("it compiles");
        for piece in text.as_bytes().chunks(length) {
            if capture.feed(piece, pace).await {
                break;
            }
        }
        capture.end(pace).await
    });
    assert_eq!(
        captured,
        first.map(|first| first.range()),
        "{pattern:?} in {text:?} by {length}"
    );
}

#[test]
fn known_texts_match_as_they_should() {
    let texts = [
        "",
        "a",
        "ab",
        "ba",
        "b a",
        "äa",
        "aä",
        "a\nb",
        "b\na\n",
        "a\r\n",
        "\r\na\r",
        "abcd",
        "aab 12 345",
        "ÄB ä",
        "_a1 b-c",
        "aaaaaaä",
        "\n",
        "b\r\na",
    ];
    for pattern in PATTERNS {
        for text in texts {
            for length in [1, 2, 3, 64] {
                agree(pattern, text, length);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_text_matches_as_it_should(
        pattern in prop::sample::select(PATTERNS),
        text in "[ab ä1\\r\\nÄ_€𝕏]{0,40}",
        length in 1_usize..20,
    ) {
        agree(pattern, &text, length);
    }

    #[test]
    fn no_body_is_a_panic(body in prop::collection::vec(any::<u8>(), 0..300), charset in "(utf-16(le|be)?|gbk|shift_jis|iso-2022-jp|big5|euc-kr|latin1|koi8-r)") {
        let text = DecodedText::read(&body, &headers(Some(&format!("text/html; charset={charset}"))));
        let whole = whole(&text);
        prop_assert_eq!(text.part(0..whole.len()), whole);
    }
}

#[test]
fn what_is_too_large_or_wrong_is_told() {
    let check = |text: &str, words: &str| {
        let error = Pattern::parse(text).expect_err(text);
        assert!(error.contains(words), "{error}");
    };
    check("(a", "\"(a\" is no regular expression: unclosed group");
    check("[", "unclosed character class");
    check(r"(?-u)\xff", "pattern can match invalid UTF-8");
    check(
        r"(\w{1000}){1000}",
        "is too large a regular expression: compiled, it takes over 1 MiB",
    );
    check(r"[a-z]{0,90000}", "too large");
    assert!(Pattern::parse_for_bytes(r"(?-u)\xff").is_ok());
}

#[tokio::test]
async fn a_long_search_leaves_the_loop_and_ends_with_its_future() {
    use std::sync::Arc;
    use std::time::Duration;

    let mut seed = 1_u32;
    let noise = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if seed > u32::MAX / 2 { '1' } else { '0' }
    });
    let text: Arc<str> = noise.take(1 << 20).collect::<String>().into();
    let held = text.clone();
    let search = aside(async move {
        let pattern = Pattern::parse("([01]*1[01]{300}){2}[2-9]").expect("a pattern");
        pattern
            .is_in(&DecodedText::from(&*held), &mut Pace::starting_now())
            .await
    });
    // The search leaves the event loop free, or the timeout would not fire.
    let late = tokio::time::timeout(Duration::from_millis(100), search).await;
    assert!(late.is_err(), "no machine is so fast");
    while Arc::strong_count(&text) > 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
