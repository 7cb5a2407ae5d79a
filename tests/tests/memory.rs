//! The last line of defence: a process whose memory keeps growing is ended, and says why.

use std::time::Duration;

use bytes::Bytes;
use up_tests::hostile::{Hostile, ServerStep};
use up_tests::up::Up;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

/// Sources that read from that server, with this little memory in MiB. Each keeps what it reads
/// until it is complete.
fn sources(server: &Hostile, count: usize, mib: &str) -> Up {
    let one = |number: usize| {
        let url = server.url(&format!("/{number}"));
        format!(
            "[[source]]\ntype = \"http\"\nname = \"{number}\"\nurl = \"{url}\"\n\
             expect = {{ contains = \"no such word\" }}\n"
        )
    };
    let sources: Vec<_> = (0..count).map(one).collect();
    let head = "name = \"R\"\ntimeout = \"60s\"\n";
    let config = format!("{head}{}", sources.concat());
    let mut up = Up::with(config);
    up.env("UP_MAX_MEMORY", mib);
    up
}

async fn end_of(up: Up, args: &'static [&'static str]) -> (Option<i32>, String) {
    let ended = tokio::task::spawn_blocking(move || {
        let mut running = up.start(args);
        let (code, _) = running.peak();
        (code, running.err_rest().join("\n"))
    });
    ended.await.expect("it runs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_grows_slowly_ends_well_and_says_why() {
    // One after the other starts to send and none ends, at about 1 MiB a second.
    let server = Hostile::route(|head| {
        let number = head.split(['/', ' ']).find_map(|part| part.parse().ok());
        vec![
            ServerStep::Wait(Duration::from_millis(250) * number.unwrap_or(0)),
            ServerStep::Send(HEAD.into()),
            ServerStep::Send(vec![b'x'; 200_000].into()),
            ServerStep::Hang,
        ]
    })
    .await;
    let (code, err) = end_of(sources(&server, 120, "16"), &["watch"]).await;
    assert_eq!(code, Some(2), "{err}");
    assert!(
        err.contains("as much memory as it may (16 MiB; UP_MAX_MEMORY"),
        "{err}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_grows_at_one_stroke_is_ended_and_says_why() {
    let endless = ServerStep::Repeat(Bytes::from(vec![b'x'; 1 << 20]));
    let server = Hostile::play(vec![ServerStep::Send(HEAD.into()), endless]).await;
    let (code, err) = end_of(sources(&server, 1, "8"), &[]).await;
    assert_eq!(code, None, "aborted: {err}");
    assert!(err.contains("memory allocation of"), "{err}");
}

#[test]
fn a_bound_that_is_no_number_is_refused() {
    for wrong in ["", "lots", "-1", "0", "1.5"] {
        let mut up = Up::new();
        up.env("UP_MAX_MEMORY", wrong);
        let ran = up.run(["schema"]);
        assert_eq!(ran.code, Some(2), "{wrong}: {}", ran.err);
        assert!(
            ran.err.contains("UP_MAX_MEMORY is no number of MiB"),
            "{}",
            ran.err
        );
    }
}
