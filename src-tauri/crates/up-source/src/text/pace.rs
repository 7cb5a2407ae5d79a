//! Slices of computing time, so that long computations yield to other tasks.

use std::time::{Duration, Instant};

/// How long a computation runs before it yields.
const SLICE: Duration = Duration::from_millis(1);

/// Tells a computation when to yield. It asks often, and yields between two slices. At these points
/// it can be dropped, and moved to another thread.
#[derive(Debug)]
pub(crate) struct Pace {
    /// The end of the current slice. `None` if the computation never yields.
    until: Option<Instant>,
}

impl Pace {
    /// The pace of a computation whose first slice begins now.
    pub(crate) fn starting_now() -> Self {
        Self {
            until: Some(Instant::now() + SLICE),
        }
    }

    /// The pace of a computation that never yields, where nothing else has to run.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn undivided() -> Self {
        Self { until: None }
    }

    /// Yields if the slice is over.
    pub(crate) async fn breathe(&mut self) {
        if self.until.is_some_and(|until| until <= Instant::now()) {
            self.rest().await;
        }
    }

    /// Yields now, before a step that takes long and cannot be divided.
    pub(crate) async fn rest(&mut self) {
        if self.until.is_some() {
            tokio::task::yield_now().await;
            *self = Self::starting_now();
        }
    }
}
