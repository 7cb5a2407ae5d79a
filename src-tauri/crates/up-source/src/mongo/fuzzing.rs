//! The entry point for the fuzz targets.

use up_core::CheckResult;
use up_core::fold::Policy;
use up_history::mongo::{FleetReport, FleetScope};

use super::seen::Seen;
use super::tree;

/// The results of two checks that read the same of a fleet.
pub fn fleet(report: &FleetReport) -> [CheckResult; 2] {
    let mut seen = Seen::default();
    [(), ()].map(|()| {
        seen.take(report.clone(), &FleetScope::default());
        tree::result(&mut seen, Policy::Mean)
    })
}
