//! The charset that an answer declares: in its head, or within HTML and XML.

use std::borrow::Cow;
use std::sync::LazyLock;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use regex::bytes::Regex;

/// The number of bytes at the start of a document in which HTML looks for a charset (HTML Living
/// Standard, section 13.2.3.2).
const PRESCAN: usize = 1024;

/// The charset of a body that came with `headers` and has no byte order mark.
pub(super) fn declared(body: &[u8], headers: &HeaderMap) -> Option<&'static Encoding> {
    let types = headers.get_all(CONTENT_TYPE);
    let types: Vec<Cow<'_, str>> = types.iter().map(header_text).collect();
    let named = types.iter().rev().find_map(|value| parameter(value));
    named.or_else(|| {
        let is_markup = types.last().is_none_or(|value| is_markup(value));
        let start = &body[..body.len().min(PRESCAN)];
        is_markup.then(|| within(start)).flatten()
    })
}

/// The charset that a `content-type` declares.
fn parameter(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset
            .then(|| Encoding::for_label_no_replacement(value.as_bytes()))
            .flatten()
    })
}

/// True for types of documents that may declare their charset within.
fn is_markup(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence.is_empty() || essence.ends_with("/html") || essence.ends_with("xml")
}

/// The charset that HTML or XML declares in its first bytes.
fn within(start: &[u8]) -> Option<&'static Encoding> {
    const XML: &str = r#"(?-u)^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)"#;
    const META: &str =
        r#"(?is-u)<!--.*?-->|<meta[\s/]([^>]*?)\bcharset\s*=\s*["']?\s*([^\s"'/>;]+)([^>]*)"#;
    static IN_XML: LazyLock<Regex> = LazyLock::new(|| pattern(XML));
    static IN_META: LazyLock<Regex> = LazyLock::new(|| pattern(META));
    let in_xml = IN_XML.captures(start).and_then(|found| found.get(1));
    if let Some(encoding) = in_xml.and_then(|label| label_within(label.as_bytes())) {
        return Some(encoding);
    }
    IN_META.captures_iter(start).find_map(|found| {
        let (before, label, after) = (found.get(1)?, found.get(2)?, found.get(3)?);
        let beside = [before.as_bytes(), after.as_bytes()].concat();
        let beside = String::from_utf8_lossy(&beside).to_ascii_lowercase();
        // A charset within the attribute `content` counts only if the element stands for a header.
        let counts = !beside.contains("content") || beside.contains("http-equiv");
        counts.then(|| label_within(label.as_bytes())).flatten()
    })
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern that a test compiles")
}

/// The charset that `label` means. The label was read as ASCII, so that the document cannot be
/// UTF-16, even if it says so.
fn label_within(label: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label).map(|encoding| match encoding {
        encoding if encoding == UTF_16LE || encoding == UTF_16BE => UTF_8,
        encoding if encoding == X_USER_DEFINED => WINDOWS_1252,
        encoding => encoding,
    })
}

/// The value of a header as text: UTF-8, or Latin-1 if it is not valid UTF-8.
pub(crate) fn header_text(value: &HeaderValue) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::mem::decode_latin1(bytes),
    }
}
