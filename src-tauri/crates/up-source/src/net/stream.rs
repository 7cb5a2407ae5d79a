//! Streams that no peer can use to keep a check's thread busy, and the state of one connection.
//!
//! A peer that sends without end is always ready to be read, so that a task that reads from it
//! would never yield to other checks. [`Bounded`] yields every millisecond, and ends a connection
//! whose peer sends too much before the head of its answer is complete.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use up_core::CauseCode;

use super::fault::Fault;

/// Any connected stream.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connected stream of any kind: TCP, TLS, or either through a proxy.
pub(crate) type AnyStream = Box<dyn Stream>;

/// How long one task may read before it yields to the other tasks of its thread.
const TURN: Duration = Duration::from_millis(1);

/// The largest number of bytes of one read. Parsing that many may already mean thousands of frames.
const READ: usize = 16 << 10;

/// The largest number of bytes of one read while the head of an answer is awaited: what precedes a
/// head is costly to parse.
const READ_BEFORE_HEAD: usize = 4 << 10;

/// The largest number of bytes that may come before the head of an answer is complete: handshakes,
/// interim answers and the head itself, of which hyper accepts 256 KiB.
const BEFORE_HEAD: usize = 1 << 20;

/// The largest number of interim answers (RFC 9110, section 15.2) before the final one.
const INTERIM: u32 = 100;

/// The state of one connection, shared by the layers that read it.
#[derive(Debug, Default)]
pub(crate) struct StreamState {
    /// True once the head of the awaited answer has arrived.
    head_arrived: AtomicBool,
    /// The bytes that were read since the current answer is awaited.
    bytes: AtomicUsize,
    /// The interim answers that came since the current answer is awaited.
    interim: AtomicU32,
    /// The number of answers that were awaited on this connection so far.
    answers: AtomicUsize,
    /// True if the peer ended TLS without a closing alert.
    unclosed: AtomicBool,
    /// Why Up ended the connection, if it did. Behind a lock because the protocol's task sets it
    /// and the check's task reads it; the lock is never held across an await.
    fault: Mutex<Option<Fault>>,
}

impl StreamState {
    /// Starts to count towards the bounds that hold before a head. Called when a request is sent,
    /// and when a connection becomes idle.
    pub(crate) fn await_head(&self) {
        self.bytes.store(0, Ordering::Relaxed);
        self.interim.store(0, Ordering::Relaxed);
        self.answers.fetch_add(1, Ordering::Relaxed);
        self.head_arrived.store(false, Ordering::Relaxed);
    }

    /// Ends the bounds that hold before a head. The body has bounds of its own.
    pub(crate) fn head_arrived(&self) {
        self.head_arrived.store(true, Ordering::Relaxed);
    }

    /// The number of answers that were awaited on this connection so far.
    pub(crate) fn answers(&self) -> usize {
        self.answers.load(Ordering::Relaxed)
    }

    /// Counts an interim answer. After one too many the next read ends the connection.
    pub(crate) fn count_interim(&self) {
        if self.interim.fetch_add(1, Ordering::Relaxed) == INTERIM {
            self.end(Fault::new(
                CauseCode::Protocol,
                format!("more than {INTERIM} interim answers (HTTP 1xx) came, and no final one"),
            ));
        }
    }

    /// True if the peer ended TLS without a closing alert (RFC 8446, section 6.1).
    pub(crate) fn is_unclosed(&self) -> bool {
        self.unclosed.load(Ordering::Relaxed)
    }

    /// Why Up ended the connection, if it did.
    pub(crate) fn fault(&self) -> Option<Fault> {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.clone()
    }

    /// Makes the next read fail with `fault`. The first fault stays.
    fn end(&self, fault: Fault) {
        let mut first = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(fault);
    }

    /// Counts bytes that were read, unless the head has arrived.
    fn count(&self, bytes: usize) {
        if self.head_arrived.load(Ordering::Relaxed) {
            return;
        }
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > BEFORE_HEAD {
            self.end(Fault::new(
                CauseCode::TooLarge,
                "more than 1 MiB came before the head of an answer was whole",
            ));
        }
    }
}

/// Implements `AsyncWrite` for a stream that changes only how its `inner` stream is read.
macro_rules! write_through {
    ($stream:ident) => {
        impl<S: tokio::io::AsyncWrite + Unpin> tokio::io::AsyncWrite for $stream<S> {
            fn poll_write(
                mut self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
                bytes: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                std::pin::Pin::new(&mut self.inner).poll_write(context, bytes)
            }

            fn poll_write_vectored(
                mut self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
                slices: &[std::io::IoSlice<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                std::pin::Pin::new(&mut self.inner).poll_write_vectored(context, slices)
            }

            fn is_write_vectored(&self) -> bool {
                self.inner.is_write_vectored()
            }

            fn poll_flush(
                mut self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::pin::Pin::new(&mut self.inner).poll_flush(context)
            }

            fn poll_shutdown(
                mut self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::pin::Pin::new(&mut self.inner).poll_shutdown(context)
            }
        }
    };
}

pub(crate) use write_through;

/// A stream whose reader yields regularly, whatever the peer sends.
#[derive(Debug)]
pub(crate) struct Bounded<S> {
    inner: S,
    state: Arc<StreamState>,
    /// True if the bytes count towards the bound before a head.
    counts: bool,
    /// When the current turn of reading began. `None` if the next read begins one.
    turn: Option<Instant>,
}

impl<S> Bounded<S> {
    pub(crate) fn new(inner: S, state: Arc<StreamState>) -> Self {
        Self {
            inner,
            state,
            counts: true,
            turn: None,
        }
    }

    /// The same for the inside of TLS. Its bytes do not count, as they were counted outside. It
    /// must yield as well, because rustls hands out a whole record of 16 KiB without a read of its
    /// own.
    pub(crate) fn above_tls(inner: S, state: Arc<StreamState>) -> Self {
        Self {
            counts: false,
            ..Self::new(inner, state)
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(fault) = self.state.fault() {
            return Poll::Ready(Err(io::Error::other(fault)));
        }
        let turn = *self.turn.get_or_insert_with(Instant::now);
        if turn.elapsed() >= TURN {
            self.turn = None;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let arrived = self.state.head_arrived.load(Ordering::Relaxed);
        let most = if arrived { READ } else { READ_BEFORE_HEAD };
        let before = buffer.filled().len();
        let read = if buffer.remaining() <= most {
            Pin::new(&mut self.inner).poll_read(context, buffer)
        } else {
            let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
            let read = Pin::new(&mut self.inner).poll_read(context, &mut part);
            let bytes = part.filled().len();
            buffer.advance(bytes);
            read
        };
        match &read {
            Poll::Pending => self.turn = None,
            Poll::Ready(_) if self.counts => self.state.count(buffer.filled().len() - before),
            Poll::Ready(_) => {}
        }
        read
    }
}

write_through!(Bounded);

/// A TLS stream that ends normally even if the peer closes it without a closing alert. Many servers
/// send none, and the protocol inside shows whether anything is missing.
#[derive(Debug)]
pub(crate) struct Unannounced<S> {
    inner: S,
    state: Arc<StreamState>,
}

impl<S> Unannounced<S> {
    pub(crate) fn new(inner: S, state: Arc<StreamState>) -> Self {
        Self { inner, state }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Unannounced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.inner).poll_read(context, buffer) {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.state.unclosed.store(true, Ordering::Relaxed);
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }
}

write_through!(Unannounced);
