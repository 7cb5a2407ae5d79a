//! The answer about the metrics of a path: a series of points each.

use up_core::{MetricLimits, Timestamp};

/// The series of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricSeries {
    /// Its name within the source (see [`up_core::Metric::name`]).
    pub name: String,
    /// The symbol of its unit, as it was last.
    pub unit: String,
    /// What it was last compared with.
    pub limits: MetricLimits,
    /// The newest value of the span, or the mean of the newest five minutes or hour of which no more is
    /// kept.
    pub last: f64,
    /// The points, oldest first; there is none for a time without values.
    pub points: Vec<MetricPoint>,
}

/// What the values of a part of a span come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricPoint {
    /// When the part begins, Unix seconds.
    pub from: Timestamp,
    /// When it ends.
    pub to: Timestamp,
    /// How many values there are.
    pub count: u64,
    /// The lowest one.
    pub min: f64,
    /// Their mean.
    pub mean: f64,
    /// The highest one.
    pub max: f64,
}

impl MetricSeries {
    /// What all points come to; `None` without any.
    pub fn whole(&self) -> Option<MetricPoint> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        let count: u64 = self.points.iter().map(|point| point.count).sum();
        let min = self.points.iter().fold(f64::MAX, |min, p| min.min(p.min));
        let max = self.points.iter().fold(f64::MIN, |max, p| max.max(p.max));
        let shares = self.points.iter();
        let shares = shares.map(|point| point.mean * (point.count as f64 / count as f64));
        Some(MetricPoint {
            from: first.from,
            to: last.to,
            count,
            min,
            // The products are rounded, and may lie beside values that are all the same.
            mean: shares.sum::<f64>().max(min).min(max),
            max,
        })
    }
}
