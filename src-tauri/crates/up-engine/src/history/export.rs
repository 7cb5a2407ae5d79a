//! Exports: every sample of a span, however many there are, of which only some are held at a time. A
//! table is comma-separated values as RFC 4180 has them, with a header.

use std::io::{self, Write};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::ready;
use up_history::{Point, Query, Store, StoreError};

use super::ask_history;
use super::choice::{ask_best, damage, joined};
use super::json::write_json;

/// The names of the columns of one path.
pub const CSV_HEADER: &str = "date,status,duration,cause_code,cause\r\n";

/// Writes every sample of the query's span as a table. Returns why they are not those of the preferred
/// store.
pub async fn export_csv(
    stores: &[Arc<dyn Store>],
    query: &Query,
    out: &mut impl Write,
) -> Result<Option<String>, ExportError> {
    out.write_all(CSV_HEADER.as_bytes())?;
    let fallback = export_history(stores, query, |points| csv_lines(out, "", points)).await?;
    out.flush()?;
    Ok(fallback)
}

/// Writes the figures, incidents and notes of the query's span, and every sample, as one JSON object.
/// Returns why they are not those of the preferred store.
pub async fn export_json(
    stores: &[Arc<dyn Store>],
    query: &Query,
    out: &mut impl Write,
) -> Result<Option<String>, ExportError> {
    let few = Query {
        most: 4,
        ..query.clone()
    };
    let history = ask_history(stores, &few).await?;
    write_json(stores, query, &history, out).await?;
    out.flush()?;
    Ok(history.fallback)
}

/// Why an export ended before it was whole.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store did not answer.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Whoever takes the samples did not take them.
    #[error("{0}")]
    Output(#[from] io::Error),
}

/// As many samples are held at a time during an export.
const EXPORT_PAGE: usize = 20_000;

/// The first and the longest span that an export asks for at once, in seconds.
const EXPORT_SPAN: f64 = 3_600.0;
const EXPORT_LONGEST: f64 = 400.0 * 86_400.0;

/// Below this span, in seconds, an export takes what there is: a store keeps no finer dates.
const EXPORT_SHORTEST: f64 = 1e-3;

/// Hands out every sample of the query's span, oldest first, whatever `query.most` is. All of them
/// come from the store that has the span (see [`ask_history`]). Returns why that is not the preferred
/// one, a line for a person.
pub async fn export_history(
    stores: &[Arc<dyn Store>],
    query: &Query,
    mut take: impl FnMut(&[Point]) -> io::Result<()>,
) -> Result<Option<String>, ExportError> {
    let all = (query.from, query.to);
    // Whatever fails later fails the export: half of it may be out already.
    let chosen = ask_best(stores, &query.path, all, |_| ready(Ok(())).boxed()).await?;
    let store = chosen.store;
    let mut damaged = 0;
    let mut from = query.from;
    let mut span = EXPORT_SPAN;
    loop {
        let to = query.to.min(from + span);
        let whole = span <= EXPORT_SHORTEST;
        let page = Query {
            path: query.path.clone(),
            from,
            to,
            most: if whole { usize::MAX } else { EXPORT_PAGE },
        };
        let series = store.series(page).await?;
        if series.thinned {
            span /= 2.0;
            continue;
        }
        take(&series.points)?;
        damaged += series.damaged;
        if to >= query.to {
            return Ok(joined(chosen.fallback, damage(&*store, damaged)));
        }
        from = to;
        if series.points.len() < EXPORT_PAGE / 4 {
            span = (span * 2.0).min(EXPORT_LONGEST);
        }
    }
}

/// A line each, which begins with `start`; an unknown status is an empty field.
pub fn csv_lines(out: &mut impl Write, start: &str, points: &[Point]) -> io::Result<()> {
    for Point {
        date,
        status,
        duration,
        cause,
    } in points
    {
        let status = status.map(|status| status.to_string()).unwrap_or_default();
        let code = cause
            .as_ref()
            .and_then(|cause| cause.code)
            .map_or("", |code| code.code());
        let cause = cause.as_ref().map_or("", |cause| cause.text());
        write!(
            out,
            "{start}{date},{status},{duration},{code},{}\r\n",
            csv_field(cause)
        )?;
    }
    Ok(())
}

/// A field in quotation marks where it needs them, and unable to be a spreadsheet's formula.
pub fn csv_field(field: &str) -> String {
    let guarded = if field.starts_with(['=', '+', '-', '@']) {
        format!("'{field}")
    } else {
        field.into()
    };
    if guarded.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let check = |field: &str, expected: &str| assert_eq!(csv_field(field), expected);
        check("plain", "plain");
        check("a,b", "\"a,b\"");
        check("say \"up\"", "\"say \"\"up\"\"\"");
        check("=1+1", "'=1+1");
    }
}
