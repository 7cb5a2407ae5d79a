//! `up validate`: prints the mistakes in the configuration; with `--explain`, the settings of one
//! source and the lines that set them.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use up_config::{Setting, SourceSettings, in_toml};

use crate::args::Cli;
use crate::config::{config_file, plan, warn};
use crate::failure::CommandFailure;
use crate::output::print;

/// The largest width of the column of keys and values; longer ones extend beyond it.
const WIDEST: usize = 48;

/// Prints `ok`, or explains the source at `path`.
pub(crate) fn validate(cli: &Cli, path: Option<&str>) -> Result<ExitCode, CommandFailure> {
    let file = config_file(cli)?;
    let Some(path) = path else {
        let plan = plan(&file)?;
        let count = plan.probes.len();
        let s = if count == 1 { "" } else { "s" };
        return print(&format!("ok: {count} source{s}\n"));
    };
    let explained = up_config::explain(&file, path)?;
    warn(&explained.warnings);
    let file = file.path();
    if cli.json {
        let document = json(file, &explained);
        let document = document.map_err(|error| {
            CommandFailure::Usage(format!("the settings have no JSON form: {error}"))
        })?;
        print(&(document + "\n"))
    } else {
        print(&lines(file, &explained))
    }
}

fn lines(file: &Path, explained: &SourceSettings) -> String {
    let mut text = format!("{}: {}", explained.path, explained.kind);
    if let Some(target) = &explained.target {
        text.extend([", checks ", target]);
    }
    text.push('\n');
    let said = |setting: &Setting| match &setting.value {
        serde_json::Value::Null => format!("{} is not set", setting.key),
        value => format!("{} = {}", setting.key, in_toml(value)),
    };
    let said: Vec<String> = explained.settings.iter().map(said).collect();
    let widths = said.iter().map(|said| said.chars().count());
    let width = widths.filter(|width| *width <= WIDEST).max().unwrap_or(0);
    for (said, setting) in said.iter().zip(&explained.settings) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {said:width$}  {}", from(file, setting));
    }
    text
}

/// `FILE:LINE`, or `default`.
fn from(file: &Path, setting: &Setting) -> String {
    match setting.line {
        Some(line) => format!("{}:{line}", file.display()),
        None => "default".into(),
    }
}

#[derive(Serialize)]
struct ValidationJson<'a> {
    schema: u8,
    path: &'a str,
    kind: &'a str,
    target: Option<&'a str>,
    settings: Vec<SourceEntryJson<'a>>,
}

#[derive(Serialize)]
struct SourceEntryJson<'a> {
    key: &'a str,
    value: &'a serde_json::Value,
    from: String,
}

fn json(file: &Path, explained: &SourceSettings) -> serde_json::Result<String> {
    let entries = explained.settings.iter().map(|setting| SourceEntryJson {
        key: &setting.key,
        value: &setting.value,
        from: from(file, setting),
    });
    serde_json::to_string(&ValidationJson {
        schema: 1,
        path: &explained.path,
        kind: explained.kind,
        target: explained.target.as_deref(),
        settings: entries.collect(),
    })
}
