//! What people were told of one incident, among all notices.

use up_core::Timestamp;
use up_core::alert::Member;

use super::{Alert, DeliveryState};
use crate::answer::KeptIncident;

/// How far the beginning of an outage in a notice may lie before that of its incident, in seconds: both
/// are the date of one sample, which a store rounds.
const SLACK: f64 = 1.0;

/// One thing that people were told.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveredNotice {
    /// When the notice was made, Unix seconds.
    pub date: Timestamp,
    /// The sinks that delivered it.
    pub sinks: Vec<String>,
}

/// What people were told of an incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidentNotices {
    /// The first notice that it is down; `None` if nobody was told.
    pub down: Option<DeliveredNotice>,
    /// The first notice of its recovery.
    pub recovery: Option<DeliveredNotice>,
}

impl IncidentNotices {
    /// Those of an incident of a path. The alerts come newest first, as they are read.
    pub fn of(path: &str, incident: &KeptIncident, alerts: &[Alert]) -> Self {
        let is_meant = |member: &&Member| {
            &*member.path == path
                && member.since.date >= incident.from - SLACK
                && incident.until.is_none_or(|until| member.since.date < until)
        };
        let mut found = Self::default();
        for alert in alerts.iter().rev() {
            let Some(member) = alert.notice.members.iter().find(is_meant) else {
                continue;
            };
            let place = match member.until {
                None => &mut found.down,
                Some(_) => &mut found.recovery,
            };
            if place.is_none() {
                *place = Some(told(alert));
            }
        }
        found
    }
}

fn told(alert: &Alert) -> DeliveredNotice {
    let delivered = alert.deliveries.iter();
    let delivered = delivered.filter(|record| record.fate == DeliveryState::Delivered);
    DeliveredNotice {
        date: alert.notice.date,
        sinks: delivered.map(|record| record.sink.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use up_core::alert::Urgency;
    use up_core::{Level, NodeId, Notice, NoticeKind, Verdict};

    use super::super::DeliveryRecord;
    use super::*;

    fn alert(date: f64, members: &[(&str, f64, Option<f64>)], sink: DeliveryState) -> Alert {
        let member = |(path, since, until): &(&str, f64, Option<f64>)| Member {
            node: NodeId::GONE,
            path: Arc::from(*path),
            verdict: Verdict::At(until.map_or(Level::Down, |_| Level::Up)),
            status: None,
            cause: None,
            since: up_core::Beginning::observed(*since),
            until: *until,
            off: None,
        };
        Alert {
            program: "watch".into(),
            notice: Notice {
                id: 1,
                kind: NoticeKind::Down,
                path: "/R".into(),
                members: members.iter().map(member).collect(),
                among: None,
                behind: 0,
                urgency: Urgency::Critical,
                since: 0.0,
                date,
                replaces: Vec::new(),
            },
            deliveries: vec![DeliveryRecord {
                sink: "webhook".into(),
                fate: sink,
                date,
            }],
            end: None,
        }
    }

    #[test]
    fn an_incident_has_its_own_notices() {
        let alerts = [
            alert(900.0, &[("/R/a", 800.0, None)], DeliveryState::Delivered),
            alert(
                300.0,
                &[("/R/a", 100.0, Some(290.0)), ("/R/b", 100.0, None)],
                DeliveryState::Waiting,
            ),
            // A reminder.
            alert(200.0, &[("/R/a", 100.0, None)], DeliveryState::Delivered),
            alert(110.0, &[("/R/a", 100.0, None)], DeliveryState::Delivered),
        ];
        let check =
            |path: &str, from: f64, until: Option<f64>, expected: [Option<(f64, usize)>; 2]| {
                let incident = KeptIncident {
                    from,
                    until,
                    level: Level::Down,
                    cause: None,
                };
                let found = IncidentNotices::of(path, &incident, &alerts);
                let said = [found.down, found.recovery]
                    .map(|told| told.map(|told| (told.date, told.sinks.len())));
                assert_eq!(said, expected, "{path} from {from}");
            };
        check(
            "/R/a",
            100.0,
            Some(290.0),
            [Some((110.0, 1)), Some((300.0, 0))],
        );
        check("/R/a", 800.0, None, [Some((900.0, 1)), None]);
        check("/R/b", 100.0, None, [Some((300.0, 0)), None]);
        check("/R/a", 400.0, Some(500.0), [None, None]);
        check("/R/c", 100.0, None, [None, None]);
    }
}
