//! Adds to incidents of the past what people did about them and what they were told of them.

use up_engine::{IncidentOutcome, ask_outcomes};
use up_history::KeptIncident;
use up_history::state::DeliveredNotice;
use up_wire::{PastAcknowledgement, PastIncident, PastNotice};

use crate::asking::within_timeout;
use crate::state::AppState;

/// Adds the outcomes to `shown`, which are the incidents of `kept` in the same order. Returns one line
/// for a person if they cannot be read; the incidents are then shown without them.
pub(crate) async fn attach(
    up: &AppState,
    kept: &[(&str, &KeptIncident)],
    shown: &mut [PastIncident],
) -> Option<String> {
    let embedded = up.view.read(|known| known.stores.last().cloned())?;
    let load = ask_outcomes(&*embedded, &up.data, Some(&up.config), kept);
    match within_timeout(load).await {
        Ok(outcomes) => {
            for (shown, outcome) in shown.iter_mut().zip(outcomes) {
                add(shown, outcome);
            }
            None
        }
        Err(why) => Some(format!("What people were told cannot be read: {why}")),
    }
}

fn add(shown: &mut PastIncident, outcome: IncidentOutcome) {
    shown.acknowledged = outcome.acknowledged.map(|given| PastAcknowledgement {
        date: given.date,
        by: given.by,
        note: given.note,
    });
    let notice = |told: DeliveredNotice| PastNotice {
        date: told.date,
        sinks: told.sinks,
    };
    shown.told = outcome.notices.down.map(notice);
    shown.recovery = outcome.notices.recovery.map(notice);
}

#[cfg(test)]
mod tests {
    use up_history::KeptAcknowledgement;
    use up_history::state::IncidentNotices;

    use super::*;

    #[test]
    fn an_incident_has_who_acknowledged_it_and_what_was_told() {
        let mut shown = PastIncident {
            path: "/R/a".into(),
            from: 10.0,
            until: Some(50.0),
            level: 0,
            cause: None,
            acknowledged: None,
            told: None,
            recovery: None,
        };
        let told = |date, sink: &str| {
            Some(DeliveredNotice {
                date,
                sinks: vec![sink.to_owned()],
            })
        };
        let outcome = IncidentOutcome {
            acknowledged: Some(KeptAcknowledgement {
                date: 20.0,
                path: "/R".into(),
                by: Some("ada@desk".into()),
                note: Some("on it".into()),
            }),
            notices: IncidentNotices {
                down: told(15.0, "hook"),
                recovery: told(55.0, "desktop"),
            },
        };
        add(&mut shown, outcome);
        let acknowledged = PastAcknowledgement {
            date: 20.0,
            by: Some("ada@desk".into()),
            note: Some("on it".into()),
        };
        assert_eq!(shown.acknowledged, Some(acknowledged));
        let notice = |date, sink: &str| {
            Some(PastNotice {
                date,
                sinks: vec![sink.to_owned()],
            })
        };
        assert_eq!(shown.told, notice(15.0, "hook"));
        assert_eq!(shown.recovery, notice(55.0, "desktop"));
        assert_eq!((shown.from, shown.until), (10.0, Some(50.0)));
    }
}
