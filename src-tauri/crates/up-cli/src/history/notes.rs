//! `up history notes`: lists notes with their IDs.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;
use up_core::Note;
use up_core::path::is_path;
use up_history::mongo::AgentHistory;
use up_history::note_id;

use super::{plan_if_any, routes, span};
use crate::args::{Cli, SpanArgs, WriterArgs};
use crate::failure::CommandFailure;
use crate::output::print;
use crate::time;

/// What stands between the name of an agent and the ID that a note has there.
pub(crate) const OF_AGENT: char = ':';

#[derive(Serialize)]
struct NoteListJson<'a> {
    schema: u8,
    from: f64,
    to: f64,
    notes: Vec<NoteJson<'a>>,
}

#[derive(Serialize)]
struct NoteJson<'a> {
    id: String,
    /// The agent of a fleet that has the note; `null` for a note of this Up.
    agent: Option<&'a str>,
    #[serde(flatten)]
    note: &'a Note,
}

/// Prints the notes, oldest first; those that concern a path if one is named.
pub(super) async fn list(
    cli: &Cli,
    path: Option<&str>,
    (span, writer): (&SpanArgs, &WriterArgs),
) -> Result<ExitCode, CommandFailure> {
    let (from, to) = span::read(span, None)?;
    if let Some(path) = path.filter(|path| !is_path(path)) {
        return Err(CommandFailure::Usage(format!(
            "{path:?} is not a path: write /Root/Child"
        )));
    }
    let plan = plan_if_any(cli)?;
    let routes = routes(plan.as_ref(), writer).await?;
    let stores = routes.stores(path.unwrap_or("/"));
    let agent = path.and_then(|path| routes.agent_of(path));
    let id = |note: &Note| match &agent {
        Some(agent) => {
            let there = note_id(&agent.note_there(note.clone()));
            format!("{}{OF_AGENT}{there}", agent.name_of_agent())
        }
        None => note_id(note),
    };
    let notes = up_engine::ask_notes(&stores, path, (from, to)).await?;
    if cli.json {
        let notes = notes.iter().map(|note| NoteJson {
            id: id(note),
            agent: agent.as_ref().map(AgentHistory::name_of_agent),
            note,
        });
        let list = NoteListJson {
            schema: 1,
            from,
            to,
            notes: notes.collect(),
        };
        let text = serde_json::to_string(&list).map_err(CommandFailure::json)?;
        return print(&(text + "\n"));
    }
    let mut text = String::new();
    for note in &notes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{} {} ", id(note), time::local(note.date));
        line(&mut text, note);
    }
    print(&text)
}

/// The message of a note, and what the note is about.
pub(super) fn line(text: &mut String, note: &Note) {
    text.push_str(note.message());
    if let Some(path) = &note.path {
        text.extend([" (", path, ")"]);
    }
    text.push('\n');
}
