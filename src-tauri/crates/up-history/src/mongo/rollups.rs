//! Rollups in a `MongoDB`: what each path's samples of a day come to, in two collections of ours.
//!
//! A document of `rollups` says what the samples of one path and UTC day come to, as a whole and by the
//! hour; the document of the same `_id` in `runs` has the samples themselves, packed. Both are made from
//! `statuses` and `unknowns` when the samples are a little old, by one of the Ups that write there
//! ([`builder`]), and are packed as the embedded store packs them, so that both stores give the same
//! answers. All agents' samples of a path are taken together, as an answer about the path does. A day's
//! document lists the agents; of a day of several, each has a part of its own in both collections, for
//! answers about one agent ([`day_agents`]).
//!
//! Whoever writes a sample of a time that may be rolled up already first notes in the day's document
//! that it is late ([`late`]). A document with such a note is not read; it is made again. Whatever is
//! not rolled up is read from the samples ([`read`]), so that every answer is right at any moment.
//!
//! Other programs write samples, too, and an Up whose user may not write rollups: they note nothing. The
//! builder finds their late samples soon after they were inserted ([`inserted`]), or when it counts
//! what there is, once a day ([`recheck`]). Until then, such a sample is missing in answers.

mod again;
mod builder;
mod cut_days;
mod day;
mod day_agents;
mod day_build;
mod day_runs;
mod head_batches;
mod heads;
mod inserted;
mod known_day;
mod late;
mod paths;
mod progress;
mod read;
mod recheck;
mod status;
mod step;

pub(super) use again::{ask_again, count_again, days_below};
pub(super) use builder::RollupBuilder;
pub(super) use cut_days::each_run;
pub(super) use day::{DayHead, HOUR, day_begin};
pub(super) use head_batches::HeadBatches;
pub(super) use heads::{heads, hours};
pub(super) use late::{LateDays, note_late};
pub(super) use paths::rolled_paths;
pub(super) use progress::rollups_under_way;
pub(super) use read::{each_doubtful_sample, each_sample};
pub use status::MongoRollups;
pub(super) use status::read_status;

/// What the samples of a path and day come to.
pub(super) const ROLLUPS: &str = "rollups";
/// These samples, packed.
pub(super) const RUNS: &str = "runs";
