//! What performance data is read as.

use proptest::prelude::*;

use super::*;

fn check(text: &str, expected: &[(&str, Option<f64>, &str)]) {
    let found = perfdata(text);
    let found: Vec<_> = found
        .iter()
        .map(|perf| (perf.label.as_str(), perf.value, perf.unit.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn figures_with_units_and_thresholds() {
    check(
        "time=0.012s;1;5;0;10 size=512B;;;0",
        &[("time", Some(0.012), "s"), ("size", Some(512.0), "B")],
    );
    let [perf] = &perfdata("load=1.5;@5:10;~:20;0;99")[..] else {
        panic!("one figure")
    };
    assert_eq!(
        (perf.warn.as_deref(), perf.crit.as_deref()),
        (Some("@5:10"), Some("~:20"))
    );
    assert_eq!((perf.min, perf.max), (Some(0.0), Some(99.0)));
}

#[test]
fn labels_may_be_quoted() {
    check("'disk usage'=90%", &[("disk usage", Some(90.0), "%")]);
    check("'it''s a=b'=1c", &[("it's a=b", Some(1.0), "c")]);
    check(
        "/=5GB /var=-1.5",
        &[("/", Some(5.0), "GB"), ("/var", Some(-1.5), "")],
    );
}

#[test]
fn quotes_in_labels() {
    check(
        r"'it\'s'=1 'b'=2",
        &[("it's", Some(1.0), ""), ("b", Some(2.0), "")],
    );
    check(
        r"'C:\ used'=9GB 'C:\'=5% 'D:\'=6%",
        &[
            (r"C:\ used", Some(9.0), "GB"),
            (r"C:\", Some(5.0), "%"),
            (r"D:\", Some(6.0), "%"),
        ],
    );
    check(
        "''''=1 '''a'''=2",
        &[("'", Some(1.0), ""), ("'a'", Some(2.0), "")],
    );
}

/// Reads the one figure `a` of that text.
fn check_one(figure: &str, value: f64, unit: &str) {
    check(&format!("a={figure}"), &[("a", Some(value), unit)]);
}

#[test]
fn numbers_of_every_form_have_their_units() {
    check_one("9.9999999999999991e-06s", 9.999_999_999_999_999e-6, "s");
    check_one("-7.22636468709e-05s", -7.226_364_687_09e-5, "s");
    check_one("1.6E+11B", 1.6e11, "B");
    check_one("1.6E+11", 1.6e11, "");
    check_one("1e5", 1e5, "");
    check_one("1e3ms", 1e3, "ms");
    check_one("2E2%", 200.0, "%");
    check_one("+5c", 5.0, "c");
    check_one(".5s", 0.5, "s");
    check_one("5.", 5.0, "");
    // An E that no digits follow begins a unit.
    check_one("12EB", 12.0, "EB");
    check_one("12e", 12.0, "e");
    check_one("12E+", 12.0, "E+");
    check_one("12EiB", 12.0, "EiB");
    check_one("1e3EB", 1e3, "EB");
    check_one("1e-400s", 0.0, "s");
    for unit in [
        "s", "ms", "us", "µs", "μs", "%", "B", "KiB", "MB", "c", "°C", "m3/h", "d/s",
    ] {
        check_one(&format!("1.5{unit};1;2;0;9"), 1.5, unit);
        check_one(&format!("1.5e2{unit};;;;"), 150.0, unit);
    }
}

#[test]
fn decimals_may_follow_a_comma() {
    check_one("1,5s", 1.5, "s");
    check_one("-0,25", -0.25, "");
    check_one("1,6E+11B", 1.6e11, "B");
    check_one("1,234.5MB", 1234.5, "MB");
    check_one("1.234,5MB", 1234.5, "MB");
    check_one("1,234,567", 1_234_567.0, "");
    check_one("12.345.678,9%", 12_345_678.9, "%");
    check(
        "a=1,5, b=2, c=3ms,",
        &[
            ("a", Some(1.5), ""),
            ("b", Some(2.0), ""),
            ("c", Some(3.0), "ms"),
        ],
    );
}

#[test]
fn thresholds_and_bounds_have_numbers_of_every_form() {
    let check = |figure: &str, ranges: [Option<&str>; 2], bounds: [Option<f64>; 2]| {
        let [perf] = &perfdata(figure)[..] else {
            panic!("{figure} is one figure")
        };
        let found = [perf.warn.as_deref(), perf.crit.as_deref()];
        assert_eq!((found, [perf.min, perf.max]), (ranges, bounds), "{figure}");
    };
    check(
        "a=1e-6s;1.5e-3;@~:2E+3;1e-9;1.6E+11",
        [Some("1.5e-3"), Some("@~:2E+3")],
        [Some(1e-9), Some(1.6e11)],
    );
    check("a=1;;;0", [None, None], [Some(0.0), None]);
    check("a=1;2", [Some("2"), None], [None, None]);
    check("a=1;;3;;", [None, Some("3")], [None, None]);
    check("a=5GB;;;0GB;1,5GB", [None, None], [Some(0.0), Some(1.5)]);
    check(
        "a=5%;80%;90%;0%;100%",
        [Some("80%"), Some("90%")],
        [Some(0.0), Some(100.0)],
    );
    check("a=1;;;x;2;3;y", [None, None], [None, Some(2.0)]);
    check("a=1;;;U;nan", [None, None], [None, None]);
    check("a=1;;;1e999;-1e999", [None, None], [None, None]);
}

/// As these plugins print them.
#[test]
fn what_real_plugins_print() {
    check(
        "load1=0.120;15.000;30.000;0; load5=0.10;10;25;0; load15=0.09;5;20;0;",
        &[
            ("load1", Some(0.12), ""),
            ("load5", Some(0.1), ""),
            ("load15", Some(0.09), ""),
        ],
    );
    check(
        "rta=0.050000ms;100.000000;500.000000;0.000000 pl=0%;20;60;0",
        &[("rta", Some(0.05), "ms"), ("pl", Some(0.0), "%")],
    );
    check(
        "/=2643MB;5948;5958;0;5968 /boot=68MB;88;93;0;98",
        &[("/", Some(2643.0), "MB"), ("/boot", Some(68.0), "MB")],
    );
    check(
        r"'C:\ used'=44.3GB;80;90;0;100 'total 5m'=2%;80;90",
        &[
            (r"C:\ used", Some(44.3), "GB"),
            ("total 5m", Some(2.0), "%"),
        ],
    );
    check(
        "offset=-0.000065s;60.000000;120.000000; jitter=U stratum=3;;;0;16",
        &[
            ("offset", Some(-0.000_065), "s"),
            ("jitter", None, ""),
            ("stratum", Some(3.0), ""),
        ],
    );
}

#[test]
fn what_is_no_figure_spoils_no_other() {
    for garbage in [
        "1.2.3",
        "v=1.2.3",
        "v=1.2.3s",
        "v=10:20",
        "v=",
        "v==1",
        "v=-",
        "v=.",
        "v=+s",
        "v=e5",
        "v=--1",
        "v=1-2",
        "v=1+",
        "=5",
        "'",
        "''",
        "''=1",
        "'v",
        "'v'",
        "'v'x=1",
        "v'=1",
        "%",
        ";;;",
        "v=;1;2",
        "v=\u{0}",
        "\u{fffd}=\u{fffd}",
        "v=NaN",
        "v=-inf",
        "| -",
        "v=,",
        "v=1,23,456",
        "v=1.23,4,5",
        "v=1e999",
        r"'v\",
        r"'v\'",
        r"'\' \'",
    ] {
        let text = format!("a=1 {garbage} z=2s");
        check(&text, &[("a", Some(1.0), ""), ("z", Some(2.0), "s")]);
    }
}

#[test]
fn what_is_unknown_or_wrong() {
    check("a=U b=1", &[("a", None, ""), ("b", Some(1.0), "")]);
    check("nonsense b=1 =3 'open=2", &[("b", Some(1.0), "")]);
    check("x=1e5 y=", &[("x", Some(100_000.0), "")]);
    let endless = "9".repeat(400);
    check(&format!("x={endless} y=inf z=1"), &[("z", Some(1.0), "")]);
    assert_eq!(perfdata("a=1;;;inf;nan")[0].max, None);
    check("", &[]);
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text in "\\PC*") {
        prop_assert!(perfdata(&text).len() <= MAX_FIGURES);
    }

    #[test]
    fn a_quoted_label_reads_back(label in "[a-z '=]{1,20}", value in -1e6..1e6_f64) {
        prop_assume!(!label.trim().is_empty());
        let text = format!("'{}'={value}", label.replace('\'', "''"));
        let found = perfdata(&text);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(&found[0].label, &bounded_line(&label));
        prop_assert_eq!(found[0].value, Some(value));
    }

    #[test]
    fn figures_read_back(
        figures in prop::collection::vec(
            ("[a-z_]{1,8}", prop::option::of(-1e6..1e6_f64), "(s|ms|%|B|KB|c)?", 0..100_u8),
            0..20,
        ),
    ) {
        let one = |(label, value, unit, warn): &(String, Option<f64>, String, u8)| {
            // What could not be measured has no unit.
            let value = value.map_or("U".to_owned(), |value| format!("{value}{unit}"));
            format!("{label}={value};{warn};@1:2;0;{warn}")
        };
        let text = figures.iter().map(one).collect::<Vec<_>>().join(" ");
        let found = perfdata(&text);
        prop_assert_eq!(found.len(), figures.len(), "{}", text);
        for (perf, (label, value, unit, warn)) in found.iter().zip(&figures) {
            prop_assert_eq!((&perf.label, perf.value), (label, *value));
            prop_assert!(value.is_none() || perf.unit == *unit);
            prop_assert_eq!(perf.warn.clone(), Some(warn.to_string()));
            prop_assert_eq!(perf.crit.as_deref(), Some("@1:2"));
            prop_assert_eq!((perf.min, perf.max), (Some(0.0), Some(f64::from(*warn))));
        }
    }
}
