//! Imported samples are judged as their source is.

use up_tests::up::Up;

use crate::{csv, days_ago, json, run};

/// A tree whose sources need several numbers of failures, and one path that nothing watches.
const CONFIG: &str = r#"
name = "Site"

[[source]]
type = "tcp"
name = "by default"
address = "127.0.0.1:9"

[[source]]
type = "tree"
name = "strict"
alert.down_after = 1

[[source.source]]
type = "tcp"
name = "one"
address = "127.0.0.1:9"

[[source.source]]
type = "tcp"
name = "patient"
address = "127.0.0.1:9"
alert.down_after = 3
alert.up_after = 2
"#;

/// One sample a minute: outages of one, two and three samples; the last one returns for a minute.
const SAMPLES: &str = "111011100111000101111";

#[test]
fn imported_samples_are_judged_by_the_rules_of_their_source() {
    let up = Up::with(CONFIG);
    let begin = days_ago(2.0);
    let row = |(minute, status)| format!("{},{status},0.1,,\r\n", begin + 60.0 * minute);
    let minutes = (0_u32..).map(f64::from);
    let rows: Vec<String> = minutes.zip(SAMPLES.chars()).map(row).collect();
    up.write("samples.csv", csv(&rows));
    let check = |path: &str, expected: &[(f64, f64)]| {
        run(&up, &["history", "import", "samples.csv", "--path", path]);
        for rolled_up in [false, true] {
            if rolled_up {
                run(&up, &["history", "rebuild"]);
            }
            let found = json(&up, &["history", path, "--json", "--since", "7d"]);
            let found = found["incidents"].as_array().expect("a list").clone();
            let minute = |date: &serde_json::Value| {
                ((date.as_f64().expect("a date") - begin) / 60.0).round()
            };
            // The newest comes first.
            let ends = found.iter().rev();
            let ends: Vec<_> = ends
                .map(|found| (minute(&found["from"]), minute(&found["until"])))
                .collect();
            assert_eq!(ends, expected, "{path}, rolled up: {rolled_up}");
        }
    };
    let of_two = [(7.0, 9.0), (12.0, 15.0)];
    check("/Site/by default", &of_two);
    check("/Other/unknown", &of_two);
    let of_one = [(3.0, 4.0), (7.0, 9.0), (12.0, 15.0), (16.0, 17.0)];
    check("/Site/strict/one", &of_one);
    check("/Site/strict/patient", &[(12.0, 17.0)]);
}
