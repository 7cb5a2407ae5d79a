//! What people did about incidents of the past, and what they were told of them.

use std::path::Path;

use up_core::Timestamp;
use up_history::state::{Alert, AlertQuery, IncidentNotices, alerts};
use up_history::{KeptAcknowledgement, KeptIncident, Store, StoreError};

/// The most notices that are looked through, the newest.
const MAX_NOTICES: usize = 5_000;
/// How long before an incident the search for its notices begins, in seconds: the wall clock may have
/// been set back a little in between.
const BEFORE: f64 = 60.0;

/// What became of an incident among people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidentOutcome {
    /// The last acknowledgement that was given while it lasted.
    pub acknowledged: Option<KeptAcknowledgement>,
    /// What people were told of it.
    pub notices: IncidentNotices,
}

/// What became of each of these incidents, each with its path: by the acknowledgements of the embedded
/// store, and by the notices of the programs with this configuration, of all without one. What is
/// older than both has no outcome.
pub async fn ask_outcomes(
    embedded: &dyn Store,
    data: &Path,
    config: Option<&Path>,
    incidents: &[(&str, &KeptIncident)],
) -> Result<Vec<IncidentOutcome>, StoreError> {
    let begins = incidents.iter().map(|(_, incident)| incident.from);
    let Some(from) = begins.reduce(f64::min) else {
        return Ok(Vec::new());
    };
    let given = embedded.acknowledgements(from, Timestamp::MAX).await?;
    let query = AlertQuery {
        config: config.map(Into::into),
        from: from - BEFORE,
        most: MAX_NOTICES,
    };
    let data = data.to_owned();
    // The files may be large, and another program may be writing them.
    let alerts = tokio::task::spawn_blocking(move || alerts(&data, &query)).await;
    let alerts = alerts.unwrap_or_else(|_| Ok(Vec::new()))?;
    let outcome =
        |(path, incident): &(&str, &KeptIncident)| outcome(path, incident, &given, &alerts);
    Ok(incidents.iter().map(outcome).collect())
}

fn outcome(
    path: &str,
    incident: &KeptIncident,
    given: &[KeptAcknowledgement],
    alerts: &[Alert],
) -> IncidentOutcome {
    let mut newest_first = given.iter().rev();
    IncidentOutcome {
        acknowledged: newest_first.find(|one| one.is_of(path, incident)).cloned(),
        notices: IncidentNotices::of(path, incident, alerts),
    }
}
