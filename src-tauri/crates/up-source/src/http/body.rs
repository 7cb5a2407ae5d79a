//! The body of a response after its content codings are undone (RFC 9110, section 8.4).

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_compression::tokio::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use hyper::body::{Body as _, Incoming};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio_util::io::StreamReader;

/// The value of `Accept-Encoding` in each request.
pub(super) const ACCEPTED: &str = "gzip, deflate, br, zstd";

/// The most content codings that one body may have.
const MAX_CODINGS: usize = 3;

/// How many bytes are decoded at a time.
const CHUNK: usize = 16 << 10;

/// A reader of decoded bytes.
type Decoded = Pin<Box<dyn AsyncBufRead + Send>>;

/// A content coding that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// A body that is being read.
pub(super) enum Body {
    /// A body without a content coding.
    Plain(Incoming),
    /// A coded body before its first byte is read. The codings are in the order in which they were
    /// applied.
    Coded(Option<Incoming>, Vec<Coding>),
    /// The decoded bytes.
    Decoded(Decoded),
}

impl Body {
    /// The body of a response with these headers. A body with an unknown coding is left as it is,
    /// as browsers do.
    pub(super) fn new(incoming: Incoming, headers: &HeaderMap) -> Self {
        let codings = codings(headers);
        if codings.is_empty() {
            Self::Plain(incoming)
        } else {
            Self::Coded(Some(incoming), codings)
        }
    }

    /// The length of the body in bytes, where the head states it and there is no coding.
    pub(super) fn stated_length(&self) -> Option<u64> {
        match self {
            Self::Plain(incoming) => incoming.size_hint().exact(),
            Self::Coded(..) | Self::Decoded(_) => None,
        }
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Box<dyn StdError + Send + Sync>> {
        // A decoder may run for long without waiting for anything, so that it yields here.
        tokio::task::consume_budget().await;
        if let Self::Coded(incoming, codings) = self {
            let Some(incoming) = incoming.take() else {
                return Ok(None);
            };
            let mut reader: Decoded = Box::pin(StreamReader::new(Frames(incoming)));
            // The coding that is named last was applied last (RFC 9110, section 8.4).
            for coding in codings.iter().rev() {
                reader = decoder(*coding, reader).await?;
            }
            *self = Self::Decoded(reader);
        }
        match self {
            Self::Plain(incoming) => Ok(next(incoming).await.transpose()?),
            Self::Coded(..) => Ok(None),
            Self::Decoded(reader) => {
                let mut chunk = BytesMut::with_capacity(CHUNK);
                let read = reader.read_buf(&mut chunk).await?;
                Ok((read > 0).then(|| chunk.freeze()))
            }
        }
    }
}

/// The codings of the body in the order in which they were applied. Empty when one is unknown, or
/// when there are more than [`MAX_CODINGS`].
fn codings(headers: &HeaderMap) -> Vec<Coding> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let names = values.filter_map(|value| value.to_str().ok());
    let names = names.flat_map(|value| value.split(','));
    let mut codings = Vec::new();
    for name in names {
        let coding = match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Coding::Gzip,
            "deflate" => Coding::Deflate,
            "br" => Coding::Brotli,
            "zstd" => Coding::Zstd,
            "" | "identity" => continue,
            _ => return Vec::new(),
        };
        codings.push(coding);
    }
    if codings.len() > MAX_CODINGS {
        codings.clear();
    }
    codings
}

/// A reader that undoes `coding` of the bytes `coded`. An empty body stays empty under each coding.
async fn decoder(coding: Coding, mut coded: Decoded) -> io::Result<Decoded> {
    if coded.fill_buf().await?.is_empty() {
        return Ok(coded);
    }
    Ok(match coding {
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(coded);
            // A gzip stream may have several members (RFC 1952, section 2.2).
            decoder.multiple_members(true);
            Box::pin(BufReader::new(decoder))
        }
        Coding::Deflate => deflate(coded).await?,
        Coding::Brotli => Box::pin(BufReader::new(BrotliDecoder::new(coded))),
        Coding::Zstd => {
            let mut decoder = ZstdDecoder::new(coded);
            decoder.multiple_members(true);
            Box::pin(BufReader::new(decoder))
        }
    })
}

/// A reader that undoes `deflate`. That is a zlib stream (RFC 9110, section 8.4.1.2), but some
/// servers leave its wrapper out. The first two bytes distinguish the two: a zlib header is a
/// multiple of 31 and names method 8 (RFC 1950, section 2.2).
async fn deflate(mut coded: Decoded) -> io::Result<Decoded> {
    let mut first = Vec::with_capacity(2);
    while first.len() < 2 {
        let Some(&byte) = coded.fill_buf().await?.first() else {
            break;
        };
        first.push(byte);
        coded.consume(1);
    }
    let is_zlib = matches!(first[..], [method, check]
        if method & 0x0f == 8 && u16::from_be_bytes([method, check]).is_multiple_of(31));
    let whole = io::Cursor::new(first).chain(coded);
    Ok(if is_zlib {
        Box::pin(BufReader::new(ZlibDecoder::new(whole)))
    } else {
        Box::pin(BufReader::new(DeflateDecoder::new(whole)))
    })
}

/// The next bytes of a body. Frames without data (trailers) are skipped.
async fn next(incoming: &mut Incoming) -> Option<hyper::Result<Bytes>> {
    std::future::poll_fn(|context| poll_next(incoming, context)).await
}

fn poll_next(
    incoming: &mut Incoming,
    context: &mut Context<'_>,
) -> Poll<Option<hyper::Result<Bytes>>> {
    loop {
        return Poll::Ready(match ready!(Pin::new(&mut *incoming).poll_frame(context)) {
            None => None,
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(bytes) if !bytes.is_empty() => Some(Ok(bytes)),
                _ => continue,
            },
        });
    }
}

/// The bytes of a body as a stream, for the decoders.
struct Frames(Incoming);

impl Stream for Frames {
    type Item = io::Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        let next = ready!(poll_next(&mut self.0, context));
        Poll::Ready(next.map(|bytes| bytes.map_err(io::Error::other)))
    }
}
