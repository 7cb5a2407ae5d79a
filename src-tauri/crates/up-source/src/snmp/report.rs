//! Reports of a v3 engine, which it sends instead of a response. The counter that a report contains
//! says why.

use super::ber::RawOid;

/// Why an engine sent a report (RFC 3414, section 5; RFC 3412, section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EngineReport {
    /// usmStatsUnsupportedSecLevels
    UnsupportedLevel,
    /// usmStatsNotInTimeWindows
    NotInTimeWindow,
    /// usmStatsUnknownUserNames
    UnknownUser,
    /// usmStatsUnknownEngineIDs
    UnknownEngine,
    /// usmStatsWrongDigests
    WrongDigest,
    /// usmStatsDecryptionErrors
    Undecipherable,
    /// snmpUnavailableContexts, snmpUnknownContexts
    UnknownContext,
    /// Any other counter.
    Other,
}

/// usmStats, 1.3.6.1.6.3.15.1.1
const USM_STATS: &RawOid = &[0x2b, 6, 1, 6, 3, 15, 1, 1];
/// snmpTargetObjects, 1.3.6.1.6.3.12.1
const TARGET_OBJECTS: &RawOid = &[0x2b, 6, 1, 6, 3, 12, 1];

impl EngineReport {
    /// The report that contains this counter.
    pub(super) fn of(counter: &RawOid) -> Self {
        let below = |root| counter.strip_prefix(root).and_then(<[u8]>::first);
        match (below(USM_STATS), below(TARGET_OBJECTS)) {
            (Some(1), _) => Self::UnsupportedLevel,
            (Some(2), _) => Self::NotInTimeWindow,
            (Some(3), _) => Self::UnknownUser,
            (Some(4), _) => Self::UnknownEngine,
            (Some(5), _) => Self::WrongDigest,
            (Some(6), _) => Self::Undecipherable,
            (_, Some(4 | 5)) => Self::UnknownContext,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_told_by_their_counter() {
        let check = |counter: &RawOid, expected| {
            assert_eq!(EngineReport::of(counter), expected, "{counter:?}");
        };
        check(
            &[0x2b, 6, 1, 6, 3, 15, 1, 1, 3, 0],
            EngineReport::UnknownUser,
        );
        check(&[0x2b, 6, 1, 6, 3, 15, 1, 1, 5], EngineReport::WrongDigest);
        check(
            &[0x2b, 6, 1, 6, 3, 12, 1, 5, 0],
            EngineReport::UnknownContext,
        );
        check(&[0x2b, 6, 1, 6, 3, 15, 1, 1, 9, 0], EngineReport::Other);
        check(&[0x2b, 6, 1, 6, 3, 15, 1, 1], EngineReport::Other);
        check(&[], EngineReport::Other);
    }
}
