//! Threshold ranges of Nagios plugins: `10`, `10:`, `~:10`, `10:20`, `@10:20`. Source of the rules: the
//! Monitoring Plugins Development Guidelines, section "Threshold and Ranges".

/// A range of good values, ends included; with `@`, a range of bad values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The lowest value in the range.
    from: f64,
    /// The highest value in the range.
    to: f64,
    /// True if values inside the range alert (`@`).
    inside: bool,
}

impl Range {
    /// Parses `[@]start:end`. `start:` may be left out and is then 0; `~` is minus infinity. An
    /// empty end is infinity. `None` for any other text, and for a start above its end.
    pub fn parse(text: &str) -> Option<Self> {
        let (inside, bounds) = match text.strip_prefix('@') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (from, to) = match bounds.split_once(':') {
            Some(("~", to)) => (f64::NEG_INFINITY, end(to)?),
            Some((from, to)) => (number(from)?, end(to)?),
            None => (0.0, number(bounds)?),
        };
        (from <= to).then_some(Self { from, to, inside })
    }

    /// True if `value` is bad: outside the range, or with `@` inside it, ends included.
    pub fn alerts(&self, value: f64) -> bool {
        let within = (self.from..=self.to).contains(&value);
        within == self.inside
    }

    /// The values at which it becomes bad or good again, for a chart: its finite ends, without a start
    /// that is 0, which is mostly one that was left out.
    pub fn edges(&self) -> impl Iterator<Item = f64> {
        let from = Some(self.from).filter(|from| from.is_finite() && *from != 0.0);
        let to = Some(self.to).filter(|to| to.is_finite() && Some(*to) != from);
        from.into_iter().chain(to)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.inside {
            f.write_str("@")?;
        }
        if self.from == f64::NEG_INFINITY {
            f.write_str("~:")?;
        } else if self.from != 0.0 || self.to == f64::INFINITY {
            write!(f, "{}:", self.from)?;
        }
        if self.to == f64::INFINITY {
            Ok(())
        } else {
            write!(f, "{}", self.to)
        }
    }
}

/// Parses the end of a range.
fn end(text: &str) -> Option<f64> {
    if text.is_empty() {
        Some(f64::INFINITY)
    } else {
        number(text)
    }
}

/// Parses a finite decimal number.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_alert_as_the_guidelines_say() {
        let check = |text: &str, alerts: &[f64], fine: &[f64]| {
            let range = Range::parse(text).unwrap_or_else(|| panic!("{text} is a range"));
            for value in alerts {
                assert!(range.alerts(*value), "{text} alerts of {value}");
            }
            for value in fine {
                assert!(!range.alerts(*value), "{text} does not alert of {value}");
            }
        };
        check("10", &[-0.1, 10.1], &[0.0, 5.0, 10.0]);
        check("10:", &[9.9, -1.0], &[10.0, 1e9]);
        check("~:10", &[10.1], &[10.0, -1e9]);
        check("10:20", &[9.9, 20.1], &[10.0, 20.0]);
        check("@10:20", &[10.0, 15.0, 20.0], &[9.9, 20.1]);
        check("-5:-1.5", &[-5.1, 0.0], &[-5.0, -1.5]);
        check("0:0", &[0.1], &[0.0]);
    }

    #[test]
    fn a_chart_shows_the_ends_that_were_meant() {
        let check = |text: &str, expected: &[f64]| {
            let range = Range::parse(text).unwrap_or_else(|| panic!("{text} is a range"));
            let edges: Vec<f64> = range.edges().collect();
            assert_eq!(edges, expected, "{text}");
        };
        check("10", &[10.0]);
        check("10:", &[10.0]);
        check("~:-10", &[-10.0]);
        check("@10:20", &[10.0, 20.0]);
        check("5:5", &[5.0]);
        check("0:0", &[0.0]);
    }

    #[test]
    fn what_is_no_range() {
        for text in [
            "", ":", "@", "20:10", "ten", "1:2:3", "~", "inf", "nan:1", "1,5", " 1",
        ] {
            assert_eq!(Range::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic_and_what_is_shown_reads_back(text in "[@~:0-9.e+-]{0,12}") {
            if let Some(range) = Range::parse(&text) {
                prop_assert_eq!(Range::parse(&range.to_string()), Some(range));
            }
        }

        /// Compares any numbers with the table in section 2.5 of the plugin guidelines.
        #[test]
        fn it_alerts_as_the_guidelines_table_says(
            (low, high) in (-1e9..1e9_f64, 0.0..1e9_f64), value in -2e9..2e9_f64, at in 0..3_u8,
        ) {
            let high = low + high;
            let value = [value, low, high][usize::from(at)];
            let above = low.abs();
            for (text, alerts) in [
                (format!("{above}"), value < 0.0 || value > above),
                (format!("{low}:"), value < low),
                (format!("~:{high}"), value > high),
                (format!("{low}:{high}"), value < low || value > high),
                (format!("@{low}:{high}"), (low..=high).contains(&value)),
            ] {
                let range = Range::parse(&text);
                let found = range.map(|range| range.alerts(value));
                prop_assert_eq!(found, Some(alerts), "{} of {}", text, value);
            }
        }
    }
}
