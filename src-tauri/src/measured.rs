//! Answers the panel's request for what the checks of one source measured. The request is checked and
//! bounded here.

use up_core::Range;
use up_core::facts::metric_label;
use up_engine::ask_metrics;
use up_history::{MetricSeries, Query};
use up_wire::{MeasuredMetric, PanelResponse};

use crate::asking::{check_span, routes, within_timeout};
use crate::path::check_path;
use crate::state::AppState;

/// The most points of a series, about two pixels each.
const MAX_POINTS: usize = 400;

/// The metrics of one path over a span.
pub(crate) async fn metrics(
    up: &AppState,
    path: String,
    from: f64,
    to: f64,
) -> Result<PanelResponse, String> {
    check_path(&path)?;
    let (from, to) = check_span(from, to)?;
    let stores = up.view.read(|known| routes(known).stores(&path));
    let query = Query {
        path,
        from,
        to,
        most: MAX_POINTS,
    };
    let found = within_timeout(ask_metrics(&stores, &query)).await?;
    let metrics = found.into_iter().map(metric).collect();
    Ok(PanelResponse::Metrics(metrics))
}

fn metric(series: MetricSeries) -> MeasuredMetric {
    let edges = |range: Option<Range>| range.iter().flat_map(Range::edges).collect();
    let points = series.points.iter();
    MeasuredMetric {
        label: metric_label(&series.name),
        last: series.last,
        warn: edges(series.limits.warn),
        crit: edges(series.limits.crit),
        begins: points.clone().map(|point| point.from).collect(),
        ends: points.clone().map(|point| point.to).collect(),
        counts: points.clone().map(|point| point.count as f64).collect(),
        mins: points.clone().map(|point| point.min).collect(),
        means: points.clone().map(|point| point.mean).collect(),
        maxs: points.map(|point| point.max).collect(),
        name: series.name,
        unit: series.unit,
    }
}

#[cfg(test)]
mod tests {
    use up_core::MetricLimits;
    use up_history::MetricPoint;

    use super::*;

    #[test]
    fn a_series_is_columns_with_the_ends_of_its_thresholds() {
        let point = MetricPoint {
            from: 300.0,
            to: 600.0,
            count: 3,
            min: 1.0,
            mean: 2.0,
            max: 4.0,
        };
        let series = MetricSeries {
            name: "perfdata.rta".into(),
            unit: "ms".into(),
            limits: MetricLimits {
                warn: Range::parse("10"),
                crit: Range::parse("5:20"),
                ..MetricLimits::default()
            },
            last: 4.0,
            points: vec![point],
        };
        let expected = MeasuredMetric {
            name: "perfdata.rta".into(),
            label: "rta".into(),
            unit: "ms".into(),
            last: 4.0,
            warn: vec![10.0],
            crit: vec![5.0, 20.0],
            begins: vec![300.0],
            ends: vec![600.0],
            counts: vec![3.0],
            mins: vec![1.0],
            means: vec![2.0],
            maxs: vec![4.0],
        };
        assert_eq!(metric(series), expected);
    }
}
