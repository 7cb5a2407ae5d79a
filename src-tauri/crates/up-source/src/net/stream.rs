//! Streams that no peer can use to keep a check busy, and what is known of one beside its bytes.
//!
//! A peer that sends without end is always ready to be read, so whoever reads from it would never
//! let other checks run. [`Bounded`] makes its reader wait for a turn of its own now and then, and
//! ends a connection whose peer sends and sends before the head of an answer.

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

/// A connected stream whose kind no longer matters: TCP, TLS, or either through a proxy.
pub(crate) type AnyStream = Box<dyn Stream>;

/// For how long one task reads before the others of its thread get their turn.
const TURN: Duration = Duration::from_millis(1);

/// How many bytes one read takes at most. So much may be thousands of frames to look at.
const READ: usize = 16 << 10;

/// The same while the head of an answer is awaited: what comes before a head is dear to look at.
const READ_BEFORE_HEAD: usize = 4 << 10;

/// How many bytes may come before the head of an answer is whole: handshakes, interim answers
/// and the head itself, of which HTTP's own readers accept 256 KiB.
const BEFORE_HEAD: usize = 1 << 20;

/// How many interim answers (RFC 9110, section 15.2) may come before the final one.
const INTERIM: u32 = 100;

/// What is known of a connection by those who read it at different depths.
#[derive(Debug, Default)]
pub(crate) struct StreamState {
    /// True once the head of the awaited answer is there.
    head_arrived: AtomicBool,
    /// The bytes that were read since an answer is awaited.
    bytes: AtomicUsize,
    /// The interim answers since an answer is awaited.
    interim: AtomicU32,
    /// How many answers were awaited on this connection.
    answers: AtomicUsize,
    /// True when the peer ended TLS without its closing alert.
    unclosed: AtomicBool,
    /// Why the connection was ended from this side. Behind a lock because the protocol's own task
    /// finds it and the check's task tells it; never held across an await.
    fault: Mutex<Option<Fault>>,
}

impl StreamState {
    /// From now on the head of an answer is awaited, or nothing at all.
    pub(crate) fn await_head(&self) {
        self.bytes.store(0, Ordering::Relaxed);
        self.interim.store(0, Ordering::Relaxed);
        self.answers.fetch_add(1, Ordering::Relaxed);
        self.head_arrived.store(false, Ordering::Relaxed);
    }

    /// The head is there; the body has bounds of its own.
    pub(crate) fn head_arrived(&self) {
        self.head_arrived.store(true, Ordering::Relaxed);
    }

    /// How many answers were awaited so far.
    pub(crate) fn answers(&self) -> usize {
        self.answers.load(Ordering::Relaxed)
    }

    /// An interim answer came. The next read ends the connection if that was one too many.
    pub(crate) fn count_interim(&self) {
        if self.interim.fetch_add(1, Ordering::Relaxed) == INTERIM {
            self.end(Fault::new(
                CauseCode::Protocol,
                format!("more than {INTERIM} interim answers (HTTP 1xx) came, and no final one"),
            ));
        }
    }

    /// Whether the peer ended TLS without its closing alert (RFC 8446, section 6.1).
    pub(crate) fn is_unclosed(&self) -> bool {
        self.unclosed.load(Ordering::Relaxed)
    }

    /// Why the connection was ended from this side, if it was.
    pub(crate) fn fault(&self) -> Option<Fault> {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.clone()
    }

    fn end(&self, fault: Fault) {
        let mut told = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        told.get_or_insert(fault);
    }

    /// Counts what was read while the head is awaited.
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

/// Writing is passed on as it is by the streams below, which change only how is read.
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

/// A stream whose reader shares its thread fairly, whatever the peer sends.
#[derive(Debug)]
pub(crate) struct Bounded<S> {
    inner: S,
    state: Arc<StreamState>,
    /// Whether what is read counts as come over the network.
    counts: bool,
    /// When this turn began, unless the next read begins one.
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

    /// The same above TLS, which hands out a whole record of 16 KiB without a read of its own.
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

/// A TLS stream whose end counts as its end also where the peer did not announce it by the closing
/// alert: many servers do not, and the protocol within tells whether something is missing.
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
