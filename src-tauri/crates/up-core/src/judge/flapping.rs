//! Flapping: a verdict that turns too often to be told each time. The rule is Nagios's: of the
//! last 21 samples, the share of turns between one and the next, newer ones counting for more,
//! against a high mark to begin and a low mark to end
//! (Nagios Core, "Detection and Handling of State Flapping").

/// How many samples are looked at.
pub(crate) const WINDOW: u32 = 21;
/// How many turns lie between them.
const TURNS: u32 = WINDOW - 1;
/// What the oldest turn counts.
const OLDEST: f64 = 0.8;
/// What the newest turn counts.
const NEWEST: f64 = 1.2;

/// When flapping begins and ends, in percent of the turns there could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Marks {
    /// At this share it begins.
    pub high: u8,
    /// Below this share it ends.
    pub low: u8,
}

impl Default for Marks {
    fn default() -> Self {
        Self { high: 25, low: 10 }
    }
}

/// Which of the last samples turned the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turns {
    /// The newest is the lowest bit.
    bits: u32,
}

impl Turns {
    /// As they are kept, the newest in the lowest bit.
    pub(super) const fn bits(self) -> u32 {
        self.bits
    }

    /// Those that were kept so.
    pub(super) const fn of(bits: u32) -> Self {
        Self {
            bits: bits & ((1 << TURNS) - 1),
        }
    }

    /// Takes note of a sample.
    pub(super) fn push(&mut self, turned: bool) {
        self.bits = (self.bits << 1 | u32::from(turned)) & ((1 << TURNS) - 1);
    }

    /// The share of turns, in percent; may be a little over 100.
    pub(super) fn percent(self) -> f64 {
        let step = (NEWEST - OLDEST) / f64::from(TURNS - 1);
        let turned = (0..TURNS).filter(|age| self.bits >> age & 1 == 1);
        let weights = turned.map(|age| NEWEST - step * f64::from(age));
        weights.sum::<f64>() / f64::from(TURNS) * 100.0
    }

    /// True when none is in sight.
    pub(super) const fn is_quiet(self) -> bool {
        self.bits == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `turns`: oldest first, x for a turn.
    fn check(turns: &str, expected: f64) {
        let mut window = Turns::default();
        for turn in turns.chars() {
            window.push(turn == 'x');
        }
        let percent = window.percent();
        assert!(
            (percent - expected).abs() < 0.01,
            "{turns}: {percent}, wanted {expected}"
        );
    }

    #[test]
    fn newer_turns_count_for_more() {
        check("....................", 0.0);
        check("x...................", 4.0);
        check("...................x", 6.0);
        check("xxxxxxxxxxxxxxxxxxxx", 100.0);
        check("x....................", 0.0);
        check("x..................x", 10.0);
    }
}
