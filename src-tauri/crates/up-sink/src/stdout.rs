//! Standard output: the tree of a one-shot check, and the changes that `up watch` prints.

mod json;

use std::io::{self, Write};

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Deserialize;
use up_core::line::one_line;
use up_core::mood::Colour;
use up_core::{Change, ChangeKind, Level, Mood, NodeId, Note, NoteEdit, Verdict, World, phrase};
use up_source::ConfigProblem;

use crate::configure::{BuildContext, ConfigureSink, SinkRole};
use crate::sink::{Event, Interest, Queue, Sink};

/// Prints on standard output: a one-shot check prints the tree, `up watch` prints each change.
#[derive(Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StdoutConfig {}

impl ConfigureSink for StdoutConfig {
    fn build(
        &self,
        _kind: &'static str,
        _context: &BuildContext<'_>,
    ) -> Result<SinkRole, ConfigProblem> {
        Ok(SinkRole::Print)
    }
}

const INDENT: usize = 4;

/// How lines are formatted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The mood whose words are used.
    pub mood: Mood,
    /// True to use ANSI colours.
    pub colour: bool,
}

impl Style {
    /// Returns `text` in the colour of a level: bright red, bright yellow, green, or grey for no
    /// level.
    fn paint(self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Red => 91,
            Colour::Yellow => 93,
            Colour::Green => 32,
            Colour::Grey => 37,
        };
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The word for a level or a hold, in its colour.
pub fn word(style: Style, level: Option<Level>, hold: Option<up_core::Hold>) -> String {
    // While a node is held, its level does not count.
    let colour = Colour::of(level.filter(|_| hold.is_none()));
    style.paint(colour, style.mood.word_of(level, hold))
}

/// One node's line without a line break: indentation, name, word, percentage, duration, cause.
pub fn line(world: &World, id: NodeId, style: Style) -> String {
    let (node, state) = (world.outline().node(id), world.state(id));
    let sample = state.sample.as_ref();
    let indent = usize::from(node.depth) * INDENT;
    let mut line = format!(
        "{:indent$}{}: {}",
        "",
        node.name,
        word(style, state.level(), up_core::shown_hold(world, id))
    );
    let percent = phrase::percent_between(state.status());
    let seconds = sample.and_then(|sample| phrase::seconds(sample.duration));
    for figure in [percent, seconds].into_iter().flatten() {
        line.push_str(&style.paint(Colour::Grey, &format!(" ({figure})")));
    }
    let cause = sample.and_then(|sample| sample.cause.as_ref());
    if let Some(cause) = cause.filter(|_| !node.is_tree() && state.level() != Some(Level::Up)) {
        line.extend([" — ", &cause.text]);
    }
    line
}

/// Prints the tree down to `depth` levels below the root, one node a line. A note and an empty line
/// precede it.
pub fn tree(
    out: &mut dyn Write,
    world: &World,
    depth: u16,
    note: Option<&str>,
    style: Style,
) -> io::Result<()> {
    if let Some(note) = note {
        writeln!(
            out,
            "{}\n",
            style.paint(Colour::Grey, &one_line(note, Note::MAX_MESSAGE))
        )?;
    }
    for (id, node) in world.outline().iter() {
        if node.depth <= depth {
            writeln!(out, "{}", line(world, id, style))?;
        }
    }
    out.flush()
}

/// Prints each change of a watch as it happens. If the reader is too slow, lines are dropped and
/// counted; the watch never waits for the reader.
#[derive(Debug)]
pub struct StdoutSink {
    form: OutputFormat,
}

#[derive(Clone, Copy, Debug)]
enum OutputFormat {
    /// Lines for people.
    Lines {
        style: Style,
        /// Formats a Unix time for a person. The caller chooses the time zone.
        clock: fn(up_core::Timestamp) -> String,
    },
    /// JSON for programs.
    Json(Mood),
}

impl StdoutSink {
    /// A sink that prints lines in the given style. `clock` formats their dates.
    pub fn new(style: Style, clock: fn(up_core::Timestamp) -> String) -> Self {
        let form = OutputFormat::Lines { style, clock };
        Self { form }
    }

    /// A sink that prints one JSON object a line, in the words of `mood`.
    pub fn json(mood: Mood) -> Self {
        let form = OutputFormat::Json(mood);
        Self { form }
    }
}

impl OutputFormat {
    fn lost(self, lines: u64) -> String {
        match self {
            Self::Lines { .. } => format!("({lines} lines were lost: the reader is too slow)"),
            Self::Json(_) => json::lost(lines).to_string(),
        }
    }

    /// A line for the note that is no longer there, and one for the note that is there now.
    fn notes_edited(self, edit: &NoteEdit) -> String {
        let line = |what: &str, note: &Note| match self {
            Self::Lines { style, clock } => {
                let date = style.paint(Colour::Grey, &clock(note.date));
                let about = note.path.as_ref().map(|path| format!(" ({path})"));
                format!(
                    "{date} {what}: {}{}",
                    note.message(),
                    about.unwrap_or_default()
                )
            }
            Self::Json(_) => json::noted(&what.replace(' ', "_"), note).to_string(),
        };
        let removed = edit.removed.as_ref().map(|note| line("note removed", note));
        let added = edit.added.as_ref().map(|note| line("note", note));
        let lines: Vec<_> = removed.into_iter().chain(added).collect();
        lines.join("\n")
    }

    fn changed(self, change: &Change) -> String {
        let (style, clock) = match self {
            Self::Lines { style, clock } => (style, clock),
            Self::Json(mood) => return json::changed(change, mood).to_string(),
        };
        let colour = Colour::of(change.to.level());
        let word = style.paint(colour, change.to.word(style.mood));
        let percent = phrase::percent_between(change.status).map(|p| format!(" ({p})"));
        let mut line = format!(
            "{} {}: {word}{}",
            style.paint(Colour::Grey, &clock(change.date)),
            change.path,
            percent.unwrap_or_default()
        );
        if let Some(off) = change.off {
            let found = (change.to, change.date);
            let found = off.sentence(found, style.mood, clock);
            let cause = change.cause.as_ref().map(|cause| format!(" — {cause}"));
            line.extend([&cause.unwrap_or_default(), "; ", &found]);
        } else if change.kind(style.mood) == Some(ChangeKind::Recovered) {
            line.extend([" again after ", &change.since.lasted(change.date)]);
        } else if let Some(cause) = &change.cause {
            line.extend([" — ", &cause.text]);
        }
        line
    }
}

impl Sink for StdoutSink {
    fn name(&self) -> &'static str {
        "stdout"
    }

    fn queue(&self) -> Queue {
        Queue::Lossy(10_000)
    }

    fn interest(&self) -> Interest {
        |event| matches!(event, Event::Changed(_) | Event::Noted(_))
    }

    fn deliver(&mut self, events: Vec<Event>, dropped: u64) -> BoxFuture<'_, ()> {
        let mut text = String::new();
        if dropped > 0 {
            text.extend([&self.form.lost(dropped), "\n"]);
        }
        for event in events {
            let line = match event {
                // A first check that is up is no change worth printing.
                Event::Changed(change)
                    if change.from == Verdict::Unasked && change.to.level() == Some(Level::Up) =>
                {
                    continue;
                }
                Event::Changed(change) => self.form.changed(&change),
                Event::Noted(edit) => self.form.notes_edited(&edit),
                Event::Sampled(_) | Event::Told(_) => continue,
            };
            text.extend([&line, "\n"]);
        }
        Box::pin(async move {
            // The write may block. It runs on its own thread, so that a reader who stops reading
            // blocks only that thread.
            let written = tokio::task::spawn_blocking(move || {
                let mut out = io::stdout().lock();
                out.write_all(text.as_bytes()).and_then(|()| out.flush())
            });
            // A closed pipe is the reader's choice. The watch goes on.
            let _ = written.await;
        })
    }
}

#[cfg(test)]
mod tests {
    use up_core::{Cause, CauseCode, Kind, Node, Outline, Sample, Status};

    use super::*;

    fn world() -> World {
        let mut outline = Outline::default();
        let root = outline.push(None, Node::new(Kind::TREE, "Root"));
        outline.push(Some(root), Node::new(Kind("http"), "PROD"));
        outline.push(Some(root), Node::new(Kind("http"), "QA"));
        outline.push(Some(root), Node::new(Kind("http"), "odd"));
        World::new(outline)
    }

    fn sample(status: Option<f64>, duration: f64, cause: Option<&str>) -> Sample {
        Sample {
            status: status.and_then(Status::new),
            date: 100.0,
            duration,
            cause: cause.map(|text| Cause::new(CauseCode::Refused, text)),
            detail: up_core::Detail::new(),
        }
    }

    fn check(style: Style, depth: u16, note: Option<&str>, expected: &str) {
        let mut world = world();
        let ids: Vec<_> = world.outline().ids().collect();
        world.apply(ids[1], sample(Some(1.0), 0.12, None));
        world.apply(
            ids[2],
            sample(Some(0.0), 0.000_05, Some("connection refused")),
        );
        world.apply(ids[3], sample(None, 2.0, Some("plugin exit 3")));
        world.settle(up_core::world::TreeTiming::Round, 0.0);
        let mut out = Vec::new();
        tree(&mut out, &world, depth, note, style).expect("a vector takes everything");
        assert_eq!(String::from_utf8(out).expect("UTF-8"), expected);
    }

    #[test]
    fn a_changed_note_is_a_line_for_the_old_one_and_one_for_the_new() {
        let style = Style {
            mood: Mood::Realist,
            colour: false,
        };
        let old = Note::new("frist", 1.0);
        let new = Note::new("first", 2.0).about(Some("/R/a".into()));
        let edit = NoteEdit::replace(old, new, 3.0);
        let clock = |date: up_core::Timestamp| format!("{date}");
        let lines = OutputFormat::Lines { style, clock };
        assert_eq!(
            lines.notes_edited(&edit),
            "1 note removed: frist\n2 note: first (/R/a)"
        );
        let json = OutputFormat::Json(Mood::Realist).notes_edited(&edit);
        let events = json.lines().map(serde_json::from_str::<serde_json::Value>);
        let events: Vec<_> = events.collect::<Result<_, _>>().expect("an object a line");
        let expected = [
            serde_json::json!({
                "schema": 1, "event": "note_removed", "date": 1.0, "message": "frist", "path": null,
            }),
            serde_json::json!({
                "schema": 1, "event": "note", "date": 2.0, "message": "first", "path": "/R/a",
            }),
        ];
        assert_eq!(events, expected);
    }

    #[test]
    fn a_held_tree_is_called_by_what_holds_its_leaves() {
        use up_core::Hold::{Offline, Paused, Unreachable};
        let check = |held: &[(usize, up_core::Hold)], expected: &str| {
            let mut world = world();
            let ids: Vec<_> = world.outline().ids().collect();
            for id in &ids[1..] {
                world.apply(*id, sample(Some(1.0), 0.0, None));
            }
            for (leaf, hold) in held {
                world.hold(ids[*leaf], *hold, true);
            }
            world.settle(up_core::world::TreeTiming::Latest, 0.0);
            let style = Style {
                mood: Mood::Realist,
                colour: true,
            };
            assert_eq!(
                line(&world, world.outline().root(), style),
                expected,
                "{held:?}"
            );
        };
        let all = |hold| [1, 2, 3].map(|leaf| (leaf, hold));
        check(&[], "Root: \x1b[32mUP\x1b[0m");
        check(&all(Offline), "Root: \x1b[37mOFFLINE\x1b[0m");
        check(&all(Paused), "Root: \x1b[37mPAUSED\x1b[0m");
        check(&all(Unreachable), "Root: \x1b[37mUNREACHABLE\x1b[0m");
        check(&all(Offline)[..2], "Root: \x1b[37mOFFLINE\x1b[0m");
        check(&all(Offline)[..1], "Root: \x1b[32mUP\x1b[0m");
        check(&all(Unreachable)[..2], "Root: \x1b[32mUP\x1b[0m");
    }

    #[test]
    fn plain_lines() {
        let style = Style {
            mood: Mood::Realist,
            colour: false,
        };
        check(style, 0, None, "Root: HALF UP (50%) (2s)\n");
        check(
            style,
            1,
            Some("deploy 42"),
            "deploy 42\n\nRoot: HALF UP (50%) (2s)\n    PROD: UP (0.12s)\n    \
             QA: DOWN — connection refused\n    odd: UNKNOWN (2s) — plugin exit 3\n",
        );
    }

    #[test]
    fn coloured_lines() {
        check(
            Style {
                mood: Mood::Pessimist,
                colour: true,
            },
            1,
            Some("deploy 42"),
            "\x1b[37mdeploy 42\x1b[0m\n\n\
             Root: \x1b[93mHALF DOWN\x1b[0m\x1b[37m (50%)\x1b[0m\x1b[37m (2s)\x1b[0m\n    \
             PROD: \x1b[32mWHATEVER\x1b[0m\x1b[37m (0.12s)\x1b[0m\n    \
             QA: \x1b[91mGET TO WORK!\x1b[0m — connection refused\n    \
             odd: \x1b[37mUNKNOWN\x1b[0m\x1b[37m (2s)\x1b[0m — plugin exit 3\n",
        );
    }
}
