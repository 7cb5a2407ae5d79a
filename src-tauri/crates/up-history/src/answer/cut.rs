//! How a span is cut into parts, and what each of them comes to. Both stores cut by these rules, so that
//! they answer alike.
//!
//! Parts of local time are made of whole hours of UTC, because this is what is left of a history once its
//! samples are gone: an hour belongs to the part in which it begins. Only time zones whose offset is no
//! whole number of hours notice it.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, Zoned};
use up_core::Timestamp;

use super::durations::DurationCount;
use super::rollup::{HistorySummary, Rollup};

const HOUR: i64 = 3_600_000;

/// The day of the week, from Monday on, that 1970 began with.
const THURSDAY: i64 = 3;

/// The widths of parts, in milliseconds. The larger ones are multiples of those that rollups are kept of.
const WIDTHS: [i64; 17] = [
    1_000,
    5_000,
    10_000,
    30_000,
    60_000,
    300_000,
    900_000,
    1_800_000,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    24 * HOUR,
    2 * 24 * HOUR,
    4 * 24 * HOUR,
    7 * 24 * HOUR,
    28 * 24 * HOUR,
];

/// How a span is cut.
#[derive(Clone, Debug)]
pub enum SpanCut {
    /// Not at all.
    Whole,
    /// Into equal parts of the shortest width that makes no more than this many, and one.
    AtMost(usize),
    /// Into the days of a time zone.
    Days(TimeZone),
    /// Into the hours of the day, 0 to 23, of a time zone.
    HoursOfDay(TimeZone),
    /// Into the days of the week, 0 for Monday to 6.
    Weekdays(TimeZone),
    /// Into the hours of the days of the week: 24 times the day and the hour.
    HoursOfWeek(TimeZone),
    /// Into the months of the year, 0 for January to 11.
    Months(TimeZone),
}

/// What is asked of durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationDetail {
    /// Their sum and their ends: what takes little to read.
    Sums,
    /// Also how they are spread: percentiles and counts.
    Spread,
}

impl DurationDetail {
    /// What answers all of these.
    pub(crate) fn of_all(details: impl IntoIterator<Item = Self>) -> Self {
        let all = details.into_iter();
        all.fold(Self::Sums, |most, detail| match detail {
            Self::Sums => most,
            Self::Spread => Self::Spread,
        })
    }
}

/// A span of a path's history and how it is cut.
#[derive(Clone, Debug)]
pub struct SpanToCut {
    /// The span begins at this time.
    pub from: Timestamp,
    /// It ends before this time.
    pub to: Timestamp,
    /// How it is cut.
    pub cut: SpanCut,
    /// What is asked of the durations of its parts.
    pub detail: DurationDetail,
}

/// A part of a span that has something.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPart {
    /// Which part it is, of hours, weekdays or months; else they are counted from 1970 on.
    pub number: i64,
    /// All of it lies from this time on. Of hours, weekdays and months so does what is of others.
    pub from: Timestamp,
    /// All of it lies before this time.
    pub to: Timestamp,
    /// What it comes to.
    pub summary: HistorySummary,
    /// How its durations are spread, if it was asked.
    pub durations: Vec<DurationCount>,
}

impl HistoryPart {
    /// What a span comes to that was not cut.
    pub fn summary_of_whole(parts: Vec<Self>) -> HistorySummary {
        let whole = parts.into_iter().next();
        whole.map(|part| part.summary).unwrap_or_default()
    }
}

/// Gathers what the parts of a span come to. A store hands it pieces, each of which lies between two
/// neighbouring edges.
#[derive(Debug)]
pub(crate) struct CutSpan {
    from: i64,
    to: i64,
    cut: SpanCut,
    detail: DurationDetail,
    width: i64,
    /// What comes before it belongs to the same question.
    continues: bool,
    found: BTreeMap<i64, (i64, i64, Rollup)>,
}

impl CutSpan {
    pub(crate) fn new(span: SpanToCut) -> Self {
        let (from, to) = (millis(span.from), millis(span.to));
        let cut = span.cut;
        let most = match cut {
            SpanCut::AtMost(most) => i64::try_from(most.max(1)).unwrap_or(i64::MAX),
            _ => 1,
        };
        let fits = |width: &&i64| to.saturating_sub(from) / **width < most;
        let longest = WIDTHS[WIDTHS.len() - 1];
        let width = WIDTHS.iter().find(fits).copied().unwrap_or_else(|| {
            let times = to.saturating_sub(from) / longest / most + 1;
            longest.saturating_mul(times)
        });
        Self {
            from,
            to,
            cut,
            detail: span.detail,
            width,
            continues: false,
            found: BTreeMap::new(),
        }
    }

    /// From the earliest begin to the latest end, in milliseconds, of spans that are not empty.
    pub(crate) fn hull(spans: &[Self]) -> Option<(i64, i64)> {
        let some = spans.iter().filter(|span| span.from < span.to);
        some.map(Self::span)
            .reduce(|all, span| (all.0.min(span.0), all.1.max(span.1)))
    }

    /// What is asked of durations.
    pub(crate) fn detail(&self) -> DurationDetail {
        self.detail
    }

    /// True if the hours of a day may belong to several parts, so that all of them have to be read.
    pub(crate) fn needs_hours(&self) -> bool {
        match self.cut {
            SpanCut::Whole | SpanCut::AtMost(_) | SpanCut::Months(_) => false,
            SpanCut::Days(_)
            | SpanCut::HoursOfDay(_)
            | SpanCut::Weekdays(_)
            | SpanCut::HoursOfWeek(_) => true,
        }
    }

    /// The same in two spans, before any is filled: up to this time, in milliseconds, and from it on.
    pub(crate) fn split(self, at: i64) -> (Self, Self) {
        let at = at.clamp(self.from, self.to.max(self.from));
        let later = Self {
            from: at,
            to: self.to,
            cut: self.cut.clone(),
            detail: self.detail,
            width: self.width,
            continues: at > self.from,
            found: BTreeMap::new(),
        };
        (Self { to: at, ..self }, later)
    }

    /// True for the later one of two spans that were one.
    pub(crate) fn continues(&self) -> bool {
        self.continues
    }

    /// Both again, once they are filled.
    pub(crate) fn join(&mut self, later: Self) {
        self.to = later.to;
        for (number, (from, to, rollup)) in later.found {
            self.gather(number, (from, to), &rollup);
        }
    }

    /// The span, in milliseconds.
    pub(crate) fn span(&self) -> (i64, i64) {
        (self.from, self.to)
    }

    /// No part is shorter than this, in milliseconds, except at the ends of the span.
    pub(crate) fn finest(&self) -> i64 {
        match self.cut {
            SpanCut::AtMost(_) => self.width,
            _ => HOUR,
        }
    }

    /// The edge after this one, in milliseconds: what lies between them belongs to one part.
    pub(crate) fn next_edge(&self, edge: i64) -> i64 {
        let next = match &self.cut {
            SpanCut::Whole => self.to,
            SpanCut::AtMost(_) => after(edge, self.width),
            SpanCut::HoursOfDay(_) | SpanCut::HoursOfWeek(_) => after(edge, HOUR),
            SpanCut::Days(zone) | SpanCut::Weekdays(zone) => {
                hour_of_day_after(edge, zone, |local| local.tomorrow().ok())
            }
            SpanCut::Months(zone) => hour_of_day_after(edge, zone, |local| {
                local.last_of_month().ok()?.tomorrow().ok()
            }),
        };
        next.min(self.to)
    }

    /// Takes what lies between two neighbouring edges. The newest sample stands up to the second one
    /// there, at the most.
    pub(crate) fn take(&mut self, from: i64, to: i64, mut piece: Rollup) {
        piece.close(to);
        if piece.is_empty() {
            return;
        }
        let number = self.number(from);
        self.gather(number, (from, to), &piece);
    }

    /// Adds a piece that is closed to the part of this number.
    fn gather(&mut self, number: i64, (from, to): (i64, i64), closed: &Rollup) {
        let part = self.found.entry(number);
        let part = part.or_insert_with(|| (from, to, Rollup::default()));
        part.0 = part.0.min(from);
        part.1 = part.1.max(to);
        part.2.gather(closed);
    }

    fn number(&self, from: i64) -> i64 {
        let begin = from - from.rem_euclid(HOUR);
        // By the clocks of the zone, since 1970. Years of hours are numbered: this is the quickest way.
        let hours = |zone: &TimeZone| {
            let instant = Instant::from_millisecond(begin).unwrap_or_default();
            let offset = i64::from(zone.to_offset(instant).seconds());
            (begin + offset * 1_000).div_euclid(HOUR)
        };
        let weekday = |hours: i64| (hours.div_euclid(24) + THURSDAY).rem_euclid(7);
        match &self.cut {
            SpanCut::Whole => 0,
            SpanCut::AtMost(_) => from.div_euclid(self.width),
            SpanCut::Days(zone) => hours(zone).div_euclid(24),
            SpanCut::HoursOfDay(zone) => hours(zone).rem_euclid(24),
            SpanCut::Weekdays(zone) => weekday(hours(zone)),
            SpanCut::HoursOfWeek(zone) => {
                let hours = hours(zone);
                hours.rem_euclid(24) + 24 * weekday(hours)
            }
            SpanCut::Months(zone) => {
                local(begin, zone).map_or(0, |local| i64::from(local.month()) - 1)
            }
        }
    }

    /// The parts that have something, by number.
    pub(crate) fn finish(self) -> Vec<HistoryPart> {
        let part = |(number, (from, to, mut rollup)): (i64, (i64, i64, Rollup))| {
            if self.detail == DurationDetail::Sums {
                // Only of some samples it was read: a part would say nothing of the rest.
                rollup.forget_buckets();
            }
            HistoryPart {
                number,
                from: from as f64 / 1e3,
                to: to as f64 / 1e3,
                summary: rollup.summary(to),
                durations: rollup.duration_counts(),
            }
        };
        self.found.into_iter().map(part).collect()
    }
}

/// The first hour that begins in the day that comes next by this rule.
fn hour_of_day_after(edge: i64, zone: &TimeZone, next: fn(Zoned) -> Option<Zoned>) -> i64 {
    let hour = edge - edge.rem_euclid(HOUR);
    let midnight = local(hour, zone)
        .and_then(|local| next(local)?.start_of_day().ok())
        .map_or(i64::MAX, |day| day.timestamp().as_millisecond());
    after(midnight.saturating_sub(1).max(hour), HOUR)
}

/// The multiple of a width after this time.
fn after(time: i64, width: i64) -> i64 {
    (time - time.rem_euclid(width)).saturating_add(width)
}

/// A time by the clocks of a zone.
fn local(millis: i64, zone: &TimeZone) -> Option<Zoned> {
    let instant = Instant::from_millisecond(millis).ok()?;
    Some(instant.to_zoned(zone.clone()))
}

/// Whole milliseconds since 1970; `as` saturates.
pub(crate) fn millis(date: Timestamp) -> i64 {
    (date * 1e3).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: f64 = 1_798_459_200.0;

    fn edges(parts: &CutSpan) -> Vec<i64> {
        let (mut edge, to) = parts.span();
        let mut edges = vec![edge];
        while edge < to {
            edge = parts.next_edge(edge);
            edges.push(edge);
        }
        edges
    }

    #[test]
    fn a_span_is_cut_into_no_more_parts_than_wanted() {
        let check = |days: f64, most: usize, width: i64| {
            let parts = CutSpan::new(SpanToCut {
                from: NOON - days * 86_400.0,
                to: NOON,
                cut: SpanCut::AtMost(most),
                detail: DurationDetail::Spread,
            });
            assert_eq!(parts.width, width, "{days} days in {most}");
            let count = edges(&parts).len() - 1;
            assert!(count <= most + 1, "{count} of {most}");
        };
        check(1.0 / 24.0, 4_000, 1_000);
        check(1.0, 300, 300_000);
        check(1.0, 288, 900_000);
        check(30.0, 800, HOUR);
        check(365.0, 1_000, 24 * HOUR);
        check(365.0, 10, 56 * 24 * HOUR);
        check(0.0, 0, 1_000);
        check(1e6, 100, 10_024 * 24 * HOUR);
    }

    #[test]
    fn local_days_begin_at_their_midnight() {
        let check = |zone: &str, date: &str, hours: i64| {
            let zone = TimeZone::get(zone).expect("a zone");
            let day: jiff::civil::Date = date.parse().expect("a date");
            let begin = day.to_zoned(zone.clone()).expect("a day");
            let begin = begin.timestamp().as_millisecond();
            let parts = CutSpan::new(SpanToCut {
                from: begin as f64 / 1e3,
                to: 4e9,
                cut: SpanCut::Days(zone),
                detail: DurationDetail::Sums,
            });
            let begin = begin + begin.rem_euclid(HOUR);
            assert_eq!(parts.next_edge(begin) - begin, hours * HOUR, "{date}");
        };
        check("UTC", "2026-06-01", 24);
        check("Europe/Berlin", "2026-03-29", 23);
        check("Europe/Berlin", "2026-10-25", 25);
        // Half an hour off: the hours that begin in the day.
        check("Asia/Kolkata", "2026-06-01", 24);
        // A day without a midnight.
        check("America/Sao_Paulo", "2018-11-04", 23);
    }
}
