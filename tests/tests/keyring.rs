//! Secrets in the system's keyring: a real one, locked, frozen, empty and absent.

use std::time::{Duration, Instant};

use up_tests::keyring::KeyringDaemon;
use up_tests::up::{RunOutcome, Up};

/// An `up` on that session bus.
fn up_on(bus: &str, config: &str) -> Up {
    let mut up = Up::with(config);
    up.env("DBUS_SESSION_BUS_ADDRESS", bus);
    up
}

/// A source that is up if it got the secret `hunter2`.
const SOURCE: &str = "[[source]]\ntype = \"command\"\nname = \"knows\"\n\
    command = [\"sh\", \"-c\", \"test \\\"$SECRET\\\" = hunter2\"]\n\
    env = { SECRET = { keyring = \"github token\" } }\n";

fn run(bus: &str, config: &str) -> RunOutcome {
    up_on(bus, config).run([""; 0])
}

/// Every key that holds a secret, each from the entry `name`.
fn all_fields(name: &str) -> String {
    let secret = format!("{{ keyring = \"{name}\" }}");
    format!(
        "name = \"Root\"\n\
         [[source]]\ntype = \"http\"\nname = \"basic\"\nurl = \"http://h.example/\"\n\
         username = {secret}\npassword = {secret}\nheaders = {{ Cookie = {secret} }}\n\
         [[source]]\ntype = \"http\"\nname = \"bearer\"\nurl = \"http://h.example/\"\n\
         token = {secret}\n\
         [[source]]\ntype = \"snmp\"\nname = \"v2c\"\nhost = \"h.example\"\ncommunity = {secret}\n\
         [[source]]\ntype = \"snmp\"\nname = \"v3\"\nhost = \"h.example\"\nversion = \"3\"\n\
         user = \"u\"\nauth = \"sha256\"\nprivacy = \"aes128\"\nauth_password = {secret}\nprivacy_password = {secret}\n\
         [[source]]\ntype = \"command\"\nname = \"env\"\ncommand = [\"true\"]\n\
         env = {{ A = {secret} }}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_come_from_the_keyring() {
    let keyring = KeyringDaemon::start().await;
    let bus = keyring.bus_address();
    keyring.store("github token", "hunter2\n");
    let outcome = run(bus, SOURCE);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.err, "");

    keyring.store("any", "a long enough password");
    let validated = up_on(bus, &all_fields("any")).run(["validate"]);
    assert_eq!(validated.out, "ok: 5 sources\n", "{validated:?}");
    let sink = "[[sink]]\ntype = \"mongo\"\nuri = { keyring = \"db\" }\n";
    keyring.store("db", "mongodb://me:hunter2@localhost");
    let validated = up_on(bus, &format!("{SOURCE}{sink}")).run(["validate"]);
    assert_eq!(validated.out, "ok: 1 source\n", "{validated:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_keyring_does_not_give_is_said_where_it_is_asked_for() {
    let mut keyring = KeyringDaemon::start().await;
    let bus = keyring.bus_address().to_owned();
    let check = |bus: &str, words: &[&str]| {
        let outcome = run(bus, SOURCE);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert_eq!(outcome.out, "", "nothing is asked");
        assert!(outcome.err.starts_with("up.toml:5:"), "{}", outcome.err);
        for word in words {
            assert!(outcome.err.contains(word), "{} says {word}", outcome.err);
        }
    };
    check(
        &bus,
        &[
            "the keyring has no entry \"github token\"",
            "secret-tool store --label=Up service up username 'github token'",
        ],
    );
    let missing = up_on(&bus, &all_fields("none")).run(["validate"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
    let told = missing.err.matches("the keyring has no entry \"none\"");
    assert_eq!(told.count(), 5, "once for each source: {}", missing.err);

    keyring.store("github token", "hunter2");
    keyring.lock().await;
    check(&bus, &["the keyring is locked", "unlock it"]);

    keyring.freeze();
    let began = Instant::now();
    check(&bus, &["the keyring did not answer within 10s"]);
    // The deadline is ten seconds. The test hangs if it is not kept.
    assert!(
        began.elapsed() < Duration::from_secs(40),
        "{:?}",
        began.elapsed()
    );

    keyring.stop();
    check(&bus, &["there is no keyring", "{ env = \"NAME\" }"]);
    check("unix:path=/no/such/bus", &["there is no keyring"]);
}
