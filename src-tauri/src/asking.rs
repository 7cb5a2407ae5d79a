//! What every question about the past needs: a span that was checked, the stores that have a path, and
//! a deadline. It knows no answer.

use std::time::Duration;

use up_engine::HistoryRoutes;
use up_engine::view::CurrentState;

/// The longest span of history, in seconds: a little more than ten years.
const MAX_SPAN: f64 = 3_700.0 * 86_400.0;
/// How long a history may take to load before the request fails.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(20);

/// Which stores have the history of which path.
pub(crate) fn routes(known: &CurrentState) -> HistoryRoutes {
    HistoryRoutes::new(known.stores.clone(), known.plan.as_deref())
}

/// The answer, unless it takes too long.
pub(crate) async fn within_timeout<T>(
    load: impl Future<Output = Result<T, up_history::StoreError>>,
) -> Result<T, String> {
    let done = tokio::time::timeout(HISTORY_TIMEOUT, load).await;
    let seconds = HISTORY_TIMEOUT.as_secs();
    done.map_err(|_| format!("No history answered within {seconds} s."))?
        .map_err(|error| error.to_string())
}

/// The span, if it is one that can be asked for.
pub(crate) fn check_span(from: f64, to: f64) -> Result<(f64, f64), String> {
    // The last date that is understood everywhere is in the year 9999.
    let is_valid = |date: f64| (0.0..253_402_300_800.0).contains(&date);
    if !(is_valid(from) && is_valid(to) && from < to) {
        return Err(
            "The time range is invalid: it must start before it ends, in the years 1970 to 9999."
                .into(),
        );
    }
    if to - from > MAX_SPAN {
        return Err("The time range is longer than ten years.".into());
    }
    Ok((from, to))
}
