//! What is said over an open connection, and what must come back.

use regex::bytes::{Regex, RegexBuilder};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use up_core::CauseCode;
use up_core::cause::one_line;

use crate::Problem;
use crate::net::fault::{self, Fault};

/// What must come back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a string like \"220 \", or { regex = \"^220 .*ESMTP\" }"
)]
pub enum TcpExpect {
    /// This text, anywhere, with the escapes of `send`; `""` is anything at all.
    Text(String),
    /// Something that a pattern finds.
    Pattern(TcpPattern),
}

/// `{ regex = "…" }`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TcpPattern {
    /// The regular expression, found anywhere; `(?m)` lets `^` and `$` stand at each line.
    pub regex: String,
}

/// The most bytes that are read of an answer.
const MOST: usize = 64 << 10;

/// A dialogue of one turn each.
#[derive(Debug)]
pub(super) struct Talk {
    send: Box<[u8]>,
    wanted: Option<Wanted>,
}

#[derive(Debug)]
enum Wanted {
    Bytes(Box<[u8]>),
    Match(Box<Regex>),
}

impl Talk {
    /// Reads both keys.
    pub(super) fn new(send: Option<&str>, expect: Option<&TcpExpect>) -> Result<Self, Problem> {
        let send = send.map(|text| unescape("send", text)).transpose()?;
        let wanted = match expect {
            None => None,
            Some(TcpExpect::Text(text)) => Some(Wanted::Bytes(unescape("expect", text)?.into())),
            Some(TcpExpect::Pattern(pattern)) => {
                const LARGEST: usize = 1 << 20;
                let regex = RegexBuilder::new(&pattern.regex)
                    .size_limit(LARGEST)
                    .build();
                let regex = regex.map_err(|error| {
                    let error = one_line(&error.to_string(), 200);
                    Problem::new("expect", format!("this is no usable pattern: {error}"))
                })?;
                Some(Wanted::Match(Box::new(regex)))
            }
        };
        Ok(Self {
            send: send.unwrap_or_default().into(),
            wanted,
        })
    }

    /// Says its part over `stream`, and reads into `heard` until what is wanted has come.
    pub(super) async fn hold(
        &self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        peer: &str,
        heard: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let sent = stream.write_all(&self.send).await;
        sent.map_err(|error| fault::from_io(&error, peer))?;
        let Some(wanted) = &self.wanted else {
            return Ok(());
        };
        let mut buffer = [0; 4096];
        loop {
            let read = stream.read(&mut buffer).await;
            let count = match read {
                Ok(0) if heard.is_empty() => {
                    let text = format!("{peer} closed the connection without a word");
                    return Err(Fault::new(CauseCode::Reset, text));
                }
                Ok(count) => count,
                Err(error) => return Err(fault::from_io(&error, peer)),
            };
            heard.extend_from_slice(&buffer[..count]);
            if wanted.is_in(heard) {
                return Ok(());
            }
            if count == 0 {
                return Err(self.unmet(heard));
            }
            if heard.len() >= MOST {
                let text = format!("{peer} said 64 KiB, and not {}", self.wish());
                return Err(Fault::new(CauseCode::TooLarge, text));
            }
        }
    }

    /// What came is not what was wanted.
    pub(super) fn unmet(&self, heard: &[u8]) -> Fault {
        let text = format!("expected {}, got {:?}", self.wish(), banner(heard));
        Fault::new(CauseCode::Expect, text)
    }

    fn wish(&self) -> String {
        match &self.wanted {
            None => "nothing".to_owned(),
            Some(Wanted::Bytes(bytes)) => format!("{:?}", banner(bytes)),
            Some(Wanted::Match(regex)) => format!("a match of {}", one_line(regex.as_str(), 80)),
        }
    }
}

impl Wanted {
    fn is_in(&self, heard: &[u8]) -> bool {
        match self {
            Self::Bytes(bytes) if bytes.is_empty() => !heard.is_empty(),
            Self::Bytes(bytes) => heard.windows(bytes.len()).any(|part| part == &**bytes),
            Self::Match(regex) => regex.is_match(heard),
        }
    }
}

/// What came as one short line.
pub(super) fn banner(heard: &[u8]) -> String {
    const LONGEST: usize = 120;
    let start = &heard[..heard.len().min(4 * LONGEST)];
    one_line(&String::from_utf8_lossy(start), LONGEST)
}

/// `\r`, `\n`, `\t`, `\0`, `\\` and `\xHH` as the bytes that they stand for. (TOML knows the same in
/// "…", but in '…' it does not, and it has no bytes beyond ASCII.)
fn unescape(key: &'static str, text: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (byte, after) = match after {
            [b'r', after @ ..] => (b'\r', after),
            [b'n', after @ ..] => (b'\n', after),
            [b't', after @ ..] => (b'\t', after),
            [b'0', after @ ..] => (0, after),
            [b'\\', after @ ..] => (b'\\', after),
            [b'x', high, low, after @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                _ => return Err(no_escape(key)),
            },
            _ => return Err(no_escape(key)),
        };
        bytes.push(byte);
        rest = after;
    }
    Ok(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

fn no_escape(key: &'static str) -> Problem {
    Problem::new(
        key,
        "a backslash stands before something that it cannot escape",
    )
    .help("write \\r, \\n, \\t, \\0, \\xHH or \\\\, in '…' or with each backslash doubled in \"…\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_bytes() {
        let check = |text: &str, expected: Option<&[u8]>| {
            let found = unescape("send", text).ok();
            assert_eq!(found.as_deref(), expected, "{text:?}");
        };
        check("PING\r\n", Some(b"PING\r\n"));
        check(r"PING\r\n", Some(b"PING\r\n"));
        check(r"\x00\xfF\0\t\\", Some(b"\x00\xff\0\t\\"));
        check("ä", Some("ä".as_bytes()));
        check(r"\", None);
        check(r"\q", None);
        check(r"\x0", None);
        check(r"\xgg", None);
    }

    #[test]
    fn what_is_wanted_is_found_anywhere() {
        let check = |expect: TcpExpect, heard: &[u8], expected: bool| {
            let talk = Talk::new(None, Some(&expect)).expect("usable");
            let found = talk
                .wanted
                .as_ref()
                .is_some_and(|wanted| wanted.is_in(heard));
            assert_eq!(found, expected, "{expect:?} in {heard:?}");
        };
        let text = |text: &str| TcpExpect::Text(text.into());
        let pattern = |regex: &str| {
            TcpExpect::Pattern(TcpPattern {
                regex: regex.into(),
            })
        };
        check(text("PONG"), b"+PONG\r\n", true);
        check(text("PONG"), b"+PON", false);
        check(text(""), b"x", true);
        check(text(""), b"", false);
        check(text(r"\xff"), b"\xfe\xff", true);
        check(pattern("^220 .*ESMTP"), b"220 mail ESMTP\r\n", true);
        check(pattern("^220 .*ESMTP"), b"554 ESMTP\r\n", false);
        let broken = Talk::new(None, Some(&pattern("(")));
        assert_eq!(broken.expect_err("no pattern").key, "expect");
    }
}
