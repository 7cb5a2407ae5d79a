//! The canonical form in which answers are compared with what is expected, and how both are shown.

use std::net::IpAddr;

use hickory_proto::rr::{Name, RData, RecordType};
use up_core::cause::one_line;

/// The data of one record of an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DnsAnswer {
    /// The canonical form, for comparison.
    form: String,
    /// The text as a zone file has it, for display.
    text: String,
}

/// One entry of the key `expect`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ExpectedAnswer {
    form: Box<str>,
    /// The canonical form of the entry read as quoted strings of a zone file, where it can be read
    /// so.
    unquoted: Option<Box<str>>,
}

impl DnsAnswer {
    /// The answer in the record data `data`.
    pub(super) fn new(data: &RData) -> Self {
        let text = match data {
            // The strings of a TXT record are one text that is cut every 255 bytes (RFC 7208,
            // section 3.3).
            RData::TXT(txt) => lossy(&txt.txt_data.concat()),
            RData::CNAME(name) => canonical_name(name),
            RData::NS(name) => canonical_name(name),
            RData::MX(mx) => format!("{} {}", mx.preference, canonical_name(&mx.exchange)),
            RData::SRV(srv) => {
                let target = canonical_name(&srv.target);
                format!("{} {} {} {target}", srv.priority, srv.weight, srv.port)
            }
            RData::SOA(soa) => format!(
                "{} {} {} {} {} {} {}",
                canonical_name(&soa.mname),
                canonical_name(&soa.rname),
                soa.serial,
                soa.refresh,
                soa.retry,
                soa.expire,
                soa.minimum
            ),
            data => data.to_string(),
        };
        let form = match data {
            RData::CAA(caa) => caa_form(caa.flags(), &caa.tag, &lossy(&caa.value)),
            RData::TXT(_) => collapse_spaces(&text),
            _ => text.clone(),
        };
        Self { form, text }
    }

    /// The answer for display: one line of at most `longest` bytes.
    pub(super) fn shown(&self, longest: usize) -> String {
        one_line(&self.text, longest)
    }
}

impl ExpectedAnswer {
    /// Parses an entry of `expect` for records of the type `record`.
    pub(super) fn read(text: &str, record: RecordType) -> Self {
        let form = match record {
            RecordType::TXT => collapse_spaces(text),
            RecordType::CAA => parse_caa(text).unwrap_or_else(|| collapse_spaces(text)),
            RecordType::A | RecordType::AAAA => {
                let text = text.trim();
                let address = text.trim_matches(['[', ']']).parse::<IpAddr>();
                address.map_or_else(|_| text.to_owned(), |address| address.to_string())
            }
            _ => {
                let words = text.split_whitespace();
                words.map(canonical_word).collect::<Vec<_>>().join(" ")
            }
        };
        let bytes = (record == RecordType::TXT)
            .then(|| quoted_strings(text))
            .flatten();
        let unquoted = bytes.map(|bytes| collapse_spaces(&lossy(&bytes)));
        let unquoted = unquoted.filter(|unquoted| *unquoted != form);
        Self {
            form: form.into(),
            unquoted: unquoted.map(Into::into),
        }
    }

    fn matches(&self, found: &DnsAnswer) -> bool {
        *self.form == found.form || self.unquoted.as_deref() == Some(&found.form)
    }
}

/// True when each answer in `found` is expected, and each entry of `expected` was found.
pub(super) fn agree(expected: &[ExpectedAnswer], found: &[DnsAnswer]) -> bool {
    found
        .iter()
        .all(|found| expected.iter().any(|one| one.matches(found)))
        && expected
            .iter()
            .all(|one| found.iter().any(|found| one.matches(found)))
}

/// A sentence that says how `expected` and `found` differ. Of two single long texts it shows only
/// the surroundings of their first difference.
pub(super) fn difference(expected: &[ExpectedAnswer], found: &[DnsAnswer]) -> String {
    const MAX_WHOLE: usize = 80;
    let forms: Vec<&str> = expected.iter().map(|one| &*one.form).collect();
    let texts: Vec<&str> = found.iter().map(|found| &*found.text).collect();
    if let ([wanted], [got]) = (&expected, &found)
        && wanted.form.len().max(got.text.len()) > MAX_WHOLE
    {
        let wanted = wanted.unquoted.as_ref().unwrap_or(&wanted.form);
        let same = wanted.chars().zip(got.form.chars());
        let same = same.take_while(|(wanted, got)| wanted == got).count();
        return format!(
            "expected {}, got {} (they differ from character {} on)",
            around(wanted, same),
            around(&got.form, same),
            same + 1
        );
    }
    format!("expected {}, got {}", listed(&forms), listed(&texts))
}

/// The part of a long text around the character with the index `at`.
fn around(text: &str, at: usize) -> String {
    const BEFORE: usize = 12;
    const MAX_SHOWN: usize = 60;
    let start = at.saturating_sub(BEFORE);
    let shown: String = text.chars().skip(start).take(MAX_SHOWN).collect();
    let before = if start == 0 { "" } else { "…" };
    let after = if text.chars().count() > start + MAX_SHOWN {
        "…"
    } else {
        ""
    };
    format!("{before}{shown}{after}")
}

fn listed(all: &[&str]) -> String {
    const MAX_LISTED: usize = 4;
    const MAX_ENTRY: usize = 60;
    let first = all
        .iter()
        .take(MAX_LISTED)
        .map(|text| one_line(text, MAX_ENTRY));
    let mut text = first.collect::<Vec<_>>().join(", ");
    if all.len() > MAX_LISTED {
        text.push_str(", …");
    }
    text
}

/// A name in lower-case ASCII (`bücher` becomes `xn--bcher-kva`), without the final dot.
fn canonical_name(name: &Name) -> String {
    let mut text = name.to_ascii().to_ascii_lowercase();
    if text.len() > 1 && text.ends_with('.') {
        text.pop();
    }
    text
}

/// The canonical form of one word, which is a number or a name.
fn canonical_word(word: &str) -> String {
    match (word.parse::<u32>(), Name::from_str_relaxed(word)) {
        (Ok(number), _) => number.to_string(),
        (Err(_), Ok(name)) => canonical_name(&name),
        (Err(_), Err(_)) => word.to_ascii_lowercase(),
    }
}

/// The canonical form of a CAA property such as `0 issue "ca.example"`, with or without the quotes.
fn parse_caa(text: &str) -> Option<String> {
    let text = text.trim();
    let (flags, rest) = text.split_once(char::is_whitespace)?;
    let (tag, value) = rest.trim_start().split_once(char::is_whitespace)?;
    let value =
        quoted_strings(value).map_or_else(|| value.trim().to_owned(), |bytes| lossy(&bytes));
    Some(caa_form(flags.parse().ok()?, tag, &value))
}

/// The canonical form of a CAA property. Its tag is case-insensitive (RFC 8659, section 4.1).
fn caa_form(flags: u8, tag: &str, value: &str) -> String {
    format!(
        "{flags} {} {}",
        tag.to_ascii_lowercase(),
        collapse_spaces(value)
    )
}

fn collapse_spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The concatenated bytes of quoted strings as zone files have them, such as `"a" "b\"c\010"` (RFC
/// 1035, section 5.1). `None` when `text` is something else.
fn quoted_strings(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        rest = rest.strip_prefix('"')?;
        loop {
            let next = rest.chars().next()?;
            rest = &rest[next.len_utf8()..];
            match next {
                '"' => break,
                '\\' => {
                    let code = rest
                        .get(..3)
                        .filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
                    if let Some(code) = code {
                        bytes.push(code.parse().ok()?);
                        rest = &rest[3..];
                    } else {
                        let escaped = rest.chars().next()?;
                        push(&mut bytes, escaped);
                        rest = &rest[escaped.len_utf8()..];
                    }
                }
                other => push(&mut bytes, other),
            }
        }
        rest = rest.trim_start();
    }
    Some(bytes)
}

fn push(bytes: &mut Vec<u8>, c: char) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{CAA, CNAME, MX, NS, SOA, SRV, TXT};

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).expect("a name")
    }

    fn txt(parts: &[&str]) -> RData {
        RData::TXT(TXT::new(parts.iter().map(ToString::to_string).collect()))
    }

    fn check(data: &RData, expected: &str, agrees: bool) {
        let found = [DnsAnswer::new(data)];
        let expected = [ExpectedAnswer::read(expected, data.record_type())];
        assert_eq!(agree(&expected, &found), agrees, "{expected:?} {found:?}");
    }

    #[test]
    fn addresses_are_compared_as_addresses() {
        let v4 = |text: &str| RData::A(text.parse().expect("an address"));
        let v6 = |text: &str| RData::AAAA(text.parse().expect("an address"));
        check(&v4("192.0.2.1"), " 192.0.2.1 ", true);
        check(&v4("192.0.2.1"), "192.0.2.2", false);
        check(&v6("2001:db8::1"), "2001:DB8:0::0001", true);
        check(&v6("2001:db8::1"), "[2001:db8::1]", true);
        check(&v6("::ffff:192.0.2.1"), "::ffff:c000:201", true);
        check(&v6("2001:db8::1"), "2001:db8::10", false);
    }

    #[test]
    fn names_are_compared_as_names() {
        let cname = |text: &str| RData::CNAME(CNAME(name(text)));
        check(&cname("Mail.Example.COM."), "mail.example.com", true);
        check(&cname("mail.example.com."), "MAIL.example.com.", true);
        check(
            &cname("xn--bcher-kva.example."),
            "xn--bcher-kva.example",
            true,
        );
        check(&cname("xn--bcher-kva.example."), "Bücher.example.", true);
        check(&cname("mail.example.com."), "mail.example.org", false);
        check(&cname("."), ".", true);
        check(&RData::NS(NS(name("_x.a."))), "_x.a", true);
        let mx = RData::MX(MX::new(10, name("Mail.a.")));
        check(&mx, "10\tmail.a.", true);
        check(&mx, "010 mail.a", true);
        check(&mx, "20 mail.a", false);
        check(&RData::MX(MX::new(0, name("."))), "0 .", true);
        let srv = RData::SRV(SRV::new(1, 2, 5060, name("Sip.a.")));
        check(&srv, "1 2 5060 sip.a.", true);
        let soa = SOA::new(name("ns.a."), name("j\\.doe.a."), 7, 1, 2, 3, 4);
        check(&RData::SOA(soa), "ns.a. J\\.Doe.a. 7 1 2 3 4", true);
    }

    #[test]
    fn texts_are_compared_whole() {
        let long = "v=DKIM1; p=".to_owned() + &"q7Xz".repeat(1_000);
        let parts: Vec<&str> = long
            .as_bytes()
            .chunks(255)
            .map(|part| std::str::from_utf8(part).expect("ASCII"))
            .collect();
        let data = txt(&parts);
        check(&data, &long, true);
        check(&data, &format!("{long}x"), false);
        check(&data, &long[..long.len() - 1], false);
        let quoted: Vec<String> = parts.iter().map(|part| format!("\"{part}\"")).collect();
        check(&data, &quoted.join(" "), true);
        check(&txt(&["v=spf1 ", "-all"]), "v=spf1 -all", true);
        check(&txt(&["v=spf1 ", "-all"]), "V=spf1 -all", false);
        check(&txt(&["v=spf1 ", "-all"]), "\"v=spf1 \" \"-all\"", true);
        check(&txt(&["say \"hi\"; \\"]), "say \"hi\"; \\", true);
        check(&txt(&["say \"hi\"; \\"]), r#""say \"hi\"\; \\""#, true);
        check(&txt(&["\"quoted\""]), "\"quoted\"", true);
        check(&txt(&["tab\there"]), r#""tab\009here""#, true);
        check(&txt(&["grün"]), r#""gr\195\188n""#, true);
        check(&txt(&["open"]), "\"open", false);
        check(&txt(&[""]), "", true);
        check(&txt(&[""]), "\"\"", true);
    }

    #[test]
    fn properties_are_compared_as_such() {
        let issue = CAA::new_issue(false, Some(name("ca.example")), vec![]);
        let issue = RData::CAA(issue);
        for same in [
            "0 issue \"ca.example\"",
            "0 ISSUE ca.example",
            "0  issue  \"ca.example\"",
        ] {
            check(&issue, same, true);
        }
        check(&issue, "128 issue \"ca.example\"", false);
        check(&issue, "0 issuewild \"ca.example\"", false);
        check(&issue, "0 issue \"other.example\"", false);
    }

    #[test]
    fn all_must_be_found_and_expected() {
        let found: Vec<_> = ["one", "two"]
            .iter()
            .map(|text| DnsAnswer::new(&txt(&[text])))
            .collect();
        let check = |expected: &[&str], agrees: bool| {
            let read = |text: &&str| ExpectedAnswer::read(text, RecordType::TXT);
            let expected: Vec<_> = expected.iter().map(read).collect();
            assert_eq!(agree(&expected, &found), agrees, "{expected:?}");
        };
        check(&["two", "\"one\""], true);
        check(&["one"], false);
        check(&["one", "two", "three"], false);
    }

    #[test]
    fn a_difference_is_shown_where_it_is() {
        let long = "a".repeat(600);
        let check = |expected: &str, found: &str, words: &str| {
            let expected = [ExpectedAnswer::read(expected, RecordType::TXT)];
            let found = [DnsAnswer::new(&txt(&[found]))];
            assert_eq!(difference(&expected, &found), words);
        };
        check("a", "b", "expected a, got b");
        let (x, y) = (format!("{long}x"), format!("{long}yz"));
        let a = "a".repeat(12);
        let words = format!("expected …{a}x, got …{a}yz (they differ from character 601 on)");
        check(&x, &y, &words);
    }
}
