//! The command line, as design and man page have it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use up_core::Mood;

/// Is it up? Checks every source of up.toml once and prints the tree.
#[derive(Debug, Parser)]
#[expect(clippy::doc_markdown, reason = "the help text is no Markdown")]
#[command(
    name = "up",
    version,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = false
)]
#[command(
    after_help = "Exit status: 0 all is up, or the configuration is valid; 1 something is \
                        below up or unknown; 2 a usage or configuration error, nothing was polled."
)]
pub(crate) struct Cli {
    /// The configuration [default: $UP_CONFIG, ./up.toml, then up/up.toml in the user's
    /// configuration directory; the last two only if no other user could have put them there]
    #[arg(short, long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// How deep to print the tree: once for the root's children, twice for theirs, …
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// A note: printed first, and recorded by the sinks
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    #[command(flatten)]
    pub(crate) mood: MoodArgs,
    /// One JSON object instead of lines
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log into this file, which is made for you alone and kept below 4 MiB; the one before it is
    /// FILE.1. $UP_LOG says what is logged ("info", "debug", "warn,up_engine=trace"); without the
    /// file, it is logged to standard error
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) log_file: Option<PathBuf>,
    /// Colours; auto means on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: ColorWhen,
    #[command(subcommand)]
    pub(crate) command: Option<CliCommand>,
}

/// The words, and the eagerness of alerts.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct MoodArgs {
    /// Say it as it is
    #[arg(long, global = true)]
    pub(crate) realist: bool,
    /// See the bright side
    #[arg(long, global = true)]
    pub(crate) optimist: bool,
    /// See the dark side
    #[arg(long, global = true)]
    pub(crate) pessimist: bool,
}

impl MoodArgs {
    /// The mood that was asked for, if any.
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

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The closed lists that scripts may rely on.
pub(crate) const WHY_CODES: &str = "\
With --json, `summary.code` is one of: told, gathering, rate_limited, silenced, acknowledged, \
not_alertable, doubt, offline, unreachable, maintenance, paused, recovered, own_network, \
was_unreachable, was_held, reverted, was_silenced, unconfirmed, was_not_alertable, unasked, nothing.
A decision's `code` is one of: baseline, doubt, unconfirmed, believed, network_asked, network_well, \
network_witnesses, references_at_fault, offline, online, stale, asleep, paused, maintenance, \
unreachable, released, muted, snoozed, unsilenced, acknowledged, gathered, reverted, forgotten, \
rate_limited, mood, told.
Exit status: 0 it is answered; 2 there is no such path, or no Up runs that could remember.";

/// What the numbers of `up history` mean, for its help.
const HISTORY_MEANING: &str = "\
Uptime goes by time: a sample stands until the next one, at most for 5 minutes. Uptime is the sum of \
status × time over the sum of time, over the samples whose status is known. Unknown samples, held \
sources and gaps are in neither sum.
p50, p95 and p99 are of the durations of samples with a status, and off by at most 1 %.
An incident lasts from its first failed check to the first good one, as the default rules of [alert] \
judge it.
Exit status: 0 it is answered; 2 no history answered.";

/// What else there is to do.
#[derive(Debug, Subcommand)]
pub(crate) enum CliCommand {
    /// Poll for ever without a desktop; print changes. SIGHUP reads the configuration again, and
    /// every file that it names
    Watch,
    /// Read the configuration and say what is wrong with it, or "ok: N sources"
    Validate {
        /// Say instead what applies to the source at this path, and where it comes from
        #[arg(long, value_name = "PATH")]
        explain: Option<String>,
    },
    /// Write a commented starter configuration; never overwrites
    Init {
        /// Where to
        #[arg(default_value = "up.toml")]
        file: PathBuf,
    },
    /// Record a note
    Note {
        /// The remark
        #[arg(value_name = "TEXT")]
        text: String,
    },
    /// Tell nothing of a source or tree for a time; what is still down then is told then
    Snooze(SnoozeArgs),
    /// Acknowledge an outage: no reminders until it is over, which is told
    Ack(AckArgs),
    /// Do not ask a source or tree until resumed
    Pause(PathArgs),
    /// Ask a paused source or tree again
    Resume(PathArgs),
    /// Tell nothing at all, for a time or until unmuted
    Mute(MuteArgs),
    /// Tell again
    Unmute,
    /// List what is snoozed, acknowledged, paused, muted or under maintenance
    Controls,
    /// What people were told, newest first, by which sink, and how it ended
    Alerts(AlertsArgs),
    /// Samples, uptime, percentiles and incidents of one path
    #[command(after_help = HISTORY_MEANING)]
    History(HistoryArgs),
    /// Say why a source or tree was told of, or was not: the last decisions about it, asked of the
    /// `up watch` or up-tray that runs
    #[command(after_help = WHY_CODES)]
    Why {
        /// The source or tree, /Root/Child
        #[arg(value_name = "PATH")]
        path: String,
    },
    /// Print the JSON Schema of up.toml
    Schema,
    /// Print a completion script
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

/// What to snooze, and for how long.
#[derive(Debug, Args)]
pub(crate) struct SnoozeArgs {
    /// The source or tree, /Root/Child
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// For how long ("15m", "1h"), or until when ("15:30", "tomorrow", "2026-12-01T09:00")
    #[arg(value_name = "WHEN", default_value = "1h")]
    pub(crate) when: String,
    /// End the snooze
    #[arg(long)]
    pub(crate) off: bool,
}

/// What is known of.
#[derive(Debug, Args)]
pub(crate) struct AckArgs {
    /// The source or tree, /Root/Child
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// What is known; goes into the history as a note
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Take the acknowledgement back
    #[arg(long, conflicts_with = "note")]
    pub(crate) off: bool,
}

/// A source or tree.
#[derive(Debug, Args)]
pub(crate) struct PathArgs {
    /// The source or tree, /Root/Child
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
}

/// For how long.
#[derive(Debug, Args)]
pub(crate) struct MuteArgs {
    /// For how long, or until when, as `up snooze` takes it; until you say otherwise without it
    #[arg(value_name = "WHEN", conflicts_with = "off")]
    pub(crate) when: Option<String>,
    /// End the mute
    #[arg(long)]
    pub(crate) off: bool,
}

/// What of it to list.
#[derive(Debug, Args)]
pub(crate) struct AlertsArgs {
    /// Only what was told of these sources, and of those below these trees
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// From when: a span back ("7d", "90m"), a date or a time
    #[arg(long, value_name = "WHEN", default_value = "7d")]
    pub(crate) since: String,
}

/// What of the history to print.
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The path, /Root/Child
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// From when: a span back ("7d", "90m"), a date or a time
    #[arg(long, value_name = "WHEN", default_value = "24h")]
    pub(crate) since: String,
    /// Until when; now unless said otherwise
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// Comma-separated values instead of lines
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}
