//! Makes the documents of a path and day out of its samples.

use bson::spec::BinarySubtype;
use bson::{Binary, Bson, Document, doc};
use sha2::{Digest, Sha256};

use super::super::document::written_cause;
use super::super::samples::SeriesPoint;
use super::day::{DAY, HOUR, MOST, at, day_begin};
use super::day_agents::{DayAgents, MOST as MOST_AGENTS};
use crate::answer::{Rollup, micros, millis, pack};
use crate::embedded::{LONGEST_RUN, RunSample, pack_run};
use crate::sample::KeptCause;

/// No document lists more causes. Samples with others have none in it.
const CAUSES: usize = 1_000;

/// Gathers the samples of a path and day.
#[derive(Default)]
pub(super) struct DayBuild {
    samples: Vec<RunSample>,
    causes: Vec<KeptCause>,
    /// Whose each sample is, by the place of the name.
    writers: Vec<u16>,
    names: Vec<Option<String>>,
    is_unattributed: bool,
}

/// The fields of a day's two documents, of `rollups` and of `runs`, and those of each agent if there
/// are several.
pub(super) struct DayDocuments {
    pub(super) rollup: Document,
    pub(super) run: Document,
    pub(super) parts: Vec<(String, Document, Document)>,
}

impl DayBuild {
    /// Gathers samples of which nobody can say whose they are.
    pub(super) fn unattributed() -> Self {
        Self {
            is_unattributed: true,
            ..Self::default()
        }
    }

    /// Takes the next sample, of an agent; `None` if its agent is no name. False when there are too many.
    pub(super) fn take(&mut self, sample: &SeriesPoint, agent: Option<&str>) -> bool {
        if self.samples.len() >= MOST {
            return false;
        }
        self.attribute(agent);
        let cause = sample.cause.as_ref().and_then(|cause| self.number(cause));
        let sample = RunSample {
            date: millis(sample.date),
            status: sample.status,
            duration: micros(sample.duration),
            cause,
        };
        self.samples.push(sample.rounded());
        true
    }

    fn attribute(&mut self, agent: Option<&str>) {
        if self.is_unattributed {
            return;
        }
        let known = self.names.iter().rposition(|name| name.as_deref() == agent);
        let place = known.unwrap_or_else(|| {
            self.names.push(agent.map(str::to_owned));
            self.names.len() - 1
        });
        match u16::try_from(place) {
            Ok(place) if self.names.len() <= MOST_AGENTS => self.writers.push(place),
            _ => self.is_unattributed = true,
        }
    }

    /// Whose the samples are.
    fn agents(&self) -> DayAgents {
        if self.is_unattributed {
            DayAgents::Unknown
        } else {
            DayAgents::Listed(self.names.clone())
        }
    }

    /// The samples of each agent, if there are several.
    fn parts(&self) -> Vec<(String, Self)> {
        let mut parts = Vec::new();
        if self.is_unattributed || self.names.len() < 2 {
            return parts;
        }
        for (place, name) in self.names.iter().enumerate() {
            let Some(name) = name else { continue };
            let mut part = Self::default();
            let of = self.samples.iter().zip(&self.writers);
            for (sample, _) in of.filter(|(_, writer)| usize::from(**writer) == place) {
                let cause = sample
                    .cause
                    .and_then(|cause| self.causes.get(cause as usize));
                let cause = cause.and_then(|cause| part.number(cause));
                part.samples.push(RunSample { cause, ..*sample });
            }
            parts.push((name.clone(), part));
        }
        parts
    }

    fn number(&mut self, cause: &KeptCause) -> Option<u32> {
        let known = self.causes.iter().rposition(|known| known == cause);
        let number = known.unwrap_or_else(|| {
            if self.causes.len() < CAUSES {
                self.causes.push(cause.clone());
            }
            self.causes.len() - 1
        });
        (self.causes.get(number) == Some(cause)).then_some(number as u32)
    }

    pub(super) fn count(&self) -> usize {
        self.samples.len()
    }

    /// Makes the documents. The samples are all that lie before `until`, in milliseconds. `None` if there
    /// are none.
    pub(super) fn finish(&self, day: i64, until: i64) -> Option<DayDocuments> {
        let agents = self.agents();
        let parts = self.parts();
        let runs = self.runs(day);
        let made = made(&runs, until, &agents, &self.writers);
        let (mut rollup, run) = self.documents(runs, day, (until, made))?;
        rollup.insert("day", day);
        rollup.insert("agents", agents.written());
        let part = |(name, part): (String, Self)| {
            let (mut rollup, run) = part.documents(part.runs(day), day, (until, made))?;
            rollup.insert("agent", &name);
            rollup.insert("agent_day", day);
            Some((name, rollup, run))
        };
        Some(DayDocuments {
            rollup,
            run,
            parts: parts.into_iter().filter_map(part).collect(),
        })
    }

    /// The samples, packed.
    fn runs(&self, day: i64) -> Vec<Vec<u8>> {
        (self.samples.chunks(LONGEST_RUN))
            .map(|samples| pack_run(samples, day_begin(day)))
            .collect()
    }

    /// The fields of a document of `rollups` and of the one of `runs` beside it.
    fn documents(
        &self,
        runs: Vec<Vec<u8>>,
        day: i64,
        (until, made): (i64, i64),
    ) -> Option<(Document, Document)> {
        let begin = day_begin(day);
        let mut hours = vec![Rollup::default(); (DAY / HOUR) as usize];
        let mut sums = (0.0, 0.0);
        for sample in &self.samples {
            let hour = (sample.date - begin).div_euclid(HOUR);
            // `as` saturates. What is rounded up to the next day belongs to the last hour of this one.
            let hour = (hour as usize).min(hours.len() - 1);
            hours[hour].take(sample.date, sample.status, sample.duration);
            let status = sample.status.unwrap_or_default();
            sums = (sums.0 + status, sums.1 + status * status);
        }
        let mut whole = Rollup::default();
        for hour in &hours {
            whole.merge(hour);
        }
        let (count, unknown, (first, last)) = whole.extent()?;
        let status = self.samples.last().and_then(|sample| sample.status);
        let causes: Vec<_> = self.causes.iter().map(written_cause).collect();
        let common = doc! { "at": at(day), "until": until, "made": made };
        let mut rollup = common.clone();
        rollup.extend(doc! {
            "samples": long(self.samples.len() as u64),
            "count": long(count),
            "unknown": long(unknown),
            // Former Ups read the sums of the statuses and of their squares.
            "sum": sums.0,
            "squares": sums.1,
            "first": first as f64 / 1e3,
            "last": { "date": last as f64 / 1e3, "up": status },
            "whole": binary(pack(&[whole], begin, DAY)),
            "hours": binary(pack(&hours, begin, HOUR)),
        });
        let mut run = common;
        run.extend(doc! {
            "runs": runs.into_iter().map(binary).collect::<Vec<_>>(),
            "causes": causes,
        });
        Some((rollup, run))
    }
}

/// A number that tells what was made of other samples.
fn made(runs: &[Vec<u8>], until: i64, agents: &DayAgents, writers: &[u16]) -> i64 {
    let mut hash = Sha256::new();
    if let DayAgents::Listed(names) = agents
        && names.len() > 1
    {
        for name in names {
            // No name has this byte.
            hash.update(name.as_deref().unwrap_or_default());
            hash.update([0xff]);
        }
        for writer in writers {
            hash.update(writer.to_be_bytes());
        }
    }
    for run in runs {
        hash.update(run);
    }
    hash.update(until.to_be_bytes());
    let hash = hash.finalize();
    i64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default())
}

fn binary(bytes: Vec<u8>) -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Generic,
        bytes,
    })
}

fn long(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
