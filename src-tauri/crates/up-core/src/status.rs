//! The status: a number from 0 (down) to 1 (up), and the level that decides about words and
//! colours.

use serde::{Deserialize, Serialize};

/// A status: a finite number from 0 (down) to 1 (up).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Status(f64);

impl Status {
    /// Completely up.
    pub const UP: Self = Self(1.0);
    /// Half up. A warning counts as this.
    pub const HALF: Self = Self(0.5);
    /// Completely down.
    pub const DOWN: Self = Self(0.0);

    /// The status with this value; `None` when it is no number from 0 to 1.
    pub fn new(value: f64) -> Option<Self> {
        // Adding zero turns -0.0 into 0.0, so that equal statuses are printed alike.
        (0.0..=1.0).contains(&value).then_some(Self(value + 0.0))
    }

    /// The number, from 0 to 1.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// The level: floor(status × 4), 0 to 4.
    pub fn level(self) -> Level {
        match self.0 {
            v if v >= 1.0 => Level::Up,
            v if v >= 0.75 => Level::MostlyUp,
            v if v >= 0.5 => Level::Half,
            v if v >= 0.25 => Level::MostlyDown,
            _ => Level::Down,
        }
    }

    /// True of 1 only.
    pub fn is_up(self) -> bool {
        self.level() == Level::Up
    }
}

impl TryFrom<f64> for Status {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::new(value).ok_or_else(|| format!("a status is a number from 0 to 1, not {value}"))
    }
}

impl From<Status> for f64 {
    fn from(status: Status) -> Self {
        status.0
    }
}

/// The level: floor(status × 4). It decides about words and colours. The worst is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// 0 ≤ status < 0.25
    Down = 0,
    /// 0.25 ≤ status < 0.5
    MostlyDown = 1,
    /// 0.5 ≤ status < 0.75
    Half = 2,
    /// 0.75 ≤ status < 1
    MostlyUp = 3,
    /// status = 1
    Up = 4,
}

impl Level {
    /// The level as a number from 0 to 4.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, expected: Option<u8>) {
        assert_eq!(
            Status::new(value).map(|s| s.level().number()),
            expected,
            "status {value}"
        );
    }

    #[test]
    fn level_is_the_floor_of_four_times_the_status() {
        check(0.0, Some(0));
        check(-0.0, Some(0));
        check(0.249_9, Some(0));
        check(0.25, Some(1));
        check(0.499_99, Some(1));
        check(0.5, Some(2));
        check(0.75, Some(3));
        check(0.999_999_999, Some(3));
        check(1.0, Some(4));
    }

    #[test]
    fn what_is_no_number_from_0_to_1_is_no_status() {
        for value in [-0.1, 1.000_1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            check(value, None);
        }
    }
}
