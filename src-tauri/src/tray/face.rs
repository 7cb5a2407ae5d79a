//! Decides what the tray shows of the engine's state: the icon's face, the tooltip and the menu's
//! texts.
//!
//! This module is pure. `look` describes the icon, and the platform's tray module shows all of it.

use jiff::tz::TimeZone;
use up_core::cause::one_line;
use up_core::control::{ControlState, Mute, words};
use up_core::shown::{self, isolated, short};
use up_core::{
    Census, Colour, Hold, Level, Mood, NodeId, Status, Timestamp, Verdict, World, counts_as_source,
    phrase,
};
use up_engine::clock;
use up_engine::view::CurrentState;
use up_wire::{About, Problem};

pub(crate) use super::look::{Glyph, IconFace, IconMark};
use crate::action::BulkAction;
use crate::state::AppState;
use crate::steer;

/// How many of the worst sources the menu names.
const IN_MENU: usize = 5;
/// How many of them the tooltip names.
const IN_TOOLTIP: usize = 3;
/// The longest line, in characters. A menu is as wide as its longest item.
const LINE: usize = 90;
/// How much of a line is kept for the cause, in characters.
const CAUSE: usize = 40;

/// Everything that the tray shows. A face equal to the last one is not sent again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Face {
    /// The face of the icon.
    pub look: IconFace,
    /// The root in one line: `Example Status: MOSTLY UP (90%)`.
    pub title: String,
    /// The lines of the tooltip: the worst sources, and problems of Up itself.
    pub lines: Vec<String>,
    /// The worst sources for the menu: more of them than in the tooltip, and clickable.
    pub worst: Vec<Worst>,
    /// How many further sources are not up.
    pub more: usize,
    /// True when a person should look now.
    pub urgent: bool,
    /// The mood that is in force.
    pub mood: Mood,
    /// True while everything is being checked on request.
    pub checking: bool,
    /// The actions on all sources that can be offered now, with their labels.
    pub all: Vec<(String, BulkAction)>,
}

/// One of the worst sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Worst {
    /// Its line in the menu.
    pub line: String,
    /// Its path.
    pub path: String,
}

/// The face for the present state.
pub(crate) fn now(up: &AppState) -> Face {
    up.view.read(|known| {
        let problems = up.problems.with(&known.troubles);
        let (world, desk) = (&known.world, &known.desk);
        let mut face = Face::of(world, desk, known.mood, &problems, known.checking);
        face.leave_out_acknowledged(known);
        let now = clock::now();
        if let Some(mute) = known.desk.controls().mute(now) {
            face.mute(mute, now, &TimeZone::system());
        }
        Face {
            all: steer::choices(known),
            ..face
        }
    })
}

impl Face {
    /// The face of `world`, for which the controls of `desk` are in force, in the words of `mood`,
    /// with the problems of Up itself.
    pub(crate) fn of(
        world: &World,
        desk: &ControlState,
        mood: Mood,
        problems: &[Problem],
        checking: bool,
    ) -> Self {
        let (census, hold) = Census::and_hold(world);
        let look = IconFace::of(world, census, hold);
        let (worst, not_up) = worst(world, desk, mood);
        let mut lines: Vec<String> = offline(census, hold).into_iter().collect();
        lines.extend(
            worst
                .iter()
                .take(IN_TOOLTIP)
                .map(|worst| worst.line.clone()),
        );
        lines.extend(more(not_up.saturating_sub(IN_TOOLTIP)));
        let config = problems
            .iter()
            .find(|problem| problem.about == About::Config);
        lines.extend(config.map(|problem| mistake(&problem.text)));
        Self {
            look: IconFace {
                mark: config.map(|_| IconMark::Config),
                ..look
            },
            title: title(world, hold, mood),
            lines,
            more: not_up - worst.len(),
            worst,
            urgent: look.colour == Colour::Red,
            mood,
            checking,
            all: Vec::new(),
        }
    }
}

impl Face {
    /// Leaves the sources whose outage somebody has acknowledged out of the icon's number. If all
    /// are acknowledged, no one needs to look now.
    fn leave_out_acknowledged(&mut self, known: &CurrentState) {
        if self.look.down == 0 && !self.urgent {
            return;
        }
        let outline = known.world.outline();
        let is_red = |id| {
            known
                .world
                .level(id)
                .is_some_and(|level| level < Level::Half)
        };
        let red = outline
            .iter()
            .filter(|(id, _)| counts_as_source(&known.world, *id) && is_red(*id));
        let (mut open, mut acknowledged) = (0_u16, false);
        for (_, node) in red {
            if known.desk.is_acknowledged(&node.path) {
                acknowledged = true;
            } else {
                open = open.saturating_add(1);
            }
        }
        if acknowledged {
            self.look.down = self.look.down.min(open);
            self.urgent &= open > 0;
        }
    }

    /// Says on the icon and first in the tooltip that no notifications are sent.
    fn mute(&mut self, mute: &Mute, now: Timestamp, zone: &TimeZone) {
        let until = mute.until.map(|until| words::until(until, now, zone));
        let until = until.map(|until| format!(" until {until}"));
        let text = format!("Notifications are muted{}", until.unwrap_or_default());
        self.lines.insert(0, text);
        // A configuration with mistakes is the more urgent of the two marks.
        self.look.mark.get_or_insert(IconMark::Muted);
    }
}

/// The line about our own network when it is gone.
fn offline(census: Census, hold: Option<Hold>) -> Option<String> {
    (hold == Some(Hold::Offline) && census.offline > 0).then(|| match census.offline {
        1 => "You are offline: 1 source waits for the network".into(),
        waiting => format!("You are offline: {waiting} sources wait for the network"),
    })
}

fn title(world: &World, hold: Option<Hold>, mood: Mood) -> String {
    if world.outline().is_empty() {
        return "Up: nothing to watch yet".into();
    }
    let id = world.outline().root();
    let (root, name) = (world.state(id), &world.outline().node(id).name);
    let said = match hold {
        Some(hold) => hold.word().into(),
        None if root.sample.is_none() => "not checked yet".into(),
        None => words(world, id, mood),
    };
    format!("{}: {said}", isolated(&short(name, shown::NAME)))
}

/// The state of a node in words: `MOSTLY UP (90%)`.
fn words(world: &World, id: NodeId, mood: Mood) -> String {
    let state = world.state(id);
    let said = mood.word_of(state.level(), state.hold);
    match phrase::percent_between(state.status()) {
        Some(percent) => format!("{said} ({percent})"),
        None => said.into(),
    }
}

/// The line about those that are not listed.
pub(super) fn more(count: usize) -> Option<String> {
    (count > 0).then(|| format!("and {count} more"))
}

/// The sources that are not up, worst first, and in the order of the configuration where equal, and
/// how many there are. Unknown sources come after those, and last come those that somebody
/// acknowledged or snoozed. Sources that are held or were not checked yet are left out.
fn worst(world: &World, desk: &ControlState, mood: Mood) -> (Vec<Worst>, usize) {
    let mut count = 0;
    let mut found: Vec<((bool, f64), NodeId)> = Vec::with_capacity(IN_MENU + 1);
    for id in world.outline().ids() {
        let known = world.state(id);
        let status = known.status();
        let silent = known.hold.is_some() || known.sample.is_none();
        if !counts_as_source(world, id) || silent || status.is_some_and(Status::is_up) {
            continue;
        }
        count += 1;
        let is_dealt_with = steer::dealt_with(world, desk, id).is_some();
        let value = (is_dealt_with, status.map_or(1.0, Status::value));
        let place = found.partition_point(|(other, _)| *other <= value);
        if place < IN_MENU {
            found.insert(place, (value, id));
            found.truncate(IN_MENU);
        }
    }
    let worst = found.into_iter();
    let worst = worst.map(|(_, id)| describe(world, desk, id, mood));
    let worst = worst.collect();
    (worst, count)
}

fn describe(world: &World, desk: &ControlState, id: NodeId, mood: Mood) -> Worst {
    let path = &world.outline().node(id).path;
    // The root's name is in the title. The names of other ancestors distinguish leaves of different
    // trees.
    let below_root = path[1..]
        .split_once('/')
        .map_or(&path[1..], |(_, rest)| rest);
    let mut said = words(world, id, mood);
    if world.verdict(id) == Verdict::Flapping {
        said.push_str(", flapping");
    }
    if let Some(dealt_with) = steer::dealt_with(world, desk, id) {
        said.extend([", ", dealt_with]);
    }
    let cause = world
        .state(id)
        .sample
        .as_ref()
        .and_then(|sample| sample.cause.as_ref());
    Worst {
        line: line(below_root, &said, cause.map(|cause| &*cause.text)),
        path: path.to_string(),
    }
}

/// A line of at most [`LINE`] characters. The name of the leaf, its state and the beginning of its
/// cause stay; what is cut first is the trees above it.
fn line(path: &str, said: &str, cause: Option<&str>) -> String {
    let length = |text: &str| text.chars().count();
    let cause = cause.map_or(String::new(), |cause| format!(" — {cause}"));
    let room = LINE.saturating_sub(length(said) + 2 + length(&cause).min(CAUSE));
    let mut names = path.rsplit('/');
    let leaf = short(names.next().unwrap_or_default(), room.clamp(8, shown::NAME));
    let mut shown = isolated(&leaf).into_owned();
    let mut used = length(&leaf);
    for name in names {
        let short = short(name, shown::NAME);
        if used + 1 + length(&short) > room.saturating_sub(2) {
            shown.insert_str(0, "…/");
            break;
        }
        used += 1 + length(&short);
        shown = format!("{}/{shown}", isolated(&short));
    }
    let rest = LINE.saturating_sub(length(&shown) + 2 + length(said));
    let cause = if length(&cause) > rest {
        let kept: String = cause.chars().take(rest.saturating_sub(1)).collect();
        format!("{}…", kept.trim_end())
    } else {
        cause
    };
    format!("{shown}: {said}{cause}")
}

/// The first mistake of a configuration: the file's name without its folder, the place and what is
/// wrong there.
fn mistake(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let place = first.split(": ").next().unwrap_or_default();
    let cut = place.rfind('/').map_or(0, |at| at + 1);
    one_line(&first[cut..], 2 * LINE)
}

#[cfg(test)]
mod tests;
