//! Text that peers send: how its bytes are decoded, and how it is searched without blocking other
//! checks.
//!
//! - `decode`: the bytes of a body as text; `charset`: the charset that an answer declares
//! - `pace`: slices of computing time; `aside`: long computations on a thread of their own
//! - `pattern`: the regular expressions of up.toml
//! - `search`: whether a text that arrives in blocks has a match; `capture`: what a group matched
//! - `threads`: an NFA simulation, for what the lazy DFA of `search` cannot decide

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
