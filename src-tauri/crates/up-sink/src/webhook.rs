//! `type = "webhook"`: posts each notice to a URL.

mod delivery;
mod retry;
mod sign;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use up_source::{ConfigProblem, Secret, SecretRef};

use crate::alert_receiver::{AlertReceiver, DeliveryOutcome};
use crate::alert_sink::AlertSink;
use crate::configure::{BuildContext, ConfigureSink, SinkRole};
use crate::report::Report;
use crate::template::Template;
use retry::{AttemptOutcome, next};

/// Posts each notice to a URL: as JSON, or in the form of `body`. A notice is what people are
/// notified of: an outage, its recovery and the like. Only `up watch` and `up-tray` send notices; a
/// one-shot check does not.
///
/// ```toml
/// [[sink]]
/// type = "webhook"
/// url = "https://chat.example.com/rooms/7"
/// headers = { Authorization = "Bearer t0k3n" }
/// body = { room = 7, text = "{title}\n{text}" }
/// ```
///
/// A notice that is not accepted (no answer, or status 408, 425, 429 or 5xx) is posted again with
/// growing pauses for a day, in order, also after a restart of Up. A notice that is posted twice
/// has the same `webhook-id` both times.
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// The `http://` or `https://` URL to post to. It may be a secret: Up shows only its host.
    pub url: SecretRef,
    /// Additional headers of the request, by name: `{ Authorization = { env = "HOOK_TOKEN" } }`.
    #[serde(default)]
    pub headers: BTreeMap<String, SecretRef>,
    /// The body to send: a table, which is sent as JSON, or a text. In its texts, the fields
    /// `{title}`, `{text}`, `{kind}`, `{urgency}`, `{priority}` (2, 4 or 5 of 5), `{path}`,
    /// `{cause}`, `{count}`, `{since}`, `{date}`, `{id}`, `{agent}` and `{mood}` are replaced by
    /// their values. A text that consists of one numeric field becomes a number:
    /// `{ topic = "shop", message = "{text}", priority = "{priority}" }`. Default: the whole notice
    /// as JSON.
    #[schemars(with = "Option<BodySchema>")]
    pub body: Option<Value>,
    /// The key that signs each notice by the Standard Webhooks specification (HMAC-SHA256 in the
    /// headers `webhook-id`, `webhook-timestamp` and `webhook-signature`): `"whsec_c2VjcmV0"`.
    /// Default: notices are not signed.
    pub secret: Option<SecretRef>,
}

up_core::opaque_debug!(WebhookConfig);

/// The schema of `body` in the JSON schema of up.toml.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum BodySchema {
    Text(String),
    Table(BTreeMap<String, Value>),
}

/// The receiver that posts notices to the URL.
#[derive(Clone)]
struct Webhook {
    url: Secret,
    headers: HeaderMap,
    body: Option<Template>,
    secret: Option<Secret>,
    /// The scheme and host of the URL.
    shown: String,
    client: Client,
}

impl PartialEq for Webhook {
    fn eq(&self, other: &Self) -> bool {
        let parts = |hook: &Self| (hook.url.clone(), hook.headers.clone(), hook.secret.clone());
        parts(self) == parts(other) && self.body == other.body
    }
}

impl ConfigureSink for WebhookConfig {
    fn build(
        &self,
        kind: &'static str,
        context: &BuildContext<'_>,
    ) -> Result<SinkRole, ConfigProblem> {
        let secrets = context.secrets;
        let read = |key, at| secrets.read(at).map_err(|why| ConfigProblem::new(key, why));
        let url = read("url", &self.url)?;
        let shown = shown(&url)?;
        let mut headers = HeaderMap::new();
        for (name, at) in &self.headers {
            let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                ConfigProblem::new("headers", format!("{name:?} is no header's name"))
            })?;
            let value = HeaderValue::from_str(read("headers", at)?.reveal()).map_err(|_| {
                let message = format!("the value of {name} has characters that no header may have");
                ConfigProblem::new("headers", message)
            })?;
            headers.insert(key, value);
        }
        let body = self.body.as_ref().map(|body| match body {
            Value::String(_) | Value::Object(_) => {
                Template::read(body).map_err(|why| ConfigProblem::new("body", why))
            }
            _ => Err(ConfigProblem::new("body", "a body is a text or a table")),
        });
        let secret = self
            .secret
            .as_ref()
            .map(|at| read("secret", at))
            .transpose()?;
        if secret
            .as_ref()
            .is_some_and(|secret| secret.reveal().is_empty())
        {
            return Err(ConfigProblem::new(
                "secret",
                "an empty secret signs nothing",
            ));
        }
        let tls = context
            .tls
            .https_settings()
            .map_err(|why| ConfigProblem::new("url", why))?;
        let client = delivery::client(&*tls).map_err(|why| ConfigProblem::new("url", why))?;
        let webhook = Webhook {
            url,
            headers,
            body: body.transpose()?,
            secret,
            shown,
            client,
        };
        Ok(SinkRole::Alert(AlertSink::new(kind, webhook)))
    }
}

/// The scheme and host of a URL. The path is left out: many services have a secret in it.
fn shown(url: &Secret) -> Result<String, ConfigProblem> {
    let help = "write an http:// or https:// URL";
    let no_url = || ConfigProblem::new("url", "this is no URL that a webhook can have").help(help);
    let parsed = Url::parse(url.reveal()).map_err(|_| no_url())?;
    let host = parsed.host_str().ok_or_else(no_url)?;
    let port = parsed
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    match parsed.scheme() {
        "http" | "https" => Ok(format!("{}://{host}{port}", parsed.scheme())),
        // The text before the colon may be part of a secret instead of a scheme, so it is not
        // shown.
        _ => Err(no_url()),
    }
}

impl Webhook {
    async fn post(&self, report: &Report) -> AttemptOutcome {
        let json = report.json();
        let body = self
            .body
            .as_ref()
            .map_or_else(|| json.clone(), |body| body.fill(&json));
        let (kind, bytes) = match (&self.body, body) {
            (Some(Template::Text(_)), Value::String(text)) => ("text/plain; charset=utf-8", text),
            (_, value) => ("application/json", value.to_string()),
        };
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        let id = report.unique();
        let mut own = Vec::new();
        if let Some(secret) = &self.secret {
            let at = seconds();
            let signature = sign::signature(secret.reveal(), &id, at, bytes.as_bytes());
            own.push(("webhook-timestamp", at.to_string()));
            own.push(("webhook-signature", signature));
        }
        // Unsigned notices have the id too, so that a receiver can recognize a repeated one.
        own.push(("webhook-id", id));
        for (name, value) in own {
            // The values are digits, letters and base64 characters, which every header accepts.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        headers.extend(self.headers.clone());
        let request = self
            .client
            .post(self.url.reveal())
            .headers(headers)
            .body(bytes);
        delivery::deliver(request).await
    }
}

impl AlertReceiver for Webhook {
    fn shown(&self) -> &str {
        &self.shown
    }

    fn key(&self) -> String {
        format!("{} {:?}", self.url.reveal(), self.body)
    }

    fn deliver<'a>(
        &'a self,
        report: &'a Report,
        attempts: u32,
        age: Duration,
    ) -> BoxFuture<'a, DeliveryOutcome> {
        Box::pin(async move { next(self.post(report).await, attempts, age) })
    }
}

fn seconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.as_secs())
}
