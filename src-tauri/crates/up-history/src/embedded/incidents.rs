//! Incidents, kept as they are found: when a path's day is rolled up, its samples are judged, and again
//! when late ones come for it. What is not rolled up yet is judged when it is asked for.
//!
//! Where judging begins, the last samples that were wholly up decide what is believed, as many of them as
//! end an incident: nothing before them matters. Where there are none within a day, the incident that
//! lasts does, if one does.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use up_core::Status;

use super::blocks::{self, Block};
use super::buckets::DAY;
use super::judging::rules_of;
use super::ordered::OrderedRows;
use super::recent::{self, SampleRow};
use super::rollups::{RollupMarks, day, day_begin};
use super::time::{micros, seconds};
use crate::answer::{IncidentJudge, JudgedIncident};

/// An incident with its cause's number.
type NumberedIncident = JudgedIncident<Option<i64>>;

/// How far judging looks back for a sample that is up, in microseconds: first a little, then further.
const LOOK_BACK: [i64; 2] = [HOUR, DAY * 1_000];

/// Microseconds.
const HOUR: i64 = 3_600_000_000;

/// How far it looks back over a gap in which no incident lasts.
const GAP: i64 = 32 * DAY * 1_000;

/// What is judged: from one time up to, but without, another one, and after `settled` only up to the first
/// sample that is wholly up. Microseconds.
#[derive(Clone, Copy)]
pub(super) struct JudgedSpan {
    pub(super) begin: i64,
    pub(super) settled: i64,
    pub(super) end: i64,
}

/// What came of it: all incidents that begin from `since` on and before `until`, and the one that lasts
/// when judging begins.
struct JudgedRows {
    since: i64,
    until: i64,
    incidents: Vec<NumberedIncident>,
}

/// Judges a path's samples and keeps what comes of it. The rows reach a day further back than the span.
pub(super) fn keep(
    tx: &Connection,
    path: i64,
    rows: &OrderedRows<'_>,
    span: JudgedSpan,
) -> rusqlite::Result<()> {
    let judged = judge(tx, path, rows, span, span.begin)?;
    tx.prepare_cached("DELETE FROM incidents WHERE path = ?1 AND begin >= ?2 AND begin < ?3")?
        .execute([path, judged.since, judged.until])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO incidents(path, begin, until, level, cause) VALUES(?1, ?2, ?3, ?4, ?5)
         ON CONFLICT(path, begin) DO UPDATE SET until = excluded.until, level = excluded.level",
    )?;
    for incident in judged.incidents {
        insert.execute(params![
            path,
            micros(incident.from),
            incident.until.map(micros),
            incident.level.number(),
            incident.cause
        ])?;
    }
    Ok(())
}

/// Of what begins before `known`, in microseconds, the incidents that are kept are right. If judging cannot
/// begin where the span does, because nothing was up shortly before, it begins there.
fn judge(
    connection: &Connection,
    path: i64,
    rows: &OrderedRows<'_>,
    span: JudgedSpan,
    known: i64,
) -> rusqlite::Result<JudgedRows> {
    let begin = span.begin;
    let rules = rules_of(connection, path)?;
    let mut before: Vec<SampleRow> = Vec::new();
    let mut up = None;
    for back in LOOK_BACK {
        before.clear();
        let part = rows.part(begin - back, begin);
        part.read(connection, |row| before.push(*row))?;
        up = calm_since(&before, rules.up_after);
        if up.is_some() {
            break;
        }
    }
    if up.is_none() && begin > known {
        let span = JudgedSpan {
            begin: known,
            ..span
        };
        return judge(connection, path, rows, span, known);
    }
    let lasting = match up {
        Some(_) => None,
        None => lasting(connection, path, begin)?,
    };
    if up.is_none() && lasting.is_none() {
        before.clear();
        let blocks = blocks::within(connection, begin - GAP, begin)?;
        let part = OrderedRows::folded(path, begin - GAP, begin, &blocks);
        part.read(connection, |row| before.push(*row))?;
        rows.recent(begin - GAP, begin, |row| before.push(*row));
        before.sort_by_key(|row| row.at);
        up = calm_since(&before, rules.up_after);
    }
    let mut since = begin;
    let mut judge = if let Some(lasting) = lasting {
        before.clear();
        IncidentJudge::resume(rules, lasting)
    } else {
        before.drain(..up.unwrap_or(0));
        since = before.first().map_or(begin, |row| row.at);
        IncidentJudge::new(rules)
    };
    for row in &before {
        judge.take(seconds(row.at), row.known_status(), &row.cause);
    }
    let until = feed(connection, rows, span, &mut judge)?;
    Ok(JudgedRows {
        since,
        until,
        incidents: judge.finish(),
    })
}

/// Judges the rows of the span and returns where that ended. They are read an hour at first and then ever
/// more at a time, because most of what is late is settled soon.
fn feed(
    connection: &Connection,
    rows: &OrderedRows<'_>,
    span: JudgedSpan,
    judge: &mut IncidentJudge<Option<i64>>,
) -> rusqlite::Result<i64> {
    let last = rows.extent(span.begin).1.min(span.end);
    let (mut from, mut length, mut settled) = (span.begin, HOUR, None);
    while from <= last && settled.is_none() {
        let to = from.saturating_add(length).min(span.end);
        rows.part(from, to).read(connection, |row| {
            if settled.is_none() {
                judge.take(seconds(row.at), row.known_status(), &row.cause);
                settled = (row.at >= span.settled && judge.is_calm()).then_some(row.at);
            }
        })?;
        if to == span.end {
            break;
        }
        from = to;
        length = length.saturating_mul(2);
    }
    Ok(settled.unwrap_or(span.end))
}

/// Where the last row of so many samples begins that were all wholly up; `None` where there is none. A
/// judge that begins there ends up with what was believed.
fn calm_since(rows: &[SampleRow], up_after: u32) -> Option<usize> {
    let mut up = 0;
    for (index, row) in rows.iter().enumerate().rev() {
        match row.known_status() {
            Some(status) if status >= 1.0 => up += 1,
            _ => up = 0,
        }
        if up == up_after {
            return Some(index);
        }
    }
    None
}

/// The incident that lasts at this time, as far as it is kept.
fn lasting(
    connection: &Connection,
    path: i64,
    at: i64,
) -> rusqlite::Result<Option<NumberedIncident>> {
    connection
        .prepare_cached(
            "SELECT begin, NULL, level, cause FROM incidents WHERE path = ?1 AND begin < ?2
             AND (until IS NULL OR until >= ?2) ORDER BY begin DESC LIMIT 1",
        )?
        .query_row([path, at], incident)
        .optional()
}

fn incident(row: &Row<'_>) -> rusqlite::Result<NumberedIncident> {
    let level: f64 = row.get(2)?;
    Ok(JudgedIncident {
        from: seconds(row.get(0)?),
        until: row.get::<_, Option<i64>>(1)?.map(seconds),
        level: Status::new(level / 4.0).unwrap_or(Status::DOWN).level(),
        cause: row.get(3)?,
    })
}

/// Finds incidents as they are known now. What lies in one place for all paths is read once.
pub(super) struct IncidentReader<'c> {
    connection: &'c Connection,
    marks: RollupMarks,
    /// What has not been folded, by path and then by date.
    recent: BTreeMap<i64, Vec<SampleRow>>,
    /// Those of what is not judged yet, and of the day before that.
    blocks: Vec<Block>,
}

impl<'c> IncidentReader<'c> {
    /// Finds those of one path.
    pub(super) fn of_path(connection: &'c Connection, path: i64) -> rusqlite::Result<Self> {
        let recent = recent::of_path(connection, path)?;
        Self::new(connection, [(path, recent)].into())
    }

    /// Finds those of any path.
    pub(super) fn of_all(connection: &'c Connection) -> rusqlite::Result<Self> {
        let mut by_path: BTreeMap<i64, Vec<SampleRow>> = BTreeMap::new();
        recent::all(connection, |row| {
            by_path.entry(row.path).or_default().push(row);
        })?;
        Self::new(connection, by_path)
    }

    fn new(
        connection: &'c Connection,
        mut recent: BTreeMap<i64, Vec<SampleRow>>,
    ) -> rusqlite::Result<Self> {
        for rows in recent.values_mut() {
            rows.sort_by_key(|row| row.at);
        }
        let mut reader = Self {
            connection,
            marks: RollupMarks::read(connection)?,
            recent,
            blocks: Vec::new(),
        };
        let known = reader.recent.keys().map(|path| reader.known(*path)).min();
        let known = known.unwrap_or(i64::MAX).min(reader.rolled(None));
        reader.blocks = blocks::within(connection, known - DAY * 1_000, i64::MAX)?;
        Ok(reader)
    }

    /// Until when the days of a path are rolled up, or those of any path.
    fn rolled(&self, path: Option<i64>) -> i64 {
        let marks = &self.marks;
        let is_further = path.is_some_and(|path| marks.has(marks.day, path));
        day_begin((marks.day + i64::from(is_further)).max(marks.pruned))
    }

    /// Until when the kept incidents of a path are right.
    fn known(&self, path: i64) -> i64 {
        // What is rolled up is judged, but for what came late and waits to be rolled up.
        let pruned = day_begin(self.marks.pruned);
        let recent = self.recent.get(&path).map_or(&[][..], Vec::as_slice);
        let first = recent.iter().find(|row| row.at >= pruned);
        let recent = first.map_or(i64::MAX, |row| day_begin(day(row.at)));
        self.rolled(Some(path)).min(recent)
    }

    /// Those of a path that last at some time of a span, oldest first.
    pub(super) fn within(
        &self,
        path: i64,
        (from, to): (i64, i64),
    ) -> rusqlite::Result<Vec<NumberedIncident>> {
        let known = self.known(path);
        let since = known - DAY * 1_000;
        let recent = self.recent.get(&path).map_or(&[][..], Vec::as_slice);
        let recent = &recent[recent.partition_point(|row| row.at < since)..];
        let rows = OrderedRows::given(path, (since, i64::MAX), &self.blocks, recent);
        let span = JudgedSpan {
            // What neither begins nor lasts before the span does not matter to it, nor what begins after it.
            begin: known.max(from),
            settled: to,
            end: i64::MAX,
        };
        let judged = judge(self.connection, path, &rows, span, known)?;
        let first = judged.incidents.first().map(|first| micros(first.from));
        let since = first.map_or(judged.since, |first| first.min(judged.since));
        let mut select = self.connection.prepare_cached(
            "SELECT begin, until, level, cause FROM incidents WHERE path = ?1 AND begin < ?2
             ORDER BY begin",
        )?;
        let kept = select.query_map([path, since], incident)?;
        let mut all = kept.collect::<rusqlite::Result<Vec<_>>>()?;
        // One that was kept as lasting has ended since, if judging did not go on from it.
        all.retain(|kept| {
            kept.until
                .is_some_and(|until| micros(until) <= judged.since)
        });
        all.extend(judged.incidents);
        all.retain(|incident| {
            micros(incident.from) < to && incident.until.is_none_or(|until| micros(until) > from)
        });
        Ok(all)
    }
}
