//! The dialogue over an open TCP connection: what is sent, and what must come back.

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

/// The largest number of bytes that are read of an answer.
const MAX_ANSWER: usize = 64 << 10;

/// One thing to send, and one thing to expect.
pub(super) struct Talk {
    send: Box<[u8]>,
    expected_reply: Option<ExpectedReply>,
}

up_core::opaque_debug!(Talk);

enum ExpectedReply {
    Bytes(Box<[u8]>),
    Match(Pattern),
}

/// What the peer sent so far.
#[derive(Debug, Default)]
pub(super) struct ReceivedText {
    /// All bytes so far.
    pub bytes: Vec<u8>,
    /// True while a pattern is searched for in it.
    pub is_being_searched: bool,
}

impl Talk {
    /// Reads the keys `send` and `expect`.
    pub(super) fn new(
        send: Option<&str>,
        expect: Option<&TcpExpect>,
    ) -> Result<Self, ConfigProblem> {
        let send = send.map(|text| unescape("send", text)).transpose()?;
        let expected_reply = match expect {
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
            expected_reply,
        })
    }

    /// Sends its part over `stream`, and reads into `received` until what is expected has come.
    pub(super) async fn run(
        &self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        peer: &str,
        received: &mut ReceivedText,
    ) -> Result<(), Fault> {
        let sent = stream.write_all(&self.send).await;
        sent.map_err(|error| fault::from_io(&error, peer))?;
        let Some(expected_reply) = &self.expected_reply else {
            return Ok(());
        };
        let mut buffer = [0; 4096];
        let mut search = None;
        loop {
            let read = stream.read(&mut buffer).await;
            let count = match read {
                Ok(0) if received.bytes.is_empty() => {
                    let text = format!("{peer} closed the connection without sending anything");
                    return Err(Fault::new(CauseCode::Reset, text));
                }
                Ok(0) => return Err(self.unmet(&received.bytes)),
                Ok(count) => count,
                Err(error) => return Err(fault::from_io(&error, peer)),
            };
            received.bytes.extend_from_slice(&buffer[..count]);
            if expected_reply.is_met(received, count, &mut search).await? {
                return Ok(());
            }
            if received.bytes.len() >= MAX_ANSWER {
                let text = format!("{peer} sent 64 KiB without {}", self.expectation());
                return Err(Fault::new(CauseCode::TooLarge, text));
            }
        }
    }

    /// The fault if the deadline passed while the answer was being searched.
    pub(super) fn unsearched(&self, received: &[u8]) -> Fault {
        let (size, expectation) = (received.len(), self.expectation());
        let text =
            format!("{size} bytes came, but there was no time left to find {expectation} in them");
        Fault::new(CauseCode::Resource, text)
    }

    /// The fault if the answer is not what is expected.
    pub(super) fn unmet(&self, received: &[u8]) -> Fault {
        let text = format!(
            "expected {}, got {:?}",
            self.expectation(),
            banner(received)
        );
        Fault::new(CauseCode::Expect, text)
    }

    /// What is expected, for messages.
    fn expectation(&self) -> String {
        match &self.expected_reply {
            None => "nothing".to_owned(),
            Some(ExpectedReply::Bytes(bytes)) => format!("{:?}", banner(bytes)),
            Some(ExpectedReply::Match(pattern)) => format!("a match of {}", pattern.shown()),
        }
    }
}

impl ExpectedReply {
    /// True if the expected answer has come. The last `count` bytes of `received` are new; the
    /// bytes before them are not searched again.
    async fn is_met(
        &self,
        received: &mut ReceivedText,
        count: usize,
        search: &mut Option<Search>,
    ) -> Result<bool, Fault> {
        let new = received.bytes.len() - count;
        let pattern = match self {
            Self::Bytes(bytes) if bytes.is_empty() => return Ok(!received.bytes.is_empty()),
            Self::Bytes(bytes) => {
                // The text may have begun in the bytes before.
                let from = new.saturating_sub(bytes.len() - 1);
                return Ok(memchr::memmem::find(&received.bytes[from..], bytes).is_some());
            }
            Self::Match(pattern) => pattern.clone(),
        };
        let block = received.bytes[new..].to_vec();
        let so_far = search.take();
        received.is_being_searched = true;
        let searched = aside(async move {
            let mut pace = Pace::starting_now();
            let mut search = match so_far {
                Some(search) => search,
                None => pattern.search(&mut pace).await,
            };
            // The pattern may match only if the answer ends here, where the peer pauses.
            let found = search.feed(&block, &mut pace).await || search.clone().end(&mut pace).await;
            (search, found)
        });
        let (so_far, found) = searched.await?;
        received.is_being_searched = false;
        *search = Some(so_far);
        Ok(found)
    }
}

/// The start of the answer as one short line.
pub(super) fn banner(received: &[u8]) -> String {
    const LONGEST: usize = 120;
    let start = &received[..received.len().min(4 * LONGEST)];
    one_line(&String::from_utf8_lossy(start), LONGEST)
}

/// Replaces `\r`, `\n`, `\t`, `\0`, `\\` and `\xHH` by the bytes that they stand for. TOML does so
/// only in "…", not in '…', and has no escape for bytes beyond ASCII.
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
                _ => return Err(unknown_escape(key)),
            },
            _ => return Err(unknown_escape(key)),
        };
        bytes.push(byte);
        rest = after;
    }
    Ok(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

fn unknown_escape(key: &'static str) -> ConfigProblem {
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
        /// Checks whether the expected answer is found when `received` arrives in pieces of any
        /// length.
        async fn check(expect: TcpExpect, received: &[u8], expected: bool) {
            let talk = Talk::new(None, Some(&expect)).expect("usable");
            let expected_reply = talk.expected_reply.as_ref().expect("something is wanted");
            for length in 1..=received.len().max(1) {
                let (mut so_far, mut search, mut found) = (ReceivedText::default(), None, false);
                for piece in received.chunks(length) {
                    so_far.bytes.extend_from_slice(piece);
                    found = found
                        || expected_reply
                            .is_met(&mut so_far, piece.len(), &mut search)
                            .await
                            .expect("a thread");
                }
                assert_eq!(found, expected, "{expect:?} in {received:?} by {length}");
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
