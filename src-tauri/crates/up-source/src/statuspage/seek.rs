//! Finds the JSON of a status page, and requests it no more often than needed.

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

use super::provider::{Provider, is_json_path, paths};
use super::report::{PageReport, PageScope};
use crate::http::{BodyUse, ExchangeRequest, shown};
use crate::net::fault::Fault;
use crate::text::DecodedText;
use crate::{CheckContext, Source};

/// A page that answered is not requested again within this time.
const MINUTE: Duration = Duration::from_mins(1);

/// The largest number of bytes of an `ETag` that is sent back.
const MAX_ETAG: usize = 1024;

/// The source: a status page.
#[derive(Debug)]
pub(super) struct StatusPage {
    request: ExchangeRequest,
    provider: Option<Provider>,
    scope: PageScope,
    /// Locked briefly, never across an await. A source is not checked twice at once, but a check
    /// may be dropped at any await.
    memory: Mutex<Memory>,
}

/// What is kept between checks.
#[derive(Debug, Default)]
struct Memory {
    /// Where the JSON was found, if it was.
    found: Option<FoundPage>,
    /// When the page last answered, and the result of that check.
    last: Option<(Instant, CheckResult)>,
}

impl Memory {
    /// The last result again, if it is too soon to request the page again.
    fn recent(&self, now: Instant) -> Option<CheckResult> {
        let (answered, result) = self.last.as_ref()?;
        let rest = MINUTE.checked_sub(now.saturating_duration_since(*answered));
        rest.filter(|rest| !rest.is_zero()).map(|rest| CheckResult {
            rest: Some(rest),
            echo: true,
            ..result.clone()
        })
    }
}

/// Where the JSON of a page was found, and what it said.
#[derive(Clone)]
struct FoundPage {
    url: Url,
    provider: Provider,
    etag: Option<HeaderValue>,
    /// The result of the last JSON. It is the result again when the server answers 304 (not
    /// modified).
    result: CheckResult,
}

up_core::opaque_debug!(FoundPage);

/// The outcome of requesting one URL.
enum SeekOutcome {
    /// The JSON of the page was read.
    Read(Box<FoundPage>, Detail),
    /// This URL has no such JSON, so that others are tried.
    NotHere(Fault, Detail),
    /// The search ends: the page does not answer, or answers with an error.
    Failed(Fault, Detail),
}

impl StatusPage {
    pub(super) fn new(
        request: ExchangeRequest,
        provider: Option<Provider>,
        scope: PageScope,
    ) -> Self {
        Self {
            request,
            provider,
            scope,
            memory: Mutex::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The URLs where the JSON may be, in the order in which they are tried.
    fn candidates(&self) -> Vec<Url> {
        let given = &self.request.url;
        if is_json_path(given.path()) || self.provider == Some(Provider::StatusIo) {
            return vec![given.clone()];
        }
        let base = given.path().trim_end_matches('/');
        let below = paths(self.provider, self.scope != PageScope::Whole);
        let mut urls: Vec<Url> = below
            .into_iter()
            .map(|path| {
                let mut url = given.clone();
                url.set_path(&format!("{base}{path}"));
                url
            })
            .collect();
        // A URL without a path mostly answers with HTML. A longer one may be that of the JSON
        // itself.
        let at = if base.is_empty() { urls.len() } else { 0 };
        urls.insert(at, given.clone());
        urls
    }

    /// Requests the JSON where it was found before, or wherever it may be.
    async fn seek(&self, context: &CheckContext) -> CheckResult {
        let known = self.memory().found.clone();
        let urls = match &known {
            Some(found) => vec![found.url.clone()],
            None => self.candidates(),
        };
        let mut first: Option<(Fault, Detail)> = None;
        for url in urls {
            match self.fetch(url, known.as_ref(), context).await {
                SeekOutcome::Read(found, mut detail) => {
                    detail.put("provider", found.provider.name());
                    let answer = with_rest(with_page_detail(found.result.clone(), detail));
                    let mut memory = self.memory();
                    memory.found = Some(*found);
                    memory.last = Some((Instant::now(), answer.clone()));
                    return answer;
                }
                SeekOutcome::NotHere(fault, detail) => {
                    // A URL that answered with a body explains more than one that does not exist.
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
            return CheckResult::unknown(CauseCode::Internal, "there is no URL to request");
        };
        let answer = result_of(&fault).with_detail(detail);
        let (CauseCode::HttpStatus | CauseCode::Body | CauseCode::TooLarge) = fault.code else {
            return answer;
        };
        // The page answered, so that it is left alone for a minute. Then it is searched for again.
        let answer = with_rest(answer);
        let mut memory = self.memory();
        memory.found = None;
        memory.last = Some((Instant::now(), answer.clone()));
        answer
    }

    /// Requests one URL and reads its JSON.
    async fn fetch(
        &self,
        url: Url,
        known: Option<&FoundPage>,
        context: &CheckContext,
    ) -> SeekOutcome {
        let is_given = url == self.request.url;
        let mut request = self.request.at(url.clone());
        if let Some(etag) = known.and_then(|found| found.etag.clone()) {
            request.headers.insert(IF_NONE_MATCH, etag);
            let not_modified = StatusCode::NOT_MODIFIED.as_u16();
            request.statuses = Box::new([200..=299, not_modified..=not_modified]);
        }
        let outcome = request.send(context, BodyUse::Body).await;
        let (status, detail) = (outcome.status, outcome.detail);
        let body = match outcome.result {
            Ok(body) => body,
            Err(fault) if fault.code == CauseCode::HttpStatus && is_absent(status) => {
                return SeekOutcome::NotHere(fault, detail);
            }
            // The page itself may be large, but then it is not the JSON.
            Err(fault) if fault.code == CauseCode::TooLarge && is_given => {
                return SeekOutcome::NotHere(fault, detail);
            }
            Err(fault) => return SeekOutcome::Failed(fault, detail),
        };
        if status == Some(StatusCode::NOT_MODIFIED)
            && let Some(found) = known
        {
            return SeekOutcome::Read(Box::new(found.clone()), detail);
        }
        let named = known.map(|found| found.provider).or(self.provider);
        match read(&body, &outcome.headers, named) {
            Some((provider, report)) => {
                let etag = outcome.headers.get(ETAG);
                let found = FoundPage {
                    url,
                    provider,
                    // Copied, because the header shares the memory of everything that was read with
                    // it.
                    etag: etag
                        .filter(|etag| etag.len() <= MAX_ETAG)
                        .and_then(|etag| HeaderValue::from_bytes(etag.as_bytes()).ok()),
                    result: report.answer(&self.scope),
                };
                SeekOutcome::Read(Box::new(found), detail)
            }
            None => SeekOutcome::NotHere(not_a_page(&url, named), detail),
        }
    }
}

impl Source for StatusPage {
    fn reach(&self) -> Reach {
        // The result may be that of a check up to a minute ago, so that it proves nothing about our
        // network now.
        match self.request.reach() {
            Reach::Host { host, .. } => Reach::Host {
                host,
                proof: Proof::Nothing,
            },
            other => other,
        }
    }

    fn check<'a>(&'a self, context: &'a CheckContext) -> BoxFuture<'a, CheckResult> {
        Box::pin(async move {
            let recent = self.memory().recent(Instant::now());
            match recent {
                Some(answer) => answer,
                None => self.seek(context).await,
            }
        })
    }
}

/// The largest number of JSON values in a page that is read. The largest pages known have a tenth
/// of it.
const MAX_VALUES: usize = 150_000;

/// Reads a body: as JSON of `named`, or of the provider that it looks like. `None` if it is no JSON
/// of a status page.
pub(super) fn read(
    body: &[u8],
    headers: &HeaderMap,
    named: Option<Provider>,
) -> Option<(Provider, PageReport)> {
    // Counted before parsing, because a value takes a hundred bytes of memory and as few as two
    // bytes of the body.
    let values = body
        .iter()
        .filter(|byte| matches!(byte, b',' | b'[' | b'{'));
    if values.count() > MAX_VALUES {
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

fn not_a_page(url: &Url, named: Option<Provider>) -> Fault {
    let whose = named.map_or(String::new(), |provider| format!(" of {}", provider.name()));
    let text = format!("{} is not a status page's JSON{whose}", shown(url));
    Fault::new(CauseCode::Body, text)
}

/// True if `status` says that there is nothing at this URL. Too many requests and server errors do
/// not say so.
fn is_absent(status: Option<StatusCode>) -> bool {
    status.is_some_and(|status| status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS)
}

/// The result for a fault. A page that answers, but cannot be read, says nothing about the service,
/// so that the result is unknown.
fn result_of(fault: &Fault) -> CheckResult {
    match fault.code {
        CauseCode::Body | CauseCode::TooLarge => CheckResult::unknown(fault.code, &fault.text),
        _ => fault.check_result(),
    }
}

/// The result, with a minute in which the page is not requested.
fn with_rest(answer: CheckResult) -> CheckResult {
    CheckResult {
        rest: Some(MINUTE),
        ..answer
    }
}

/// The result of a page, with its detail appended to that of the exchange.
fn with_page_detail(result: CheckResult, mut detail: Detail) -> CheckResult {
    for (name, value) in result.detail.iter() {
        detail.put(name.to_owned(), value.clone());
    }
    result.with_detail(detail)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;
    use crate::http::HttpConfig;
    use crate::{PlainSecrets, Shared};

    /// A server that answers one request with each of `answers`. Its thread returns the requests.
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
        let request = HttpConfig::new(url).question(&shared).expect("a request");
        let page = StatusPage::new(request, None, PageScope::Whole);
        let context = || CheckContext::starting_now(Duration::from_secs(10));
        let first = page.seek(&context()).await;
        assert_eq!(first.status, up_core::Status::new(0.5), "{first:?}");
        let second = page.seek(&context()).await;
        assert_eq!((second.status, second.cause), (first.status, first.cause));
        let gone = page.seek(&context()).await;
        assert_eq!(gone.cause.map(|c| c.code), Some(CauseCode::HttpStatus));
        assert!(page.memory().found.is_none(), "it is looked for anew");
        let requests = served.join().expect("three requests");
        let condition = "if-none-match: W/\"7\"";
        let sent: Vec<_> = requests.iter().map(|r| r.contains(condition)).collect();
        assert_eq!(sent, [false, true, true]);
    }

    #[test]
    fn within_a_minute_the_last_answer_is_given_again() {
        let answered = Instant::now();
        let memory = Memory {
            found: None,
            last: Some((answered, CheckResult::up())),
        };
        let check = |seconds: u64, rest: Option<u64>| {
            let now = answered + Duration::from_secs(seconds);
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
        assert_eq!(Memory::default().recent(answered), None, "never asked yet");
    }
}
