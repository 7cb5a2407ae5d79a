//! This system does not report that it goes to sleep. Only the clocks show it.

/// What a system could report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(dead_code, reason = "the same as where it is said")]
pub(super) enum LogindSignal {
    Asleep,
    Awake,
}

/// A listener that never reports anything.
pub(super) struct Logind;

impl Logind {
    pub(super) fn open() -> Self {
        Self
    }

    pub(super) async fn said(&mut self) -> LogindSignal {
        std::future::pending().await
    }
}
