//! Performance data: `'label'=value[UOM];[warn];[crit];[min];[max]`, separated by spaces.

use up_core::Detail;

/// One figure that a plugin measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Perf {
    /// What was measured.
    pub label: String,
    /// How much; `None` when the plugin could not tell (`U`).
    pub value: Option<f64>,
    /// `s`, `%`, `B`, `c`, …; empty for a plain number.
    pub unit: String,
    /// The range that warns, as written.
    pub warn: Option<String>,
    /// The range that is critical, as written.
    pub crit: Option<String>,
    /// The least there can be.
    pub min: Option<f64>,
    /// The most there can be.
    pub max: Option<f64>,
}

/// As many figures are read of one answer.
const MOST: usize = 200;
/// The longest label, unit or range kept, in characters.
const LONGEST: usize = 100;

/// The figures of a text. What does not follow the rules is passed over.
pub fn perfdata(text: &str) -> Vec<Perf> {
    let mut rest = text;
    let mut found = Vec::new();
    while found.len() < MOST {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let Some((label, after)) = label(rest) else {
            rest = rest
                .split_once(char::is_whitespace)
                .map_or("", |(_, after)| after);
            continue;
        };
        let (figure, after) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
        found.extend(perf(label, figure));
        rest = after;
    }
    found
}

/// A label and what follows its `=`. Quoted, it may hold spaces and `=`, and `''` is one quote.
fn label(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('\'') else {
        // No further than the word: a text of very many words would be looked through for each.
        let end = text.find(|c: char| c == '=' || c == '\'' || c.is_whitespace())?;
        let (label, after) = (&text[..end], text[end..].strip_prefix('=')?);
        return (!label.is_empty()).then(|| (kept(label), after));
    };
    let mut label = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('\'')?;
        label.push_str(part);
        if let Some(after) = after.strip_prefix('\'') {
            label.push('\'');
            rest = after;
        } else {
            let after = after.strip_prefix('=')?;
            return (!label.is_empty()).then(|| (kept(&label), after));
        }
    }
}

fn perf(label: String, figure: &str) -> Option<Perf> {
    let mut fields = figure.split(';');
    let measured = fields.next()?;
    let (value, unit) = if measured == "U" {
        (None, "")
    } else {
        let end = measured.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+'));
        let (number, unit) = measured.split_at(end.unwrap_or(measured.len()));
        // A unit holds no digits; `1e5` is a number that plugins should not write, and some do.
        match finite(measured) {
            Some(value) => (Some(value), ""),
            None => (Some(finite(number)?), unit),
        }
    };
    let mut range = || fields.next().filter(|field| !field.is_empty()).map(kept);
    let (warn, crit) = (range(), range());
    let mut bound = || fields.next().and_then(finite);
    let (min, max) = (bound(), bound());
    Some(Perf {
        label,
        value,
        unit: kept(unit),
        warn,
        crit,
        min,
        max,
    })
}

/// A number; neither `inf` and `nan`, nor what has too many digits to be another.
fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn kept(text: &str) -> String {
    up_core::cause::one_line(text, LONGEST)
}

impl Perf {
    /// The figure as a detail: `value`, `unit`, `warn`, `crit`, `min`, `max`, those there are.
    pub fn detail(&self) -> Detail {
        let mut detail = Detail::new();
        let number = |detail: &mut Detail, name: &'static str, number: Option<f64>| {
            if let Some(number) = number {
                detail.put(name, number);
            }
        };
        number(&mut detail, "value", self.value);
        let texts = [
            ("warn", self.warn.as_deref()),
            ("crit", self.crit.as_deref()),
        ];
        let unit = Some(self.unit.as_str()).filter(|unit| !unit.is_empty());
        for (name, text) in [("unit", unit)].into_iter().chain(texts) {
            if let Some(text) = text {
                detail.put(name, text);
            }
        }
        number(&mut detail, "min", self.min);
        number(&mut detail, "max", self.max);
        detail
    }
}

#[cfg(test)]
mod tests {
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
            prop_assert!(perfdata(&text).len() <= MOST);
        }

        #[test]
        fn a_quoted_label_reads_back(label in "[a-z '=]{1,20}", value in -1e6..1e6_f64) {
            prop_assume!(!label.trim().is_empty());
            let text = format!("'{}'={value}", label.replace('\'', "''"));
            let found = perfdata(&text);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(&found[0].label, &kept(&label));
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
}
