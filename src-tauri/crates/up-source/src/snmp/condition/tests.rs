//! Tables of readings, and what conditions on SNMP objects make of them.

use futures_util::FutureExt as _;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use up_core::Status;

use super::super::rate::Counter::{Long, Short};
use super::*;
use crate::net::fault::Fault;

fn make(oids: &Json) -> Result<ObjectConditions, ConfigProblem> {
    ObjectConditions::new(&serde_json::from_value(oids.clone()).expect("keys of their types"))
}

/// The status and the cause code of a result.
fn told(answer: &CheckResult) -> (Option<f64>, String) {
    let cause = answer.cause.as_ref();
    let cause = cause.map(|cause| format!("{}: {}", cause.code.code(), cause.text));
    (answer.status.map(Status::value), cause.unwrap_or_default())
}

fn at_once(answer: impl Future<Output = CheckResult>) -> CheckResult {
    answer.now_or_never().expect("nobody else waits")
}

fn check(oids: &Json, readings: &[VariableReading], expected: (Option<f64>, &str)) {
    let conditions = make(oids).unwrap_or_else(|problem| panic!("{oids}: {problem}"));
    let (status, cause) = told(&at_once(conditions.answer(
        readings,
        "a:161",
        &mut Pace::undivided(),
    )));
    assert_eq!((status, &*cause), expected, "{oids}");
}

use VariableReading::{Counter, Missing, Number, Ticks};

const UP: (Option<f64>, &str) = (Some(1.0), "");

fn text(text: &str) -> VariableReading {
    VariableReading::Text(text.as_bytes().into())
}

#[test]
fn a_failing_condition_says_what_was_found_and_what_was_wanted() {
    check(&json!("ifOperStatus.2"), &[Number(2)], UP);
    let up = json!([{ "oid": "ifOperStatus.2", "expect": "up" }]);
    check(&up, &[Number(1)], UP);
    let down = "expect: ifOperStatus.2 is lowerLayerDown, wanted up";
    check(&up, &[Number(7)], (Some(0.0), down));
    let battery = json!([{ "oid": "1.3.6.1.2.1.33.1.2.1.0", "expect": 2, "label": "battery" }]);
    let low = "expect: battery (upsBatteryStatus.0) is batteryLow, wanted batteryNormal";
    check(&battery, &[Number(3)], (Some(0.0), low));
    let regex = json!([{ "oid": "sysDescr", "expect": { "regex": "^Linux" } }]);
    check(&regex, &[text("Linux 6.1")], UP);
    let bsd = "expect: sysDescr.0 is OpenBSD, wanted a match of \"^Linux\"";
    check(&regex, &[text("OpenBSD")], (Some(0.0), bsd));
    let paper = json!([{ "oid": "hrPrinterDetectedErrorState.1", "expect": ["lowToner"] }]);
    let out = "expect: hrPrinterDetectedErrorState.1 is noPaper, jammed, wanted lowToner";
    let bits = VariableReading::Text([0x44].into());
    check(&paper, &[bits], (Some(0.0), out));
}

#[test]
fn ranges_make_it_half_up_or_down() {
    let load = json!([{ "oid": "hrProcessorLoad.1", "warn": "80", "crit": "90" }]);
    check(&load, &[Number(80)], UP);
    let warn = "expect: hrProcessorLoad.1 is 85, wanted 80 (warn)";
    check(&load, &[Number(85)], (Some(0.5), warn));
    let crit = "expect: hrProcessorLoad.1 is 91, wanted 90 (crit)";
    check(&load, &[Number(91)], (Some(0.0), crit));
    let words = "expect: hrProcessorLoad.1 is much, wanted a number";
    check(&load, &[text("much")], (None, words));
    check(&load, &[text("12.5")], UP);
    let charge = json!([{ "oid": "upsEstimatedChargeRemaining", "crit": "50:" }]);
    let empty = "expect: upsEstimatedChargeRemaining.0 is 40, wanted 50: (crit)";
    check(&charge, &[Number(40)], (Some(0.0), empty));
}

#[test]
fn percentages_are_of_another_object() {
    let disk = json!([{ "oid": "hrStorageUsed.1", "of": "hrStorageSize.1", "crit": "90" }]);
    // The object of `of` is requested first.
    let check = |part, whole, expected: (Option<f64>, &str)| {
        check(&disk, &[Number(whole), Number(part)], expected);
    };
    check(900, 1_000, UP);
    let full = "expect: hrStorageUsed.1 is 95.1 % of hrStorageSize.1, wanted 90 (crit)";
    check(951, 1_000, (Some(0.0), full));
    let none = |part, whole| {
        format!(
            "expect: hrStorageUsed.1 is {part} and hrStorageSize.1 is {whole}, which makes no \
             percentage"
        )
    };
    for (part, whole) in [(0, 0), (-3, 100)] {
        let none = none(part, whole);
        check(part, whole, (None, none.as_str()));
    }
}

#[test]
fn the_worst_counts_and_all_that_is_wrong_is_told() {
    let three = json!([
        { "oid": "ifInErrors.1", "warn": "10" },
        { "oid": "ifOperStatus.1", "expect": "up" },
        { "oid": "sysName", "expect": "a" },
    ]);
    let all = "expect: ifOperStatus.1 is down, wanted up; ifInErrors.1 is 11, wanted 10 (warn); \
               a:161 has no sysName.0: noSuchInstance";
    let readings = vec![Number(11), Number(2), Missing("noSuchInstance")];
    check(&three, &readings, (Some(0.0), all));
    let half = "expect: ifInErrors.1 is 11, wanted 10 (warn); a:161 has no sysName.0: endOfMibView";
    let readings = vec![Number(11), Number(1), Missing("endOfMibView")];
    check(&three, &readings, (Some(0.5), half));
    let unknown = "missing: a:161 has no sysName.0: noSuchObject";
    let readings = vec![Number(1), Number(1), Missing("noSuchObject")];
    check(&three, &readings, (None, unknown));
    let other = "missing: a:161 has no sysName.0: a value of a type that Up does not read";
    let readings = vec![Number(1), Number(1), VariableReading::Other];
    check(&three, &readings, (None, other));
}

#[test]
fn an_error_for_one_object_hides_no_other() {
    let two = json!([{ "oid": "sysName" }, { "oid": "ifOperStatus.9", "expect": "up" }]);
    let check = |first, second, expected: (Option<f64>, &str)| {
        check(&two, &[first, second], expected);
    };
    let down = "expect: ifOperStatus.9 is down, wanted up";
    let missing = || Missing("noSuchName");
    let no_name = "a:161 has no sysName.0: noSuchName";
    check(missing(), Number(1), (None, &format!("missing: {no_name}")));
    check(
        missing(),
        Number(2),
        (Some(0.0), &format!("{down}; {no_name}")),
    );
    let error = VariableReading::refused;
    check(
        error(5),
        Number(1),
        (None, "agent: a:161 cannot return sysName.0: genErr"),
    );
    let forbidden = "credentials: a:161 does not let this user or community read sysName.0";
    check(error(16), Number(1), (None, forbidden));
    check(error(6), Number(1), (None, forbidden));
    let late = || VariableReading::Unanswered(Fault::new(CauseCode::Timeout, "no answer"));
    let text = "sysName.0 is not known: no answer";
    check(late(), Number(1), (None, &format!("timeout: {text}")));
    check(late(), Number(2), (Some(0.0), &format!("{down}; {text}")));
    // The agent returns errors only.
    check(
        error(5),
        error(1),
        (Some(0.0), "agent: a:161 answers with an error: genErr"),
    );
    let forbidden = "credentials: a:161 does not let this user or community read sysName.0 or \
                     ifOperStatus.9";
    check(error(16), error(16), (None, forbidden));
}

#[test]
fn numbers_with_a_fraction_are_judged_and_what_is_none_is_not() {
    let load = json!([{ "oid": "1.3.6.1.4.1.2021.10.1.6.1", "warn": "20", "crit": "40" }]);
    let name = "1.3.6.1.4.1.2021.10.1.6.1";
    check(&load, &[VariableReading::Real(0.42)], UP);
    let warn = format!("expect: {name} is 25.3, wanted 20 (warn)");
    check(&load, &[VariableReading::Real(25.3)], (Some(0.5), &warn));
    for (number, shown) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        let none = format!("expect: {name} is {shown}, wanted a number");
        check(&load, &[VariableReading::Real(number)], (None, &none));
        let share = json!([{ "oid": "ifInErrors.1", "of": "ifInErrors.2", "crit": "90" }]);
        let none = format!(
            "expect: ifInErrors.1 is {shown} and ifInErrors.2 is 5, which makes no percentage"
        );
        check(
            &share,
            &[Number(5), VariableReading::Real(number)],
            (None, &none),
        );
    }
    let exactly = json!([{ "oid": "1.3.6.1.4.1.1.1", "expect": 25.3 }]);
    check(&exactly, &[VariableReading::Real(25.3)], UP);
}

#[test]
fn a_rate_needs_two_readings_of_one_run_of_the_agent() {
    let rate = json!([{ "oid": "ifInOctets.2", "rate": true, "crit": "~:100", "label": "in" }]);
    let conditions = make(&rate).expect("a condition");
    let mut marks = [None];
    let mut read = |seconds, ticks, reading| {
        let at = Duration::from_secs(seconds);
        let answer = at_once(conditions.judge(
            &[Ticks(ticks), reading],
            at,
            &mut marks,
            "a:161",
            &mut Pace::undivided(),
        ));
        let waits = answer.detail.get("rate").is_some();
        let (status, cause) = told(&answer);
        (status, cause, waits)
    };
    let up = |waits| (Some(1.0), String::new(), waits);
    assert_eq!(read(0, 1_000, Counter(Short(u32::MAX - 99))), up(true));
    assert_eq!(
        read(10, 2_000, Counter(Short(900))),
        up(false),
        "100 a second"
    );
    let fast = "expect: in (ifInOctets.2) is 110 a second, wanted ~:100 (crit)".to_owned();
    let fast = (Some(0.0), fast, false);
    assert_eq!(read(20, 3_000, Counter(Short(2_000))), fast);
    assert_eq!(read(30, 100, Counter(Short(5))), up(true), "started again");
    assert_eq!(read(40, 1_100, Counter(Short(5))), up(false));
    assert_eq!(read(50, 2_100, Counter(Long(5))), up(true));
    let none = "expect: in (ifInOctets.2) is no counter, so it has no rate".to_owned();
    assert_eq!(read(60, 3_100, Number(5)), (None, none, false));
    let gone = "missing: a:161 has no ifInOctets.2: noSuchInstance".to_owned();
    assert_eq!(
        read(70, 4_100, Missing("noSuchInstance")),
        (None, gone, false)
    );
}

#[test]
fn values_are_told_by_name() {
    let several = make(&json!([
        { "oid": "ifOperStatus.2" },
        { "oid": "sysUpTime" },
        { "oid": "hrPrinterDetectedErrorState.1" },
        { "oid": "sysDescr", "label": "what" },
        { "oid": "ifOperStatus.3" },
    ]));
    let readings = vec![
        Number(1),
        Ticks(250),
        VariableReading::Text([0x40].into()),
        text("a\nb"),
        Number(99),
    ];
    let several = several.expect("several");
    let answer = at_once(several.answer(&readings, "a:161", &mut Pace::undivided()));
    let mut values = Detail::new();
    values.put("ifOperStatus.2", "up");
    values.put("sysUpTime.0", 250.0);
    values.put("hrPrinterDetectedErrorState.1", "noPaper");
    values.put("what", "a b");
    values.put("ifOperStatus.3", 99.0);
    assert_eq!(answer.detail.get("values"), Some(&values.into()));
}

#[test]
fn an_object_is_asked_for_once() {
    let asked = |oids: Json| make(&oids).expect("conditions").oids().len();
    assert_eq!(
        asked(json!([{ "oid": "sysName" }, { "oid": "1.3.6.1.2.1.1.5.0" }])),
        1
    );
    let rates = json!([
        { "oid": "ifInOctets.1", "rate": true }, { "oid": "ifOutOctets.1", "rate": true },
        { "oid": "sysUpTime" },
    ]);
    assert_eq!(asked(rates), 3);
}

#[test]
fn what_is_wrong_with_the_keys_is_said() {
    let check = |oids: Json, says: &str| {
        let problem = make(&oids).expect_err("a problem");
        let help = problem.help.as_deref().unwrap_or_default();
        let text = format!("{}: {} ({help})", problem.key, problem.message);
        assert!(
            text.starts_with("oid: ") && text.contains(says),
            "{oids}: {text}"
        );
    };
    check(json!([]), "the list of objects is empty");
    check(json!("laLoad.1"), "known by the name \"laLoad\"");
    check(
        json!([{ "oid": "sysName", "of": "x" }]),
        "known by the name \"x\"",
    );
    let up = json!([{ "oid": "ifOperStatus.2", "expect": "upp" }]);
    check(
        up,
        "ifOperStatus.2 is never \"upp\" (it is one of up, down, testing",
    );
    check(json!([{ "oid": "sysName", "expect": [] }]), "is empty");
    let regex = json!([{ "oid": "sysName", "expect": { "regex": "(" } }]);
    check(regex, "\"(\" is no regular expression: unclosed group");
    let huge = json!([{ "oid": "sysName", "expect": { "regex": "(\\w{999}){999}" } }]);
    check(huge, "too large a regular expression");
    check(
        json!([{ "oid": "sysName", "warn": "20:10" }]),
        "warn of sysName.0: \"20:10\" is no range",
    );
    let both = json!([{ "oid": "ifInOctets.1", "of": "ifSpeed.1", "rate": true }]);
    check(both, "both rate and of");
    let measured = json!([{ "oid": "ifInOctets.1", "rate": true, "expect": 3 }]);
    check(measured, "expect together with rate");
    let many: Vec<Json> = (1..=65)
        .map(|row| json!({ "oid": format!("ifMtu.{row}") }))
        .collect();
    check(json!(many), "65 objects are too many");
}

/// Readings of any kind.
fn readings() -> impl Strategy<Value = VariableReading> {
    prop_oneof![
        any::<Vec<u8>>().prop_map(|octets| VariableReading::Text(octets.into())),
        any::<i64>().prop_map(Number),
        any::<u32>().prop_map(|count| Counter(Short(count))),
        any::<u64>().prop_map(|count| Counter(Long(count))),
        any::<u32>().prop_map(Ticks),
        ".*".prop_map(VariableReading::Object),
        any::<()>().prop_map(|()| VariableReading::Other),
        any::<()>().prop_map(|()| Missing("noSuchObject")),
    ]
}

proptest! {
    #[test]
    fn no_reading_is_a_panic(
        rounds in proptest::collection::vec(
            (proptest::collection::vec(readings(), 0..8), 0_u64..1 << 50), 1..4,
        ),
    ) {
        let conditions = make(&json!([
            { "oid": "ifOperStatus.2", "expect": "up" },
            { "oid": "hrPrinterDetectedErrorState.1", "expect": ["lowToner"], "warn": "3" },
            { "oid": "hrStorageUsed.1", "of": "hrStorageSize.1", "crit": "@10:20" },
            { "oid": "ifInOctets.2", "rate": true, "crit": "~:5" },
            { "oid": "sysDescr", "expect": { "regex": "a+" } },
        ])).expect("conditions");
        let mut marks = vec![None; 5];
        for (readings, at) in rounds {
            let at = Duration::from_millis(at);
            let answer = at_once(conditions.judge(&readings, at, &mut marks, "a:161", &mut Pace::undivided()));
            prop_assert_eq!(answer.cause.is_none(), answer.status.is_some_and(Status::is_up));
        }
    }
}
