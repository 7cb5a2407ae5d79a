//! Plays for hostile servers, by name: what each sends, and where it stops.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::{ServerScript, ServerStep};

/// How far apart the bytes of what drips are.
const DRIP: Duration = Duration::from_millis(100);

fn send(bytes: impl Into<Bytes>) -> ServerStep {
    ServerStep::Send(bytes.into())
}

/// An answer with that status line, those header lines (each ending in a line break), and a body of
/// its stated length.
pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> ServerScript {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    vec![send(head), send(Bytes::copy_from_slice(body))]
}

/// Those very bytes, then the end of the connection.
pub fn exactly(bytes: impl Into<Bytes>) -> ServerScript {
    vec![send(bytes)]
}

/// 200 with a short body.
pub fn ok() -> ServerScript {
    answer("200 OK", "content-type: text/plain\r\n", "fine\n")
}

/// 200 with a body that is not UTF-8, although it says so.
pub fn not_utf8() -> ServerScript {
    let header = "content-type: text/plain; charset=utf-8\r\n";
    answer("200 OK", header, b"\xff\xfe\xe9\x80 fine")
}

/// 200 with a body of no stated length, which the end of the connection ends.
pub fn until_close() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\n\r\nfine")
}

/// HTTP/1.0's way to answer.
pub fn old_http() -> ServerScript {
    exactly("HTTP/1.0 200 OK\r\n\r\nfine")
}

/// 204, which has no body, with headers that would describe one.
pub fn no_content() -> ServerScript {
    exactly("HTTP/1.1 204 No Content\r\ncontent-encoding: gzip\r\n\r\n")
}

/// A redirect to `location`.
pub fn redirect(location: &str) -> ServerScript {
    answer("302 Found", &format!("location: {location}\r\n"), "")
}

/// A redirect without a place to go to.
pub fn redirect_nowhere() -> ServerScript {
    answer("302 Found", "", "")
}

/// `GET /3` is redirected to `/2`, that to `/1`, that to `/0`, which is fine. Any other path is
/// redirected to itself.
pub fn countdown(request: &str) -> ServerScript {
    let path = request.split(' ').nth(1).unwrap_or_default();
    match path.trim_start_matches('/').parse::<u32>() {
        Ok(0) => ok(),
        Ok(left) => redirect(&format!("/{}", left - 1)),
        Err(_) => redirect(path),
    }
}

/// 200 after a while.
pub fn slow(time: Duration) -> ServerScript {
    let mut script = vec![ServerStep::Wait(time)];
    script.extend(ok());
    script
}

/// Ways to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `gzip`
    Gzip,
    /// `deflate`, which means zlib
    Deflate,
    /// `br`
    Brotli,
    /// `zstd`
    Zstd,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gzip, Self::Deflate, Self::Brotli, Self::Zstd];

    /// Its name in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Compresses.
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

/// 200 with `body` as it stands, said to be compressed in that way.
pub fn packed(encoding: Encoding, body: &[u8]) -> ServerScript {
    let header = format!("content-encoding: {}\r\n", encoding.name());
    answer("200 OK", &header, body)
}

/// Text that does not compress to nothing.
pub fn prose() -> Vec<u8> {
    (0..2_000_u32)
        .flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761)).into_bytes())
        .collect()
}

/// A small body that unpacks to `size` zeros.
pub fn bomb(encoding: Encoding, size: usize) -> ServerScript {
    packed(encoding, &encoding.pack(&vec![0; size]))
}

/// A body half as long as it is said to be.
pub fn short_body() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly these 30 bytes of the 100.")
}

/// A compressed body half as long as it is said to be.
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

/// What another protocol says first.
pub fn another_protocol() -> ServerScript {
    exactly("220 mail.example ESMTP ready\r\n")
}

/// A header block that stops in the middle of a line.
pub fn cut_head() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\ncontent-type: text/pl")
}

/// A header block that stops before its empty line.
pub fn unended_head() -> ServerScript {
    exactly("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n")
}

/// Nothing at all.
pub fn hang_up() -> ServerScript {
    Vec::new()
}

/// A reset in place of an answer.
pub fn reset() -> ServerScript {
    vec![ServerStep::Reset]
}

/// A reset amid the body.
pub fn reset_in_body() -> ServerScript {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
    vec![
        send(head),
        send("some of it"),
        // So that what was sent is read before the reset makes the system throw it away.
        ServerStep::Wait(Duration::from_millis(200)),
        ServerStep::Reset,
    ]
}

/// Silence.
pub fn silent() -> ServerScript {
    vec![ServerStep::Hang]
}

/// A head that comes byte by byte.
pub fn dripping_head() -> ServerScript {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-padding: 0123456789abcdef\r\n\r\n";
    vec![ServerStep::Drip(head.into(), DRIP)]
}

/// A body that comes byte by byte.
pub fn dripping_body() -> ServerScript {
    vec![
        send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"),
        ServerStep::Drip(vec![b'.'; 1000].into(), DRIP),
    ]
}

/// A head whose lines never end.
pub fn endless_head() -> ServerScript {
    vec![
        send("HTTP/1.1 200 OK\r\n"),
        ServerStep::Repeat("x-more: 0123456789abcdef\r\n".into()),
    ]
}

/// A head whose one line never ends.
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

/// A body said to be larger than anyone would read.
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
