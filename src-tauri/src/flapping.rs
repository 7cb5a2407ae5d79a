//! Says of a source that it flaps, for the panel: since when, and how often it changed.
//!
//! This module is pure and decides nothing: the core's judge does.

use up_core::judge::WINDOW;
use up_core::world::NodeState;
use up_wire::Flapping;

/// How the node flaps; `None` if it does not, or is not scored now.
pub(crate) fn flapping_of(state: &NodeState) -> Option<Flapping> {
    let (since, changes) = state.judge.flapping()?;
    state.hold.is_none().then_some(Flapping {
        since,
        changes,
        results: WINDOW,
    })
}

#[cfg(test)]
mod tests {
    use up_core::{Hold, World};

    use super::*;
    use crate::test_support::{ScriptedLeaf, sample, world};

    #[test]
    fn a_source_that_changes_too_often_is_said_to_flap() {
        let mut world = world(&[("a", ScriptedLeaf::At(1.0))]);
        let a = world.outline().find("/Root/a").expect("it is there");
        let found = |world: &World| flapping_of(world.state(a));
        assert_eq!(found(&world), None);
        // Rows of three change what is believed before they end.
        for at in 0..24_u8 {
            let status = f64::from(at / 3 % 2);
            let date = 1_030.0 + f64::from(at);
            world.apply(a, sample(Some(status), date));
        }
        let flapping = found(&world).expect("it flaps");
        assert_eq!((flapping.changes, flapping.results), (6, 21));
        assert!((1_030.0..1_054.0).contains(&flapping.since), "{flapping:?}");
        world.hold(a, Hold::Paused, true);
        assert_eq!(found(&world), None, "what is held is not scored");
    }
}
