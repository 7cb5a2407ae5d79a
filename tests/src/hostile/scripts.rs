//! Scripts for hostile servers, by name: what each sends, and where it stops.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::{ServerScript, ServerStep};

/// The pause between dripping bytes.
const DRIP: Duration = Duration::from_millis(100);

fn send(bytes: impl Into<Bytes>) -> ServerStep {
    ServerStep::Send(bytes.into())
}

/// An answer with that status line, those header lines (each with its line break), and a body with
/// its length.
pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> ServerScript {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    vec![send(head), send(Bytes::copy_from_slice(body))]
}

/// The same script with 503 in place of 200.
pub fn unavailable(mut script: ServerScript) -> ServerScript {
    for step in &mut script {
        if let ServerStep::Send(bytes) = step {
            let text = String::from_utf8_lossy(bytes);
            *bytes = text.replacen(" 200 OK", " 503 Busy", 1).into();
        }
    }
    script
}

/// These bytes, then the end of the connection.
pub fn exactly(bytes: impl Into<Bytes>) -> ServerScript {
    vec![send(bytes)]
}

/// 200 with a short body.
pub fn ok() -> ServerScript {
    answer("200 OK", "content-type: text/plain\r\n", "fine\n")
}

/// 200 with a body that is declared as UTF-8 and is not.
pub fn not_utf8() -> ServerScript {
    let header = "content-type: text/plain; charset=utf-8\r\n";
    answer("200 OK", header, b"\xff\xfe\xe9\x80 fine")
}

/// 200 with a body without a length, which ends with the connection.
pub fn until_close() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\n\r\nfine")
}

/// An HTTP/1.0 answer.
pub fn old_http() -> ServerScript {
    exactly("HTTP/1.0 200 OK\r\n\r\nfine")
}

/// 204, which has no body, with headers that describe one.
pub fn no_content() -> ServerScript {
    exactly("HTTP/1.1 204 No Content\r\ncontent-encoding: gzip\r\n\r\n")
}

/// A redirect to `location`.
pub fn redirect(location: &str) -> ServerScript {
    answer("302 Found", &format!("location: {location}\r\n"), "")
}

/// A redirect without a location.
pub fn redirect_nowhere() -> ServerScript {
    answer("302 Found", "", "")
}

/// `GET /3` is redirected to `/2`, that to `/1`, that to `/0`, which answers 200. Any other path is
/// redirected to itself.
pub fn countdown(request: &str) -> ServerScript {
    let path = request.split(' ').nth(1).unwrap_or_default();
    match path.trim_start_matches('/').parse::<u32>() {
        Ok(0) => ok(),
        Ok(left) => redirect(&format!("/{}", left - 1)),
        Err(_) => redirect(path),
    }
}

/// 200 after that time.
pub fn slow(time: Duration) -> ServerScript {
    let mut script = vec![ServerStep::Wait(time)];
    script.extend(ok());
    script
}

/// Content codings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `gzip`
    Gzip,
    /// `deflate`, which is the zlib format.
    Deflate,
    /// `br`
    Brotli,
    /// `zstd`
    Zstd,
}

impl Encoding {
    /// All codings.
    pub const ALL: [Self; 4] = [Self::Gzip, Self::Deflate, Self::Brotli, Self::Zstd];

    /// The name in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Compresses `bytes`.
    pub fn pack(self, bytes: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        let done = match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(&mut packed, Compression::default());
                encoder.write_all(bytes).and_then(|()| encoder.try_finish())
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(&mut packed, Compression::default());
                encoder.write_all(bytes).and_then(|()| encoder.try_finish())
            }
            Self::Brotli => {
                brotli::CompressorWriter::new(&mut packed, 4096, 5, 22).write_all(bytes)
            }
            Self::Zstd => zstd::stream::copy_encode(bytes, &mut packed, 0),
        };
        done.expect("memory takes it all");
        packed
    }
}

/// 200 with `body` as it is, declared as compressed with that coding.
pub fn packed(encoding: Encoding, body: &[u8]) -> ServerScript {
    let header = format!("content-encoding: {}\r\n", encoding.name());
    answer("200 OK", &header, body)
}

/// A text that compresses like prose, not to almost nothing.
pub fn prose() -> Vec<u8> {
    (0..2_000_u32)
        .flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761)).into_bytes())
        .collect()
}

/// A small body that expands to `size` zeros.
pub fn bomb(encoding: Encoding, size: usize) -> ServerScript {
    packed(encoding, &encoding.pack(&vec![0; size]))
}

/// A body half as long as declared.
pub fn short_body() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly these 30 bytes of the 100.")
}

/// A compressed body half as long as declared.
pub fn short_packed_body() -> ServerScript {
    let packed = Encoding::Gzip.pack(&prose());
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        packed.len()
    );
    let half = packed[..packed.len() / 2].to_vec();
    vec![send(head), send(half)]
}

/// A chunked body that ends within a chunk.
pub fn short_chunk() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nnot a hundred bytes")
}

/// A chunked body without its last, empty chunk.
pub fn no_last_chunk() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfine\r\n")
}

/// A chunk whose length is no number.
pub fn mangled_chunk() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nlots\r\nfine\r\n0\r\n\r\n")
}

/// A first line that is no status line.
pub fn mangled_status() -> ServerScript {
    exactly("ICY 2OO fine\r\n\r\n")
}

/// The greeting of another protocol.
pub fn another_protocol() -> ServerScript {
    exactly("220 mail.example ESMTP ready\r\n")
}

/// A head that stops in the middle of a line.
pub fn cut_head() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\ncontent-type: text/pl")
}

/// A head that stops before its empty line.
pub fn unended_head() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n")
}

/// Closes without sending anything.
pub fn hang_up() -> ServerScript {
    Vec::new()
}

/// Resets without sending anything.
pub fn reset() -> ServerScript {
    vec![ServerStep::Reset]
}

/// Resets in the middle of the body.
pub fn reset_in_body() -> ServerScript {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
    vec![
        send(head),
        send("some of it"),
        // The client must read the body before the reset, which makes the system discard it.
        ServerStep::Wait(Duration::from_millis(200)),
        ServerStep::Reset,
    ]
}

/// Sends nothing.
pub fn silent() -> ServerScript {
    vec![ServerStep::Hang]
}

/// A head that drips.
pub fn dripping_head() -> ServerScript {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-padding: 0123456789abcdef\r\n\r\n";
    vec![ServerStep::Drip(head.into(), DRIP)]
}

/// A body that drips.
pub fn dripping_body() -> ServerScript {
    vec![
        send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"),
        ServerStep::Drip(vec![b'.'; 1000].into(), DRIP),
    ]
}

/// A head with lines that never end.
pub fn endless_head() -> ServerScript {
    vec![
        send("HTTP/1.1 200 OK\r\n"),
        ServerStep::Repeat("x-more: 0123456789abcdef\r\n".into()),
    ]
}

/// A head with one line that never ends.
pub fn endless_line() -> ServerScript {
    vec![
        send("HTTP/1.1 200 OK\r\nx-more: "),
        ServerStep::Repeat(vec![b'x'; 4096].into()),
    ]
}

/// A body that never ends.
pub fn endless_body() -> ServerScript {
    vec![
        send("HTTP/1.1 200 OK\r\n\r\n"),
        ServerStep::Repeat(vec![b'x'; 65_536].into()),
    ]
}

/// A body declared as larger than anyone would read.
pub fn huge_promise() -> ServerScript {
    vec![
        send("HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n"),
        ServerStep::Hang,
    ]
}

/// Interim answers without end.
pub fn endless_interim() -> ServerScript {
    vec![ServerStep::Repeat("HTTP/1.1 102 Processing\r\n\r\n".into())]
}
