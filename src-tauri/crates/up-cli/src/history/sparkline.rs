//! The uptime of a span as one line of a terminal.

use up_history::HistoryPart;

/// The most characters of a line.
pub(super) const WIDTH: usize = 60;

/// The shapes of uptime, from none to all of the time.
const SHAPES: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A time of which nothing is known.
const GAP: char = ' ';

/// One character for each part of a span that was cut into equal ones: the fuller, the longer it was up.
/// The full shape is kept for what was up all the time. Empty if nothing is known.
pub(super) fn sparkline(parts: &[HistoryPart]) -> String {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return String::new();
    };
    let mut parts = parts.iter().peekable();
    let shape = |number: i64| {
        let part = parts.next_if(|part| part.number == number);
        part.and_then(|part| part.summary.uptime).map_or(GAP, |up| {
            // `as` saturates.
            let index = (up * (SHAPES.len() - 1) as f64) as usize;
            SHAPES[index.min(SHAPES.len() - 1)]
        })
    };
    (first.number..=last.number)
        .take(WIDTH + 1)
        .map(shape)
        .collect()
}

#[cfg(test)]
mod tests {
    use up_history::HistorySummary;

    use super::*;

    #[test]
    fn uptime_has_a_shape() {
        let check = |parts: &[(i64, Option<f64>)], expected: &str| {
            let part = |(number, uptime): &(i64, Option<f64>)| HistoryPart {
                number: *number,
                from: 0.0,
                to: 0.0,
                summary: HistorySummary {
                    uptime: *uptime,
                    ..HistorySummary::default()
                },
                durations: Vec::new(),
            };
            let parts: Vec<_> = parts.iter().map(part).collect();
            assert_eq!(sparkline(&parts), expected);
        };
        check(&[], "");
        check(&[(7, Some(1.0)), (8, Some(0.999)), (9, Some(0.5))], "█▇▄");
        // A gap, and a part of which nothing is known.
        check(&[(1, Some(0.0)), (4, None), (5, Some(1.0))], "▁   █");
        let long: Vec<_> = (0..200).map(|number| (number, Some(1.0))).collect();
        check(&long, &"█".repeat(WIDTH + 1));
    }
}
