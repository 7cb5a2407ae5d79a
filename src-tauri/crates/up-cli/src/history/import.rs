//! `up history import FILE`: adds the samples of a file to the embedded history.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use up_config::{HistoryPlan, Plan, Secret};
use up_core::Note;
use up_core::path::is_path;
use up_engine::Importer;
use up_history::Store as _;
use up_history::embedded::ImportStep;
use up_history::import::{ImportRequest, StagedImport, stage};
use up_history::mongo::MongoStore;

use super::plan_if_any;
use super::progress::WorkProgress;
use crate::args::Cli;
use crate::failure::CommandFailure;
use crate::output::print;

const DAY: f64 = 86_400.0;

#[derive(Serialize)]
struct ImportJson {
    schema: u8,
    samples: u64,
    paths: u64,
    added: u64,
    present: u64,
    rolled_up: u64,
}

/// Where the samples come from.
pub(super) enum ImportOrigin {
    File(PathBuf),
    Mongo(Secret),
}

/// What FILE or `--uri` names.
pub(super) fn origin(
    file: Option<&Path>,
    uri: Option<&str>,
) -> Result<ImportOrigin, CommandFailure> {
    if let Some(at) = uri {
        let read = up_config::read_secret(at);
        return Ok(ImportOrigin::Mongo(
            read.map_err(|why| CommandFailure::Usage(format!("--uri: {why}")))?,
        ));
    }
    let file = file.unwrap_or(Path::new("-"));
    let is_uri = |text: &&str| text.starts_with("mongodb://") || text.starts_with("mongodb+srv://");
    Ok(match file.to_str().filter(is_uri) {
        Some(uri) => ImportOrigin::Mongo(Secret::new(uri)),
        None => ImportOrigin::File(file.to_owned()),
    })
}

/// Reads and checks the file, and then adds its samples.
pub(super) async fn import(
    cli: &Cli,
    (from, database): (&ImportOrigin, &str),
    path: Option<&str>,
) -> Result<ExitCode, CommandFailure> {
    if let Some(path) = path
        && (!is_path(path) || path.ends_with('/'))
    {
        return Err(CommandFailure::Usage(format!(
            "--path {path:?} is not a path: write /Root/Child"
        )));
    }
    let plan = plan_if_any(cli)?;
    let now = up_engine::clock::now();
    let (mut staged, notes) = match from {
        ImportOrigin::Mongo(uri) => {
            let store = MongoStore::open(uri.reveal(), database)?;
            read_mongo(&store, plan.as_ref(), path, now).await?
        }
        ImportOrigin::File(file) => (read_file(&ImportRequest { file, path, now })?, Vec::new()),
    };
    let paths = staged.path_count()?;
    print_lines(staged.remarks());
    print_lines(&retention(&staged, plan.as_ref(), now)?);
    let mut importer = Importer::open(plan.as_ref(), &up_config::data_dir()).await?;
    let added = add(&mut importer, (&mut staged, &notes)).await;
    let outcome = importer.outcome();
    print_lines(&importer.finish().await);
    let done = sentence(&staged, paths, outcome, path);
    if let Err(failure) = added {
        // What was done is said in any case.
        print_lines(&[done]);
        return Err(failure);
    }
    if !cli.json {
        return print(&format!("{done}\n"));
    }
    let document = ImportJson {
        schema: 1,
        samples: staged.total(),
        paths,
        added: outcome.added,
        present: outcome.present,
        rolled_up: outcome.rolled_up,
    };
    let text = serde_json::to_string(&document).map_err(CommandFailure::json)?;
    print(&format!("{text}\n"))
}

fn read_file(request: &ImportRequest<'_>) -> Result<StagedImport, CommandFailure> {
    let mut line = WorkProgress::new();
    let name = request.file.display();
    Ok(stage(request, &mut |read| {
        line.show(|| format!("{name}: {read} samples read"));
    })?)
}

async fn read_mongo(
    store: &MongoStore,
    plan: Option<&Plan>,
    path: Option<&str>,
    now: f64,
) -> Result<(StagedImport, Vec<Note>), CommandFailure> {
    let name = store.name();
    if up_engine::writes_to(plan, store) {
        return Err(CommandFailure::Usage(format!(
            "{name} is a sink of this Up, whose history is read from there already: there is nothing to \
             import"
        )));
    }
    let mut line = WorkProgress::new();
    let mut progress = |read| line.show(|| format!("{name}: {read} samples read"));
    let read = store.stage(path.unwrap_or_default(), now, &mut progress);
    let found = tokio::select! {
        found = read => found?,
        _ = tokio::signal::ctrl_c() => {
            return Err(CommandFailure::Usage("stopped: nothing was added".into()));
        }
    };
    Ok((found.samples, found.notes))
}

/// Adds all samples, step by step, until SIGINT.
async fn add(
    importer: &mut Importer,
    (staged, notes): (&mut StagedImport, &[Note]),
) -> Result<(), CommandFailure> {
    for note in notes {
        importer.note(note.clone()).await?;
    }
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    let mut line = WorkProgress::new();
    staged.sort(importer.pruned_before().await?)?;
    let mut done = 0;
    let mut days = 0_u64;
    loop {
        // Between two steps, so that what was added is counted.
        tokio::select! {
            biased;
            _ = &mut interrupt => {
                return Err(CommandFailure::Usage(
                    "stopped: what was added stays, and importing the file again adds the rest"
                        .into(),
                ));
            }
            () = std::future::ready(()) => {}
        }
        let part = staged.next_step()?;
        if !part.is_empty() {
            done += part.len() as u64;
            importer.add(part).await?;
            line.show(|| format!("{done} of {} samples", staged.total()));
        } else if importer.roll_up_step().await? {
            days += 1;
            line.show(|| format!("making rollups, step {days}"));
        } else {
            return Ok(());
        }
    }
}

/// Says things on stderr, a line each.
fn print_lines(lines: &[String]) {
    for line in lines {
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// What the retention of the history will do to old samples.
fn retention(
    staged: &StagedImport,
    plan: Option<&Plan>,
    now: f64,
) -> Result<Vec<String>, CommandFailure> {
    let HistoryPlan { raw, keep } = plan.map(|plan| plan.history).unwrap_or_default();
    let mut lines = Vec::new();
    let gone = staged.older_than(now - keep.as_secs_f64())?;
    let rolled_up = staged
        .older_than(now - raw.as_secs_f64())?
        .saturating_sub(gone);
    let days = |period: std::time::Duration| period.as_secs_f64() / DAY;
    if rolled_up > 0 {
        lines.push(format!(
            "{} older than `raw` in [history] ({} days): Up will remove {} and keep rollups of an hour \
             and a day. A longer `raw` keeps the samples",
            are(rolled_up),
            days(raw),
            if rolled_up == 1 { "it" } else { "them" },
        ));
    }
    if gone > 0 {
        lines.push(format!(
            "{} older than `keep` in [history] ({} days): Up will remove {} with the rollups. A longer \
             `keep` keeps the rollups",
            are(gone),
            days(keep),
            if gone == 1 { "it" } else { "them" },
        ));
    }
    Ok(lines)
}

fn are(count: u64) -> String {
    format!(
        "{} {}",
        samples(count),
        if count == 1 { "is" } else { "are" }
    )
}

fn samples(count: u64) -> String {
    format!("{count} sample{}", if count == 1 { "" } else { "s" })
}

/// What was done.
fn sentence(staged: &StagedImport, paths: u64, done: ImportStep, path: Option<&str>) -> String {
    let of = match path {
        Some(path) if paths <= 1 => format!(" of {path}"),
        _ => format!(" of {paths} path{}", if paths == 1 { "" } else { "s" }),
    };
    let mut text = format!(
        "added {}{of}; {} {} there already",
        samples(done.added),
        done.present,
        if done.present == 1 { "was" } else { "were" },
    );
    if done.rolled_up > 0 {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "; left out {} of days that only rollups are left of",
            done.rolled_up
        );
    }
    let rest = staged.total() - done.added - done.present - done.rolled_up;
    if rest > 0 {
        let _ = write!(text, "; {rest} not added");
    }
    text
}
