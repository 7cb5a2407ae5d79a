//! One HTTP connection: it speaks HTTP/1.1 or HTTP/2 in tasks that end with it.
//!
//! hyper reads and writes in tasks of their own. They are kept here, so that a connection ends when
//! the check that holds it ends, whatever its peer is doing just then.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::rt::Executor;
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use super::lenient::LenientHead;
use crate::net::stream::{AnyStream, StreamState};
use crate::net::tls::certificate::Certificate;

/// The longest head of an answer that is read, in bytes.
const MAX_HEAD: u32 = 256 << 10;

/// The most header lines that one head may have. An [`http::HeaderMap`] holds at most 24,576 and
/// panics beyond that; so many short lines are longer than [`MAX_HEAD`] unless they are absurd.
const MAX_LINES: usize = 16_384;

/// An open connection, and what is known of it.
#[derive(Debug)]
pub(super) struct Connection {
    sender: Sender,
    /// Dropped with the connection, which ends them.
    _tasks: OwnedTasks,
    /// What those who read from it know.
    pub state: Arc<StreamState>,
    /// The address that was connected to.
    pub remote: Option<SocketAddr>,
    /// The certificate that the server showed.
    pub certificate: Option<Certificate>,
}

#[derive(Debug)]
enum Sender {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

/// Which HTTP a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    One,
    Two,
}

impl Connection {
    /// Begins to speak `protocol` over `stream`.
    pub(super) async fn begin(
        stream: AnyStream,
        protocol: Protocol,
        state: Arc<StreamState>,
    ) -> hyper::Result<Self> {
        let tasks = OwnedTasks::default();
        let sender = match protocol {
            Protocol::One => {
                let stream = TokioIo::new(LenientHead::new(stream, Arc::clone(&state)));
                let (sender, connection) = http1::Builder::new()
                    // As curl and browsers read them: a folded line, a space before the colon, and
                    // no line at all where it is not one.
                    .allow_obsolete_multiline_headers_in_responses(true)
                    .allow_spaces_after_header_name_in_responses(true)
                    .ignore_invalid_headers_in_responses(true)
                    .max_headers(MAX_LINES)
                    .max_header_size(MAX_HEAD as usize)
                    .handshake(stream)
                    .await?;
                tasks.0.execute(connection);
                Sender::One(sender)
            }
            Protocol::Two => {
                let stream = TokioIo::new(stream);
                let (sender, connection) = http2::Builder::new(tasks.0.clone())
                    .max_header_list_size(MAX_HEAD)
                    .handshake(stream)
                    .await?;
                tasks.0.execute(connection);
                Sender::Two(sender)
            }
        };
        Ok(Self {
            sender,
            _tasks: tasks,
            state,
            remote: None,
            certificate: None,
        })
    }

    /// Sends `request` and waits for the head of its final answer. The request has its `Host` header
    /// and an absolute URI; each protocol takes what it needs.
    pub(super) async fn send(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> hyper::Result<Response<Incoming>> {
        self.state.await_head();
        let response = match &mut self.sender {
            Sender::One(sender) => {
                sender.ready().await?;
                sender.send_request(request).await?
            }
            Sender::Two(sender) => {
                // HTTP/2 says the host in `:authority` (RFC 9113, section 8.3.1).
                request.headers_mut().remove(HOST);
                let state = Arc::clone(&self.state);
                hyper::ext::on_informational(&mut request, move |_| state.count_interim());
                sender.ready().await?;
                sender.send_request(request).await?
            }
        };
        self.state.head_arrived();
        Ok(response)
    }

    /// Which HTTP it speaks.
    pub(super) fn protocol(&self) -> Protocol {
        match self.sender {
            Sender::One(_) => Protocol::One,
            Sender::Two(_) => Protocol::Two,
        }
    }

    /// Whether the peer has closed it, as far as is known.
    pub(super) fn is_closed(&self) -> bool {
        match &self.sender {
            Sender::One(sender) => sender.is_closed(),
            Sender::Two(sender) => sender.is_closed(),
        }
    }
}

/// Spawns what one connection needs, where it can be ended with it.
#[derive(Clone, Debug, Default)]
struct Tasks(
    /// Behind a lock because hyper spawns from within the connection's own tasks.
    Arc<Mutex<JoinSet<()>>>,
);

impl<F> Executor<F> for Tasks
where
    F: Future + Send + 'static,
{
    fn execute(&self, task: F) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that ended are let go, for a kept connection spawns some for each request.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async {
            // What the connection failed of, whoever waits for its answer is told.
            task.await;
        });
    }
}

/// The tasks of a connection, for its owner.
#[derive(Debug, Default)]
struct OwnedTasks(Tasks);

impl Drop for OwnedTasks {
    fn drop(&mut self) {
        // The tasks hold clones of the executor, so that it would never be dropped by itself.
        let tasks = &self.0.0;
        let mut tasks = tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.abort_all();
    }
}
