//! Slices of computing time.

use std::time::{Duration, Instant};

/// How long a computation goes on before it lets others go on.
const SLICE: Duration = Duration::from_millis(1);

/// When a computation must let others go on. It asks often, and yields between two slices: there it
/// can be dropped, and moved to another thread.
#[derive(Debug)]
pub(crate) struct Pace {
    /// The end of the slice; none where nobody else waits.
    until: Option<Instant>,
}

impl Pace {
    /// A computation that is short for most inputs: its first slice begins now.
    pub(crate) fn starting_now() -> Self {
        Self {
            until: Some(Instant::now() + SLICE),
        }
    }

    /// A computation that is not divided, where nobody else waits.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn undivided() -> Self {
        Self { until: None }
    }

    /// Lets others go on when the slice is over.
    pub(crate) async fn breathe(&mut self) {
        if self.until.is_some_and(|until| until <= Instant::now()) {
            self.rest().await;
        }
    }

    /// Lets others go on now: before something that takes long and cannot be divided.
    pub(crate) async fn rest(&mut self) {
        if self.until.is_some() {
            tokio::task::yield_now().await;
            *self = Self::starting_now();
        }
    }
}
