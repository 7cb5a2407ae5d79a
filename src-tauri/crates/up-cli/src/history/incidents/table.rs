//! Incidents as JSON, and as comma-separated values.

use serde::Serialize;
use up_core::Timestamp;
use up_engine::{IncidentOutcome, Incidents, PathIncident, csv_field};
use up_history::state::DeliveredNotice;

use crate::failure::CommandFailure;

/// The first line of a table.
const HEADER: &str = "path,from,until,level,code,cause,told,told_by,acknowledged,acknowledged_by,note,recovery_told,recovery_told_by";

#[derive(Serialize)]
struct IncidentsJson<'a> {
    schema: u8,
    from: f64,
    to: f64,
    incidents: Vec<PathIncidentJson<'a>>,
    /// How many older ones there are.
    more: u64,
    /// What `--before` has to be for the next ones; `null` if there are none.
    next: Option<f64>,
}

#[derive(Serialize)]
struct PathIncidentJson<'a> {
    path: &'a str,
    #[serde(flatten)]
    incident: up_engine::IncidentJson<'a>,
    /// `null` without an acknowledgement, or if none is kept of that time.
    acknowledged: Option<AcknowledgementJson<'a>>,
    /// `null` if nobody was told, or if no notice is kept of that time.
    told: Option<DeliveredNoticeJson<'a>>,
    recovery_told: Option<DeliveredNoticeJson<'a>>,
}

#[derive(Serialize)]
struct AcknowledgementJson<'a> {
    date: f64,
    /// Who gave it, `user@agent`; `null` if that was not kept.
    by: Option<&'a str>,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct DeliveredNoticeJson<'a> {
    date: f64,
    sinks: &'a [String],
}

/// The incidents as one object.
pub(super) fn json(
    (from, to): (Timestamp, Timestamp),
    found: &Incidents,
    outcomes: &[IncidentOutcome],
) -> Result<String, CommandFailure> {
    let all = found.newest.iter().zip(outcomes);
    let document = IncidentsJson {
        schema: 1,
        from,
        to,
        incidents: all.map(incident_json).collect(),
        more: found.more,
        next: found.next,
    };
    let text = serde_json::to_string(&document).map_err(CommandFailure::json)?;
    Ok(format!("{text}\n"))
}

/// The incidents as a line each. Dates are Unix seconds.
pub(super) fn csv(found: &Incidents, outcomes: &[IncidentOutcome]) -> String {
    let lines = found.newest.iter().zip(outcomes).map(line);
    std::iter::once(format!("{HEADER}\r\n"))
        .chain(lines)
        .collect()
}

fn line((PathIncident { path, incident }, outcome): (&PathIncident, &IncidentOutcome)) -> String {
    let date = |date: Option<Timestamp>| date.map(|date| date.to_string()).unwrap_or_default();
    let text = |text: Option<&str>| text.map(csv_field).unwrap_or_default();
    let told = |told: Option<&DeliveredNotice>| {
        let sinks = told.map(|told| told.sinks.join(" "));
        [date(told.map(|told| told.date)), text(sinks.as_deref())].join(",")
    };
    let cause = incident.cause.as_ref();
    let given = outcome.acknowledged.as_ref();
    let fields = [
        csv_field(path),
        date(Some(incident.from)),
        date(incident.until),
        incident.level.number().to_string(),
        text(cause.and_then(|cause| Some(cause.code?.code()))),
        text(cause.map(up_history::KeptCause::text)),
        told(outcome.notices.down.as_ref()),
        date(given.map(|given| given.date)),
        text(given.and_then(|given| given.by.as_deref())),
        text(given.and_then(|given| given.note.as_deref())),
        told(outcome.notices.recovery.as_ref()),
    ];
    format!("{}\r\n", fields.join(","))
}

fn incident_json<'a>(
    (PathIncident { path, incident }, outcome): (&'a PathIncident, &'a IncidentOutcome),
) -> PathIncidentJson<'a> {
    let notice = |told: &'a DeliveredNotice| DeliveredNoticeJson {
        date: told.date,
        sinks: &told.sinks,
    };
    PathIncidentJson {
        path,
        incident: up_engine::IncidentJson::of(incident),
        acknowledged: outcome
            .acknowledged
            .as_ref()
            .map(|given| AcknowledgementJson {
                date: given.date,
                by: given.by.as_deref(),
                note: given.note.as_deref(),
            }),
        told: outcome.notices.down.as_ref().map(notice),
        recovery_told: outcome.notices.recovery.as_ref().map(notice),
    }
}
