//! The key `oid` of `type = "snmp"` against a real snmpd that returns the values of the test.

use std::time::Duration;

use up_core::CheckResult;
use up_core::detail::{Detail, Value};
use up_source::{Built, CheckContext};
use up_tests::check_source::{build, check_source, verdict};
use up_tests::snmpd::{self, SYS_NAME, Snmpd};

/// The timeout. It is long, so that a loaded machine fails no test that does not wait for it.
const PATIENT: Duration = Duration::from_secs(30);

const OPER_STATUS: &str = ".1.3.6.1.2.1.2.2.1.8.99";
const IN_OCTETS: &str = ".1.3.6.1.2.1.2.2.1.10.99";
const HC_IN_OCTETS: &str = ".1.3.6.1.2.1.31.1.1.1.6.99";
const STORAGE_SIZE: &str = ".1.3.6.1.2.1.25.2.3.1.5.99";
const STORAGE_USED: &str = ".1.3.6.1.2.1.25.2.3.1.6.99";
const PRINTER_ERRORS: &str = ".1.3.6.1.2.1.25.3.5.1.2.99";
const BATTERY_STATUS: &str = ".1.3.6.1.2.1.33.1.2.1.0";

fn keys(snmpd: &Snmpd, oid: &str) -> String {
    format!("host = \"127.0.0.1\"\nport = {}\n{oid}", snmpd.port())
}

/// Checks, and compares the verdict and the text of the cause.
async fn check(snmpd: &Snmpd, oid: &str, expected: &str, says: &str) -> CheckResult {
    let answer = check_source("snmp", &keys(snmpd, oid), PATIENT).await;
    assert_eq!(verdict(&answer), expected, "{oid}\n{answer:?}");
    let said = answer.cause.as_ref().map_or("", |cause| &*cause.text);
    assert_eq!(
        said.replace(&format!("127.0.0.1:{}", snmpd.port()), "AGENT"),
        says
    );
    answer
}

fn value<'a>(answer: &'a CheckResult, name: &str) -> Option<&'a Value> {
    match answer.detail.get("values") {
        Some(Value::Map(values)) => values.get(name),
        _ => None,
    }
}

#[tokio::test]
async fn objects_are_what_is_expected_or_it_is_said() {
    let snmpd = Snmpd::start();
    let oid = r#"oid = [
        { oid = "ifOperStatus.99", expect = "up" },
        { oid = "1.3.6.1.2.1.33.1.2.1.0", expect = 2, label = "battery" },
        { oid = "hrPrinterDetectedErrorState.99", expect = ["lowPaper", "lowToner"] },
        { oid = "hrStorageUsed.99", of = "hrStorageSize.99", warn = "80", crit = "90" },
        { oid = "sysName", expect = { regex = "^router[.]" } },
    ]"#;
    snmpd.set(OPER_STATUS, "integer 1");
    snmpd.set(BATTERY_STATUS, "integer 2");
    snmpd.set(PRINTER_ERRORS, "octet a0 00");
    snmpd.set(STORAGE_SIZE, "integer 1000");
    snmpd.set(STORAGE_USED, "integer 755");
    let answer = check(&snmpd, oid, "up", "").await;
    let mut values = Detail::new();
    values.put("ifOperStatus.99", "up");
    values.put("battery", "batteryNormal");
    values.put("hrPrinterDetectedErrorState.99", "lowPaper, lowToner");
    values.put("hrStorageUsed.99", 75.5);
    values.put("sysName.0", SYS_NAME);
    assert_eq!(answer.detail.get("values"), Some(&Value::from(values)));
    assert_eq!(answer.name, None);

    snmpd.set(STORAGE_USED, "integer 855");
    let half = "hrStorageUsed.99 is 85.5 % of hrStorageSize.99, wanted 80 (warn)";
    check(&snmpd, oid, "0.5 expect", half).await;

    snmpd.set(OPER_STATUS, "integer 7");
    snmpd.set(BATTERY_STATUS, "integer 3");
    snmpd.set(PRINTER_ERRORS, "octet 44 00");
    let all = format!(
        "ifOperStatus.99 is lowerLayerDown, wanted up; \
         battery (upsBatteryStatus.0) is batteryLow, wanted batteryNormal; \
         hrPrinterDetectedErrorState.99 is noPaper, jammed, wanted lowPaper or lowToner; {half}"
    );
    check(&snmpd, oid, "down expect", &all).await;
}

#[tokio::test]
async fn one_object_is_up_when_it_has_a_value() {
    let snmpd = Snmpd::start();
    snmpd.set(BATTERY_STATUS, "integer 4");
    let answer = check(&snmpd, "oid = \"upsBatteryStatus\"", "up", "").await;
    assert_eq!(
        value(&answer, "upsBatteryStatus.0"),
        Some(&"batteryDepleted".into())
    );
}

#[tokio::test]
async fn what_the_agent_does_not_have_is_unknown() {
    let snmpd = Snmpd::start();
    let check = async |oid: &str, says: &str| {
        check(&snmpd, oid, "unknown missing", says).await;
    };
    let oid = "oid = \"ifOperStatus.4000\"";
    check(oid, "AGENT has no ifOperStatus.4000: noSuchInstance").await;
    let oid = "oid = \"1.3.6.1.4.1.99999.1.0\"";
    check(oid, "AGENT has no 1.3.6.1.4.1.99999.1.0: noSuchObject").await;
    // Version 1 has no exceptions, but an error for the whole request.
    let oid = "version = \"1\"\noid = [{ oid = \"sysName\" }, { oid = \"ifOperStatus.4000\" }]";
    check(oid, "AGENT has no ifOperStatus.4000: noSuchName").await;
}

#[tokio::test]
async fn what_the_agent_does_not_have_hides_nothing_else() {
    let snmpd = Snmpd::start();
    snmpd.set(OPER_STATUS, "integer 2");
    for version in ["1", "2c"] {
        let word = if version == "1" {
            "noSuchName"
        } else {
            "noSuchInstance"
        };
        let oid = format!(
            "version = {version:?}\noid = [{{ oid = \"ifOperStatus.4000\" }}, {{ oid = \"sysName\" }}, \
             {{ oid = \"ifOperStatus.99\", expect = \"up\" }}]"
        );
        let says =
            format!("ifOperStatus.99 is down, wanted up; AGENT has no ifOperStatus.4000: {word}");
        let answer = check(&snmpd, &oid, "down expect", &says).await;
        assert_eq!(value(&answer, "sysName.0"), Some(&SYS_NAME.into()));
    }
}

#[tokio::test]
async fn encrypted_questions_have_many_objects_too() {
    let snmpd = Snmpd::start();
    snmpd.set(OPER_STATUS, "integer 2");
    let user = "sha256-aes128";
    let (auth, privacy) = (snmpd::auth_password(user), snmpd::privacy_password(user));
    let keys = format!(
        "version = \"3\"\nuser = {user:?}\nauth = \"sha256\"\nauth_password = {auth:?}\n\
         privacy = \"aes128\"\nprivacy_password = {privacy:?}\n\
         oid = [{{ oid = \"ifOperStatus.99\", expect = \"up\" }}, {{ oid = \"sysUpTime\" }}]"
    );
    let says = "ifOperStatus.99 is down, wanted up";
    let answer = check(&snmpd, &keys, "down expect", says).await;
    assert!(matches!(value(&answer, "sysUpTime.0"), Some(Value::Number(ticks)) if *ticks > 0.0));
}

/// Checks once more. Returns the verdict and the two rates in the detail.
async fn rates(built: &Built) -> (String, [Option<Value>; 2]) {
    let answer = built
        .source
        .check(&CheckContext::starting_now(PATIENT))
        .await;
    let rates = ["short", "long"].map(|label| value(&answer, label).cloned());
    (verdict(&answer), rates)
}

#[tokio::test]
async fn rates_go_on_past_a_wrap_and_begin_again_after_a_restart() {
    let mut snmpd = Snmpd::start();
    let oid = r#"oid = [
        { oid = "ifInOctets.99", rate = true, crit = "~:1e6", label = "short" },
        { oid = "ifHCInOctets.99", rate = true, crit = "~:1e6", label = "long" },
    ]"#;
    let built = build("snmp", &keys(&snmpd, oid)).expect("a source");
    let not_yet = || [Some("not yet".into()), Some("not yet".into())];
    snmpd.set(IN_OCTETS, "counter 4294967000");
    snmpd.set(HC_IN_OCTETS, "counter64 18446744073709551000");
    assert_eq!(rates(&built).await, ("up".to_owned(), not_yet()));

    tokio::time::sleep(Duration::from_millis(1_200)).await;
    snmpd.set(IN_OCTETS, "counter 704");
    snmpd.set(HC_IN_OCTETS, "counter64 1384");
    let (verdict, [short, long]) = rates(&built).await;
    assert_eq!(verdict, "up");
    // 1000 and 2000 in the same time, which was at least 1.2 s.
    let (Some(Value::Number(short)), Some(Value::Number(long))) = (&short, &long) else {
        panic!("no rates: {short:?} {long:?}");
    };
    assert!((1.0..=850.0).contains(short), "{short} a second");
    assert!((long - 2.0 * short).abs() < 1e-6, "{short} and {long}");

    // The agent must have run longer before its restart than after it.
    tokio::time::sleep(Duration::from_secs(4)).await;
    rates(&built).await;
    snmpd.stop();
    snmpd.start_again();
    snmpd.set(IN_OCTETS, "counter 10");
    snmpd.set(HC_IN_OCTETS, "counter64 10");
    assert_eq!(
        rates(&built).await,
        ("up".to_owned(), not_yet()),
        "started again"
    );
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (verdict, [short, _]) = rates(&built).await;
    assert_eq!((verdict.as_str(), short), ("up", Some(0.0.into())));
}
