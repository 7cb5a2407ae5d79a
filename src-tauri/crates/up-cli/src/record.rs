//! What a one-shot check leaves behind, where a sink asks for it.

use std::io::{self, Write};

use up_config::Plan;
use up_core::World;

/// Keeps the samples and the note where the plan's sinks want them. Trouble with that is said on
/// stderr, and changes neither what was printed nor the exit status.
pub(crate) async fn record(plan: &Plan, world: &World, note: Option<&str>) {
    for trouble in up_engine::keep_once(plan, &up_config::data_dir(), Some(world), note).await {
        let _ = writeln!(io::stderr(), "{trouble}");
    }
}
