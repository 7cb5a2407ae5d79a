//! From a file to a plan.

use std::borrow::Cow;
use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::rc::Rc;

use toml::de::DeTable;
use up_core::Mood;
use up_core::cause::one_line;
use up_files::{FileReader, ReadError, SeenFile};

use crate::diagnostics::Diagnostics;
use crate::error::ConfigError;
use crate::files::ConfigFiles;
use crate::keys::{TopKeys, TreeKeys};
use crate::maintenance;
use crate::names;
use crate::nesting;
use crate::place::ConfigFile;
use crate::plan::Plan;
use crate::read::{Table, TableContext};
use crate::recovery::syntax_errors;
use crate::schema;
use crate::secrets::SecretReader;
use crate::settings::{self, Inherited};
use crate::sinks;
use crate::sources::{Planned, Planner};
use crate::text::ConfigText;

/// The largest file, in bytes: 100,000 sources with many keys each.
const LARGEST: u64 = 64 * 1024 * 1024;

/// So much of what is wrong is logged, in bytes.
const LOGGED: usize = 2_000;

/// Reads one configuration, again and again.
#[derive(Clone, Debug)]
pub struct Loader {
    file: ConfigFile,
    /// Kept, so that a file that does not come is not waited for anew each time.
    reader: FileReader,
}

/// What came of reading a configuration.
#[derive(Debug)]
pub struct Loaded {
    /// The plan, or all that is wrong: the first [`ConfigError::MOST`] mistakes.
    pub plan: Result<Plan, ConfigError>,
    /// Every file that was read for it, or could not be: up.toml first.
    pub files: Vec<SeenFile>,
}

impl Loader {
    /// A loader of that file.
    pub fn new(file: ConfigFile) -> Self {
        let reader = FileReader::default();
        Self { file, reader }
    }

    /// The file that it reads.
    pub fn file(&self) -> &ConfigFile {
        &self.file
    }

    /// Reads the file and makes it a plan. Every secret is read with it.
    pub fn load(&self) -> Loaded {
        tracing::debug!(file = %self.file.path().display(), "reading the configuration");
        let files = Rc::new(ConfigFiles::new(self.reader.clone()));
        let plan = read(&files, &self.file).and_then(|(text, open_to_others)| {
            let (plan, _) = plan(&text, self.file.path(), open_to_others, &files)?;
            Ok(plan)
        });
        Loaded {
            plan,
            files: files.seen(),
        }
    }
}

/// Reads a file and makes it a plan, once.
pub fn load(file: &ConfigFile) -> Result<Plan, ConfigError> {
    Loader::new(file.clone()).load().plan
}

/// A file's text, and whether every user of the machine may read it.
pub(crate) fn read(
    files: &ConfigFiles,
    config: &ConfigFile,
) -> Result<(String, bool), ConfigError> {
    let path = config.path();
    let file = shown(path);
    let read = files.read(path, LARGEST, config.was_found());
    let content = match &*read {
        Ok(content) => content,
        Err(error) => {
            let (message, help) = unreadable(error, &file);
            return Err(ConfigError::unreadable(file, &message, help));
        }
    };
    let open_to_others = is_open_to_others(&content.metadata);
    match std::str::from_utf8(&content.bytes) {
        Ok(text) => Ok((text.to_owned(), open_to_others)),
        Err(error) => Err(not_utf8(&content.bytes, error.valid_up_to(), file)),
    }
}

/// Why up.toml cannot be read, and what to do.
fn unreadable(error: &ReadError, file: &str) -> (String, Option<String>) {
    match error {
        ReadError::Large(most) => (
            format!("this file is larger than {} MiB", most / (1024 * 1024)),
            Some("it should hold a configuration: is it the right one?".into()),
        ),
        ReadError::Io(error) if error.kind() == io::ErrorKind::NotFound => (
            "there is no such file".to_owned(),
            Some(format!(
                "`up init {}` writes a commented one to start with",
                as_argument(file)
            )),
        ),
        ReadError::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => (
            "this file may not be read: permission denied".to_owned(),
            None,
        ),
        ReadError::Refused(refused) => (
            format!("this file was found, not named, and is not used: {refused}"),
            Some(format!("if you trust it, name it: `-c {file}`")),
        ),
        _ => (format!("this file cannot be read: {error}"), None),
    }
}

/// A path as one argument of a shell.
pub fn as_argument(path: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '\\' | ':');
    if !path.is_empty() && path.chars().all(is_plain) {
        Cow::Borrowed(path)
    } else {
        Cow::Owned(format!("'{}'", path.replace('\'', r"'\''")))
    }
}

/// Makes a text a plan, as if it stood in the file `path`.
pub fn load_text(text: &str, path: &Path) -> Result<Plan, ConfigError> {
    let files = Rc::new(ConfigFiles::new(FileReader::default()));
    Ok(plan(text, path, false, &files)?.0)
}

#[cfg(unix)]
fn is_open_to_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o004 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Metadata) -> bool {
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
    let text = ConfigText::new(file, without_mark(&lossy), schema::known);
    let mut report = Diagnostics::new(&text);
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
    files: &Rc<ConfigFiles>,
) -> Result<(Plan, Vec<usize>), ConfigError> {
    let text = ConfigText::new(shown(path), without_mark(text), schema::known);
    let mut report = Diagnostics::new(&text);
    let reader = SecretReader::new(path, Rc::clone(files));
    let planned = parse(&mut report)
        .and_then(|top| assemble(&mut report, top, path, (&reader, open_to_others)));
    let warnings = report.finish(&reader.elsewhere()).inspect_err(|error| {
        let said = one_line(&error.to_string(), LOGGED);
        tracing::debug!("the configuration is wrong: {said}");
    })?;
    let (mut plan, origins) = planned.expect("a plan comes of whatever has nothing wrong in it");
    plan.warnings = warnings;
    plan.files = files.seen();
    let (nodes, files) = (plan.outline.len(), plan.files.len());
    tracing::debug!(nodes, files, warnings = ?plan.warnings, "the configuration is good");
    Ok((plan, origins))
}

fn parse<'t>(report: &mut Diagnostics<'t>) -> Option<Table<'t>> {
    let text = report.text();
    if let Some((excess, span)) = nesting::excess(text) {
        report.error(span, excess.message(), Some(excess.help().into()));
        return None;
    }
    match DeTable::parse(text) {
        Ok(document) => Some(Table::new(document.into_inner(), 0..0)),
        Err(first) => {
            for error in syntax_errors(text, &first, ConfigError::MOST + 1) {
                report.error(error.span, error.message, error.help);
            }
            None
        }
    }
}

fn assemble<'t>(
    report: &mut Diagnostics<'t>,
    mut top: Table<'t>,
    path: &Path,
    (reader, open_to_others): (&SecretReader, bool),
) -> Option<(Plan, Vec<usize>)> {
    let sources = top.keys.remove("source");
    let sinks = top.keys.remove("sink");
    let about = TableContext {
        place: "at the top of the file",
        also: &["source", "sink"],
        elsewhere: &schema::below_the_top,
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
    let manner = settings::notify_policy(report, &top, keys.alert.as_ref());
    let history = settings::history(report, &top, keys.history.as_ref());
    let network = settings::network(report, &top, keys.network);
    let agent = settings::agent(report, &top, keys.agent);

    let root = TreeKeys {
        parallel: keys.parallel,
        concurrency: keys.concurrency,
        policy: keys.policy,
    };
    let mut planner = Planner::new(report, reader, open_to_others, &network);
    planner.root(keys.name.as_deref(), &top, &root, sources, &inherited);
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
        reference_groups: tree.reference_groups,
        sinks,
        history,
        network,
        maintenance,
        warnings: Vec::new(),
        files: Vec::new(),
    };
    report.is_clean().then(|| {
        let origins = std::mem::take(&mut tree.origins);
        (plan(tree), origins)
    })
}
