//! Servers that speak MongoDB's protocol and are hostile: the memory and time of `up` are bounded,
//! and it says why.

#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use bson::{Document, doc, rawdoc};
use up_tests::hostile::mongo::{HostileMongo, batch, greets, header, hello, name, reply};
use up_tests::hostile::tls::Authority;
use up_tests::hostile::{Hostile, ServerScript, ServerStep};
use up_tests::up::Up;

/// The largest memory of a query in bytes: a few answers of the largest size that a server may
/// send, after parsing. An `up` with a history takes 36 MB.
const MOST: u64 = 250 << 20;

/// The longest time of a query, including the answer from the embedded history.
const LONGEST: Duration = Duration::from_secs(25);

const OP_MSG: i32 = 2013;
const OP_COMPRESSED: i32 = 2012;

/// An up.toml with a source and that MongoDB.
fn site(uri: &str) -> String {
    format!(
        "name = \"R\"\n[[source]]\ntype = \"command\"\ncommand = [\"true\"]\n\
         [[sink]]\ntype = \"mongo\"\nuri = \"{uri}\"\n"
    )
}

/// Reads the history from that MongoDB, and checks what is reported about it.
async fn check(what: &str, uri: &str, said: &str) {
    let up = Up::with(site(uri));
    let begin = Instant::now();
    let asked = tokio::task::spawn_blocking(move || {
        let mut run = up.start(["history", "/R"]);
        let (code, peak) = run.peak();
        (code, peak, run.err_rest().join("\n"))
    });
    let (code, peak, err) = asked.await.expect("it runs");
    let took = begin.elapsed();
    // The embedded history has nothing of the path, so that nobody who could have it was asked.
    assert_eq!(code, Some(2), "{what}: no history answers: {err}");
    assert!(err.contains(said), "{what}: {said:?} is not in {err:?}");
    assert!(
        !err.trim_end()
            .contains(|c: char| c.is_control() && c != '\n'),
        "{what}: {err:?}"
    );
    assert!(err.len() < 2_000, "{what}: {} bytes are said", err.len());
    assert!(peak < MOST, "{what}: {peak} bytes at once");
    assert!(took < LONGEST, "{what}: {took:?}");
}

/// A server that answers the greeting as `greeting` says, and all other commands as `answer` does.
async fn server(
    greeting: impl Fn() -> Document + Send + Sync + 'static,
    answer: impl Fn(&Document) -> ServerScript + Send + Sync + 'static,
) -> HostileMongo {
    HostileMongo::start(move |command| {
        if greets(command) {
            vec![reply(&greeting())]
        } else {
            answer(command)
        }
    })
    .await
}

fn hosts(count: u32) -> Vec<String> {
    (0..count)
        .map(|i| format!("127.{}.{}.1:1", i / 250, i % 250))
        .collect()
}

fn set(hosts: Vec<String>) -> Document {
    let mut set = hello();
    set.extend(
        doc! { "setName": "rs", "ismaster": false, "isWritablePrimary": false,
        "secondary": true, "hosts": hosts },
    );
    set
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_says_of_itself_is_bounded() {
    let ok = |_: &Document| vec![reply(&doc! { "ok": 1.0 })];
    let longest = |_: &Document| vec![endless(i32::MAX, OP_MSG), ServerStep::Repeat(zeros())];

    let mut huge = hello();
    huge.insert("maxMessageSizeBytes", i32::MAX);
    let mongo = server(move || huge.clone(), longest).await;
    check(
        "its longest message",
        &mongo.uri(),
        "longer than the bound of",
    )
    .await;

    let mongo = HostileMongo::start(longest).await;
    check(
        "a hello without end",
        &mongo.uri(),
        "longer than the bound of 65536",
    )
    .await;

    let mongo = server(|| set(hosts(20_000)), ok).await;
    check(
        "20,000 hosts",
        &mongo.uri(),
        "longer than the bound of 65536",
    )
    .await;

    let mongo = server(|| set(hosts(60)), ok).await;
    check("60 hosts", &mongo.uri(), "it names 60 hosts").await;

    let turn = std::sync::atomic::AtomicU32::new(0);
    let others = move || {
        let turn = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        set(hosts(20_000)
            .drain(..)
            .skip(turn as usize * 40)
            .take(40)
            .collect())
    };
    let mongo = server(others, ok).await;
    let uri = format!("{}/?replicaSet=rs", mongo.uri());
    check(
        "other hosts each time",
        &uri,
        "it names other hosts each time",
    )
    .await;

    let mongo = server(|| set(vec!["%2Ftmp%2Fx.sock".into()]), ok).await;
    check(
        "a socket of ours",
        &mongo.uri(),
        "a host that cannot be one",
    )
    .await;

    let mut negative = hello();
    negative.insert("maxWriteBatchSize", 0);
    let mongo = server(move || negative.clone(), ok).await;
    check(
        "no room at all",
        &mongo.uri(),
        "a maxWriteBatchSize that cannot be",
    )
    .await;

    let bomb = |_: &Document| vec![endless(1_000, OP_COMPRESSED), ServerStep::Repeat(zeros())];
    let mongo = HostileMongo::start(bomb).await;
    check(
        "a compressed answer",
        &mongo.uri(),
        "does not answer as a MongoDB",
    )
    .await;

    let web = Hostile::blurt(vec![ServerStep::Send(
        b"HTTP/1.1 400 Bad Request\r\n\r\n"[..].into(),
    )])
    .await;
    let uri = format!("mongodb://{}", web.address());
    check("another server", &uri, "does not answer as a MongoDB").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_cannot_keep_it_busy() {
    let login = |command: &Document| {
        let nonce = command.get_binary_generic("payload").map(|payload| {
            let text = String::from_utf8_lossy(payload).into_owned();
            text.rsplit("r=").next().unwrap_or_default().to_owned()
        });
        let first = format!("r={}x,s=c2FsdA==,i=2000000000", nonce.unwrap_or_default());
        let payload = bson::Binary {
            subtype: bson::spec::BinarySubtype::Generic,
            bytes: first.into_bytes(),
        };
        vec![reply(
            &doc! { "ok": 1.0, "conversationId": 1, "done": false, "payload": payload },
        )]
    };
    let mongo = server(hello, login).await;
    let uri = format!(
        "mongodb://me:secret@{}/?authMechanism=SCRAM-SHA-256",
        mongo.host()
    );
    check("two billion rounds", &uri, "rounds of hashing").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_it_answers_is_bounded() {
    // The smallest documents take the most memory in relation to their bytes.
    let small = rawdoc! {};
    let sample = rawdoc! { "date": 1.0, "up": 1.0, "cause": { "text": "x".repeat(1_000) } };
    for (what, document) in [("tiny", small), ("plain", sample)] {
        let [first, next] =
            ["find", "getMore"].map(|name| batch(&doc! { name: 1 }, &document, 15 << 20));
        let mongo = server(hello, move |command| match name(command) {
            // The server announces one sample and then sends them without end.
            "aggregate" => vec![batch(command, &rawdoc! { "n": 1 }, 40)],
            "getMore" => vec![next.clone()],
            _ => vec![first.clone()],
        })
        .await;
        let up = Up::with(format!(
            "name = \"R\"\n[[source]]\ntype = \"command\"\ncommand = [\"true\"]\n\
             [[sink]]\ntype = \"mongo\"\nuri = \"{}\"\n",
            mongo.uri()
        ));
        let begin = Instant::now();
        let (code, peak) = tokio::task::spawn_blocking(move || {
            up.start(["history", "/R", "--since", "2000-01-01"]).peak()
        })
        .await
        .expect("it runs");
        assert_eq!(code, Some(2), "{what} documents without end");
        assert!(
            peak < MOST,
            "{what} documents without end: {peak} bytes at once"
        );
        assert!(
            begin.elapsed() < LONGEST,
            "{what} documents without end: {:?}",
            begin.elapsed()
        );
    }

    let loud = format!("\u{1b}[31m\r\nR: UP\u{9b}2J\u{202e}{}", "x".repeat(1 << 20));
    let error = doc! { "ok": 0.0, "code": 13, "codeName": "Unauthorized", "errmsg": loud };
    let mongo = server(hello, move |_| vec![reply(&error)]).await;
    check("a loud error", &mongo.uri(), "not permitted: R: UP").await;

    let slow = |_: &Document| {
        vec![ServerStep::Drip(
            vec![0; 1_000].into(),
            Duration::from_secs(1),
        )]
    };
    let mongo = server(hello, slow).await;
    check("an answer that drips", &mongo.uri(), "no answer within 8 s").await;

    let mongo = HostileMongo::start(slow).await;
    check("a hello that drips", &mongo.uri(), "no server answers").await;

    let flood = reply(&hello());
    let ServerStep::Send(bytes) = flood else {
        unreachable!("a reply is sent")
    };
    let flood = Hostile::blurt(vec![ServerStep::Repeat(bytes)]).await;
    check(
        "answers to nothing",
        &format!("mongodb://{}", flood.address()),
        "MongoDB",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_ended_and_verified_all_the_same() {
    let authority = Authority::new();
    let dir = tempfile::tempdir().expect("a folder");
    let ca = dir.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).expect("it is written");
    let refuses = doc! { "ok": 0.0, "code": 13, "errmsg": "reached" };
    let answer = move |command: &Document| {
        vec![reply(&if greets(command) {
            hello()
        } else {
            refuses.clone()
        })]
    };
    let mongo = HostileMongo::secure(authority.tls(&["localhost"]), answer).await;
    let uri =
        |host: &str, options: &str| format!("mongodb://{host}:{}/?tls=true{options}", mongo.port());
    let named = format!("&tlsCAFile={}", ca.display());
    check(
        "a CA named",
        &uri("localhost", &named),
        "not permitted: reached",
    )
    .await;
    check("another name", &uri("127.0.0.1", &named), "certificate").await;
    check("no CA named", &uri("localhost", ""), "certificate").await;
    let any = "&tlsAllowInvalidCertificates=true";
    check(
        "any certificate",
        &uri("127.0.0.1", any),
        "not permitted: reached",
    )
    .await;
    // A file that the configuration names must exist, as with `ca`.
    let gone = format!("&tlsCAFile={}/gone.pem", dir.path().display());
    let up = Up::with(site(&uri("localhost", &gone)));
    let outcome = up.run(["history", "/R"]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.err.contains("cannot be read"), "{outcome:?}");
}

fn endless(length: i32, kind: i32) -> ServerStep {
    ServerStep::Send(header(length, kind).into())
}

fn zeros() -> bytes::Bytes {
    vec![0; 1 << 20].into()
}
