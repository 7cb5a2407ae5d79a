//! Threshold ranges and performance data of Nagios plugins. Both are pure functions of text.
//!
//! Source of the rules: the Monitoring Plugins Development Guidelines, sections "Plugin Output for
//! Nagios" and "Threshold and Ranges".

pub mod perfdata;
pub mod range;

pub use perfdata::{Perf, perfdata};
pub use range::Range;
