//! Turns the errors of the layers below into a cause for a person, by how far the exchange came.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use http::StatusCode;
use up_core::{CauseCode, phrase};

use super::exchange::Hop;
use super::timing::{self, HopTiming, Phase};
use crate::net::fault::{self, Fault};
use crate::net::tls::cause as tls_cause;
use crate::net::tls::handshake::{self, ClientCertificate};

/// Any error.
type Any = dyn StdError + 'static;

/// The fault for `error`, which occurred at `hop`.
pub(super) fn of(error: &Any, hop: &Hop) -> Fault {
    let record = timing::peek();
    let fault = describe(error, hop, &record);
    with_redirect(fault, hop)
}

/// The fault when the deadline came before the whole response.
pub(super) fn timed_out(hop: &Hop, record: &HopTiming, timeout: Duration) -> Fault {
    let (code, progress) = match record.phase() {
        Phase::Resolve => (
            CauseCode::Dns,
            format!("{} was still being looked up", hop.next_host()),
        ),
        Phase::Connect => (
            CauseCode::Timeout,
            format!("{} did not accept the connection", hop.next_host()),
        ),
        Phase::Tls => (
            CauseCode::Timeout,
            "connected, but the TLS handshake did not end".to_owned(),
        ),
        Phase::FirstByte => (
            CauseCode::Timeout,
            "connected, but no whole head of an answer came".to_owned(),
        ),
        Phase::Body => (
            CauseCode::Timeout,
            format!("the body was still coming, {} so far", bytes(hop.bytes)),
        ),
    };
    let timeout = phrase::seconds(timeout.as_secs_f64()).unwrap_or_else(|| "no time".into());
    let fault = Fault::new(code, format!("no answer within {timeout}: {progress}"));
    with_redirect(fault, hop)
}

/// The fault when the final status is not an expected one.
pub(super) fn unexpected(status: StatusCode, hop: &Hop) -> Fault {
    let text = match status.canonical_reason() {
        Some(reason) => format!("HTTP {} {reason}", status.as_u16()),
        None => format!("HTTP {}", status.as_u16()),
    };
    let text = text + about_client_certificate(status.as_u16(), handshake::peek().client);
    with_redirect(Fault::new(CauseCode::HttpStatus, text), hop)
}

/// A hint to add to an HTTP status with which servers refuse a client certificate or demand one.
fn about_client_certificate(status: u16, client: ClientCertificate) -> &'static str {
    // 495 and 496 are internal to nginx, which sends them as 400.
    match (client, status) {
        (ClientCertificate::Missing, 400 | 401 | 403 | 496) => {
            " (the server asked for a client certificate: name one in client_certificate)"
        }
        (ClientCertificate::Shown, 400 | 495) => {
            " (the server was shown our client certificate: it may not accept it)"
        }
        _ => "",
    }
}

/// The fault when the body is larger than `bound` bytes.
pub(super) fn too_large(bound: u64) -> Fault {
    Fault::new(
        CauseCode::TooLarge,
        format!("the body is larger than {} (max_body)", bytes(bound)),
    )
}

/// Adds the URL to a fault that occurred after a redirect.
fn with_redirect(fault: Fault, hop: &Hop) -> Fault {
    if hop.visited.is_empty() {
        return fault;
    }
    let text = format!(
        "{} (redirected to {})",
        fault.text,
        super::address::shown(&hop.url)
    );
    Fault { text, ..fault }
}

fn describe(error: &Any, hop: &Hop, record: &HopTiming) -> Fault {
    let peer = match record.phase() {
        Phase::Resolve | Phase::Connect => hop.next_host(),
        _ => hop.peer(),
    };
    if let Some(fault) = find::<Fault>(error) {
        return fault.clone();
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        let host = hop.url.host_str().unwrap_or_default();
        return tls_cause::of(tls, &hop.peer(), host, &record.tls);
    }
    if let Some(hyper) = find::<hyper::Error>(error)
        && let Some(fault) = hyper_fault(hyper, hop, record, &peer)
    {
        return fault;
    }
    let Some(io) = find::<io::Error>(error) else {
        if hop.proxied && record.connected.is_none() {
            return proxy_fault(error, hop);
        }
        return Fault::new(CauseCode::Protocol, format!("{peer}: {}", innermost(error)));
    };
    if fault::is_exhaustion(io) {
        return fault::exhausted(io);
    }
    match record.phase() {
        Phase::Tls if io.raw_os_error().is_none() || is_reset(io) => Fault::new(
            CauseCode::Tls,
            format!("{peer} broke off the TLS handshake"),
        ),
        Phase::Body if is_reset(io) => Fault::new(
            CauseCode::Reset,
            format!(
                "{peer} reset the connection after {} of the body",
                bytes(hop.bytes)
            ),
        ),
        // An error without a system's number comes from the decoder, not from the connection.
        Phase::Body if io.raw_os_error().is_none() => Fault::new(
            CauseCode::Body,
            format!(
                "the body's compression is broken or cut short, after {}",
                bytes(hop.bytes)
            ),
        ),
        _ => fault::from_io(io, &peer),
    }
}

/// The fault when the proxy opened no tunnel. (hyper-util reports the reason of a SOCKS failure as
/// text only.)
fn proxy_fault(error: &Any, hop: &Hop) -> Fault {
    if let Some(own) = fault::own_exhaustion() {
        return own;
    }
    let words = innermost(error);
    let refused = ["authorization required", "credentials not accepted"];
    if refused.iter().any(|refusal| words.contains(refusal)) {
        let text = "the proxy refused its user and password".to_owned();
        return Fault::new(CauseCode::Credentials, text);
    }
    let text = format!("the proxy did not connect to {}: {words}", hop.peer());
    Fault::new(CauseCode::Unreachable, text)
}

/// The fault for an error of hyper itself; `None` when hyper only passes on an error of another
/// layer.
fn hyper_fault(error: &hyper::Error, hop: &Hop, record: &HopTiming, peer: &str) -> Option<Fault> {
    // hyper tells the kind of a parse error by its text only.
    let (code, text) = if error.is_parse() && error.to_string().contains("too large") {
        (
            CauseCode::TooLarge,
            "the answer's head is too large, or has too many lines".to_owned(),
        )
    } else if error.is_parse() {
        (
            CauseCode::Protocol,
            format!("{peer} answered with something that is not HTTP: {error}"),
        )
    } else if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        if record.phase() == Phase::Body {
            (CauseCode::Truncated, cut_short(hop))
        } else {
            (
                CauseCode::Reset,
                format!("{peer} closed the connection before the head of an answer was whole"),
            )
        }
    } else if let Some(io) = error
        .source()
        .and_then(<dyn StdError>::downcast_ref::<io::Error>)
    {
        // An I/O error without a system's number comes from hyper: the body's framing is broken.
        if io.raw_os_error().is_some() || record.phase() != Phase::Body || is_reset(io) {
            return None;
        }
        match io.kind() {
            io::ErrorKind::UnexpectedEof => (CauseCode::Truncated, cut_short(hop)),
            _ => (
                CauseCode::Protocol,
                format!("the body breaks HTTP's framing: {}", innermost(error)),
            ),
        }
    } else {
        (CauseCode::Protocol, format!("{peer}: {}", innermost(error)))
    };
    Some(Fault::new(code, text))
}

fn cut_short(hop: &Hop) -> String {
    let received = bytes(hop.bytes);
    match hop.stated_length {
        Some(length) => format!("the body ended after {received} of {}", bytes(length)),
        None => format!("the body ended before it was whole, after {received}"),
    }
}

fn is_reset(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionReset | ConnectionAborted | BrokenPipe
    )
}

/// The chain of errors from `error` to its innermost source.
fn chain(error: &Any) -> impl Iterator<Item = &Any> {
    std::iter::successors(Some(error), |error| source_of(*error))
}

/// The source of `error`. (`source` of an `io::Error` skips the error that it wraps.)
fn source_of(error: &Any) -> Option<&Any> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(held) => Some(held),
        None => error.source(),
    }
}

/// The innermost error of the type `E`.
fn find<E: StdError + 'static>(error: &Any) -> Option<&E> {
    chain(error).filter_map(|error| error.downcast_ref()).last()
}

/// The text of the innermost error.
fn innermost(error: &Any) -> String {
    chain(error)
        .last()
        .map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

/// A number of bytes as text: `1 byte`, `12 bytes`, `16 MiB`.
fn bytes(count: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.iter().find(|(_, unit)| count >= *unit) {
        Some((name, unit)) => {
            let tenths = count * 10 / unit;
            match tenths % 10 {
                0 => format!("{} {name}", tenths / 10),
                tenth => format!("{}.{tenth} {name}", tenths / 10),
            }
        }
        None if count == 1 => "1 byte".to_owned(),
        None => format!("{count} bytes"),
    }
}
