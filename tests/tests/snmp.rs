//! `type = "snmp"` against a real snmpd, and against networks that lose, garble and delay.

use std::time::Duration;

use up_core::CheckResult;
use up_core::detail::Value;
use up_source::CheckContext;
use up_tests::check_source::{build, check_source, verdict};
use up_tests::snmpd::{self, BLIND_COMMUNITY, SYS_NAME, Snmpd, SnmpdUser, USERS};

/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_secs(30);
/// A short timeout, for requests that nobody answers.
const BRIEF: Duration = Duration::from_millis(600);

fn keys(port: u16, more: &str) -> String {
    format!("host = \"127.0.0.1\"\nport = {port}\n{more}")
}

/// The keys of a user with the right passwords.
fn keys_of(user: &SnmpdUser) -> String {
    let name = user.name;
    let auth = user.auth.map(|(word, _)| {
        let password = snmpd::auth_password(name);
        format!("auth = {word:?}\nauth_password = {password:?}\n")
    });
    let privacy = user.privacy.map(|(word, _)| {
        let password = snmpd::privacy_password(name);
        format!("privacy = {word:?}\nprivacy_password = {password:?}\n")
    });
    let security = auth.into_iter().chain(privacy).collect::<String>();
    format!("version = \"3\"\nuser = {name:?}\n{security}")
}

fn user(name: &str) -> &'static SnmpdUser {
    USERS.iter().find(|user| user.name == name).expect("a user")
}

async fn check(snmpd: &Snmpd, more: &str, timeout: Duration, expected: &str) -> CheckResult {
    let answer = check_source("snmp", &keys(snmpd.port(), more), timeout).await;
    assert_eq!(verdict(&answer), expected, "{more}\n{answer:?}");
    answer
}

#[tokio::test]
async fn versions_1_and_2c_read_the_name() {
    let snmpd = Snmpd::start();
    for more in [
        "",
        "version = \"1\"",
        "version = \"2c\"",
        "community = \"public\"",
    ] {
        let answer = check(&snmpd, more, PATIENT, "up").await;
        assert_eq!(answer.name.as_deref(), Some(SYS_NAME), "{more}");
        let detail = answer.detail.get("sys_name");
        assert_eq!(detail, Some(&Value::from(SYS_NAME)), "{more}");
    }
}

#[tokio::test]
async fn a_name_that_may_not_be_read_is_unknown() {
    let snmpd = Snmpd::start();
    for version in ["1", "2c"] {
        let more = format!("version = {version:?}\ncommunity = {BLIND_COMMUNITY:?}");
        check(&snmpd, &more, PATIENT, "unknown missing").await;
    }
}

#[tokio::test]
async fn a_wrong_community_is_silence_that_says_what_it_may_be() {
    let snmpd = Snmpd::start();
    let answer = check(&snmpd, "community = \"wrong\"", BRIEF, "down timeout").await;
    assert_eq!(
        &*answer.cause.unwrap().text,
        format!(
            "no answer from 127.0.0.1:{} within 0.6s: wrong community, firewall, or no agent",
            snmpd.port()
        )
    );
}

#[tokio::test]
async fn users_of_every_kind_read_the_name() {
    let snmpd = Snmpd::start();
    for user in USERS {
        let answer = check(&snmpd, &keys_of(user), PATIENT, "up").await;
        assert_eq!(answer.name.as_deref(), Some(SYS_NAME), "{}", user.name);
    }
}

#[tokio::test]
async fn a_user_that_the_agent_refuses_is_unknown() {
    let snmpd = Snmpd::start();
    let v3 = |more: &str| format!("version = \"3\"\n{more}");
    let wrong_auth = "auth = \"sha1\"\nauth_password = \"not the password\"";
    let wrong_hash = "auth = \"md5\"\nauth_password = \"authentication of sha1\"";
    let wrong_level = "auth = \"sha1\"\nauth_password = \"authentication of sha1\"\n\
         privacy = \"aes128\"\nprivacy_password = \"privacy of sha1\"";
    let wrong_privacy = "auth = \"sha1\"\nauth_password = \"authentication of sha1-aes128\"\n\
         privacy = \"aes128\"\nprivacy_password = \"not the password\"";
    for (more, timeout, says) in [
        (
            "user = \"nobody\"".to_owned(),
            PATIENT,
            "knows no user \"nobody\"",
        ),
        (
            format!("user = \"nobody\"\n{wrong_auth}"),
            PATIENT,
            "knows no user",
        ),
        (
            format!("user = \"sha1\"\n{wrong_auth}"),
            PATIENT,
            "wrong auth_password",
        ),
        (
            format!("user = \"sha1\"\n{wrong_hash}"),
            PATIENT,
            "another auth than md5",
        ),
        (
            format!("user = \"sha1\"\n{wrong_level}"),
            PATIENT,
            "privacy: aes128",
        ),
        (
            "user = \"sha1\"".to_owned(),
            PATIENT,
            "does not let this user",
        ),
        (
            format!("user = \"sha1-aes128\"\n{wrong_privacy}"),
            BRIEF * 3,
            "wrong privacy_password",
        ),
    ] {
        let answer = check(&snmpd, &v3(&more), timeout, "unknown credentials").await;
        let text = answer.cause.unwrap().text;
        assert!(text.contains(says), "{more}\n{text}");
        assert!(!text.contains("not the password"), "no secret in {text}");
    }
}

/// Checks as one user through restarts of the agent.
async fn check_restarts(name: &str) {
    let mut snmpd = Snmpd::start();
    let built = build("snmp", &keys(snmpd.port(), &keys_of(user(name)))).expect("a source");
    let check = async |expected: &str, when: &str| {
        let answer = built
            .source
            .check(&CheckContext::starting_now(PATIENT))
            .await;
        assert_eq!(verdict(&answer), expected, "{name} {when}: {answer:?}");
    };
    check("up", "at first").await;
    check("up", "over the kept session").await;
    snmpd.stop();
    check("down refused", "stopped").await;
    snmpd.start_again();
    check("up", "started again").await;
    snmpd.stop();
    snmpd.start_again();
    check("up", "started again between two checks").await;
    snmpd.stop();
    snmpd.start_anew();
    check("up", "with another engine in its place").await;
}

#[tokio::test]
async fn a_session_without_security_outlives_restarts() {
    check_restarts("plain").await;
}

#[tokio::test]
async fn an_authenticated_session_outlives_restarts() {
    check_restarts("sha1").await;
}

#[tokio::test]
async fn an_encrypted_session_outlives_restarts() {
    check_restarts("sha256-aes128").await;
}

#[tokio::test]
async fn a_session_with_the_other_long_key_outlives_restarts() {
    check_restarts("sha1-aes256-c").await;
}
