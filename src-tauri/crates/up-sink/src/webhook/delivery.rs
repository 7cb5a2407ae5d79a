//! One try to deliver a notice, in a thread that ends with it.
//!
//! A receiver may answer so that whoever reads it has no time for anything else, or keep its
//! connection busy for ever. A thread and a runtime of its own bound what it can take: checks run on,
//! and dropping the runtime closes the connection.

use std::any::Any;
use std::error::Error as _;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response};
use tokio::sync::oneshot;
use up_core::redact::without_secrets;

use super::retry::AttemptOutcome;

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much later the thread is given up, for it tells better why.
const GRACE: Duration = Duration::from_secs(1);

/// The longest head of an answer, in header lines.
const MAX_LINES: usize = 4_096;

/// A client with those TLS settings: a new connection each time, no redirects, no proxy.
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

/// Sends `request`, and is done in time whatever its receiver does.
pub(super) async fn deliver(request: RequestBuilder) -> AttemptOutcome {
    let (tell, told) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("webhook".into())
        .spawn(move || {
            // Nobody waits for it any more where the time is over.
            let _ = tell.send(attempt(request));
        });
    if thread.is_err() {
        return AttemptOutcome::None("this machine has no thread left for it".into());
    }
    match tokio::time::timeout(PATIENCE + GRACE, told).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => AttemptOutcome::None("its answer could not be read".into()),
        Err(_) => late(),
    }
}

fn attempt(request: RequestBuilder) -> AttemptOutcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return AttemptOutcome::None(format!("it could not be asked: {error}")),
    };
    let outcome = runtime.block_on(async {
        match tokio::time::timeout(PATIENCE, request.send()).await {
            Ok(Ok(response)) => outcome(&response),
            Ok(Err(error)) => AttemptOutcome::None(why(&error)),
            Err(_) => late(),
        }
    });
    // Without waiting for a lookup that goes on.
    runtime.shutdown_background();
    outcome
}

fn late() -> AttemptOutcome {
    AttemptOutcome::None(format!("no answer within {} s", PATIENCE.as_secs()))
}

fn outcome(response: &Response) -> AttemptOutcome {
    let status = response.status();
    if status.is_success() {
        return AttemptOutcome::Taken;
    }
    // Seconds only: a date would need a clock that agrees with ours.
    let asked = response.headers().get(RETRY_AFTER);
    let asked = asked.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    AttemptOutcome::Status(status.as_u16(), asked.map(Duration::from_secs))
}

/// The innermost cause: the outer ones repeat the URL.
fn why(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    if error.source().is_none() {
        return "could not be asked".into();
    }
    up_core::cause::one_line(&without_secrets(&inner.to_string()), 200)
}
