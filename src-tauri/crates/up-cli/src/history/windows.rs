//! The windows of one path: its uptime and its durations over the last day, week, month, quarter and year.

use std::fmt::Write as _;

use serde::Serialize;
use up_core::{Status, phrase};
use up_engine::WINDOWS;
use up_history::HistorySummary;

#[derive(Serialize)]
pub(super) struct WindowJson {
    seconds: f64,
    count: u64,
    unknown: u64,
    uptime: Option<f64>,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
}

/// What each window comes to, the shortest first.
pub(super) fn json(summaries: &[HistorySummary]) -> Vec<WindowJson> {
    let windows = WINDOWS.iter().zip(summaries).rev();
    windows
        .map(|((_, seconds), summary)| WindowJson {
            seconds: *seconds,
            count: summary.count,
            unknown: summary.unknown,
            uptime: summary.uptime,
            p50: summary.durations.p50,
            p95: summary.durations.p95,
            p99: summary.durations.p99,
        })
        .collect()
}

/// A line for each window that has samples, the shortest first. The longest ones that have no more
/// samples than a shorter one share a line.
pub(super) fn lines(text: &mut String, summaries: &[HistorySummary]) {
    let windows = WINDOWS.iter().zip(summaries).rev();
    let windows = windows.filter(|(_, summary)| summary.count + summary.unknown > 0);
    let windows: Vec<_> = windows.map(|((name, _), of)| (*name, of)).collect();
    let counts = |(_, of): &(&str, &HistorySummary)| (of.count, of.unknown);
    let all = windows.last().map(counts);
    let older = windows.iter().position(|one| Some(counts(one)) == all);
    let (told, same) = windows.split_at(older.map_or(0, |first| first + 1));
    for (name, summary) in told {
        line(text, name, summary);
    }
    // Writing to a string cannot fail.
    let _ = match same {
        [] => Ok(()),
        [(only, _)] => writeln!(text, "{only:>5}: nothing older"),
        [(first, _), .., (last, _)] => writeln!(text, "{first:>5} to {last}: nothing older"),
    };
}

fn line(text: &mut String, name: &str, summary: &HistorySummary) {
    let uptime = summary.uptime.and_then(Status::new).map(phrase::percent);
    let uptime = uptime.map_or_else(|| "unknown".into(), |uptime| format!("{uptime} up"));
    let durations = summary.durations;
    let percentiles = [
        ("p50", durations.p50),
        ("p95", durations.p95),
        ("p99", durations.p99),
    ];
    // Writing to a string cannot fail.
    let _ = write!(text, "{name:>5}: {uptime}");
    for (name, seconds) in percentiles {
        if let Some(seconds) = seconds.and_then(phrase::seconds) {
            let _ = write!(text, ", {name} {seconds}");
        }
    }
    let _ = writeln!(
        text,
        " over {} sample{}",
        summary.count,
        if summary.count == 1 { "" } else { "s" }
    );
}

#[cfg(test)]
mod tests {
    use up_history::Percentiles;

    use super::*;

    #[test]
    fn a_window_has_its_uptime_and_percentiles() {
        let check = |summaries: &[(u64, Option<f64>, [f64; 3])], expected: &str| {
            let summary =
                |(count, uptime, [p50, p95, p99]): &(u64, Option<f64>, [f64; 3])| HistorySummary {
                    count: *count,
                    uptime: *uptime,
                    durations: Percentiles {
                        p50: Some(*p50),
                        p95: Some(*p95),
                        p99: Some(*p99),
                    },
                    ..HistorySummary::default()
                };
            let summaries: Vec<_> = summaries.iter().map(summary).collect();
            let mut text = String::new();
            lines(&mut text, &summaries);
            assert_eq!(text, expected);
        };
        check(&[], "");
        check(&[(0, None, [0.0; 3]); 5], "");
        let young = (30, Some(0.5), [0.1, 0.2, 1.0]);
        let said = "50% up, p50 0.1s, p95 0.2s, p99 1s over 30 samples\n";
        let expected = format!(" 24 h: {said}  7 d to 365 d: nothing older\n");
        check(&[young; 5], &expected);
        let expected = format!(" 90 d: {said}365 d: nothing older\n");
        let none = (0, None, [0.0; 3]);
        check(&[young, young, none, none, none], &expected);
        check(
            &[
                (400, Some(0.9989), [0.1, 0.25, 1.5]),
                (90, Some(1.0), [0.1, 0.2, 1.0]),
                (30, Some(0.5), [0.00001, 0.2, 1.0]),
                (1, None, [0.1, 0.1, 0.1]),
                (0, None, [0.0; 3]),
            ],
            "  7 d: unknown, p50 0.1s, p95 0.1s, p99 0.1s over 1 sample\n \
             30 d: 50% up, p95 0.2s, p99 1s over 30 samples\n \
             90 d: 100% up, p50 0.1s, p95 0.2s, p99 1s over 90 samples\n\
             365 d: 99.89% up, p50 0.1s, p95 0.25s, p99 1.5s over 400 samples\n",
        );
    }
}
