//! How a one-shot check explains a failure that comes from this machine's own missing network.

use up_core::connectivity::{Reach, RouteScope};
use up_core::{Cause, CauseCode, Sample};

use super::route_table::FAR;
use super::routes::Routes;

/// True when the machine has no default route.
pub(crate) fn is_cut_off() -> bool {
    let mut routes = Routes::default();
    let far = FAR.map(|ip| routes.to(ip));
    far.iter().all(|route| {
        route
            .as_ref()
            .is_some_and(|route| route.scope == RouteScope::Gone)
    })
}

/// Adds to the cause of a failed check that this machine is offline. Call it on a machine without a
/// network.
pub(crate) fn explain(sample: &mut Sample, reach: &Reach) {
    let (Some(cause), Some(host)) = (&sample.cause, reach.host()) else {
        return;
    };
    let can_be = [CauseCode::Dns, CauseCode::Unreachable, CauseCode::Timeout];
    if !can_be.contains(&cause.code) {
        return;
    }
    let is_routed = host.parse().is_ok_and(|ip| {
        let route = Routes::default().to(ip);
        route.is_none_or(|route| route.scope != RouteScope::Gone)
    });
    if !is_routed {
        let text = format!(
            "{} (this machine itself is offline: it has no route that leads there)",
            cause.text
        );
        sample.cause = Some(Cause::new(cause.code, text));
    }
}
