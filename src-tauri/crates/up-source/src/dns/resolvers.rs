//! Queries several resolvers, some of which may be dead, within one deadline.

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

/// An answer, and the resolver that gave it.
#[derive(Debug)]
pub(super) struct ResolverAnswer {
    pub(super) message: Message,
    pub(super) resolver: SocketAddr,
    /// The answer over UDP was truncated, so that the query was repeated over TCP.
    pub(super) retried: bool,
    /// How long this resolver took.
    pub(super) took: Duration,
}

/// Why a resolver's reply is of no use: there is none, or it reports that the resolver itself
/// failed.
struct ResolverFailure {
    fault: Fault,
    answer: Option<ResolverAnswer>,
}

/// The longest silence of a resolver before the next one is queried beside it.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// How long before the deadline the waiting ends, so that the result is there in time.
const SLACK: Duration = Duration::from_millis(5);

/// Queries the resolvers `all` in turn until one gives a usable answer. Each next one is queried
/// when the one before has failed, or has been silent for a share of the time left.
pub(super) async fn query(
    transport: &ResolverTransport,
    all: &[SocketAddr],
    question: &DnsQuestion,
    query: &Query,
    context: &CheckContext,
) -> Result<ResolverAnswer, Fault> {
    let until = context
        .deadline
        .checked_sub(SLACK)
        .unwrap_or(context.deadline);
    let left = until.saturating_duration_since(Instant::now());
    // One share more than resolvers, so that the last one has time to answer, too.
    let shares = u32::try_from(all.len())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    let pause = (left / shares).min(MAX_PAUSE);
    let attempts = all.iter().map(|resolver| {
        // Each attempt records its own TLS handshake, so that no certificate is attributed to
        // another resolver.
        handshake::recorded(query_one(
            transport, *resolver, question, query, context, until,
        ))
    });
    let failures = match staggered(attempts, pause).await {
        Ok(answer) => return Ok(answer),
        Err(failures) => failures,
    };
    combine(failures)
}

/// The result when all resolvers have failed. A single resolver's own answer is passed on if there
/// was one; the errors of several are joined into one text.
fn combine(mut failures: Vec<ResolverFailure>) -> Result<ResolverAnswer, Fault> {
    if failures.len() == 1
        && let Some(failed) = failures.pop()
    {
        return failed.answer.ok_or(failed.fault);
    }
    let code = failures.first().map(|failed| failed.fault.code);
    let code = code.unwrap_or(CauseCode::Internal);
    let texts: Vec<_> = failures
        .into_iter()
        .map(|failed| failed.fault.text)
        .collect();
    Err(Fault::new(code, texts.join("; ")))
}

async fn query_one(
    transport: &ResolverTransport,
    resolver: SocketAddr,
    question: &DnsQuestion,
    query: &Query,
    context: &CheckContext,
    until: Instant,
) -> Result<ResolverAnswer, ResolverFailure> {
    let started = Instant::now();
    let peer = format!("the resolver {resolver}");
    let answered = timeout_at(until, query_whole(transport, resolver, question, until)).await;
    let answered = answered.unwrap_or_else(|_| {
        let within = phrase::seconds(context.timeout.as_secs_f64());
        let within = within.unwrap_or_else(|| "0s".into());
        let text = format!("no answer from {peer} within {within}");
        Err(Fault::new(CauseCode::Timeout, text))
    });
    let (message, retried) = answered.map_err(|fault| ResolverFailure {
        fault,
        answer: None,
    })?;
    let answer = ResolverAnswer {
        resolver,
        retried,
        took: started.elapsed(),
        message,
    };
    match verdict::failure(&answer.message, query, &peer) {
        None => Ok(answer),
        Some(fault) => Err(ResolverFailure {
            fault,
            answer: Some(answer),
        }),
    }
}

/// The whole answer, and whether the query had to be repeated over TCP because the answer over UDP
/// was truncated.
async fn query_whole(
    transport: &ResolverTransport,
    resolver: SocketAddr,
    question: &DnsQuestion,
    until: Instant,
) -> Result<(Message, bool), Fault> {
    let message = transport.query(question, resolver, until).await?;
    if message.metadata.truncation && transport.is_udp() {
        let whole = ResolverTransport::Tcp
            .query(question, resolver, until)
            .await?;
        return Ok((whole, true));
    }
    Ok((message, false))
}
