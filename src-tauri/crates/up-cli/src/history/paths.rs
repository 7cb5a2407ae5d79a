//! `up history paths`: every path that has samples.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use up_history::PathExtent;

use super::{plan_if_any, routes};
use crate::args::{Cli, WriterArgs};
use crate::failure::CommandFailure;
use crate::output::print;
use crate::time;

#[derive(Serialize)]
struct PathsJson<'a> {
    schema: u8,
    store: &'a str,
    paths: Vec<PathJson<'a>>,
}

#[derive(Serialize)]
struct PathJson<'a> {
    path: &'a str,
    count: u64,
    unknown: u64,
    first: f64,
    last: f64,
}

/// Lists the paths, sorted.
pub(super) async fn list(cli: &Cli, writer: &WriterArgs) -> Result<ExitCode, CommandFailure> {
    let plan = plan_if_any(cli)?;
    let routes = routes(plan.as_ref(), writer).await?;
    let extents = up_engine::ask_extents(routes.own()).await?;
    if let Some(fallback) = &extents.fallback {
        let _ = writeln!(io::stderr(), "{fallback}");
    }
    if !cli.json {
        return print(&lines(&extents.paths));
    }
    let document = PathsJson {
        schema: 1,
        store: &extents.store,
        paths: extents.paths.iter().map(path_json).collect(),
    };
    let text = serde_json::to_string(&document).map_err(CommandFailure::json)?;
    print(&format!("{text}\n"))
}

fn path_json(extent: &PathExtent) -> PathJson<'_> {
    PathJson {
        path: &extent.path,
        count: extent.count,
        unknown: extent.unknown,
        first: extent.first,
        last: extent.last,
    }
}

fn lines(paths: &[PathExtent]) -> String {
    let mut text = String::new();
    let count = |extent: &PathExtent| (extent.count + extent.unknown).to_string();
    let width = paths.iter().map(|e| count(e).len()).max().unwrap_or(0);
    for extent in paths {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} to {}  {:>width$}  {}",
            time::local(extent.first),
            time::local(extent.last),
            count(extent),
            extent.path
        );
    }
    text
}
