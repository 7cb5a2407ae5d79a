//! The arguments of the command line. The doc comment of an item is its text in `--help` and in the
//! man page.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use up_core::Mood;

use history::HISTORY_MEANING;
pub(crate) use history::{
    CalendarPart, HistoryArgs, HistoryCommand, IncidentLevel, IncidentsArgs, SpanArgs, WriterArgs,
};
pub(crate) use note::NoteArgs;

mod history;
mod note;

/// Is it up? Without a command, checks every source of up.toml once and prints the tree
#[derive(Debug, Parser)]
#[expect(clippy::doc_markdown, reason = "the help text is no Markdown")]
#[command(
    name = "up",
    version,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = false
)]
#[command(
    after_help = "Exit status: 0 if all sources are up, or the configuration is valid; 1 if \
                        a source is below up or unknown; 2 after a usage or configuration error, \
                        with nothing checked."
)]
pub(crate) struct Cli {
    /// The configuration file [default: $UP_CONFIG, else ./up.toml, else up/up.toml in the user's
    /// configuration directory; the last two only if no other user can write to them]
    #[arg(short, long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Print one more level of the tree; may be repeated: -v for the root's children, -vv for
    /// theirs
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// A note to print first, and to record in the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    #[command(flatten)]
    pub(crate) mood: MoodArgs,
    /// Print JSON instead of lines
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log to this file, which only you can read. At 4 MiB it is renamed to FILE.1 and begun anew.
    /// $UP_LOG says what is logged ("info", "debug", "warn,up_engine=trace"); with $UP_LOG alone,
    /// Up logs to standard error
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) log_file: Option<PathBuf>,
    /// When to print colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: ColorWhen,
    #[command(subcommand)]
    pub(crate) command: Option<CliCommand>,
}

/// The mood: the words, and the levels of which people are notified.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct MoodArgs {
    /// Use plain words; notify of DOWN and MOSTLY DOWN
    #[arg(long, global = true)]
    pub(crate) realist: bool,
    /// Use kind words; notify of DOWN only
    #[arg(long, global = true)]
    pub(crate) optimist: bool,
    /// Use gloomy words; notify of everything below UP
    #[arg(long, global = true)]
    pub(crate) pessimist: bool,
}

impl MoodArgs {
    /// The mood in the arguments, if there is one.
    pub(crate) fn mood(&self) -> Option<Mood> {
        match self {
            Self { realist: true, .. } => Some(Mood::Realist),
            Self { optimist: true, .. } => Some(Mood::Optimist),
            Self {
                pessimist: true, ..
            } => Some(Mood::Pessimist),
            _ => None,
        }
    }
}

/// When to print colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The help about the codes in the output of `up why`: closed lists that scripts may rely on.
pub(crate) const WHY_CODES: &str = "\
With --json, `summary.code` is one of: told, gathering, rate_limited, silenced, acknowledged, \
not_alertable, doubt, offline, unreachable, maintenance, paused, recovered, own_network, \
was_unreachable, was_held, reverted, was_silenced, unconfirmed, was_not_alertable, unasked, nothing.
A decision's `code` is one of: baseline, doubt, unconfirmed, believed, network_asked, network_well, \
network_witnesses, references_at_fault, offline, online, stale, asleep, paused, maintenance, \
unreachable, released, muted, snoozed, unsilenced, acknowledged, gathered, reverted, forgotten, \
rate_limited, mood, told.
Exit status: 0 if there is an answer; 2 if there is no such path, or if no Up is running.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum CliCommand {
    /// Check the sources again and again, and print changes, until SIGINT or SIGTERM. SIGHUP reads
    /// the configuration and every file that it names again
    Watch {
        /// Print instead whether `up watch` with this configuration and data directory runs and its
        /// engine answers, for the health check of a container. Exit status: 0 if so, else 1; within
        /// 6 s
        #[arg(long)]
        check: bool,
    },
    /// Read the configuration, and print its mistakes or "ok: N sources"
    Validate {
        /// Print instead the settings of the source at this path, and the line that sets each
        #[arg(long, value_name = "PATH")]
        explain: Option<String>,
    },
    /// Write a commented configuration to start from. An existing file is never overwritten
    Init {
        /// The file to write
        #[arg(default_value = "up.toml")]
        file: PathBuf,
    },
    /// Record a note in the history, about everything or one source or tree; change or remove a note
    Note(NoteArgs),
    /// Stop notices of a source or tree for a time. What is still down at the end is notified then
    Snooze(SnoozeArgs),
    /// Acknowledge an outage: no reminders until the recovery, which is notified
    Ack(AckArgs),
    /// Stop checking a source or tree until `up resume`
    Pause(PathArgs),
    /// Check a paused source or tree again
    Resume(PathArgs),
    /// Stop all notices, for a time or until `up unmute`
    Mute(MuteArgs),
    /// End the mute, so that notices are sent again
    Unmute,
    /// List what is snoozed, acknowledged, paused, muted or under maintenance now
    Controls,
    /// List the notices that were sent, newest first, with their sinks and how each outage ended
    Alerts(AlertsArgs),
    /// List who writes to the same MongoDB, with the last contact, the version and the number of
    /// sources of each
    Agents,
    /// Print the samples, the uptime, the percentiles and the incidents of one source or tree, or
    /// import, export, list and maintain the history
    #[command(after_help = HISTORY_MEANING, disable_help_subcommand = true)]
    History(HistoryArgs),
    /// Explain why people were notified of a source or tree, or were not: the last decisions about
    /// it, from the running `up watch` or up-tray
    #[command(after_help = WHY_CODES)]
    Why {
        /// The path of the source or tree: /Root/Child
        #[arg(value_name = "PATH")]
        path: String,
    },
    /// Print the JSON Schema of up.toml
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man {
        /// Write a page for each command into this folder instead
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// The arguments of `up snooze`.
#[derive(Debug, Args)]
pub(crate) struct SnoozeArgs {
    /// The path of the source or tree: /Root/Child
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// The duration of the snooze ("15m", "1h"), or its end ("15:30", "tomorrow",
    /// "2026-12-01T09:00")
    #[arg(value_name = "WHEN", default_value = "1h")]
    pub(crate) when: String,
    /// End the snooze now
    #[arg(long)]
    pub(crate) off: bool,
}

/// The arguments of `up ack`.
#[derive(Debug, Args)]
pub(crate) struct AckArgs {
    /// The path of the source or tree: /Root/Child
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// A note about the outage, which is recorded in the history
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Withdraw the acknowledgement
    #[arg(long, conflicts_with = "note")]
    pub(crate) off: bool,
}

/// The argument of `up pause` and `up resume`.
#[derive(Debug, Args)]
pub(crate) struct PathArgs {
    /// The path of the source or tree: /Root/Child
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
}

/// The arguments of `up mute`.
#[derive(Debug, Args)]
pub(crate) struct MuteArgs {
    /// The duration of the mute or its end, as for `up snooze` [default: until `up unmute`]
    #[arg(value_name = "WHEN", conflicts_with = "off")]
    pub(crate) when: Option<String>,
    /// End the mute now
    #[arg(long)]
    pub(crate) off: bool,
}

/// The arguments of `up alerts`.
#[derive(Debug, Args)]
pub(crate) struct AlertsArgs {
    /// List only notices of these sources, and of the sources in these trees
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// The start: a duration before now ("7d", "90m"), a date or a time
    #[arg(long, value_name = "WHEN", default_value = "7d")]
    pub(crate) since: String,
}
