//! The steps of a long task. Each is timed, a failure does not end the others but is kept for the
//! summary, and all share one time limit.

use std::time::{Duration, Instant};

use crate::failure::TaskFailure;
use crate::tally::Tally;

/// The steps that were taken so far.
#[derive(Debug)]
pub(crate) struct TaskSteps {
    title: &'static str,
    start: Instant,
    bound: Duration,
    taken: Vec<TaskStep>,
    tally: Tally,
}

const FAILED: &str = "FAILED";

#[derive(Debug)]
struct TaskStep {
    name: String,
    time: Duration,
    failure: Option<TaskFailure>,
}

impl TaskStep {
    fn word(&self) -> &'static str {
        match self.failure {
            None => "ok",
            Some(TaskFailure::Unchecked(_)) => "NOT CHECKED",
            Some(_) => FAILED,
        }
    }
}

impl TaskSteps {
    /// A task without steps yet. All its steps together may take as long as `bound`.
    pub(crate) fn new(title: &'static str, bound: Duration) -> Self {
        Self {
            title,
            start: Instant::now(),
            bound,
            taken: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// The counter for the tests of all steps.
    pub(crate) fn tally(&self) -> Tally {
        self.tally.clone()
    }

    /// Runs one step, which may take `most`, or what is left of the task's time. Returns the step's
    /// value, or `None` if it failed.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        most: Duration,
        step: impl FnOnce(Duration) -> Result<T, TaskFailure>,
    ) -> Option<T> {
        let start = Instant::now();
        let left = self.bound.saturating_sub(self.start.elapsed());
        say!("\n== {name}");
        let result = step(most.min(left));
        let (value, failure) = match result {
            Ok(value) => (Some(value), None),
            Err(failure) => {
                say!("== {name}: {failure}");
                (None, Some(failure))
            }
        };
        self.taken.push(TaskStep {
            name: name.to_owned(),
            time: start.elapsed(),
            failure,
        });
        value
    }

    /// Prints the summary. Fails if any step failed.
    pub(crate) fn close(self) -> Result<(), TaskFailure> {
        say!("\n== {}: summary", self.title);
        for step in &self.taken {
            say!(
                "{:11} {:>5} s  {}",
                step.word(),
                step.time.as_secs(),
                step.name
            );
            if let Some(failure) = &step.failure {
                say!("{:22}{failure}", "");
            }
        }
        if let Some(tests) = self.tally.words() {
            say!("tests: {tests}");
        }
        let failed = self
            .taken
            .iter()
            .filter(|step| step.word() == FAILED)
            .count();
        if failed > 0 {
            return Err(TaskFailure::Steps {
                failed,
                all: self.taken.len(),
            });
        }
        say!("All is well.");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(_: Duration) -> Result<(), TaskFailure> {
        Err(TaskFailure::Missing("no such thing".into()))
    }

    #[test]
    fn one_failure_fails_the_whole_but_stops_nothing() {
        let mut steps = TaskSteps::new("a test", Duration::from_mins(1));
        let missed = steps.take("first", Duration::from_secs(1), failing);
        let value = steps.take("second", Duration::from_secs(1), |_| Ok(2));
        assert_eq!((missed, value), (None, Some(2)));
        let failure = steps.close().expect_err("one step failed");
        assert!(
            matches!(failure, TaskFailure::Steps { failed: 1, all: 2 }),
            "{failure}"
        );
    }

    #[test]
    fn what_could_not_be_checked_is_no_failure() {
        let mut steps = TaskSteps::new("a test", Duration::from_mins(1));
        let unchecked = |_| Err::<(), _>(TaskFailure::Unchecked("nobody knows".into()));
        steps.take("first", Duration::from_secs(1), unchecked);
        assert_eq!(steps.taken[0].word(), "NOT CHECKED");
        steps.close().expect("nothing failed");
    }

    #[test]
    fn no_step_is_given_more_than_is_left() {
        let mut steps = TaskSteps::new("a test", Duration::from_mins(1));
        let check = |steps: &mut TaskSteps, most: u64, expected: std::ops::RangeInclusive<u64>| {
            let given = steps.take("a step", Duration::from_secs(most), Ok);
            let given = given.expect("it always succeeds").as_secs();
            assert!(expected.contains(&given), "{most} s asked, {given} s given");
        };
        check(&mut steps, 10, 10..=10);
        check(&mut steps, 100, 0..=60);
    }
}
