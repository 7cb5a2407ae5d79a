//! Gatus: `endpoints` and `endpoint_results`. A result's `duration` is nanoseconds, its `errors` are
//! joined by `|~|`, and its failed conditions have a table of their own.

use std::collections::HashMap;

use super::cause::cause;
use super::sqlite::{ForeignHistory, LONGEST_TEXT, Named, date_of, number_of, text_of};
use crate::sample::{KeptCause, Point};
use up_core::CauseCode;

/// Gatus joins the errors of a result by this.
const SEPARATOR: &str = "|~|";

/// Reads all results.
pub(super) fn read(history: &mut ForeignHistory<'_>) -> rusqlite::Result<()> {
    let connection = history.connection;
    let endpoints = connection
        .prepare(
            "SELECT endpoint_id, substr(endpoint_name, 1, 1000), substr(endpoint_group, 1, 1000)
             FROM endpoints ORDER BY endpoint_id",
        )?
        .query_map([], |row| {
            Ok((row.get(0)?, text_of(row, 1)?, text_of(row, 2)?))
        })?
        .collect::<rusqlite::Result<Vec<(i64, String, String)>>>()?;
    let paths = history.paths(&tree(&endpoints));
    let has_conditions: bool = connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'endpoint_result_conditions'",
        [],
        |row| row.get(0),
    )?;
    let condition = if has_conditions {
        "(SELECT substr(condition, 1, 1000) FROM endpoint_result_conditions c
          WHERE c.endpoint_result_id = r.endpoint_result_id AND NOT c.success LIMIT 1)"
    } else {
        "NULL"
    };
    // Gatus has no index on the results of an endpoint: they are read once, in the order of the file.
    let mut results = connection.prepare(&format!(
        "SELECT r.endpoint_id, r.success, r.duration, r.timestamp,
             substr(r.errors, 1, {LONGEST_TEXT}), iif(r.success, NULL, {condition})
         FROM endpoint_results r"
    ))?;
    let mut orphans = 0_u64;
    let mut rows = results.query([])?;
    while let Some(row) = rows.next()? {
        let Some(path) = paths.get(&row.get(0)?) else {
            orphans += 1;
            continue;
        };
        let is_up = number_of(row, 1)?.map(|success| success != 0.0);
        let failure = match is_up {
            Some(false) => Some(failure(&text_of(row, 4)?, &text_of(row, 5)?)),
            _ => None,
        };
        let duration = number_of(row, 2)?.unwrap_or(0.0) / 1e9;
        let date = date_of(row, 3)?.filter(|_| is_up.is_some());
        let sample = date.map(|date| Point {
            date,
            status: is_up.map(|is_up| f64::from(u8::from(is_up))),
            duration,
            cause: failure,
        });
        if !history.take(path, sample) {
            return Ok(());
        }
    }
    if orphans > 0 {
        history.remark(format!(
            "left out {orphans} results of endpoints that were deleted"
        ));
    }
    Ok(())
}

/// The endpoints, and their groups as trees above them, whose numbers are below zero.
fn tree(endpoints: &[(i64, String, String)]) -> Vec<Named> {
    let mut groups: HashMap<&str, i64> = HashMap::new();
    let mut things = Vec::new();
    for (number, name, group) in endpoints {
        // An SQLite file has far fewer rows than would be too many here.
        let next = -1 - i64::try_from(groups.len()).unwrap_or(i64::MAX - 1);
        let parent = (!group.is_empty()).then(|| *groups.entry(group).or_insert(next));
        if parent == Some(next) {
            things.push(Named {
                number: next,
                name: group.clone(),
                parent: None,
            });
        }
        things.push(Named {
            number: *number,
            name: name.clone(),
            parent,
        });
    }
    things
}

fn failure(errors: &str, condition: &str) -> KeptCause {
    if errors.is_empty() && !condition.is_empty() {
        return KeptCause::new(
            Some(CauseCode::Expect),
            format!("the condition {condition} was not met"),
        );
    }
    cause(&errors.replace(SEPARATOR, "; "))
}
