//! Files that up.toml names: rotated, touched, missing for a moment, and half written.

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;
use up_tests::up::{RunningUp, Up, eventually};

/// An up.toml with a source that records its secret at each check, and is down if the secret is
/// `bad`. Its interval is an hour.
const SITE: &str = r#"
name = "R"
interval = "1h"
alert = { retry = "100ms" }
[[source]]
type = "command"
name = "c"
command = ["sh", "-c", "echo \"$TOKEN\" >>asked; test \"$TOKEN\" != bad || exit 2"]
env = { TOKEN = { file = "token" } }
"#;

fn asked(up: &Up) -> Vec<String> {
    let text = std::fs::read_to_string(up.dir().join("asked")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn started(up: &Up) -> RunningUp {
    let watch = up.start(["watch"]);
    watch.out_until("R: ");
    watch
}

fn replace(up: &Up, name: &str, text: &str) {
    up.write("fresh", text);
    std::fs::rename(up.dir().join("fresh"), up.dir().join(name)).expect("it is replaced");
}

#[expect(
    clippy::disallowed_methods,
    reason = "that nothing happens has no event to wait for"
)]
fn a_moment() {
    std::thread::sleep(Duration::from_secs(2));
}

#[test]
fn a_rotated_secret_is_asked_with_at_once() {
    let up = Up::with(SITE);
    up.write("token", "one\n");
    let mut watch = started(&up);
    for (write, secret) in [
        (replace as fn(&Up, &str, &str), "two"),
        (|up, name, text| up.write(name, text), "three"),
    ] {
        write(&up, "token", secret);
        eventually("the new secret is used", || {
            asked(&up).last().is_some_and(|last| last == secret)
        });
    }
    let before = asked(&up);
    up.write("token", "three\n");
    a_moment();
    assert_eq!(
        asked(&up),
        before,
        "the same secret written again reloads nothing"
    );
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert_eq!(watch.err_now(), [""; 0]);
}

#[test]
fn a_source_with_another_secret_is_the_same_source() {
    let up = Up::with(SITE);
    up.write("token", "good");
    let mut watch = started(&up);
    up.write("token", "bad");
    watch.out_until("/R/c: DOWN");
    up.write("token", "good");
    watch.out_until("/R/c: UP again after ");
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn a_secret_that_is_away_for_a_moment_changes_nothing() {
    let up = Up::with(SITE);
    up.write("token", "one");
    let token = up.dir().join("token");
    let mut watch = started(&up);
    let before = asked(&up);
    for away in [
        |token: &Path| std::fs::remove_file(token).expect("it is removed"),
        |token: &Path| std::fs::write(token, "").expect("it is emptied"),
    ] {
        away(&token);
        a_moment();
        up.write("token", "one");
        a_moment();
    }
    assert_eq!(
        watch.err_now(),
        [""; 0],
        "it was there again before it was told"
    );
    assert_eq!(asked(&up).first(), before.first());

    std::fs::remove_file(&token).expect("it is removed");
    let told = watch.err_until("the secret file ");
    assert!(
        told.contains("up.toml:9:") && told.contains("token"),
        "{told}"
    );
    watch.err_until("env = { TOKEN = { file = \"token\" } }");
    up.write("token", "two");
    watch.err_until("over: ");
    eventually("it is asked with it", || {
        asked(&up).last().is_some_and(|last| last == "two")
    });
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn up_toml_itself_may_be_away_for_a_moment() {
    let up = Up::with(SITE);
    up.write("token", "one");
    let config = up.dir().join("up.toml");
    let mut watch = started(&up);
    let good = std::fs::read(&config).expect("it is there");
    std::fs::remove_file(&config).expect("it is removed");
    a_moment();
    std::fs::write(&config, &good).expect("it is back");
    a_moment();
    std::fs::write(&config, "").expect("it is emptied");
    a_moment();
    std::fs::write(&config, &good).expect("it is back");
    a_moment();
    assert_eq!(watch.err_now(), [""; 0]);
    std::fs::remove_file(&config).expect("it is removed");
    watch.err_until("up.toml: there is no such file");
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

mod tls {
    //! Certificates: an authority's, and our own with its key.

    use up_tests::hostile::tls::Authority;
    use up_tests::nginx::Nginx;

    use super::*;

    #[test]
    fn a_rotated_authority_is_trusted_at_once() {
        let authority = Authority::new();
        let (certificate, key) = authority.pair(&["127.0.0.1"]);
        let nginx = Nginx::secure(
            "ssl_certificate server.pem; ssl_certificate_key server.key;",
            &[("server.pem", &certificate), ("server.key", &key)],
        );
        let up = Up::new();
        up.write("ca.pem", Authority::new().pem());
        let site = format!(
            "name = \"R\"\ninterval = \"1h\"\nalert = {{ retry = \"100ms\" }}\n\
             [[source]]\ntype = \"http\"\nname = \"h\"\nurl = \"{}\"\nca = \"ca.pem\"\n\
             [[source]]\ntype = \"tls\"\nname = \"t\"\nhost = \"127.0.0.1\"\nport = {}\nca = \"ca.pem\"\n",
            nginx.https("/ok"),
            nginx.port(),
        );
        up.write("up.toml", site);
        let mut watch = up.start(["watch"]);
        watch.out_until("R: DOWN");
        let history = |path: &str| up.run(["history", path]).out;
        for path in ["/R/h", "/R/t"] {
            eventually("it is believed", || {
                history(path).matches(" DOWN").count() >= 2
            });
        }
        replace(&up, "ca.pem", authority.pem());
        for path in ["/R/h", "/R/t"] {
            eventually("it is asked again", || history(path).contains(" UP "));
        }
        assert_eq!(watch.end(Signal::TERM), Some(0));
    }

    #[test]
    fn a_certificate_and_its_key_of_two_generations_change_nothing() {
        let authority = Authority::new();
        let [old, new] = [(); 2].map(|()| authority.pair(&["client"]));
        let up = Up::new();
        up.write("cert.pem", &old.0);
        up.write("key.pem", &old.1);
        up.write(
            "up.toml",
            format!(
                "{SITE}[[source]]\ntype = \"http\"\nname = \"h\"\nurl = \"https://127.0.0.1:1/\"\n\
                 client_certificate = \"cert.pem\"\nclient_key = \"key.pem\"\n"
            ),
        );
        up.write("token", "one");
        let mut watch = started(&up);
        replace(&up, "cert.pem", &new.0);
        a_moment();
        assert_eq!(watch.err_now(), [""; 0], "its key may be on its way");
        replace(&up, "key.pem", &new.1);
        a_moment();
        // Truncated, as while somebody writes it.
        up.write("cert.pem", &old.0[..old.0.len() / 2]);
        a_moment();
        up.write("cert.pem", &old.0);
        up.write("key.pem", &old.1);
        a_moment();
        assert_eq!(watch.err_now(), [""; 0]);
        // The key of another certificate, permanently.
        replace(&up, "key.pem", &new.1);
        let told = watch.err_until("this key is not the one of the certificate");
        assert!(told.contains("key.pem"), "{told}");
        assert_eq!(watch.end(Signal::TERM), Some(0));
    }
}
