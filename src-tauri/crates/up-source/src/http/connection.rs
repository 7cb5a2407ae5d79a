//! One HTTP connection, over HTTP/1.1 or HTTP/2.
//!
//! hyper reads and writes in tasks of its own. The connection owns these tasks, so that they end
//! with it, and so with the check that holds it, whatever the peer is doing.

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

/// The longest response head that is read, in bytes.
const MAX_HEAD: u32 = 256 << 10;

/// The most header lines of one response head. An [`http::HeaderMap`] holds at most 24,576 and
/// panics beyond that. This number of lines of ordinary length exceeds [`MAX_HEAD`] anyway.
const MAX_LINES: usize = 16_384;

/// An open HTTP connection.
#[derive(Debug)]
pub(super) struct Connection {
    sender: Sender,
    /// Dropped with the connection, which aborts the tasks.
    _tasks: OwnedTasks,
    /// The state that the layers of its stream share.
    pub state: Arc<StreamState>,
    /// The address of the peer, which is the proxy where there is one.
    pub remote: Option<SocketAddr>,
    /// The server's certificate; `None` without TLS.
    pub certificate: Option<Certificate>,
}

#[derive(Debug)]
enum Sender {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

/// The HTTP version of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    One,
    Two,
}

impl Connection {
    /// Begins HTTP of the version `protocol` over `stream`.
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
                    // Like curl and browsers, accept folded lines and a space before the colon, and
                    // skip lines that are no headers.
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

    /// Sends `request` and waits for the head of the final response. The request must have a `Host`
    /// header and an absolute URI; each HTTP version uses what it needs.
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
                // HTTP/2 has the host in `:authority` (RFC 9113, section 8.3.1).
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

    /// The HTTP version of this connection.
    pub(super) fn protocol(&self) -> Protocol {
        match self.sender {
            Sender::One(_) => Protocol::One,
            Sender::Two(_) => Protocol::Two,
        }
    }

    /// True when the peer is known to have closed the connection.
    pub(super) fn is_closed(&self) -> bool {
        match &self.sender {
            Sender::One(sender) => sender.is_closed(),
            Sender::Two(sender) => sender.is_closed(),
        }
    }
}

/// Spawns the tasks of one connection where its owner can abort them.
#[derive(Clone, Debug, Default)]
struct Tasks(
    /// hyper spawns from within the connection's own tasks, so that this needs a lock.
    Arc<Mutex<JoinSet<()>>>,
);

impl<F> Executor<F> for Tasks
where
    F: Future + Send + 'static,
{
    fn execute(&self, task: F) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Ended tasks are removed: a kept connection spawns some for each request.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async {
            // The error of a failed connection reaches the code that waits for its response.
            task.await;
        });
    }
}

/// The tasks of a connection. Dropping this aborts them.
#[derive(Debug, Default)]
struct OwnedTasks(Tasks);

impl Drop for OwnedTasks {
    fn drop(&mut self) {
        // The tasks hold clones of the executor, so that its last clone would never be dropped by
        // itself.
        let tasks = &self.0.0;
        let mut tasks = tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.abort_all();
    }
}
