//! Text that peers send: how its bytes are decoded, and how it is searched without holding up
//! anyone else.
//!
//! - `decode`: a body's bytes as text; `charset`: which charset an answer names
//! - `pace`: slices of computing time; `aside`: long computations off the event loop
//! - `pattern`: regular expressions of up.toml
//! - `search`: whether a text that comes in blocks has a match; `capture`: what a group matched
//! - `threads`: the simulation of an NFA, for what the lazy DFA of `search` cannot tell

mod aside;
mod capture;
mod charset;
mod decode;
mod pace;
mod pattern;
mod search;
#[cfg(test)]
mod tests;
mod threads;

pub(crate) use aside::aside;
pub(crate) use charset::header_text;
pub(crate) use decode::DecodedText;
pub(crate) use pace::Pace;
pub(crate) use pattern::Pattern;
pub(crate) use search::Search;
