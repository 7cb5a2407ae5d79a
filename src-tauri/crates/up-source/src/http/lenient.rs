//! Heads of HTTP/1 answers that curl and browsers read although the grammar forbids them.
//!
//! hyper's own switches accept most of them. What they do not accept is a carriage return in the
//! middle of a line, which is made a space here before hyper sees it (RFC 9112, section 2.2). Interim
//! answers are counted here too: hyper would read all that there are before anyone could say stop.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

use crate::net::stream::{StreamState, write_through};

/// A stream of HTTP/1 answers, each head of which is made readable.
#[derive(Debug)]
pub(super) struct LenientHead<S> {
    inner: S,
    state: Arc<StreamState>,
    head: Head,
    /// Which of the connection's answers this is the head of.
    answer: usize,
}

impl<S> LenientHead<S> {
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

/// How far a head has come.
#[derive(Debug, Default)]
struct Head {
    /// The first bytes of the status line.
    first: Vec<u8>,
    /// The bytes of the line that is being read, its carriage returns aside.
    line: usize,
    /// True once the head of the final answer is over.
    is_over: bool,
}

/// `HTTP/1.1 200`: the status begins at the ninth byte.
const STATUS_LINE: usize = 12;

impl Head {
    /// Makes the carriage returns within lines spaces, and leaves what follows the head alone. Says
    /// how many heads of interim answers ended.
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
                // Of an empty line it is a part; at the end of another a space does no harm.
                b'\r' if self.line > 0 => *byte = b' ',
                b'\r' => {}
                _ => self.line += 1,
            }
        }
        interim
    }

    /// Whether another head follows (RFC 9110, section 15.2).
    fn is_interim(&self) -> bool {
        self.first.get(9) == Some(&b'1')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sent` in pieces of each length becomes `expected`.
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
