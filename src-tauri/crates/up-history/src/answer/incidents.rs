//! Incidents as the judge believes them: from the first failed check to the first good one.

use up_core::{Judge, Level, Rules, Status, Timestamp, Verdict};

use crate::sample::KeptCause;

/// One outage of one path.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptIncident {
    /// The date of the first failed check.
    pub from: Timestamp,
    /// The date of the first good check after it; `None` while it lasts.
    pub until: Option<Timestamp>,
    /// The worst level that was believed.
    pub level: Level,
    /// Why the first failed check was not up.
    pub cause: Option<KeptCause>,
}

/// An incident whose cause is in a store's own form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JudgedIncident<C> {
    pub(crate) from: Timestamp,
    pub(crate) until: Option<Timestamp>,
    pub(crate) level: Level,
    pub(crate) cause: C,
}

impl JudgedIncident<Option<KeptCause>> {
    pub(crate) fn kept(self) -> KeptIncident {
        KeptIncident {
            from: self.from,
            until: self.until,
            level: self.level,
            cause: self.cause,
        }
    }
}

/// Judges samples in the order of their dates. What is unknown neither begins nor ends an incident,
/// and a gap does not end one.
#[derive(Clone, Debug)]
pub(crate) struct IncidentJudge<C> {
    rules: Rules,
    judge: Judge,
    /// The samples below up that may turn out to have begun an incident, oldest first.
    doubted: Vec<(Timestamp, C)>,
    /// Those that are over, and last the one that is not.
    incidents: Vec<JudgedIncident<C>>,
    /// Up is believed, and the last sample was wholly up: another one that is changes nothing.
    is_calm: bool,
}

impl<C: Clone> IncidentJudge<C> {
    /// By the rules that hold when nothing is configured.
    pub(crate) fn new() -> Self {
        let rules = Rules {
            // Flapping hides what is believed under it.
            flapping: None,
            ..Rules::default()
        };
        Self {
            rules,
            judge: Judge::default(),
            doubted: Vec::new(),
            incidents: Vec::new(),
            is_calm: false,
        }
    }

    /// Goes on from an incident that lasts.
    pub(crate) fn resume(lasting: JudgedIncident<C>) -> Self {
        let mut resumed = Self::new();
        let status = Status::new(f64::from(lasting.level.number()) / 4.0);
        for _ in 0..resumed.rules.down_after {
            resumed.judge.observe(&resumed.rules, status, lasting.from);
        }
        resumed.judge.interrupt();
        resumed.incidents.push(lasting);
        resumed
    }

    /// Takes the next sample.
    pub(crate) fn take(&mut self, date: Timestamp, status: Option<f64>, cause: &C) {
        let status = status.and_then(Status::new);
        let is_up = status.is_some_and(Status::is_up);
        if self.is_calm && is_up {
            return;
        }
        let lasts = self.lasting().is_some();
        match status {
            Some(status) if status.is_up() => self.doubted.clear(),
            Some(_) if !lasts && self.doubted.len() < self.rules.down_after as usize => {
                self.doubted.push((date, cause.clone()));
            }
            _ => {}
        }
        let turned = self.judge.observe(&self.rules, status, date);
        self.is_calm = is_up && self.judge.believed() == Verdict::At(Level::Up);
        let (Some(turned), Verdict::At(level)) = (turned, self.judge.believed()) else {
            return;
        };
        match (self.lasting(), level) {
            (Some(incident), Level::Up) => incident.until = Some(turned.date),
            (Some(incident), level) => incident.level = incident.level.min(level),
            (None, Level::Up) => {}
            (None, level) => {
                let first = self.doubted.iter().find(|(at, _)| *at >= turned.date);
                let cause = first.map_or_else(|| cause.clone(), |(_, cause)| cause.clone());
                self.doubted.clear();
                self.incidents.push(JudgedIncident {
                    from: turned.date,
                    until: None,
                    level,
                    cause,
                });
            }
        }
    }

    fn lasting(&mut self) -> Option<&mut JudgedIncident<C>> {
        self.incidents
            .last_mut()
            .filter(|last| last.until.is_none())
    }

    /// The incidents, oldest first.
    pub(crate) fn finish(self) -> Vec<JudgedIncident<C>> {
        self.incidents
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One sample a character, a minute apart: a digit is a level, `?` unknown. An incident is
    /// written `from-until level cause`, the cause being the number of the sample.
    fn check(samples: &str, expected: &str) {
        let mut judge = IncidentJudge::new();
        for (number, what) in samples.chars().enumerate() {
            let status = what.to_digit(10).map(|level| f64::from(level) / 4.0);
            judge.take(number as f64 * 60.0, status, &number);
        }
        let minute = |date: f64| (date / 60.0).to_string();
        let incidents: Vec<_> = judge
            .finish()
            .iter()
            .map(|incident| {
                format!(
                    "{}-{} {} {}",
                    minute(incident.from),
                    incident.until.map(minute).unwrap_or_default(),
                    incident.level.number(),
                    incident.cause
                )
            })
            .collect();
        assert_eq!(incidents.join(", "), expected, "of {samples}");
    }

    #[test]
    fn an_incident_is_what_the_judge_believed() {
        check("", "");
        check("4444", "");
        check("4044", "");
        check("4400444", "2-4 0 2");
        check("440?0444", "2-5 0 2");
        check("00", "0- 0 0");
        check("44404400", "6- 0 6");
        // It gets worse, and a little better, before it is over.
        check("44220011334", "2-10 0 2");
        check("4420", "2- 2 2");
        // Unknown in between, and at the end.
        check("4400??4", "2-6 0 2");
        check("4400????00", "2- 0 2");
        check("44??44", "");
        check("??00?4?", "2-5 0 2");
        check("4004004", "1-3 0 1, 4-6 0 4");
    }
}
