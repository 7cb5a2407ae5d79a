//! The arguments of `up note`.

use clap::Args;

/// The arguments of `up note`.
#[derive(Debug, Args)]
pub(crate) struct NoteArgs {
    /// The text of the note
    #[arg(value_name = "TEXT", required_unless_present_any = ["edit", "remove"])]
    pub(crate) text: Option<String>,
    /// The path of the source or tree that the note is about [default: everything]
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// The time that the note is of: a duration before now ("90m"), a date or a time [default: now]
    #[arg(long, value_name = "WHEN")]
    pub(crate) at: Option<String>,
    /// Change the note with this ID, which `up history notes` prints: its text, and its --path and --at
    /// if they are there
    #[arg(long, value_name = "ID")]
    pub(crate) edit: Option<String>,
    /// With --edit: the note is about everything from now on
    #[arg(long, requires = "edit", conflicts_with = "path")]
    pub(crate) everything: bool,
    /// Remove the note with this ID
    #[arg(long, value_name = "ID", conflicts_with_all = ["text", "path", "at", "edit"])]
    pub(crate) remove: Option<String>,
}
