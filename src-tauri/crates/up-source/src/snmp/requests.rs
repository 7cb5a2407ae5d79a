//! Decides which objects are requested together. An SNMP error replaces all values of a response,
//! so that a request that failed is split into smaller ones, down to one object each. Only an
//! object that cannot be returned alone is then unknown. Pure.

use std::collections::VecDeque;

use up_core::CauseCode;

use super::reply::{SnmpResponse, TOO_BIG, VariableReading};
use crate::net::fault::Fault;

/// The requests that are still to be sent, and the readings so far.
///
/// Each response settles an object or splits its request in two. It therefore takes at most twice
/// as many requests as there are objects.
#[derive(Debug)]
pub(super) struct PendingRequests {
    /// The requests to send, the next one first.
    open: VecDeque<ObjectRequest>,
    /// The reading of each object, if it is settled.
    readings: Vec<Option<VariableReading>>,
    /// False once the agent returned an object alone that its error index had blamed.
    trusts_index: bool,
}

/// One request, for the objects with these indices.
#[derive(Debug)]
pub(super) struct ObjectRequest {
    objects: Vec<usize>,
    /// True if this is the one object that an error index blamed.
    is_blamed: bool,
}

impl ObjectRequest {
    /// The indices of the objects; at least one.
    pub(super) fn objects(&self) -> &[usize] {
        &self.objects
    }
}

impl PendingRequests {
    /// Starts with one request for `count` objects.
    pub(super) fn new(count: usize) -> Self {
        let mut requests = Self {
            open: VecDeque::new(),
            readings: Vec::new(),
            trusts_index: true,
        };
        requests.readings.resize_with(count, || None);
        requests.push((0..count).collect(), false);
        requests
    }

    /// The next request to send. `None` if every object is settled.
    pub(super) fn next(&mut self) -> Option<ObjectRequest> {
        self.open.pop_front()
    }

    /// Records the response to a request.
    pub(super) fn record(&mut self, request: ObjectRequest, reply: SnmpResponse) {
        match (reply, request.objects.as_slice()) {
            (SnmpResponse::Values(values), _) => self.record_values(request, values),
            (SnmpResponse::Error { status, .. }, [object]) => {
                self.readings[*object] = Some(VariableReading::refused(status));
            }
            (SnmpResponse::Error { status, index }, _) => {
                self.split(request.objects, status, index);
            }
        }
    }

    /// Records values, and requests again what the response left out.
    fn record_values(&mut self, request: ObjectRequest, values: Vec<Option<VariableReading>>) {
        let count = request.objects.len();
        let mut values = values.into_iter();
        let mut left_out = Vec::new();
        for object in request.objects {
            match values.next().flatten() {
                Some(value) => self.readings[object] = Some(value),
                None => left_out.push(object),
            }
        }
        if left_out.is_empty() && request.is_blamed {
            self.trusts_index = false;
        }
        if left_out.len() < count {
            self.push(left_out, false);
        } else {
            let text = "the response does not contain it";
            self.give_up(&left_out, &Fault::new(CauseCode::Protocol, text));
        }
    }

    /// Splits a request that failed: into the object that the error index names and the others, or
    /// into halves if it names none. The index of `tooBig` means nothing, as the size is that of
    /// all objects.
    fn split(&mut self, mut objects: Vec<usize>, status: u32, index: u32) {
        let named = (index as usize).checked_sub(1);
        let named = named.filter(|_| self.trusts_index && status != TOO_BIG);
        let named = named.filter(|at| *at < objects.len());
        let (first, rest) = if let Some(at) = named {
            (vec![objects.remove(at)], objects)
        } else {
            let rest = objects.split_off(objects.len() / 2);
            (objects, rest)
        };
        self.push(rest, false);
        // The blamed object is requested next, to learn early whether this agent's error index is
        // right.
        self.push(first, named.is_some());
    }

    fn push(&mut self, objects: Vec<usize>, is_blamed: bool) {
        if !objects.is_empty() {
            self.open.push_front(ObjectRequest { objects, is_blamed });
        }
    }

    /// True if the agent returned anything about any object.
    pub(super) fn has_any(&self) -> bool {
        self.readings.iter().any(Option::is_some)
    }

    /// Gives up a request that was not answered, because of `fault`.
    pub(super) fn fail(&mut self, request: &ObjectRequest, fault: &Fault) {
        self.give_up(&request.objects, fault);
    }

    fn give_up(&mut self, objects: &[usize], fault: &Fault) {
        for object in objects {
            self.readings[*object] = Some(VariableReading::Unanswered(fault.clone()));
        }
    }

    /// The readings, one for each object.
    pub(super) fn into_readings(self) -> Vec<VariableReading> {
        let unasked = || {
            let text = "the timeout passed before it was requested";
            VariableReading::Unanswered(Fault::new(CauseCode::Timeout, text))
        };
        let readings = self.readings.into_iter();
        readings
            .map(|reading| reading.unwrap_or_else(unasked))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NO_SUCH_NAME: u32 = 2;
    const GEN_ERR: u32 = 5;

    /// An agent: its response to a request for these objects.
    type Agent<'a> = &'a dyn Fn(&[usize]) -> SnmpResponse;

    /// The readings of `count` objects in the end, one letter each, and the number of requests.
    fn ask(count: usize, agent: Agent<'_>) -> (String, usize) {
        let mut requests = PendingRequests::new(count);
        let mut asked = 0;
        while let Some(request) = requests.next() {
            asked += 1;
            let reply = agent(request.objects());
            requests.record(request, reply);
        }
        let letter = |reading: VariableReading| match reading {
            VariableReading::Number(_) => '=',
            VariableReading::Missing(_) => '-',
            VariableReading::Refused(_) => '!',
            VariableReading::Unanswered(_) => '?',
            other => panic!("{other:?}"),
        };
        let readings = requests.into_readings();
        (readings.into_iter().map(letter).collect(), asked)
    }

    fn all(objects: &[usize]) -> SnmpResponse {
        let value = |_: &usize| Some(VariableReading::Number(1));
        SnmpResponse::Values(objects.iter().map(value).collect())
    }

    /// All values, or an error if one of `objects` is in `bad`. `index` makes the error index from
    /// the position of the first such object.
    fn or_error(
        objects: &[usize],
        status: u32,
        bad: &[usize],
        index: impl Fn(usize) -> usize,
    ) -> SnmpResponse {
        match objects.iter().position(|object| bad.contains(object)) {
            None => all(objects),
            Some(at) => SnmpResponse::Error {
                status,
                index: index(at) as u32,
            },
        }
    }

    #[test]
    fn only_what_is_not_there_is_missing() {
        let check = |count, bad: &[usize], index: &dyn Fn(usize) -> usize, expected: &str| {
            let agent = |objects: &[usize]| or_error(objects, NO_SUCH_NAME, bad, index);
            let (known, asked) = ask(count, &agent);
            assert_eq!(known, expected, "{bad:?}");
            assert!(asked < 2 * count, "{asked} questions for {count}");
        };
        let right: &dyn Fn(usize) -> usize = &|at| at + 1;
        let none = &|_| 0;
        let first = &|_| 1;
        let beyond = &|_| 99;
        let huge = &|_| u32::MAX as usize;
        for index in [right, none, first, beyond, huge] {
            check(1, &[], index, "=");
            check(1, &[0], index, "-");
            check(2, &[0], index, "-=");
            check(2, &[1], index, "=-");
            check(5, &[0, 4], index, "-===-");
            check(5, &[1, 2, 3], index, "=---=");
            check(4, &[0, 1, 2, 3], index, "----");
        }
    }

    #[test]
    fn an_index_saves_questions_while_it_is_right() {
        let count = |index: &dyn Fn(usize) -> usize| {
            let agent = |objects: &[usize]| or_error(objects, NO_SUCH_NAME, &[63], index);
            ask(64, &agent).1
        };
        assert_eq!(count(&|at| at + 1), 3, "all, the named one, the others");
        let lies = count(&|_| 1);
        assert!(
            lies <= 16,
            "{lies} questions where it always names the first"
        );
    }

    #[test]
    fn what_does_not_fit_is_asked_in_parts() {
        let agent = |objects: &[usize]| {
            if objects.len() > 3 {
                SnmpResponse::Error {
                    status: TOO_BIG,
                    index: 1,
                }
            } else {
                all(objects)
            }
        };
        assert_eq!(ask(8, &agent), ("========".into(), 7));
        let never = |_: &[usize]| SnmpResponse::Error {
            status: TOO_BIG,
            index: 0,
        };
        assert_eq!(ask(3, &never), ("!!!".into(), 5));
    }

    #[test]
    fn an_object_that_cannot_be_told_is_refused_alone() {
        let agent = |objects: &[usize]| or_error(objects, GEN_ERR, &[1], |at| at + 1);
        assert_eq!(ask(3, &agent).0, "=!=");
    }

    #[test]
    fn objects_that_an_answer_leaves_out_are_asked_for_again() {
        let one_each = |objects: &[usize]| {
            let value = |at: usize| (at == 0).then_some(VariableReading::Number(0));
            SnmpResponse::Values((0..objects.len()).map(value).collect())
        };
        assert_eq!(ask(4, &one_each), ("====".into(), 4));
        let never_the_second = |objects: &[usize]| {
            let value = |object: &usize| (*object != 1).then_some(VariableReading::Number(0));
            SnmpResponse::Values(objects.iter().map(value).collect())
        };
        assert_eq!(ask(3, &never_the_second), ("=?=".into(), 2));
        let nothing = |_: &[usize]| SnmpResponse::Values(Vec::new());
        assert_eq!(ask(3, &nothing), ("???".into(), 1));
    }

    #[test]
    fn what_was_not_asked_for_in_time_is_unanswered() {
        let mut requests = PendingRequests::new(2);
        let request = requests.next().expect("one for both");
        let error = SnmpResponse::Error {
            status: NO_SUCH_NAME,
            index: 1,
        };
        requests.record(request, error);
        assert!(!requests.has_any(), "an error for both tells of neither");
        let request = requests.next().expect("one for the first");
        assert_eq!(request.objects(), [0]);
        requests.record(request, all(&[0]));
        assert!(requests.has_any());
        let readings = requests.into_readings();
        assert!(
            matches!(&readings[1], VariableReading::Unanswered(fault) if fault.code == CauseCode::Timeout)
        );
    }

    proptest! {
        /// The agent answers at random, and differently each time.
        #[test]
        fn it_ends_and_leaves_no_object_out(
            count in 1_usize..64,
            answers in prop::collection::vec((0_u32..20, any::<u32>(), any::<u64>()), 200),
        ) {
            let mut requests = PendingRequests::new(count);
            let mut answers = answers.into_iter();
            let mut asked = 0;
            while let Some(request) = requests.next() {
                asked += 1;
                prop_assert!(asked < 2 * count, "{} questions", asked);
                let (status, index, told) = answers.next().expect("enough of them");
                let value = |at: usize| (told >> at & 1 == 1).then_some(VariableReading::Number(1));
                let reply = match status {
                    0 => SnmpResponse::Values((0..request.objects().len()).map(value).collect()),
                    status => SnmpResponse::Error { status, index: index % 70 },
                };
                requests.record(request, reply);
            }
            prop_assert_eq!(requests.into_readings().len(), count);
        }
    }
}
