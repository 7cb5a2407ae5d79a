//! The phrases that follow a count in the summary about a tree, one for each code.

use super::answer::SummaryCode;

impl SummaryCode {
    /// All codes, the most important first.
    pub const ALL: &'static [Self] = &[
        Self::Told,
        Self::Gathering,
        Self::RateLimited,
        Self::Silenced,
        Self::Acknowledged,
        Self::NotAlertable,
        Self::Doubt,
        Self::Offline,
        Self::Unreachable,
        Self::Maintenance,
        Self::Paused,
        Self::Recovered,
        Self::OwnNetwork,
        Self::WasUnreachable,
        Self::WasHeld,
        Self::Reverted,
        Self::WasSilenced,
        Self::Unconfirmed,
        Self::WasNotAlertable,
        Self::Unasked,
        Self::Nothing,
    ];

    /// The phrase for `count` of a tree's sources with this code, such as `are in trouble and were
    /// told`.
    pub(super) const fn of_several(self, count: usize) -> &'static str {
        let one = count == 1;
        match self {
            Self::Told if one => "is in trouble and was told",
            Self::Told => "are in trouble and were told",
            Self::Gathering if one => "is in trouble and about to be told",
            Self::Gathering => "are in trouble and about to be told",
            Self::RateLimited if one => "waits for the next minute's notices",
            Self::RateLimited => "wait for the next minute's notices",
            Self::Silenced if one => "is in trouble and snoozed or muted",
            Self::Silenced => "are in trouble and snoozed or muted",
            Self::Acknowledged if one => "is in trouble and acknowledged",
            Self::Acknowledged => "are in trouble and acknowledged",
            Self::NotAlertable if one => "is in trouble that is not alertable",
            Self::NotAlertable => "are in trouble that is not alertable",
            Self::Doubt if one => "is in doubt",
            Self::Doubt => "are in doubt",
            Self::Offline if one => "is held because our own network is gone",
            Self::Offline => "are held because our own network is gone",
            Self::Unreachable if one => "is held because what it depends on is down",
            Self::Unreachable => "are held because what they depend on is down",
            Self::Maintenance if one => "is under maintenance",
            Self::Maintenance => "are under maintenance",
            Self::Paused if one => "is paused",
            Self::Paused => "are paused",
            Self::Recovered => "recovered, which was told",
            Self::OwnNetwork => "failed because of our own network, which was not told",
            Self::WasUnreachable => "could not be reached, which was not told",
            Self::WasHeld if one => "was paused or under maintenance",
            Self::WasHeld => "were paused or under maintenance",
            Self::Reverted => "recovered before anybody was told",
            Self::WasSilenced => "recovered while snoozed or muted",
            Self::Unconfirmed => "failed without being confirmed, which was not told",
            Self::WasNotAlertable if one => "was in trouble that was not alertable",
            Self::WasNotAlertable => "were in trouble that was not alertable",
            Self::Unasked if one => "was not checked yet",
            Self::Unasked => "were not checked yet",
            Self::Nothing if one => "has nothing to tell",
            Self::Nothing => "have nothing to tell",
        }
    }

    /// True of a code whose sources are listed in an answer about their tree.
    pub(super) const fn matters(self) -> bool {
        !matches!(self, Self::Nothing | Self::Unasked)
    }
}
