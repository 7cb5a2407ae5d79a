//! From a file to a plan.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use toml::de::DeTable;
use up_core::Mood;
use up_core::cause::one_line;

use crate::error::ConfigError;
use crate::keys::{TopKeys, TreeKeys};
use crate::maintenance;
use crate::names;
use crate::nesting;
use crate::plan::Plan;
use crate::read::{About, Table};
use crate::report::Report;
use crate::schema;
use crate::secrets::Reader;
use crate::settings::{self, Inherited};
use crate::sinks;
use crate::sources::{Planned, Planner};
use crate::suggest;
use crate::syntax;
use crate::text::Text;

/// The largest file, in bytes: 100,000 sources with many keys each.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Reads a file and makes it a plan. Every secret is read with it. Says all that is wrong, or the
/// first [`ConfigError::MOST`] mistakes.
pub fn load(path: &Path) -> Result<Plan, ConfigError> {
    let (text, open_to_others) = read(path)?;
    Ok(plan(&text, path, open_to_others)?.0)
}

/// A file's text, and whether every user of the machine may read it.
pub(crate) fn read(path: &Path) -> Result<(String, bool), ConfigError> {
    let file = shown(path);
    let unreadable = |error: &io::Error| {
        let (message, help) = match error.kind() {
            io::ErrorKind::NotFound => (
                "there is no such file".to_owned(),
                Some("`up init` writes a commented one to start with"),
            ),
            io::ErrorKind::PermissionDenied => (
                "this file may not be read: permission denied".to_owned(),
                None,
            ),
            _ => (format!("this file cannot be read: {error}"), None),
        };
        ConfigError::unreadable(file.clone(), &message, help)
    };
    let opened = open(path).map_err(|error| unreadable(&error))?;
    let open_to_others = is_open_to_others(&opened);
    let mut bytes = Vec::new();
    opened
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > LARGEST {
        let message = format!("this file is larger than {} MiB", LARGEST / (1024 * 1024));
        let help = "it should hold a configuration: is it the right one?";
        return Err(ConfigError::unreadable(file, &message, Some(help)));
    }
    String::from_utf8(bytes)
        .map(|text| (text, open_to_others))
        .map_err(|error| not_utf8(error.as_bytes(), error.utf8_error().valid_up_to(), file))
}

/// Makes a text a plan, as if it stood in the file `path`.
pub fn load_text(text: &str, path: &Path) -> Result<Plan, ConfigError> {
    Ok(plan(text, path, false)?.0)
}

/// Opens a file to read; says of a folder that it is one.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    Ok(file)
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> bool {
    false
}

/// A path as messages name it.
fn shown(path: &Path) -> String {
    one_line(&path.display().to_string(), 4096)
}

fn not_utf8(bytes: &[u8], bad: usize, file: String) -> ConfigError {
    let help = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        "it seems to be UTF-16: save it as UTF-8"
    } else {
        "save it as UTF-8"
    };
    // Replaced bytes stand behind the place, so they cannot shift it.
    let lossy = String::from_utf8_lossy(bytes);
    let bom = lossy.len() - without_mark(&lossy).len();
    let text = Text::new(file, without_mark(&lossy), schema::known);
    let mut report = Report::new(&text);
    let at = bad.saturating_sub(bom);
    let message = format!("this file is not UTF-8: the byte 0x{:02X}", bytes[bad]);
    report.error(at..at, message, Some(help.into()));
    report
        .finish(&[])
        .expect_err("a report with an error in it is an error")
}

/// The text without a byte order mark.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// A plan, and for each of its nodes the byte where its table begins.
pub(crate) fn plan(
    text: &str,
    path: &Path,
    open_to_others: bool,
) -> Result<(Plan, Vec<usize>), ConfigError> {
    let text = Text::new(shown(path), without_mark(text), schema::known);
    let mut report = Report::new(&text);
    let reader = Reader::new(path);
    let planned = parse(&mut report)
        .and_then(|top| assemble(&mut report, top, path, (&reader, open_to_others)));
    let warnings = report.finish(&reader.elsewhere())?;
    let (mut plan, origins) = planned.expect("a plan comes of whatever has nothing wrong in it");
    plan.warnings = warnings;
    Ok((plan, origins))
}

fn parse<'t>(report: &mut Report<'t>) -> Option<Table<'t>> {
    let text = report.text();
    if let Some((excess, span)) = nesting::excess(text) {
        report.error(span, excess.message(), Some(excess.help().into()));
        return None;
    }
    match DeTable::parse(text) {
        Ok(document) => Some(Table::new(document.into_inner(), 0..0)),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let (message, help) = syntax::rephrase(error.message(), text, &span);
            let span = syntax::visible(text, span);
            report.error(span, message, help);
            None
        }
    }
}

fn assemble<'t>(
    report: &mut Report<'t>,
    mut top: Table<'t>,
    path: &Path,
    (reader, open_to_others): (&Reader, bool),
) -> Option<(Plan, Vec<usize>)> {
    let sources = top.keys.remove("source");
    let sinks = top.keys.remove("sink");
    let about = About {
        place: "at the top of the file",
        also: &["source", "sink"],
        elsewhere: &suggest::below_the_top,
    };
    let keys: TopKeys = top.read_what_can_be(report, &about);
    if let (Some(name), Some(value)) = (&keys.name, top.keys.get("name")) {
        names::check(report, name, value);
    }
    let inherited = Inherited::default().with(
        report,
        &top,
        keys.interval,
        keys.timeout,
        keys.alert.as_ref(),
    );
    let manner = settings::manner(report, &top, keys.alert.as_ref());
    let history = settings::history(report, &top, keys.history.as_ref());
    let network = settings::network(report, &top, keys.network);
    let agent = settings::agent(report, &top, keys.agent);

    let root = TreeKeys {
        parallel: keys.parallel,
        concurrency: keys.concurrency,
        policy: keys.policy,
    };
    let mut planner = Planner::new(report, reader, open_to_others, &network);
    planner.root(keys.name.as_deref(), &top, &root, sources, inherited);
    let mut tree = planner.finish();
    let maintenance = maintenance::plan(report, &top, keys.maintenance.as_deref(), &tree.outline);
    let sinks = sinks::plan(report, reader, open_to_others, sinks);
    let plan = |tree: Planned| Plan {
        file: path.to_owned(),
        agent,
        mood: keys.mood.map_or(Mood::default(), Into::into),
        manner,
        outline: tree.outline,
        probes: tree.probes,
        trees: tree.trees,
        circles: tree.circles,
        sinks,
        history,
        network,
        maintenance,
        warnings: Vec::new(),
    };
    report.is_clean().then(|| {
        let origins = std::mem::take(&mut tree.origins);
        (plan(tree), origins)
    })
}
