//! Maintenance windows: from when to when, in whose time. A window that recurs begins at a time
//! of the clock on the wall and lasts so long by any clock; where a day has no such time it begins
//! as much later as the clocks were put forward, and where it has it twice, the first time.

use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use crate::sample::Timestamp;

/// The longest that a recurring window may stay open.
pub const LONGEST: Duration = Duration::from_hours(7 * 24);
/// No two days of one rule are further apart than this: the fifth week of a month and a bit.
const APART: i32 = 70;

/// When something is under maintenance.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// What is: these and all below them; everything when empty.
    pub paths: Vec<String>,
    /// From when to when.
    pub when: When,
}

/// From when to when.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// Once, Unix seconds.
    Once {
        /// It opens.
        from: Timestamp,
        /// It closes.
        until: Timestamp,
    },
    /// Again and again.
    Recurring {
        /// On these days; every day when empty.
        days: Vec<DayRule>,
        /// When it opens.
        at: Time,
        /// How long it stays open; at most [`LONGEST`].
        lasts: Duration,
        /// Where `days` and `at` are meant.
        zone: TimeZone,
    },
}

/// A day of the week, in every week or in one of each month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRule {
    /// The day of the week.
    pub weekday: Weekday,
    /// Which of them.
    pub which: Ordinal,
}

/// Which of a month's Mondays, say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordinal {
    /// Every one.
    Every,
    /// The first to the fourth, as 1 to 4.
    Nth(i8),
    /// The last.
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
    /// True of a window that a path of its own, or one above it, stands in.
    pub fn covers(&self, path: &str) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|own| is_at_or_below(path, own))
    }

    /// Until when it is open; `None` when it is not.
    pub fn open(&self, now: Timestamp) -> Option<Timestamp> {
        let open = |(from, until): &(Timestamp, Timestamp)| *from <= now && now < *until;
        self.spells(now)
            .into_iter()
            .filter(open)
            .map(|(_, until)| until)
            .max_by(f64::total_cmp)
    }

    /// When it opens or closes next.
    pub fn next_turn(&self, now: Timestamp) -> Option<Timestamp> {
        let turns = self.spells(now).into_iter().flat_map(<[_; 2]>::from);
        turns.filter(|turn| *turn > now).min_by(f64::total_cmp)
    }

    /// The times it is open around now: all that are, and at least the next.
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
    // A day more than it lasts, because of days that are 25 hours long.
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

/// The date there.
fn date_of(now: Timestamp, zone: &TimeZone) -> Option<Date> {
    Some(instant(now)?.to_zoned(zone.clone()).date())
}

/// A time as the calendar takes it; `None` of one beyond it.
pub(super) fn instant(time: Timestamp) -> Option<jiff::Timestamp> {
    let time = SignedDuration::try_from_secs_f64(time).ok()?;
    jiff::Timestamp::from_duration(time).ok()
}

/// Unix seconds of a time of the calendar.
pub fn seconds(time: jiff::Timestamp) -> Timestamp {
    time.as_duration().as_secs_f64()
}

/// True of `/Root/a` and of `/Root/a/b`, asked for `/Root/a`.
pub fn is_at_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
