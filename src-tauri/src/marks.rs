//! All incidents of a span as the charts draw them: without what people did, and with their causes as
//! numbers. Very many are joined where they would be drawn over each other anyway.

use std::collections::HashMap;

use up_history::KeptIncident;
use up_wire::IncidentMark;

/// The most incidents that are drawn one by one. Of more, those that begin in the same one of so many
/// equal parts of the span are one mark, which is less than a pixel wide.
const MAX_MARKS: usize = 4_000;

/// Texts, each once, by number.
#[derive(Default)]
pub(crate) struct CauseTable<'a> {
    pub(crate) texts: Vec<String>,
    number_of: HashMap<&'a str, u32>,
}

impl<'a> CauseTable<'a> {
    /// The number of a text.
    pub(crate) fn number(&mut self, text: &'a str) -> u32 {
        *self.number_of.entry(text).or_insert_with(|| {
            self.texts.push(text.to_owned());
            self.texts.len() as u32 - 1
        })
    }
}

/// The marks of incidents that are sorted by when they began.
pub(crate) fn marks<'a>(
    incidents: &'a [KeptIncident],
    (from, to): (f64, f64),
    causes: &mut CauseTable<'a>,
) -> Vec<IncidentMark> {
    let width = (to - from) / MAX_MARKS as f64;
    // `as` saturates, so that an incident that began before the span is in its first part.
    let part = |incident: &KeptIncident| ((incident.from - from) / width) as usize;
    let alone = incidents.len() <= MAX_MARKS;
    let together = |one: &KeptIncident, next: &KeptIncident| !alone && part(one) == part(next);
    let groups = incidents.chunk_by(together);
    groups.filter_map(|group| mark(group, to, causes)).collect()
}

/// The mark of incidents that are drawn as one: as bad as the worst of them, and with its cause.
fn mark<'a>(
    incidents: &'a [KeptIncident],
    to: f64,
    causes: &mut CauseTable<'a>,
) -> Option<IncidentMark> {
    let first = incidents.first()?;
    let length = |incident: &KeptIncident| incident.until.unwrap_or(to) - incident.from;
    let worst = incidents.iter().fold(first, |worst, next| {
        let is_longer = next.level == worst.level && length(next) > length(worst);
        if next.level < worst.level || is_longer {
            next
        } else {
            worst
        }
    });
    let cause = worst.cause.as_ref();
    let mut ends = incidents.iter().map(|incident| incident.until);
    Some(IncidentMark {
        from: first.from,
        until: ends.try_fold(first.from, |last, end| Some(last.max(end?))),
        level: worst.level.number(),
        cause: cause.map(|cause| causes.number(cause.text())),
        count: incidents.len() as u32,
    })
}

#[cfg(test)]
mod tests {
    use up_core::Level;
    use up_history::KeptCause;

    use super::*;

    fn incident(from: f64, until: Option<f64>, level: Level, cause: &str) -> KeptIncident {
        KeptIncident {
            from,
            until,
            level,
            cause: Some(KeptCause::new(None, cause)),
        }
    }

    #[test]
    fn incidents_that_are_drawn_as_one_are_as_bad_as_the_worst() {
        let check = |incidents: &[KeptIncident], expected: (f64, Option<f64>, u8, &str)| {
            let mut causes = CauseTable::default();
            let made = mark(incidents, 100.0, &mut causes).expect("a mark");
            let cause = made
                .cause
                .map(|number| causes.texts[number as usize].as_str());
            let found = (made.from, made.until, made.level, cause.unwrap_or_default());
            assert_eq!(found, expected);
            assert_eq!(made.count as usize, incidents.len());
        };
        let half = incident(10.0, Some(30.0), Level::Half, "slow");
        let down = incident(31.0, Some(32.0), Level::Down, "refused");
        let long = incident(33.0, Some(39.0), Level::Down, "timeout");
        let lasting = incident(41.0, None, Level::Down, "dns");
        check(std::slice::from_ref(&half), (10.0, Some(30.0), 2, "slow"));
        check(
            &[half.clone(), down.clone()],
            (10.0, Some(32.0), 0, "refused"),
        );
        check(
            &[half.clone(), down.clone(), long],
            (10.0, Some(39.0), 0, "timeout"),
        );
        check(&[half, down, lasting], (10.0, None, 0, "dns"));
    }

    #[test]
    fn no_incident_is_left_out_however_many_there_are() {
        for many in [0, 1, MAX_MARKS, MAX_MARKS + 1, 10 * MAX_MARKS] {
            let width = 1e6 / many.max(1) as f64;
            // The first one began before the span.
            let begin = |at: usize| at as f64 * width - 0.1;
            let all: Vec<_> = (0..many)
                .map(|at| incident(begin(at), Some(begin(at) + 0.2), Level::Down, "refused"))
                .collect();
            let mut causes = CauseTable::default();
            let made = marks(&all, (0.0, 1e6), &mut causes);
            let counted: u32 = made.iter().map(|mark| mark.count).sum();
            assert_eq!(counted as usize, many);
            assert!(made.len() <= MAX_MARKS, "{} marks of {many}", made.len());
            if many <= MAX_MARKS {
                assert_eq!(made.len(), many);
            }
            assert!(causes.texts.len() <= 1, "a cause crosses once");
        }
    }
}
