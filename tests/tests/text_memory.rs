//! The memory for judging a large body: not much more than the body, whatever it contains. The test
//! has a process of its own, because the allocator counts for the whole process.

use std::alloc::System;
use std::time::Duration;

use cap::Cap;
use up_source::CheckContext;
use up_tests::check_source::{build, verdict};
use up_tests::hostile::{Hostile, scripts};

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

const BODY: usize = 16 << 20;

/// The bound: the body, the buffers that it grew from, and the connections and patterns.
const MOST: usize = BODY + BODY / 2 * 3 + (4 << 20);

/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_mins(2);

#[tokio::test]
async fn a_body_is_judged_in_the_memory_that_it_takes_itself() {
    let bodies: [(&str, &[u8]); 5] = [
        ("utf-8", b"\xff"),
        ("latin1", b"\xff"),
        ("windows-1252", b"\x80"),
        ("gbk", b"\xd5\xfd"),
        ("utf-16le", b"\x63\x6b"),
    ];
    let conditions = [
        ("expect.contains = 'fine'", "down expect"),
        ("expect.not_contains = 'fine'", "up"),
        ("expect.regex = 'fine[0-9]'", "down expect"),
        ("expect.json = { '/a' = 1 }", "down expect"),
        ("status_from = { regex = '(fine)' }", "unknown missing"),
    ];
    for (charset, unit) in bodies {
        let header = format!("content-type: text/plain; charset={charset}\r\n");
        let server = Hostile::play(scripts::answer(
            "200 OK",
            &header,
            unit.repeat(BODY / unit.len()),
        ))
        .await;
        for (keys, expected) in conditions {
            let keys = format!("url = {:?}\n{keys}", server.url("/"));
            let built = build("http", &keys).expect("usable keys");
            // The allocator ends a process that takes more.
            HEAP.set_limit(HEAP.allocated() + MOST)
                .expect("a limit above what is allocated");
            let answer = built
                .source
                .check(&CheckContext::starting_now(PATIENT))
                .await;
            HEAP.set_limit(usize::MAX).expect("no limit is above all");
            assert_eq!(verdict(&answer), expected, "{charset}: {keys}: {answer:?}");
            let text = answer.cause.as_ref().map_or("", |cause| &cause.text);
            let told = !text.contains("bytes") || text.contains("16777216 bytes");
            assert!(told, "{charset}: {text}");
        }
    }
}
