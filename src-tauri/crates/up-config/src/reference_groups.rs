//! The references of each circle of sources, read once and shared.

use std::collections::HashMap;
use std::sync::Arc;

use up_core::redact::without_secrets;
use up_source::Shared;
use up_source::reference::Reference;
use url::Url;

use crate::diagnostics::Diagnostics;
use crate::plan::PlannedCircle;
use crate::read::Table;

/// Whose references stand for a source's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Belongs {
    /// An index into the plan's circles; `None` of what needs no network.
    pub(crate) circle: Option<usize>,
    /// Those of `[network]` are nobody's own.
    pub(crate) own: bool,
}

impl Default for Belongs {
    fn default() -> Self {
        Self {
            circle: Some(0),
            own: false,
        }
    }
}

/// The circles so far; the first is `[network]`'s, be it empty.
#[derive(Debug, Default)]
pub(crate) struct Circles {
    made: Vec<PlannedCircle>,
    /// The number of each circle that is some source's own.
    known: HashMap<Box<[String]>, usize>,
}

impl Circles {
    /// Adds the references of `[network]`, which are the first.
    pub(crate) fn first(&mut self, urls: &[String], shared: &Shared<'_>) {
        self.made.push(circle(urls, shared));
    }

    /// The circle of a source that names its own references, checked.
    pub(crate) fn own(
        &mut self,
        report: &mut Diagnostics<'_>,
        table: &Table<'_>,
        urls: &[String],
        shared: &Shared<'_>,
    ) -> Belongs {
        check(report, table, "reference", urls);
        let own = !urls.is_empty();
        let circle = own.then(|| {
            if let Some(number) = self.known.get(urls) {
                return *number;
            }
            let number = self.made.len();
            self.made.push(circle(urls, shared));
            self.known.insert(urls.into(), number);
            number
        });
        Belongs { circle, own }
    }

    pub(crate) fn finish(self) -> Vec<PlannedCircle> {
        self.made
    }
}

/// Reports each URL that is of no kind that can be asked.
pub(crate) fn check(report: &mut Diagnostics<'_>, table: &Table<'_>, key: &str, urls: &[String]) {
    for (i, text) in urls.iter().enumerate() {
        if let Err((message, help)) = reference_url(text) {
            report.error(table.item(key, i), message, Some(help));
        }
    }
}

/// What is wrong with a URL has been reported when it was checked.
fn circle(urls: &[String], shared: &Shared<'_>) -> PlannedCircle {
    let references = urls
        .iter()
        .filter_map(|url| Reference::new(url, shared).ok());
    PlannedCircle {
        references: references.map(Arc::new).collect(),
        urls: urls.into(),
    }
}

/// What is wrong with a reference's URL, and what to write in its place.
fn reference_url(text: &str) -> Result<(), (String, String)> {
    const HELP: &str = "write one like \"https://example.org/\" or \"tcp://192.0.2.1:443\"";
    let shown = without_secrets(text);
    let url = Url::parse(text)
        .map_err(|error| (format!("{shown:?} is no URL: {error}"), HELP.to_owned()))?;
    match url.scheme() {
        "tcp" if url.host_str().is_none_or(str::is_empty) => {
            Err((format!("{shown:?} names no host"), HELP.into()))
        }
        "tcp" if url.port().is_none() => {
            let message = format!("{shown:?} names no port");
            Err((message, format!("write \"{shown}:443\"")))
        }
        "http" | "https" | "tcp" => Ok(()),
        scheme => {
            let message = format!("`{scheme}` is no reference that can be asked: {shown:?}");
            Err((message, "use http, https or tcp".into()))
        }
    }
}
