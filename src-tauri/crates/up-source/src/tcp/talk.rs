//! What is said over an open connection, and what must come back.

use schemars::JsonSchema;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use up_core::CauseCode;
use up_core::cause::one_line;

use crate::ConfigProblem;
use crate::net::fault::{self, Fault};
use crate::text::{Pace, Pattern, Search, aside};

/// What the answer must contain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a string like \"220 \", or { regex = \"^220 .*ESMTP\" }"
)]
pub enum TcpExpect {
    /// The answer contains this text anywhere, with the same escapes as in `send`: `"+PONG"`. `""`
    /// accepts any answer that is not empty.
    Text(String),
    /// The [regular expression](#values) matches in the answer, which ends where the peer pauses.
    Pattern(TcpPattern),
}

/// `{ regex = "…" }`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TcpPattern {
    /// The regular expression. It may match anywhere; with `(?m)`, `^` and `$` match at every line.
    pub regex: String,
}

/// The most bytes that are read of an answer.
const MOST: usize = 64 << 10;

/// A dialogue of one turn each.
pub(super) struct Talk {
    send: Box<[u8]>,
    wanted: Option<ExpectedReply>,
}

up_core::opaque_debug!(Talk);

enum ExpectedReply {
    Bytes(Box<[u8]>),
    Match(Pattern),
}

/// What came.
#[derive(Debug, Default)]
pub(super) struct ReceivedText {
    pub bytes: Vec<u8>,
    /// True while the pattern is looked for in it.
    pub is_searched: bool,
}

impl Talk {
    /// Reads both keys.
    pub(super) fn new(
        send: Option<&str>,
        expect: Option<&TcpExpect>,
    ) -> Result<Self, ConfigProblem> {
        let send = send.map(|text| unescape("send", text)).transpose()?;
        let wanted = match expect {
            None => None,
            Some(TcpExpect::Text(text)) => {
                Some(ExpectedReply::Bytes(unescape("expect", text)?.into()))
            }
            Some(TcpExpect::Pattern(pattern)) => {
                let pattern = Pattern::parse_for_bytes(&pattern.regex);
                Some(ExpectedReply::Match(
                    pattern.map_err(|e| ConfigProblem::new("expect", e))?,
                ))
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
        heard: &mut ReceivedText,
    ) -> Result<(), Fault> {
        let sent = stream.write_all(&self.send).await;
        sent.map_err(|error| fault::from_io(&error, peer))?;
        let Some(wanted) = &self.wanted else {
            return Ok(());
        };
        let mut buffer = [0; 4096];
        let mut search = None;
        loop {
            let read = stream.read(&mut buffer).await;
            let count = match read {
                Ok(0) if heard.bytes.is_empty() => {
                    let text = format!("{peer} closed the connection without a word");
                    return Err(Fault::new(CauseCode::Reset, text));
                }
                Ok(0) => return Err(self.unmet(&heard.bytes)),
                Ok(count) => count,
                Err(error) => return Err(fault::from_io(&error, peer)),
            };
            heard.bytes.extend_from_slice(&buffer[..count]);
            if wanted.has_come(heard, count, &mut search).await? {
                return Ok(());
            }
            if heard.bytes.len() >= MOST {
                let text = format!("{peer} said 64 KiB, and not {}", self.wish());
                return Err(Fault::new(CauseCode::TooLarge, text));
            }
        }
    }

    /// What came was still being searched at the deadline.
    pub(super) fn unsearched(&self, heard: &[u8]) -> Fault {
        let (size, wish) = (heard.len(), self.wish());
        let text = format!("{size} bytes came, but there was no time left to find {wish} in them");
        Fault::new(CauseCode::Resource, text)
    }

    /// What came is not what was wanted.
    pub(super) fn unmet(&self, heard: &[u8]) -> Fault {
        let text = format!("expected {}, got {:?}", self.wish(), banner(heard));
        Fault::new(CauseCode::Expect, text)
    }

    fn wish(&self) -> String {
        match &self.wanted {
            None => "nothing".to_owned(),
            Some(ExpectedReply::Bytes(bytes)) => format!("{:?}", banner(bytes)),
            Some(ExpectedReply::Match(pattern)) => format!("a match of {}", pattern.shown()),
        }
    }
}

impl ExpectedReply {
    /// Whether what is wanted is in what was heard, of which the last `count` bytes are new. What
    /// was searched before is not searched again.
    async fn has_come(
        &self,
        heard: &mut ReceivedText,
        count: usize,
        search: &mut Option<Search>,
    ) -> Result<bool, Fault> {
        let new = heard.bytes.len() - count;
        let pattern = match self {
            Self::Bytes(bytes) if bytes.is_empty() => return Ok(!heard.bytes.is_empty()),
            Self::Bytes(bytes) => {
                // It may have begun before.
                let from = new.saturating_sub(bytes.len() - 1);
                return Ok(memchr::memmem::find(&heard.bytes[from..], bytes).is_some());
            }
            Self::Match(pattern) => pattern.clone(),
        };
        let block = heard.bytes[new..].to_vec();
        let so_far = search.take();
        heard.is_searched = true;
        let searched = aside(async move {
            let mut pace = Pace::starting_now();
            let mut search = match so_far {
                Some(search) => search,
                None => pattern.search(&mut pace).await,
            };
            // A match may end where the peer pauses.
            let found = search.feed(&block, &mut pace).await || search.clone().end(&mut pace).await;
            (search, found)
        });
        let (so_far, found) = searched.await?;
        heard.is_searched = false;
        *search = Some(so_far);
        Ok(found)
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
fn unescape(key: &'static str, text: &str) -> Result<Vec<u8>, ConfigProblem> {
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

fn no_escape(key: &'static str) -> ConfigProblem {
    ConfigProblem::new(
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

    #[tokio::test]
    async fn what_is_wanted_is_found_anywhere() {
        /// Whether it is found when what is heard comes in pieces of each length.
        async fn check(expect: TcpExpect, heard: &[u8], expected: bool) {
            let talk = Talk::new(None, Some(&expect)).expect("usable");
            let wanted = talk.wanted.as_ref().expect("something is wanted");
            for length in 1..=heard.len().max(1) {
                let (mut so_far, mut search, mut found) = (ReceivedText::default(), None, false);
                for piece in heard.chunks(length) {
                    so_far.bytes.extend_from_slice(piece);
                    found = found
                        || wanted
                            .has_come(&mut so_far, piece.len(), &mut search)
                            .await
                            .expect("a thread");
                }
                assert_eq!(found, expected, "{expect:?} in {heard:?} by {length}");
            }
        }
        let text = |text: &str| TcpExpect::Text(text.into());
        let pattern = |regex: &str| {
            TcpExpect::Pattern(TcpPattern {
                regex: regex.into(),
            })
        };
        check(text("PONG"), b"+PONG\r\n", true).await;
        check(text("PONG"), b"+PON", false).await;
        check(text(""), b"x", true).await;
        check(text(""), b"", false).await;
        check(text(r"\xff"), b"\xfe\xff", true).await;
        let greeting = || pattern("^220 .*ESMTP");
        check(greeting(), b"220 mail ESMTP\r\n", true).await;
        check(greeting(), b"554 ESMTP\r\n", false).await;
        check(greeting(), b"554\r\n220 ESMTP\r\n", false).await;
        check(pattern("(?m)^220 .*ESMTP"), b"554\r\n220 ESMTP", true).await;
        check(pattern(r"ready\r\n$"), b"220 ready\r\n", true).await;
        check(pattern(r"(?-u)\xff\xfe$"), b"\xff\xfe", true).await;
        check(pattern(r"\bOK\b"), b"NOK OK!", true).await;
        check(pattern(r"\bOK!"), "\u{e4}OK!".as_bytes(), false).await;
        check(pattern(r"\B\x{e4}OK"), "\u{e4}\u{e4}OK!".as_bytes(), true).await;
        let broken = Talk::new(None, Some(&pattern("(")));
        assert_eq!(broken.expect_err("no pattern").key, "expect");
    }
}
