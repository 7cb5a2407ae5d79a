//! `up why`, asked of a running `up watch` that tells a webhook: why people were told, and why not.

mod held;
mod site;
mod told;
