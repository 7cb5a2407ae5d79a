//! Incidents as the judge believes them: from the first failed check to the first good one.

use std::collections::BTreeMap;

use up_core::{Judge, Level, Rules, Status, Timestamp, Verdict};

use crate::sample::KeptCause;

/// How many samples in a row begin and end an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncidentRules {
    /// So many below up begin one. At least 1.
    pub down_after: u32,
    /// So many that are up end it. At least 1.
    pub up_after: u32,
}

impl From<&Rules> for IncidentRules {
    fn from(rules: &Rules) -> Self {
        Self {
            down_after: rules.down_after.max(1),
            up_after: rules.up_after.max(1),
        }
    }
}

impl Default for IncidentRules {
    fn default() -> Self {
        Self::from(&Rules::default())
    }
}

/// The rules of paths. They hold for what is below a path, too, where nothing else is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RulesOfPaths(BTreeMap<String, IncidentRules>);

impl RulesOfPaths {
    /// Takes the rules of a path. Those above it come first; what they say anyway is left out.
    pub fn put(&mut self, path: &str, rules: IncidentRules) {
        let is_root = !path_and_above(path).any(|above| self.0.contains_key(above));
        if is_root || self.of(path) != rules {
            self.0.insert(path.into(), rules);
        }
    }

    /// By which rules a path is judged.
    pub fn of(&self, path: &str) -> IncidentRules {
        let mut said = path_and_above(path).filter_map(|above| self.0.get(above));
        said.next().copied().unwrap_or_default()
    }

    /// The path above all others, if there is any.
    pub fn root(&self) -> Option<&str> {
        self.0.keys().next().map(String::as_str)
    }

    /// What is said, by path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, IncidentRules)> {
        self.0.iter().map(|(path, rules)| (&**path, *rules))
    }
}

/// A path, and those above it from the nearest on.
pub(crate) fn path_and_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        let above = path.rsplit_once('/')?.0;
        (!above.is_empty()).then_some(above)
    })
}

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
    /// The last samples below up, of which one may turn out to have begun an incident, oldest first.
    doubted: Vec<(Timestamp, C)>,
    /// Those that are over, and last the one that is not.
    incidents: Vec<JudgedIncident<C>>,
    /// Up is believed, and the last sample was wholly up: another one that is changes nothing.
    is_calm: bool,
}

impl<C: Clone> IncidentJudge<C> {
    pub(crate) fn new(rules: IncidentRules) -> Self {
        let rules = Rules {
            // Flapping hides what is believed under it.
            flapping: None,
            down_after: rules.down_after,
            up_after: rules.up_after,
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
    pub(crate) fn resume(rules: IncidentRules, lasting: JudgedIncident<C>) -> Self {
        let mut resumed = Self::new(rules);
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
            Some(_) if !lasts => {
                // What is believed begins with one of as many as it takes.
                if self.doubted.len() >= self.rules.down_after as usize {
                    self.doubted.remove(0);
                }
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
            (Some(incident), Level::Up) => incident.until = Some(turned.began.date),
            (Some(incident), level) => incident.level = incident.level.min(level),
            (None, Level::Up) => {}
            (None, level) => {
                let first = self.doubted.iter().find(|(at, _)| *at >= turned.began.date);
                let cause = first.map_or_else(|| cause.clone(), |(_, cause)| cause.clone());
                self.doubted.clear();
                self.incidents.push(JudgedIncident {
                    from: turned.began.date,
                    until: None,
                    level,
                    cause,
                });
            }
        }
    }

    /// True while up is believed and nothing speaks against it: nothing before matters any more.
    pub(crate) fn is_calm(&self) -> bool {
        self.is_calm
    }

    /// True while no incident lasts and nothing may turn out to have begun one.
    pub(crate) fn is_settled(&self) -> bool {
        let lasts = self
            .incidents
            .last()
            .is_some_and(|last| last.until.is_none());
        !lasts && self.doubted.is_empty()
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
    fn check_by(down_after: u32, up_after: u32, samples: &str, expected: &str) {
        let mut judge = IncidentJudge::new(IncidentRules {
            down_after,
            up_after,
        });
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

    fn check(samples: &str, expected: &str) {
        check_by(2, 1, samples, expected);
    }

    #[test]
    fn an_incident_goes_by_the_rules_in_force() {
        check_by(1, 1, "4044", "1-2 0 1");
        check_by(3, 1, "4400440004", "6-9 0 6");
        check_by(2, 2, "400404004440", "1-8 0 1");
        check_by(1, 3, "404440444", "1-2 0 1, 5-6 0 5");
        // One that is unknown is believed at once, and the row begins anew.
        check_by(1, 3, "4044?404444", "1-7 0 1");
    }

    #[test]
    fn rules_hold_below_their_path() {
        let rule = |down_after| IncidentRules {
            down_after,
            up_after: 1,
        };
        let mut rules = RulesOfPaths::default();
        for (path, down_after) in [("/R", 2), ("/R/T", 1), ("/R/T/a", 1), ("/R/T/b", 2)] {
            rules.put(path, rule(down_after));
        }
        let kept: Vec<_> = rules.iter().map(|(path, _)| path).collect();
        assert_eq!(kept, ["/R", "/R/T", "/R/T/b"]);
        for (path, down_after) in [
            ("/R/x/y", 2),
            ("/R/T/a/part", 1),
            ("/R/T/b/part", 2),
            ("/other", 2),
        ] {
            assert_eq!(rules.of(path), rule(down_after), "{path}");
        }
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
        // A failure between long unknown times begins nothing.
        check("44??0??00", "7- 0 7");
        check("0??0??0??004", "9-11 0 9");
        check_by(3, 1, "4?0?0?0", "2- 0 2");
    }

    #[test]
    fn the_incident_that_lasts_began_when_the_watched_source_went_down() {
        let mut flapped = 0;
        for seed in 0..3_000_u64 {
            let mut random = fastrand::Rng::with_seed(seed);
            let rules = Rules {
                down_after: random.u32(1..4),
                up_after: random.u32(1..4),
                ..Rules::default()
            };
            let mut live = Judge::default();
            let mut kept = IncidentJudge::new((&rules).into());
            let (mut status, mut samples) = (Some(1.0), String::new());
            let mut was_unknown = false;
            for number in 0..60_u32 {
                if random.bool() {
                    status = [Some(1.0), Some(0.0), Some(0.0), None][random.usize(..4)];
                }
                samples.push(status.map_or('?', |status| if status > 0.0 { 'u' } else { 'd' }));
                let date = f64::from(number);
                live.observe(&rules, status.and_then(Status::new), date);
                kept.take(date, status, &());
                match live.believed() {
                    Verdict::At(Level::Down) => {}
                    believed => {
                        was_unknown |= believed == Verdict::Unknown;
                        was_unknown &= believed != Verdict::At(Level::Up);
                        continue;
                    }
                }
                flapped += u32::from(live.flapping().is_some());
                let lasting = kept.lasting().map(|incident| incident.from);
                let since = Some(live.since().date);
                if was_unknown {
                    // An incident goes on while the source is unknown, of which no level is known.
                    assert!(since >= lasting, "of {samples} under {rules:?}");
                } else {
                    assert_eq!(since, lasting, "of {samples} under {rules:?}");
                }
                if samples.ends_with('d') {
                    assert_eq!(live.shown_since(), live.since(), "of {samples}");
                }
            }
        }
        assert!(
            flapped > 1_000,
            "only {flapped} samples of flapping sources"
        );
    }
}
