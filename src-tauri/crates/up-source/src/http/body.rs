//! The body of an answer, as it is after its content codings (RFC 9110, section 8.4) are undone.

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

/// What is said in `Accept-Encoding`.
pub(super) const ACCEPTED: &str = "gzip, deflate, br, zstd";

/// How many codings may lie over each other.
const MAX_CODINGS: usize = 3;

/// How much is decoded at a time.
const CHUNK: usize = 16 << 10;

/// Anything that decoded bytes are read from.
type Decoded = Pin<Box<dyn AsyncBufRead + Send>>;

/// A content coding that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The rest of a body.
pub(super) enum Body {
    /// As it comes.
    Plain(Incoming),
    /// Coded, with the decoders that are made when the first byte is asked for.
    Coded(Option<Incoming>, Vec<Coding>),
    /// What the decoders give.
    Decoded(Decoded),
}

impl Body {
    /// The body `incoming` of an answer with those headers. A coding that is not known is left as it
    /// is, as browsers do.
    pub(super) fn new(incoming: Incoming, headers: &HeaderMap) -> Self {
        let codings = codings(headers);
        if codings.is_empty() {
            Self::Plain(incoming)
        } else {
            Self::Coded(Some(incoming), codings)
        }
    }

    /// How many bytes there will be, where the head tells.
    pub(super) fn promised(&self) -> Option<u64> {
        match self {
            Self::Plain(incoming) => incoming.size_hint().exact(),
            Self::Coded(..) | Self::Decoded(_) => None,
        }
    }

    /// The next bytes, `None` at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Box<dyn StdError + Send + Sync>> {
        // A decoder may go on for long without waiting for anything.
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

/// The known codings in the order in which they were applied.
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

/// A reader of what `coded` is under `coding`. Nothing at all is an empty body under each.
async fn decoder(coding: Coding, mut coded: Decoded) -> io::Result<Decoded> {
    if coded.fill_buf().await?.is_empty() {
        return Ok(coded);
    }
    Ok(match coding {
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(coded);
            // RFC 1952, section 2.2: a file is a series of members.
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

/// `deflate` is a zlib stream (RFC 9110, section 8.4.1.2), but some servers leave its wrapper out. Two
/// bytes tell: a zlib header is a multiple of 31 and names method 8 (RFC 1950, section 2.2).
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

/// The next bytes of a body; what is no data (trailers) is passed over.
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

/// A body's bytes as a stream, for the decoders.
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
