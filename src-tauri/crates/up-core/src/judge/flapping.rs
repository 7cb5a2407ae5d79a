//! Flapping: a verdict that changes too often to notify of each change. The algorithm is Nagios's
//! (Nagios Core, "Detection and Handling of State Flapping"): among the last 21 samples, the share
//! of changes between one sample and the next, in which recent changes weigh more. Flapping begins
//! above a high mark and ends below a low mark.

/// How many samples are considered.
pub const WINDOW: u32 = 21;
/// How many changes are possible between these samples.
const TURNS: u32 = WINDOW - 1;
/// The weight of the oldest change.
const OLDEST: f64 = 0.8;
/// The weight of the newest change.
const NEWEST: f64 = 1.2;

/// When flapping begins and ends, in percent of the possible changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Marks {
    /// Flapping begins at this share.
    pub high: u8,
    /// Flapping ends below this share.
    pub low: u8,
}

impl Default for Marks {
    fn default() -> Self {
        Self { high: 25, low: 10 }
    }
}

/// Which of the last samples changed the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turns {
    /// One bit for each sample; the newest is the lowest bit.
    bits: u32,
}

impl Turns {
    /// The changes in the form that is saved: the newest in the lowest bit.
    pub(super) const fn bits(self) -> u32 {
        self.bits
    }

    /// Restores saved changes.
    pub(super) const fn of(bits: u32) -> Self {
        Self {
            bits: bits & ((1 << TURNS) - 1),
        }
    }

    /// Records whether a sample changed the verdict.
    pub(super) fn push(&mut self, turned: bool) {
        self.bits = (self.bits << 1 | u32::from(turned)) & ((1 << TURNS) - 1);
    }

    /// The weighted share of changes, in percent. It may be slightly over 100.
    pub(super) fn percent(self) -> f64 {
        let step = (NEWEST - OLDEST) / f64::from(TURNS - 1);
        let turned = (0..TURNS).filter(|age| self.bits >> age & 1 == 1);
        let weights = turned.map(|age| NEWEST - step * f64::from(age));
        weights.sum::<f64>() / f64::from(TURNS) * 100.0
    }

    /// True when none of the samples is a change.
    pub(super) const fn is_quiet(self) -> bool {
        self.bits == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `turns` is the series of samples, the oldest first; an x is a change.
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
