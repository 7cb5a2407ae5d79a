//! `up snooze`, `ack`, `pause`, `resume`, `mute`, `unmute` and `controls`. A control goes to the
//! running Up, or if none is running, into the file that the next one reads.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use up_config::{Located, WrittenDuration};
use up_core::control::words;
use up_core::line::one_line;
use up_core::{Control, Controls, Note, NoteEdit, Outline, Timestamp};
use up_engine::controls::{ControlsFile, KeepError};
use up_engine::socket::{Ask, ControlReply, ask_or_fail};

use crate::args::{AckArgs, Cli, MuteArgs, PathArgs, SnoozeArgs};
use crate::config::{config_file, plan};
use crate::failure::CommandFailure;
use crate::output::print;
use crate::time;

impl SnoozeArgs {
    pub(crate) fn control(&self, now: Timestamp) -> Result<Control, CommandFailure> {
        let path = self.path.clone();
        if self.off {
            return Ok(Control::Unsnooze { path });
        }
        let until = until(&self.when, now)?;
        Ok(Control::Snooze { path, until })
    }
}

impl AckArgs {
    pub(crate) fn control(&self) -> Control {
        let path = self.path.clone();
        if self.off {
            return Control::Unacknowledge { path };
        }
        let note = self.note.as_deref().map(str::trim).map(str::to_owned);
        let note = note.filter(|note| !note.is_empty());
        let by = None;
        Control::Acknowledge { path, note, by }
    }
}

impl PathArgs {
    pub(crate) fn pause(&self) -> Control {
        let path = self.path.clone();
        Control::Pause { path }
    }

    pub(crate) fn resume(&self) -> Control {
        let path = self.path.clone();
        Control::Resume { path }
    }
}

impl MuteArgs {
    pub(crate) fn control(&self, now: Timestamp) -> Result<Control, CommandFailure> {
        if self.off {
            return Ok(Control::Unmute);
        }
        let until = self.when.as_deref().map(|when| until(when, now));
        Ok(Control::Mute {
            until: until.transpose()?,
        })
    }
}

/// Reads the duration or the end of a snooze, and returns its end.
fn until(text: &str, now: Timestamp) -> Result<Timestamp, CommandFailure> {
    let zone = TimeZone::system();
    if let Ok(WrittenDuration(span)) = text.parse() {
        return Ok(now + span.as_secs_f64());
    }
    let time = match text.parse::<Time>() {
        Ok(at) => words::next(at, now, &zone),
        Err(_) if text == "tomorrow" => words::tomorrow_at_nine(now, &zone),
        Err(_) => time::parse(text, now),
    };
    time.ok_or_else(|| {
        CommandFailure::Usage(format!(
            "{text:?} is not a time: write a duration (\"15m\", \"1h\", \"2d\"), or an end \
             (\"15:30\", \"tomorrow\", \"2026-12-01T09:00\")"
        ))
    })
}

/// Applies a control, and prints what was done.
pub(crate) async fn apply(cli: &Cli, control: Control) -> Result<ExitCode, CommandFailure> {
    let now = up_engine::clock::now();
    if let Some(problem) = control.problem(now) {
        // A wrong path is reported below, together with a similar path that exists.
        if control.path().is_none_or(|path| path.starts_with('/')) {
            return Err(CommandFailure::Usage(problem.into()));
        }
    }
    let data = up_config::data_dir();
    let ask = Ask::Control { control };
    let reply = ask_or_fail(&data, &ask).await;
    // An Up that is too busy to answer in time may have done it, or may do it later.
    let may_be_done = reply
        .as_ref()
        .is_err_and(|error| error.kind() == io::ErrorKind::TimedOut);
    let Ask::Control { control } = ask else {
        return Err(CommandFailure::Usage(
            "there was no control to apply".into(),
        ));
    };
    match reply {
        Ok(ControlReply::Done) => {}
        // The process at the socket may be another version of Up, or another program.
        Ok(ControlReply::Refused { why }) => {
            return Err(CommandFailure::Refused(one_line(&why, Note::MAX_MESSAGE)));
        }
        // An answer to another question counts as no answer.
        Ok(
            ControlReply::Unknown
            | ControlReply::Meant { .. }
            | ControlReply::Why { .. }
            | ControlReply::Alive { .. },
        )
        | Err(_) => {
            store(cli, &control, now, may_be_done).await?;
        }
    }
    print(&(words::sentence(&control, now, &TimeZone::system()) + "\n"))
}

/// Writes the control into the file that an Up with this configuration reads. With `may_be_done`, a
/// control that the file has already is no mistake of the person.
async fn store(
    cli: &Cli,
    control: &Control,
    now: Timestamp,
    may_be_done: bool,
) -> Result<(), CommandFailure> {
    let data = up_config::data_dir();
    let plan = match control.path() {
        None => None,
        Some(path) => {
            let plan = plan(&config_file(cli)?)?;
            require_source(&plan.outline, path)?;
            Some(plan)
        }
    };
    let file = ControlsFile::of(&data);
    if let Some(idle) = file.read()?.idle(control, now) {
        if may_be_done {
            return Ok(());
        }
        return Err(CommandFailure::Usage(idle));
    }
    let given = match &plan {
        Some(plan) => control.clone().given_by(&up_engine::person(&plan.agent)),
        None => control.clone(),
    };
    file.change(now, move |controls| controls.apply(&given, now))
        .await?;
    if let Control::Acknowledge {
        path,
        note: Some(note),
        ..
    } = control
    {
        let note = Note::new(words::noted(path, note), now).about(Some(path.clone()));
        let edit = NoteEdit::add(note, now);
        for trouble in up_engine::edit_notes_once(plan.as_ref(), &data, edit).await? {
            let _ = writeln!(io::stderr(), "{trouble}");
        }
    }
    Ok(())
}

/// Refuses a path that is not in the tree, and suggests a similar one.
fn require_source(outline: &Outline, path: &str) -> Result<(), CommandFailure> {
    if outline.find(path).is_some() {
        return Ok(());
    }
    Err(no_source(path, up_engine::meant(outline, path)))
}

/// The failure that there is no source at this path, with a similar path if there is one.
pub(crate) fn no_source(path: &str, meant: Option<&str>) -> CommandFailure {
    let help = match meant {
        Some(meant) => format!("did you mean {meant}?"),
        None => {
            "`up -vvv` prints the tree; a path has the names from the root down, each after a `/`"
                .into()
        }
    };
    let path = one_line(path, Note::MAX_MESSAGE);
    CommandFailure::Usage(format!("there is no source at {path}\nhelp: {help}"))
}

/// Prints the controls and maintenance windows that are in force.
pub(crate) fn list(cli: &Cli) -> Result<ExitCode, CommandFailure> {
    let now = up_engine::clock::now();
    let mut controls = ControlsFile::of(&up_config::data_dir()).read()?;
    controls.tidy(now);
    if cli.json {
        let mut document = serde_json::json!({ "schema": 1 });
        let all = serde_json::to_value(&controls);
        if let (Some(document), Ok(serde_json::Value::Object(all))) =
            (document.as_object_mut(), all)
        {
            document.extend(all);
        }
        return print(&format!("{document}\n"));
    }
    let mut text = lines(&controls, now);
    if let Located::File(file) = up_config::locate(cli.config.as_deref()) {
        for window in &plan(&file)?.maintenance {
            if let Some(until) = window.open(now) {
                let until = words::until(until, now, &TimeZone::system());
                let paths = window.paths.join(", ");
                let what = if paths.is_empty() { "all" } else { &paths };
                let _ = writeln!(text, "{what}: under maintenance until {until}");
            }
        }
    }
    if text.is_empty() {
        text.push_str("nothing is snoozed, acknowledged, paused or muted\n");
    }
    print(&text)
}

fn lines(controls: &Controls, now: Timestamp) -> String {
    let zone = TimeZone::system();
    let until = |time| words::until(time, now, &zone);
    let mut text = String::new();
    if let Some(mute) = controls.mute(now) {
        let until = mute.until.map(|time| format!(" until {}", until(time)));
        let _ = writeln!(text, "all: muted{}", until.unwrap_or_default());
    }
    for (path, snooze) in &controls.snoozed {
        let _ = writeln!(text, "{path}: snoozed until {}", until(snooze.until));
    }
    for (path, given) in &controls.acknowledged {
        let note = given.note.as_deref().map(|note| {
            let note = one_line(note, Note::MAX_MESSAGE);
            format!(" — {note}")
        });
        let since = time::local(given.since);
        let _ = writeln!(
            text,
            "{path}: acknowledged at {since}{}",
            note.unwrap_or_default()
        );
    }
    for (path, pause) in &controls.paused {
        let _ = writeln!(text, "{path}: paused since {}", time::local(pause.since));
    }
    text
}

/// The controls for a one-shot check. If they cannot be read, that is reported on stderr, and there
/// are none.
pub(crate) fn in_force() -> Controls {
    let read = ControlsFile::of(&up_config::data_dir()).read();
    read.unwrap_or_else(|error: KeepError| {
        let _ = writeln!(io::stderr(), "{error}");
        Controls::default()
    })
}
