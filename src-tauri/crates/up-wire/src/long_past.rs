//! The shapes of long times: the year of one path, the uptimes of some, and what a span comes to for all.
//!
//! Room: shapes only. Every figure comes from a store, which counts all samples.

use serde::Serialize;

/// How one path was over long times.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LongView {
    /// The end of all windows, Unix seconds.
    pub to: f64,
    /// The uptime over windows that end at `to`, the longest first.
    pub windows: Vec<UptimeWindow>,
    /// The days of the longest window that have something, oldest first.
    pub days: Vec<DayOfYear>,
    /// Each of the 168 hours of a week over the longest window, from Monday at midnight on.
    pub hours: Vec<PartOfTime>,
    /// Each month of the year over the longest window, from January on.
    pub months: Vec<PartOfTime>,
    /// The name of the store that answered, for a person.
    pub store: String,
    /// Why the preferred store did not answer; `null` when it did.
    pub fallback: Option<String>,
}

/// The uptime over a time that ends now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UptimeWindow {
    /// The length of the window in seconds.
    pub seconds: f64,
    /// The mean status by time, 0 to 1; `null` if no time is known.
    pub uptime: Option<f64>,
    /// For how many seconds the status is known.
    pub known: f64,
    /// For how many seconds the path was watched: what is known, and all of each interval of a path that
    /// is checked less often than its uptime takes a status to last.
    pub watched: f64,
}

/// The uptimes of one path over the windows that a request names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PathUptimes {
    /// The path.
    pub path: String,
    /// The windows, in the order of the request.
    pub windows: Vec<UptimeWindow>,
}

/// What all hours of one weekday, or all months of one name, come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PartOfTime {
    /// The mean status by time; `null` if no time is known.
    pub uptime: Option<f64>,
    /// The mean duration of the samples with a status, seconds; `null` without such samples.
    pub duration: Option<f64>,
}

/// One day of a path.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DayOfYear {
    /// When the day began, Unix seconds.
    pub from: f64,
    /// The mean status by time, 0 to 1; `null` if no time is known.
    pub uptime: Option<f64>,
    /// For how many seconds the status is known.
    pub known: f64,
}

/// What a span comes to for every path.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Overview {
    /// The paths that have samples in the span, sorted.
    pub paths: Vec<OverviewPath>,
    /// The name of the store that answered, for a person.
    pub store: String,
    /// Why the preferred store did not answer; `null` when it did.
    pub fallback: Option<String>,
}

/// What a span comes to for one path.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OverviewPath {
    /// The path.
    pub path: String,
    /// The mean status by time, 0 to 1; `null` if no time is known.
    pub uptime: Option<f64>,
    /// For how many seconds of the span the path was watched, as in [`UptimeWindow`].
    pub watched: f64,
    /// The standard deviation of the statuses, by sample.
    pub deviation: Option<f64>,
    /// How many samples with a status there are.
    pub count: f64,
    /// The level of the newest sample; `null` if it is unknown.
    pub level: Option<u8>,
}
