//! Records the result of a one-shot check if a sink asks for it.

use std::io::{self, Write};

use up_config::Plan;
use up_core::World;

/// Records the samples and the note in the stores that the sinks of the plan name. Troubles are
/// printed on stderr, and change neither the output nor the exit status.
pub(crate) async fn record(plan: &Plan, world: &World, note: Option<&str>) {
    for trouble in up_engine::keep_once(plan, &up_config::data_dir(), Some(world), note).await {
        let _ = writeln!(io::stderr(), "{trouble}");
    }
}
