//! What the monitoring plugins agreed upon: threshold ranges and performance data. Pure.
//!
//! Source of the rules: the Monitoring Plugins Development Guidelines, "Plugin Output for Nagios"
//! and "Threshold and Ranges".

pub mod perfdata;
pub mod range;

pub use perfdata::{Perf, perfdata};
pub use range::Range;
