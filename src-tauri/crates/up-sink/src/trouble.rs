//! What is wrong with a sink.

use tokio::sync::watch;

/// One trouble of a sink. Its text may differ each time (by a pause, a session's id, the output of a
/// program): only another class is another trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkTrouble {
    /// Equal for two lines that report the same trouble.
    pub class: String,
    /// One line for a person.
    pub text: String,
}

impl SinkTrouble {
    /// A trouble of a class.
    pub(crate) fn new(class: impl std::fmt::Debug, text: String) -> Self {
        Self {
            class: format!("{class:?}"),
            text,
        }
    }

    /// Sets the present trouble, if it is another one or says it otherwise; `None` when all is well.
    pub(crate) fn set(shown: &watch::Sender<Option<Self>>, trouble: Option<Self>) {
        shown.send_if_modified(|shown| {
            let is_new = *shown != trouble;
            *shown = trouble;
            is_new
        });
    }
}
