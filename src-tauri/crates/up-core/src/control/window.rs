//! Maintenance windows. A recurring window opens at a time of the wall clock in its time zone and
//! lasts equally long by any clock. On a day that lacks this time, it opens later by what the
//! clocks were put forward. On a day that has the time twice, it opens the first time.

use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use crate::path::is_at_or_below;
use crate::sample::Timestamp;

/// The longest duration of a recurring window.
pub const LONGEST: Duration = Duration::from_hours(7 * 24);
/// The days of one rule are at most this many days apart: the fifth week of a month and a bit.
const APART: i32 = 70;

/// A maintenance window.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The paths under maintenance, each with all below it; empty for everything.
    pub paths: Vec<String>,
    /// When the window is open.
    pub when: When,
}

/// When a window is open.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// The window is open once.
    Once {
        /// The beginning, Unix seconds.
        from: Timestamp,
        /// The end, Unix seconds.
        until: Timestamp,
    },
    /// The window opens again and again.
    Recurring {
        /// The days on which it opens; empty for every day.
        days: Vec<DayRule>,
        /// The time of day at which it opens.
        at: Time,
        /// How long it stays open, at most [`LONGEST`].
        lasts: Duration,
        /// The time zone of `days` and `at`.
        zone: TimeZone,
    },
}

/// A weekday, of every week or of one week in each month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRule {
    /// The weekday.
    pub weekday: Weekday,
    /// Which of the month's days with this weekday.
    pub which: Ordinal,
}

/// Which of a month's days with the same weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordinal {
    /// Every one.
    Every,
    /// The first to the fourth, as 1 to 4.
    Nth(i8),
    /// The last one.
    Last,
}

impl DayRule {
    fn is_on(self, date: Date) -> bool {
        date.weekday() == self.weekday
            && match self.which {
                Ordinal::Every => true,
                Ordinal::Nth(nth) => (date.day() - 1) / 7 + 1 == nth,
                Ordinal::Last => date.day() + 7 > date.days_in_month(),
            }
    }
}

impl Window {
    /// True when the window concerns the path: it names the path or one above it.
    pub fn covers(&self, path: &str) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|own| is_at_or_below(path, own))
    }

    /// When the open window closes; `None` when it is not open.
    pub fn open(&self, now: Timestamp) -> Option<Timestamp> {
        let open = |(from, until): &(Timestamp, Timestamp)| *from <= now && now < *until;
        self.spells(now)
            .into_iter()
            .filter(open)
            .map(|(_, until)| until)
            .max_by(f64::total_cmp)
    }

    /// When the window next opens or closes.
    pub fn next_turn(&self, now: Timestamp) -> Option<Timestamp> {
        let turns = self.spells(now).into_iter().flat_map(<[_; 2]>::from);
        turns.filter(|turn| *turn > now).min_by(f64::total_cmp)
    }

    /// The spans around `now` in which the window is open: all that contain `now`, and at least the
    /// next one.
    fn spells(&self, now: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        match &self.when {
            When::Once { from, until } => vec![(*from, *until)],
            When::Recurring {
                days,
                at,
                lasts,
                zone,
            } => recurring(days, *at, *lasts, zone, now),
        }
    }
}

fn recurring(
    days: &[DayRule],
    at: Time,
    lasts: Duration,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<(Timestamp, Timestamp)> {
    let Some(today) = date_of(now, zone) else {
        return Vec::new();
    };
    let lasts = lasts.min(LONGEST).as_secs_f64();
    // One day more than the window lasts, because some days have 25 hours.
    let back = (lasts / 86_400.0).ceil() as i32 + 1;
    let mut spells = Vec::new();
    for day in -back..=APART {
        let Ok(date) = today.checked_add(day.days()) else {
            break;
        };
        if !(days.is_empty() || days.iter().any(|rule| rule.is_on(date))) {
            continue;
        }
        let Ok(opens) = zone.to_ambiguous_zoned(date.to_datetime(at)).compatible() else {
            continue;
        };
        let opens = seconds(opens.timestamp());
        spells.push((opens, opens + lasts));
        if opens > now {
            break;
        }
    }
    spells
}

/// The date in a time zone.
fn date_of(now: Timestamp, zone: &TimeZone) -> Option<Date> {
    Some(instant(now)?.to_zoned(zone.clone()).date())
}

/// Converts Unix seconds to a calendar time; `None` for a time beyond the calendar.
pub(super) fn instant(time: Timestamp) -> Option<jiff::Timestamp> {
    let time = SignedDuration::try_from_secs_f64(time).ok()?;
    jiff::Timestamp::from_duration(time).ok()
}

/// Converts a calendar time to Unix seconds.
pub fn seconds(time: jiff::Timestamp) -> Timestamp {
    time.as_duration().as_secs_f64()
}
