//! Patterns that take long to search for in what peers send. Each check ends by its deadline with
//! the true cause, and delays no other. All checks share one thread, as in `up`.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use up_core::CheckResult;
use up_source::CheckContext;
use up_tests::check_source::{build, verdict};
use up_tests::hostile::{Hostile, ServerScript, ServerStep, scripts};
use up_tests::snmp_agent::{self, AgentReply, element};

const TIMEOUT: Duration = Duration::from_secs(2);

/// How late a result may be, and how long a healthy source may take, on a loaded machine.
const SLACK: Duration = Duration::from_secs(1);

/// A pattern that is slow with any engine on random input, because each byte leads to a new state.
const HEAVY: &str = "([01]*1[01]{3000}){2}[2-9]";

/// A pattern from a bug report, which is slow only for engines that restart at each byte.
const REPEATED: &str = "[a-z]{0,9000}[0-9]";

fn noise(length: usize) -> Vec<u8> {
    let mut seed = 1_u32;
    let bits = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'0' + u8::from(seed > u32::MAX / 2)
    });
    bits.take(length).collect()
}

async fn check(kind: &str, keys: &str) -> (CheckResult, Duration) {
    let built = build(kind, keys).unwrap_or_else(|e| panic!("{e}\n{keys}"));
    let begun = Instant::now();
    let answer = built
        .source
        .check(&CheckContext::starting_now(TIMEOUT))
        .await;
    (answer, begun.elapsed())
}

/// Checks sources with those patterns at once, and a healthy one beside them all the time.
async fn beside(sources: Vec<(&str, String)>) -> Vec<CheckResult> {
    let good = Hostile::play(scripts::ok()).await;
    let good = build("http", &format!("url = {:?}", good.url("/"))).expect("usable keys");
    let begun = Instant::now();
    let healthy = async {
        let mut asked = 0;
        while begun.elapsed() < TIMEOUT {
            let answer = good.source.check(&CheckContext::starting_now(SLACK)).await;
            assert_eq!(verdict(&answer), "up", "the healthy one: {answer:?}");
            asked += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(asked > 10, "it was asked {asked} times");
    };
    let all = join_all(sources.iter().map(|(kind, keys)| check(kind, keys)));
    let (all, ()) = tokio::join!(all, healthy);
    let in_time = |(answer, took): (CheckResult, Duration)| {
        assert!(took < TIMEOUT + SLACK, "late, after {took:?}: {answer:?}");
        answer
    };
    all.into_iter().map(in_time).collect()
}

fn judge(answer: &CheckResult, expected: &str, words: &str) {
    assert_eq!(verdict(answer), expected, "{answer:?}");
    let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
    assert!(text.contains(words), "{text:?} says {words:?}");
}

/// The number of threads, from /proc/self/status.
#[cfg(target_os = "linux")]
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

fn page(body: impl AsRef<[u8]>) -> ServerScript {
    scripts::answer("200 OK", "", body)
}

#[tokio::test]
async fn heavy_patterns_end_by_the_deadline_and_hold_up_nobody() {
    let body = noise(1 << 20);
    let http = Hostile::play(page(&body)).await;
    let small = Hostile::play(page(&body[..60_000])).await;
    let said = body[..60_000].to_vec();
    let tcp = Hostile::blurt(vec![ServerStep::Send(said.into()), ServerStep::Hang]).await;
    let drip: ServerScript = body[..60_000]
        .chunks(500)
        .flat_map(|bytes| {
            [
                ServerStep::Send(bytes.to_vec().into()),
                ServerStep::Wait(Duration::from_millis(5)),
            ]
        })
        .collect();
    let drip = Hostile::blurt(drip).await;
    let header = format!("x-noise: {}\r\n", String::from_utf8_lossy(&body[..60_000]));
    let head = Hostile::play(scripts::answer("200 OK", &header, "")).await;
    let json = format!("{{\"a\": {:?}}}", String::from_utf8_lossy(&body));
    let json = Hostile::play(page(json)).await;
    let url = |server: &Hostile| format!("url = {:?}\n", server.url("/"));
    let sources = vec![
        ("http", format!("{}expect.regex = '{HEAVY}'", url(&http))),
        ("http", format!("{}warn.regex = '{HEAVY}'", url(&small))),
        (
            "http",
            format!("{}status_from = {{ regex = '{HEAVY}' }}", url(&http)),
        ),
        (
            "http",
            format!(
                "{}expect.json = {{ '/a' = {{ regex = '{HEAVY}' }} }}",
                url(&json)
            ),
        ),
        (
            "http",
            format!(
                "{}expect.headers.x-noise = {{ regex = '{HEAVY}' }}",
                url(&head)
            ),
        ),
        ("http", format!("{}expect.regex = '\\b{HEAVY}'", url(&http))),
    ];
    for answer in beside(sources).await {
        judge(
            &answer,
            "unknown resource",
            "no time left to match the pattern",
        );
    }
    let address = |server: &Hostile| format!("address = \"{}\"\n", server.address());
    let sources = vec![
        (
            "tcp",
            format!("{}expect = {{ regex = '{HEAVY}' }}", address(&tcp)),
        ),
        (
            "tcp",
            format!("{}expect = {{ regex = '\\b{HEAVY}' }}", address(&tcp)),
        ),
        (
            "tcp",
            format!("{}expect = {{ regex = '{HEAVY}' }}", address(&drip)),
        ),
    ];
    for answer in beside(sources).await {
        judge(
            &answer,
            "unknown resource",
            "no time left to find a match of",
        );
    }
}

#[tokio::test]
async fn values_of_snmp_are_searched_in_the_time_there_is() {
    const DESCRIPTION: &str = "1.3.6.1.2.1.1.1.0";
    let objects = vec![(DESCRIPTION, element(4, &noise(60_000)))];
    let agent = snmp_agent::start(&objects, |_, asked: &[String]| {
        AgentReply::Values(asked.to_vec())
    })
    .await;
    let keys = |regex: &str| {
        let port = agent.port();
        format!(
            "host = '127.0.0.1'\nport = {port}\n\
            oid = [{{ oid = '{DESCRIPTION}', expect = {{ regex = '{regex}' }} }}]"
        )
    };
    let sources = vec![("snmp", keys(HEAVY)), ("snmp", keys("[01]{9}$"))];
    let answers = beside(sources).await;
    judge(
        &answers[0],
        "unknown resource",
        "no time left to match the pattern",
    );
    judge(&answers[1], "up", "");
}

#[tokio::test]
async fn many_heavy_patterns_share_one_thread_in_turns() {
    let body = noise(60_000);
    let heavy = Hostile::play(page(&body)).await;
    let light = Hostile::play(page(vec![b'a'; 1 << 20])).await;
    let mut sources: Vec<_> = (0..30)
        .map(|_| {
            let keys = format!("url = {:?}\nexpect.regex = '{HEAVY}'", heavy.url("/"));
            ("http", keys)
        })
        .collect();
    // Among them is one that has enough time as well.
    let keys = format!("url = {:?}\nexpect.contains = 'b'", light.url("/"));
    sources.push(("http", keys));
    #[cfg(target_os = "linux")]
    let before = threads();
    let answers = beside(sources).await;
    #[cfg(target_os = "linux")]
    assert!(
        threads() <= before + 1,
        "{} threads, {before} before",
        threads()
    );
    let (light, heavy) = answers.split_last().expect("as many as sources");
    judge(light, "down expect", "found 1048576 bytes without it");
    for answer in heavy {
        judge(
            answer,
            "unknown resource",
            "no time left to match the pattern",
        );
    }
}

#[tokio::test]
async fn what_was_searched_is_not_searched_again() {
    let letters = vec![b'a'; 65_000];
    let http = Hostile::play(page(&letters)).await;
    let keys = format!("url = {:?}\nexpect.regex = '{REPEATED}'", http.url("/"));
    let (answer, took) = check("http", &keys).await;
    assert!(took < TIMEOUT + SLACK, "{took:?}");
    let through = |answer: &CheckResult, words: &str| {
        // A slow machine runs out of time, and says so.
        if verdict(answer) == "unknown resource" {
            judge(answer, "unknown resource", "no time left");
        } else {
            judge(answer, "down expect", words);
        }
    };
    through(&answer, "found no match in 65000 bytes");
    let tcp = Hostile::blurt(vec![ServerStep::Send(letters.into())]).await;
    let keys = format!(
        "address = \"{}\"\nexpect = {{ regex = '{REPEATED}' }}",
        tcp.address()
    );
    let (answer, took) = check("tcp", &keys).await;
    assert!(took < TIMEOUT + SLACK, "{took:?}");
    through(
        &answer,
        "expected a match of [a-z]{0,9000}[0-9], got \"aaaa",
    );
}
