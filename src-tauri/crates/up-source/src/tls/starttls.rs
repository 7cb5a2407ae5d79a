//! The dialogues in which some protocols switch to TLS (STARTTLS). Each reads no more of the server
//! than it needs.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use up_core::CauseCode;

use crate::net::fault::{self, Fault};

/// A protocol in which TLS begins on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StartTls {
    /// mail transfer (RFC 3207).
    Smtp,
    /// mailboxes (RFC 2595).
    Imap,
    /// mailboxes (RFC 2595).
    Pop3,
    /// directories (RFC 4511).
    Ldap,
    /// `PostgreSQL` databases (`SSLRequest`).
    Postgres,
}

impl std::fmt::Display for StartTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Smtp => "SMTP",
            Self::Imap => "IMAP",
            Self::Pop3 => "POP3",
            Self::Ldap => "LDAP",
            Self::Postgres => "PostgreSQL",
        })
    }
}

impl StartTls {
    /// The default port of the protocol without TLS.
    pub(super) fn port(self) -> u16 {
        match self {
            Self::Smtp => 25,
            Self::Imap => 143,
            Self::Pop3 => 110,
            Self::Ldap => 389,
            Self::Postgres => 5432,
        }
    }

    /// Asks the server to switch to TLS. Returns when the TLS handshake can begin.
    pub(super) async fn start(self, stream: &mut TcpStream, peer: &str) -> Result<(), Fault> {
        let own = stream.local_addr().ok().map(|own| own.ip());
        self.start_over(stream, own, peer).await
    }

    /// The same over any stream. `own` is our address on it.
    pub(super) async fn start_over(
        self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        own: Option<IpAddr>,
        peer: &str,
    ) -> Result<(), Fault> {
        let mut dialogue = Dialogue {
            stream,
            own,
            peer,
            protocol: self,
            unread: Vec::new(),
            bytes: 0,
            lines: 0,
        };
        match self {
            Self::Smtp => dialogue.smtp().await,
            Self::Imap => dialogue.imap().await,
            Self::Pop3 => dialogue.pop3().await,
            Self::Ldap => dialogue.ldap().await,
            Self::Postgres => dialogue.postgres().await,
        }?;
        // An attacker could have inserted these bytes, to be taken for bytes that came over TLS.
        if dialogue.unread.is_empty() {
            Ok(())
        } else {
            let text = format!("{peer} sent more bytes after agreeing to TLS, before TLS began");
            Err(Fault::new(CauseCode::Protocol, text))
        }
    }
}

/// The largest number of bytes and of lines that are read before TLS.
const MAX_BYTES: usize = 16 << 10;
const MAX_LINES: usize = 100;

/// `ExtendedRequest` 1.3.6.1.4.1.1466.20037 as message 1 (RFC 4511, sections 4.12 and 4.14).
const LDAP_START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// The start of the response: message 1, and the tag of `ExtendedResponse`.
const LDAP_ANSWER: &[u8] = b"\x02\x01\x01\x78";
/// `SSLRequest` of `PostgreSQL`: length 8, code 80877103.
const POSTGRES_SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

struct Dialogue<'a, S> {
    stream: &'a mut S,
    own: Option<IpAddr>,
    peer: &'a str,
    protocol: StartTls,
    /// Bytes that came and are not read yet.
    unread: Vec<u8>,
    bytes: usize,
    lines: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<'_, S> {
    async fn smtp(&mut self) -> Result<(), Fault> {
        let (code, words) = self.smtp_reply().await?;
        if code != 220 {
            return Err(self.refused(words.last().map(String::as_str)));
        }
        // A client without a host name sends its address (RFC 5321, section 4.1.3).
        let own = match self.own {
            Some(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
            Some(IpAddr::V4(ip)) => format!("[{ip}]"),
            None => "[127.0.0.1]".to_owned(),
        };
        self.send(format!("EHLO {own}\r\n").as_bytes()).await?;
        let (code, words) = self.smtp_reply().await?;
        if code != 250 {
            return Err(self.refused(words.last().map(String::as_str)));
        }
        if !words
            .iter()
            .any(|word| word.trim().eq_ignore_ascii_case("STARTTLS"))
        {
            return Err(self.no_tls(""));
        }
        self.send(b"STARTTLS\r\n").await?;
        let (code, words) = self.smtp_reply().await?;
        match code {
            220 => Ok(()),
            _ => Err(self.no_tls(words.last().map_or("", String::as_str))),
        }
    }

    /// Reads a reply: its code, and its lines without the code (RFC 5321, section 4.2.1).
    async fn smtp_reply(&mut self) -> Result<(u16, Vec<String>), Fault> {
        let mut words = Vec::new();
        loop {
            let line = self.line().await?;
            let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
            let Some(code) = code.filter(|code| (200..600).contains(code)) else {
                return Err(self.unexpected(&line));
            };
            let rest = &line[3..];
            words.push(rest.trim_start_matches(['-', ' ']).to_owned());
            match rest.as_bytes().first() {
                Some(b'-') => {}
                Some(b' ') | None => return Ok((code, words)),
                Some(_) => return Err(self.unexpected(&line)),
            }
        }
    }

    async fn imap(&mut self) -> Result<(), Fault> {
        let greeting = self.line().await?;
        match greeting.split(' ').collect::<Vec<_>>().as_slice() {
            ["*", "OK", ..] => {}
            ["*", "BYE", words @ ..] => return Err(self.refused(Some(&words.join(" ")))),
            ["*", "PREAUTH", ..] => {
                return Err(self.no_tls("the connection is already authenticated"));
            }
            _ => return Err(self.unexpected(&greeting)),
        }
        self.send(b"up STARTTLS\r\n").await?;
        loop {
            let line = self.line().await?;
            match line.split_once(' ') {
                Some(("*", _)) => {}
                Some(("up", words)) if starts_with_word(words, "OK") => return Ok(()),
                Some(("up", words)) => return Err(self.no_tls(words)),
                _ => return Err(self.unexpected(&line)),
            }
        }
    }

    async fn pop3(&mut self) -> Result<(), Fault> {
        let greeting = self.line().await?;
        if !starts_with_word(&greeting, "+OK") {
            return Err(match greeting.strip_prefix("-ERR") {
                Some(words) => self.refused(Some(words)),
                None => self.unexpected(&greeting),
            });
        }
        self.send(b"STLS\r\n").await?;
        let line = self.line().await?;
        if starts_with_word(&line, "+OK") {
            return Ok(());
        }
        Err(match line.strip_prefix("-ERR") {
            Some(words) => self.no_tls(words),
            None => self.unexpected(&line),
        })
    }

    async fn ldap(&mut self) -> Result<(), Fault> {
        self.send(LDAP_START_TLS).await?;
        let message = self.ber().await?;
        let Some(answer) = message.strip_prefix(LDAP_ANSWER) else {
            return Err(self.unexpected("another message than the answer"));
        };
        // The length of the response comes first, then the result code: an ENUMERATED of one byte.
        let long = answer.first().map_or(0, |first| first & 0x80) != 0;
        let skip = match answer.first() {
            Some(first) if long => usize::from(first & 0x7f) + 1,
            _ => 1,
        };
        match answer.get(skip..) {
            Some([0x0a, 1, 0, ..]) => Ok(()),
            Some([0x0a, 1, 2, ..]) => Err(self.no_tls("protocolError (2)")),
            Some([0x0a, 1, 52, ..]) => Err(self.no_tls("unavailable (52)")),
            Some([0x0a, 1, code, ..]) => Err(self.no_tls(&format!("result code {code}"))),
            _ => Err(self.unexpected("an answer without a result")),
        }
    }

    /// Reads the contents of one DER SEQUENCE.
    async fn ber(&mut self) -> Result<Vec<u8>, Fault> {
        if self.byte().await? != 0x30 {
            return Err(self.unexpected("something else than a message"));
        }
        let mut length = usize::from(self.byte().await?);
        if length >= 0x80 {
            let digits = length & 0x7f;
            if digits == 0 || digits > 4 {
                return Err(self.unexpected("a message without a length"));
            }
            length = 0;
            for _ in 0..digits {
                length = length << 8 | usize::from(self.byte().await?);
            }
        }
        let mut contents = Vec::new();
        while contents.len() < length {
            contents.push(self.byte().await?);
        }
        Ok(contents)
    }

    async fn postgres(&mut self) -> Result<(), Fault> {
        self.send(POSTGRES_SSL_REQUEST).await?;
        match self.byte().await? {
            b'S' => Ok(()),
            b'N' => Err(self.no_tls("")),
            b'E' => Err(self.refused(None)),
            _ => Err(self.unexpected("neither S nor N")),
        }
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let sent = self.stream.write_all(bytes).await;
        sent.map_err(|error| fault::from_io(&error, self.peer))
    }

    /// Reads what has come.
    async fn read_more(&mut self) -> Result<(), Fault> {
        let mut buffer = [0; 1024];
        let read = self.stream.read(&mut buffer).await;
        let count = read.map_err(|error| fault::from_io(&error, self.peer))?;
        if count == 0 {
            let text = format!(
                "{} closed the connection before {} switched to TLS",
                self.peer, self.protocol
            );
            return Err(Fault::new(CauseCode::Reset, text));
        }
        self.bytes += count;
        if self.bytes > MAX_BYTES {
            return Err(self.too_much());
        }
        self.unread.extend_from_slice(&buffer[..count]);
        Ok(())
    }

    async fn byte(&mut self) -> Result<u8, Fault> {
        while self.unread.is_empty() {
            self.read_more().await?;
        }
        Ok(self.unread.remove(0))
    }

    /// Reads a line, without its end.
    async fn line(&mut self) -> Result<String, Fault> {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                self.lines += 1;
                if self.lines > MAX_LINES {
                    return Err(self.too_much());
                }
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                // Every byte that is not ASCII becomes one `?`, so that positions in the text are
                // those of the bytes.
                let ascii = line.iter().map(|byte| {
                    if byte.is_ascii() {
                        char::from(*byte)
                    } else {
                        '?'
                    }
                });
                return Ok(ascii.collect::<String>().trim_end().to_owned());
            }
            self.read_more().await?;
        }
    }

    fn too_much(&self) -> Fault {
        let text = format!(
            "{} sends too much before {} switches to TLS",
            self.peer, self.protocol
        );
        Fault::new(CauseCode::TooLarge, text)
    }

    /// The fault for a server that sent something else than the protocol allows.
    fn unexpected(&self, words: &str) -> Fault {
        let text = format!(
            "{} does not speak {}: it sent {words:?}",
            self.peer, self.protocol
        );
        Fault::new(CauseCode::Protocol, text)
    }

    /// The fault for a server that refuses any dialogue.
    fn refused(&self, words: Option<&str>) -> Fault {
        let words = words.map_or("", str::trim);
        let colon = if words.is_empty() { "" } else { ": " };
        let text = format!("{} refuses the connection{colon}{words}", self.peer);
        Fault::new(CauseCode::Reported, text)
    }

    /// The fault for a server that refuses to switch to TLS.
    fn no_tls(&self, words: &str) -> Fault {
        let words = words.trim();
        let colon = if words.is_empty() { "" } else { ": " };
        let text = format!(
            "{} does not offer TLS in {}{colon}{words}",
            self.peer, self.protocol
        );
        Fault::new(CauseCode::Tls, text)
    }
}

fn starts_with_word(line: &str, word: &str) -> bool {
    line.split(' ')
        .next()
        .is_some_and(|first| first.eq_ignore_ascii_case(word))
}
