//! The configuration that `up init` writes.

/// A commented up.toml to start with, which is valid and says something true at once.
pub fn starter() -> &'static str {
    include_str!("../../../../config/starter.toml")
}
