//! Reading: a few read-only connections on the blocking pool, and what is asked of them. Readers
//! see the last commit and never wait for the writer.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::Semaphore;
use up_core::path::{MAX_PATH, is_path};

use super::buckets::HOURS;
use super::file::{error, explain, open_to_read};
use super::incidents::IncidentReader;
use super::recent::SampleRow;
use super::rollups::day_begin;
use super::spans::PathSpans;
use super::text;
use super::time::{micros, seconds};
use crate::answer::{
    CutSpan, DigestedSeries, DurationDetail, HistorySummary, JudgedIncident, KeptIncident,
    SeriesDigest,
};
use crate::downsample::{DownsampledPoint, Spans, Thinner};
use crate::sample::{KeptCause, Point, Query};
use crate::store::{IncidentPage, IncidentQuery, Series, StoreError, StoreErrorCode};

/// As many questions are answered at once; more wait.
const CONNECTIONS: usize = 4;

/// Texts that are far longer than any of ours are not even read.
const CAUSE: &str =
    "SELECT code, iif(octet_length(text) < 4000000, text, 'a text that is too long')
     FROM causes WHERE id = ?1 AND octet_length(code) < 100";

/// The reading side.
pub(super) struct Readers {
    file: PathBuf,
    permits: Semaphore,
    idle: Mutex<IdleConnections>,
}

/// Connections that nobody uses now.
#[derive(Default)]
struct IdleConnections {
    connections: Vec<Connection>,
    /// Grows when the file has become another one: a connection of before is not used again.
    generation: u64,
}

impl Readers {
    pub(super) fn new(file: PathBuf) -> Self {
        Self {
            file,
            permits: Semaphore::new(CONNECTIONS),
            idle: Mutex::default(),
        }
    }

    /// Asks on the blocking pool, in one snapshot.
    pub(super) async fn query<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || error(StoreErrorCode::Closed, "the history is closed");
        let _permit = self.permits.acquire().await.map_err(|_| closed())?;
        let readers = Arc::clone(self);
        tokio::task::spawn_blocking(move || readers.ask_here(question))
            .await
            .map_err(|_| closed())?
    }

    fn ask_here<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let answer = || {
            let (idle, generation) = {
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                (idle.connections.pop(), idle.generation)
            };
            let connection = match idle {
                Some(connection) => connection,
                None => open_to_read(&self.file)?,
            };
            let snapshot = connection.unchecked_transaction()?;
            let answer = question(&snapshot)?;
            snapshot.finish()?;
            // Only a connection that gave no trouble is used again.
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.permits.is_closed() && idle.generation == generation {
                idle.connections.push(connection);
            }
            Ok(answer)
        };
        answer().map_err(|e| explain(&self.file, &e))
    }

    /// Lets no further question in, and lets the idle connections go.
    pub(super) fn close(&self) {
        self.permits.close();
        self.forget_connections();
    }

    /// The file is another one now. Questions under way are still answered from the old one.
    pub(super) fn forget_connections(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.generation += 1;
        idle.connections.clear();
    }
}

/// The samples that thinning by these spans leaves of half of a long time, and how many of their runs were
/// damaged.
pub(super) struct ThinnedHalf {
    spans: Spans,
    points: Vec<DownsampledPoint<Option<i64>>>,
    damaged: u64,
}

/// The halves of a long time that is thinned by so many days, each from its first microsecond up to, but
/// without, its second.
#[derive(Clone, Copy)]
pub(super) struct LongTime {
    path: i64,
    spans: Spans,
    days: i64,
    most: usize,
    pub(super) halves: [(i64, i64); 2],
}

/// `None` if the query is not one for a long time.
pub(super) fn long_time(
    connection: &Connection,
    query: &Query,
) -> rusqlite::Result<Option<LongTime>> {
    let Some(path) = number(connection, &query.path)? else {
        return Ok(None);
    };
    let (from, to) = (micros(query.from), micros(query.to));
    let (first, last) = PathSpans::new(connection, path, from, to)?.ends(from, to)?;
    let spans = Spans::new(seconds(first), seconds(last), query.most);
    Ok(spans.days().map(|(days, middle)| {
        // A single span begins with the first day.
        let middle = day_begin(middle).max(first);
        LongTime {
            path,
            spans,
            days,
            most: query.most,
            halves: [(first, middle), (middle, last.saturating_add(1))],
        }
    }))
}

/// What thinning leaves of a half of a long time.
pub(super) fn thinned_half(
    connection: &Connection,
    long: LongTime,
    half: (i64, i64),
) -> rusqlite::Result<ThinnedHalf> {
    let mut thinner = Thinner::new(long.spans, long.most);
    let mut history = PathSpans::new(connection, long.path, half.0, half.1)?;
    let damaged = history.read_thinned(half, long.days, |row| thinner.take(point(row)))?;
    Ok(ThinnedHalf {
        spans: long.spans,
        points: thinner.finish(),
        damaged,
    })
}

/// The samples of one path. Of what has been folded it reads that path's runs only; it holds
/// `query.most` points at a time, beside what is recent and a block or two. Of a long time it reads none
/// if both halves of what thinning leaves are given as `halves`.
pub(super) fn series(
    connection: &Connection,
    query: &Query,
    halves: Vec<ThinnedHalf>,
) -> rusqlite::Result<Series> {
    let Some(path) = number(connection, &query.path)? else {
        return Ok(Series::default());
    };
    let (from, to) = (micros(query.from), micros(query.to));
    let mut history = PathSpans::new(connection, path, from, to)?;
    let (first, last) = history.ends(from, to)?;
    let rollup = history.rollup(from, to)?;
    let thinned = halves.first().map(|half| half.spans);
    let spans = thinned
        .unwrap_or_else(|| Spans::new(seconds(first.max(from)), seconds(last.min(to)), query.most));
    let query = Query {
        from: seconds(from),
        to: seconds(to),
        ..query.clone()
    };
    let mut digest = SeriesDigest::new(&query, spans);
    let damaged = if halves.is_empty() || rollup.samples() <= query.most as u64 {
        history.read((from, to), |row| digest.take(point(row)))?
    } else {
        digest.thin();
        let damaged = halves.iter().map(|half| half.damaged).sum();
        for point in halves.into_iter().flat_map(|half| half.points) {
            digest.take(point);
        }
        damaged
    };
    let incidents = IncidentReader::of_path(connection, path)?.within(path, (from, to))?;
    let summary = rollup.summary(to.div_euclid(1_000));
    Ok(Series {
        damaged,
        ..kept(connection, digest.finish(), &summary, incidents)?
    })
}

/// A path's number, if the file has it.
pub(super) fn number(connection: &Connection, path: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM paths WHERE path = ?1")?
        .query_row([path], |row| row.get(0))
        .optional()
}

/// Fills spans with what a path's history comes to.
pub(super) fn fill(
    connection: &Connection,
    path: &str,
    mut spans: Vec<CutSpan>,
) -> rusqlite::Result<Vec<CutSpan>> {
    let hull = CutSpan::hull(&spans);
    if let (Some(path), Some((from, to))) = (number(connection, path)?, hull) {
        let (from, to) = (from.saturating_mul(1_000), to.saturating_mul(1_000));
        // The hour before may stand into a span that continues another one.
        let from = from.saturating_sub(HOURS.millis * 1_000);
        let detail = DurationDetail::of_all(spans.iter().map(CutSpan::detail));
        let history = PathSpans::new(connection, path, from, to)?;
        history.with(detail).cut(&mut spans)?;
    }
    Ok(spans)
}

fn point(row: &SampleRow) -> DownsampledPoint<Option<i64>> {
    DownsampledPoint {
        date: seconds(row.at),
        status: row.known_status(),
        duration: seconds(row.duration),
        cause: row.cause,
    }
}

/// The newest incidents of paths that last at some time of a span, in the order of the questions.
pub(super) fn incidents(
    connection: &Connection,
    queries: &[IncidentQuery],
) -> rusqlite::Result<Vec<IncidentPage>> {
    let numbers = queries.iter().map(|query| number(connection, &query.path));
    let numbers = numbers.collect::<rusqlite::Result<Vec<_>>>()?;
    let reader = match numbers[..] {
        [None] => return Ok(vec![IncidentPage::default()]),
        [Some(path)] => IncidentReader::of_path(connection, path)?,
        _ => IncidentReader::of_all(connection)?,
    };
    let mut known = HashMap::new();
    let pages = queries.iter().zip(numbers).map(|(query, path)| {
        let Some(path) = path else {
            return Ok(IncidentPage::default());
        };
        let span = (micros(query.from), micros(query.to));
        page_of(connection, query, reader.within(path, span)?, &mut known)
    });
    pages.collect()
}

/// The newest of the incidents of a path. The causes that are read are kept in `known`.
fn page_of(
    connection: &Connection,
    query: &IncidentQuery,
    judged: Vec<JudgedIncident<Option<i64>>>,
    known: &mut HashMap<i64, Option<KeptCause>>,
) -> rusqlite::Result<IncidentPage> {
    let words = |id: Option<i64>| match id {
        Some(id) => cause(connection, known, id),
        None => Ok(None),
    };
    if query.filter.is_some() {
        return Ok(IncidentPage::of(in_words(judged, words)?, query));
    }
    let (newest, more) = IncidentPage::newest_of(judged, query.limit);
    let newest = in_words(newest, words)?;
    Ok(IncidentPage { newest, more })
}

fn in_words(
    judged: impl IntoIterator<Item = JudgedIncident<Option<i64>>>,
    mut words: impl FnMut(Option<i64>) -> rusqlite::Result<Option<KeptCause>>,
) -> rusqlite::Result<Vec<KeptIncident>> {
    let kept = judged.into_iter().map(|incident| {
        Ok(KeptIncident {
            from: incident.from,
            until: incident.until,
            level: incident.level,
            cause: words(incident.cause)?,
        })
    });
    kept.collect()
}

/// The same with causes in words.
fn kept(
    connection: &Connection,
    digested: DigestedSeries<Option<i64>>,
    summary: &HistorySummary,
    judged: Vec<JudgedIncident<Option<i64>>>,
) -> rusqlite::Result<Series> {
    let mut known = HashMap::new();
    let mut words = |id: Option<i64>| match id {
        Some(id) => cause(connection, &mut known, id),
        None => Ok(None),
    };
    let mut points = Vec::with_capacity(digested.points.len());
    for sample in digested.points {
        points.push(Point {
            date: sample.date,
            status: sample.status,
            duration: sample.duration,
            cause: words(sample.cause)?,
        });
    }
    let incidents = in_words(judged, &mut words)?;
    Ok(Series {
        points,
        count: summary.count,
        unknown: summary.unknown,
        uptime: summary.uptime,
        durations: summary.durations,
        incidents,
        thinned: digested.thinned,
        damaged: 0,
    })
}

fn cause(
    connection: &Connection,
    known: &mut HashMap<i64, Option<KeptCause>>,
    id: i64,
) -> rusqlite::Result<Option<KeptCause>> {
    if let Some(cause) = known.get(&id) {
        return Ok(cause.clone());
    }
    let cause = connection
        .prepare_cached(CAUSE)?
        .query_row([id], |row| text::cause(row, 0, 1))
        .optional()?
        .flatten();
    known.insert(id, cause.clone());
    Ok(cause)
}

/// Every path that has samples, sorted. What is younger than the oldest sample kept has some. What
/// cannot be a path of Up's is left out: it could only be shown as another.
pub(super) fn paths(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    const LONGEST: u32 = MAX_PATH as u32;
    let paths = connection
        .prepare_cached(
            "SELECT path FROM paths WHERE last >= min(
                 ifnull((SELECT min(first) / 3600000000 FROM blocks), ?1),
                 ifnull((SELECT min(at) / 3600000000 FROM recent), ?1)
             ) AND octet_length(path) <= ?2 ORDER BY path LIMIT 100000",
        )?
        .query_map(params![i64::MAX, LONGEST], |row| text::text(row, 0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let paths = paths.into_iter().flatten();
    Ok(paths.filter(|path| is_path(path)).collect())
}

/// A value of the small key-value table.
pub(super) fn state(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM state WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}
