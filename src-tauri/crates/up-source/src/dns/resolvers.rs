//! Asking several resolvers, of which one may be dead, within one deadline.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_proto::op::{Message, Query};
use tokio::time::{Instant, timeout_at};
use up_core::{CauseCode, phrase};

use super::exchange::ResolverTransport;
use super::question::DnsQuestion;
use super::verdict;
use crate::CheckContext;
use crate::net::fault::Fault;
use crate::net::stagger::staggered;
use crate::net::tls::handshake;

/// An answer, and whose it is.
#[derive(Debug)]
pub(super) struct ResolverAnswer {
    pub(super) message: Message,
    pub(super) resolver: SocketAddr,
    /// The UDP answer did not hold all, so TCP was used.
    pub(super) retried: bool,
    /// How long it took this resolver.
    pub(super) took: Duration,
}

/// Why a resolver is no help: it told no answer, or the answer is that it cannot tell.
struct ResolverFailure {
    fault: Fault,
    heard: Option<ResolverAnswer>,
}

/// So long a resolver may keep silent at most before the next is asked beside it.
const PAUSE: Duration = Duration::from_secs(1);

/// So long before the deadline the waiting ends, for the answer to be in time.
const SLACK: Duration = Duration::from_millis(5);

/// Asks `all` of them, one after the other, until one tells what there is.
pub(super) async fn query(
    way: &ResolverTransport,
    all: &[SocketAddr],
    question: &DnsQuestion,
    query: &Query,
    probe: &CheckContext,
) -> Result<ResolverAnswer, Fault> {
    let until = probe.deadline.checked_sub(SLACK).unwrap_or(probe.deadline);
    let left = until.saturating_duration_since(Instant::now());
    // Each has its share, and so has the last.
    let shares = u32::try_from(all.len())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    let pause = (left / shares).min(PAUSE);
    let attempts = all.iter().map(|resolver| {
        // Each has a record of its own, so that no one's certificate is told of another.
        handshake::recorded(ask_one(way, *resolver, question, query, probe, until))
    });
    let failures = match staggered(attempts, pause).await {
        Ok(heard) => return Ok(heard),
        Err(failures) => failures,
    };
    told(failures)
}

/// What is told when all have failed: of one, its answer, if there was any; of several, each.
fn told(mut failures: Vec<ResolverFailure>) -> Result<ResolverAnswer, Fault> {
    if failures.len() == 1
        && let Some(failed) = failures.pop()
    {
        return failed.heard.ok_or(failed.fault);
    }
    let code = failures.first().map(|failed| failed.fault.code);
    let code = code.unwrap_or(CauseCode::Internal);
    let texts: Vec<_> = failures
        .into_iter()
        .map(|failed| failed.fault.text)
        .collect();
    Err(Fault::new(code, texts.join("; ")))
}

async fn ask_one(
    way: &ResolverTransport,
    resolver: SocketAddr,
    question: &DnsQuestion,
    query: &Query,
    probe: &CheckContext,
    until: Instant,
) -> Result<ResolverAnswer, ResolverFailure> {
    let asked = Instant::now();
    let peer = format!("the resolver {resolver}");
    let answered = timeout_at(until, ask_whole(way, resolver, question, until)).await;
    let answered = answered.unwrap_or_else(|_| {
        let within = phrase::seconds(probe.timeout.as_secs_f64());
        let within = within.unwrap_or_else(|| "0s".into());
        let text = format!("no answer from {peer} within {within}");
        Err(Fault::new(CauseCode::Timeout, text))
    });
    let (message, retried) = answered.map_err(|fault| ResolverFailure { fault, heard: None })?;
    let heard = ResolverAnswer {
        resolver,
        retried,
        took: asked.elapsed(),
        message,
    };
    match verdict::failure(&heard.message, query, &peer) {
        None => Ok(heard),
        Some(fault) => Err(ResolverFailure {
            fault,
            heard: Some(heard),
        }),
    }
}

/// The answer, and whether it had to be asked for again over TCP to be whole.
async fn ask_whole(
    way: &ResolverTransport,
    resolver: SocketAddr,
    question: &DnsQuestion,
    until: Instant,
) -> Result<(Message, bool), Fault> {
    let message = way.query(question, resolver, until).await?;
    if message.metadata.truncation && way.is_udp() {
        let whole = ResolverTransport::Tcp
            .query(question, resolver, until)
            .await?;
        return Ok((whole, true));
    }
    Ok((message, false))
}
