//! HTTP/1 response heads that curl and browsers accept although HTTP's grammar forbids them.
//!
//! hyper's own options accept most of them. The exception is a carriage return in the middle of a
//! line, which is replaced by a space here before hyper sees it (RFC 9112, section 2.2). Interim
//! responses (1xx) are counted here, too: hyper would read all of them before anyone could stop it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

use crate::net::stream::{StreamState, write_through};

/// A stream of HTTP/1 responses in which each head is made acceptable to hyper.
#[derive(Debug)]
pub(super) struct LenientHead<S> {
    inner: S,
    state: Arc<StreamState>,
    head: Head,
    /// The number of the response on this connection whose head is being read.
    answer: usize,
}

impl<S> LenientHead<S> {
    /// A reader of the responses in `inner`.
    pub(super) fn new(inner: S, state: Arc<StreamState>) -> Self {
        let answer = state.answers();
        Self {
            inner,
            state,
            head: Head::default(),
            answer,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LenientHead<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        if self.answer != self.state.answers() {
            self.answer = self.state.answers();
            self.head = Head::default();
        }
        for _ in 0..self.head.mend(&mut buffer.filled_mut()[before..]) {
            self.state.count_interim();
        }
        match self.state.fault() {
            Some(fault) => Poll::Ready(Err(io::Error::other(fault))),
            None => read,
        }
    }
}

write_through!(LenientHead);

/// The position in a response head.
#[derive(Debug, Default)]
struct Head {
    /// The first bytes of the status line.
    first: Vec<u8>,
    /// The number of bytes in the current line, without carriage returns.
    line: usize,
    /// True once the head of the final response is over.
    is_over: bool,
}

/// The length of `HTTP/1.1 200`. The status begins at the tenth byte.
const STATUS_LINE: usize = 12;

impl Head {
    /// Replaces carriage returns within lines by spaces, and leaves what follows the head alone.
    /// Returns how many heads of interim responses ended.
    fn mend(&mut self, bytes: &mut [u8]) -> usize {
        let mut interim = 0;
        for byte in bytes {
            if self.is_over {
                break;
            }
            if self.first.len() < STATUS_LINE {
                self.first.push(*byte);
            }
            match *byte {
                b'\n' if self.line == 0 && self.first.len() > 2 => {
                    self.is_over = !self.is_interim();
                    interim += usize::from(!self.is_over);
                    self.first.clear();
                }
                b'\n' => self.line = 0,
                // In an empty line the carriage return is kept. At the end of another line a space
                // does no harm.
                b'\r' if self.line > 0 => *byte = b' ',
                b'\r' => {}
                _ => self.line += 1,
            }
        }
        interim
    }

    /// True when the head is of an interim response, so that another head follows (RFC 9110,
    /// section 15.2).
    fn is_interim(&self) -> bool {
        self.first.get(9) == Some(&b'1')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sent`, cut in pieces of any length, becomes `expected`.
    fn check(sent: &str, expected: &str) {
        for length in 1..=sent.len() {
            let mut bytes = sent.as_bytes().to_vec();
            let mut head = Head::default();
            for piece in bytes.chunks_mut(length) {
                head.mend(piece);
            }
            let found = String::from_utf8_lossy(&bytes);
            assert_eq!(found, expected, "in pieces of {length}");
        }
    }

    #[test]
    fn a_carriage_return_within_a_line_is_a_space() {
        check(
            "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\nbody\r\rb\r\n",
            "HTTP/1.1 200 OK \nX: a b \n\r\nbody\r\rb\r\n",
        );
        check(
            "HTTP/1.1 200 OK\nX: a\rb\n\nbody\r\n\r",
            "HTTP/1.1 200 OK\nX: a b\n\nbody\r\n\r",
        );
    }

    #[test]
    fn an_interim_answer_is_followed_by_another_head() {
        check(
            "HTTP/1.1 103 Hints\r\nL: a\rb\r\n\r\nHTTP/1.1 200 OK\r\nX: a\rb\r\n\r\nbody\r.",
            "HTTP/1.1 103 Hints \nL: a b \n\r\nHTTP/1.1 200 OK \nX: a b \n\r\nbody\r.",
        );
    }
}
