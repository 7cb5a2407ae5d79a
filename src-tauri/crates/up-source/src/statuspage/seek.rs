//! Finding a page's JSON, and asking for it no more often than needed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::{ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use serde_json::Value;
use tokio::time::Instant;
use up_core::connectivity::{Proof, Reach};
use up_core::{CauseCode, CheckResult, Detail};
use url::Url;

use super::provider::{Provider, is_place, places};
use super::report::{PageReport, PageScope};
use crate::http::{BodyUse, ExchangeRequest, shown};
use crate::net::fault::Fault;
use crate::text::DecodedText;
use crate::{CheckContext, Source};

/// A page is not asked again sooner than this.
const MINUTE: Duration = Duration::from_mins(1);

/// The longest `ETag` that is sent back.
const MAX_ETAG: usize = 1024;

/// A status page.
#[derive(Debug)]
pub(super) struct StatusPage {
    question: ExchangeRequest,
    provider: Option<Provider>,
    wanted: PageScope,
    /// Locked for moments only, never across an await: a source is not asked twice at once, but
    /// may be called off between two.
    memory: Mutex<Memory>,
}

/// What is remembered of earlier askings.
#[derive(Debug, Default)]
struct Memory {
    found: Option<FoundPage>,
    /// When it was last asked and answered, and what came of it.
    last: Option<(Instant, CheckResult)>,
}

impl Memory {
    /// The last answer, while it is too soon to ask again.
    fn recent(&self, now: Instant) -> Option<CheckResult> {
        let (asked, answer) = self.last.as_ref()?;
        let rest = MINUTE.checked_sub(now.saturating_duration_since(*asked));
        rest.filter(|rest| !rest.is_zero()).map(|rest| CheckResult {
            rest: Some(rest),
            echo: true,
            ..answer.clone()
        })
    }
}

/// Where a page's JSON was found.
#[derive(Clone)]
struct FoundPage {
    url: Url,
    provider: Provider,
    etag: Option<HeaderValue>,
    /// What it said: the answer to 304, which says that nothing changed.
    said: CheckResult,
}

up_core::opaque_debug!(FoundPage);

/// What asking one place brought.
enum SeekOutcome {
    /// What the page says.
    Said(Box<FoundPage>, Detail),
    /// Nothing to read here: the JSON may be at another place.
    Elsewhere(Fault, Detail),
    /// This ends the search: the page does not answer, or not as it should.
    Failed(Fault, Detail),
}

impl StatusPage {
    pub(super) fn new(
        question: ExchangeRequest,
        provider: Option<Provider>,
        wanted: PageScope,
    ) -> Self {
        Self {
            question,
            provider,
            wanted,
            memory: Mutex::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the JSON may be, in the order in which to ask.
    fn candidates(&self) -> Vec<Url> {
        let given = &self.question.url;
        if is_place(given.path()) || self.provider == Some(Provider::StatusIo) {
            return vec![given.clone()];
        }
        let base = given.path().trim_end_matches('/');
        let below = places(self.provider, self.wanted != PageScope::Whole);
        let mut urls: Vec<Url> = below
            .into_iter()
            .map(|path| {
                let mut url = given.clone();
                url.set_path(&format!("{base}{path}"));
                url
            })
            .collect();
        // A bare host answers with HTML, mostly; something longer may well be the JSON itself.
        let at = if base.is_empty() { urls.len() } else { 0 };
        urls.insert(at, given.clone());
        urls
    }

    async fn seek(&self, probe: &CheckContext) -> CheckResult {
        let known = self.memory().found.clone();
        let urls = match &known {
            Some(found) => vec![found.url.clone()],
            None => self.candidates(),
        };
        let mut first: Option<(Fault, Detail)> = None;
        for url in urls {
            match self.fetch(url, known.as_ref(), probe).await {
                SeekOutcome::Said(found, mut detail) => {
                    detail.put("provider", found.provider.name());
                    let answer = rested(with(found.said.clone(), detail));
                    let mut memory = self.memory();
                    memory.found = Some(*found);
                    memory.last = Some((Instant::now(), answer.clone()));
                    return answer;
                }
                SeekOutcome::Elsewhere(fault, detail) => {
                    // A place that answered with something tells more than one that is not there.
                    let better = fault.code == CauseCode::Body
                        && first
                            .as_ref()
                            .is_some_and(|(f, _)| f.code == CauseCode::HttpStatus);
                    if first.is_none() || better {
                        first = Some((fault, detail));
                    }
                }
                SeekOutcome::Failed(fault, detail) => {
                    first = Some((fault, detail));
                    break;
                }
            }
        }
        let Some((fault, detail)) = first else {
            return CheckResult::unknown(CauseCode::Internal, "there was no place to ask");
        };
        let answer = told(&fault).with_detail(detail);
        let (CauseCode::HttpStatus | CauseCode::Body | CauseCode::TooLarge) = fault.code else {
            return answer;
        };
        // It answered, so it is left alone for a while; then it is looked for anew.
        let answer = rested(answer);
        let mut memory = self.memory();
        memory.found = None;
        memory.last = Some((Instant::now(), answer.clone()));
        answer
    }

    async fn fetch(
        &self,
        url: Url,
        known: Option<&FoundPage>,
        probe: &CheckContext,
    ) -> SeekOutcome {
        let is_given = url == self.question.url;
        let mut question = self.question.at(url.clone());
        if let Some(etag) = known.and_then(|found| found.etag.clone()) {
            question.headers.insert(IF_NONE_MATCH, etag);
            let not_modified = StatusCode::NOT_MODIFIED.as_u16();
            question.statuses = Box::new([200..=299, not_modified..=not_modified]);
        }
        let outcome = question.send(probe, BodyUse::Body).await;
        let (status, detail) = (outcome.status, outcome.detail);
        let body = match outcome.result {
            Ok(body) => body,
            Err(fault) if fault.code == CauseCode::HttpStatus && is_absent(status) => {
                return SeekOutcome::Elsewhere(fault, detail);
            }
            // The page itself may be as large as it likes, but then it is not the JSON.
            Err(fault) if fault.code == CauseCode::TooLarge && is_given => {
                return SeekOutcome::Elsewhere(fault, detail);
            }
            Err(fault) => return SeekOutcome::Failed(fault, detail),
        };
        if status == Some(StatusCode::NOT_MODIFIED)
            && let Some(found) = known
        {
            return SeekOutcome::Said(Box::new(found.clone()), detail);
        }
        let named = known.map(|found| found.provider).or(self.provider);
        match read(&body, &outcome.headers, named) {
            Some((provider, report)) => {
                let etag = outcome.headers.get(ETAG);
                let found = FoundPage {
                    url,
                    provider,
                    // A copy: the header itself would keep all that was read with it.
                    etag: etag
                        .filter(|etag| etag.len() <= MAX_ETAG)
                        .and_then(|etag| HeaderValue::from_bytes(etag.as_bytes()).ok()),
                    said: report.answer(&self.wanted),
                };
                SeekOutcome::Said(Box::new(found), detail)
            }
            None => SeekOutcome::Elsewhere(unread(&url, named), detail),
        }
    }
}

impl Source for StatusPage {
    fn reach(&self) -> Reach {
        // What was heard less than a minute ago is told again.
        match self.question.reach() {
            Reach::Host { host, .. } => Reach::Host {
                host,
                proof: Proof::Nothing,
            },
            other => other,
        }
    }

    fn check<'a>(&'a self, probe: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        Box::pin(async move {
            let recent = self.memory().recent(Instant::now());
            match recent {
                Some(answer) => answer,
                None => self.seek(probe).await,
            }
        })
    }
}

/// The most values of a page that is read; those of the largest known pages are a tenth of it.
const MOST_VALUES: usize = 150_000;

/// What a body says: read as the named provider's, or as that of whoever it looks like.
pub(super) fn read(
    body: &[u8],
    headers: &HeaderMap,
    named: Option<Provider>,
) -> Option<(Provider, PageReport)> {
    // Before they are made: each takes a hundred bytes, of which two in the body are enough.
    let values = body
        .iter()
        .filter(|byte| matches!(byte, b',' | b'[' | b'{'));
    if values.count() > MOST_VALUES {
        return None;
    }
    let text = DecodedText::read(body, headers);
    let body: Value = match text.plain() {
        Some(json) => serde_json::from_str(json).ok()?,
        None => serde_json::from_reader(text.reader()).ok()?,
    };
    match named {
        Some(provider) => Some((provider, provider.read(&body)?)),
        None => Provider::detect(&body),
    }
}

fn unread(url: &Url, named: Option<Provider>) -> Fault {
    let whose = named.map_or(String::new(), |provider| format!(" of {}", provider.name()));
    let text = format!("{} is not a status page's JSON{whose}", shown(url));
    Fault::new(CauseCode::Body, text)
}

/// True of statuses that say: not here. Too many requests, or a server in trouble, do not.
fn is_absent(status: Option<StatusCode>) -> bool {
    status.is_some_and(|status| status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS)
}

/// A page that is there, but cannot be read, tells nothing of the service.
fn told(fault: &Fault) -> CheckResult {
    match fault.code {
        CauseCode::Body | CauseCode::TooLarge => CheckResult::unknown(fault.code, &fault.text),
        _ => fault.answer(),
    }
}

/// An answer after which the page is left alone.
fn rested(answer: CheckResult) -> CheckResult {
    CheckResult {
        rest: Some(MINUTE),
        ..answer
    }
}

/// The answer with what the page told put behind what the exchange did.
fn with(said: CheckResult, mut detail: Detail) -> CheckResult {
    for (name, value) in said.detail.iter() {
        detail.put(name.to_owned(), value.clone());
    }
    said.with_detail(detail)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;
    use crate::http::HttpConfig;
    use crate::{PlainSecrets, Shared};

    /// Answers each of `answers` to one request, and gives back the requests.
    fn serve(answers: &'static [&'static str]) -> (String, std::thread::JoinHandle<Vec<String>>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let served = std::thread::spawn(move || {
            let serve = |answer: &&str| {
                let (mut stream, _) = listener.accept().expect("a connection");
                let (mut request, mut byte) = (Vec::new(), [0]);
                while !request.ends_with(b"\r\n\r\n") {
                    stream.read_exact(&mut byte).expect("a request");
                    request.push(byte[0]);
                }
                stream.write_all(answer.as_bytes()).expect("sent");
                String::from_utf8(request).expect("a head of text")
            };
            answers.iter().map(serve).collect()
        });
        (format!("http://{address}/"), served)
    }

    #[tokio::test]
    async fn a_page_that_did_not_change_says_the_same_again() {
        const SAID: &str = "HTTP/1.1 200 OK\r\netag: W/\"7\"\r\ncontent-length: 32\r\n\r\n\
            {\"status\":{\"indicator\":\"minor\"}}";
        const SAME: &str = "HTTP/1.1 304 Not Modified\r\n\r\n";
        const GONE: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
        let (url, served) = serve(&[SAID, SAME, GONE]);
        let shared = Shared::new(&PlainSecrets);
        let question = HttpConfig::new(url).question(&shared).expect("a question");
        let page = StatusPage::new(question, None, PageScope::Whole);
        let probe = || CheckContext::starting_now(Duration::from_secs(10));
        let first = page.seek(&probe()).await;
        assert_eq!(first.status, up_core::Status::new(0.5), "{first:?}");
        let second = page.seek(&probe()).await;
        assert_eq!((second.status, second.cause), (first.status, first.cause));
        let gone = page.seek(&probe()).await;
        assert_eq!(gone.cause.map(|c| c.code), Some(CauseCode::HttpStatus));
        assert!(page.memory().found.is_none(), "it is looked for anew");
        let requests = served.join().expect("three requests");
        let condition = "if-none-match: W/\"7\"";
        let sent: Vec<_> = requests.iter().map(|r| r.contains(condition)).collect();
        assert_eq!(sent, [false, true, true]);
    }

    #[test]
    fn within_a_minute_the_last_answer_is_given_again() {
        let asked = Instant::now();
        let memory = Memory {
            found: None,
            last: Some((asked, CheckResult::up())),
        };
        let check = |seconds: u64, rest: Option<u64>| {
            let now = asked + Duration::from_secs(seconds);
            let echo = rest.map(|rest| CheckResult {
                rest: Some(Duration::from_secs(rest)),
                echo: true,
                ..CheckResult::up()
            });
            assert_eq!(memory.recent(now), echo, "after {seconds} s");
        };
        check(0, Some(60));
        check(59, Some(1));
        check(60, None);
        check(600, None);
        assert_eq!(Memory::default().recent(asked), None, "never asked yet");
    }
}
