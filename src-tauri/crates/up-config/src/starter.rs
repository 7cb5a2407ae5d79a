//! The configuration that `up init` writes.

/// A commented up.toml to start from. It is valid, and its sources exist.
pub fn starter() -> &'static str {
    include_str!("../../../../config/starter.toml")
}
