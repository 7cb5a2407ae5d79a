//! References that answer, and that do not. They are on the loopback and belong to one source, so
//! that the test runs wherever a port can be opened.

use std::net::TcpListener;

use rustix::process::Signal;
use up_tests::nginx::Nginx;
use up_tests::port::Port;
use up_tests::up::{Up, eventually};

use super::{downs, samples};

const WEB: &str = "/Site/web";

/// An up.toml with one source and its reference.
fn site(reference: &str, url: &str) -> String {
    format!(
        "name = \"Site\"\ninterval = \"1s\"\ntimeout = \"2s\"\n[alert]\nretry = \"200ms\"\n\
         [[source]]\ntype = \"http\"\nname = \"web\"\nurl = {url:?}\nreference = [{reference:?}]\n"
    )
}

#[test]
fn without_its_reference_a_source_is_offline_and_with_it_down() {
    let mut nginx = Nginx::start();
    let port = Port::claim();
    let address = port.address();
    let reference = TcpListener::bind(address).expect("a claimed port is free");
    let up = Up::with(site(&format!("tcp://{address}"), &nginx.url("/ok")));
    let mut watch = up.start(["watch"]);
    watch.out_until("Site: UP");

    drop(reference);
    nginx.stop();
    let trouble = watch.err_until("offline");
    assert!(trouble.contains("1 source is not scored"), "{trouble}");
    nginx.start_again();
    watch.err_until("over: ");
    let good = samples(&up, WEB).len();
    eventually("it is scored again", || samples(&up, WEB).len() > good + 1);
    assert_eq!(downs(&up, WEB), 0, "what was offline is a gap");
    assert!(watch.out_now().iter().all(|line| !line.contains("DOWN")));

    let reference = TcpListener::bind(address).expect("the port is still ours");
    nginx.stop();
    let down = watch.out_until("/Site/web");
    assert!(down.contains("DOWN — connection refused"), "{down}");
    nginx.start_again();
    watch.out_until("/Site/web: UP again after ");
    eventually("what is down is kept", || downs(&up, WEB) >= 2);
    drop(reference);
    assert_eq!(watch.end(Signal::TERM), Some(0));
}
