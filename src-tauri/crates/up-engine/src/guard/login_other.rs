//! Nobody says that this system goes to sleep: the clocks alone tell.

/// What would be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(dead_code, reason = "the same as where it is said")]
pub(super) enum Word {
    Asleep,
    Awake,
}

/// Nobody to listen to.
pub(super) struct Login;

impl Login {
    pub(super) fn open() -> Self {
        Self
    }

    pub(super) async fn said(&mut self) -> Word {
        std::future::pending().await
    }
}
