//! Threshold ranges: `10`, `10:`, `~:10`, `10:20`, `@10:20`.

/// A range of values that are as they should be, or with `@` of those that are not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    from: f64,
    to: f64,
    inside: bool,
}

impl Range {
    /// Reads `[@]start:end`: without `start:` it is 0, `~` is minus infinity, without an end it is
    /// infinity. `None` of anything else, and of a start above its end.
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

    /// True of a value that the range alerts of: outside it, or with `@` inside, ends included.
    pub fn alerts(&self, value: f64) -> bool {
        let within = (self.from..=self.to).contains(&value);
        within == self.inside
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

fn end(text: &str) -> Option<f64> {
    if text.is_empty() {
        Some(f64::INFINITY)
    } else {
        number(text)
    }
}

/// A decimal number; no `inf`, no `nan`.
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

        /// The table of the plugin guidelines, section 2.5, for any numbers.
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
