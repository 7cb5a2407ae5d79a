//! How samples are spread: over the parts of a span, over statuses and over durations; for one path, or
//! for several beside each other. The figures are those of the stores.

use futures_util::{StreamExt, stream};
use up_engine::ask_parts;
use up_history::{DurationCount, HistoryPart, HistorySummary, Query, STATUS_PARTS, SpanCut};
use up_wire::{DurationBar, PanelResponse, PathBand, SpanPart};

use crate::asking::{check_span, routes, within_timeout};
use crate::path::check_path;
use crate::state::AppState;
use crate::watched::WatchRate;

/// The most paths of one request.
const MAX_BANDS: usize = 100;
/// The most parts of a band.
const BAND_PARTS: usize = 200;
/// So many bands are read at the same time.
const BANDS_AT_ONCE: usize = 4;

/// Where the bars of a decade of durations begin. They are edges of the stores' buckets too, so that
/// no bucket lies in two bars.
const BARS: [f64; BARS_A_DECADE as usize] = [1.0, 1.2, 1.5, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0];
const BARS_A_DECADE: i32 = 10;

/// Several paths over one span. A path that cannot be read says why.
pub(crate) async fn bands(
    up: &AppState,
    paths: Vec<String>,
    from: f64,
    to: f64,
) -> Result<PanelResponse, String> {
    if paths.len() > MAX_BANDS {
        return Err(format!("More than {MAX_BANDS} paths cannot be compared."));
    }
    paths.iter().try_for_each(|path| check_path(path))?;
    let (from, to) = check_span(from, to)?;
    let (routes, rates) = up.view.read(|known| {
        let rates = paths.iter().map(|path| WatchRate::of(known, path));
        (routes(known), rates.collect::<Vec<_>>())
    });
    let band = async |(path, rate): (String, WatchRate)| {
        let stores = routes.stores(&path);
        let query = Query {
            path,
            from,
            to,
            most: 4,
        };
        let whole = within_timeout(ask_parts(&stores, &query, SpanCut::Whole)).await;
        let parts = within_timeout(ask_parts(&stores, &query, SpanCut::AtMost(BAND_PARTS))).await;
        let (whole, parts, error) = match (whole, parts) {
            (Ok(whole), Ok(parts)) => (
                whole.parts.first().map(|part| part.summary),
                parts.parts.iter().map(span_part).collect(),
                None,
            ),
            (Err(error), _) | (_, Err(error)) => (None, Vec::new(), Some(error)),
        };
        let whole = whole.unwrap_or_default();
        PathBand {
            path: query.path,
            uptime: whole.uptime,
            watched: rate.watched(whole.known, to - from),
            parts,
            error,
        }
    };
    let bands = stream::iter(paths.into_iter().zip(rates))
        .map(band)
        .buffered(BANDS_AT_ONCE);
    Ok(PanelResponse::Bands(bands.collect().await))
}

/// A part as the panel draws it.
pub(crate) fn span_part(part: &HistoryPart) -> SpanPart {
    let HistorySummary {
        count,
        unknown,
        uptime,
        lowest,
        highest,
        durations,
        longest,
        ..
    } = part.summary;
    SpanPart {
        from: part.from,
        to: part.to,
        uptime,
        lowest,
        highest,
        count: count as f64,
        unknown: unknown as f64,
        p50: durations.p50,
        p95: durations.p95,
        p99: durations.p99,
        longest,
    }
}

/// How many samples of all parts fall into each twentieth of the status.
pub(crate) fn status_counts(parts: &[HistoryPart]) -> Vec<f64> {
    let mut counts = vec![0.0; STATUS_PARTS];
    for part in parts {
        for (count, more) in counts.iter_mut().zip(part.summary.statuses) {
            *count += more as f64;
        }
    }
    counts
}

/// How many samples of all parts took how long, without holes from the shortest on.
pub(crate) fn duration_counts(parts: &[HistoryPart]) -> Vec<DurationBar> {
    let counts = parts.iter().flat_map(|part| &part.durations);
    let numbered: Vec<(i32, u64)> = counts.map(|one| (bar_of(one), one.count)).collect();
    let first = numbered.iter().map(|(number, _)| *number).min();
    let last = numbered.iter().map(|(number, _)| *number).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Vec::new();
    };
    let mut bars: Vec<DurationBar> = (first..=last)
        .map(|number| DurationBar {
            from: edge(number),
            to: edge(number + 1),
            count: 0.0,
        })
        .collect();
    for (number, count) in numbered {
        bars[(number - first) as usize].count += count as f64;
    }
    bars
}

/// The bar that a bucket lies in, by its middle: the edges of both are rounded. Bar 0 begins at 1 µs,
/// and has what is shorter, too.
fn bar_of(bucket: &DurationCount) -> i32 {
    let micros = (f64::midpoint(bucket.from, bucket.to) * 1e6).max(1.0);
    let mut decade = micros.log10().floor();
    if micros / 10_f64.powf(decade) >= 10.0 {
        decade += 1.0;
    }
    let digits = micros / 10_f64.powf(decade);
    let begun = BARS.iter().zip(0..).filter(|(begin, _)| digits >= **begin);
    decade as i32 * BARS_A_DECADE + begun.last().map_or(0, |(_, within)| within)
}

/// Where a bar begins, in seconds.
fn edge(number: i32) -> f64 {
    let begin = BARS[number.rem_euclid(BARS_A_DECADE) as usize];
    begin * 10_f64.powi(number.div_euclid(BARS_A_DECADE)) / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_holds_the_buckets_between_its_edges() {
        let check = |from: f64, to: f64, expected: (f64, f64)| {
            let part = HistoryPart {
                number: 0,
                from: 0.0,
                to: 60.0,
                summary: HistorySummary::default(),
                durations: vec![DurationCount { from, to, count: 3 }],
            };
            let bars = duration_counts(&[part.clone(), part]);
            assert_eq!(bars.len(), 1, "{from}");
            let bar = &bars[0];
            assert!((bar.from - expected.0).abs() < 1e-9, "{bar:?}");
            assert!((bar.to - expected.1).abs() < 1e-9, "{bar:?}");
            assert!((bar.count - 6.0).abs() < 1e-9, "both parts count: {bar:?}");
        };
        check(0.0, 0.000_001, (0.000_001, 0.000_001_2));
        check(0.1, 0.102, (0.1, 0.12));
        check(0.118, 0.12, (0.1, 0.12));
        check(0.12, 0.122, (0.12, 0.15));
        check(0.99, 1.0, (0.8, 1.0));
        check(1.0, 1.02, (1.0, 1.2));
        check(9.9, 10.0, (8.0, 10.0));
    }

    #[test]
    fn bars_have_no_holes() {
        let part = |from: f64, to: f64| HistoryPart {
            number: 0,
            from: 0.0,
            to: 60.0,
            summary: HistorySummary::default(),
            durations: vec![DurationCount { from, to, count: 1 }],
        };
        let bars = duration_counts(&[part(10.0, 10.2), part(0.1, 0.102)]);
        assert_eq!(bars.len(), 2 * BARS.len() + 1, "two decades, and one");
        let is_joined = |pair: &[DurationBar]| (pair[0].to - pair[1].from).abs() < 1e-9;
        assert!(bars.windows(2).all(is_joined), "{bars:?}");
        let total: f64 = bars.iter().map(|bar| bar.count).sum();
        assert!((total - 2.0).abs() < 1e-9, "all are counted");
        assert_eq!(duration_counts(&[]), []);
    }
}
