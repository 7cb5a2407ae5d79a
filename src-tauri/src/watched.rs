//! For how long a path was watched: how much of a span its uptime speaks of.

use up_engine::view::CurrentState;

use crate::rows;

/// How long a sample stands in an uptime at most, in seconds.
const STANDS: f64 = 300.0;

/// How often a path is checked. A check of each hour leaves most of the hour unknown to the uptime, though
/// the path is watched all the time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WatchRate {
    /// The seconds that are watched for each second that is known.
    times: f64,
}

impl WatchRate {
    /// That of a path that is checked so often, in seconds; `None` for one that nobody checks any more.
    pub(crate) fn every(interval: Option<f64>) -> Self {
        Self {
            times: (interval.unwrap_or(STANDS) / STANDS).max(1.0),
        }
    }

    /// That of a path as it is configured now.
    pub(crate) fn of(known: &CurrentState, path: &str) -> Self {
        let node = known.world.outline().find(path);
        Self::every(node.and_then(|id| rows::interval(known, id)))
    }

    /// For how many seconds of a span of this length the path was watched.
    pub(crate) fn watched(self, known: f64, span: f64) -> f64 {
        (known * self.times).min(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_checks_seldom_watches_all_the_time() {
        let check = |interval, known: f64, expected: f64| {
            let watched = WatchRate::every(interval).watched(known, 86_400.0);
            assert!((watched - expected).abs() < 1e-6, "{interval:?}: {watched}");
        };
        check(Some(30.0), 180.0, 180.0);
        check(None, 180.0, 180.0);
        check(Some(3_600.0), 24.0 * 300.0, 86_400.0);
        check(Some(3_600.0), 300.0, 3_600.0);
        check(Some(86_400.0), 600.0, 86_400.0);
    }
}
