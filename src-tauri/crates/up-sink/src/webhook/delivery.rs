//! One attempt to deliver a notice, on a thread that ends with the attempt.
//!
//! A hostile receiver can send an answer that keeps its reader busy, or keep its connection busy
//! for ever. The attempt's own thread and runtime bound the damage: checks run on, and dropping the
//! runtime closes the connection.

use std::any::Any;
use std::error::Error as _;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response};
use tokio::sync::oneshot;
use up_core::redact::without_secrets;

use super::retry::AttemptOutcome;

/// The time limit of one attempt.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How much longer the caller waits for the thread, whose own error says more about the cause.
const THREAD_GRACE: Duration = Duration::from_secs(1);

/// The largest number of header lines in an answer.
const MAX_LINES: usize = 4_096;

/// An HTTP client with the given TLS settings. It opens a new connection for each request, follows
/// no redirects and uses no proxy.
pub(super) fn client<T: Any + Clone>(tls: &T) -> Result<Client, String> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .user_agent(concat!("up/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_max_headers(MAX_LINES)
        .pool_max_idle_per_host(0)
        .no_proxy();
    builder
        .build()
        .map_err(|error| error.without_url().to_string())
}

/// Sends `request` and returns within `TIMEOUT` and `THREAD_GRACE`, whatever the receiver does.
pub(super) async fn deliver(request: RequestBuilder) -> AttemptOutcome {
    let (sender, outcome) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("webhook".into())
        .spawn(move || {
            // This fails only when the caller has stopped waiting.
            let _ = sender.send(attempt(request));
        });
    if thread.is_err() {
        return AttemptOutcome::NoAnswer("this machine has no thread left to send it".into());
    }
    match tokio::time::timeout(TIMEOUT + THREAD_GRACE, outcome).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => AttemptOutcome::NoAnswer("its answer could not be read".into()),
        Err(_) => timed_out(),
    }
}

fn attempt(request: RequestBuilder) -> AttemptOutcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            return AttemptOutcome::NoAnswer(format!("the request could not be sent: {error}"));
        }
    };
    let outcome = runtime.block_on(async {
        match tokio::time::timeout(TIMEOUT, request.send()).await {
            Ok(Ok(response)) => outcome(&response),
            Ok(Err(error)) => AttemptOutcome::NoAnswer(why(&error)),
            Err(_) => timed_out(),
        }
    });
    // A name lookup may still run. It is not waited for.
    runtime.shutdown_background();
    outcome
}

fn timed_out() -> AttemptOutcome {
    AttemptOutcome::NoAnswer(format!("no answer within {} s", TIMEOUT.as_secs()))
}

fn outcome(response: &Response) -> AttemptOutcome {
    let status = response.status();
    if status.is_success() {
        return AttemptOutcome::Accepted;
    }
    // Only a number of seconds is read. To use a date, both clocks would have to agree.
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    AttemptOutcome::Status(status.as_u16(), retry_after.map(Duration::from_secs))
}

/// The innermost cause of the error. The outer ones repeat the URL, which may be a secret.
fn why(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    if error.source().is_none() {
        return "the request could not be sent".into();
    }
    up_core::cause::one_line(&without_secrets(&inner.to_string()), 200)
}
