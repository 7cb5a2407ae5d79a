//! `type = "dns"`: one question to a resolver, and what it answers.
//!
//! - `config`: its keys
//! - `exchange`: the question's way there and back, over UDP, TCP or TLS; `over_https`: over HTTPS
//! - `verdict`: what an answer says

mod alive;
mod config;
mod exchange;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod over_https;
mod verdict;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use hickory_proto::op::{Edns, Message, Query};
use tokio::time::timeout_at;
use up_core::guard::{Proof, Reach};
use up_core::{Answer, CauseCode, Detail, Value, phrase};

pub(crate) use alive::resolver_answers;
pub use config::{DnsConfig, DnsRecord, DnsTransport};

use crate::http::timing;
use crate::net::fault::Fault;
use crate::net::names::Names;
use crate::{Probe, Source};

#[derive(Debug)]
struct DnsSource {
    names: Arc<Names>,
    question: Query,
    /// Whom to ask; the system's when `None`, found out anew each time.
    resolver: Option<(Box<str>, u16)>,
    way: Way,
    expected: Option<Box<[String]>>,
    dnssec: bool,
}

/// How to ask.
#[derive(Debug)]
enum Way {
    /// Packet by packet.
    Plain(exchange::Way),
    /// By its URL.
    Https(Box<over_https::Resolver>),
}

/// How far it came.
#[derive(Default)]
struct Progress {
    resolver: Option<SocketAddr>,
    asked: Option<Instant>,
    answered: Option<Instant>,
    /// The UDP answer did not hold all, so TCP was used.
    retried: bool,
    message: Option<Message>,
    /// What HTTPS has to tell.
    web: Option<Detail>,
}

impl Source for DnsSource {
    fn reach(&self) -> Reach {
        match (&self.way, &self.resolver) {
            (Way::Https(resolver), _) => resolver.reach(),
            (Way::Plain(_), Some((host, _))) => Reach::to(host, Proof::Answer),
            // A resolver on this machine asks another, and may well answer from memory.
            (Way::Plain(_), None) => Reach::Unknown,
        }
    }

    fn check<'a>(&'a self, probe: &'a Probe) -> BoxFuture<'a, Answer> {
        Box::pin(timing::recorded(async move {
            let mut progress = Progress::default();
            let answer = match timeout_at(probe.deadline, self.ask(&mut progress, probe)).await {
                Ok(Ok(())) => progress
                    .message
                    .as_ref()
                    .map_or_else(Answer::up, |message| {
                        verdict::of(
                            message,
                            &self.question,
                            self.expected.as_deref(),
                            self.dnssec,
                        )
                    }),
                Ok(Err(fault)) => fault.answer(),
                Err(_) => self.late(&progress, probe).answer(),
            };
            answer.with_detail(self.detail(&progress))
        }))
    }
}

impl DnsSource {
    async fn ask(&self, progress: &mut Progress, probe: &Probe) -> Result<(), Fault> {
        let way = match &self.way {
            Way::Plain(way) => way,
            Way::Https(resolver) => {
                let outcome = resolver.ask(self.query(), probe).await;
                progress.web = Some(outcome.detail);
                progress.message = Some(outcome.result?);
                return Ok(());
            }
        };
        let resolver = match &self.resolver {
            Some((host, port)) => {
                let found = self.names.addresses(host, *port, None).await?;
                found.first().copied()
            }
            None => config::system_resolver()?,
        };
        let resolver = resolver.ok_or_else(|| {
            let text = "this system names no resolver: set `resolver`";
            Fault::new(CauseCode::Resource, text)
        })?;
        progress.resolver = Some(resolver);
        progress.asked = Some(Instant::now());
        let mut message = way.ask(self.query(), resolver).await?;
        if message.metadata.truncation && way.is_udp() {
            progress.retried = true;
            message = exchange::Way::Tcp.ask(self.query(), resolver).await?;
        }
        progress.answered = Some(Instant::now());
        progress.message = Some(message);
        Ok(())
    }

    /// The question, with an id that no one off the path can guess.
    fn query(&self) -> Message {
        /// What passes unfragmented nearly everywhere (DNS flag day 2020).
        const UDP_PAYLOAD: u16 = 1232;
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        // Asks for the flag in the answer (RFC 6840, section 5.7).
        message.metadata.authentic_data = self.dnssec;
        message.add_query(self.question.clone());
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD);
        edns.set_dnssec_ok(self.dnssec);
        message.set_edns(edns);
        message
    }

    fn late(&self, progress: &Progress, probe: &Probe) -> Fault {
        let within = phrase::seconds(probe.timeout.as_secs_f64()).unwrap_or_else(|| "0s".into());
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

    fn detail(&self, progress: &Progress) -> Detail {
        const MOST: usize = 20;
        let mut detail = Detail::new();
        if let Some(message) = &progress.message {
            let answers = verdict::answers(message, self.question.query_type());
            let answers = answers.into_iter().take(MOST).map(Value::from).collect();
            detail.put("answers", Value::List(answers));
            let ttl = message.answers.iter().map(|record| record.ttl).min();
            if let Some(ttl) = ttl {
                detail.put("ttl", ttl);
            }
            if self.dnssec {
                detail.put("authenticated", message.metadata.authentic_data);
            }
        }
        match (&self.way, progress.resolver) {
            (Way::Plain(way), Some(resolver)) => {
                detail.put("resolver", resolver.to_string());
                let transport = if progress.retried { "tcp" } else { way.name() };
                detail.put("transport", transport);
            }
            (Way::Plain(_), None) => {}
            (Way::Https(resolver), _) => {
                detail.put("resolver", resolver.shown());
                detail.put("transport", "https");
                for name in ["status", "version", "remote", "timing"] {
                    if let Some(value) = progress.web.as_ref().and_then(|web| web.get(name)) {
                        detail.put(name, value.clone());
                    }
                }
            }
        }
        if let (Some(asked), Some(answered)) = (progress.asked, progress.answered) {
            let mut parts = Detail::new();
            parts.put("query", (answered - asked).as_secs_f64());
            detail.put("timing", parts);
        }
        detail
    }
}
