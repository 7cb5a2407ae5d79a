//! The watch: one state machine that takes what happened and says what follows from it. The
//! engine feeds it and carries out what it says; scenarios and simulations feed the very same.

use std::time::Duration;

use crate::alert::{Change, Herald, Manner, Notice};
use crate::hold::Hold;
use crate::mood::Mood;
use crate::outline::NodeId;
use crate::sample::{Sample, Timestamp};
use crate::world::World;

/// When something happened, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Unix seconds; may jump.
    pub wall: Timestamp,
    /// Since some fixed moment; never jumps, and stands still while the machine sleeps.
    pub steady: Duration,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A source answered.
    Sampled {
        /// Which.
        node: NodeId,
        /// What.
        sample: Sample,
        /// Why it says itself that it is not to be scored now.
        hold: Option<Hold>,
    },
    /// A person wants another mood.
    Mood(Mood),
    /// Time has passed; wanted at [`Watch::due`].
    Tick,
}

/// What follows from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// Verdicts that differ from the last ones.
    pub changes: Vec<Change>,
    /// What people are told.
    pub notices: Vec<Notice>,
    /// Of a sample: false when it must not go into the history, because its source is held.
    pub scored: bool,
    /// Sources to ask again, and how soon.
    pub recheck: Vec<(NodeId, Duration)>,
}

/// What is known beside the world.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    herald: Herald,
}

impl Watch {
    /// Takes up a plan's ways; what is unchanged keeps its state.
    pub fn take_up(&mut self, manner: Manner, mood: Mood) {
        self.herald.manner(manner);
        self.herald.mood(mood);
    }

    /// When a [`Input::Tick`] is wanted, by the steady clock.
    pub fn due(&self) -> Option<Duration> {
        self.herald.due()
    }

    /// Takes what happened; says what follows.
    pub fn take(&mut self, world: &mut World, now: Moment, input: Input) -> Output {
        let mut output = Output::default();
        match input {
            Input::Sampled { node, sample, hold } => {
                world.report(node, hold);
                output.scored = world.state(node).hold.is_none() || hold.is_some();
                output.changes.extend(world.apply(node, sample));
            }
            Input::Mood(mood) => self.herald.mood(mood),
            Input::Tick => {}
        }
        for change in &output.changes {
            self.herald.hear(change, now);
        }
        output.notices = self.herald.tell(now);
        output
    }
}
