//! Performance data of Nagios plugins, a pure function of text. Its threshold ranges are
//! [`up_core::Range`].
//!
//! Source of the rules: the Monitoring Plugins Development Guidelines, sections "Plugin Output for
//! Nagios" and "Threshold and Ranges".

pub mod perfdata;

pub use perfdata::{Perf, perfdata};
