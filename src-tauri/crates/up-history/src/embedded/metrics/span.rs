//! What the values of one metric in one span of time come to.

/// Values that were measured, without them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct MetricSpan {
    pub(super) count: u64,
    pub(super) min: f64,
    pub(super) mean: f64,
    pub(super) max: f64,
}

impl MetricSpan {
    /// Takes a value in.
    pub(super) fn take(&mut self, value: f64) {
        self.add(&Self {
            count: 1,
            min: value,
            mean: value,
            max: value,
        });
    }

    /// Takes the values of another span in.
    pub(super) fn add(&mut self, more: &Self) {
        if self.count == 0 {
            *self = *more;
        } else if more.count > 0 {
            let count = self.count.saturating_add(more.count);
            // The difference of two values may be too large for a number; the products are not.
            let share = more.count as f64 / count as f64;
            let mean = self.mean * (1.0 - share) + more.mean * share;
            self.count = count;
            self.min = self.min.min(more.min);
            self.max = self.max.max(more.max);
            // The products are rounded, and may lie beside values that are all the same.
            self.mean = mean.max(self.min).min(self.max);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_lies_among_its_values() {
        for value in [12.0, 0.1, 1e300, -7.3] {
            let mut span = MetricSpan::default();
            for count in 1..1_000 {
                span.take(value);
                assert_eq!((span.min, span.max), (value, value));
                assert_eq!(
                    span.mean.total_cmp(&value),
                    std::cmp::Ordering::Equal,
                    "{count}"
                );
            }
        }
    }
}
