//! Judges the objects of `oid`: each against its own condition. The worst result counts.
//!
//! - `result`: the results of conditions, and what they amount to

mod result;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use up_core::detail::Value;
use up_core::{CauseCode, CheckResult, Detail, Range, cause::one_line};

use self::result::{ConditionResult, worst};
use super::ber::RawOid;
use super::oid::Oid;
use super::rate::{Mark, per_second};
use super::reply::{VariableReading, error_result, refused};
use super::value::{ObjectValue, shown};
use super::wanted::{ExpectedValue, SnmpOid, SnmpOids};
use super::words::Words;
use crate::ConfigProblem;
use crate::text::Pace;

/// The largest number of objects of one source. They go into one message, and an agent need not
/// accept messages of more than 484 bytes (RFC 3417, section 3.2).
const MAX_OBJECTS: usize = 64;
/// The largest number of bytes that are kept of a value's text.
const MAX_TEXT: usize = 255;
/// The value shown for the rate of a counter that was read only once.
const NOT_YET: &str = "not yet";

/// The objects to request, and the condition for each.
#[derive(Debug)]
pub(super) struct ObjectConditions {
    /// Every requested object once, and its OID for messages.
    objects: Vec<(Box<RawOid>, Oid)>,
    /// The conditions, in the order of up.toml.
    conditions: Vec<ObjectCondition>,
    /// The index of sysUpTime in `objects`, if a rate needs it.
    up_time: Option<usize>,
    /// The last reading of the counter of each condition. Locked only to copy it, never across an
    /// await.
    marks: Mutex<Vec<Option<Mark>>>,
    /// When the conditions were made: the zero of [`Mark::at`].
    began: Instant,
}

/// One condition of up.toml.
#[derive(Debug)]
struct ObjectCondition {
    /// The index of the object in `objects`.
    index: usize,
    /// The `label` of up.toml, or the name of the object.
    label: String,
    /// The name for messages: the label with the name of the object.
    name: String,
    /// The words for the values of the object.
    words: Words,
    /// What the value must be, if `expect` is set.
    expect: Option<ExpectedValue>,
    warn: Option<Range>,
    crit: Option<Range>,
    measure: Measure,
}

/// Which number is compared with `warn` and `crit`.
#[derive(Debug)]
enum Measure {
    /// The number of the object itself.
    Value,
    /// The percentage of the number of another object, by its index in `objects`.
    Of(usize),
    /// The increase of a counter a second.
    Rate,
}

impl ObjectConditions {
    /// Checks the keys of `oids` and prepares their conditions.
    pub(super) fn new(oids: &SnmpOids) -> Result<Self, ConfigProblem> {
        let mut made = Self {
            objects: Vec::new(),
            conditions: Vec::new(),
            up_time: None,
            marks: Mutex::default(),
            began: Instant::now(),
        };
        match oids {
            SnmpOids::One(oid) => made.add(&SnmpOid {
                oid: oid.clone(),
                label: None,
                expect: None,
                warn: None,
                crit: None,
                of: None,
                rate: false,
            })?,
            SnmpOids::Several(oids) if oids.is_empty() => {
                return Err(ConfigProblem::new("oid", "the list of objects is empty")
                    .help("write at least one, or leave the key out to request sysName"));
            }
            SnmpOids::Several(oids) => oids.iter().try_for_each(|oid| made.add(oid))?,
        }
        if made.objects.len() > MAX_OBJECTS {
            let text = format!(
                "{} objects are too many for one request",
                made.objects.len()
            );
            return Err(ConfigProblem::new("oid", text).help(format!(
                "at most {MAX_OBJECTS}: make several sources of them"
            )));
        }
        made.marks = Mutex::new(vec![None; made.conditions.len()]);
        Ok(made)
    }

    /// Adds the condition of one object.
    fn add(&mut self, keys: &SnmpOid) -> Result<(), ConfigProblem> {
        let oid = read(&keys.oid)?;
        let (name, words) = (oid.to_string(), oid.words());
        let wrong = |text: String| ConfigProblem::new("oid", text);
        if keys.rate && keys.of.is_some() {
            return Err(wrong(format!("{name} has both rate and of")).help("leave one of them out"));
        }
        let measured = keys.rate || keys.of.is_some();
        if measured && keys.expect.is_some() {
            let text = format!("{name} has expect together with rate or of, which it cannot judge");
            return Err(wrong(text).help("write warn or crit with a range"));
        }
        let range = |key: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => Range::parse(text).map(Some).ok_or_else(|| {
                wrong(format!("{key} of {name}: {text:?} is no range")).help(
                    "write it as Nagios does: \"90\", \"10:\", \"~:90\", \"10:20\", \"@10:20\"",
                )
            }),
        };
        let expect = keys.expect.as_ref();
        let expect = expect.map(|expect| ExpectedValue::new(expect, &name, words));
        let (warn, crit) = (range("warn", &keys.warn)?, range("crit", &keys.crit)?);
        let measure = match &keys.of {
            Some(of) => Measure::Of(self.add_object(read(of)?)),
            None if keys.rate => Measure::Rate,
            None => Measure::Value,
        };
        if keys.rate {
            self.up_time = Some(self.add_object(Oid::sys_up_time()));
        }
        let condition = ObjectCondition {
            index: self.add_object(oid),
            label: keys.label.clone().unwrap_or_else(|| name.clone()),
            name: match &keys.label {
                Some(label) => format!("{label} ({name})"),
                None => name,
            },
            words,
            expect: expect.transpose()?,
            warn,
            crit,
            measure,
        };
        self.conditions.push(condition);
        Ok(())
    }

    /// The index of the object in `objects`, to which it is added if it is not there.
    fn add_object(&mut self, oid: Oid) -> usize {
        let raw = oid.raw();
        let known = self.objects.iter().position(|(object, _)| *object == raw);
        known.unwrap_or_else(|| {
            self.objects.push((raw, oid));
            self.objects.len() - 1
        })
    }

    /// The objects to request.
    pub(super) fn oids(&self) -> Vec<&RawOid> {
        self.objects.iter().map(|(raw, _)| &**raw).collect()
    }

    fn names(&self) -> Vec<String> {
        self.objects
            .iter()
            .map(|(_, oid)| oid.to_string())
            .collect()
    }

    /// Judges readings that the agent `target` returned just now: one for each of [`Self::oids`],
    /// in the same order.
    pub(super) async fn answer(
        &self,
        readings: &[VariableReading],
        target: &str,
        pace: &mut Pace,
    ) -> CheckResult {
        let errors: Vec<u32> = readings.iter().map_while(VariableReading::error).collect();
        if let Some(first) = errors.first()
            && errors.len() == readings.len()
        {
            return error_result(*first, target, &self.names().join(" or "));
        }
        let stored = || self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        // A source is not checked twice at once, so that nobody else changes the marks meanwhile.
        let mut marks = stored().clone();
        let now = self.began.elapsed();
        let answer = self.judge(readings, now, &mut marks, target, pace).await;
        *stored() = marks;
        answer
    }

    /// Judges the readings. `now` is the time since the conditions were made, and `marks` holds the
    /// last reading of each counter, which this replaces.
    async fn judge(
        &self,
        readings: &[VariableReading],
        now: Duration,
        marks: &mut [Option<Mark>],
        target: &str,
        pace: &mut Pace,
    ) -> CheckResult {
        let mut values = Detail::new();
        let mut is_waiting = false;
        let mut results = Vec::with_capacity(self.conditions.len());
        for (condition, mark) in self.conditions.iter().zip(marks) {
            let result = match self.measure(condition, readings, now, mark, target) {
                Err(result) => result,
                Ok(None) => {
                    is_waiting = true;
                    values.put(condition.label.clone(), NOT_YET);
                    ConditionResult::Fine
                }
                Ok(Some(found)) => {
                    values.put(condition.label.clone(), value(condition, &found));
                    condition.judge(&found, pace).await
                }
            };
            results.push(result);
        }
        let mut detail = Detail::new();
        if is_waiting {
            detail.put("rate", NOT_YET);
        }
        detail.put("values", values);
        worst(results).with_detail(detail)
    }

    /// The value to judge. `None` if a rate needs a second reading. The error is the result of a
    /// condition whose value is not known.
    fn measure(
        &self,
        condition: &ObjectCondition,
        readings: &[VariableReading],
        now: Duration,
        mark: &mut Option<Mark>,
        target: &str,
    ) -> Result<Option<ObjectValue>, ConditionResult> {
        let name_of = |place: usize| self.objects[place].1.to_string();
        let missing = |place: usize, why: &str| {
            let text = format!("{target} has no {}: {why}", name_of(place));
            ConditionResult::Unknown(CauseCode::Missing, text)
        };
        let reading = |place: usize| match readings.get(place) {
            Some(VariableReading::Missing(word)) => Err(missing(place, word)),
            Some(VariableReading::Refused(status)) => {
                let (code, text) = refused(*status, target, &name_of(place));
                Err(ConditionResult::Unknown(code, text))
            }
            Some(VariableReading::Unanswered(fault)) => {
                let text = format!("{} is not known: {}", name_of(place), fault.text);
                Err(ConditionResult::Unknown(fault.code, text))
            }
            Some(reading) => Ok(reading),
            None => Err(missing(place, "not answered")),
        };
        let found = |place: usize, words: Words| {
            let found = ObjectValue::read(reading(place)?, words);
            found.ok_or_else(|| missing(place, "a value of a type that Up does not read"))
        };
        let unfit = |text: String| ConditionResult::Unknown(CauseCode::Expect, text);
        let name = &condition.name;
        match condition.measure {
            Measure::Value => found(condition.index, condition.words).map(Some),
            Measure::Of(whole) => {
                let part = found(condition.index, Words::None)?;
                let all = found(whole, Words::None)?;
                let whole = &self.objects[whole].1;
                match (part.number, all.number) {
                    // A negative level means "unknown" or "no limit" on a printer (RFC 3805,
                    // prtMarkerSuppliesLevel and prtInputCurrentLevel).
                    (Some(part), Some(all)) if part >= 0.0 && all > 0.0 => {
                        let percent = part / all * 100.0;
                        Ok(Some(ObjectValue {
                            number: Some(percent),
                            text: format!("{} % of {whole}", shown(percent)),
                            bits: None,
                        }))
                    }
                    _ => Err(unfit(format!(
                        "{name} is {} and {whole} is {}, which makes no percentage",
                        part.text, all.text
                    ))),
                }
            }
            Measure::Rate => {
                let VariableReading::Counter(counter) = reading(condition.index)? else {
                    return Err(unfit(format!("{name} is no counter, so it has no rate")));
                };
                let place = self.up_time.unwrap_or_default();
                let VariableReading::Ticks(up_time) = reading(place)? else {
                    return Err(missing(place, "a value of another type"));
                };
                let mark_now = Mark {
                    counter: *counter,
                    up_time: *up_time,
                    at: now,
                };
                let rate = mark
                    .replace(mark_now)
                    .and_then(|before| per_second(before, mark_now));
                Ok(rate.map(|rate| ObjectValue {
                    number: Some(rate),
                    text: format!("{} a second", shown(rate)),
                    bits: None,
                }))
            }
        }
    }
}

impl ObjectCondition {
    async fn judge(&self, found: &ObjectValue, pace: &mut Pace) -> ConditionResult {
        let is = format!("{} is {}", self.name, one_line(&found.text, MAX_TEXT / 2));
        if let Some(wanted) = &self.expect
            && !wanted.is_met(found, pace).await
        {
            return ConditionResult::Down(format!("{is}, wanted {}", wanted.describe(self.words)));
        }
        if self.warn.is_none() && self.crit.is_none() {
            return ConditionResult::Fine;
        }
        let Some(number) = found.number else {
            return ConditionResult::Unknown(CauseCode::Expect, format!("{is}, wanted a number"));
        };
        let alerts = |range: &Option<Range>| range.filter(|range| range.alerts(number));
        if let Some(crit) = alerts(&self.crit) {
            return ConditionResult::Down(format!("{is}, wanted {crit} (crit)"));
        }
        if let Some(warn) = alerts(&self.warn) {
            return ConditionResult::Warn(format!("{is}, wanted {warn} (warn)"));
        }
        ConditionResult::Fine
    }
}

fn read(text: &str) -> Result<Oid, ConfigProblem> {
    Oid::parse(text).map_err(|why| {
        ConfigProblem::new("oid", why)
            .help("write a name and its row, as in \"ifOperStatus.2\", or numbers as in \"1.3.6.1.2.1.1.3.0\"")
    })
}

/// The value for the detail: a number if it has no word, else a text.
fn value(condition: &ObjectCondition, found: &ObjectValue) -> Value {
    let is_number = matches!(condition.words, Words::None)
        || found
            .number
            .is_some_and(|number| shown(number) == found.text);
    match found.number {
        Some(number) if is_number => number.into(),
        _ => one_line(&found.text, MAX_TEXT).into(),
    }
}

#[cfg(test)]
mod tests;
