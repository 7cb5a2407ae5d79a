//! `type = "dns"`: one query to a resolver, and the check of its answer.
//!
//! - `config`: the keys of up.toml
//! - `question`: the query message, with EDNS and without
//! - `resolvers`: queries several resolvers in turn; `exchange`: one of them over UDP, TCP or TLS;
//!   `over_https`: over HTTPS
//! - `verdict`: the check result that an answer gives; `form`: how answers are compared and shown
//! - `alive`: whether the system's resolvers answer

mod alive;
mod config;
mod exchange;
mod form;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod over_https;
mod question;
mod resolvers;
mod verdict;

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use hickory_proto::op::{Message, Query};
use tokio::time::timeout_at;
use up_core::connectivity::{Proof, Reach};
use up_core::{CauseCode, CheckResult, Detail, Value, phrase};

pub(crate) use alive::resolver_answers;
pub use config::{DnsConfig, DnsRecord, DnsTransport};

use crate::net::fault::Fault;
use crate::net::names::NameResolver;
use crate::net::tls::handshake;
use crate::{CheckContext, Source};
use form::ExpectedAnswer;
use question::DnsQuestion;
use resolvers::ResolverAnswer;

#[derive(Debug)]
struct DnsSource {
    names: Arc<NameResolver>,
    query: Query,
    /// The host and port of the resolver. `None` means the system's resolvers, which are read anew
    /// at each check.
    resolver: Option<(Box<str>, u16)>,
    transport: ResolverChoice,
    expected: Option<Box<[ExpectedAnswer]>>,
    dnssec: bool,
}

/// How the resolver is reached.
#[derive(Debug)]
enum ResolverChoice {
    /// By DNS messages over UDP, TCP or TLS.
    Plain(exchange::ResolverTransport),
    /// By DNS over HTTPS, at the resolver's URL.
    Https(Box<over_https::Resolver>),
}

/// How far a check came, for its detail and the text of a timeout.
#[derive(Default)]
struct DnsProgress {
    /// The resolver that is queried first.
    resolver: Option<SocketAddr>,
    /// The answer over UDP, TCP or TLS, with the resolver that gave it.
    answer: Option<ResolverAnswer>,
    /// The answer over HTTPS, and the detail of the HTTP exchange.
    https_answer: Option<Message>,
    https_detail: Option<Detail>,
}

impl DnsProgress {
    fn message(&self) -> Option<&Message> {
        let answer = self.answer.as_ref().map(|answer| &answer.message);
        answer.or(self.https_answer.as_ref())
    }
}

impl Source for DnsSource {
    fn reach(&self) -> Reach {
        match (&self.transport, &self.resolver) {
            (ResolverChoice::Https(resolver), _) => resolver.reach(),
            (ResolverChoice::Plain(_), Some((host, _))) => Reach::to(host, Proof::Answer),
            // A resolver on this machine asks another one, and may answer from its cache.
            (ResolverChoice::Plain(_), None) => Reach::Unknown,
        }
    }

    fn check<'a>(&'a self, context: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        Box::pin(handshake::recorded(async move {
            let mut progress = DnsProgress::default();
            let answer =
                match timeout_at(context.deadline, self.query(&mut progress, context)).await {
                    Ok(Ok(())) => progress.message().map_or_else(CheckResult::up, |message| {
                        let expected = self.expected.as_deref();
                        verdict::result(message, &self.query, expected, self.dnssec)
                    }),
                    Ok(Err(fault)) => fault.check_result(),
                    Err(_) => self.timeout_fault(&progress, context).check_result(),
                };
            answer.with_detail(self.detail(&progress))
        }))
    }
}

impl DnsSource {
    async fn query(&self, progress: &mut DnsProgress, context: &CheckContext) -> Result<(), Fault> {
        let question = DnsQuestion::new(self.query.clone(), self.dnssec);
        let transport = match &self.transport {
            ResolverChoice::Plain(transport) => transport,
            ResolverChoice::Https(resolver) => {
                let outcome = resolver.query(question, context).await;
                progress.https_detail = Some(outcome.detail);
                progress.https_answer = Some(outcome.result?);
                return Ok(());
            }
        };
        let all = match &self.resolver {
            Some((host, port)) => self.names.addresses(host, *port, None).await?,
            None => config::system_resolvers()?,
        };
        progress.resolver = all.first().copied();
        if all.is_empty() {
            let text = "this system has no resolver configured: set `resolver`";
            return Err(Fault::new(CauseCode::Resource, text));
        }
        progress.answer =
            Some(resolvers::query(transport, &all, &question, &self.query, context).await?);
        Ok(())
    }

    fn timeout_fault(&self, progress: &DnsProgress, context: &CheckContext) -> Fault {
        let within = phrase::seconds(context.timeout.as_secs_f64()).unwrap_or_else(|| "0s".into());
        match (progress.resolver, &self.resolver) {
            (Some(resolver), _) => Fault::new(
                CauseCode::Timeout,
                format!("no answer from the resolver {resolver} within {within}"),
            ),
            (None, Some((host, _))) => Fault::new(
                CauseCode::Dns,
                format!("no answer within {within}: {host} was still being looked up"),
            ),
            (None, None) => Fault::new(CauseCode::Timeout, format!("no answer within {within}")),
        }
    }

    fn detail(&self, progress: &DnsProgress) -> Detail {
        const MAX_ANSWERS: usize = 20;
        const MAX_ANSWER_LENGTH: usize = 500;
        let mut detail = Detail::new();
        if let Some(message) = progress.message() {
            let answers = verdict::answers(message, self.query.query_type());
            let answers = answers.iter().take(MAX_ANSWERS);
            let answers = answers
                .map(|found| found.shown(MAX_ANSWER_LENGTH).into())
                .collect();
            detail.put("answers", Value::List(answers));
            let ttl = message.answers.iter().map(|record| record.ttl).min();
            if let Some(ttl) = ttl {
                detail.put("ttl", ttl);
            }
            if self.dnssec {
                detail.put("authenticated", message.metadata.authentic_data);
            }
        }
        let answer = progress.answer.as_ref();
        let resolver = answer.map(|answer| answer.resolver).or(progress.resolver);
        match (&self.transport, resolver) {
            (ResolverChoice::Plain(transport), Some(resolver)) => {
                detail.put("resolver", resolver.to_string());
                let retried = answer.is_some_and(|answer| answer.retried);
                detail.put("transport", if retried { "tcp" } else { transport.name() });
            }
            (ResolverChoice::Plain(_), None) => {}
            (ResolverChoice::Https(resolver), _) => {
                detail.put("resolver", resolver.shown());
                detail.put("transport", "https");
                for name in ["status", "version", "remote", "timing"] {
                    if let Some(value) = progress
                        .https_detail
                        .as_ref()
                        .and_then(|https| https.get(name))
                    {
                        detail.put(name, value.clone());
                    }
                }
            }
        }
        if let Some(answer) = answer {
            let mut parts = Detail::new();
            parts.put("query", answer.took.as_secs_f64());
            detail.put("timing", parts);
        }
        detail
    }
}
