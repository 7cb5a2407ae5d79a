//! `up history export`: every sample of every path, or of some trees.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use up_core::path::is_path;
use up_engine::{ExportError, HistoryRoutes};
use up_history::Query;

use super::{plan_if_any, routes, span};
use crate::args::{Cli, SpanArgs, WriterArgs};
use crate::failure::CommandFailure;

/// Prints the samples, path by path, and holds only some of them at a time.
pub(super) async fn export(
    cli: &Cli,
    trees: &[String],
    span: &SpanArgs,
    writer: &WriterArgs,
) -> Result<ExitCode, CommandFailure> {
    if let Some(wrong) = trees.iter().find(|tree| !is_path(tree)) {
        return Err(CommandFailure::Usage(format!(
            "{wrong:?} is not a path: write /Root/Child"
        )));
    }
    let span = span::read(span, None)?;
    let plan = plan_if_any(cli)?;
    let routes = routes(plan.as_ref(), writer).await?;
    let mut out = BufWriter::new(io::stdout());
    match write(&mut out, &routes, trees, span, cli.json).await {
        // A reader who closes the pipe has had enough.
        Err(ExportError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(ExportError::Output(error)) => {
            return Err(CommandFailure::io("standard output")(error));
        }
        Err(ExportError::Store(error)) => return Err(error.into()),
        Ok(()) => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn write(
    out: &mut impl Write,
    routes: &HistoryRoutes,
    trees: &[String],
    (from, to): (f64, f64),
    as_json: bool,
) -> Result<(), ExportError> {
    if !as_json {
        write!(out, "path,{}", up_engine::CSV_HEADER)?;
    }
    for path in up_engine::paths_below(routes, trees).await? {
        let query = Query {
            path: path.clone(),
            from,
            to,
            most: 0,
        };
        let fallback = up_engine::export_history(&routes.stores(&query.path), &query, |points| {
            if as_json {
                return up_engine::sample_lines(out, &path, points);
            }
            let path = format!("{},", up_engine::csv_field(&path));
            up_engine::csv_lines(out, &path, points)
        })
        .await?;
        if let Some(fallback) = fallback {
            writeln!(io::stderr(), "{path}: {fallback}")?;
        }
    }
    Ok(out.flush()?)
}
