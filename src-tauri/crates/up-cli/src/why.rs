//! `up why`: prints the last decisions about a source or tree, which it requests from the running
//! Up.

use std::path::Path;
use std::process::ExitCode;

use jiff::tz::TimeZone;
use up_core::Note;
use up_core::decisions::Explanation;
use up_core::line::one_line;
use up_core::path::MAX_PATH;
use up_engine::socket::{Ask, ControlReply, KeptState, ask_running};
use up_history::state::{AlertQuery, alerts};
use up_sink::kept;

use crate::args::Cli;
use crate::control::no_source;
use crate::failure::CommandFailure;
use crate::output::print;
use crate::time;

/// The largest number of notices that are read, which are the newest.
const MOST: usize = 1_000;

/// Requests the decisions from the running Up, and prints them.
pub(crate) async fn why(cli: &Cli, path: &str) -> Result<ExitCode, CommandFailure> {
    if path.len() > MAX_PATH {
        return Err(CommandFailure::Usage(
            "this is not the path of a source".into(),
        ));
    }
    let data = up_config::data_dir();
    let ask = Ask::Why {
        path: path.to_owned(),
        zone: TimeZone::system().iana_name().map(str::to_owned),
    };
    let (answer, kept) = match ask_running(&data, &ask).await {
        Some(ControlReply::Why { why, kept }) => (why, kept),
        Some(ControlReply::Unknown) => return Err(no_source(path, None)),
        Some(ControlReply::Meant { path: meant }) => {
            let meant = one_line(&meant, Note::MAX_MESSAGE);
            return Err(no_source(path, Some(&meant)));
        }
        Some(ControlReply::Refused { why }) => {
            return Err(CommandFailure::Refused(one_line(&why, Note::MAX_MESSAGE)));
        }
        Some(ControlReply::Done | ControlReply::Alive { .. }) => return Err(other_version()),
        None => {
            return Err(CommandFailure::Usage(format!(
                "no Up is running with the data directory {}\nhelp: `up watch` and up-tray \
                 remember decisions while they run; `up alerts` lists the notices that were sent",
                data.display()
            )));
        }
    };
    let why = serde_json::from_value(answer.clone()).map_err(|_| other_version());
    let why = why.map(|why| completed(why, kept, &data));
    if cli.json {
        // The answer of another version is printed as it is.
        let why = why.ok().and_then(|why| serde_json::to_value(why).ok());
        return print(&format!("{}\n", why.unwrap_or(answer)));
    }
    let why = why?;
    let now = up_engine::clock::now();
    print(&why.lines(|date| time::short(date, now)))
}

/// Completes the answer with the stored notices that it is about.
fn completed(mut why: Explanation, kept: Option<KeptState>, data: &Path) -> Explanation {
    let Some(KeptState {
        program,
        config,
        mood,
    }) = kept
    else {
        return why;
    };
    let query = AlertQuery {
        config: Some(config.into()),
        from: 0.0,
        most: MOST,
    };
    match alerts(data, &query) {
        Ok(mut alerts) => {
            alerts.retain(|alert| alert.program == program);
            kept::complete(&mut why, &alerts, mood);
        }
        Err(error) => why.troubles.push(error.to_string()),
    }
    why
}

fn other_version() -> CommandFailure {
    CommandFailure::Usage(
        "the running Up has another version, and sent an answer that this one cannot read".into(),
    )
}

#[cfg(test)]
mod tests {
    use up_core::decisions::{CODES, SummaryCode};

    use crate::args::WHY_CODES;

    #[test]
    fn the_help_lists_every_code() {
        let lists: Vec<Vec<&str>> = WHY_CODES
            .lines()
            .filter_map(|line| Some(line.split_once("is one of: ")?.1))
            .map(|list| list.trim_end_matches('.').split(", ").collect())
            .collect();
        let summaries: Vec<String> = (SummaryCode::ALL.iter())
            .map(|code| serde_json::to_value(code).expect("a word"))
            .map(|code| code.as_str().expect("a word").to_owned())
            .collect();
        assert_eq!(lists[0], summaries);
        assert_eq!(lists[1], CODES);
    }
}
