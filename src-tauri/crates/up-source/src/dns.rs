//! `type = "dns"`: one question to a resolver, and what it answers.
//!
//! - `config`: its keys
//! - `question`: what goes out, with EDNS and without
//! - `resolvers`: several are asked; `exchange`: one is, over UDP, TCP or TLS; `over_https`: over
//!   HTTPS
//! - `verdict`: what an answer says; `form`: how answers are compared, and shown
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
use up_core::guard::{Proof, Reach};
use up_core::{Answer, CauseCode, Detail, Value, phrase};

pub(crate) use alive::resolver_answers;
pub use config::{DnsConfig, DnsRecord, DnsTransport};

use crate::http::timing;
use crate::net::fault::Fault;
use crate::net::names::Names;
use crate::{Probe, Source};
use form::Expected;
use question::Question;
use resolvers::Heard;

#[derive(Debug)]
struct DnsSource {
    names: Arc<Names>,
    query: Query,
    /// Whom to ask; the system's when `None`, found out anew each time.
    resolver: Option<(Box<str>, u16)>,
    way: Way,
    expected: Option<Box<[Expected]>>,
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
    /// Who is asked first.
    resolver: Option<SocketAddr>,
    /// Who answered, and how.
    heard: Option<Heard>,
    /// The same of a resolver with a URL: the answer, and what HTTPS has to tell.
    message: Option<Message>,
    web: Option<Detail>,
}

impl Progress {
    fn message(&self) -> Option<&Message> {
        let heard = self.heard.as_ref().map(|heard| &heard.message);
        heard.or(self.message.as_ref())
    }
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
                Ok(Ok(())) => progress.message().map_or_else(Answer::up, |message| {
                    let expected = self.expected.as_deref();
                    verdict::of(message, &self.query, expected, self.dnssec)
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
        let question = Question::new(self.query.clone(), self.dnssec);
        let way = match &self.way {
            Way::Plain(way) => way,
            Way::Https(resolver) => {
                let outcome = resolver.ask(question, probe).await;
                progress.web = Some(outcome.detail);
                progress.message = Some(outcome.result?);
                return Ok(());
            }
        };
        let all = match &self.resolver {
            Some((host, port)) => self.names.addresses(host, *port, None).await?,
            None => config::system_resolvers()?,
        };
        progress.resolver = all.first().copied();
        if all.is_empty() {
            let text = "this system names no resolver: set `resolver`";
            return Err(Fault::new(CauseCode::Resource, text));
        }
        progress.heard = Some(resolvers::ask(way, &all, &question, &self.query, probe).await?);
        Ok(())
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
        const LONGEST: usize = 500;
        let mut detail = Detail::new();
        if let Some(message) = progress.message() {
            let answers = verdict::answers(message, self.query.query_type());
            let answers = answers.iter().take(MOST);
            let answers = answers.map(|found| found.shown(LONGEST).into()).collect();
            detail.put("answers", Value::List(answers));
            let ttl = message.answers.iter().map(|record| record.ttl).min();
            if let Some(ttl) = ttl {
                detail.put("ttl", ttl);
            }
            if self.dnssec {
                detail.put("authenticated", message.metadata.authentic_data);
            }
        }
        let heard = progress.heard.as_ref();
        let resolver = heard.map(|heard| heard.resolver).or(progress.resolver);
        match (&self.way, resolver) {
            (Way::Plain(way), Some(resolver)) => {
                detail.put("resolver", resolver.to_string());
                let retried = heard.is_some_and(|heard| heard.retried);
                detail.put("transport", if retried { "tcp" } else { way.name() });
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
        if let Some(heard) = heard {
            let mut parts = Detail::new();
            parts.put("query", heard.took.as_secs_f64());
            detail.put("timing", parts);
        }
        detail
    }
}
