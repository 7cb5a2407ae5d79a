//! `up why` with a running `up watch` and a webhook: why people were notified, and why not.

mod held;
mod site;
mod told;
