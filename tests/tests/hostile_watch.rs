//! A running `up watch` beside peers that flood it: healthy sources stay up, commands of people are
//! obeyed at once, and no connection stays open. A webhook's receiver that floods changes nothing.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use up_tests::far_sides::floods;
use up_tests::hostile::{Cue, Hostile, scripts};
use up_tests::up::{RunningUp, Up, eventually};

/// The duration of the attack.
const ATTACK: Duration = Duration::from_secs(15);

/// An up.toml with two sources, one of them down, and a webhook.
fn site(healthy: &str, webhook: &str) -> String {
    format!(
        "name = \"Site\"\ninterval = \"1s\"\ntimeout = \"1s\"\n\
         [alert]\nretry = \"200ms\"\ngroup_within = \"1s\"\n\
         [[source]]\ntype = \"http\"\nname = \"healthy\"\nurl = {healthy:?}\n\
         [[source]]\ntype = \"tcp\"\nname = \"gone\"\naddress = \"127.0.0.1:1\"\n\
         [[sink]]\ntype = \"webhook\"\nurl = {webhook:?}\n"
    )
}

/// Sleeps while the program runs.
fn pass(time: Duration) {
    let until = Instant::now() + time;
    eventually("time passes", || Instant::now() >= until);
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all();
    builder.build().expect("a runtime")
}

fn open_files(watch: &RunningUp) -> usize {
    let listed = std::fs::read_dir(format!("/proc/{}/fd", watch.pid()));
    listed.expect("it runs").count()
}

/// Mutes and unmutes during the attack, and returns the longest time that this took.
fn muted_meanwhile(up: &Up) -> Duration {
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    while begun.elapsed() < ATTACK {
        for word in ["mute", "unmute"] {
            let asked = Instant::now();
            let outcome = up.run([word]);
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
            longest = longest.max(asked.elapsed());
        }
        pass(Duration::from_millis(500));
    }
    longest
}

/// The samples of the healthy source in the history.
fn past(up: &Up) -> Value {
    let outcome = up.run(["history", "/Site/healthy", "--json"]);
    serde_json::from_str(&outcome.out).expect("JSON")
}

#[test]
fn floods_take_nothing_from_the_others() {
    // The floods keep their thread busy: the healthy one answers from another.
    let calm = runtime();
    let healthy = calm.block_on(async {
        let playing = tokio::spawn(async { Hostile::play(scripts::ok()).await });
        playing.await.expect("the healthy one begins")
    });
    let runtime = runtime();
    let (cases, hook) = runtime.block_on(async {
        tokio::spawn(async {
            let flood = scripts::endless_interim();
            let hook = Hostile::start(Cue::Request, None, move |_| flood.clone()).await;
            (floods().await, hook)
        })
        .await
        .expect("the far sides begin")
    });
    let mut config = site(&healthy.url("/"), &hook.url("/hook"));
    for (n, case) in cases.iter().enumerate() {
        let (kind, keys) = (case.kind, &case.keys);
        let _ = write!(
            config,
            "[[source]]\ntype = {kind:?}\nname = \"flood {n}\"\n{keys}\n"
        );
    }
    let up = Up::with(config);
    let mut watch = up.start(["watch", "-v"]);
    watch.out_until("healthy: UP");
    pass(Duration::from_secs(3));
    let before = open_files(&watch);
    let longest = muted_meanwhile(&up);
    assert!(
        longest < Duration::from_secs(3),
        "a person waited for {longest:?}"
    );
    assert!(
        hook.connections() > 0,
        "the webhook was told of what is gone"
    );
    let after = open_files(&watch);
    assert!(
        after < before + 2 * cases.len(),
        "{before} open files became {after}"
    );
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let past = past(&up);
    assert_eq!(
        past["uptime"],
        Value::from(1.0),
        "the healthy one was up all the time: {past}"
    );
    let _entered = runtime.enter();
    drop((cases, hook));
    let _entered = calm.enter();
    drop(healthy);
}
