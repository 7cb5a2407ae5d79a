//! Metrics: the numbers that a check measures and of which the history keeps a series, such as the
//! parts of an HTTP exchange, a round trip, or the performance data of a plugin.

use crate::detail::{Detail, Value};
use crate::facts::{PERFDATA, metric_unit};
use crate::range::Range;
use crate::sample::Timestamp;

/// The most metrics of one sample; the first ones in the order of its detail.
pub const MAX_METRICS: usize = 32;

/// A number with a longer name is no metric. Bytes.
const MAX_NAME: usize = 500;

const SECONDS_OF_DAY: f64 = 86_400.0;

/// One number that a check measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name within the source: that of the detail, within a map `map.name`.
    pub name: String,
    /// The symbol of its unit: `s`, `B`, `%`, `d` for days, that of a plugin, or nothing.
    pub unit: String,
    /// The value; finite.
    pub value: f64,
    /// What the value is compared with.
    pub limits: MetricLimits,
}

/// What a plugin says that its value is compared with, in the unit of the value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MetricLimits {
    /// The range that is not worth a warning.
    pub warn: Option<Range>,
    /// The range that is not critical.
    pub crit: Option<Range>,
    /// The lowest possible value.
    pub min: Option<f64>,
    /// The highest possible value.
    pub max: Option<f64>,
}

/// The metrics of a detail. `date` is the date of the sample, Unix seconds. Texts, flags, lists, codes
/// and dates are none; a date of expiry is one as the days that are left.
pub fn metrics(detail: &Detail, date: Timestamp) -> Vec<Metric> {
    let mut found = Vec::new();
    for (name, value) in detail.iter() {
        match value {
            Value::Number(expires) if name == "certificate_expires" => {
                let days = (expires - date) / SECONDS_OF_DAY;
                if detail.get("certificate_days").is_none() {
                    found.extend(metric("certificate_days".into(), days));
                }
            }
            Value::Number(number) => found.extend(metric(name.into(), *number)),
            Value::Map(map) => {
                let entries = map.iter().filter_map(|(part, value)| {
                    let part_name = format!("{name}.{part}");
                    match value {
                        Value::Number(number) => metric(part_name, *number),
                        Value::Map(figure) if name == PERFDATA => measured(part_name, figure),
                        _ => None,
                    }
                });
                found.extend(entries);
            }
            Value::Flag(_) | Value::Text(_) | Value::List(_) => {}
        }
        if found.len() >= MAX_METRICS {
            break;
        }
    }
    found.truncate(MAX_METRICS);
    found
}

fn metric(name: String, value: f64) -> Option<Metric> {
    let unit = metric_unit(&name)?.to_owned();
    let is_one = value.is_finite() && name.len() <= MAX_NAME;
    is_one.then(|| Metric {
        name,
        unit,
        value,
        limits: MetricLimits::default(),
    })
}

/// The metric of one figure of performance data; `None` without a value.
fn measured(name: String, figure: &Detail) -> Option<Metric> {
    let number = |name| match figure.get(name) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    };
    let text = |name| match figure.get(name) {
        Some(Value::Text(text)) => Some(&**text),
        _ => None,
    };
    let limits = MetricLimits {
        warn: text("warn").and_then(Range::parse),
        crit: text("crit").and_then(Range::parse),
        min: number("min"),
        max: number("max"),
    };
    let found = metric(name, number("value")?)?;
    Some(Metric {
        unit: text("unit").unwrap_or_default().to_owned(),
        limits,
        ..found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name value unit` of each metric of a detail of the second 1,000.
    fn found(detail: &Detail) -> Vec<String> {
        let found = metrics(detail, 1_000.0);
        let line = |metric: &Metric| format!("{} {} {}", metric.name, metric.value, metric.unit);
        found.iter().map(line).collect()
    }

    fn map(entries: &[(&'static str, f64)]) -> Value {
        let mut map = Detail::new();
        for (name, value) in entries {
            map.put(*name, *value);
        }
        map.into()
    }

    #[test]
    fn the_numbers_of_a_detail_are_metrics() {
        let check = |name: &'static str, value: Value, expected: &[&str]| {
            let mut detail = Detail::new();
            detail.put(name, value);
            assert_eq!(found(&detail), expected, "{name}");
        };
        check("loss", 20.0.into(), &["loss 20 %"]);
        check("bytes", 512.0.into(), &["bytes 512 B"]);
        check(
            "certificate_days",
            29.5.into(),
            &["certificate_days 29.5 d"],
        );
        check(
            "certificate_expires",
            87_400.0.into(),
            &["certificate_days 1 d"],
        );
        let timing = map(&[("resolve", 0.01), ("first_byte", 0.2)]);
        let expected = ["timing.resolve 0.01 s", "timing.first_byte 0.2 s"];
        check("timing", timing, &expected);
        check("rtt", map(&[("min", 0.5)]), &["rtt.min 0.5 s"]);
        check(
            "values",
            map(&[("ifInOctets.1", 7.0)]),
            &["values.ifInOctets.1 7 "],
        );
        check("status", 200.0.into(), &[]);
        check("exit", 2.0.into(), &[]);
        check("sampled", 1_000.0.into(), &[]);
        check("loss", f64::NAN.into(), &[]);
        check("version", "HTTP/2".into(), &[]);
        check("kept_alive", true.into(), &[]);
        check("answers", Value::List(vec![1.0.into()]), &[]);
    }

    #[test]
    fn performance_data_has_its_unit_and_limits() {
        let mut figure = Detail::new();
        figure.put("value", 12.5);
        figure.put("unit", "ms");
        figure.put("warn", "10:100");
        figure.put("crit", "no range");
        figure.put("max", 1_000.0);
        let mut figures = Detail::new();
        figures.put("rta", figure);
        let mut without = Detail::new();
        without.put("unit", "ms");
        figures.put("lost", without);
        let mut detail = Detail::new();
        detail.put("perfdata", figures);
        let limits = MetricLimits {
            warn: Range::parse("10:100"),
            crit: None,
            min: None,
            max: Some(1_000.0),
        };
        let expected = Metric {
            name: "perfdata.rta".into(),
            unit: "ms".into(),
            value: 12.5,
            limits,
        };
        assert_eq!(metrics(&detail, 0.0), [expected]);
    }

    #[test]
    fn there_are_not_more_than_a_few() {
        let mut values = Detail::new();
        for number in 0..100 {
            values.put(format!("v{number}"), 1.0);
        }
        values.put("x".repeat(MAX_NAME), 1.0);
        let mut detail = Detail::new();
        detail.put("values", values);
        detail.put("loss", 1.0);
        let found = found(&detail);
        assert_eq!(found.len(), MAX_METRICS);
        assert_eq!(found[31], "values.v31 1 ");
        let mut detail = Detail::new();
        detail.put("x".repeat(MAX_NAME + 1), 1.0);
        assert_eq!(metrics(&detail, 0.0), []);
    }
}
