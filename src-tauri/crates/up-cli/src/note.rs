//! `up note`: records a note in the history, changes one, or removes one.

use std::io::{self, Write};
use std::process::ExitCode;

use up_config::Plan;
use up_core::path::is_path;
use up_core::{Note, NoteEdit, Timestamp};
use up_engine::{HistoryRoutes, paths_below};
use up_history::note_id;

use crate::args::{Cli, NoteArgs};
use crate::control::no_source;
use crate::failure::CommandFailure;
use crate::history::notes::OF_AGENT;
use crate::history::{plan_if_any, span};

/// How far ahead a note's date may be, in seconds: the clocks of two machines differ.
const CLOCK_SLACK: f64 = 60.0;

/// Does what the arguments say in the embedded history, and in every `MongoDB` in the configuration.
/// Without a configuration, only the embedded history has it.
pub(crate) async fn note(cli: &Cli, args: &NoteArgs) -> Result<ExitCode, CommandFailure> {
    let now = up_engine::clock::now();
    let at = args.at.as_deref().map(|text| time_of(text, now));
    let at = at.transpose()?;
    if args
        .text
        .as_deref()
        .is_some_and(|text| text.trim().is_empty())
    {
        return Err(CommandFailure::Usage(
            "the note is empty: write up note TEXT".into(),
        ));
    }
    let changes = args.text.is_some() || args.path.is_some() || at.is_some() || args.everything;
    if args.edit.is_some() && !changes {
        return Err(CommandFailure::Usage(
            "--edit needs what to change: a TEXT, --path, --everything or --at".into(),
        ));
    }
    if let Some(path) = args.path.as_deref().filter(|path| !is_path(path)) {
        return Err(CommandFailure::Usage(format!(
            "--path {path:?} is not a path: write /Root/Child"
        )));
    }
    let plan = plan_if_any(cli)?;
    if let Some(path) = args.path.as_deref() {
        require_known(plan.as_ref(), path).await?;
    }
    let edit = if let Some(id) = &args.remove {
        NoteEdit::remove(find(plan.as_ref(), id, now).await?, now)
    } else if let Some(id) = &args.edit {
        let old = find(plan.as_ref(), id, now).await?;
        let new = edited(&old, args, at);
        NoteEdit::replace(old, new, now)
    } else {
        let text = args.text.as_deref().unwrap_or_default();
        let note = Note::new(text, at.unwrap_or(now));
        NoteEdit::add(note.about(args.path.clone()), now)
    };
    let data = up_config::data_dir();
    for trouble in up_engine::edit_notes_once(plan.as_ref(), &data, edit).await? {
        let _ = writeln!(io::stderr(), "{trouble}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses a path that neither the configuration nor the history has, and suggests a similar one.
async fn require_known(plan: Option<&Plan>, path: &str) -> Result<(), CommandFailure> {
    let outline = plan.map(|plan| &plan.outline);
    if outline.is_some_and(|outline| outline.find(path).is_some()) {
        return Ok(());
    }
    let own = up_engine::stores(plan, &up_config::data_dir()).await?;
    let routes = HistoryRoutes::new(own, plan);
    if !paths_below(&routes, &[path.to_owned()]).await?.is_empty() {
        return Ok(());
    }
    let kept = paths_below(&routes, &[]).await?;
    let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
    let meant = outline.and_then(|outline| up_engine::meant(outline, path));
    Err(no_source(
        path,
        meant.or_else(|| up_config::nearest(path, &kept)),
    ))
}

/// A time that is not to come: the charts show no other.
fn time_of(text: &str, now: Timestamp) -> Result<Timestamp, CommandFailure> {
    let at = span::when("at", text)?;
    if (0.0..=now + CLOCK_SLACK).contains(&at) {
        return Ok(at);
    }
    Err(CommandFailure::Usage(format!(
        "--at {text:?} is not a time of a note: write one from 1970 on that is not to come"
    )))
}

/// The note as the arguments want it. What they do not name stays as it is.
fn edited(old: &Note, args: &NoteArgs, at: Option<Timestamp>) -> Note {
    let path = if args.everything {
        None
    } else {
        args.path.clone().or_else(|| old.path.clone())
    };
    let text = args.text.as_deref().unwrap_or(old.message());
    Note::new(text, at.unwrap_or(old.date)).about(path)
}

/// The note that an ID, or the beginning of one, stands for.
async fn find(plan: Option<&Plan>, id: &str, now: Timestamp) -> Result<Note, CommandFailure> {
    let stores = up_engine::stores(plan, &up_config::data_dir()).await?;
    // A note of a fleet may be in a MongoDB to which this Up writes too.
    let (agent, meant) = id.rsplit_once(OF_AGENT).unzip();
    let meant = meant.unwrap_or(id).to_ascii_lowercase();
    let (mut found, mut to) = (Vec::new(), now + CLOCK_SLACK);
    while !meant.is_empty() {
        let page = up_engine::ask_notes(&stores, None, (0.0, to)).await?;
        let oldest = page.first().map(|note| note.date);
        found.extend(
            page.into_iter()
                .filter(|note| note_id(note).starts_with(&meant)),
        );
        match oldest.filter(|oldest| *oldest < to) {
            Some(oldest) => to = oldest,
            None => break,
        }
    }
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(note), None) => Ok(note),
        (None, _) if agent.is_some() => {
            let agent = agent.unwrap_or_default();
            Err(CommandFailure::Usage(format!(
                "the note {meant} is of the agent {agent}, and not in a MongoDB to which this Up writes: \
                 change it on the machine of {agent}"
            )))
        }
        (None, _) => Err(CommandFailure::Usage(format!(
            "there is no note {id:?}: up history notes lists the notes with their IDs"
        ))),
        (Some(_), Some(_)) => Err(CommandFailure::Usage(format!(
            "several notes have an ID that begins with {id:?}: write more of it"
        ))),
    }
}
