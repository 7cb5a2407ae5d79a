//! The reference groups: each list of references is read once, and shared by its sources.

use std::collections::HashMap;
use std::sync::Arc;

use up_core::redact::without_secrets;
use up_source::Shared;
use up_source::reference::Reference;
use url::Url;

use crate::diagnostics::Diagnostics;
use crate::plan::PlannedReferenceGroup;
use crate::read::Table;

/// The reference group of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SourceGroup {
    /// An index into the reference groups of the plan; `None` for a source that needs no network.
    pub(crate) number: Option<usize>,
    /// True if the references are not those of `[network]`.
    pub(crate) own: bool,
}

impl Default for SourceGroup {
    fn default() -> Self {
        Self {
            number: Some(0),
            own: false,
        }
    }
}

/// The reference groups so far. The first one has the references of `[network]`, if there are any.
#[derive(Debug, Default)]
pub(crate) struct ReferenceGroups {
    groups: Vec<PlannedReferenceGroup>,
    /// The number of each reference group by its URLs, without the first one.
    by_urls: HashMap<Box<[String]>, usize>,
}

impl ReferenceGroups {
    /// Adds the group of `[network]`, which must be the first.
    pub(crate) fn first(&mut self, urls: &[String], shared: &Shared<'_>) {
        self.groups.push(group(urls, shared));
    }

    /// The group of a source with its own references, which are checked.
    pub(crate) fn own(
        &mut self,
        report: &mut Diagnostics<'_>,
        table: &Table<'_>,
        urls: &[String],
        shared: &Shared<'_>,
    ) -> SourceGroup {
        check(report, table, "reference", urls);
        let own = !urls.is_empty();
        let number = own.then(|| {
            if let Some(number) = self.by_urls.get(urls) {
                return *number;
            }
            let number = self.groups.len();
            self.groups.push(group(urls, shared));
            self.by_urls.insert(urls.into(), number);
            number
        });
        SourceGroup { number, own }
    }

    pub(crate) fn finish(self) -> Vec<PlannedReferenceGroup> {
        self.groups
    }
}

/// Reports each URL that cannot be a reference.
pub(crate) fn check(report: &mut Diagnostics<'_>, table: &Table<'_>, key: &str, urls: &[String]) {
    for (i, text) in urls.iter().enumerate() {
        if let Err((message, help)) = reference_url(text) {
            report.error(table.item(key, i), message, Some(help));
        }
    }
}

/// Makes a reference group. Wrong URLs are left out, because `check` has reported them.
fn group(urls: &[String], shared: &Shared<'_>) -> PlannedReferenceGroup {
    let references = urls
        .iter()
        .filter_map(|url| Reference::new(url, shared).ok());
    PlannedReferenceGroup {
        references: references.map(Arc::new).collect(),
        urls: urls.into(),
    }
}

/// Checks the URL of a reference. The error is a message and help.
fn reference_url(text: &str) -> Result<(), (String, String)> {
    const HELP: &str = "write one like \"https://example.org/\" or \"tcp://192.0.2.1:443\"";
    let shown = without_secrets(text);
    let url = Url::parse(text)
        .map_err(|error| (format!("{shown:?} is not a URL: {error}"), HELP.to_owned()))?;
    match url.scheme() {
        "tcp" if url.host_str().is_none_or(str::is_empty) => {
            Err((format!("{shown:?} has no host"), HELP.into()))
        }
        "tcp" if url.port().is_none() => {
            let message = format!("{shown:?} has no port");
            Err((message, format!("write \"{shown}:443\"")))
        }
        "http" | "https" | "tcp" => Ok(()),
        scheme => {
            let message = format!("a reference cannot be a `{scheme}` URL: {shown:?}");
            Err((message, "use http, https or tcp".into()))
        }
    }
}
