//! Holds: why a source is not scored now. Several reasons may exist at once. Each is set and
//! removed by the part of Up that knows of it, and the strongest one is shown.

use serde::Serialize;

/// Why a source is not scored now. The strongest reason is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// A person paused it.
    Paused,
    /// A maintenance window is open.
    Maintenance,
    /// This machine's network is gone.
    Offline,
    /// Something that the source depends on is down.
    Unreachable,
}

impl Hold {
    /// All reasons, the strongest first.
    pub const ALL: [Self; 4] = [
        Self::Paused,
        Self::Maintenance,
        Self::Offline,
        Self::Unreachable,
    ];

    /// The name of the hold in JSON and to the panel.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Maintenance => "maintenance",
            Self::Offline => "offline",
            Self::Unreachable => "unreachable",
        }
    }

    /// The word that is shown in place of a level's word. It is the same in every mood.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paused => "PAUSED",
            Self::Maintenance => "MAINTENANCE",
            Self::Offline => "OFFLINE",
            Self::Unreachable => "UNREACHABLE",
        }
    }
}

/// The reasons for which one source is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holds(u8);

impl Holds {
    /// Adds a reason, or removes it. Returns true when that changed anything.
    pub fn set(&mut self, reason: Hold, held: bool) -> bool {
        let (before, bit) = (self.0, 1 << reason as u8);
        self.0 = if held { before | bit } else { before & !bit };
        self.0 != before
    }

    /// True while the source is held for this reason.
    pub const fn has(self, hold: Hold) -> bool {
        self.0 & (1 << hold as u8) != 0
    }

    /// The strongest reason.
    pub fn strongest(self) -> Option<Hold> {
        Hold::ALL.into_iter().find(|hold| self.has(*hold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_of_several_reasons_is_shown() {
        let mut holds = Holds::default();
        assert!(holds.set(Hold::Unreachable, true));
        assert!(holds.set(Hold::Paused, true));
        assert!(!holds.set(Hold::Paused, true), "it was set already");
        assert_eq!(holds.strongest(), Some(Hold::Paused));
        holds.set(Hold::Paused, false);
        assert_eq!(holds.strongest(), Some(Hold::Unreachable));
        holds.set(Hold::Unreachable, false);
        assert_eq!(holds.strongest(), None);
    }
}
