//! Without file descriptors, a check learns nothing about its target, and says so. The test has a
//! file of its own, because the limit is that of the process.

#![cfg(unix)]

use std::fs::File;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use up_source::CheckContext;
use up_tests::check_source::{build, verdict};
use up_tests::hostile::{Hostile, scripts};

const TIMEOUT: Duration = Duration::from_secs(5);

/// Takes all file descriptors, including those that the servers of this process release when they
/// notice the end of a check.
async fn take_all() -> Vec<File> {
    let mut taken = Vec::new();
    loop {
        let before = taken.len();
        while let Ok(file) = File::open("/dev/null") {
            taken.push(file);
        }
        if taken.len() == before {
            return taken;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn own_exhaustion_is_unknown_and_never_down() {
    let hard = getrlimit(Resource::Nofile).maximum;
    let low = Rlimit {
        current: Some(128),
        maximum: hard,
    };
    setrlimit(Resource::Nofile, low).expect("a lower limit is always allowed");

    let server = Hostile::play(scripts::ok()).await;
    let page = Hostile::play(scripts::answer("200 OK", "", r#"{"status":"good"}"#)).await;
    let local = format!("url = \"http://localhost:{}/\"", server.address().port());
    let sources = [
        ("http", format!("url = {:?}", server.url("/"))),
        ("http", local),
        ("tcp", format!("address = \"{}\"", server.address())),
    ]
    .map(|(kind, keys)| (build(kind, &keys).unwrap(), keys));
    // A page that was not requested before, because one that answered is not requested again within
    // a minute.
    let page = format!("url = {:?}", page.url("/"));
    let elsewhere = [
        ("statuspage", page.as_str()),
        ("http", "url = \"https://127.0.0.1:1/\""),
        ("http", "url = \"http://name.invalid/\""),
        (
            "http",
            "url = \"http://h.invalid/\"\nproxy = \"http://127.0.0.1:1\"",
        ),
        (
            "http",
            "url = \"http://h.invalid/\"\nproxy = \"socks5h://127.0.0.1:1\"",
        ),
        ("tcp", "address = \"name.invalid:80\""),
    ]
    .map(|(kind, keys)| (build(kind, keys).unwrap(), keys.to_owned()));

    for (built, keys) in &sources {
        let answer = built
            .source
            .check(&CheckContext::starting_now(TIMEOUT))
            .await;
        assert_eq!(
            verdict(&answer),
            "up",
            "with files to spare: {keys}: {answer:?}"
        );
    }
    let taken = take_all().await;
    for (built, keys) in sources.iter().chain(&elsewhere) {
        let answer = built
            .source
            .check(&CheckContext::starting_now(TIMEOUT))
            .await;
        assert_eq!(verdict(&answer), "unknown resource", "{keys}: {answer:?}");
    }
    drop(taken);
    for (built, keys) in &sources {
        let answer = built
            .source
            .check(&CheckContext::starting_now(TIMEOUT))
            .await;
        assert_eq!(
            verdict(&answer),
            "up",
            "with files again: {keys}: {answer:?}"
        );
    }
}
