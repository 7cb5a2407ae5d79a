//! The arguments of `up history`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// What the numbers of `up history` mean, for its help.
pub(super) const HISTORY_MEANING: &str = "\
Uptime goes by time: a sample stands until the next one, at most for 5 minutes. Uptime is the sum of \
status × time over the sum of time, over the samples whose status is known. Unknown samples, held \
sources and gaps are in neither sum.
p50, p95 and p99 are of the durations of samples with a status, and off by at most 1 %. Of a part of a \
day (of UTC) whose samples are gone, they are estimated: the durations of each hour are taken to be spread \
as those of its day, between the shortest and the longest of the hour.
An incident lasts from its first failed check to the first good one, as down_after and up_after of its \
source judge it; these rules are kept with the history. A time without samples does not end an incident.
Exit status: 0 if a history answered; 2 if none did.";

/// What `up history import` does, for its help.
const IMPORT_MEANING: &str = "\
A CSV file is checked as a whole before anything is added. Its first line names the columns: date (Unix \
seconds), status (0 to 1; empty: unknown), duration (seconds), cause_code, cause and path, in any order; \
date and status must be there. Rows may come in any order.
Of Uptime Kuma, a pending heartbeat is a failed check, and one of maintenance is left out. Groups become \
trees, for Gatus too.
A URI with a password belongs into --uri: the arguments of a program are shown to all users of a \
machine, by ps for one.
Of a MongoDB, the samples of all agents and the notes are added, those of trees too. Nothing is written there.
Dates are compared to the millisecond. Of a day that the history has only rollups of, nothing is added to \
a path that has some.
Exit status: 0 if all was added or there; 2 if the file is refused, or the import failed or was stopped.";

/// The arguments of `up history`.
#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true)]
pub(crate) struct HistoryArgs {
    /// The path of the source or tree: /Root/Child. It begins with a slash, and a command does not
    #[arg(value_name = "PATH", required = true)]
    pub(crate) path: Option<String>,
    #[command(flatten)]
    pub(crate) span: SpanArgs,
    #[command(flatten)]
    pub(crate) writer: WriterArgs,
    /// Print comma-separated values instead of lines
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// Print the uptime and the mean duration of each hour of the day, day of the week or month of the
    /// year instead. An hour of UTC counts where it begins
    #[arg(long, value_name = "PART", conflicts_with = "csv")]
    pub(crate) by: Option<CalendarPart>,
    /// The time zone of `--by`, such as Europe/Berlin [default: UTC]
    #[arg(long, value_name = "NAME", requires = "by")]
    pub(crate) timezone: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<HistoryCommand>,
}

/// The parts of time for `up history PATH --by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CalendarPart {
    /// Hours of the day
    Hour,
    /// Days of the week
    Weekday,
    /// Months of the year
    Month,
}

impl CalendarPart {
    /// Its name, as it is written on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::Month => "month",
        }
    }
}

/// A span of time.
#[derive(Debug, Args)]
pub(crate) struct SpanArgs {
    /// The start: a duration before now ("7d", "90m"), a date or a time [default: 24h; 7d for
    /// incidents; the first sample for an export]
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// The end, written like the start [default: now]
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
}

/// Whose samples are meant.
#[derive(Debug, Args)]
pub(crate) struct WriterArgs {
    /// Only what this agent wrote, by its name (`up agents` lists them). Others write to the MongoDB only
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: Option<String>,
}

/// The arguments of `up history incidents`.
#[derive(Debug, Args)]
pub(crate) struct IncidentsArgs {
    /// Only those of this source or tree, and of all that is below it
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<String>,
    #[command(flatten)]
    pub(crate) span: SpanArgs,
    #[command(flatten)]
    pub(crate) writer: WriterArgs,
    /// How many incidents to list, the newest. Those that last are listed too, however old. The last
    /// line says how to list the next ones
    #[arg(long, value_name = "NUMBER", default_value_t = 100,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Only those that began before this time and are over: those that last are on the first page
    #[arg(long, value_name = "WHEN")]
    pub(crate) before: Option<String>,
    /// Only those with this text, whatever its case, in the path, a tag, the cause or its code, or in who
    /// acknowledged and why. If it is written several times, each text must be there
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// Only those of sources with this tag
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Only those that were at worst so bad
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<IncidentLevel>,
    /// Only those that lasted this long or longer ("5m")
    #[arg(long, value_name = "DURATION")]
    pub(crate) longer: Option<String>,
    /// Only those that lasted this long or shorter ("1h")
    #[arg(long, value_name = "DURATION")]
    pub(crate) shorter: Option<String>,
    /// Print comma-separated values instead of lines
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

/// How bad an incident was at its worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum IncidentLevel {
    /// Down, or mostly down
    Down,
    /// Half or mostly up
    Degraded,
}

/// The commands of `up history`.
#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Add the samples of a file to the history. A sample whose date is there already is left out, so
    /// that an import may be repeated, or stopped and taken up again
    #[command(after_help = IMPORT_MEANING)]
    Import {
        /// What `up history PATH --csv` or `up history export` wrote, or the SQLite file of an Uptime
        /// Kuma (kuma.db) or a Gatus, or the URI of a MongoDB that the original up or another Up wrote
        /// to (`mongodb://HOST`). `-` reads CSV from standard input
        #[arg(
            value_name = "FILE",
            required_unless_present = "uri",
            conflicts_with = "uri"
        )]
        file: Option<PathBuf>,
        /// In place of FILE, where the URI of a MongoDB is: env=NAME, file=PATH, keyring=NAME or
        /// credential=NAME, as for the secrets of up.toml. Other users of this machine can see a
        /// password on the command line
        #[arg(long, value_name = "KIND=NAME")]
        uri: Option<String>,
        /// The path of the samples. If the file names paths or monitors, they are put below this one
        #[arg(long, value_name = "PATH")]
        path: Option<String>,
        /// The name of the database of a MongoDB
        #[arg(long, value_name = "NAME", default_value = "up")]
        database: String,
    },
    /// Print every sample as CSV, with a column for the path; with --json, as one object a line
    Export {
        /// Only these sources and trees, with all that is below them
        #[arg(value_name = "PATH")]
        paths: Vec<String>,
        #[command(flatten)]
        span: SpanArgs,
        #[command(flatten)]
        writer: WriterArgs,
    },
    /// List every path that has samples, with their number and the dates of the first and the last
    Paths {
        #[command(flatten)]
        writer: WriterArgs,
    },
    /// List the incidents, newest first
    Incidents(Box<IncidentsArgs>),
    /// Print what the checks of a source measured, a line for each number: the last, lowest, mean and
    /// highest value of the span. With --json or --csv, also the series: five minutes a point while the
    /// samples are kept, an hour a point of the time before
    Metrics {
        /// The path of the source: /Root/Child
        #[arg(value_name = "PATH")]
        path: String,
        #[command(flatten)]
        span: SpanArgs,
        #[command(flatten)]
        writer: WriterArgs,
        /// Print comma-separated values instead of lines
        #[arg(long, conflicts_with = "json")]
        csv: bool,
    },
    /// Print the notes with their IDs, which `up note --edit` and `up note --remove` take. A note of another
    /// agent of a fleet has the agent's name before its ID
    Notes {
        /// Only those that concern this source or tree: about everything, the path, a tree above it or
        /// something below it
        #[arg(value_name = "PATH")]
        path: Option<String>,
        #[command(flatten)]
        span: SpanArgs,
        #[command(flatten)]
        writer: WriterArgs,
    },
    /// Print where the history is, what it holds, how far its rollups are, what each MongoDB lacks, and
    /// how far the rollups there are
    Status,
    /// Make the rollups anew from the samples, those of each MongoDB too. Queries are answered meanwhile
    Rebuild {
        /// In a MongoDB, only those of this source or tree, and of all that is below it
        #[arg(value_name = "PATH")]
        path: Option<String>,
    },
}
