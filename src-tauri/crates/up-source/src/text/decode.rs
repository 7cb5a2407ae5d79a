//! Decodes a body as browsers do (Encoding Standard): by its byte order mark, by the charset of its
//! `content-type`, by the charset that HTML or XML declares, or else as UTF-8. What cannot be
//! decoded becomes U+FFFD.
//!
//! A text is decoded block by block while it is read, so that it never takes more memory than its
//! bytes.

use std::io::Read;
use std::ops::Range;

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};
use http::header::HeaderMap;

use super::charset::declared;
use super::pace::Pace;

/// The largest number of bytes of a block.
const BLOCK: usize = 16 << 10;

/// The largest number of bytes of a character in UTF-8.
const MAX_CHARACTER: usize = 4;

/// The largest number of bytes that [`DecodedText::part`] returns.
const MAX_PART: usize = 64 << 10;

/// A body as text.
#[derive(Debug)]
pub(crate) struct DecodedText<'b> {
    /// The body without its byte order mark.
    bytes: &'b [u8],
    /// The number of bytes of the body, with the byte order mark.
    size: usize,
    encoding: &'static Encoding,
    /// The text itself, if the body is valid UTF-8.
    plain: Option<&'b str>,
}

impl<'b> From<&'b str> for DecodedText<'b> {
    fn from(text: &'b str) -> Self {
        Self {
            bytes: text.as_bytes(),
            size: text.len(),
            encoding: UTF_8,
            plain: Some(text),
        }
    }
}

impl<'b> DecodedText<'b> {
    /// The text of a body that came with `headers`.
    pub(crate) fn read(body: &'b [u8], headers: &HeaderMap) -> Self {
        // An odd number of bytes cannot be UTF-16, even if the first two look like its mark.
        let marked = Encoding::for_bom(body);
        let marked = marked.filter(|(_, mark)| *mark != 2 || body.len().is_multiple_of(2));
        let (encoding, mark) = match marked {
            Some((encoding, mark)) => (encoding, mark),
            None => (declared(body, headers).unwrap_or(UTF_8), 0),
        };
        let bytes = &body[mark..];
        let plain = if encoding == UTF_8 {
            std::str::from_utf8(bytes).ok()
        } else {
            None
        };
        Self {
            bytes,
            size: body.len(),
            encoding,
            plain,
        }
    }

    /// The number of bytes of the body.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The text itself, if the body is valid UTF-8.
    pub(crate) fn plain(&self) -> Option<&'b str> {
        self.plain
    }

    /// The text in UTF-8, block by block.
    pub(crate) fn blocks(&self) -> Blocks<'b> {
        let form = match self.plain {
            Some(_) => TextEncoding::Plain,
            None if self.encoding == UTF_8 => TextEncoding::Faulty,
            None => TextEncoding::Other(Box::new(self.encoding.new_decoder_without_bom_handling())),
        };
        Blocks {
            rest: self.bytes,
            form,
            buffer: Vec::new(),
        }
    }

    /// The text in UTF-8, as a reader.
    pub(crate) fn reader(&self) -> impl Read + use<'b> {
        Utf8Reader {
            blocks: self.blocks(),
            block: Vec::new(),
            at: 0,
        }
    }

    /// The part of the text at `range`, in bytes of UTF-8. At most the first [`MAX_PART`] bytes of
    /// it.
    pub(crate) fn part(&self, range: Range<usize>) -> String {
        let mut part = Vec::new();
        let mut blocks = self.blocks();
        let mut before = 0;
        while let Some(block) = blocks.next() {
            let from = range.start.saturating_sub(before).min(block.len());
            let to = range.end.saturating_sub(before).min(block.len());
            part.extend_from_slice(&block[from..to]);
            before += block.len();
            if before >= range.end || part.len() >= MAX_PART {
                break;
            }
        }
        part.truncate(MAX_PART);
        match String::from_utf8(part) {
            Ok(part) => part,
            // Only a part that was cut can end within a character.
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }
    }

    /// The number of the first line that contains `wanted`, counted from 1.
    pub(crate) async fn line_of(&self, wanted: &str, pace: &mut Pace) -> Option<usize> {
        let finder = memchr::memmem::Finder::new(wanted);
        let lines = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count();
        if let Some(text) = self.plain {
            let at = finder.find(text.as_bytes())?;
            return Some(1 + lines(&text.as_bytes()[..at]));
        }
        let (mut line, mut blocks) = (1, self.blocks());
        let mut window = Vec::new();
        loop {
            let block = blocks.next();
            let is_last = block.is_none();
            window.extend_from_slice(block.unwrap_or_default());
            // With a long `wanted`, the window grows first, so that it is not searched for each
            // block.
            if !is_last && window.len() < 2 * wanted.len() {
                continue;
            }
            if let Some(at) = finder.find(&window) {
                return Some(line + lines(&window[..at]));
            }
            if is_last {
                return None;
            }
            // The text may begin in the last bytes, which are kept.
            let behind = window.len() - (wanted.len().max(1) - 1).min(window.len());
            line += lines(&window[..behind]);
            window.drain(..behind);
            pace.breathe().await;
        }
    }
}

/// A text in UTF-8, block by block.
#[derive(Debug)]
pub(crate) struct Blocks<'b> {
    /// The bytes that are not decoded yet.
    rest: &'b [u8],
    /// How they are decoded.
    form: TextEncoding,
    /// The block that was decoded last.
    buffer: Vec<u8>,
}

#[derive(Debug)]
enum TextEncoding {
    /// Not at all: they are valid UTF-8.
    Plain,
    /// As UTF-8 with invalid bytes in it.
    Faulty,
    /// By a decoder, until it is finished.
    Other(Box<Decoder>),
}

impl Blocks<'_> {
    /// The next block, which is never empty. `None` at the end of the text.
    pub(crate) fn next(&mut self) -> Option<&[u8]> {
        match &mut self.form {
            TextEncoding::Plain => {
                let (block, rest) = self.rest.split_at(self.rest.len().min(BLOCK));
                self.rest = rest;
                return (!block.is_empty()).then_some(block);
            }
            TextEncoding::Faulty => {
                self.buffer.clear();
                // The part may end within a character, which is then left for the next block.
                let part = &self.rest[..self.rest.len().min(BLOCK)];
                let is_last = part.len() == self.rest.len();
                let mut read = 0;
                for chunk in part.utf8_chunks() {
                    let is_cut =
                        !is_last && read + chunk.valid().len() + MAX_CHARACTER > part.len();
                    self.buffer.extend_from_slice(chunk.valid().as_bytes());
                    read += chunk.valid().len();
                    if is_cut {
                        break;
                    }
                    if !chunk.invalid().is_empty() {
                        self.buffer.extend_from_slice("\u{fffd}".as_bytes());
                        read += chunk.invalid().len();
                    }
                }
                self.rest = &self.rest[read..];
            }
            TextEncoding::Other(decoder) => {
                self.buffer.resize(BLOCK, 0);
                let (result, read, written, _) =
                    decoder.decode_to_utf8(self.rest, &mut self.buffer, true);
                self.buffer.truncate(written);
                self.rest = &self.rest[read..];
                if result == CoderResult::InputEmpty {
                    self.form = TextEncoding::Plain;
                }
            }
        }
        (!self.buffer.is_empty()).then_some(&*self.buffer)
    }
}

/// A text in UTF-8, as a reader.
struct Utf8Reader<'b> {
    blocks: Blocks<'b>,
    block: Vec<u8>,
    at: usize,
}

impl Read for Utf8Reader<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.block.len() {
            self.block.clear();
            self.block
                .extend_from_slice(self.blocks.next().unwrap_or_default());
            self.at = 0;
        }
        let mut left = &self.block[self.at..];
        let count = left.read(into)?;
        self.at += count;
        Ok(count)
    }
}
